"""How many of some marks are of a kind, when each is only probably so: an interval that carries the readings' doubt.

The number of successes of independent trials with unequal probabilities is Poisson-binomial. Its first three moments
are sums over the trials, so that a database can add them up; the quantiles come from them by the refined normal
approximation (Volkova 1996, Theory of Probability and its Applications 40, 791): the normal distribution with a
correction for skew, taken half a unit further because counts are whole.

What the interval does not carry: readings that are wrong in the same way together, a marking set that lacks a marking,
and that the photos of an archive are no sample of anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

COVERAGE = 0.95


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over trials: their number, and those of p, p squared and p cubed."""

    count: int
    p1: float
    p2: float
    p3: float

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.count + other.count, self.p1 + other.p1, self.p2 + other.p2, self.p3 + other.p3)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number that is expected, and the whole numbers that it lies between with at least COVERAGE probability."""

    expected: float
    low: int
    high: int


def sums(probabilities: list[float]) -> Sums:
    """The sums of some probabilities.

    >>> sums([0.5, 1.0])
    Sums(count=2, p1=1.5, p2=1.25, p3=1.125)
    """
    return Sums(len(probabilities), *(math.fsum(p**power for p in probabilities) for power in (1, 2, 3)))


def estimate(trials: Sums, coverage: float = COVERAGE) -> Estimate:
    """How many of the trials succeed.

    >>> estimate(sums([1.0] * 7))
    Estimate(expected=7.0, low=7, high=7)
    """
    mean = trials.p1
    variance = max(trials.p1 - trials.p2, 0.0)
    if variance < 1e-9:
        return Estimate(mean, round(mean), round(mean))
    deviation = math.sqrt(variance)
    skew = (trials.p1 - 3.0 * trials.p2 + 2.0 * trials.p3) / deviation**3
    tail = (1.0 - coverage) / 2.0
    low = _quantile(tail, mean, deviation, skew, trials.count)
    high = _quantile(1.0 - tail, mean, deviation, skew, trials.count)
    return Estimate(mean, low, high)


def _quantile(share: float, mean: float, deviation: float, skew: float, count: int) -> int:
    """The smallest number that is not exceeded with at least the probability given, by bisection."""
    low, high = max(-1, math.floor(mean - 10.0 * deviation) - 2), min(count, math.ceil(mean + 10.0 * deviation) + 2)
    while high - low > 1:
        middle = (low + high) // 2
        if _not_exceeded(middle, mean, deviation, skew) >= share:
            high = middle
        else:
            low = middle
    return high


def _not_exceeded(number: int, mean: float, deviation: float, skew: float) -> float:
    x = (number + 0.5 - mean) / deviation
    density = math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    return 0.5 * math.erfc(-x / math.sqrt(2.0)) + skew * (1.0 - x * x) * density / 6.0
