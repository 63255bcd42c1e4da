"""What the letters round a word say against it: its neighbours left unread, and letters where there is no room."""

from __future__ import annotations

import pytest
from match.seen import ALPHABET, PITCH, lattice, word

from vision.catalogue import load_marking_set
from vision.match import Model, explain
from vision.match.beside import BETWEEN_SHARE, CRAMMED_COST, DIRT_GAIN, UNREAD, Beside
from vision.match.sight import Sight
from vision.types import Lattice, Word

FIRST = 20
# What a letter costs that is left unread although the reader is as sure of it as lattices made by hand are.
CLEAR = UNREAD * (6.75 - DIRT_GAIN)


@pytest.fixture(scope="module")
def shipped() -> Model:
    """The marking set that comes with marktrace."""
    return Model(load_marking_set(), ALPHABET)


def asked(seen: Lattice, text: str, steps: tuple[float, ...], *, upside_down: bool = False) -> float:
    """What speaks against a word whose characters stand on these steps."""
    angles = tuple((-step if upside_down else step) * PITCH % 360.0 for step in steps)
    one = Word(text, upside_down, angles, 9.0, 0, tuple(range(len(text))), spotted=False)
    (cost,) = Beside(seen, Sight(seen)).costs([one])
    return cost


def test_the_pitch_is_the_usual_gap_between_neighbouring_letters() -> None:
    seen = lattice(word("ABCD", FIRST) | word("57", 60))
    assert Beside(seen, Sight(seen)).pitch == pytest.approx(3 * PITCH)


def test_one_letter_tells_no_pitch_and_nothing_speaks_against_it() -> None:
    seen = lattice({FIRST: "A"})
    assert Beside(seen, Sight(seen)).pitch == 0.0
    assert asked(seen, "A", (FIRST,)) == 0.0


def test_a_whole_word_has_nothing_beside_it() -> None:
    assert asked(lattice(word("XIM", FIRST)), "XIM", (FIRST, FIRST + 3, FIRST + 6)) == 0.0


@pytest.mark.parametrize(("text", "steps"), [("IM", (23, 26)), ("XI", (20, 23))], ids=["before", "after"])
def test_a_letter_left_unread_right_beside_a_word_costs_as_much_as_it_stands_out(
    text: str, steps: tuple[int, ...]
) -> None:
    whole = word("XIM", FIRST)
    assert asked(lattice(whole), text, steps) == pytest.approx(-CLEAR, abs=0.1)
    left = FIRST if text == "IM" else FIRST + 6
    assert asked(lattice({**whole, left: {"Q": 0.5}}), text, steps) == 0.0


def test_letters_with_tops_to_the_centre_are_asked_about_their_own_neighbours() -> None:
    seen = lattice({}, word("XIM", FIRST))
    assert asked(seen, "IM", (23, 26), upside_down=True) == pytest.approx(-CLEAR, abs=0.1)
    assert asked(seen, "XIM", (20, 23, 26), upside_down=True) == 0.0


def test_over_12_o_clock_a_ring_goes_on() -> None:
    seen = lattice(word("XIM", 78))
    assert asked(seen, "IM", (81, 84)) == pytest.approx(-CLEAR, abs=0.1)


def test_a_word_after_a_gap_is_another_word() -> None:
    seen = lattice(word("XIM", FIRST) | word("57", FIRST + 12))
    assert asked(seen, "XIM", (20, 23, 26)) == 0.0


def test_a_letter_between_two_of_a_word_speaks_against_it() -> None:
    seen = lattice(word("CLEHC", FIRST))
    assert asked(seen, "CLEC", (20, 23, 26, 32)) == pytest.approx(-CLEAR * BETWEEN_SHARE, abs=0.1)
    assert asked(lattice(word("CLE", FIRST) | {32: "C"}), "CLEC", (20, 23, 26, 32)) == 0.0


def test_a_letter_where_there_is_no_room_for_one_is_crammed_in_unless_it_is_narrow() -> None:
    seen = lattice(word("BP", FIRST) | word("47", 60))
    wide = asked(seen, "B8P", (20, 21.05, 23))
    assert wide == pytest.approx(-CRAMMED_COST * 1.1, abs=0.1)
    assert asked(seen, "B1P", (20, 21.05, 23)) == 0.0


def test_a_symbol_stands_where_it_likes() -> None:
    assert asked(lattice(word("ABC", FIRST)), "<star>", (FIRST + 9,)) == 0.0


@pytest.mark.parametrize("text", ["XIM", "FWGB", "DKC", "GBD", "HHL"])
def test_an_unknown_code_is_told_whole_and_not_as_the_known_one_within_it(shipped: Model, text: str) -> None:
    """IM, GB, KC, HL are codes of the marking set."""
    assert text not in shipped.codes
    best = explain(lattice(word(text, 77) | word("57", 38)), shipped)[0]
    assert {p.word.text for p in best.placed} == {text, "57"}
    assert [p.role for p in best.placed if p.word.text == text] == ["other"]


@pytest.mark.parametrize("text", ["IM", "GB", "KC", "HL"])
def test_a_known_code_that_stands_alone_is_told_as_before(shipped: Model, text: str) -> None:
    best = explain(lattice(word(text, 77) | word("57", 38)), shipped)[0]
    assert {p.word.text: p.role for p in best.placed}[text] == "code"


def test_a_word_at_its_place_costs_the_same_whatever_it_gains_and_whichever_words_are_asked_beside_it() -> None:
    seen = lattice(word("XIM", FIRST))
    beside = Beside(seen, Sight(seen))
    angles = tuple(step * PITCH for step in (23, 26))
    im, surer, um = (
        Word(text, False, angles, gain, 0, (0, 1), spotted=False)
        for text, gain in (("IM", 3.0), ("IM", 9.0), ("UM", 3.0))
    )
    first, again, other = beside.costs([im, surer, um])
    assert first == again == pytest.approx(-CLEAR, abs=0.1)
    assert beside.costs([um, im]) == [other, first]
    assert other < 0.0
