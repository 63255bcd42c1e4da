"""marktrace evaluate: figures on standard output; a worse model is refused with its stratum named, the verdict kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from evaluate.made import record
from training.package.made import FACTS, small_package
from training.sets.made import good_set
from typer.testing import CliRunner

from vision.cli import app
from vision.cli import evaluate as verb
from vision.errors import KitError, UsageError
from vision.evaluate import LabelledPhoto
from vision.manifest import shipped_folder
from vision.training.package import verify_package
from vision.training.package.verdict import COMPARED
from vision.training.package.write import set_facts

OLD, NEW = "old", "new"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Labels of 60 photos in two scripts, and empty files for photos: records are made up."""
    folder = tmp_path / "photos"
    folder.mkdir()
    labels = [
        {"file": f"{n:03d}.jpg", "elements": ["AB" if n < 40 else "ЖШ", "75"], "code": "AB", "country": "FR",
         "stratum": "phone"}
        for n in range(60)
    ]  # fmt: skip
    (folder / "labels.jsonl").write_text("\n".join(json.dumps(one) for one in labels), "utf-8")
    for one in labels:
        (folder / one["file"]).touch()
    return folder


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two packages; the new one misreads two Cyrillic heads that the old one read."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    for name in (OLD, NEW):
        facts = {k: v for k, v in FACTS.items() if k != COMPARED} | {"name": name}
        set_facts(small_package(tmp_path / "models" / name), facts)
    good: dict[str, Any] = {f"{n:03d}.jpg": record(n, ("AB" if n < 40 else "ЖШ", "75")) for n in range(60)}
    said = {
        shipped_folder().name: good,
        OLD: good,
        NEW: good | {f"{n:03d}.jpg": record(n, ("XX", "75")) for n in (50, 51)},
    }
    monkeypatch.setattr(verb, "_records", lambda folder, labels, package, out: said[package.name])
    return tmp_path / "models"


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["evaluate", *arguments])


def test_figures_are_a_line_a_stratum(photos: Path, models: Path) -> None:
    done = run(str(photos), "--model", NEW)
    rows = {one["stratum"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert rows["all"]["photos"] == 60
    assert rows["script: cyrillic"]["words"] == pytest.approx(100 * 38 / 40)
    assert rows["script: latin"]["words"] == 100.0
    one = run(str(photos), "--model", NEW, "--only", "cyrillic")
    assert json.loads(one.stdout.splitlines()[0])["photos"] == 20
    assert isinstance(run(str(photos), "--model", NEW, "--only", "nothing").exception, UsageError)


def test_of_a_marking_set_only_photos_kept_for_measuring_are_taken(models: Path, tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    path = folder / "photos/labels.jsonl"
    refused = run(str(folder), "--model", OLD)
    assert isinstance(refused.exception, UsageError)
    path.write_text(path.read_text("utf-8").replace('"s2"', '"s3"'), "utf-8")  # a site that is kept for measuring
    done = run(str(folder), "--model", OLD)
    assert "1 of 3 labelled photos are kept for measuring" in done.stderr
    assert json.loads(done.stdout.splitlines()[0])["photos"] == 1


def test_a_worse_model_is_refused_for_use_with_its_stratum_named(photos: Path, models: Path) -> None:
    refused = run(str(photos), "--model", NEW, "--against", OLD, "--record")
    assert isinstance(refused.exception, KitError)
    assert "worse than old on" in str(refused.exception)
    assert "script: cyrillic" in str(refused.exception)
    assert "latin" not in str(refused.exception)
    assert any("script: cyrillic (words" in one for one in verify_package(models / NEW).worse_on)
    assert "Compared on photos: worse than" in verify_package(models / NEW).card
    used = CliRunner().invoke(app, ["models", "use", NEW])
    assert isinstance(used.exception, KitError)
    assert "script: cyrillic" in str(used.exception)


def test_a_model_that_is_not_worse_may_be_used(photos: Path, models: Path, tmp_path: Path) -> None:
    done = run(str(photos), "--model", OLD, "--against", "shipped", "--record", "--out", str(tmp_path / "report"))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "report" / "worst.jpg").stat().st_size > 1000
    assert CliRunner().invoke(app, ["models", "use", OLD]).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--model", NEW, "--against", NEW, "--record"), "compared with itself"),
        (("--model", NEW, "--against", "models/new/../new", "--record"), "compared with itself"),
        (("--model", NEW, "--against", OLD, "--record", "--only", "latin"), "leave out --only"),
        (("--model", NEW, "--record"), "--against shipped"),
        (("--against", NEW, "--record"), "The model that comes with marktrace is not changed"),
        (("--model", NEW, "--against", "nope"), "There is no model package 'nope'"),
    ],
)
def test_what_cannot_be_recorded_or_compared_is_refused_before_a_photo_is_read(
    photos: Path, models: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], why: str
) -> None:
    before = verify_package(models / NEW).kit
    monkeypatch.setattr(verb, "_records", lambda *_: pytest.fail("photos were read"))
    refused = run(str(photos), *arguments)
    assert isinstance(refused.exception, UsageError)
    assert why in str(refused.exception)
    assert verify_package(models / NEW).kit == before


def test_labelled_photos_that_are_not_there_are_named_and_nothing_is_measured(photos: Path, models: Path) -> None:
    for n in (3, 7, 8, 9, 10, 11):
        (photos / f"{n:03d}.jpg").unlink()
    refused = run(str(photos), "--model", NEW)
    assert isinstance(refused.exception, UsageError)
    assert "003.jpg, 007.jpg, 008.jpg, 009.jpg, 010.jpg and 1 more" in str(refused.exception)
    assert refused.stdout == ""


COCO = {"images": [{"id": 1, "file_name": "one.jpg"}], "categories": [{"id": 1, "name": "headstamp"}],
        "annotations": [{"image_id": 1, "category_id": 1, "bbox": [4, 4, 40, 40],
                         "attributes": {"reading": "Q7", "code": "Q7", "site": "s3"}}]}  # fmt: skip
TASKS = [{"data": {"photo": "one.jpg"},
          "annotations": [{"result": [{"from_name": "reading", "value": {"text": "Q7"}}]}]}]  # fmt: skip


@pytest.mark.parametrize("form", ["COCO", "Label Studio", "ImageFolder"])
def test_a_marking_set_is_measured_on_whatever_its_labels_are_written_in(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr("vision.training.learn.photos.is_held_out", lambda _: True)
    seen: list[LabelledPhoto] = []
    monkeypatch.setattr(verb, "_records", lambda folder, labels, *_: seen.extend(labels) or {})
    photos = good_set(tmp_path / "set") / "photos"
    (photos / "labels.jsonl").unlink()
    if form == "ImageFolder":
        (photos / "Q7").mkdir()
        (photos / "one.jpg").rename(photos / "Q7/one.jpg")
    else:
        (photos / "x.json").write_text(json.dumps(COCO if form == "COCO" else TASKS), "utf-8")
    done = run(str(tmp_path / "set"), "--model", OLD)
    assert done.exit_code == 0, done.exception
    (one,) = seen
    assert (photos / one.file).is_file()
    assert (one.kind, one.elements) == ("headstamp", ("Q7",))
    assert one.box == ((4, 4, 44, 44) if form == "COCO" else None)


def test_of_a_set_in_lines_all_that_its_lines_say_counts(models: Path, tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    path = folder / "photos/labels.jsonl"
    line = {"file": "three.jpg", "elements": ["Q7"], "code": "Q7", "site": "s3", "country": "GE", "quality": "poor"}
    path.write_text(json.dumps(line), "utf-8")
    done = run(str(folder), "--model", OLD)
    assert '"stratum": "quality: poor"' in done.stdout
