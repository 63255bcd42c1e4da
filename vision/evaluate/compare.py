"""Two models on the same photos: paired differences with intervals, and whether the new one may replace the old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vision.errors import UsageError
from vision.evaluate.score import Score
from vision.evaluate.summary import ROUNDS, SEED, by_stratum, percent, table

# What is guarded, and how many points may be lost before a stratum counts as worse.
GUARDED = ("found", "words", "characters", "code@5", "country@1")
TOLERANCE = 1.0
# Strata with fewer photos say nothing: one photo would be more than the tolerance by far.
LEAST_PHOTOS = 8
# Only these kinds of strata are guarded: makers and codes are too many, one would always be worse by chance.
GUARDED_STRATA = ("all", "stratum:", "quality:", "script:", "metal:", "head:", "wear:", "kind:")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of one stratum: the old and new share in percent, new less old with its 95% interval, and whether that
    counts as worse."""

    stratum: str
    figure: str
    photos: int
    old: float
    new: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        return self.new - self.old

    @property
    def worse(self) -> bool:
        """Lost more than the tolerance."""
        return self.difference < -TOLERANCE

    def __str__(self) -> str:
        change = f"{self.difference:+.1f} ({self.low:+.1f} to {self.high:+.1f})"
        return f"{self.stratum}, {self.figure}: {self.old:.1f} -> {self.new:.1f}, {change}, {self.photos} photos"


def compare(old: Sequence[Score], new: Sequence[Score]) -> list[Comparison]:
    """Every guarded figure of every guarded stratum. Raises UsageError where the photos are not the same."""
    if [s.photo.file for s in old] != [s.photo.file for s in new]:
        raise UsageError("Two models can only be compared on the same labelled photos.")
    groups_old, groups_new = by_stratum(old, LEAST_PHOTOS), by_stratum(new, LEAST_PHOTOS)
    found = []
    for name, group in groups_old.items():
        if name.startswith(GUARDED_STRATA):
            found += [c for figure in GUARDED if (c := _compared(name, figure, group, groups_new[name])) is not None]
            found += [c for c in [_stated(name, group, groups_new[name])] if c is not None]
    return found


def _compared(name: str, figure: str, old: Sequence[Score], new: Sequence[Score]) -> Comparison | None:
    pairs = [(a, b) for a, b in zip(old, new, strict=True) if a.photo.kind != "none"]
    before, after = table([a for a, _ in pairs], figure), table([b for _, b in pairs], figure)
    counts = int((before[:, 1] > 0).sum())
    first, second = percent(before), percent(after)
    if first is None or second is None or counts < LEAST_PHOTOS:
        return None
    low, high = _interval(before, after)
    return Comparison(name, figure, counts, first, second, low, high)


def _stated(name: str, old: Sequence[Score], new: Sequence[Score]) -> Comparison | None:
    """Photos without a mark for which nothing was stated: the share must not fall."""
    pairs = [(a, b) for a, b in zip(old, new, strict=True) if a.photo.kind == "none"]
    if len(pairs) < LEAST_PHOTOS:
        return None
    before, after = (np.array([(float(not p[i].stated_wrongly), 1.0) for p in pairs]) for i in (0, 1))
    low, high = _interval(before, after)
    first, second = percent(before) or 0.0, percent(after) or 0.0
    return Comparison(name, "nothing stated", len(pairs), first, second, low, high)


def _interval(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Of the paired difference: the same photos are drawn for both."""
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(len(before), size=(ROUNDS, len(before)))
    shares = [t[drawn].sum(axis=1) for t in (before, after)]
    differences = [s[:, 0] / np.maximum(s[:, 1], 1e-9) for s in shares]
    low, high = np.quantile(100 * (differences[1] - differences[0]), (0.025, 0.975))
    return float(low), float(high)
