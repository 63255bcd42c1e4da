"""marktrace tag, as its user meets it: what it says of the folders that were named, and with which status."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from archive import fakes
from archive.shelves import new_store

from vision.archive.worker import Job
from vision.cli import run


@pytest.fixture(autouse=True)
def _nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Photos are examined by a fake; a context makes another run, as a new kit does."""

    def engine(_name: object, settings: dict[str, Any], *_: object) -> tuple[Job, fakes.Serial]:
        return Job(fakes.MAKE, settings), fakes.Serial(Job(fakes.MAKE))

    monkeypatch.setattr("vision.cli.tag._engine", engine)


def photos_in(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        content = b"broken" if name.startswith("bad") else b"photo"
        (folder / name).write_bytes(content + str(folder / name).encode())
    return folder


def tag(store: Path, *arguments: object) -> int:
    return run(["tag", "--store", str(store), *map(str, arguments)])


def test_another_context_for_another_folder_is_done_when_that_folder_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "finds.db"
    first = photos_in(tmp_path / "first", "a.jpg", "b.jpg", "bad.jpg")
    second = photos_in(tmp_path / "second", "c.jpg", "d.jpg")
    assert tag(store, first, "--context-country", "SD") == 6
    assert tag(store, second, "--context-country", "KE") == 0
    assert "2 photos: 2 tagged (2 now), 0 failed, 0 waiting" in capsys.readouterr().err
    assert tag(store, second, "--context-country", "SD") == 0
    said = capsys.readouterr().err
    assert "2 photos: 2 tagged (2 now), 0 failed, 0 waiting" in said
    assert "bad.jpg" not in said


def test_an_empty_folder_is_said_to_be_empty_whatever_the_store_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "finds.db"
    assert tag(store, photos_in(tmp_path / "first", "a.jpg")) == 0
    assert tag(store, photos_in(tmp_path / "empty")) == 2
    said = capsys.readouterr().err
    assert "1 photo: 1 tagged (1 now), 0 failed, 0 waiting, 0 copies." in said
    assert "There are no photos there." in said
    with new_store(tmp_path) as opened:
        assert opened.counts(1).done == 1


def test_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = photos_in(tmp_path / "photos", "a.jpg")
    photos_in(folder / "shut", "b.jpg")
    assert tag(tmp_path / "finds.db", folder) == 0
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("vision.archive.source.os.scandir", refuse)
    assert tag(tmp_path / "finds.db", folder) == 0
    said = capsys.readouterr().err
    assert "2 photos: 2 tagged (0 now)" in said
    assert f"{folder / 'shut'}: Permission denied. What the store has from there stays." in said


def test_a_mistyped_folder_makes_no_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tag(tmp_path / "finds.db", tmp_path / "nowhere") == 1
    assert "nowhere cannot be read: No such file or directory" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mistyped", ["nowhere", "memory://nothing/here"])
def test_a_mistyped_folder_makes_no_run_and_failures_stay_listed(tmp_path: Path, mistyped: str) -> None:
    store = tmp_path / "finds.db"
    folder = photos_in(tmp_path / "first", "a.jpg", "bad.jpg")
    assert tag(store, folder) == 6
    assert tag(store, folder, mistyped, "--context-country", "SD") == 1
    with new_store(tmp_path) as opened:
        assert len(opened.runs()) == 1
        assert [failed.path for failed in opened.failures()] == [str(folder / "bad.jpg")]
