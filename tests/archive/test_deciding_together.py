"""People deciding at once on one store, in SQLite and in PostgreSQL: every decision is kept once, the chain holds."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from review.made import Browser, markings, photo_bytes, record

from vision.archive.intake import Intake
from vision.archive.rows import FileSeen, Tagged
from vision.archive.store import Store, open_store
from vision.review.accounts import Accounts, WrongPassword
from vision.review.desk import Desk
from vision.review.source import StoreSource
from vision.review.verify import verify
from vision.review.web import Web


def fill(store: Store, folder: Path, count: int) -> None:
    intake = Intake(store.engine, "0.1.0", "kit-1", "{}")
    for seed in range(count):
        (folder / f"head{seed}.jpg").write_bytes(photo_bytes(seed))
    intake.see([FileSeen(str(path), path.stat().st_size, 1) for path in sorted(folder.glob("*.jpg"))])
    for waiting in intake.waiting():
        data = Path(waiting.path).read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        intake.add(waiting.file, Tagged(sha256, len(data), json.dumps(record(waiting.path, sha256))))


def reviewer(store: Store, name: str) -> Browser:
    """Somebody at a page of their own: another process's view of the same store."""
    desk = Desk(StoreSource(store), store.people())
    return Browser(Web(desk, Accounts(desk.people), markings()), name)


def test_two_pages_on_one_store_keep_every_decision_once(store_url: str, tmp_path: Path) -> None:
    with open_store(store_url, create=True) as one, open_store(store_url) as other:
        fill(one, tmp_path, 4)
        anna, otto = reviewer(one, "anna"), reviewer(other, "otto")
        numbers = [found.number for found in one.all_marks()]

        def decide(browser: Browser) -> None:
            for number in numbers * 3:
                while browser.decide(number, "undetermined").status_code == 409:
                    pass  # the other page was quicker: look again, decide again

        with ThreadPoolExecutor(2) as both:
            list(both.map(decide, (anna, otto)))
        rows = one.people().log()
        assert len(rows) == 24
        assert verify(rows).fault == ""
        assert {len([b for b in anna.log if b["reviewer"] == name]) for name in ("anna", "otto")} == {12}


def test_accounts_and_one_time_tokens_work_on_both(store: Store) -> None:
    accounts = Accounts(store.people())
    accounts.add("anna", "reviewer", "a long enough password")
    person = accounts.person(accounts.sign_in("anna", "a long enough password"))
    assert (person.name, person.role) == ("anna", "reviewer")  # type: ignore[union-attr]
    token = accounts.one_time_token("lena")
    with ThreadPoolExecutor(4) as crowd:
        sessions = list(crowd.map(accounts.redeem, [token] * 4))
    assert sum(session is not None for session in sessions) == 1
    accounts.close("anna")
    with pytest.raises(WrongPassword):
        accounts.sign_in("anna", "a long enough password")
