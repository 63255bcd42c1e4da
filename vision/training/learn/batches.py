"""Batches by the number of their step: the same step gives the same batch, whoever makes it and after any restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
from torch.utils.data import DataLoader, Dataset

from vision.training.learn.marks import Struck
from vision.training.stamped.examples import Example, examples
from vision.training.stamped.loss import Batch, batch_of

# Strips from here on are only measured on.
HELD_OUT = 90_000_000
WINDOWS_A_STRIP = 4
# Of a batch, this share are windows of labelled photos where there are any.
REAL_SHARE = 0.25
# Of the strips, those whose mark is printed, not struck, and those with lines from pocket to rim: photos of known marks
# are read as print is as much as as struck metal, and what is new must not be seen in them.
PRINTED, SPOKES = 0.25, 0.12


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained on: rendered marks and windows of photos, windows a step, and the seed all follows from."""

    struck: Struck
    labels: tuple[str, ...]
    windows: int
    seed: int
    real: tuple[Example, ...] = ()

    def batch(self, number: int) -> Batch:
        """The number-th batch."""
        photos = round(self.windows * REAL_SHARE) if self.real else 0
        strips = max(1, (self.windows - photos) // WINDOWS_A_STRIP)
        found = [self.real[(number * photos + i) % len(self.real)] for i in range(photos)]
        for k in range(strips):
            seed = self.seed * 100_000_000 + number * strips + k
            mark = self.struck.mark(seed)
            found += examples(seed, self.labels, mark, WINDOWS_A_STRIP, printed=PRINTED, spokes=SPOKES)
        return batch_of(found)


class Batches(Dataset[Batch]):
    """A plan's batches for one of so many processes that share the work."""

    def __init__(self, plan: Plan, rank: int, ranks: int) -> None:
        self._plan, self._rank, self._ranks = plan, rank, ranks

    def __getitem__(self, step: int) -> Batch:
        cv2.setNumThreads(1)
        return self._plan.batch(step * self._ranks + self._rank)


def loader(plan: Plan, steps: Sequence[int], rank: int, ranks: int, workers: int) -> DataLoader[Batch]:
    """The batches of some steps, rendered by so many processes beside the one that trains (0: by itself)."""
    ahead: dict[str, Any] = {"prefetch_factor": 4, "multiprocessing_context": "spawn"} if workers else {}
    return DataLoader(Batches(plan, rank, ranks), batch_size=None, sampler=list(steps), num_workers=workers, **ahead)


def held_out(
    plan: Plan, strips: int, *, known: bool, first: int = HELD_OUT, printed: float = 0.0
) -> list[Example]:  # fmt: skip
    """Windows never trained on, of strips with seeds from first (even) on: of the set's marks, or of those known
    before; this share of them printed, not struck."""
    seeds = range(first + known, first + known + 2 * strips, 2)
    return [e for s in seeds for e in examples(s, plan.labels, plan.struck.mark(s), 2, printed=printed)]


def known_only(some: Sequence[Example], known: int) -> list[Example]:
    """The same windows, asked only about the first so many labels."""
    return [Example(e.gray, tuple(s for s in e.stands if s.label < known)) for e in some]
