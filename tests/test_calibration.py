"""What fitted figures do to log-scores, what sets hold, and that the shipped calibration is one."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

from vision.calibration import (
    FARTHEST,
    NAME,
    NEVER,
    Bars,
    Calibration,
    legibility,
    likely,
    load_calibration,
    lowest_bar,
    save_calibration,
    stating_bar,
)
from vision.errors import KitError, UsageError
from vision.manifest import models_folder
from vision.types import Explanation, Placed, Word

FITTED = Calibration(
    (6.0, 2.0),
    (0.2, -0.1),
    (1.5, -0.3),
    0.02,
    (5.0, 7.0),
    {0.1: (Bars(0.1, 0.2, 0.3), Bars(0.2, 0.3, 0.4), Bars(0.4, 0.5, 0.6)), 0.2: (Bars(0.5, 0.5, 0.5),) * 3},
    {0.1: (Bars(0.9, 0.8, 0.7),) * 3, 0.2: (Bars(0.5, 0.5, 0.5),) * 3},
)


def test_a_calibration_is_read_as_it_was_written(tmp_path: Path) -> None:
    save_calibration(FITTED, tmp_path)
    assert load_calibration(tmp_path) == FITTED


def test_the_shipped_calibration_has_bars_for_the_usual_risk() -> None:
    shipped = load_calibration(models_folder())
    for legible in (0.5, shipped.usual[0], 12.0):
        of_sets, stated = shipped.bars_for(legible)
        assert 0.0 <= of_sets.pattern <= 1.0
        assert stated.pattern >= 0.5


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "[]",
        json.dumps({"schema": "marktrace-calibration/1"}),
        json.dumps({"schema": "another/1"}),
    ],
)
def test_what_is_no_calibration_is_refused(broken: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(broken, "utf-8")
    with pytest.raises(KitError, match=NAME):
        load_calibration(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"usual": (6.0, 0.0)},
        {"missed": 1.0},
        {"strata": (7.0, 5.0)},
        {"strata": (5.0,)},
        {"stated": {0.2: (Bars(0.5, 0.5, 0.5),)}},
    ],
)
def test_figures_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"spread|share|strata|risks"):
        Calibration(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("legible", "stratum"), [(0.0, 0), (4.99, 0), (5.0, 1), (6.99, 1), (7.0, 2), (20.0, 2)])
def test_a_stratum_begins_at_its_edge(legible: float, stratum: int) -> None:
    assert FITTED.stratum(legible) == stratum
    assert FITTED.bars_for(legible, 0.1)[0] == FITTED.bars[0.1][stratum]


def test_bars_are_there_for_fitted_risks_only() -> None:
    with pytest.raises(UsageError, match=r"risk of 0.01: choose from 0.1, 0.2"):
        FITTED.bars_for(6.0, 0.01)


@pytest.mark.parametrize(("legible", "far"), [(6.0, 0.0), (8.0, 1.0), (5.0, -0.5), (99.0, FARTHEST), (-9.0, -FARTHEST)])
def test_shares_are_a_softmax_at_the_temperature_of_the_legibility(legible: float, far: float) -> None:
    shares = FITTED.shares([3.0, 1.0], 2.0, legible)
    temperature = math.exp(0.2 - 0.1 * far)
    weights = [math.exp(s / temperature) for s in (3.0, 1.0, 2.0 + 1.5 - 0.3 * far)]
    assert shares == pytest.approx([0.98 * w / sum(weights) for w in weights[:2]])


def test_worse_reading_widens_the_answer() -> None:
    worse, better = (FITTED.shares([9.0, 6.0], 2.0, legible) for legible in (4.0, 8.0))
    assert worse[0] < better[0]
    assert 1.0 - sum(worse) > 1.0 - sum(better)


def test_huge_log_scores_do_not_overflow() -> None:
    assert Calibration().shares([5000.0, -5000.0], 0.0, 7.0) == [1.0, 0.0]
    assert Calibration().shares([], 0.0, 7.0) == []


def test_legibility_is_the_mean_gain_of_a_character() -> None:
    words = [("<star>", 1, 3.0), ("188", 3, 9.0)]
    placed = tuple(
        Placed(Word(text, False, (0.0,) * n, gain, 0, (0,) * n, spotted=True), "other", 1.0) for text, n, gain in words
    )
    assert legibility(Explanation(None, placed, 0.0)) == pytest.approx(3.0)
    assert legibility(Explanation(None, (), 0.0)) == 0.0


def test_a_set_is_what_reaches_the_bar_and_never_empty() -> None:
    known = {"b": 0.3, "a": 0.3, "c": 0.25, "d": 0.15}
    assert likely(known, 0.25) == ("a", "b", "c")
    assert likely(known, 0.9) == ("a",)
    assert likely(known, 0.0) == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("count", "risk", "place"), [(9, 0.1, 1), (8, 0.1, 0), (19, 0.1, 2), (99, 0.05, 5), (4, 0.2, 1)]
)
def test_the_bar_is_the_quantile_that_leaves_the_next_mark_its_chance(count: int, risk: float, place: int) -> None:
    truths = [(n + 1) / 100 for n in range(count)]
    random.Random(0).shuffle(truths)
    assert lowest_bar(truths, risk) == (place / 100)


@pytest.mark.parametrize("risk", [0.05, 0.1, 0.2])
def test_new_marks_of_the_same_kind_are_covered_as_promised(risk: float) -> None:
    rng = random.Random(5)
    reached = []
    for _ in range(400):
        bar = lowest_bar([rng.betavariate(5, 2) for _ in range(100)], risk)
        reached += [rng.betavariate(5, 2) >= bar for _ in range(50)]
    assert 1.0 - risk - 0.01 <= sum(reached) / len(reached) <= 1.0 - risk + 0.02


def test_what_may_be_stated_is_wrong_no_oftener_than_the_risk() -> None:
    sure = [(0.9 - n / 1000, True) for n in range(29)]
    assert stating_bar([*sure, (0.6, False)], 0.1) == 0.5  # 3 of 31, with the next one and a deviation counted
    assert stating_bar([*sure, (0.6, False), (0.55, False)], 0.1) == 0.6  # 4.4 of 32
    assert stating_bar([*sure, (0.4, False), (0.3, False), (0.2, False)], 0.1) == 0.5  # never stated anyhow
    assert stating_bar(sure[:8], 0.1) == NEVER  # too few to say
    assert stating_bar([], 0.1) == NEVER
    assert stating_bar([(0.9, True), (0.9, False)] * 20, 0.1) == NEVER
