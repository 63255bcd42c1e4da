"""What people decided, in search, report and export: at once, and also when the photo's file is changed or gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from review.stored import fill
from review.test_case import browser_over

from vision.archive.intake import Intake
from vision.archive.rows import FileSeen
from vision.archive.store import Store
from vision.cli import run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three photos, of which the first two are decided on."""
    filled = fill(tmp_path, 3)
    browser = browser_over(filled, "anna")
    for number in (1, 2):
        assert browser.decide(number).status_code == 303
    return filled


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def asked(store: Store, *arguments: str) -> list[str]:
    return ["search", "--store", str(store.engine.url.database), "--json", *arguments]


def lose(store: Store, number: int) -> str:
    """The file of a mark's photo is deleted and the folder scanned again. Returns its path."""
    mark = store.mark(number)
    assert mark is not None
    folder = str(Path(mark.path).parent)
    left = [Path(one.path) for one in store.all_marks() if one.number != number]
    intake = Intake(store.engine, "0.1.0", "kit-1", "{}")
    intake.see([FileSeen(str(path), path.stat().st_size, 1) for path in left], under=[folder])
    return mark.path


def test_every_search_says_what_people_decided_by_now(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(asked(store)) == 0
    assert [one["state"] for one in lines(capsys)] == ["decided", "decided", "open"]
    assert browser_over(store, "anna").decide(3).status_code == 303
    assert run(asked(store, "--country", "ru")) == 0
    assert [one["state"] for one in lines(capsys)] == ["decided"] * 3


def test_a_search_writes_nothing_while_the_log_has_not_grown(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(asked(store)) == 0
    monkeypatch.setattr(Store, "put_standings", lambda *_: pytest.fail("standings were written again"))
    assert run(asked(store, "--state", "decided")) == 0
    assert len(lines(capsys)) == 5


def test_standings_that_are_not_said_to_be_whole_are_counted_again(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(asked(store)) == 0
    store.put_standings([])
    capsys.readouterr()
    assert run(asked(store, "--state", "decided")) == 0
    assert len(lines(capsys)) == 2


def test_decisions_on_a_photo_whose_file_is_gone_are_told_and_listed(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lose(store, 1)
    url = str(store.engine.url.database)
    assert run(asked(store)) == 0
    assert path not in [one["path"] for one in lines(capsys)]
    assert run(["export", "--store", url, "--format", "jsonl"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1
    assert "decisions on 1 mark of photos whose file was changed or is gone" in " ".join(said.err.split())
    assert run(asked(store, "--without-file")) == 0
    (lost,) = lines(capsys)
    assert (lost["path"], lost["mark"], lost["status"], lost["by"]) == (path, "h1", "confirmed", "anna")
    page = tmp_path / "r.html"
    assert run(["report", "--store", url, "-o", str(page)]) == 0
    assert "People decided on 1 mark of photos whose file was changed or is gone" in page.read_text("utf-8")


def test_an_export_of_photos_that_all_lie_says_nothing(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "--store", str(store.engine.url.database), "--format", "jsonl"]) == 0
    assert capsys.readouterr().err == ""
