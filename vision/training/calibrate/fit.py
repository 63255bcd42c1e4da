"""Fitting a calibration to examples by log-loss, and the bars of its sets.

The truth of an example is its pattern where that is among the candidates; else it is "unknown", which is what
unknown_probability claims: that no candidate is right. Makers and states likewise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from vision.attribute import LEAST_LISTED, MOST_LISTED, UNKNOWN, maker_of, weigh
from vision.calibration import Bars, Calibration, lowest_bar, stating_bar
from vision.catalogue.schema import MarkingSet, Pattern
from vision.match.codes import Code
from vision.training.calibrate.examples import Example

Values = npt.NDArray[np.float64]
LEVELS = ("pattern", "maker", "state")
RISKS = (0.05, 0.1, 0.2)
STRATA = 3
# Where the search for the least log-loss starts, how far it steps first, and when it has come close enough.
START = (0.0, 0.0, 0.0, 0.0, -3.0)
FIRST_STEP, LAST_STEP = 0.64, 0.02
# Slopes and the missed share need a reason to be there: nats of log-loss (mean) for their squares.
RELUCTANCE = (0.0, 0.01, 0.0, 0.002, 0.0)
# No single example may cost more than this says.
FLOOR = 1e-4
ABSENT = -1e9


@dataclass(frozen=True, slots=True)
class Weighed:
    """An example as a calibration sees it.

    scores: log-scores, the explanation without a pattern first; legible: of the mark; head: the head's score; nodes: of
    every pattern its (pattern, maker, state); truth: the same of what is true, UNKNOWN where it is none of them.
    """

    example: Example
    scores: Values
    legible: float
    head: float
    nodes: tuple[tuple[str, str, str], ...]
    truth: tuple[str, str, str]


def weighed(examples: Sequence[Example], markings: MarkingSet, this_year: int) -> list[Weighed]:
    """The examples that a calibration says anything about: those in which some character was read."""
    found = []
    for one in examples:
        scored, nothing, legible = weigh(one.explanations, markings, this_year=this_year)
        if legible <= 0.0:
            continue
        nodes = tuple(_nodes(s.pattern) for s in scored)
        truth = _nodes(markings.by_id[one.truth]) if one.truth else (UNKNOWN,) * 3
        scores = np.array([nothing, *(s.score for s in scored)])
        found.append(Weighed(one, scores, legible, one.head_score, nodes, (truth[0], truth[1], truth[2])))
    return found


def _nodes(pattern: Pattern) -> tuple[str, str, str]:
    """A pattern's place in the tree; rows that spell one mark of one plant twice are one, as in matching."""
    return Code(pattern, pattern.code).origin, maker_of(pattern), pattern.country


def fit(marks: Sequence[Weighed]) -> Calibration:
    """The calibration of the least mean log-loss of the truth over marks, its bars included."""
    legible = np.array([m.legible for m in marks])
    usual = (float(legible.mean()), max(1e-3, float(legible.std())))
    table = _table(marks)
    right = np.zeros(table.shape, bool)
    for row, mark in zip(right, marks, strict=True):
        own = [n for n, node in enumerate(mark.nodes, start=1) if node[0] == mark.truth[0]]
        row[own or [0]] = True

    def loss(values: Sequence[float]) -> float:
        shares = _shares(_calibration(usual, values), marks, table)
        losses = -np.log(np.maximum((shares * right).sum(axis=1), FLOOR))
        return float(losses.mean()) + sum(r * v * v for r, v in zip(RELUCTANCE, values, strict=True))

    plain = _calibration(usual, _least(loss, START))
    edges = np.quantile(legible, [n / STRATA for n in range(1, STRATA)])
    return with_bars(replace(plain, strata=tuple(round(float(e), 3) for e in edges), bars={}, stated={}), marks)


def _calibration(usual: tuple[float, float], values: Sequence[float]) -> Calibration:
    temperature, warmer, outside, further, missed = (round(float(v), 4) for v in values)
    share = round(1.0 / (1.0 + math.exp(-missed)), 4)
    rounded = (round(usual[0], 3), round(usual[1], 3))
    return Calibration(rounded, (temperature, warmer), (outside, further), share)


def _least(loss: Callable[[Sequence[float]], float], start: Sequence[float]) -> list[float]:
    """Where loss is least, by trying each value a step up and down and halving the step when nothing helps."""
    best, step = list(start), FIRST_STEP
    lowest = loss(best)
    while step > LAST_STEP:
        before = lowest
        for n in range(len(best)):
            for way in (step, -step):
                tried = [*best[:n], best[n] + way, *best[n + 1 :]]
                if (found := loss(tried)) < lowest - 1e-6:
                    best, lowest = tried, found
                    break
        if lowest == before:
            step /= 2.0
    return best


def _table(marks: Sequence[Weighed]) -> Values:
    """(marks, explanations): log-scores, ABSENT where a mark has fewer."""
    table = np.full((len(marks), max(len(m.scores) for m in marks)), ABSENT)
    for row, mark in zip(table, marks, strict=True):
        row[: len(mark.scores)] = mark.scores
    return table


def _shares(calibration: Calibration, marks: Sequence[Weighed], table: Values) -> Values:
    """(marks, explanations): what Calibration.shares and the heads' scores make of the table, the first column being
    what is left to nothing."""
    far = np.array([calibration.standing(m.legible) for m in marks])
    scores = table.copy()
    scores[:, 0] += calibration.outside[0] + calibration.outside[1] * far
    scores /= np.exp(calibration.temperature[0] + calibration.temperature[1] * far)[:, None]
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares *= ((1.0 - calibration.missed) * np.array([m.head for m in marks]) / shares.sum(axis=1))[:, None]
    shares[:, 0] += 1.0 - shares.sum(axis=1)
    return np.asarray(shares)


def listed(calibration: Calibration, mark: Weighed) -> list[dict[str, float]]:
    """By level, the probability of every node that attribution lists, and of UNKNOWN."""
    shares = calibration.shares(list(mark.scores[1:]), float(mark.scores[0]), mark.legible)
    ranked = sorted(((mark.head * p, n) for n, p in enumerate(shares)), key=lambda ranked: (-ranked[0], ranked[1]))
    kept = [(p, mark.nodes[n]) for p, n in ranked if p >= LEAST_LISTED][:MOST_LISTED]
    unknown = max(0.0, 1.0 - sum(p for p, _ in kept))
    levels: list[dict[str, float]] = []
    for level in range(len(LEVELS)):
        sums: dict[str, float] = {}
        for p, nodes in kept:
            sums[nodes[level]] = sums.get(nodes[level], 0.0) + p
        levels.append({**sums, UNKNOWN: unknown})
    return levels


def of_truth(levels: Sequence[dict[str, float]], mark: Weighed) -> tuple[float, ...]:
    """By level, the probability that was given to what is true: UNKNOWN's where the true node is not listed."""
    return tuple(known.get(true, known[UNKNOWN]) for known, true in zip(levels, mark.truth, strict=True))


def with_bars(calibration: Calibration, marks: Sequence[Weighed]) -> Calibration:
    """The calibration with the bars that marks give its strata at every one of RISKS."""
    truths: list[list[tuple[float, ...]]] = [[] for _ in range(len(calibration.strata) + 1)]
    firsts: list[list[list[tuple[float, bool]]]] = [[] for _ in truths]
    for mark in marks:
        levels, stratum = listed(calibration, mark), calibration.stratum(mark.legible)
        truths[stratum].append(of_truth(levels, mark))
        firsts[stratum].append(first_nodes(levels, mark))
    every = range(len(LEVELS))
    bars = {
        r: tuple(Bars(*(_down(lowest_bar([t[n] for t in rows], r)) for n in every)) for rows in truths) for r in RISKS
    }
    stated = {
        r: tuple(Bars(*(_down(stating_bar([f[n] for f in rows], r)) for n in every)) for rows in firsts) for r in RISKS
    }
    return replace(calibration, bars=bars, stated=stated)


def first_nodes(levels: Sequence[dict[str, float]], mark: Weighed) -> list[tuple[float, bool]]:
    """By level, the likeliest node's probability and whether it is the true one (0 and False without candidates)."""
    found = []
    for known, true in zip(levels, mark.truth, strict=True):
        named = {node: p for node, p in known.items() if node != UNKNOWN}
        first = max(named, key=lambda node: named[node], default=UNKNOWN)
        found.append((named.get(first, 0.0), first == true and first in named))
    return found


def _down(bar: float) -> float:
    """Four decimals, never upwards: what gave the bar still reaches it."""
    return math.floor(bar * 1e4) / 1e4
