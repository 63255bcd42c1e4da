"""marktrace catalogue add: a symbol from one drawing is named from then on, and what cannot teach is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from training.sets.made import good_set

from vision.catalogue.taught import NAME, load_taught
from vision.cli import run
from vision.manifest import models_folder, verify_manifest, write_manifest
from vision.match.symbols import at_side
from vision.symbols import load_namer


def anchor() -> np.ndarray:
    """An anchor, dark on white: no symbol of the marking set."""
    drawn = np.full((300, 300, 3), 255, np.uint8)
    cv2.circle(drawn, (150, 60), 24, (0, 0, 0), 12, cv2.LINE_AA)
    cv2.line(drawn, (150, 84), (150, 250), (0, 0, 0), 14, cv2.LINE_AA)
    cv2.line(drawn, (95, 110), (205, 110), (0, 0, 0), 14, cv2.LINE_AA)
    cv2.ellipse(drawn, (150, 160), (95, 90), 0, 15, 165, (0, 0, 0), 14, cv2.LINE_AA)
    return drawn


def seen(seed: int) -> np.ndarray:
    """The anchor scratched into mottled metal."""
    rng = np.random.default_rng(seed)
    turn = cv2.getRotationMatrix2D((150, 150), float(rng.uniform(-6, 6)), 1.0)
    ink = cv2.warpAffine(255 - anchor()[..., 0], turn, (300, 300)).astype(np.float32) / 255
    ground = 130 + cv2.resize(rng.normal(0, 16, (7, 7)).astype(np.float32), (300, 300), interpolation=cv2.INTER_CUBIC)
    grey = ground * (1 - 0.4 * cv2.GaussianBlur(ink, (0, 0), 2)) + rng.normal(0, 4, (300, 300))
    return at_side(np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models folder with a marking set that can be taught."""
    (tmp_path / "models" / "weights").mkdir(parents=True)
    shutil.copy(models_folder() / "weights" / "symbols.onnx", tmp_path / "models" / "weights")
    (tmp_path / "models" / "markings").mkdir()
    (tmp_path / "models" / "markings" / "countries.csv").write_text("code,name\n", encoding="utf-8")
    return tmp_path / "models"


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "anchor.png"), anchor())
    return tmp_path / "anchor.png"


def add(models: Path, name: str, *arguments: Path | str) -> int:
    return run(["catalogue", "add", str(models / "markings"), *map(str, arguments), "--symbol", name])


def test_a_symbol_taught_by_one_drawing_is_named_from_then_on(
    models: Path, drawing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [seen(seed) for seed in range(8)]
    before = load_namer(models).name(pictures)
    assert add(models, "anchor", drawing) == 0
    assert "<anchor> taught by 1 picture" in capsys.readouterr().out
    after = load_namer(models).name(pictures)
    assert sum(n.name == "<anchor>" for n in after) >= 7
    assert np.mean([a.margin - b.margin for a, b in zip(after, before, strict=True)]) > 0.1


def test_the_same_name_is_not_taught_twice_but_may_be_replaced(models: Path, drawing: Path) -> None:
    assert add(models, "anchor", drawing) == 0
    assert add(models, "<anchor>", drawing) == 1
    assert add(models, "anchor", drawing, drawing, "--replace") == 0
    (symbol,) = load_taught(models / "markings")
    assert len(symbol.pictures) == 2


def test_the_marking_set_s_own_symbols_keep_their_names(
    models: Path, drawing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(models, "nato cross", drawing, "--replace") == 1
    assert "cannot be taught over: rename yours" in capsys.readouterr().err
    assert load_taught(models / "markings") == ()


def test_a_look_alike_of_a_known_symbol_is_said(
    models: Path, drawing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(models, "anchor", drawing) == 0
    again = tmp_path / "again.png"
    cv2.imwrite(str(again), cv2.GaussianBlur(anchor(), (0, 0), 3))
    assert add(models, "hook", again) == 0
    assert "looks like <anchor>" in capsys.readouterr().err


def test_pictures_that_teach_nothing_are_refused(
    models: Path, drawing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty, text = tmp_path / "empty.png", tmp_path / "text.png"
    cv2.imwrite(str(empty), np.full((80, 80, 3), 200, np.uint8))
    text.write_text("no picture", encoding="utf-8")
    assert add(models, "nothing", empty) == 1
    assert "nothing that stands out" in capsys.readouterr().err
    assert add(models, "no picture", text) != 0
    assert str(text) in capsys.readouterr().err
    assert add(models, "many", *[drawing] * 6) == 1
    assert add(models, "", drawing) == 1
    assert run(["catalogue", "add", str(tmp_path / "none"), str(drawing), "--symbol", "anchor"]) == 1
    assert load_taught(models / "markings") == ()


def test_a_package_that_is_taught_still_is_as_its_manifest_says(models: Path, drawing: Path) -> None:
    write_manifest(models)
    assert add(models, "anchor", drawing) == 0
    verify_manifest(models)
    (models / "markings/countries.csv").write_text("changed", encoding="utf-8")
    assert add(models, "hook", drawing) == 4  # a new manifest would have made good what somebody changed
    assert [symbol.name for symbol in load_taught(models / "markings")] == ["<anchor>"]


def test_a_folder_that_is_no_marking_set_is_not_written_to(
    models: Path, drawing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["catalogue", "add", str(models), str(drawing), "--symbol", "anchor"]) == 1
    said = capsys.readouterr().err
    assert "is no marking set" in said
    assert f"name {models / 'markings'}" in said
    assert not (models / NAME).exists()


def test_a_set_of_ones_own_waits_for_its_training_and_says_so(
    tmp_path: Path, drawing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = good_set(tmp_path / "set")
    assert run(["catalogue", "add", str(folder), str(drawing), "--symbol", "anchor"]) == 0
    said = capsys.readouterr().err
    assert f"marktrace train {folder}" in said
    assert f"marktrace catalogue add {models_folder() / 'markings'}" in said


def test_a_drawing_in_svg_teaches_and_a_faulty_one_says_why(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lion.svg"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="M1 1 L9 1 L5 9 Z"/></svg>', encoding="utf-8")
    assert add(models, "lion", path) == 0
    assert [symbol.name for symbol in load_taught(models / "markings")] == ["<lion>"]
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg">\n<script/></svg>', encoding="utf-8")
    assert add(models, "wolf", path) == 1
    assert f"{path}:2: <script> may not be in a drawing" in capsys.readouterr().err
    assert add(models, "wolf", tmp_path / "none.svg") == 1
