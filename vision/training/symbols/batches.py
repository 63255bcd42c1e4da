"""Batches drawn from a bank of pictures: look-alikes and families together, each picture spoilt a little more."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from torch import Tensor

from vision.training.symbols.drawing import SymbolRow
from vision.training.symbols.examples import MEMBERS, Bank, Pictures
from vision.training.symbols.loss import Batch

# Symbols, families of invented ones, pictures a symbol, pictures of nothing and of symbols that are badly framed.
KNOWN, FAMILIES, SEEN, NOTHING, MISSED = 20, 5, 2, 10, 7
_OF_FAMILY = 3


def next_batch(bank: Bank, rows: Sequence[SymbolRow], kept: Sequence[int], rng: np.random.Generator) -> Batch:
    """A batch of symbols of the marking set, of which only those with an index in kept are looked at, and others."""
    known = _with_look_alikes(rows, kept, rng)
    families = rng.choice(len(bank.invented) // MEMBERS, FAMILIES, replace=False)
    others = [f * MEMBERS + m for f in families for m in rng.choice(MEMBERS, _OF_FAMILY, replace=False)]
    drawings = [_one(bank.learnt_drawings, i, rng) for i in known] + [
        _one(bank.invented_drawings, i, rng) for i in others
    ]
    seen = [_one(bank.learnt, i, rng) for i in known for _ in range(SEEN)]
    seen += [_one(bank.invented, i, rng) for i in others for _ in range(SEEN)]
    seen += [bank.bare[int(rng.integers(len(bank.bare)))] for _ in range(NOTHING)]
    seen += [misframed(seen[int(n)], rng) for n in rng.integers(0, SEEN * len(drawings), MISSED)]
    symbol = np.concatenate([np.repeat(np.arange(len(drawings)), SEEN), np.full(NOTHING + MISSED, -1)])
    column = {index: n for n, index in enumerate(kept)}
    of_known = np.array([column[i] for i in known] + [-1] * len(others))
    return Batch(
        spoilt(np.stack(drawings), rng, gently=True), spoilt(np.stack(seen), rng),
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


def _one(pictures: Pictures, index: int, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(pictures[index, int(rng.integers(pictures.shape[1]))])


def misframed(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture (H, W, 3) cut so that it shows a part of its symbol only, beside the middle or too near."""
    side = picture.shape[0]
    zoom = float(rng.choice([rng.uniform(0.8, 1.3), rng.uniform(1.9, 3.0)]))
    way = rng.uniform(0, 2 * np.pi)
    off = float(rng.uniform(0.38, 0.6) if zoom < 1.5 else rng.uniform(0, 0.2)) * side
    middle = (side - 1) / 2
    x, y = middle + off * np.cos(way), middle + off * np.sin(way)
    matrix = np.array([[zoom, 0, middle - zoom * x], [0, zoom, middle - zoom * y]], np.float32)
    return np.asarray(cv2.warpAffine(picture, matrix, (side, side), borderMode=cv2.BORDER_REFLECT), np.uint8)


def spoilt(pictures: np.ndarray, rng: np.random.Generator, *, gently: bool = False) -> Tensor:
    """Pictures (N, H, W, 3) uint8 as (N, 3, H, W) floats: moved, in other colours, negative, noisy, partly covered."""
    out = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float()
    count, _, height, width = out.shape
    for n in range(count):
        shift = tuple(int(v) for v in rng.integers(-2, 3, 2))
        out[n] = torch.roll(out[n], shift, (1, 2))[torch.from_numpy(rng.permutation(3))]
        if not gently and rng.random() < 0.12:
            y, x, h, w = (int(v) for v in rng.integers((0, 0, 5, 5), (height - 5, width - 5, 17, 17)))
            out[n, :, y : y + h, x : x + w] = out[n].mean()
    grey = torch.from_numpy((rng.random((count, 1, 1, 1)) < 0.4).astype(np.float32))
    out = out * (1 - grey) + out.mean(dim=1, keepdim=True) * grey
    negative = torch.from_numpy((rng.random((count, 1, 1, 1)) < (0.5 if gently else 0.1)).astype(np.float32))
    out = out * (1 - negative) + (255 - out) * negative
    if not gently:
        power = torch.from_numpy(np.exp(rng.normal(0, 0.3, (count, 1, 1, 1))).astype(np.float32))
        out = 255 * (out.clamp(0, 255) / 255) ** power
    level = torch.from_numpy(rng.exponential(4, (count, 1, 1, 1)).astype(np.float32))
    noisy = out + level * torch.from_numpy(rng.standard_normal((1, 1, height, width)).astype(np.float32))
    return noisy.contiguous(memory_format=torch.channels_last)
