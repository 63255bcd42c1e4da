"""What a calibration is worth on examples it was not fitted on: log-loss, calibration error, coverage, statements."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vision.attribute import STATED, UNKNOWN
from vision.calibration import Calibration, likely
from vision.training.calibrate.fit import FLOOR, LEVELS, RISKS, Weighed, first_nodes, fit, listed, of_truth

FOLDS = 5
BINS = 10
# As it was before anything was fitted by stratum: one temperature, and what is more likely than not is stated.
BEFORE = Calibration(temperature=(math.log(1.2), 0.0))


@dataclass(frozen=True, slots=True)
class Outcome:
    """One mark judged: its stratum; what the truth got (pattern); the first candidate's probability (None without one)
    and whether it is right; and, by risk, by level: whether the truth's node reaches the bar, whether the set holds the
    truth, how many nodes it has, and the stated level with whether it is right (None: nothing stated)."""

    stratum: int
    truth: float
    first: float | None
    first_right: bool
    reaches: dict[float, tuple[bool, ...]]
    covered: dict[float, tuple[bool, ...]]
    sizes: dict[float, tuple[int, ...]]
    stated: dict[float, bool | None]


def held_out(marks: Sequence[Weighed], fitted: Callable[[Sequence[Weighed]], Calibration] = fit) -> list[Outcome]:
    """Every mark judged by a calibration that was fitted, bars and all, on the other folds; strata are those of all."""
    edges = fitted(marks).strata
    outcomes: list[Outcome] = []
    for fold in range(FOLDS):
        others = [m for m in marks if m.example.seed % FOLDS != fold]
        calibration = fitted(others)
        mine = [m for m in marks if m.example.seed % FOLDS == fold]
        outcomes += [judged(calibration, m, sum(m.legible >= edge for edge in edges)) for m in mine]
    return outcomes


def judged(calibration: Calibration, mark: Weighed, stratum: int) -> Outcome:
    """What a calibration makes of one mark, against what is true."""
    levels = listed(calibration, mark)
    truth = of_truth(levels, mark)
    true = tuple(t if t in known else UNKNOWN for known, t in zip(levels, mark.truth, strict=True))
    first, first_right = first_nodes(levels, mark)[0]
    reaches, covered, sizes, stated = {}, {}, {}, {}
    for risk in calibration.bars:
        fitted, stating = calibration.bars_for(mark.legible, risk)
        bars = (fitted.pattern, fitted.maker, fitted.state)
        sets = [likely(known, bar) for known, bar in zip(levels, bars, strict=True)]
        reaches[risk] = tuple(p >= bar for p, bar in zip(truth, bars, strict=True))
        covered[risk] = tuple(t in held for t, held in zip(true, sets, strict=True))
        sizes[risk] = tuple(len(held) for held in sets)
        stated[risk] = _stated(levels, (stating.pattern, stating.maker, stating.state), mark)
    return Outcome(
        stratum,
        truth[0],
        first or None,
        first_right,
        reaches,
        covered,
        sizes,
        stated,
    )


def _stated(levels: Sequence[dict[str, float]], bars: Sequence[float], mark: Weighed) -> bool | None:
    """Whether the finest level that attribute.decide_level states is right; None where it states nothing."""
    said: bool | None = None
    for (probability, right), bar in reversed(list(zip(first_nodes(levels, mark), bars, strict=True))):
        if probability < max(bar, STATED):
            break
        said = right
    return said


def log_loss(outcomes: Sequence[Outcome]) -> float:
    """Mean log-loss of the truth, nats."""
    return float(np.mean([-math.log(max(o.truth, FLOOR)) for o in outcomes]))


def bins(outcomes: Sequence[Outcome]) -> list[tuple[float, float, int]]:
    """(mean probability of the first candidate, share right, count) of every tenth of probability that has any."""
    sure = [(o.first, o.first_right) for o in outcomes if o.first is not None]
    found = []
    for n in range(BINS):
        inside = [(p, right) for p, right in sure if min(BINS - 1, int(p * BINS)) == n]
        if inside:
            found.append(
                (sum(p for p, _ in inside) / len(inside), sum(r for _, r in inside) / len(inside), len(inside))
            )
    return found


def calibration_error(outcomes: Sequence[Outcome]) -> float:
    """Expected calibration error of the first candidate's probability over ten bins, a share."""
    found = bins(outcomes)
    return sum(abs(p - right) * count for p, right, count in found) / max(1, sum(count for _, _, count in found))


def sure_wrong(outcomes: Sequence[Outcome]) -> int:
    """First candidates of probability 0.9 and more that are wrong."""
    return sum(o.first is not None and o.first >= 0.9 and not o.first_right for o in outcomes)


def strata_of(outcomes: Sequence[Outcome]) -> list[tuple[str, list[Outcome]]]:
    """The outcomes of each stratum by its name, worst read first, and all together."""
    last = max((o.stratum for o in outcomes), default=0)
    names = {0: "hardly legible", last: "clear"}
    parts = [(names.get(n, "worn"), [o for o in outcomes if o.stratum == n]) for n in range(last + 1)]
    return [*((name, part) for name, part in parts if part), ("all", list(outcomes))]


def probability_rows(before: Sequence[Outcome], after: Sequence[Outcome]) -> list[str]:
    """A table of log-loss and calibration error before and after, one line a stratum."""
    rows = [
        "| legibility | marks | log-loss before | after | calibration error before | after | sure, wrong | after |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (name, old), (_, new) in zip(strata_of(before), strata_of(after), strict=True):
        rows.append(
            f"| {name} | {len(new)} | {log_loss(old):.3f} | {log_loss(new):.3f} | {100 * calibration_error(old):.1f} | "
            f"{100 * calibration_error(new):.1f} | {sure_wrong(old)} | {sure_wrong(new)} |"
        )
    return rows


def set_rows(outcomes: Sequence[Outcome]) -> list[str]:
    """A table of what the sets hold and what is stated, one line a risk and stratum.

    "reach the bar" is what is held to 1 - risk; sets are never empty, so they hold the truth a little more often.
    """
    rows = [
        "| risk | legibility | truth reaches the bar % (pattern, maker, state) | truth in the set % | nodes in it | "
        "a level stated % | of these wrong % |",
        "|---|---|---|---|---|---|---|",
    ]
    for risk in RISKS:
        for name, part in strata_of(outcomes):
            said = [o.stated[risk] for o in part if o.stated[risk] is not None]
            wrong = 100 * sum(not right for right in said) / max(1, len(said))
            rows.append(
                f"| {risk:g} | {name} | {_shares([o.reaches[risk] for o in part])} | "
                f"{_shares([o.covered[risk] for o in part])} | {_means([o.sizes[risk] for o in part])} | "
                f"{100 * len(said) / len(part):.1f} | {wrong:.1f} |"
            )
    return rows


def _shares(flags: Sequence[tuple[bool, ...]]) -> str:
    return ", ".join(f"{100 * sum(row[n] for row in flags) / len(flags):.1f}" for n in range(len(LEVELS)))


def _means(counts: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(f"{sum(row[n] for row in counts) / len(counts):.1f}" for n in range(len(LEVELS)))
