"""Which way up a head is, and what that says against numbers that read both ways."""

from __future__ import annotations

import pytest
from match.seen import lattice

from vision.match.turning import EITHER_WAY_UP, OVER_HEAD, over_head, turned_over, turns, way_up
from vision.types import Word


def word(text: str, middle: float, *, inwards: bool = False, gain: float = 20.0) -> Word:
    """A word whose middle stands at an angle, its characters 12 degrees apart."""
    angles = [(middle + 12.0 * (i - (len(text) - 1) / 2)) % 360.0 for i in range(len(text))]
    ordered = angles[::-1] if inwards else angles
    return Word(text, inwards, tuple(ordered), gain, 0, tuple(range(len(text))), spotted=False)


def test_numbers_of_digits_that_turn_into_digits_turn() -> None:
    assert all(turns(text) for text in ("68", "1961", "0"))
    assert not any(turns(text) for text in ("82", "A8", "6.8"))


@pytest.mark.parametrize("turn", [0.0, 75.0, 350.0])
def test_a_line_outwards_above_and_one_inwards_below_have_the_way_up_of_both(turn: float) -> None:
    way = way_up([word("9MM", 10.0 + turn), word("RA", (200.0 + turn) % 360.0, inwards=True)])
    assert way is not None
    assert (way - 15.0 - turn + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize(
    "words",
    [
        [word("POF", 0.0), word("308", 180.0)],  # all outwards: the head has no way up
        [word("POF", 0.0), word("WIN", 60.0, inwards=True)],  # outwards and inwards, no one way
        [word("POF", 0.0), word("WIN", 180.0, inwards=True, gain=5.0)],  # hardly seen
        [word("POF", 0.0), word("69", 180.0, inwards=True)],  # reads both ways itself
        [word("POF", 0.0), word("OXO", 180.0, inwards=True)],
        [word("POF", 0.0)],
        [],
    ],
)
def test_words_that_show_no_way_up_show_none(words: list[Word]) -> None:
    assert way_up(words) is None


def test_only_a_number_that_turns_is_held_back_where_it_stands_over_head() -> None:
    assert over_head(word("89", 150.0), 0.0) == OVER_HEAD < 0.0
    assert over_head(word("68", 150.0, inwards=True), 0.0) == 0.0
    assert over_head(word("89", 95.0), 0.0) == 0.0  # at the side: neither up nor over head
    assert over_head(word("82", 150.0), 0.0) == 0.0
    assert over_head(word("89", 150.0), None) == 0.0


def test_a_word_that_reads_both_ways_is_worth_nearly_as_much_the_other_way_up() -> None:
    """61X6 outwards is 9X19 inwards, in the row that looks so, at the same places in the other order."""
    seen = lattice({}, {})
    one = word("61X6", 180.0, gain=27.0)
    first, other = turned_over([one], seen)
    assert first == one
    assert (other.text, other.upside_down, other.gain) == ("9X19", True, 27.0 - EITHER_WAY_UP)
    assert other.angles == one.angles[::-1]
    assert seen.rows[other.row].upside_down
    places = seen.rows[other.row].places
    assert all(abs(float(places[s]) - a) <= 2.25 for s, a in zip(other.steps, other.angles, strict=True))
    (back,) = [w for w in turned_over([other], seen) if w.text == "61X6"]
    assert (back.angles, back.upside_down) == (one.angles, False)


def test_what_is_known_to_be_worth_more_the_other_way_up_stays_and_what_has_one_way_up_too() -> None:
    seen = lattice({}, {})
    both = [word("89", 180.0, gain=12.0), word("68", 182.0, inwards=True, gain=10.0)]
    assert turned_over(both, seen) == both
    plain = [word("82", 180.0, gain=12.0), word("A8", 90.0, gain=11.0), word("6", 0.0, gain=9.0)]
    assert turned_over(plain, seen) == plain
