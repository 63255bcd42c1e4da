"""Batches drawn from the edges of all pictures: look-alikes and families together, each picture spoilt a little."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vision.training.symbols.drawing import SymbolRow
from vision.training.symbols.examples import MEMBERS, Edges
from vision.training.symbols.loss import Batch
from vision.training.symbols.net import CELLS, INPUTS, WAYS

# Symbols, families of invented ones, members of each, pictures a symbol, pictures of nothing and badly framed ones.
KNOWN, FAMILIES, OF_FAMILY, SEEN, NOTHING, MISSED = 32, 9, 3, 3, 20, 16
_COVERED = 0.15  # share of pictures of which a corner or a middle piece is lost


def next_batch(edges: Edges, rows: Sequence[SymbolRow], kept: Sequence[int], rng: np.random.Generator) -> Batch:
    """A batch of symbols of the marking set, of which only those with an index in kept are looked at, and others."""
    known = _with_look_alikes(rows, kept, rng)
    families = rng.choice(len(edges.invented) // MEMBERS, FAMILIES, replace=False)
    others = [f * MEMBERS + m for f in families for m in rng.choice(MEMBERS, OF_FAMILY, replace=False)]
    drawings = [_some(edges.learnt_drawings[i], 1, rng) for i in known]
    drawings += [_some(edges.invented_drawings[i], 1, rng) for i in others]
    seen = [_some(edges.learnt[i], SEEN, rng) for i in known] + [_some(edges.invented[i], SEEN, rng) for i in others]
    seen += [_some(edges.bare, NOTHING, rng), _some(edges.missed, MISSED, rng)]
    symbol = np.concatenate([np.repeat(np.arange(len(drawings)), SEEN), np.full(NOTHING + MISSED, -1)])
    column = {index: n for n, index in enumerate(kept)}
    of_known = np.array([column[i] for i in known] + [-1] * len(others))
    return Batch(
        spoilt(np.concatenate(drawings), rng), spoilt(np.concatenate(seen), rng),
        torch.from_numpy(symbol), torch.from_numpy(of_known),
    )  # fmt: skip


def _with_look_alikes(rows: Sequence[SymbolRow], kept: Sequence[int], rng: np.random.Generator) -> list[int]:
    """KNOWN symbols: some at random, each followed by what it is mistaken for."""
    index = {rows[i].id: i for i in kept}
    chosen: dict[int, None] = {}
    for first in rng.permutation(np.array(kept)):
        for one in (int(first), *(index[a] for a in rows[int(first)].look_alikes if a in index)):
            chosen[one] = None
        if len(chosen) >= KNOWN:
            break
    return list(chosen)[:KNOWN]


def _some(pictures: npt.NDArray[np.float16], count: int, rng: np.random.Generator) -> npt.NDArray[np.float16]:
    return np.asarray(pictures[rng.integers(0, len(pictures), count)])


def spoilt(edges: npt.NDArray[np.float16], rng: np.random.Generator) -> Tensor:
    """Edges (N, INPUTS) as floats, the picture moved by up to a cell, some of it covered, some noise."""
    cells = edges.astype(np.float32).reshape(-1, WAYS, CELLS, CELLS)
    shifts = rng.choice([-1, 0, 0, 1], (len(cells), 2))
    for n, (down, right) in enumerate(shifts):
        if down or right:
            cells[n] = np.roll(cells[n], (down, right), axis=(1, 2))
    for n in np.flatnonzero(rng.random(len(cells)) < _COVERED):
        y, x, h, w = (int(v) for v in rng.integers((0, 0, 2, 2), (CELLS - 2, CELLS - 2, 6, 6)))
        cells[n, :, y : y + h, x : x + w] = 0
    flat = cells.reshape(-1, INPUTS)
    level = rng.uniform(0, 0.12, (len(flat), 1)).astype(np.float32)
    return torch.from_numpy(np.maximum(flat + level * rng.standard_normal(flat.shape, np.float32), 0))
