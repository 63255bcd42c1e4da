"""Reading a character lattice: gains over "nothing here", and the slots where something stands.

A reader's probabilities are taken as evidence for a character against nothing: gain = log p(character) - log p(blank),
with every probability mixed with a small floor, since a network trained on ink is surer of itself on metal than it is
right. Gains add up: of a string over the steps it stands on, of a whole mark over its elements. Nothing at all has
gain 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vision.types import Floats, Lattice, LatticeRow

# The share of any probability that is spread over everything: no single step may speak for or against by more than its
# log.
FLOOR = 5e-4
# Log-probability of a character its reader does not know.
UNKNOWN = float(np.float32(np.log(1e-6)))
# A step whose best character gains less than this is empty: no character there can matter.
EMPTY_GAIN = -2.5


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """The steps of one row where something may stand.

    gains is (slots, characters), characters in the lattice's order with gains[:, 0] = 0; places (slots,) as in the row;
    step (slots,) the index in the row; steps is the length of the row, pitch_deg the width of one step in degrees
    (or pixels on a straight patch).
    """

    gains: Floats
    places: Floats
    step: tuple[int, ...]
    steps: int
    pitch: float
    upside_down: bool
    row: int


def row_gains(row: LatticeRow) -> Floats:
    """(steps, characters): log of (floored) probability of each character over that of the blank."""
    probability = np.exp(row.log_probs) * (1.0 - FLOOR) + FLOOR / 8.0
    return np.asarray(np.log(probability / probability[:, :1]), dtype=np.float32)


def row_slots(lattice: Lattice, index: int) -> Slots:
    """The non-empty steps of one row, runs of one and the same character reduced to their strongest step; on a ring a
    run may go on over the row's ends."""
    row = lattice.rows[index]
    gains = row_gains(row)
    best = gains.argmax(axis=1)
    strength = gains[np.arange(len(gains)), best]
    some = np.flatnonzero(gains[:, 1:].max(axis=1, initial=-np.inf) > EMPTY_GAIN)
    there = np.zeros(len(gains), bool)
    there[some] = True
    goes_on = (best[some] == best[some - 1]) & (best[some] != 0) & there[some - 1]
    if len(some) and (not lattice.circular or goes_on.all()):
        goes_on[0] = False
    run = np.cumsum(~goes_on) - 1
    run[run < 0] = run.max(initial=0)  # what the row begins with goes on from its end
    strongest = np.lexsort((-strength[some], run))
    kept = np.sort(some[strongest[np.diff(run[strongest], prepend=-1) > 0]]).tolist()
    pitch = float(np.abs(row.places[1] - row.places[0])) if len(row.places) > 1 else 1.0
    if lattice.circular:
        pitch = 360.0 / len(row.places)
    return Slots(gains[kept], row.places[kept], tuple(kept), len(row.places), pitch, row.upside_down, index)
