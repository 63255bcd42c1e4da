"""marktrace search, as its user meets it: what is found, in which words, with which status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from archive.shelves import new_store, put, sha
from archive.test_alike import WORDS, seen_again, shelve, strip
from sqlalchemy import update

from vision.archive import look, open_store
from vision.archive import search as search_module
from vision.archive.connect import writing
from vision.archive.intake import Intake
from vision.archive.tables import photos
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


def test_every_condition_holds_for_marks_that_look_alike_and_for_linked_ones(
    finds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(str(finds)) as store:
        put(store, {"rs.jpg": {"country": "RS"}})
    assert run(["search", "--store", str(finds), "--like", "1", "--reading", "nothing", "--json"]) == 0
    assert lines(capsys) == []
    assert run(["search", "--store", str(finds), "--like", "1", "--country", "ru", "--json", "--limit", "1"]) == 0
    assert [one["path"] for one in lines(capsys)] == ["2.jpg"]
    assert run(["search", "--store", str(finds), "--linked", "1", "--country", "rs", "--json"]) == 0
    assert [one["path"] for one in lines(capsys)] == ["rs.jpg"]


def test_the_last_column_says_what_it_is(finds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option, heading in (("--like", "likeness"), ("--linked", "in common")):
        assert run(["search", "--store", str(finds), option, "1"]) == 0
        assert heading in capsys.readouterr().out.splitlines()[0]


def test_a_long_name_of_a_maker_leaves_room_for_the_country(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_store(tmp_path) as store:
        put(store, {"a.jpg": {"manufacturer": "Works " * 40}})
    assert run(["search", "--store", str(tmp_path / "finds.db")]) == 0
    assert "RU, 1943" in capsys.readouterr().out


def test_groups_are_listed_with_the_paths_of_their_photos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with new_store(tmp_path) as store:
        put(store, {"/d/a.jpg": {}, "/d/b.jpg": {}, "/d/c.jpg": {}, "/e/d.jpg": {}})
        with writing(store.engine) as connection:
            connection.execute(update(photos).where(photos.c.id < 3).values(object_group=1))
            connection.execute(update(photos).where(photos.c.id > 2).values(near_group=3))
        Intake(store.engine, "0.1.0", "kit-1", "{}").see([], under=["/e"])
    url = str(tmp_path / "finds.db")
    assert run(["search", "--store", url, "--same-object", "--json"]) == 0
    (group,) = lines(capsys)
    assert sorted(group["paths"]) == ["/d/a.jpg", "/d/b.jpg"]
    assert group["photos"] == sorted(map(sha, ("/d/a.jpg", "/d/b.jpg")))
    assert run(["search", "--store", url, "--same-object"]) == 0
    assert sorted(line.split("\t")[:2] for line in capsys.readouterr().out.splitlines()) == [
        ["1", "/d/a.jpg"],
        ["1", "/d/b.jpg"],
    ]
    assert run(["search", "--store", url, "--near-duplicates"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--linked", "99"], "There is no mark 99"),
        (["--near", "200", "500", "-3"], "--near takes degrees north"),
        (["--near", "nan", "5", "3"], "--near takes degrees north"),
        (["--level", "bogus"], "'bogus' is not one of"),
        (["--kind", "foo"], "'foo' is not one of"),
        (["--failed", "--country", "ru"], "stand alone"),
        (["--like", "1", "--linked", "1"], "do not go together"),
    ],
)
def test_what_cannot_be_asked_is_said(
    arguments: list[str], said: str, finds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", "--store", str(finds), *arguments]) == 1
    assert said in " ".join(capsys.readouterr().err.replace("│", " ").split())


def test_more_marks_can_be_shown_than_a_statement_takes_values(
    finds: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(search_module, "_AT_ONCE", 2)
    assert run(["search", "--store", str(finds), "--json", "--limit", "300000"]) == 0
    assert [one["number"] for one in lines(capsys)] == [1, 2, 3, 4, 5]


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
