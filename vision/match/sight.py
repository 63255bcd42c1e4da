"""A lattice laid out for searching: the slots of all its rows side by side, on a ring gone round far enough."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision.lattice import Slots, row_slots
from vision.types import Floats, Lattice

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# What a slot may gain and still be passed over for nothing: dots, dirt, the ends of strokes.
FREE_PASS = 0.5
# The longest stretch a string may cover, in degrees (pixels on a straight patch count as such).
WIDEST = 220.0
# Steps beyond which nothing stands.
_NEVER = 1 << 20


class Sight:
    """The slots of every row in one shape, (rows, length), so that all rows are searched at once.

    slots are the rows' own; index (rows, length) is the number of the slot in its row, again from 0 where a ring has
    been gone round (-1: beyond the end); step (rows, length) grows along a row; passed (rows, length) is the summed
    cost of passing over all slots up to one; first (rows, length) says which slots are those of the first turn; after
    (rows, length) is how many slots back the nearest one lies that has an empty step before this one (1 or 2).
    """

    def __init__(self, lattice: Lattice, *, widest: float = WIDEST) -> None:
        self.slots: tuple[Slots, ...] = tuple(row_slots(lattice, i) for i in range(len(lattice.rows)))
        self.circular = lattice.circular
        self.widest = widest
        letters = np.array([len(c) == 1 and c.isalnum() for c in lattice.alphabet])
        laid = [_laid_out(slots, lattice.circular, widest) for slots in self.slots]
        length = max((len(index) for index, _ in laid), default=0)
        rows = len(self.slots)
        self.index = np.full((rows, length), -1, np.int64)
        self.step = np.full((rows, length), _NEVER, np.int64)
        self.first = np.zeros((rows, length), bool)
        self.after = np.ones((rows, length), np.int64)
        self.passed = np.zeros((rows, length), np.float32)
        self.reach = np.zeros((rows, 1), np.int64)
        for r, (slots, (index, step)) in enumerate(zip(self.slots, laid, strict=True)):
            count = len(index)
            self.index[r, :count], self.step[r, :count] = index, step
            self.first[r, : len(slots.step)] = True
            self.after[r, 1:count] = np.where(np.diff(step) < 2, 2, 1)
            passing = np.maximum(slots.gains[:, letters].max(axis=1, initial=0.0) - FREE_PASS, 0.0)
            self.passed[r, :count] = np.cumsum(passing[index])
            self.reach[r] = int(widest / slots.pitch)
        # The same up to the slot before one, where equal neighbours may stand so close; out of reach for the first.
        self.passed_before = np.roll(self.passed, 1, axis=1)
        self.passed_before[np.arange(length) < self.after] = np.inf

    def laid(self, values: Floats) -> Floats:
        """(labels, rows, length): values (slots, labels) of the slots of all rows, row after row, where they are laid
        out; -inf beyond them."""
        out = np.full((values.shape[1], *self.index.shape), -np.inf, np.float32)
        begin = 0
        for r, slots in enumerate(self.slots):
            index = self.index[r][self.index[r] >= 0]
            out[:, r, : len(index)] = values.T[:, begin + index]
            begin += len(slots.step)
        return out


def _laid_out(slots: Slots, circular: bool, widest: float) -> tuple[Ints, Ints]:
    """(index, step) of the slots in order, on a ring as far into the second turn as a string of the first may reach."""
    step = np.array(slots.step, np.int64)
    index = np.arange(len(step))
    if circular and len(step):
        again = step + slots.steps
        near = np.flatnonzero(again <= step[-1] + int(widest / slots.pitch))
        index, step = np.concatenate([index, near]), np.concatenate([step, again[near]])
    return index, step
