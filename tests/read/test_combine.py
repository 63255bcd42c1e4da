"""Several readers' lattices become one: every look, every character, and no reader changed by another."""

from __future__ import annotations

import numpy as np
import pytest
from match.seen import find_words

from vision.lattice import UNKNOWN, row_gains
from vision.match.vocabulary import Vocabulary
from vision.read.combine import combine
from vision.types import Lattice, LatticeRow


def lattice(reader: str, characters: str, *rows: tuple[dict[int, str], bool], circular: bool = True) -> Lattice:
    """Rows of 36 steps, 10 degrees each, blank but for the characters given at their steps."""
    alphabet = ("", *characters)
    made = []
    for seen, upside_down in rows:
        probability = np.full((36, len(alphabet)), 1e-6)
        probability[:, 0] = 0.99
        for step, character in seen.items():
            probability[step, 0], probability[step, alphabet.index(character)] = 0.05, 0.9
        places = np.arange(36, dtype=np.float32) * 10 + 5
        log_probs = np.log(probability).astype(np.float32)
        made.append(LatticeRow(log_probs, places[::-1].copy() if upside_down else places, upside_down, (0.9, 0.6)))
    return Lattice(reader, alphabet, tuple(made), circular)


PPOCR = lattice("ppocr", "TЗ8A", ({3: "T", 5: "8"}, False), ({}, True))
TESSERACT = lattice("tesseract", "A8Ж", ({4: "Ж", 9: "A"}, False), ({}, True))


def test_the_alphabet_is_the_union_in_the_first_readers_order() -> None:
    both = combine([PPOCR, TESSERACT])
    assert both.reader == "ppocr+tesseract"
    assert both.alphabet == ("", "T", "З", "8", "A", "Ж")
    assert both.circular
    assert combine([TESSERACT, PPOCR]).alphabet == ("", "A", "8", "Ж", "T", "З")


def test_the_alphabet_does_not_depend_on_what_was_seen() -> None:
    nothing = [Lattice(one.reader, one.alphabet, ()) for one in (PPOCR, TESSERACT)]
    assert combine(nothing).alphabet == combine([PPOCR, TESSERACT]).alphabet


def test_every_row_is_kept_in_order_with_its_places() -> None:
    both = combine([PPOCR, TESSERACT])
    for row, old in zip(both.rows, (*PPOCR.rows, *TESSERACT.rows), strict=True):
        assert row.places is old.places
        assert (row.upside_down, row.band) == (old.upside_down, old.band)


def test_every_reader_says_what_it_said_and_nothing_of_what_it_does_not_know() -> None:
    both = combine([PPOCR, TESSERACT])
    for old, row in ((PPOCR, both.rows[0]), (TESSERACT, both.rows[2])):
        for i, character in enumerate(both.alphabet):
            if character in old.alphabet:
                assert (row.log_probs[:, i] == old.rows[0].log_probs[:, old.alphabet.index(character)]).all()
            else:
                assert (row.log_probs[:, i] == np.float32(UNKNOWN)).all()


def test_an_unknown_character_is_no_likelier_than_the_floor() -> None:
    gains = row_gains(combine([PPOCR, TESSERACT]).rows[0])
    assert gains[:, 5].max() < -6.0


def test_one_lattice_is_itself() -> None:
    assert combine([PPOCR]) is PPOCR


def test_readers_of_one_alphabet_are_only_joined() -> None:
    twice = combine([PPOCR, lattice("other", "TЗ8A", ({1: "A"}, False))])
    assert twice.alphabet == PPOCR.alphabet
    assert len(twice.rows) == 3


def test_there_must_be_something_to_combine() -> None:
    with pytest.raises(ValueError, match="at least one"):
        combine([])


def test_a_ring_and_a_straight_mark_are_not_one_mark() -> None:
    with pytest.raises(ValueError, match="straight"):
        combine([PPOCR, lattice("other", "T", ({}, False), circular=False)])


def test_a_character_that_only_the_second_reader_knows_can_be_found() -> None:
    both = combine([PPOCR, TESSERACT])
    words = find_words(both, Vocabulary(["Ж", "T"], both.alphabet, {}))
    assert {"Ж", "T"} <= {word.text for word in words if not word.upside_down}


def test_readers_that_agree_are_as_sure_as_each() -> None:
    same = lattice("tesseract", "A8TЖ", ({3: "T", 5: "8"}, False), ({}, True))
    one = {w.text: w.gain for w in find_words(PPOCR, Vocabulary(["T8"], PPOCR.alphabet, {}))}
    both = combine([PPOCR, same])
    two = {w.text: w.gain for w in find_words(both, Vocabulary(["T8"], both.alphabet, {}))}
    assert two["T8"] == pytest.approx(one["T8"], rel=1e-3)


def test_further_looks_of_a_reader_join_its_first_ones() -> None:
    both = combine([PPOCR, TESSERACT])
    more = combine([both, PPOCR])
    assert more.reader == both.reader == "ppocr+tesseract"
    assert more.alphabet == both.alphabet
    assert [row.reader for row in more.rows] == ["ppocr", "ppocr", "tesseract", "tesseract", "ppocr", "ppocr"]


def test_a_given_alphabet_comes_first_also_for_one_lattice() -> None:
    seen = combine([lattice("one", "AB", ({}, False))], ("", "7", "A"))
    assert seen.alphabet == ("", "7", "A", "B")
    assert seen.rows[0].log_probs[0, 1] == UNKNOWN
