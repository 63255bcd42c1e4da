"""How good a picture is for reading: how sharp, and how much of it glares."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vision.photo import area_resized
from vision.types import Quality, Rgb

_QUALITY_SIDE = 512
_SATURATED = 250
_ROUNDING = 2.0  # grey levels that rounding and fine noise alone make between neighbours


def measure_quality(rgb: Rgb) -> Quality:
    """How sharp a picture is and how much of it glares.

    Sharpness is 1 - blur of Crete, Dolmiere, Ladret, Nicolas, "The blur effect" (SPIE 6492, 2007): the share of the
    differences between neighbours that a 9-pixel mean takes away, on the worse axis. 0 for a picture already smooth,
    towards 1 for one with detail of a single pixel; differences of up to 2 grey levels do not count, and
    contrast cancels out. The picture is first shrunk to 512 pixels (never enlarged), so that it says how sharp the
    object is, not how many pixels the phone has.
    Glare is the share of pixels with all three colours at 250 or more.

    Args: rgb (H, W, 3).
    """
    small, _ = area_resized(rgb, _QUALITY_SIDE)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    sharpness = min(_kept_detail(grey, axis) for axis in (0, 1))
    glare = cv2.countNonZero(cv2.inRange(rgb, (_SATURATED,) * 3, (255,) * 3)) / (rgb.shape[0] * rgb.shape[1])
    return Quality(sharpness, glare)


def _kept_detail(grey: npt.NDArray[np.float32], axis: int) -> float:
    """Share of the neighbour differences along an axis that a 9-pixel mean along it removes, 0 to 1."""
    smooth = cv2.blur(grey, (1, 9) if axis == 0 else (9, 1), borderType=cv2.BORDER_REPLICATE)
    before = np.maximum(0.0, np.abs(np.diff(grey, axis=axis)) - _ROUNDING)
    removed = np.maximum(0.0, before - np.abs(np.diff(smooth, axis=axis)))
    total = float(before.sum(dtype=np.float64))
    return float(removed.sum(dtype=np.float64)) / total if total > 0 else 0.0
