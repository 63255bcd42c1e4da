"""Who is at the page: named accounts with roles, passwords as argon2 hashes, sessions, and the one-time local token.

A session is a random token in a cookie; the store holds its sha256 only. A one-time token, printed by the command,
turns into a session once. Forms carry a code made from the session, so that no other page can send them. Guessing is
slowed: some wrong passwords for a name and it must wait. Accepted: who can read the browser's memory or the command's
output while it runs is that person.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, cast

from vision.errors import MissingError, UsageError
from vision.review.acts import ROLES, Person, Role
from vision.review.log import now

if TYPE_CHECKING:
    from argon2 import PasswordHasher

    from vision.archive.people import Account, People

SESSION_S = 12 * 3600.0
TOKEN_S = 15 * 60.0
SHORTEST_PASSWORD = 10
# Wrong passwords for one name within this many seconds before it has to wait.
MOST_TRIES, TRIES_S = 5, 60.0
# Passwords hashed at a time: each takes 64 MiB.
MOST_HASHES = 2
_NAME = re.compile(r"[\w.@ -]{1,80}")


class WrongPassword(UsageError):
    """A name and password that do not fit."""


class TooManyTries(UsageError):
    """A name that was tried too often."""


class Accounts:
    """Signing in and out."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._hasher = _hasher()
        self._wrong: dict[str, deque[float]] = {}
        self._lock = threading.Lock()
        self._hashing = threading.Semaphore(MOST_HASHES)
        # Verified for names that do not exist, so that they take as long as those that do.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    def add(self, name: str, role: str, password: str) -> None:
        """Make an account or give one a new role and password. Raises UsageError for a bad name, role or password."""
        from vision.archive.people import Account

        checked = check_name(name)
        if role not in ROLES:
            raise UsageError(f"There is no role {role!r}: choose from {', '.join(ROLES)}.")
        if len(password) < SHORTEST_PASSWORD:
            raise UsageError(f"A password has at least {SHORTEST_PASSWORD} characters.")
        self._people.put_account(Account(checked, role, self._hasher.hash(password), False, now()))

    def close(self, name: str) -> None:
        """Close an account and end its sessions; its name stays in the log. Raises UsageError when there is none."""
        from dataclasses import replace

        account = self._people.account(name)
        if account is None:
            raise UsageError(f"There is no account {name!r}.")
        self._people.put_account(replace(account, closed=True))

    def all(self) -> list[Account]:
        """Every account, closed ones included."""
        return self._people.all_accounts()

    def sign_in(self, name: str, password: str) -> str:
        """A new session's token. Raises WrongPassword or TooManyTries."""
        from argon2.exceptions import VerificationError

        name = " ".join(name.split())
        self._count_try(name)
        account = self._people.account(name)
        known = account is not None and not account.closed and bool(account.password)
        try:
            with self._hashing:
                self._hasher.verify(account.password if account and known else self._nobody, password)
        except VerificationError as fault:
            raise WrongPassword("Name or password is wrong.") from fault
        if account is None or not known:
            raise WrongPassword("Name or password is wrong.")
        self._give_back_try(name)
        return self._begin(account.name, account.role, once=False)

    def one_time_token(self, name: str, role: str = "lead") -> str:
        """A token that signs name in once, within a quarter of an hour."""
        return self._begin(check_name(name), role, once=True)

    def redeem(self, token: str) -> str | None:
        """The session that a one-time token turns into; None when it was used, is unknown or too old."""
        found = self._people.session(_digest(token))
        if found is None or not found.once or found.expires < time.time():
            return None
        # Whoever removes it has it: two that come at once do not both get in.
        if not self._people.end_session(found.token_sha256):
            return None
        return self._begin(found.name, found.role, once=False)

    def person(self, token: str) -> Person | None:
        """Who holds a session, None for an unknown, expired or one-time token."""
        found = self._people.session(_digest(token)) if token else None
        if found is None or found.once or found.expires < time.time():
            return None
        return Person(found.name, cast(Role, found.role))

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._people.end_session(_digest(token))

    def _begin(self, name: str, role: str, *, once: bool) -> str:
        from vision.archive.people import Session

        token, moment = secrets.token_urlsafe(32), time.time()
        expires = moment + (TOKEN_S if once else SESSION_S)
        self._people.put_session(Session(_digest(token), name, role, once, expires), moment)
        return token

    def _count_try(self, name: str) -> None:
        """Count a try as a wrong one before its password is looked at, so that many at once are not all heard."""
        with self._lock:
            if len(self._wrong) > 10_000:
                self._wrong.clear()
            tries = self._wrong.setdefault(name, deque())
            while tries and tries[0] < time.monotonic() - TRIES_S:
                tries.popleft()
            if len(tries) >= MOST_TRIES:
                raise TooManyTries("Too many tries for this name. Wait a minute.")
            tries.append(time.monotonic())

    def _give_back_try(self, name: str) -> None:
        with self._lock:
            if tries := self._wrong.get(name):
                tries.pop()


def check_name(name: str) -> str:
    """A name fit for the log. Raises UsageError."""
    stripped = " ".join(name.split())
    if not _NAME.fullmatch(stripped):
        raise UsageError("A name has 1 to 80 letters, digits, spaces and . @ - _, nothing else.")
    return stripped


def form_token(session: str) -> str:
    """The code that this session's forms carry."""
    return hmac.new(session.encode(), b"form", hashlib.sha256).hexdigest()


def is_form_token(session: str, code: str) -> bool:
    """Whether a form was drawn for this session."""
    return hmac.compare_digest(form_token(session).encode(), code.encode("utf-8", "replace"))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher
    except ImportError as fault:
        raise MissingError("Accounts need the package argon2-cffi: pip install 'marktrace[review]'.") from fault
    return PasswordHasher()
