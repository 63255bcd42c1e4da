"""What a render is known to show: exact poses and marks, in the conventions of vision.types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.types import Ellipse, Rgb

Array = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CharacterTruth:
    """One character (or a symbol, as "<star>") of an element: the middle of its place, clockwise from 12 o'clock, and
    the width it takes. Of a number in a shape the shape comes first ("<circle>", "1", "0"). turn_deg is how far it is
    turned against its element."""

    text: str
    angle_deg: float
    span_deg: float
    turn_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class ElementTruth:
    """One struck word, number or symbol. angle_deg is its middle, clockwise from 12 o'clock of the photo, 0..360;
    span_deg its width; radius the middle of its height as a share of the head's radius, height its height likewise;
    characters in reading order as they are seen, left to right with their tops up (also those of Arabic)."""

    text: str
    angle_deg: float
    span_deg: float
    upside_down: bool
    radius: float
    height: float
    characters: tuple[CharacterTruth, ...] = ()


@dataclass(frozen=True, slots=True)
class HeadTruth:
    """Where a head is. plane_to_photo (3, 3) takes the head's plane (unit disc, y down, pocket at the origin, 12
    o'clock at (0, -1)) to photo pixels; it is turned so that its Jacobian at the pocket is symmetric, that is,
    flattening the head does not rotate it. visible is the share of the head's outline area that is in the frame and
    not covered."""

    outline: Ellipse
    pocket_xy: tuple[float, float]
    pocket_ratio: float
    elements: tuple[ElementTruth, ...]
    visible: float
    plane_to_photo: Matrix


@dataclass(frozen=True, slots=True)
class Scene:
    """A rendered photo (H, W, 3) and what is on it."""

    rgb: Rgb
    heads: tuple[HeadTruth, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class StripTruth:
    """What a rendered strip shows: column x stands for x / width_turn * 360 degrees, row 0 is at radius outer_ratio and
    the last row at inner_ratio (shares of the rim's)."""

    elements: tuple[ElementTruth, ...]
    width_turn: float
    inner_ratio: float
    severity: float
    outer_ratio: float = 1.0


def text_band(elements: Sequence[ElementTruth]) -> tuple[float, float]:
    """The part of the radius (outer, inner) that what is struck takes."""
    return max(e.radius + e.height / 2 for e in elements), min(e.radius - e.height / 2 for e in elements)
