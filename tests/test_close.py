"""Strips sharpened for a second look: what is flat stays, what is soft gets steeper, a ring has no ends."""

from __future__ import annotations

import cv2
import numpy as np

from vision.close import sharpened
from vision.types import Rgb


def soft_bars() -> Rgb:
    """A turn of bars out of focus, gray on gray."""
    bars = np.where(np.arange(320) // 16 % 2, 150.0, 100.0)
    soft = cv2.GaussianBlur(np.tile(bars, (48, 1)), (0, 0), 3.0)
    return np.repeat(np.rint(soft)[:, :, None], 3, axis=2).astype(np.uint8)


def test_what_is_flat_stays_as_it_is() -> None:
    flat = np.full((48, 320, 3), 90, np.uint8)
    assert np.array_equal(sharpened(flat, 2.0), flat)


def test_what_is_out_of_focus_gets_steeper() -> None:
    soft = soft_bars()
    before, after = (np.abs(np.diff(rgb[24, 40:280, 0].astype(int))).max() for rgb in (soft, sharpened(soft, 2.0)))
    assert after > 1.5 * before


def test_the_ends_of_a_turn_see_each_other() -> None:
    strip = np.random.default_rng(3).integers(0, 256, (48, 320, 3), dtype=np.uint8)
    turned = np.roll(strip, 100, axis=1)
    assert np.array_equal(sharpened(turned, 2.0), np.roll(sharpened(strip, 2.0), 100, axis=1))


def test_no_value_runs_over() -> None:
    strip = np.random.default_rng(4).integers(0, 2, (48, 160, 3), dtype=np.uint8) * 255
    sharp = sharpened(strip, 2.0)
    assert sharp[strip == 255].min() >= 128
    assert sharp[strip == 0].max() <= 127
