"""Signing in: tokens that work once, passwords, roles, forms of other sessions."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from argon2.exceptions import VerificationError
from fastapi.testclient import TestClient
from review.made import OWN, SAME, Browser, hidden, web_of

from vision.errors import UsageError
from vision.review import accounts
from vision.review.accounts import Accounts, TooManyTries, WrongPassword
from vision.review.app import build_app
from vision.review.heads import HeadFile
from vision.review.web import SESSION, Web

COOKIE = f"{SESSION}_8765"
WORD = "a long enough password"


def client_of(web: Web) -> TestClient:
    return TestClient(build_app(web), base_url=OWN, follow_redirects=False)


def test_a_one_time_token_signs_in_once(web: Web) -> None:
    token = web.accounts.one_time_token("anna")
    first = client_of(web).get("/enter", params={"token": token})
    assert first.status_code == 303
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert token not in cookie
    again = client_of(web).get("/enter", params={"token": token})
    assert again.status_code == 401
    assert "set-cookie" not in again.headers
    assert "signs you in once" in again.text


@pytest.mark.parametrize("token", ["", "x", "é" * 50, "x" * 5000])
def test_an_unknown_token_is_told_so(web: Web, token: str) -> None:
    assert client_of(web).get("/enter", params={"token": token}).status_code == 401


def test_an_old_token_and_an_old_session_are_no_longer_good(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    token, other = web.accounts.one_time_token("anna"), web.accounts.one_time_token("anna")
    session = web.accounts.redeem(token)
    assert session is not None
    assert web.accounts.person(session) is not None
    later = time.time() + accounts.SESSION_S + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert web.accounts.redeem(other) is None
    assert web.accounts.person(session) is None


def test_a_one_time_token_is_no_session(web: Web) -> None:
    token = web.accounts.one_time_token("anna")
    client = client_of(web)
    client.cookies.set(COOKIE, token)
    assert client.get("/").headers["location"] == "/login"


def test_nobody_sees_a_page_without_a_session(web: Web) -> None:
    client = client_of(web)
    for path in ("/", "/next", "/mark/1", "/groups", "/group/1", "/conflicts", "/log", "/people"):
        assert client.get(path).headers["location"] == "/login"
    sha256 = next(iter(web.desk.marks.by_key))[0]
    for path in ("/marks/1/mark.jpg", "/marks/1/strip/0.jpg", f"/photo/{sha256}/0/0/0.jpg"):
        assert client.get(path).status_code == 303
    for path in ("/decide", "/undo", "/blind", "/new-mark", "/group", "/logout", "/blind-mode", "/language"):
        answer = client.post(path, data={"note": "typed before the session ended"}, headers=SAME)
        assert answer.status_code == 401
        assert "typed before the session ended" in answer.text


def test_passwords_sign_in_and_are_not_stored(web: Web, tmp_path: Path) -> None:
    web.accounts.add("anna", "reviewer", WORD)
    client = client_of(web)
    answer = client.post("/login", data={"name": "anna", "password": WORD}, headers=SAME)
    assert answer.status_code == 303
    assert client.get("/").status_code == 200
    held = (tmp_path / "store.db").read_bytes()
    assert WORD.encode() not in held
    assert b"$argon2id$" in held
    assert client.cookies[COOKIE].encode() not in held


def test_a_wrong_password_and_an_unknown_name_look_alike(web: Web) -> None:
    web.accounts.add("anna", "reviewer", WORD)
    client = client_of(web)
    answers = [
        client.post("/login", data={"name": name, "password": "x" * 12}, headers=SAME) for name in ("anna", "eve")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].text.replace("anna", "") == answers[1].text.replace("eve", "")


def test_guessing_is_slowed_for_that_name_only(web: Web) -> None:
    web.accounts.add("anna", "reviewer", WORD)
    web.accounts.add("otto", "reviewer", WORD)
    for _ in range(accounts.MOST_TRIES):
        with pytest.raises(WrongPassword):
            web.accounts.sign_in("anna", "guess")
    with pytest.raises(TooManyTries):
        web.accounts.sign_in("anna", WORD)
    assert web.accounts.sign_in("otto", WORD)
    answer = client_of(web).post("/login", data={"name": "anna", "password": WORD}, headers=SAME)
    assert answer.status_code == 429


def test_a_closed_account_is_out_at_once(web: Web) -> None:
    web.accounts.add("anna", "reviewer", WORD)
    session = web.accounts.sign_in("anna", WORD)
    web.accounts.close("anna")
    assert web.accounts.person(session) is None
    with pytest.raises(WrongPassword):
        web.accounts.sign_in("anna", WORD)
    assert [one.name for one in web.accounts.all()] == ["anna"]


@pytest.mark.parametrize(
    ("name", "role", "password"),
    [
        ("", "lead", WORD),
        ("a\nb", "boss", WORD),
        ("<b>", "lead", WORD),
        ("x" * 81, "lead", WORD),
        ("anna", "lead", "short"),
    ],
)
def test_bad_accounts_are_refused(web: Web, name: str, role: str, password: str) -> None:
    with pytest.raises(UsageError):
        web.accounts.add(name, role, password)


def test_a_form_of_another_session_is_refused(web: Web, anna: Browser) -> None:
    otto = Browser(web, "otto")
    form = anna.mark(1) | {"verdict": "undetermined", "note": "what anna typed"}
    answer = otto.post("/decide", form)
    assert answer.status_code == 403
    assert "what anna typed" in answer.text
    assert anna.log == []
    assert otto.post("/decide", {**form, "token": "é"}).status_code == 403


def test_viewers_look_and_do_not_decide(web: Web) -> None:
    eve = Browser(web, "eve", "viewer")
    answer = eve.decide(1)
    assert answer.status_code == 422
    assert "You may look, not decide" in answer.text
    assert eve.log == []
    assert eve.get("/mark/1").status_code == 200


def test_only_leads_see_how_people_do(web: Web, anna: Browser) -> None:
    assert anna.get("/people").status_code == 403
    assert Browser(web, "lena", "lead").get("/people").status_code == 200


def test_signing_out_ends_the_session(web: Web, anna: Browser) -> None:
    token = hidden(anna.get("/mark/1").text)["token"]
    session = anna.client.cookies[COOKIE]
    assert anna.post("/logout", {"token": token}).headers["location"] == "/login"
    assert web.accounts.person(session) is None


def test_signing_out_says_so_where_the_head_cannot_be_noted(tmp_path: Path) -> None:
    (tmp_path / "stick").write_text("gone", "utf-8")
    anna = Browser(web_of(tmp_path, head=HeadFile(tmp_path / "stick" / "head.json")))
    session = anna.client.cookies[COOKIE]
    answer = anna.post("/logout", {"token": anna.mark(1)["token"]})
    assert answer.status_code == 200
    assert "You are signed out. The head of the log could not be noted" in answer.text
    assert "head.json" in answer.text
    assert COOKIE not in anna.client.cookies
    assert anna.web.accounts.person(session) is None


def test_a_new_role_or_password_ends_the_sessions_of_that_name_only(web: Web) -> None:
    for name in ("mia", "otto"):
        web.accounts.add(name, "lead", WORD)
    mia, otto = (web.accounts.sign_in(name, WORD) for name in ("mia", "otto"))
    web.accounts.add("mia", "viewer", WORD)
    assert web.accounts.person(mia) is None
    assert web.accounts.person(otto) is not None


def test_many_guesses_at_once_are_not_all_heard(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    heard, busy, most = [], [], []

    def verify(*_: object) -> None:
        busy.append(1)
        most.append(len(busy))
        time.sleep(0.02)
        busy.pop()
        heard.append(1)
        raise VerificationError

    monkeypatch.setattr(web.accounts, "_hasher", SimpleNamespace(verify=verify))

    def guess() -> None:
        with contextlib.suppress(WrongPassword, TooManyTries):
            web.accounts.sign_in("anna", "wrong")

    threads = [threading.Thread(target=guess) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == accounts.MOST_TRIES
    assert max(most) <= accounts.MOST_HASHES


def test_right_passwords_are_no_tries_and_blanks_around_a_name_do_not_count(web: Web) -> None:
    web.accounts.add("anna", "reviewer", WORD)
    for _ in range(accounts.MOST_TRIES + 2):
        assert web.accounts.sign_in(" anna  ", WORD)


def test_pages_over_two_stores_do_not_sign_each_other_out(web: Web) -> None:
    jar = TestClient(build_app(web), base_url="http://127.0.0.1:9999", follow_redirects=False)
    jar.get("/enter", params={"token": web.accounts.one_time_token("anna")})
    assert list(jar.cookies) == [f"{SESSION}_9999"]


@pytest.mark.parametrize(
    "back", ["//evil.test", "https://evil.test", "/\\evil.test", "/ok\r\nX: y", "javascript:alert(1)"]
)
def test_no_answer_leads_elsewhere(anna: Browser, back: str) -> None:
    token = hidden(anna.get("/mark/1").text)["token"]
    for path, more in (("/language", {"language": "fr"}), ("/blind-mode", {})):
        assert anna.post(path, {"token": token, "back": back} | more).headers["location"] == "/"


def test_two_at_once_do_not_both_redeem_a_token(web: Web) -> None:
    token = web.accounts.one_time_token("anna")
    second = Accounts(web.desk.people)
    found = web.desk.people.session(accounts._digest(token))
    assert found is not None
    assert web.desk.people.end_session(found.token_sha256)
    assert second.redeem(token) is None


def test_cookies_are_for_https_where_a_proxy_stands_before(tmp_path: Path) -> None:
    web = web_of(tmp_path)
    web.secure = True
    client = TestClient(build_app(web), base_url=OWN, follow_redirects=False)
    answer = client.get("/enter", params={"token": web.accounts.one_time_token("anna")})
    assert "Secure" in answer.headers["set-cookie"]
