"""How many of a set's struck words a reader reads exactly, on renders it was not trained on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np

from vision.catalogue.lookalikes import fold
from vision.read.protocol import Patch
from vision.read.stamped import StampedReader
from vision.training.learn.batches import HELD_OUT
from vision.training.learn.marks import Struck
from vision.training.render import ElementTruth, render_strip
from vision.types import Lattice, LatticeRow

FILL = 0.70
# Degrees beyond an element's own place within which its characters are looked for.
SLACK_DEG = 2.0


def words_read(weights: Path, what: Struck, strips: int, first: int = HELD_OUT + 1_000_000) -> tuple[int, int]:
    """(words of the set read exactly, words of the set struck) on so many rendered strips.

    A word counts when the reader's likeliest path over the place it stands in says its characters and nothing else.
    """
    reader = StampedReader(weights)
    right = total = 0
    wanted = {element for way in what.ways for element in way}
    for seed in range(first, first + 2 * strips, 2):
        rgb, truth = render_strip(seed, what.mark(seed), turn_width=None, fill=FILL)
        lattice = reader.read([Patch(rgb, rgb.shape[1])])
        for element in truth.elements:
            if element.text in wanted:
                total += 1
                right += any(read == _shapes(element) for read in _readings(lattice, element))
    return right, total


def _shapes(element: ElementTruth) -> list[str]:
    return [fold(c.text) for c in element.characters]


def _readings(lattice: Lattice, element: ElementTruth) -> Iterator[list[str]]:
    for row in lattice.rows:
        if row.upside_down == element.upside_down:
            yield path_at(lattice, row, element.angle_deg, element.span_deg)


def path_at(lattice: Lattice, row: LatticeRow, angle_deg: float, span_deg: float) -> list[str]:
    """The likeliest labels of a row over a part of the ring, left to right."""
    away = (row.places - angle_deg + 180.0) % 360.0 - 180.0
    near = np.flatnonzero(np.abs(away) <= span_deg / 2 + SLACK_DEG)
    ordered = near[np.argsort(away[near] * (-1 if row.upside_down else 1))]
    best = row.log_probs[ordered].argmax(axis=1)
    return [lattice.alphabet[label] for label, _ in groupby(best.tolist()) if label]
