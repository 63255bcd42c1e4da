"""The band of a head's text: found where letters are drawn, rust or not, and given in shares of the radius."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from vision.errors import KitError
from vision.flatten.band import COLUMNS, LEAST_ROWS, ROWS, BandFinder, edges, face_of
from vision.flatten.ring import Ring, Strip
from vision.manifest import models_folder
from vision.types import Ellipse, Head, Rgb

WEIGHTS = models_folder() / "weights"
INNER = 0.42
TURN = 560


@pytest.fixture(scope="module")
def bands() -> BandFinder:
    return BandFinder(WEIGHTS / "band.onnx")


def strip(rgb: Rgb) -> Strip:
    face = Head(Ellipse((200.0, 200.0), (180.0, 180.0), 0.0), (200.0, 200.0), INNER + 0.02, 1.0)
    return Strip(rgb, Ring(face), TURN, 1.0, INNER)


def a_face(base: float, scale: float, *, rust: bool = False) -> tuple[Rgb, tuple[float, float]]:
    """A face of dull brass with three dark words, and the radii between which they stand; base is where their feet
    are. With rust it has patches of dark specks at the rim, busier than letters."""
    rng = np.random.default_rng(3)
    rows = 4 * (ROWS - 1) / (1.0 - INNER)
    ink = np.zeros((4 * ROWS, 4 * TURN), np.uint8)
    for text, x in (("HEF", 200), ("72", 1000), ("NK", 1700)):
        at = (x, round((1.0 - base) * rows))
        cv2.putText(ink, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 9, cv2.LINE_AA)
    inked = np.flatnonzero((ink > 127).any(axis=1))
    true = 1.0 - float(inked[0]) / rows, 1.0 - float(inked[-1]) / rows
    big = np.where(ink > 0, 150 - 80 * (ink / 255.0), 150.0).astype(np.uint8)
    if rust:
        for _ in range(160):
            x, y = rng.choice((500, 1300, 1950)) + rng.normal(0, 60), abs(rng.normal(0, 45))
            axes = 3 + int(rng.gamma(2, 3)), 3 + int(rng.gamma(2, 1.5))
            cv2.ellipse(big, (int(x), int(y)), axes, float(rng.uniform(0, 180)), 0, 360, 40, -1)
    gray = cv2.resize(big, (TURN, ROWS), interpolation=cv2.INTER_AREA).astype(np.float32)
    gray = gray + rng.normal(0, 3, gray.shape)
    return np.clip(gray[..., None] * np.array([1.0, 0.85, 0.6]), 0, 255).astype(np.uint8), true


@pytest.mark.parametrize("rust", [False, True])
@pytest.mark.parametrize(("base", "scale"), [(0.64, 4.5), (0.6, 3.5), (0.76, 3.5), (0.52, 4.0)])
def test_the_band_is_where_letters_are_drawn(bands: BandFinder, base: float, scale: float, *, rust: bool) -> None:
    rgb, true = a_face(base, scale, rust=rust)
    assert bands.text_band(strip(rgb)) == pytest.approx(true, abs=0.04)


def test_more_than_a_turn_says_what_one_turn_says(bands: BandFinder) -> None:
    face, _ = a_face(0.64, 4.5)
    longer = np.concatenate([face, face[:, :140]], axis=1)
    assert bands.text_band(strip(longer)) == bands.text_band(strip(face))


def test_a_plain_face_still_has_a_band_within_it(bands: BandFinder) -> None:
    outer, inner = bands.text_band(strip(np.full((ROWS, TURN, 3), 120, np.uint8)))
    assert 1.0 >= outer > inner >= INNER


def test_faces_of_any_size_are_seen_at_one() -> None:
    for height, width in ((64, 400), (64, 700), (30, 90)):
        rgb = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
        assert face_of(rgb).shape == (2, ROWS, COLUMNS)


def test_edges_are_the_likeliest_two_rows_far_enough_apart() -> None:
    log_probs = np.full((2, ROWS), -9.0, np.float32)
    log_probs[0, 20], log_probs[0, 21] = 0.0, 0.0
    log_probs[1, 22], log_probs[1, 40] = 0.0, -1.0
    first, last = edges(log_probs)
    assert first == pytest.approx(20.5, abs=0.01)
    assert last == pytest.approx(40.0, abs=0.01)
    assert last - first > LEAST_ROWS


def test_other_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KitError, match=r"heads\.onnx do not find text"):
        BandFinder(WEIGHTS / "heads.onnx")
    with pytest.raises(KitError, match=r"gone\.onnx are missing"):
        BandFinder(tmp_path / "gone.onnx")
