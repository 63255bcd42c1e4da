"""Heads outside the store: noted when people stop, and never written over the proof that a log was cut."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from review.made import Browser, markings, source_of
from review.test_source import web_over
from sqlalchemy import create_engine

from vision.archive.people import People
from vision.cli import run
from vision.errors import OutputError
from vision.review.accounts import Accounts
from vision.review.desk import Desk
from vision.review.heads import BrokenLog, HeadFile
from vision.review.log import read_head
from vision.review.sign import is_signed_by, new_key
from vision.review.web import Web


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk that notes heads in a folder of their own, with three decisions in its log."""
    people = People(create_engine(f"sqlite:///{tmp_path / 'store.db'}"))
    made = Desk(source_of(tmp_path, 4), people, head=HeadFile(tmp_path / "kept" / "head.json"))
    anna = Browser(web(made))
    for number in (1, 11, 21):
        anna.decide(number)
    return made


def web(desk: Desk) -> Web:
    return Web(desk, Accounts(desk.people), markings())


def cut(path: Path) -> None:
    store = sqlite3.connect(path)
    store.execute("DELETE FROM decision_log WHERE seq = 3")
    store.commit()
    store.close()


def test_signing_out_notes_the_head(desk: Desk, tmp_path: Path) -> None:
    anna = Browser(web(desk))
    anna.post("/logout", anna.mark(1))
    assert read_head(tmp_path / "kept" / "head.json").count == 3


def test_the_page_does_not_open_on_a_log_that_was_cut_and_keeps_the_proof(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "kept" / "head.json"
    desk.note_head()
    before = file.read_bytes()
    cut(tmp_path / "store.db")
    with pytest.raises(BrokenLog, match=r"BROKEN at entry 3: the head counts 3 entries.*was kept as it is") as told:
        Desk(desk.source, desk.people, head=HeadFile(file))
    assert told.value.exit_code == 7
    assert file.read_bytes() == before


def test_the_page_does_not_open_on_a_log_that_was_edited_though_no_head_is_named(desk: Desk, tmp_path: Path) -> None:
    store = sqlite3.connect(tmp_path / "store.db")
    store.execute("UPDATE decision_log SET entry = replace(entry, 'accepted', 'rejected') WHERE seq = 2")
    store.commit()
    store.close()
    with pytest.raises(BrokenLog, match="BROKEN at entry 2: its text is not the one") as told:
        Desk(desk.source, desk.people)
    assert told.value.exit_code == 7


def test_a_log_that_went_on_fits_its_old_head(desk: Desk, tmp_path: Path) -> None:
    desk.note_head()
    Browser(web(desk)).decide(31)
    again = Desk(desk.source, desk.people, head=HeadFile(tmp_path / "kept" / "head.json"))
    assert again.note_head().count == 4


def test_a_signed_head_is_only_replaced_where_its_signature_holds(desk: Desk, tmp_path: Path) -> None:
    public = new_key(tmp_path / "key")
    signing = HeadFile(tmp_path / "head.json", tmp_path / "key")
    assert is_signed_by(signing.note(desk.head()), public)
    signing.check(desk.people.log_rows())
    held = json.loads(signing.path.read_text("utf-8"))
    signing.path.write_text(json.dumps(held | {"count": 2}), "utf-8")
    with pytest.raises(BrokenLog, match="was not signed with this key"):
        signing.check(desk.people.log_rows())


def test_nothing_is_signed_on_top_of_a_head_that_was_not_signed_with_the_key(desk: Desk, tmp_path: Path) -> None:
    """Who forges the log can put an unsigned head of it in the place of the signed one."""
    new_key(tmp_path / "key")
    signing = HeadFile(tmp_path / "head.json", tmp_path / "key")
    HeadFile(signing.path).note(desk.head())
    with pytest.raises(BrokenLog, match="To begin a new head on purpose, move that file away first") as told:
        signing.check(desk.people.log_rows())
    assert told.value.exit_code == 7
    new_key(tmp_path / "other")
    HeadFile(signing.path, tmp_path / "other").note(desk.head())
    with pytest.raises(BrokenLog, match="was not signed with this key"):
        signing.check(desk.people.log_rows())


def test_a_head_begun_late_says_that_it_vouches_for_nothing_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    anna = Browser(web_over(tmp_path))
    store, words = str(tmp_path / "finds.db"), "holds no head yet: a new one is begun"
    assert run(["log", "head", "--store", store, "-o", str(tmp_path / "empty.json")]) == 0
    assert words not in capsys.readouterr().err
    anna.decide(anna.web.desk.marks.ordered[0].number)
    assert run(["log", "head", "--store", store, "-o", str(tmp_path / "head.json")]) == 0
    assert words in capsys.readouterr().err
    assert run(["log", "head", "--store", store, "-o", str(tmp_path / "head.json")]) == 0
    assert words not in capsys.readouterr().err


def test_a_head_that_cannot_be_written_is_told(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(OutputError, match="Cannot write"):
        HeadFile(tmp_path / "file" / "head.json").note(desk.head())


def test_the_command_keeps_a_head_that_does_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = web_over(tmp_path)
    anna = Browser(made)
    for row in made.desk.marks.ordered[:3]:
        anna.decide(row.number)
    store, head = str(tmp_path / "finds.db"), tmp_path / "head.json"
    assert run(["log", "head", "--store", store, "-o", str(head)]) == 0
    before = head.read_bytes()
    cut(tmp_path / "finds.db")
    assert run(["log", "head", "--store", store, "-o", str(head)]) == 7
    assert run(["review", "--store", store, "--head", str(head)]) == 7
    assert "was kept as it is" in capsys.readouterr().err
    assert head.read_bytes() == before
