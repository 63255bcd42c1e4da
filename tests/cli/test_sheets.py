"""Where sheets are put: whole, with names of their own, and never over a photo."""

from __future__ import annotations

import os
from pathlib import Path

import drawn
import pytest
from PIL import Image

from vision.cli import run


def photo(path: Path) -> bytes:
    """A real picture at a path, and its bytes."""
    Image.fromarray(drawn.photo_rgb()).save(path, "PNG")
    return path.read_bytes()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of photos that the command runs in."""
    folder = tmp_path / "arch"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.usefixtures("pipeline")
@pytest.mark.parametrize("target", [".", "../arch", "a.png", "../arch/a.png"])
@pytest.mark.parametrize("more", [[], ["--same-object"]])
def test_a_sheet_never_replaces_a_photo_of_the_run(
    target: str, more: list[str], archive: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = photo(archive / "a.png")
    assert run(["identify", "a.png", "--png", target, *more]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "would replace one of the photos" in err
    assert "Name another folder or file" in err
    assert (archive / "a.png").read_bytes() == before


@pytest.mark.usefixtures("pipeline")
def test_a_photo_under_another_name_is_still_that_photo(archive: Path) -> None:
    before = photo(archive / "a.png")
    (archive / "sheets").mkdir()
    os.link("a.png", "sheets/b.png")
    (archive / "b.jpg").symlink_to("a.png")
    assert run(["identify", "b.jpg", "--png", "sheets"]) == 1
    (archive / "A.PNG").write_bytes(before)
    assert run(["identify", "A.PNG", "--png", "."]) == 1
    assert (archive / "a.png").read_bytes() == before


@pytest.mark.usefixtures("pipeline")
def test_a_sheet_never_replaces_a_photo_that_was_not_asked_for(
    archive: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = photo(archive / "a.png")
    assert run(["identify", "a.jpg", "--png", "."]) == 1
    assert "is a photo" in capfd.readouterr().err
    (archive / "page.html").write_bytes(before)
    assert run(["identify", "a.jpg", "--html", "page.html"]) == 1
    assert (archive / "a.png").read_bytes() == (archive / "page.html").read_bytes() == before


@pytest.mark.usefixtures("pipeline", "archive")
def test_a_sheet_replaces_the_sheet_of_an_earlier_run() -> None:
    command = ["identify", "head.jpg", "--html", "sheet.html", "--png", "sheet.png"]
    assert run(command) == run(command) == 0


@pytest.mark.usefixtures("pipeline", "archive")
@pytest.mark.parametrize(
    "targets", [["--png", "sheet.jpg"], ["--html", "sheet.png"], ["--html", "a.html", "--png", "a.html"]]
)
def test_a_sheet_is_what_its_name_says(targets: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["identify", "head.jpg", *targets]) == 1
    assert "must end in" in capfd.readouterr().err
    assert os.listdir() == []


@pytest.mark.usefixtures("pipeline", "archive")
def test_a_very_long_name_gets_a_sheet_of_a_shorter_one() -> None:
    photos = [f"{'ш' * 125}{letter}.jpg" for letter in "ab"]
    assert run(["identify", *photos, "--html", "sheets", "--png", "sheets"]) == 0
    assert sorted(os.listdir("sheets")) == [f"{'ш' * 100}{number}" for number in ("-2.html", "-2.png", ".html", ".png")]


@pytest.mark.usefixtures("archive")
def test_a_place_that_cannot_be_written_is_told_before_any_photo_is_read(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("vision.cli.identify._load", lambda *_: pytest.fail("photos are read"))
    Path("file").write_text("x")
    assert run(["identify", "head.jpg", "--html", "file/sheet.html"]) == 5
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert run(["identify", "head.jpg", "--html", "sheet.html"]) == 5
    assert "may not be written to" in capfd.readouterr().err


@pytest.mark.usefixtures("pipeline", "archive")
def test_what_was_found_is_shown_even_if_the_disk_is_full(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert run(["identify", "head.jpg", "--html", "sheet.html"]) == 5
    out, err = capfd.readouterr()
    assert "Novosibirsk Cartridge Plant" in out
    assert "No space left on device" in err
