"""Words of a lattice: what it says by itself and what is spotted, at their places, heard in every look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from match.seen import ALPHABET, PITCH, STEPS, Step, doubtful, find_words, lattice, row, word

from vision.match.vocabulary import Vocabulary
from vision.match.words import distinct
from vision.types import Lattice, Word

NOTHING = Vocabulary([], ALPHABET, {})


def by_text(seen: Lattice, *strings: str) -> dict[str, Word]:
    """The best word of each text."""
    found: dict[str, Word] = {}
    for one in find_words(seen, Vocabulary(strings, ALPHABET, {})):
        found.setdefault(one.text, one)
    return found


def test_what_stands_together_is_read_without_a_vocabulary() -> None:
    found = by_text(lattice(word("QXZ", 10) | word("43", 50)))
    assert {"QXZ", "43"} <= set(found)
    assert not found["QXZ"].spotted
    assert found["QXZ"].angles == pytest.approx([10 * PITCH, 13 * PITCH, 16 * PITCH])
    assert found["43"].places() == pytest.approx((50 * PITCH, 53 * PITCH))
    assert found["43"].middle() == pytest.approx(51.5 * PITCH)


def test_words_come_best_first() -> None:
    gains = [one.gain for one in find_words(lattice(word("QXZ", 10) | word("43", 50)), NOTHING)]
    assert gains == sorted(gains, reverse=True)
    assert len(gains) > 3


def test_letters_spread_over_the_head_are_one_word_and_several() -> None:
    found = by_text(lattice(word("AEP", 5, 18)))
    assert {"A", "E", "P", "AEP"} <= set(found)


def test_a_word_with_tops_inwards_runs_the_other_way() -> None:
    found = by_text(lattice({}, word("43", 38)))
    assert found["43"].upside_down
    first, second = found["43"].angles
    assert (first - second) % 360.0 == pytest.approx(3 * PITCH)
    assert found["43"].places() == pytest.approx((second, first))


def test_a_word_over_the_seam_has_places_past_the_turn() -> None:
    found = by_text(lattice(word("188", STEPS - 3)))
    first, last = found["188"].places()
    assert first == pytest.approx(360.0 - 3 * PITCH)
    assert last == pytest.approx(360.0 + 3 * PITCH)
    assert found["188"].middle() == pytest.approx(0.0, abs=1e-3) or found["188"].middle() == pytest.approx(360.0)


def test_a_doubtful_character_gives_its_other_readings() -> None:
    seen: dict[int, str | Step] = {10: "Q", 13: doubtful("80"), 16: "Z"}
    assert {"Q8Z", "Q0Z"} <= set(by_text(lattice(seen)))


def test_digits_that_read_as_letters_are_given_as_digits_too() -> None:
    seen: dict[int, str | Step] = {10: {"O": 0.9, "0": 0.09}, 13: {"l": 0.9, "1": 0.09}}
    assert {"Ol", "01"} <= set(by_text(lattice(seen)))


def test_a_spotted_word_is_found_where_the_lattice_prefers_another() -> None:
    """The worn character's fourth choice: nothing but the vocabulary would think of it."""
    seen: dict[int, str | Step] = {10: "1", 13: {"0": 0.4, "6": 0.3, "9": 0.2, "8": 0.08}, 16: "8"}
    assert "188" not in by_text(lattice(seen))
    found = by_text(lattice(seen), "188")
    assert found["188"].spotted
    assert found["188"].angles == pytest.approx([10 * PITCH, 13 * PITCH, 16 * PITCH])


def test_two_looks_that_agree_are_averaged_not_added() -> None:
    once = by_text(lattice(word("188", 10)), "188")["188"].gain
    look = row(word("188", 10))
    twice = Lattice("drawn", ALPHABET, (look, replace(look, band=(0.8, 0.5))))
    assert by_text(twice, "188")["188"].gain == pytest.approx(once, rel=1e-4)


def test_a_look_that_saw_another_character_lowers_the_word() -> None:
    once = by_text(lattice(word("188", 10)), "188")["188"].gain
    against = Lattice("drawn", ALPHABET, (row(word("188", 10)), row(word("108", 10))))
    assert by_text(against, "188")["188"].gain < once - 1.0


def test_a_look_the_other_way_up_has_no_say() -> None:
    alone = by_text(lattice(word("188", 10)), "188")["188"].gain
    assert by_text(lattice(word("188", 10), word("W", 30)), "188")["188"].gain == pytest.approx(alone)


def test_looks_may_differ_a_little_in_where_characters_stand() -> None:
    near = {(step + 1): c for step, c in word("188", 10).items()}
    once = by_text(lattice(word("188", 10)), "188")["188"].gain
    twice = Lattice("drawn", ALPHABET, (row(word("188", 10)), row(near)))
    assert by_text(twice, "188")["188"].gain == pytest.approx(once, rel=1e-3)


def test_one_character_is_not_heard_as_two() -> None:
    """One look sees 711, the other 71: its one 1 stands near both places, and speaks for one of them only."""
    alone = by_text(lattice(word("711", 10, 2)), "711")["711"].gain
    with_one = by_text(Lattice("drawn", ALPHABET, (row(word("711", 10, 2)), row({10: "7", 13: "1"}))), "711")[
        "711"
    ].gain
    with_both = by_text(Lattice("drawn", ALPHABET, (row(word("711", 10, 2)), row(word("711", 10, 2)))), "711")[
        "711"
    ].gain
    assert with_both == pytest.approx(alone, rel=1e-4)
    assert with_one < alone - 3.0  # half of a character's gain less, and half of what speaks against it


def test_one_character_is_not_heard_as_two_that_may_look_like_it() -> None:
    """One look sees 71, the other a 7 between them, and a 1 may look like a 7: that does not speak for both."""
    ways = {"1": {"1": 0.0, "7": -2.0}, "7": {"7": 0.0}}

    def gain(other: Mapping[int, str]) -> float:
        both = Lattice("drawn", ALPHABET, (row({10: "7", 12: "1"}), row(other)))
        (found,) = [w for w in find_words(both, Vocabulary(["71"], ALPHABET, ways)) if w.spotted and w.text == "71"]
        return found.gain

    assert gain({11: "7"}) < gain({10: "7", 12: "1"}) - 5.0


def test_a_word_is_given_once_for_each_place() -> None:
    found = find_words(lattice(word("188", 10) | word("188", 50)), Vocabulary(["188"], ALPHABET, {}))
    middles = sorted(one.middle() for one in found if one.text == "188")
    assert middles == pytest.approx([13 * PITCH, 53 * PITCH])


def test_nothing_seen_is_no_word() -> None:
    assert find_words(lattice({}), Vocabulary(["188"], ALPHABET, {})) == []
    assert find_words(Lattice("drawn", ALPHABET, ()), NOTHING) == []


def test_a_known_word_is_not_dropped_for_a_free_one_that_counts_a_letter_twice() -> None:
    twice = Word("9PAARA", False, (330.0, 350.0, 2.0, 7.0, 14.0, 30.0), 52.0, 0, (0, 1, 2, 3, 4, 5), spotted=False)
    known = Word("9PARA", False, (330.0, 350.0, 2.0, 14.0, 30.0), 41.0, 0, (0, 1, 2, 4, 5), spotted=True)
    other = Word("9PLRR", False, (330.0, 350.0, 2.0, 14.0, 30.0), 30.0, 0, (0, 1, 2, 4, 5), spotted=True)
    assert distinct([twice, known, other]) == [twice, known]  # the third is far behind what is known there
