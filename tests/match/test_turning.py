"""Which way up a head is, and what that says against numbers that read both ways."""

from __future__ import annotations

import pytest

from vision.match.turning import OVER_HEAD, over_head, turns, way_up
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
