"""The PP-OCR reader: what it refuses, threads, windows and seams, and the contrast it is shown."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from read.rendered import SEEDS, TURN_PX, gains_at, strip

from vision.errors import KitError
from vision.manifest import models_folder
from vision.read.ppocr import HEIGHT_PX, PpocrReader, even_contrast
from vision.read.protocol import Patch

WEIGHTS = models_folder() / "weights" / "ppocr.onnx"


@pytest.fixture(scope="module")
def reader() -> PpocrReader:
    return PpocrReader(WEIGHTS)


@pytest.mark.parametrize("height", [1, HEIGHT_PX - 1, HEIGHT_PX + 1])
def test_a_patch_of_another_height_is_refused(reader: PpocrReader, height: int) -> None:
    with pytest.raises(ValueError, match=f"48 pixels high, got {height}"):
        reader.read([Patch(np.zeros((height, 160, 3), np.uint8))])


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(KitError, match=r"other\.onnx are missing"):
        PpocrReader(tmp_path / "other.onnx")


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(KitError, match="no alphabet"):
        PpocrReader(models_folder() / "weights" / "heads.onnx")


def test_threads_change_no_byte() -> None:
    patch = strip(SEEDS[0])[0]
    one, two = (PpocrReader(WEIGHTS, threads).read([patch]) for threads in (1, 2))
    assert [r.log_probs.tobytes() for r in one.rows] == [r.log_probs.tobytes() for r in two.rows]


@pytest.mark.parametrize("cut_deg", [0.0, 90.0, 180.0, 270.0])
def test_words_are_heard_wherever_the_ring_is_cut(reader: PpocrReader, cut_deg: float) -> None:
    """The same head unrolled from another angle gives the same words at the same places, also across the seam."""
    patch, elements = strip(SEEDS[1], turns=1.0)
    by = round(elements[0].angle_deg / 360.0 * TURN_PX) - round(cut_deg / 360.0 * TURN_PX)
    rolled = np.ascontiguousarray(np.roll(patch.rgb, -by, axis=1))
    lattice = reader.read([Patch(rolled, TURN_PX, by * 360.0 / TURN_PX)])
    for element in elements:
        assert sum(gains_at(lattice, element, upside_down=element.upside_down)) > 4.0 * len(element.text)


def test_a_ring_has_no_beginning(reader: PpocrReader) -> None:
    """Cut elsewhere (by a whole stride) the steps say the very same: the network sees on across the seam."""
    turn = strip(SEEDS[1], turns=1.0)[0].rgb
    even = even_contrast(turn)
    one = reader._row(even, circular=True)
    other = reader._row(np.ascontiguousarray(np.roll(even, -80, axis=1)), circular=True)
    assert other == pytest.approx(np.roll(one, -10, axis=0), abs=1e-3)


def test_the_alphabet_is_single_characters_without_repeats(reader: PpocrReader) -> None:
    alphabet = reader.read([]).alphabet
    assert len(set(alphabet)) == len(alphabet)
    assert {len(character) for character in alphabet[1:]} == {1}
    assert set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") <= set(alphabet)


def texture(height: int = 48, width: int = 400) -> np.ndarray:
    """Strokes of one strength everywhere, about 0 with deviation 1, as wide as a letter's."""
    noise = cv2.GaussianBlur(np.random.default_rng(2).normal(0, 1, (height, width)).astype(np.float32), (0, 0), 2.0)
    return noise / noise.std()


def as_rgb(gray: np.ndarray) -> np.ndarray:
    return np.repeat(np.clip(np.round(gray), 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def test_even_contrast_keeps_the_form_and_the_range() -> None:
    hard = as_rgb(np.where(np.arange(200)[None] // 9 % 2, 255.0, 0.0) * np.ones((48, 1)))
    even = even_contrast(hard)
    assert even.shape == (48, 200)
    assert even.dtype == np.uint8
    assert even.max() > 160 > 96 > even.min()


@pytest.mark.parametrize("value", [0, 77, 255])
def test_a_plain_picture_becomes_middle_gray(value: int) -> None:
    even = even_contrast(np.full((48, 100, 3), value, np.uint8))
    assert even.min() >= 127
    assert even.max() <= 128


def test_brightness_and_contrast_are_taken_away() -> None:
    strokes = texture()
    bright, dim = even_contrast(as_rgb(150 + 30 * strokes)), even_contrast(as_rgb(90 + 15 * strokes))
    assert np.abs(bright.astype(int) - dim).mean() < 6.0


def test_contrast_is_the_same_along_the_strip() -> None:
    strength = np.where(np.arange(400) < 200, 8.0, 40.0)[None]
    shade = np.linspace(60, 180, 400)[None]
    even = even_contrast(as_rgb(shade + strength * texture())).astype(float)
    weak, strong = even[:, :140], even[:, 260:]
    assert weak.std() > 0.6 * strong.std()
    assert weak.mean() == pytest.approx(strong.mean(), abs=6.0)
