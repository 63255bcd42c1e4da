"""The figures of a stratum from its photos' scores, with intervals by bootstrap over photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vision.evaluate.score import Score

# (what counts, out of what) of one photo for each figure; None where the photo does not count.
Share = tuple[float, float] | None
FIGURES: dict[str, Callable[[Score], Share]] = {
    "found": lambda s: _flag(s.found),
    "words": lambda s: (s.reading.words_right, s.reading.words),
    "characters": lambda s: (s.reading.characters, 1.0),
    "exact": lambda s: (float(s.reading.exact), 1.0),
    "symbols": lambda s: (s.reading.symbols_right, s.reading.symbols),
    "code@1": lambda s: _flag(s.code_first),
    "code@5": lambda s: _flag(s.code_five),
    "country@1": lambda s: _flag(s.country_first),
    "year": lambda s: _flag(s.year),
    "coverage": lambda s: _flag(s.covered),
}
ROUNDS, SEED = 1000, 20
BINS = 10


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one stratum in percent, None where nothing counts; each with its 95% interval by bootstrap."""

    stratum: str
    photos: int
    figures: dict[str, float | None]
    intervals: dict[str, tuple[float, float] | None]
    ece: float | None
    sure_wrong: int
    abstained: int
    answered: int
    stated_wrongly: int
    without_mark: int


def _flag(value: bool | None) -> Share:
    return None if value is None else (float(value), 1.0)


def table(scores: Sequence[Score], figure: str) -> np.ndarray:
    """(photos, 2): what counts of each photo and out of what, 0 of 0 where it does not count."""
    shares = [FIGURES[figure](score) or (0.0, 0.0) for score in scores]
    return np.array(shares, np.float64).reshape(-1, 2)


def percent(counts: np.ndarray) -> float | None:
    """A table's share in percent."""
    right, of = counts.sum(axis=0)
    return float(100 * right / of) if of else None


def interval(counts: np.ndarray) -> tuple[float, float] | None:
    """The middle 95% of what the share would be with other photos of the kind."""
    if counts[:, 1].sum() == 0:
        return None
    rng = np.random.default_rng(SEED)
    drawn = counts[rng.integers(len(counts), size=(ROUNDS, len(counts)))].sum(axis=1)
    shares = 100 * drawn[:, 0] / np.maximum(drawn[:, 1], 1e-9)
    low, high = np.quantile(shares[drawn[:, 1] > 0], (0.025, 0.975))
    return float(low), float(high)


def by_stratum(scores: Iterable[Score], least: int = 1) -> dict[str, list[Score]]:
    """The scores of each stratum with at least so many photos, in the order strata first occur, "all" first."""
    found: dict[str, list[Score]] = {"all": []}
    for score in scores:
        for name in score.photo.strata:
            found.setdefault(name, []).append(score)
    return {name: group for name, group in found.items() if len(group) >= least}


def summaries(scores: Sequence[Score], least: int = 1) -> list[Summary]:
    """One summary a stratum."""
    return [summary(name, group) for name, group in by_stratum(scores, least).items()]


def summary(name: str, scores: Sequence[Score]) -> Summary:
    """The figures of one stratum."""
    marked = [s for s in scores if s.photo.kind != "none"]
    tables = {figure: table(marked, figure) for figure in FIGURES}
    return Summary(
        name,
        len(marked),
        {figure: percent(counts) for figure, counts in tables.items()},
        {figure: interval(counts) for figure, counts in tables.items()},
        calibration_error(marked),
        sum(s.sure_wrong for s in marked),
        sum(s.abstained for s in marked),
        sum(s.answered for s in marked),
        sum(s.stated_wrongly for s in scores),
        len(scores) - len(marked),
    )


def reliability(scores: Iterable[Score]) -> list[tuple[float, float, int]]:
    """(mean probability, share right, photos) of each tenth of probability that has any."""
    known = [(s.probability, bool(s.code_first)) for s in scores if s.probability is not None]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for probability, right in known:
        bins.setdefault(min(BINS - 1, int(probability * BINS)), []).append((probability, right))
    return [(sum(p for p, _ in b) / len(b), sum(r for _, r in b) / len(b), len(b)) for _, b in sorted(bins.items())]


def calibration_error(scores: Iterable[Score]) -> float | None:
    """The expected calibration error of the first candidate's probability over ten bins, in percent."""
    dots = reliability(scores)
    count = sum(n for _, _, n in dots)
    return 100 * sum(abs(p - right) * n for p, right, n in dots) / count if count else None


def confusions(scores: Iterable[Score], most: int = 25) -> list[tuple[str, str, int]]:
    """The commonest (struck, read, times); "" stands for nothing."""
    pairs = Counter(pair for score in scores for pair in score.reading.confusions)
    return [(true, read, n) for (true, read), n in sorted(pairs.items(), key=lambda one: (-one[1], one[0]))[:most]]
