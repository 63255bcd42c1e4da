"""What a person gets from `marktrace identify`: the table, the records, the sheets, and the exit status."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest
from cli.faked import FakePipeline
from PIL import Image

from vision.cli import run
from vision.errors import KitError, MissingError
from vision.record import schema
from vision.types import Context


@pytest.mark.usefixtures("pipeline")
def test_the_table_ranks_candidates_and_says_they_are_not_confirmed(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["identify", "head.jpg"]) == 0
    out, err = capfd.readouterr()
    assert "Candidates, not confirmed by a person" in out
    assert out.index("Novosibirsk Cartridge Plant") < out.index("Klimovsk Stamping Works") < out.index("Unknown")
    for needed in (
        "head.jpg",
        "188",
        "43",
        "62%",
        "15%",
        "Russia (RU), then Soviet Union",
        "level: pattern, risk 24%",
    ):
        assert needed in out, needed
    assert "+ The 12 o'clock element reads 188" in out
    assert err.strip() == "1 photo: 1 read, 0 without a readable mark, 0 failed."


@pytest.mark.usefixtures("pipeline")
def test_records_go_to_stdout_one_a_line_and_fit_the_schema(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["identify", "--json", "head.jpg", "broken.jpg", "wall.jpg"]) == 6
    out, err = capfd.readouterr()
    records = [json.loads(line) for line in out.splitlines()]
    assert [Path(record["photo"]["path"]).name for record in records] == ["head.jpg", "broken.jpg", "wall.jpg"]
    for record in records:
        jsonschema.validate(record, schema())
    assert err == ""


@pytest.mark.usefixtures("pipeline")
@pytest.mark.parametrize(
    ("photos", "status"),
    [
        (["head.jpg"], 0),
        (["head.jpg", "wall.jpg"], 0),
        (["head.jpg", "broken.jpg"], 6),
        (["worn.jpg"], 0),
        (["wall.jpg"], 2),
        (["broken.jpg"], 2),
        (["broken.jpg", "wall.jpg"], 2),
        (["head.jpg", "stop.jpg"], 130),
    ],
)
def test_the_exit_status_tells_how_it_went(photos: list[str], status: int) -> None:
    assert run(["identify", "--json", *photos]) == status


@pytest.mark.parametrize(
    ("fault", "status"), [(MissingError("Get it."), 3), (KitError("Weights changed."), 4), (KeyboardInterrupt(), 130)]
)
def test_errors_become_a_status_and_a_sentence(
    fault: BaseException, status: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def load(_readers: object, _context: object) -> None:
        raise fault

    monkeypatch.setattr("vision.cli.identify._load", load)
    assert run(["identify", "head.jpg"]) == status
    out, err = capfd.readouterr()
    assert out == ""
    assert err.strip() == (str(fault) or "Interrupted.")


@pytest.mark.usefixtures("pipeline")
@pytest.mark.parametrize(
    "arguments",
    [
        ["identify"],
        ["identify", "a.jpg", "--no-such-option"],
        ["identify", "a.jpg", "--limit-candidates", "0"],
        ["identify", "a.jpg", "--reader", "guess"],
        ["identify", "a.jpg", "--context-country", "XX"],
        ["identify", "a.jpg", "--context-country", "ZZ"],
        ["identify", "a.jpg", "--context-year", "20140"],
        ["identify", "a.jpg", "--calibre", "nonsense"],
        ["identify", "a.jpg", "--calibre", "7.62x93mm"],
        ["identify", "a.jpg", "--calibre", ""],
        ["identify", "a.jpg", "b.jpg", "--png", "one.png"],
        ["identify", "a.jpg", "--html", "a.jpg"],
        ["nothing"],
    ],
)
def test_wrong_arguments_end_with_one_and_write_nothing(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.strip()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("pipeline")
def test_a_calibre_that_is_not_known_is_told_with_those_near_it(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["identify", "a.jpg", "--calibre", "7.62x93mm"]) == 1
    assert "Did you mean 7.62x39mm" in capfd.readouterr().err
    for known in ("7.62x39mm", "7,62 X 39", "9mm Luger", "7.62 мм обр. 1943"):
        assert run(["identify", "a.jpg", "--calibre", known]) == 0, known


def test_what_is_known_of_the_find_reaches_the_pipeline(pipeline: FakePipeline) -> None:
    known = ["--context-country", "sd", "--context-year", "2014", "--calibre", "7.62x39mm"]
    run(["identify", "head.jpg", "--json", *known, "--reader", "tesseract", "--reader", "ppocr"])
    assert pipeline.context == Context("SD", 2014, "7.62x39mm")
    assert pipeline.readers == ("tesseract", "ppocr")
    run(["identify", "head.jpg", "--json"])
    assert pipeline.context == Context()
    assert pipeline.readers == ()  # which are used then is the pipeline's to say


@pytest.mark.usefixtures("pipeline")
def test_sheets_are_written_to_the_files_named(tmp_path: Path) -> None:
    html, png = tmp_path / "new" / "sheet.html", tmp_path / "sheet.png"
    assert run(["identify", "head.jpg", "--html", str(html), "--png", str(png)]) == 0
    assert "Novosibirsk Cartridge Plant" in html.read_text("utf-8")
    with Image.open(png) as image:
        assert image.width == 1600
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new", "sheet.png"]


@pytest.mark.usefixtures("pipeline")
def test_several_photos_go_to_a_folder_one_sheet_each(tmp_path: Path) -> None:
    folder = tmp_path / "sheets"
    photos = ["a/head.jpg", "b/head.jpg", "b/HEAD.png", "broken.jpg"]
    assert run(["identify", *photos, "--html", f"{folder}/", "--png", str(folder)]) == 6
    names = {"head", "head-2", "HEAD-3", "broken"}
    assert {p.name for p in folder.iterdir()} == {f"{n}.{e}" for n in names for e in ("html", "png")}


@pytest.mark.usefixtures("pipeline")
def test_several_photos_share_one_html_file(tmp_path: Path) -> None:
    html = tmp_path / "all.html"
    run(["identify", "head1.jpg", "head2.jpg", "--html", str(html)])
    assert html.read_text("utf-8").count('<article class="sheet">') == 2


@pytest.mark.usefixtures("pipeline")
def test_a_sheet_that_cannot_be_written_ends_with_five_and_leaves_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    assert run(["identify", "head.jpg", "--html", str(tmp_path / "file" / "sheet.html")]) == 5
    assert "Cannot write" in capfd.readouterr().err


@pytest.mark.usefixtures("pipeline")
def test_a_full_disk_leaves_the_old_sheet_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = tmp_path / "sheet.html"
    sheet.write_text("old")

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert run(["identify", "head.jpg", "--html", str(sheet)]) == 5
    assert sheet.read_text() == "old"
    assert list(tmp_path.iterdir()) == [sheet]


@pytest.mark.usefixtures("pipeline")
def test_one_object_is_one_row_that_says_which_photos_it_comes_from(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["identify", "wall.jpg", "head1.jpg", "head2.jpg", "worn.jpg", "--same-object"]) == 0
    out, err = capfd.readouterr()
    flat = " ".join(out.split())
    assert "2 photos of one object, read together:" in flat
    assert "head1.jpg, the one shown" in flat
    assert "head2.jpg, turned 35° clockwise" in flat
    assert out.count("Novosibirsk Cartridge Plant") == 1
    for reason in ("No head here.", "The turn is unclear."):
        assert reason in flat
    assert err.strip() == "4 photos: 3 read, 1 without a readable mark, 0 failed."


@pytest.mark.usefixtures("pipeline")
def test_photos_of_one_object_stay_one_record_each(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["identify", "--json", "--same-object", "head1.jpg", "broken.jpg", "head2.jpg"]) == 6
    out, _ = capfd.readouterr()
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["photo"]["path"] for record in records] == ["head1.jpg", "broken.jpg", "head2.jpg"]
    assert len({json.dumps(record["object"]) for record in records}) == 1
    for record in records:
        jsonschema.validate(record, schema())


@pytest.mark.usefixtures("pipeline")
def test_one_object_has_one_sheet_named_after_its_first_joined_photo(tmp_path: Path) -> None:
    html, png, folder = tmp_path / "sheet.html", tmp_path / "sheet.png", tmp_path / "sheets"
    photos = ["wall.jpg", "head1.jpg", "head2.jpg"]
    assert run(["identify", *photos, "--same-object", "--html", str(html), "--png", str(png)]) == 0
    assert html.read_text("utf-8").count('<article class="sheet">') == 1
    assert "head2.jpg, turned 35° clockwise" in html.read_text("utf-8")
    assert png.exists()
    run(["identify", *photos, "--same-object", "--html", f"{folder}/"])
    assert [path.name for path in folder.iterdir()] == ["head1.html"]


@pytest.mark.usefixtures("pipeline")
def test_an_object_of_one_photo_is_a_photo(capfd: pytest.CaptureFixture[str]) -> None:
    run(["identify", "--json", "head.jpg"])
    plain, _ = capfd.readouterr()
    run(["identify", "--json", "head.jpg", "--same-object"])
    assert capfd.readouterr()[0] == plain


@pytest.mark.usefixtures("pipeline")
def test_a_hostile_name_cannot_write_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    run(["identify", "\x1b[2J\u202egpj.exe"])
    out, _ = capfd.readouterr()
    assert "\x1b[2J" not in out
    assert "\u202e" not in out
    assert "\\u202egpj.exe" in out


@pytest.mark.usefixtures("pipeline")
def test_a_limit_shortens_the_table_and_not_the_record(capfd: pytest.CaptureFixture[str]) -> None:
    run(["identify", "head.jpg", "--limit-candidates", "1"])
    out, _ = capfd.readouterr()
    assert "Klimovsk" not in out
    assert "2 more, less likely" in out
    run(["identify", "head.jpg", "--limit-candidates", "1", "--json"])
    out, _ = capfd.readouterr()
    assert len(json.loads(out)["marks"][0]["attribution"]["candidates"]) == 3


def test_version_and_help(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capfd.readouterr().out.startswith("marktrace 0.")
    assert run(["identify", "--help"]) == 0
    assert "Examples" in capfd.readouterr().out
