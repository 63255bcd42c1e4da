"""What every page shares: who is asking, the language, the templates, and plain answers when something is not right."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from vision.catalogue import MarkingSet
from vision.errors import UsageError
from vision.report.content import percent
from vision.review.accounts import Accounts, form_token, is_form_token
from vision.review.acts import MAY_DECIDE, Person
from vision.review.desk import Desk
from vision.review.filters import Filter
from vision.review.page import glyphs
from vision.review.pictures import Pictures
from vision.review.words import LANGUAGES, Words, preferred, words
from vision.text import visible

SESSION, LANGUAGE, BLIND = "marktrace_session", "marktrace_language", "marktrace_blind"
# What a person may have typed on any form: it comes back on the page that says why it was not taken.
TYPED = ("note", "reading", "own_reading")
KEYS = (
    ("1–9", "key_pick"),
    ("A", "key_accept"),
    ("↑", "key_widen"),
    ("U", "key_undetermined"),
    ("X", "key_rejected"),
    ("E", "key_correct"),
    ("N", "key_new"),
    ("S", "key_skip"),
    ("Z", "key_undo"),
    ("B", "key_blind"),
    ("C R I O", "key_light"),
    ("+ − 0", "key_view"),
    ("[ ]", "key_turn"),
    ("?", "key_help"),
)


class NotSignedIn(UsageError):
    """A page that needs somebody to have signed in."""


class NotAllowed(UsageError):
    """A page that this person's role does not open, or a form of another session."""


class NotThere(UsageError):
    """A mark or page that does not exist."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of somebody who has signed in: form holds the last value of each field that was sent."""

    request: Request
    person: Person
    session: str
    words: Words
    form: Mapping[str, str]

    @property
    def filter(self) -> Filter:
        """The filter that a page's address or form carries."""
        query = self.form.get("filter") or self.request.url.query
        return filter_of(query)

    @property
    def blind(self) -> bool:
        return self.request.cookies.get(BLIND) == "1"


class Web:
    """The page's parts, held together."""

    def __init__(self, desk: Desk, accounts: Accounts, markings: MarkingSet, *, secure: bool = False) -> None:
        """secure sets cookies for https only, where a proxy stands before the page."""
        self.desk, self.accounts, self.markings, self.secure = desk, accounts, markings, secure
        self.pictures = Pictures(desk.source.locate)
        self.skipped: dict[str, set[int]] = {}
        self.templates = Environment(
            loader=PackageLoader("vision.review", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.filters |= {"percent": percent, "visible": visible, "glyphs": glyphs, "prefixed": prefixed}

    def asked(self, request: Request, form: Mapping[str, str]) -> Asked:
        """Who is asking. Raises NotSignedIn without a session, NotAllowed for a form of another one."""
        session = request.cookies.get(session_cookie(request), "")
        person = self.accounts.person(session)
        if person is None:
            raise NotSignedIn("Sign in first.")
        if request.method == "POST" and not is_form_token(session, form.get("token", "")):
            raise NotAllowed("plain_form")
        return Asked(request, person, session, self.words(request), form)

    def is_blind(self, asked: Asked) -> bool:
        """Whether this person reads marks before they see what anybody, or the machine, says of them."""
        return (self.desk.blind or asked.blind) and asked.person.role in MAY_DECIDE

    def words(self, request: Request) -> Words:
        """The language that was chosen, else the browser's."""
        chosen = request.cookies.get(LANGUAGE, "")
        return words(chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", "")))

    def page(self, asked: Asked, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page for somebody who has signed in."""
        here = asked.request.url.path + (f"?{asked.request.url.query}" if asked.request.url.query else "")
        common = {
            "person": asked.person,
            "form_token": form_token(asked.session),
            "conflicts": self.desk.ledger.states["conflict"],
            "here": here if asked.request.method == "GET" else "/",
            "keys": KEYS,
            "undo_key": secrets.token_hex(16),
        }
        return self._render(asked.words, template, status, common | values)

    def plain(self, request: Request, status: int, sentence: str, form: Mapping[str, str]) -> HTMLResponse:
        """A plain page that says what happened, with what the person had typed."""
        typed = {name: form[name] for name in TYPED if form.get(name)}
        values = {"person": None, "sentence": sentence, "typed": typed, "signed_out": status == 401}
        return self._render(self.words(request), "plain.html.j2", status, values)

    def login(self, request: Request, status: int = 200, sentence: str = "", name: str = "") -> HTMLResponse:
        """The page where people sign in."""
        values = {"person": None, "sentence": sentence, "name": name}
        return self._render(self.words(request), "login.html.j2", status, values)

    def cookie(self, response: Response, name: str, value: str) -> Response:
        """Set a cookie that no script and no other site sees."""
        response.set_cookie(name, value, httponly=True, samesite="strict", secure=self.secure, path="/")
        return response

    def _render(self, language: Words, template: str, status: int, values: Mapping[str, Any]) -> HTMLResponse:
        languages = [(code, words(code).name) for code in LANGUAGES]
        text = self.templates.get_template(template).render(t=language, words=language, languages=languages, **values)
        return HTMLResponse(text.encode("utf-8", "replace"), status)


def session_cookie(request: Request) -> str:
    """The name of the session's cookie. Cookies know no ports, and pages over two stores may be open in one browser."""
    return f"{SESSION}_{request.url.port or ''}"


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that was sent, the last value of each. The guard has bounded its size."""
    if request.method != "POST":
        return {}
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return {
            name: values[-1] for name, values in parse_qs(body, keep_blank_values=True, max_num_fields=1000).items()
        }
    except ValueError:
        return {}


def filter_of(query: str) -> Filter:
    """The filter in an address: unknown fields are left out, long ones cut."""
    said = {name: values[-1][:120] for name, values in parse_qs(query.removeprefix("?")).items()}
    return Filter(**{name: said[name] for name in Filter.__dataclass_fields__ if name in said})


def query_of(wanted: Filter) -> str:
    """A filter as the part of an address after the question mark."""
    return urlencode(wanted.words())


def prefixed(text: str, prefix: str) -> str:
    """text behind a prefix, or nothing where there is no text."""
    return f"{prefix}{text}" if text else ""


def seen_other(path: str, **query: object) -> RedirectResponse:
    """An answer that leads to another page of ours."""
    said = {name: value for name, value in query.items() if value not in ("", None)}
    return RedirectResponse(f"{path}?{urlencode(said)}" if said else path, 303)
