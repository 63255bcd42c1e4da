"""Contrast evened over about a character's height: metal shades from white to black within one word."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vision.types import Rgb

Gray = npt.NDArray[np.uint8]

EVEN_PX = 20.0
EVEN_DEVIATION = 45.0
LEAST_DEVIATION = 4.0


def even_contrast(rgb: Rgb, *, circular: bool = False) -> Gray:
    """(H, W, 3) to (H, W) gray with the local mean taken away and the local deviation made the same everywhere; a
    circular strip's ends see each other."""
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    reach = int(8 * EVEN_PX) if circular else 0  # two blurs of four deviations each
    gray = np.pad(gray, ((0, 0), (reach, reach)), mode="wrap") if reach else gray
    away = gray - cv2.GaussianBlur(gray, (0, 0), EVEN_PX)
    deviation = np.sqrt(cv2.GaussianBlur(away * away, (0, 0), EVEN_PX)) + np.float32(LEAST_DEVIATION)
    even = np.clip(128.0 + away / deviation * EVEN_DEVIATION, 0.0, 255.0)[:, reach : gray.shape[1] - reach]
    return np.asarray(np.rint(even), dtype=np.uint8)
