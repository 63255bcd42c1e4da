"""Where on a ring a known word stands: the best way to spell it along a row of the lattice (CTC, Viterbi).

A word is placed only where spelling it costs little against the row's own likeliest path, so a label that is not what
stands there gives no place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vision.catalogue.lookalikes import fold
from vision.types import Floats, Lattice, LatticeRow

# Nats a character that spelling may cost against the likeliest path.
MOST_COST = 3.0


@dataclass(frozen=True, slots=True)
class Spelt:
    """A word's shapes and, for each, the degrees of its middle and its width, left to right; cost in nats a shape."""

    shapes: tuple[str, ...]
    angles: tuple[float, ...]
    reach: tuple[float, ...]
    upside_down: bool
    cost: float


def spelt(element: str, lattice: Lattice) -> Spelt | None:
    """The cheapest place of an element on a ring, None where it stands nowhere cheaply or has an unknown shape."""
    index = {label: i for i, label in enumerate(lattice.alphabet)}
    shapes = [fold(element)] if element.startswith("<") else [fold(c) for c in element if c != " "]
    if not shapes or any(shape not in index for shape in shapes):
        return None
    numbers = [index[shape] for shape in shapes]
    found = [one for row in lattice.rows if (one := _on_row(row, shapes, numbers)) is not None]
    best = min(found, key=lambda one: one.cost, default=None)
    return best if best is not None and best.cost <= MOST_COST else None


def _on_row(row: LatticeRow, shapes: Sequence[str], numbers: Sequence[int]) -> Spelt | None:
    """The cheapest place on one row; the ring is run through twice, so that a word may lie over its seam."""
    count = len(row.log_probs)
    if count < 2 * len(numbers):
        return None
    twice = np.concatenate([row.log_probs, row.log_probs])
    costs = twice.max(axis=1)[:, None] - twice  # of saying each label, against the likeliest
    path, cost = cheapest(costs, numbers, count)
    steps = [np.flatnonzero(path == i) for i in range(len(numbers))]
    if any(len(s) == 0 for s in steps):
        return None
    middles = [float(s.mean()) for s in steps]
    width = 360.0 / count
    way = -1.0 if row.upside_down else 1.0
    angles = tuple(float((row.places[0] + way * m * width) % 360.0) for m in middles)
    gaps = [min([abs(m - o) for o in middles if o != m], default=4.0) for m in middles]
    reach = tuple(width * float(np.clip(0.8 * gap, 1.0, 5.0)) for gap in gaps)
    return Spelt(tuple(shapes), angles, reach, row.upside_down, cost / len(numbers))


def cheapest(costs: Floats, numbers: Sequence[int], longest: int) -> tuple[np.ndarray, float]:
    """The cheapest path that spells numbers with blanks between, start and end free, over at most longest steps.

    costs is (steps, labels), label 0 the blank. Returns (steps,) which number stands on each step, -1 where none, and
    the path's cost.
    """
    states = [numbers[i // 2] if i % 2 == 0 else 0 for i in range(2 * len(numbers) - 1)]
    own = costs[:, states].astype(np.float64)
    best = np.full((len(costs), len(states)), np.inf)
    came = np.zeros((len(costs), len(states)), np.int8)
    for t in range(len(costs)):
        for s, state in enumerate(states):
            ways = [best[t - 1, s] if t else np.inf, best[t - 1, s - 1] if t and s else np.inf]
            skips = s >= 2 and s % 2 == 0 and states[s - 2] != state
            ways.append(best[t - 1, s - 2] if t and skips else np.inf)
            if s == 0:
                ways.append(0.0)
            came[t, s] = int(np.argmin(ways))
            best[t, s] = own[t, s] + min(ways)
    path = np.full(len(costs), -1)
    t, s = int(np.argmin(best[:, -1])), len(states) - 1
    cost = float(best[t, s])
    first = max(0, t - longest + 1)
    while t >= first:
        if s % 2 == 0:
            path[t] = s // 2
        step = came[t, s]
        if step == 3:
            break
        s, t = s - int(step), t - 1
    return path, cost
