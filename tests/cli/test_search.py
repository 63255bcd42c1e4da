"""marktrace search, as its user meets it: what is found, in which words, with which status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from archive.shelves import new_store, put
from archive.test_alike import WORDS, seen_again, shelve, strip

from vision.archive import look
from vision.cli import run


@pytest.fixture
def finds(tmp_path: Path) -> Path:
    """A store of four heads: the first two are one head, photographed twice."""
    with new_store(tmp_path) as store:
        looks = {f"{n}.jpg": look.look_of(seen_again(strip(words), n)) for n, words in enumerate(WORDS[:4], 2)}
        shelve(store, {"1.jpg": look.look_of(seen_again(strip(WORDS[0]), 1)), **looks})
    return tmp_path / "finds.db"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_mark_is_found_again_by_its_number(finds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["search", "--store", str(finds), "--like", "1", "--json", "--limit", "2"]) == 0
    likest = lines(capsys)
    assert likest[0]["path"] == "2.jpg"
    assert len(likest) == 2
    assert float(likest[0]["remark"]) > float(likest[1]["remark"])


def test_a_number_that_no_mark_has_is_said(finds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["search", "--store", str(finds), "--like", "99"]) == 1
    assert "There is no mark 99 whose look is stored" in capsys.readouterr().err


def test_linked_marks_say_what_they_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with new_store(tmp_path) as store:
        put(store, {"a.jpg": {}, "b.jpg": {}, "c.jpg": {"code": "other", "reading": "LOT 12-A"}})
    assert run(["search", "--store", str(tmp_path / "finds.db"), "--linked", "1", "--json"]) == 0
    (mark,) = lines(capsys)
    assert (mark["path"], mark["remark"]) == ("b.jpg", "same code, year and calibre")


def test_the_table_says_how_many_there_are(finds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["search", "--store", str(finds), "--country", "ru", "--limit", "3"]) == 0
    said = capsys.readouterr()
    assert "first candidate" in said.out
    assert "3 of 5 marks." in said.err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([], 1, "Say which store to search"),
        (["--store", "none.db"], 1, "There is no store none.db: make one with marktrace tag."),
        (["--store", "mysql://me:hunter2@host/x"], 1, "A store is a file name"),
    ],
)
def test_a_store_that_cannot_be_searched_is_said(
    arguments: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", *arguments]) == status
    errors = " ".join(capsys.readouterr().err.split())
    assert said in errors
    assert "hunter2" not in errors
