"""What is suggested for labelling: the doubtful, and never two that show the same. No torch is needed for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from training.sets.made import good_set
from typer.testing import CliRunner

from vision.cli import app
from vision.errors import UsageError
from vision.training.learn.suggest import Look, chosen, look, unlabelled
from vision.training.sets import load_set
from vision.types import Lattice, LatticeRow

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


def made(file: str, doubts: tuple[float, ...], *shares: float) -> Look:
    return Look(file, doubts, np.array([0.0, *shares]))


def test_the_doubtful_come_first_and_of_two_alike_one() -> None:
    some = [
        made("sure", (0.01,), 1.0, 0.0, 0.0),
        made("worn", (0.6, 0.5), 0.0, 1.0, 0.0),
        made("worn again", (0.6, 0.49), 0.0, 1.0, 0.0),
        made("other", (0.4,), 0.0, 0.0, 1.0),
    ]
    assert [one.file for one in chosen(some, [], 2)] == ["worn", "other"]
    assert [one.file for one in chosen(some, [made("labelled", (), 0.0, 1.0, 0.0)], 1)] == ["other"]
    assert len(chosen(some, [], 9)) == 4
    assert chosen([], [], 3) == []


def test_a_look_has_one_doubt_for_each_character_seen() -> None:
    probabilities = np.full((6, 3), 0.01)
    probabilities[:, 0] = 0.98
    probabilities[1] = (0.1, 0.7, 0.2)
    probabilities[2] = (0.2, 0.8, 0.01)
    probabilities[4] = (0.05, 0.0, 0.95)
    row = LatticeRow(np.log(probabilities + 1e-9).astype(np.float32), np.arange(6.0), False, (1.0, 0.7))
    found = look("a.jpg", Lattice("stamped", ("", "A", "B"), (row,)))
    assert found.doubts == pytest.approx((0.2, 0.05), abs=1e-3)
    assert found.shares.sum() == pytest.approx(1.0)
    assert found.doubt == pytest.approx(0.25, abs=1e-3)


def test_only_photos_without_a_label_are_suggested(tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    for name in ("novosibirsk.jpg", "worn.jpg", "coin.jpg"):
        shutil.copyfile(EXAMPLES / name, folder / "photos" / name)
    shutil.copyfile(EXAMPLES / "worn.jpg", folder / "photos" / "worn-copy.jpg")
    (folder / "photos" / "link.jpg").symlink_to(EXAMPLES / "worn.jpg")
    shutil.copyfile(EXAMPLES / "worn.jpg", folder / "photos" / "._worn.jpg")  # as a file manager leaves behind
    expected = ["photos/coin.jpg", "photos/novosibirsk.jpg", "photos/worn-copy.jpg", "photos/worn.jpg"]
    assert unlabelled(load_set(folder)) == expected
    done = CliRunner().invoke(app, ["train", str(folder), "--suggest", "2", "--base", "shipped"])
    assert done.exit_code == 0, done.output
    named = [line.split("\t") for line in done.stdout.splitlines()]
    assert {Path(name).stem.removesuffix("-copy") for name, _ in named} == {"novosibirsk", "worn"}
    assert all(float(doubt) >= 0 for _, doubt in named)
    assert "4 photos without a label" in done.stderr


def test_a_set_without_more_photos_has_nothing_to_suggest(tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    assert CliRunner().invoke(app, ["train", str(folder), "--suggest", "5"]).exit_code == 2
    assert isinstance(CliRunner().invoke(app, ["train", str(folder)]).exception, UsageError)
