"""Batches drawn from the edges of all pictures: look-alikes and families together, each picture spoilt a little."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from torch import Tensor

from vision.training.symbols.drawing import SymbolRow
from vision.training.symbols.examples import EDGE_STEPS, MEMBERS, Edges, Kept
from vision.training.symbols.loss import Batch
from vision.training.symbols.net import CELLS

# Symbols, families of invented ones, members of each, pictures a symbol, pictures of nothing and badly framed ones.
KNOWN, FAMILIES, OF_FAMILY, SEEN, NOTHING, MISSED = 24, 5, 3, 2, 16, 8
_COVERED = 0.1  # share of pictures of which a corner or a middle piece is lost
_BENT, _MOVED = 0.035, 0.8  # how much a picture is turned and stretched, and by how many cells it is moved: deviations
_NOISE = 0.1  # most of it, in edges


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


def _some(pictures: Kept, count: int, rng: np.random.Generator) -> Kept:
    return np.asarray(pictures[rng.integers(0, len(pictures), count)])


def spoilt(edges: Kept, rng: np.random.Generator) -> Tensor:
    """Edges as kept (N, WAYS, CELLS, CELLS) as floats: the picture moved, turned, stretched and sheared a little, some
    of it covered, some noise."""
    cells = edges.astype(np.float32).transpose(0, 2, 3, 1) * np.float32(1 / EDGE_STEPS)
    count, middle = len(cells), (CELLS - 1) / 2
    turns = np.eye(2) + rng.normal(0, _BENT, (count, 2, 2)) + rng.normal(0, _BENT, (count, 1, 1)) * np.eye(2)
    shifts = rng.normal(0, _MOVED, (count, 2))
    for n, (turn, shift) in enumerate(zip(turns, shifts, strict=True)):
        matrix = np.column_stack([turn, middle - turn @ (middle, middle) + shift])
        cells[n] = cv2.warpAffine(cells[n], matrix, (CELLS, CELLS))
    for covered in np.flatnonzero(rng.random(count) < _COVERED).tolist():
        y, x, high, wide = rng.integers((0, 0, 4, 4), (CELLS - 4, CELLS - 4, 12, 12)).tolist()
        cells[covered, y : y + high, x : x + wide] = 0
    level = rng.uniform(0, _NOISE, (count, 1, 1, 1)).astype(np.float32)
    noise = rng.standard_normal((1, *cells.shape[1:]), np.float32)
    return torch.from_numpy(np.maximum(cells + level * noise, 0)).permute(0, 3, 1, 2)
