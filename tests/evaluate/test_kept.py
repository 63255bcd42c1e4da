"""Records in a folder are taken up again for the very photos they are of, however these are named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import drawn
import pytest
from typer.testing import CliRunner

from vision.catalogue.lookalikes import table
from vision.cli import app
from vision.errors import KitError
from vision.manifest import choice_file, file_sha256, models_folder
from vision.pipeline import Pipeline
from vision.types import Photo, Result, Run


class Reading:
    """A pipeline that reads one head on every photo and keeps count; photos without content cannot be opened."""

    run = Run("1", "a" * 16)

    def __init__(self) -> None:
        self.seen: list[str] = []

    def looks(self) -> None:
        """What else is done on a photo."""

    def identify(self, photos: list[Path]) -> Iterator[Result]:
        """The result of each photo."""
        self.looks()
        for path in photos:
            self.seen.append(f"{path.parent.name}/{path.name}")
            if not path.read_bytes():
                yield drawn.failed_result(str(path))
                continue
            yield replace(drawn.result(), photo=Photo(str(path), file_sha256(path), *drawn.SIZE), path=str(path))


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Reading:
    reading = Reading()
    monkeypatch.setattr(Pipeline, "load", lambda **_: reading)
    return reading


def labelled(folder: Path, files: dict[str, bytes]) -> Path:
    """A folder of photos, each labelled as bearing what is read on it."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    elements = ["188", "<star>", "43", "<star>"]
    lines = [json.dumps({"file": name, "elements": elements}) for name in files]
    (folder / "labels.jsonl").write_text("\n".join(lines), "utf-8")
    return folder


def measured(*arguments: object) -> dict[str, Any]:
    """The figures of all photos."""
    done = CliRunner().invoke(app, ["evaluate", *map(str, arguments)])
    assert done.exit_code == 0, done.exception
    first: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
    return first | {"stderr": done.stderr}


def test_a_record_is_taken_up_only_for_the_photo_it_is_of(pipeline: Reading, tmp_path: Path) -> None:
    out = tmp_path / "report"
    one = labelled(tmp_path / "one", {"a.jpg": b"1", "b.jpg": b"2"})
    other = labelled(tmp_path / "other", {"a.jpg": b"3", "c.jpg": b"2"})
    measured(one, "--out", out)
    measured(one, "--out", out)
    assert pipeline.seen == ["one/a.jpg", "one/b.jpg"]
    measured(other, "--out", out)
    assert pipeline.seen[2:] == ["other/a.jpg"]  # c.jpg is b.jpg by another name
    (one / "a.jpg").write_bytes(b"4")
    measured(one, "--out", out)
    assert pipeline.seen[3:] == ["one/a.jpg"]


def test_photos_of_one_name_in_two_folders_are_two_photos(pipeline: Reading, tmp_path: Path) -> None:
    folder = labelled(tmp_path / "all", {"a/x.jpg": b"1", "b/x.jpg": b""})
    found = measured(folder)
    assert pipeline.seen == ["a/x.jpg", "b/x.jpg"]
    assert (found["photos"], found["words"]) == (2, 50.0)
    assert "b/x.jpg counts as not read: The file ends too early" in found["stderr"]


@pytest.mark.parametrize("torn", [b'{"schema": "mark', b'{"photo": "\xd0', b"{}"])
def test_a_run_that_was_broken_off_in_a_line_goes_on(pipeline: Reading, tmp_path: Path, torn: bytes) -> None:
    folder, out = labelled(tmp_path / "one", {"a.jpg": b"1", "b.jpg": b"2"}), tmp_path / "report"
    measured(folder, "--out", out)
    (kept,) = out.glob("records-*.jsonl")
    whole = kept.read_bytes().split(b"\n")
    kept.write_bytes(whole[0] + b"\n" + torn)
    for _ in range(2):
        assert measured(folder, "--out", out)["words"] == 100.0
    assert pipeline.seen == ["one/a.jpg", "one/b.jpg", "one/b.jpg"]
    assert kept.read_bytes().split(b"\n") == whole


def test_a_model_is_measured_while_the_one_chosen_for_use_is_gone(
    pipeline: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    choice_file().parent.mkdir(parents=True)
    choice_file().write_text("/nowhere/at/all\n", "utf-8")
    lookalikes: list[int] = []
    monkeypatch.setattr(Reading, "looks", lambda _: lookalikes.append(len(table().folds)))
    assert measured(labelled(tmp_path / "one", {"a.jpg": b"1"}))["words"] == 100.0
    assert lookalikes[0] > 0
    with pytest.raises(KitError, match="nowhere"):
        models_folder()
