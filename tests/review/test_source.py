"""The page over a real store, and the command line around it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from review.made import Browser, markings
from review.stored import fill

from vision.archive import Filter, open_store
from vision.cli import run
from vision.review.accounts import Accounts
from vision.review.desk import Desk
from vision.review.log import read_head
from vision.review.source import StoreSource
from vision.review.web import Web


def web_over(folder: Path, **how: object) -> Web:
    store = fill(folder, **how)  # type: ignore[arg-type]
    desk = Desk(StoreSource(store), store.people())
    return Web(desk, Accounts(desk.people), markings())


def test_a_stores_marks_are_shown_and_decided_on(tmp_path: Path) -> None:
    web = web_over(tmp_path)
    anna = Browser(web)
    first = web.desk.marks.ordered[0]
    page = anna.get(f"/mark/{first.number}").text
    assert "Barnaul Cartridge Plant" in page
    assert Path(first.path).name in page
    assert anna.get(f"/marks/{first.number}/mark.jpg").status_code == 200
    anna.decide(first.number)
    (body,) = anna.log
    stored = web.desk.source.photo(first.photo)
    assert stored is not None
    assert (body["record"], body["kit"]) == (stored.record_sha256, "kit-1")


def test_a_newer_run_makes_open_pages_stale(tmp_path: Path) -> None:
    web = web_over(tmp_path)
    anna = Browser(web)
    number = web.desk.marks.ordered[0].number
    form = anna.mark(number) | {"verdict": "undetermined"}
    fill(tmp_path, kit="kit-2", texts=("17", "75")).close()
    answer = anna.post("/decide", form)
    assert answer.status_code == 409
    assert "17 75" in answer.text
    assert anna.log == []


@pytest.fixture
def decided(tmp_path: Path) -> Path:
    """A store with three decisions in its log."""
    web = web_over(tmp_path)
    anna = Browser(web)
    for row in web.desk.marks.ordered[:3]:
        anna.decide(row.number)
    return tmp_path / "finds.db"


def test_a_whole_log_verifies_and_says_what_it_cannot_exclude(
    decided: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["log", "verify", "--store", str(decided)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("3 entries, whole")
    assert "cannot exclude: removal of the newest entries" in said
    head = tmp_path / "head.json"
    assert run(["log", "head", "--store", str(decided), "-o", str(head)]) == 0
    assert read_head(head).count == 3
    assert run(["log", "verify", "--store", str(decided), "--head", str(head)]) == 0


def test_a_log_that_was_changed_in_the_store_is_found(
    decided: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = tmp_path / "head.json"
    run(["log", "head", "--store", str(decided), "-o", str(head)])
    store = sqlite3.connect(decided)
    store.execute("DELETE FROM decision_log WHERE seq = 3")
    store.commit()
    capsys.readouterr()
    assert run(["log", "verify", "--store", str(decided)]) == 0
    assert run(["log", "verify", "--store", str(decided), "--head", str(head)]) == 7
    assert "BROKEN at entry 3: the head counts 3 entries; the newest 1 are gone" in capsys.readouterr().out
    store.execute("UPDATE decision_log SET entry = replace(entry, 'anna', 'otto') WHERE seq = 2")
    store.commit()
    store.close()
    assert run(["log", "verify", "--store", str(decided)]) == 7
    assert "BROKEN at entry 2: its text is not the one" in capsys.readouterr().out
    assert run(["log", "head", "--store", str(decided)]) == 7


def test_the_verifier_alone_agrees_on_the_store_and_on_an_export(decided: Path, tmp_path: Path) -> None:
    exported = tmp_path / "log.jsonl"
    assert run(["log", "export", "--store", str(decided), "-o", str(exported)]) == 0
    script = Path(__file__).parents[2] / "vision/review/verify.py"
    for log in (decided, exported):
        done = subprocess.run(
            [sys.executable, "-I", str(script), str(log)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("3 entries, whole")


def test_a_signed_head_is_checked_against_its_key(
    decided: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, head = tmp_path / "key", tmp_path / "head.json"
    assert run(["log", "new-key", str(key)]) == 0
    public = capsys.readouterr().out.strip()
    assert run(["log", "head", "--store", str(decided), "-o", str(head), "--sign-key", str(key)]) == 0
    check = ["log", "verify", "--store", str(decided), "--head", str(head), "--public-key"]
    assert run([*check, public]) == 0
    assert run([*check, "ab" * 32]) == 7
    head.write_text(head.read_text().replace('"count": 3', '"count": 2'))
    assert run([*check, public]) == 7
    assert run(["log", "verify", "--store", str(decided), "--public-key", public]) == 1


def test_accounts_are_made_listed_and_closed(
    decided: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO("a long enough password\n"))
    assert run(["accounts", "add", "otto", "--store", str(decided), "--role", "lead"]) == 0
    assert run(["accounts", "list", "--store", str(decided)]) == 0
    assert capsys.readouterr().out.split("\t")[:3] == ["otto", "lead", "open"]
    assert run(["accounts", "close", "otto", "--store", str(decided)]) == 0
    assert run(["accounts", "list", "--store", str(decided)]) == 0
    assert "closed" in capsys.readouterr().out
    assert run(["accounts", "close", "nobody", "--store", str(decided)]) == 1
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    assert run(["accounts", "add", "eve", "--store", str(decided)]) == 1


@pytest.mark.parametrize(
    "verb", [["review"], ["log", "verify"], ["log", "head"], ["log", "export"], ["accounts", "list"]]
)
def test_a_store_that_is_not_there_is_told(tmp_path: Path, verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*verb, "--store", str(tmp_path / "none.db")]) == 1
    assert "There is no store" in capsys.readouterr().err
    assert not (tmp_path / "none.db").exists()


def test_what_people_said_reaches_exports_and_searches(decided: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert run(["export", "--store", str(decided), "--format", "jsonl", "-o", str(out)]) == 0
    marks = [mark for line in out.read_text("utf-8").splitlines() for mark in json.loads(line)["marks"]]
    assert len(marks) == 3
    with open_store(str(decided)) as store:
        store.put_standings([(row.photo, row.mark, "decided") for row in store.all_marks()])
        assert store.count_marks(Filter(state="decided")) == 4
