"""Cartridge heads and a coin drawn flat, then laid on a ground by a known affine map: the ellipse is exact."""

from __future__ import annotations

import math

import cv2
import numpy as np

from vision.types import Ellipse, Rgb

_SIDE, _RADIUS = 480, 220.0  # of the flat drawing


def flat_head(*, pocket_ratio: float = 0.5, primer: bool = True) -> Rgb:
    """A brass head seen from above with a word, a year and a primer or a dark hole."""
    middle = (_SIDE // 2, _SIDE // 2)
    out = np.full((_SIDE, _SIDE, 3), (186, 150, 84), np.uint8)
    cv2.circle(out, middle, int(_RADIUS * 0.97), (204, 170, 100), -1, cv2.LINE_AA)
    for i, letter in enumerate("LVE 74 188"):
        turn = cv2.getRotationMatrix2D((_SIDE / 2, _SIDE / 2), -36 * i, 1.0)
        blank = np.zeros((_SIDE, _SIDE), np.uint8)
        at = (_SIDE // 2 - 14, int(_SIDE / 2 - 0.75 * _RADIUS + 18))
        cv2.putText(blank, letter, at, cv2.FONT_HERSHEY_SIMPLEX, 1.3, 255, 4, cv2.LINE_AA)
        cover = cv2.warpAffine(blank, turn, (_SIDE, _SIDE))[..., None] / 255
        out = (out * (1 - 0.6 * cover)).astype(np.uint8)
    radius = int(_RADIUS * pocket_ratio)
    cv2.circle(out, middle, radius, (70, 52, 30), -1, cv2.LINE_AA)
    if primer:
        cv2.circle(out, middle, int(radius * 0.9), (190, 186, 180), -1, cv2.LINE_AA)
    else:
        cv2.circle(out, middle, int(radius * 0.95), (26, 24, 24), -1, cv2.LINE_AA)
    return out


def flat_coin() -> Rgb:
    """A disc with a raised edge, letters and a lump of a portrait, and no pocket."""
    rng = np.random.default_rng(3)
    middle = (_SIDE // 2, _SIDE // 2)
    relief = cv2.GaussianBlur(rng.normal(0, 1, (_SIDE, _SIDE)).astype(np.float32), (0, 0), 9)
    relief = 60 * relief / relief.std() * (np.hypot(*(np.mgrid[:_SIDE, :_SIDE] - _SIDE / 2)) < 0.6 * _RADIUS)
    out = np.clip(np.array([150.0, 120, 90]) + relief[..., None] * 0.6, 0, 255).astype(np.uint8)
    for i in range(14):
        turn = math.radians(25 * i)
        x, y = _SIDE / 2 + 0.8 * _RADIUS * math.cos(turn), _SIDE / 2 + 0.8 * _RADIUS * math.sin(turn)
        cv2.putText(out, "ROMAIMPERATOR"[i % 13], (int(x) - 12, int(y) + 12), 0, 1.1, (95, 74, 52), 3, cv2.LINE_AA)
    cv2.circle(out, middle, int(_RADIUS * 0.96), (110, 86, 60), 4, cv2.LINE_AA)
    return out


def ground(size: tuple[int, int], seed: int = 0) -> Rgb:
    """A dull cloth of (width, height)."""
    rng = np.random.default_rng(seed)
    small = rng.normal(0, 1, (size[1] // 8 + 1, size[0] // 8 + 1)).astype(np.float32)
    cloud = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC) * 7 + rng.normal(0, 5, (size[1], size[0]))
    return np.clip(np.array([92.0, 104, 122]) + cloud[..., None], 0, 255).astype(np.uint8)


def laid(
    picture: Rgb, flat: Rgb, at: tuple[float, float], radius: float, tilt_deg: float = 0.0, toward_deg: float = 30.0
) -> tuple[Rgb, Ellipse]:
    """The picture with the flat thing laid on it, and its outline; toward_deg is the direction that tilt shortens."""
    short = math.cos(math.radians(tilt_deg))
    c, s = math.cos(math.radians(toward_deg)), math.sin(math.radians(toward_deg))
    turn = np.array([[c, -s], [s, c]])
    matrix = radius / _RADIUS * turn @ np.diag([short, 1.0]) @ turn.T
    offset = np.array(at) - matrix @ np.array([_SIDE / 2, _SIDE / 2])
    size = (picture.shape[1], picture.shape[0])
    mask = np.zeros((_SIDE, _SIDE), np.uint8)
    cv2.circle(mask, (_SIDE // 2, _SIDE // 2), int(_RADIUS), 255, -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(np.dstack([flat, mask]), (0, 0), max(0.3, 0.4 * _RADIUS / radius))
    over = cv2.warpAffine(soft, np.column_stack([matrix, offset]), size, flags=cv2.INTER_AREA)
    cover = over[..., 3:] / 255
    out = (picture * (1 - cover) + over[..., :3] * cover).astype(np.uint8)
    return out, Ellipse(at, (radius, radius * short), (toward_deg + 90) % 180)
