"""Letters that stand upright in the picture instead of along the ring, as on heads struck A - E - P or 2 - R.W.S. - 38.

Such a head has one way up: what stands at its top and bottom is read along the ring, what stands at its sides lies on
its side there, where no reading of the ring can see it. Busy places of the strip are cut out and read turned by a
quarter; of the ways up that the head may have, the one is taken under which its places say most. What its sides say
goes into the head's lattice at their places, so that a word may run over letters of both kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vision.close import Close
from vision.lattice import row_gains, row_slots
from vision.read.protocol import Reader
from vision.sideways import LOOKS, line_height, read_places
from vision.types import Floats, Lattice, LatticeRow

# Ways up that are tried, and how near to a side (degrees) a place must lie to stand upright there.
WAYS_UP = 24
SIDE_DEG = 35.0
# Nats that a place must gain more turned by a quarter than along the ring, and all such places of a head over nothing.
LEAST_MORE, LEAST_TOGETHER = 1.0, 3.0
# What a letter takes of the ring to both sides, in halves of a sideways line's height; steps between two of one line.
REACH = 1.3
LETTER_STEPS = 2
# Log-probability of what cannot stand on a step.
NEVER = -30.0


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """What one place says turned by a quarter: log_probs (letters, characters) in reading order, of the likeliest line,
    and gain over nothing (nats)."""

    log_probs: Floats
    gain: float


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """A head's lattice with what stands upright at its sides, and where that is (degrees), each to within reach."""

    lattice: Lattice
    places: tuple[float, ...]
    reach: float

    def bears(self, angles: Sequence[float]) -> bool:
        """Whether one of some characters stands at a side."""
        return any(
            abs((angle - place + 180.0) % 360.0 - 180.0) <= self.reach for angle in angles for place in self.places
        )


def with_upright(
    close: Close,
    band: tuple[float, float],
    lattice: Lattice,
    places: Sequence[float],
    readers: Sequence[Reader],
) -> Upright | None:
    """The lattice of a head, read in a band of its radius, with what stands upright at its sides; None where nothing
    does.

    places are where something may stand, in degrees clockwise from 12 o'clock; what the readers see must be part of
    the lattice's alphabet.
    """
    reach = REACH * float(np.degrees(line_height(band) / (band[0] + band[1])))
    said = _said_along(lattice)
    seen = [
        (angle, _along(said, angle, reach), sides)
        for angle, sides in zip(places, _sides(close, band, places, readers, lattice.alphabet), strict=True)
    ]
    best, chosen = -np.inf, []
    for way in range(WAYS_UP):
        some, total = [], 0.0
        for angle, along, sides in seen:
            off = (angle - way * 360.0 / WAYS_UP + 180.0) % 360.0 - 180.0
            upright = float(np.cos(np.radians(off)) ** 2)
            side = sides[off > 0.0]
            total += upright * along[abs(off) > 90.0] + (1.0 - upright) * side.gain
            if side.gain > max(along) + LEAST_MORE and abs(abs(off) - 90.0) <= SIDE_DEG:
                some.append((angle, side, side.gain - max(along)))
        if total > best and sum(side.gain for _, side, _ in some) > LEAST_TOGETHER:
            best, chosen = total, some
    if not chosen:
        return None
    rows = lattice.rows
    for angle, side, more in chosen:
        rows = tuple(_put(row, angle, side, reach, more) for row in rows)
    return Upright(replace(lattice, rows=rows), tuple(angle for angle, _, _ in chosen), reach)


def _sides(
    close: Close, band: tuple[float, float], places: Sequence[float], readers: Sequence[Reader], alphabet: Sequence[str]
) -> list[tuple[Side, Side]]:
    """What each place says with its tops clockwise, as on the left of the picture, and anticlockwise, as on its right:
    the surest look, with what the looks gain on the average."""
    found = []
    for lattice in read_places(close, band, places, LOOKS, readers, alphabet):
        ways = []
        for upside_down in (False, True):
            lines = [_line(lattice, n) for n, row in enumerate(lattice.rows) if row.upside_down == upside_down]
            best = max(lines, key=lambda line: line.gain)
            ways.append(replace(best, gain=sum(line.gain for line in lines) / len(lines)))
        found.append((ways[0], ways[1]))
    return found


def _line(lattice: Lattice, index: int) -> Side:
    """The letters of the likeliest path through a row and what they gain."""
    slots = row_slots(lattice, index)
    best = slots.gains.max(axis=1, initial=0.0)
    steps = [step for step, gain in zip(slots.step, best.tolist(), strict=True) if gain > 0.0]
    return Side(lattice.rows[index].log_probs[steps], float(best.sum()))


def _said_along(lattice: Lattice) -> list[tuple[LatticeRow, Floats]]:
    """Each row with what its steps gain over nothing at best: (steps,)."""
    said = []
    for row in lattice.rows:
        # Only the blank and the best other character, as two labels: row_gains over thousands of characters takes long.
        best = np.stack([row.log_probs[:, 0], row.log_probs[:, 1:].max(axis=1)], axis=1)
        said.append((row, np.maximum(row_gains(replace(row, log_probs=best))[:, 1], 0.0)))
    return said


def _along(said: Sequence[tuple[LatticeRow, Floats]], angle: float, reach: float) -> tuple[float, float]:
    """What is read at a place along the ring gains over nothing, with tops out and with tops in: the looks' mean."""
    gains: dict[bool, list[float]] = {False: [], True: []}
    for row, gain in said:
        gains[row.upside_down].append(float(gain[_near(row, angle) <= reach].max(initial=0.0)))
    tops_out, tops_in = (sum(some) / max(1, len(some)) for some in (gains[False], gains[True]))
    return tops_out, tops_in


def _near(row: LatticeRow, angle: float) -> Floats:
    """(steps,): how far each step of a row looks from an angle, in degrees."""
    return np.asarray(np.abs((row.places - angle + 180.0) % 360.0 - 180.0), np.float32)


def _put(row: LatticeRow, angle: float, side: Side, reach: float, more: float) -> LatticeRow:
    """The row with a side's letters at a place, in reading order; more (nats) is how much surer they are to stand there
    than what the row has."""
    near = _near(row, angle)
    said = np.full_like(row.log_probs, NEVER)
    said[:, 0] = 0.0
    for i, letter in enumerate(side.log_probs):
        step = int(near.argmin()) + round((i - (len(side.log_probs) - 1) / 2.0) * LETTER_STEPS)
        said[step % len(said)] = letter
    here = near <= reach
    mixed = row.log_probs.copy()
    mixed[here] = np.logaddexp(-np.logaddexp(0.0, more) + row.log_probs[here], -np.logaddexp(0.0, -more) + said[here])
    return replace(row, log_probs=np.asarray(mixed, np.float32))
