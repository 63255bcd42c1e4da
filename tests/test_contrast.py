"""Evened contrast: what it keeps, what it takes away, and that a ring has no ends."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from vision.contrast import even_contrast


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


def test_a_rings_ends_see_each_other() -> None:
    """Rolled by a third of a turn, the evened strip is the same strip rolled; without being told so it is not."""
    ring = as_rgb(np.linspace(40, 200, 400)[None] + 25 * texture())
    rolled = np.roll(ring, 133, axis=1)
    around = np.roll(even_contrast(ring, circular=True), 133, axis=1).astype(int)
    assert np.abs(even_contrast(rolled, circular=True) - around).max() <= 1
    assert np.abs(even_contrast(rolled).astype(int) - np.roll(even_contrast(ring), 133, axis=1)).max() > 20
