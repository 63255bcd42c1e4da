"""Lattices, readings and unrolled pictures of one drawn head, seen at any turn and through any light."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vision.types import Character, Element, Lattice, LatticeRow, Reading, Rgb

ALPHABET = ("", *"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
STEPS = 100
# What stands at an angle (degrees clockwise), and how surely it is read.
Seen = Sequence[tuple[float, str, float]]


def word(text: str, angle: float, sure: float = 0.99, apart: float = 12.0) -> list[tuple[float, str, float]]:
    """A word with tops outwards whose first character stands at an angle."""
    return [(angle + i * apart, character, sure) for i, character in enumerate(text)]


def lattice(upright: Seen, inwards: Seen = (), turned_deg: float = 0.0) -> Lattice:
    """The head turned clockwise: what reads with tops out, and what with tops to the centre."""
    return Lattice("drawn", ALPHABET, (_row(upright, turned_deg, False), _row(inwards, turned_deg, True)))


def _row(seen: Seen, turned_deg: float, upside_down: bool) -> LatticeRow:
    places = np.arange(STEPS, dtype=np.float32) * np.float32(360.0 / STEPS)
    if upside_down:
        places = np.mod(-places, 360.0)
    probability = np.full((STEPS, len(ALPHABET)), 1e-6)
    probability[:, 0] = 1.0
    for angle, character, sure in seen:
        step = int(np.argmin(np.abs((places - angle - turned_deg + 180.0) % 360.0 - 180.0)))
        probability[step] = 1e-6
        probability[step, [0, ALPHABET.index(character)]] = 1.0 - sure, sure
    return LatticeRow(np.log(probability).astype(np.float32), places, upside_down, (0.9, 0.6))


def reading(seen: Seen, turned_deg: float = 0.0) -> Reading:
    """What was read of the head turned clockwise, one element a character."""
    characters = [Character(c, sure, (), (angle + turned_deg) % 360.0) for angle, c, sure in seen]
    return Reading("drawn", tuple(Element(c.text, False, c.probability, (c,), c.angle_deg) for c in characters))


def strip(seed: int, turned_deg: float = 0.0, *, lit_from_below: bool = False) -> Rgb:
    """One turn of a scratched face, (64, 720, 3): the same seed is the same metal; lit from below every edge that was
    bright is dark."""
    rng = np.random.default_rng(seed)
    height = np.zeros((64, 720), np.float32)
    for x, y, length in zip(rng.integers(0, 700, 60), rng.integers(0, 60, 60), rng.integers(4, 30, 60), strict=True):
        cv2.line(height, (int(x), int(y)), (int(x + length), int(y + length // 3)), 1.0, 2)
    slope = np.gradient(cv2.GaussianBlur(height, (0, 0), 1.0), axis=0) * (-1.0 if lit_from_below else 1.0)
    gray = np.clip(128.0 + 150.0 * np.roll(slope, round(turned_deg * 2.0), axis=1), 0, 255).astype(np.uint8)
    return np.dstack([gray, gray, gray])


def blank() -> Rgb:
    """One turn of a face on which nothing can be seen."""
    return np.full((64, 720, 3), 128, np.uint8)
