"""P1, P2 and P6: whose requests are heard, how large they may be, what every answer carries."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest
from review.made import OWN, Browser

from vision.review import guard, server
from vision.review.guard import BODY_LIMIT, own_origins, refusal
from vision.review.web import Web

HOSTS = ("127.0.0.1:8765", "localhost:8765", "127.0.0.1", "127.0.0.1:80", "evil.test", "evil.test:8765", "0.0.0.0:8765")
ORIGINS = (None, "http://127.0.0.1:8765", "http://localhost:8765", "http://evil.test", "null", "https://127.0.0.1:8765")
SITES = (None, "same-origin", "same-site", "cross-site", "none", "nonsense")
TABLE = list(itertools.product(("GET", "POST"), HOSTS, ORIGINS, SITES))
OWN_ORIGINS = own_origins(8765)


def is_heard(method: str, host: str, origin: str | None, site: str | None) -> bool:
    """The rules said a second time, in another way."""
    if host not in ("127.0.0.1:8765", "localhost:8765"):
        return False
    if origin == "null":  # a form of a page without referrers: the browser itself must say that it is ours
        return site == "same-origin"
    if origin not in (None, f"http://{host}"):
        return False
    if method == "GET":
        return site in (None, "none", "same-origin")
    return site == "same-origin" or (site is None and origin is not None)


def headers_of(host: str, origin: str | None, site: str | None) -> Mapping[str, str]:
    named = {"host": host, "origin": origin, "sec-fetch-site": site}
    return {name: value for name, value in named.items() if value is not None}


def test_only_requests_of_our_own_page_are_heard() -> None:
    assert len(TABLE) == 504
    for method, host, origin, site in TABLE:
        heard = refusal(method, headers_of(host, origin, site), OWN_ORIGINS) is None
        assert heard == is_heard(method, host, origin, site), (method, host, origin, site)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
def test_no_other_method_is_heard(method: str) -> None:
    refused = refusal(method, headers_of("127.0.0.1:8765", OWN, "same-origin"), OWN_ORIGINS)
    assert refused is not None
    assert refused.status == 405


def test_the_table_holds_for_the_page_itself(web: Web, anna: Browser) -> None:
    form = anna.mark(1) | {"verdict": "undetermined"}
    for method, host, origin, site in TABLE[::7]:
        answer = anna.client.request(
            method,
            "/log" if method == "GET" else "/decide",
            headers=headers_of(host, origin, site),
            data=form if method == "POST" else None,
        )
        heard = is_heard(method, host, origin, site)
        assert (answer.status_code in (200, 303)) == heard, (method, host, origin, site, answer.status_code)
        assert "anna" not in answer.text or heard
    assert len(anna.log) == 1


def test_a_foreign_host_is_refused_before_anything_else(anna: Browser) -> None:
    for path in ("/", "/mark/1", "/static/review.css", "/marks/1/mark.jpg", "/login", "/nothing"):
        assert anna.client.get(path, headers={"Host": "evil.test"}).status_code == 421


def test_a_name_given_twice_is_refused(anna: Browser) -> None:
    answer = anna.client.get("/", headers=[("Host", "127.0.0.1:8765"), ("Host", "evil.test")])
    assert answer.status_code == 400


def test_behind_a_proxy_only_its_own_address_is_heard() -> None:
    origins = own_origins(8765, "https://review.example.org")
    assert refusal("GET", {"host": "review.example.org"}, origins) is None
    assert refusal("GET", {"host": "127.0.0.1:8765"}, origins) is not None
    own = {"host": "review.example.org", "origin": "https://review.example.org", "sec-fetch-site": "same-origin"}
    assert refusal("POST", own, origins) is None
    assert refusal("POST", own | {"origin": "http://review.example.org"}, origins) is not None


def test_every_answer_carries_the_headers(web: Web, anna: Browser) -> None:
    paths = (
        "/",
        "/mark/1",
        "/next",
        "/log",
        "/people",
        "/nothing",
        "/mark/999",
        "/static/review.js",
        "/marks/1/mark.jpg",
        "/login",
        "/enter?token=x",
    )
    for path in paths:
        answer = anna.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers
    assert anna.client.get("/", headers={"Host": "evil.test"}).headers["x-content-type-options"] == "nosniff"


def test_pages_are_kept_nowhere(anna: Browser) -> None:
    assert anna.get("/mark/1").headers["cache-control"] == "no-store"


def test_a_body_that_is_too_large_is_refused_and_nothing_written(anna: Browser) -> None:
    form = anna.mark(1) | {"verdict": "undetermined", "note": "x" * BODY_LIMIT}
    answer = anna.post("/decide", form)
    assert answer.status_code == 413
    assert "Shorten the text" in answer.text
    assert anna.log == []


def test_a_body_without_a_length_is_bounded_too(anna: Browser) -> None:
    chunks = (b"x" * 8192 for _ in range(20))
    answer = anna.client.post("/decide", content=chunks, headers={"Origin": OWN, "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 413


def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_TIMEOUT_S", 0.05)

    async def silent() -> dict[str, object]:
        await asyncio.sleep(10)
        return {}

    async def ask() -> guard.Refusal:
        with pytest.raises(guard._Refused) as fault:
            await guard._whole_body(silent)
        return fault.value.refusal

    assert asyncio.run(ask()).status == 408


def test_the_page_is_bound_to_this_machine_only() -> None:
    assert server.HOST == "127.0.0.1"
    source = Path(server.__file__).read_text("utf-8")
    assert "0.0.0.0" not in source
    assert "host=HOST" in source
