"""Which words stand together: the best choice without overlaps on a ring, and what it costs to strike a word."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from vision.match.explain import APART, best_together, evidence, other_cost, spacing_cost
from vision.types import Placed, Word


def a_word(text: str, angles: tuple[float, ...], *, upside_down: bool = False, gain: float = 9.0) -> Word:
    return Word(text, upside_down, angles, gain, 0, tuple(range(len(angles))), False)


def placed(first: float, length: float, value: float, text: str = "XX") -> Placed:
    return Placed(a_word(text, (first % 360.0, (first + length) % 360.0)), "other", value)


def keep_apart(one: Placed, other: Placed) -> bool:
    """Whether two words on the ring keep APART degrees between them on both sides."""
    (a, b), (c, d) = one.word.places(), other.word.places()
    after = (c - a) % 360.0 - (b - a)
    return after >= APART and (a - c) % 360.0 - (d - c) >= APART


def brute(choices: list[Placed]) -> float:
    """The best sum over every subset of words that keep apart."""
    best = 0.0
    for count in range(1, len(choices) + 1):
        for some in itertools.combinations(choices, count):
            if all(keep_apart(x, y) for x, y in itertools.combinations(some, 2)):
                best = max(best, sum(p.value for p in some))
    return best


def random_choices(seed: int, count: int) -> list[Placed]:
    rng = np.random.default_rng(seed)
    return [
        placed(float(rng.uniform(0, 360)), float(rng.uniform(0, 90)), float(rng.uniform(-2, 10))) for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(40))
def test_the_best_choice_is_that_of_trying_them_all(seed: int) -> None:
    """Up to six words: each is tried as the place where the ring is cut, so the choice is exact."""
    choices = random_choices(seed, 6)
    total, chosen = best_together(choices)
    assert total == pytest.approx(brute(choices), abs=1e-5)
    assert total == pytest.approx(sum(p.value for p in chosen), abs=1e-5)
    assert all(keep_apart(x, y) for x, y in itertools.combinations(chosen, 2))


@pytest.mark.parametrize("seed", range(100, 130))
def test_of_many_words_the_choice_is_nearly_the_best_and_never_overlaps(seed: int) -> None:
    choices = random_choices(seed, 11)
    total, chosen = best_together(choices)
    assert brute(choices) * 0.9 <= total <= brute(choices) + 1e-5
    assert all(keep_apart(x, y) for x, y in itertools.combinations(chosen, 2))


@pytest.mark.parametrize("seed", range(200, 230))
def test_with_a_forced_word_the_rest_is_the_best_that_leaves_it_room(seed: int) -> None:
    choices = random_choices(seed, 8)
    forced = placed(float(seed) * 37.0, 40.0, -3.0, "CODE")
    total, chosen = best_together(choices, forced)
    room = [c for c in choices if keep_apart(c, forced)]
    assert forced in chosen
    assert total == pytest.approx(brute(room) - 3.0, abs=1e-5)


def a_year(first: float, value: float) -> Placed:
    return Placed(a_word("43", (first, first + 10.0)), "year", value)


def test_a_head_bears_one_year_at_most() -> None:
    years = [a_year(100.0, 5.0), a_year(200.0, 6.0)]
    other = placed(300.0, 20.0, 2.0)
    total, chosen = best_together([*years, other])
    assert total == pytest.approx(8.0)
    assert [p.word.places()[0] for p in chosen] == [200.0, 300.0]
    assert best_together([*years, other], placed(20.0, 20.0, 1.0))[0] == pytest.approx(9.0)


def test_beside_a_year_the_other_may_be_something_else() -> None:
    twice = [a_year(100.0, 5.0), a_year(200.0, 6.0), Placed(a_year(100.0, 0.0).word, "other", 1.0)]
    assert best_together(twice)[0] == pytest.approx(7.0)


def test_beside_a_forced_year_there_is_no_other() -> None:
    assert best_together([a_year(200.0, 6.0)], a_year(100.0, 1.0))[0] == pytest.approx(1.0)


def test_the_choice_stands_in_clockwise_order() -> None:
    choices = [placed(300.0, 20.0, 3.0), placed(20.0, 20.0, 2.0), placed(120.0, 30.0, 9.0)]
    assert [p.word.places()[0] for p in best_together(choices)[1]] == [20.0, 120.0, 300.0]


def test_words_of_no_worth_are_left_out() -> None:
    assert best_together([placed(10.0, 20.0, -1.0), placed(100.0, 20.0, 0.0)]) == (0.0, ())
    assert best_together([]) == (0.0, ())


def test_neighbours_across_twelve_oclock_keep_apart_too() -> None:
    near = [placed(350.0, 8.0, 5.0), placed(1.0, 20.0, 4.0)]
    assert best_together(near)[0] == 5.0
    far = [placed(330.0, 8.0, 5.0), placed(1.0, 20.0, 4.0)]
    assert best_together(far)[0] == 9.0


def test_a_word_with_tops_inwards_takes_the_room_it_covers() -> None:
    inwards = Placed(a_word("43", (200.0, 170.0), upside_down=True), "year", 5.0)
    assert best_together([inwards, placed(180.0, 5.0, 4.0)])[0] == 5.0
    assert best_together([inwards, placed(230.0, 5.0, 4.0)])[0] == 9.0


def test_longer_and_stranger_words_are_rarer() -> None:
    assert 0.0 > other_cost("4") > other_cost("43") > other_cost("438")
    assert other_cost("4") > other_cost("A") > other_cost("a") > other_cost("*")


def test_evenly_spaced_letters_cost_nothing_and_uneven_ones_do() -> None:
    assert spacing_cost(a_word("188", (10.0, 24.0, 38.0))) == 0.0
    assert spacing_cost(a_word("188", (350.0, 4.0, 18.0))) == 0.0
    assert spacing_cost(a_word("1888", (10.0, 24.0, 38.0, 95.0))) < -1.0
    assert spacing_cost(a_word("A", (10.0,))) == 0.0


def test_spacing_is_the_same_both_ways_up() -> None:
    upright = a_word("ABCD", (10.0, 24.0, 38.0, 95.0))
    inwards = a_word("ABCD", (95.0, 38.0, 24.0, 10.0), upside_down=True)
    assert spacing_cost(inwards) == pytest.approx(spacing_cost(upright))


def test_letters_far_apart_cost_more_the_farther() -> None:
    costs = [spacing_cost(a_word("AEP", (0.0, gap, 2 * gap))) for gap in (30.0, 60.0, 100.0)]
    assert costs[0] == 0.0
    assert costs[0] > costs[1] > costs[2]


def test_evidence_grows_with_the_gain_and_falls_with_bad_spacing() -> None:
    even, uneven = (10.0, 24.0, 38.0, 52.0), (10.0, 24.0, 38.0, 95.0)
    assert evidence(a_word("1888", even, gain=12.0)) > evidence(a_word("1888", even, gain=6.0)) > 0.0
    assert evidence(a_word("1888", even)) > evidence(a_word("1888", uneven))
