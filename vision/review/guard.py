"""What stands before every page: whose requests are heard, how large they may be, and the headers of every answer.

Threat: a web page from elsewhere that is open in the reviewer's browser, or a name that was made to point at this
machine (DNS rebinding), sends requests here. Rules, in the order they are asked: the Host is exactly ours; a request
that a browser says comes from another site is refused; a change needs a browser's word that it comes from this page.
Pages check a form token besides. Accepted: other programs of the same machine can send what they like; the session
cookie keeps them out. The address is the loopback one only; over a network, put a TLS proxy or a tunnel before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 64 * 1024
BODY_TIMEOUT_S = 10.0

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
}
READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not heard: the status and a sentence."""

    status: int
    sentence: str


def own_origins(port: int, public_origin: str = "") -> frozenset[str]:
    """The origins under which the page answers: the loopback ones, or the public one where a proxy stands before."""
    if public_origin:
        return frozenset({public_origin.lower().rstrip("/")})
    return frozenset({f"http://127.0.0.1:{port}", f"http://localhost:{port}"})


def refusal(method: str, headers: Mapping[str, str], origins: frozenset[str]) -> Refusal | None:
    """Why a request with these headers (lower-case names) is refused, None when it is heard."""
    host, origin, site = headers.get("host", ""), headers.get("origin"), headers.get("sec-fetch-site")
    if origin == "null" and site == "same-origin":
        origin = None  # what a browser sends for a form of a page that tells no referrer, as ours
    own = next((one for one in sorted(origins) if one.partition("://")[2] == host.lower()), None)
    if own is None:
        return Refusal(421, "This page answers under its own address only. Use the address that marktrace printed.")
    if origin is not None and origin.lower() != own:
        return Refusal(403, "The request came from another site and was refused.")
    if method in READING:
        if site in (None, "same-origin", "none"):
            return None
        return Refusal(403, "A link on another site led here. Type or paste the address instead.")
    if method != "POST":
        return Refusal(405, "This page is read, and decided on, in no other way.")
    if site == "same-origin" or (site is None and origin is not None):
        return None
    return Refusal(403, "The browser did not say that the request comes from this page; it was refused.")


class Guard:
    """The rules above as a layer around an application. port is read from the socket a request came in by."""

    def __init__(self, app: ASGIApp, refuse: Any, public_origin: str = "") -> None:
        """refuse(scope, Refusal) makes the plain page that is answered with."""
        self._app, self._refuse, self._public_origin = app, refuse, public_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        port = (scope.get("server") or ("", 0))[1]
        refused = _ambiguous(scope) or refusal(scope["method"], headers, own_origins(port, self._public_origin))
        refused = refused or _too_large(headers)
        answer = self._refuse(scope, refused) if refused else self._app
        if refused is None and scope["method"] == "POST":
            try:
                receive = await _whole_body(receive)
            except _Refused as fault:
                answer = self._refuse(scope, fault.refusal)
        await answer(scope, receive, _with_headers(send))


class _Refused(Exception):
    def __init__(self, refused: Refusal) -> None:
        super().__init__(refused.sentence)
        self.refusal = refused


def _ambiguous(scope: Scope) -> Refusal | None:
    """Two Host or Origin headers could be read in two ways."""
    names = [name for name, _ in scope["headers"]]
    if names.count(b"host") == 1 and names.count(b"origin") <= 1:
        return None
    return Refusal(400, "The request names its address twice or not at all.")


def _too_large(headers: Headers) -> Refusal | None:
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdecimal() and int(length[:12]) <= BODY_LIMIT:
        return None
    return Refusal(
        413, f"That is more than a page sends ({BODY_LIMIT // 1024} KiB). Shorten the text and send it again."
    )


async def _whole_body(receive: Receive) -> Receive:
    """The body read to its end within the limits, handed on in one piece."""
    body, more = b"", True
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise _Refused(Refusal(400, "The connection ended before the request did."))
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > BODY_LIMIT:
                    raise _Refused(Refusal(413, "That is more than a page sends. Shorten the text and send it again."))
    except TimeoutError as fault:
        raise _Refused(Refusal(408, "The request took too long to arrive. Send it again.")) from fault
    handed = False

    async def whole() -> Message:
        nonlocal handed
        if handed:
            return await receive()
        handed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return whole


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if "cache-control" not in headers:
                headers["Cache-Control"] = "no-store"
        await send(message)

    return sent
