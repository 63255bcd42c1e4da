"""Sharpness and glare: what they follow, and what they don't."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from vision.quality import measure_quality


def test_sharpness_falls_with_blur_and_not_with_contrast_or_size() -> None:
    scene = np.random.default_rng(2).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    scene = cv2.resize(scene, (512, 512), interpolation=cv2.INTER_NEAREST)
    values = [measure_quality(cv2.GaussianBlur(scene, (0, 0), s)).sharpness for s in (0.5, 2.0, 4.0, 8.0)]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1] + 0.4
    faint = (scene // 4 + 90).astype(np.uint8)
    assert measure_quality(faint).sharpness == pytest.approx(measure_quality(scene).sharpness, abs=0.05)
    larger = cv2.resize(scene, (1536, 1536), interpolation=cv2.INTER_NEAREST)
    assert measure_quality(larger).sharpness == pytest.approx(measure_quality(scene).sharpness, abs=0.02)


def test_glare_is_the_share_of_saturated_pixels() -> None:
    rgb = np.full((40, 50, 3), 120, np.uint8)
    rgb[:10] = 255
    rgb[10:20] = (255, 255, 200)  # strong yellow is no glare
    assert measure_quality(rgb).glare == pytest.approx(0.25)


def test_a_flat_picture_is_not_sharp() -> None:
    assert measure_quality(np.full((9, 9, 3), 80, np.uint8)).sharpness == 0.0
