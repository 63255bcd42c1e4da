"""Strips with large, clean letters from our own renderer, and how well a lattice heard them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from vision.errors import MissingError
from vision.lattice import row_gains
from vision.read.protocol import Patch
from vision.training.render import ElementSpec, ElementTruth, MarkSpec, render_strip
from vision.types import Lattice

TURN_PX = 400
NEAR_DEG = 12.0
WORDS = ("LEGRAF", "1247")
# Renders whose light and wear leave every letter plain to the eye.
SEEDS = (2, 6, 7, 8, 11)


@cache
def strip(seed: int, turns: float = 1.25) -> tuple[Patch, tuple[ElementTruth, ...]]:
    """LEGRAF with its tops out and, opposite, 1247 with its tops to the centre; the patch covers more than a turn."""
    spec = MarkSpec(
        (ElementSpec(WORDS[0], 0.0), ElementSpec(WORDS[1], 180.0, upside_down=True)),
        pocket_ratio=0.45, height=0.3, fonts=("DejaVuSans", "DejaVuSans-Bold"),
    )  # fmt: skip
    try:
        rgb, truth = render_strip(seed, spec, turn_width=TURN_PX, turns=turns, style="plate")
    except MissingError as fault:
        pytest.skip(str(fault))
    return Patch(rgb, turn_px=TURN_PX, band=(1.0, truth.inner_ratio)), truth.elements


def gains_at(lattice: Lattice, element: ElementTruth, *, upside_down: bool) -> list[float]:
    """For each character of an element, its best gain over nothing within NEAR_DEG of where it stands."""
    count = len(element.text)
    offsets = (np.arange(count) - (count - 1) / 2.0) * element.span_deg / count
    angles = element.angle_deg + (-offsets if element.upside_down else offsets)
    found = []
    for character, angle in zip(element.text, angles, strict=True):
        best = -np.inf
        for row in lattice.rows:
            if row.upside_down == upside_down:
                near = np.abs((row.places - angle + 180.0) % 360.0 - 180.0) <= NEAR_DEG
                best = max(best, float(row_gains(row)[near][:, lattice.alphabet.index(character)].max()))
        found.append(best)
    return found
