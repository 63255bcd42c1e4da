"""Letters that the first reader does not know: a further reader's words stand where it is sure of them."""

from __future__ import annotations

import numpy as np
import pytest

from vision.match.foreign import unknown_to
from vision.match.line import read_lines
from vision.read.combine import combine
from vision.types import Lattice, LatticeRow

LATIN = ("", *"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ ")
SHAPES = ("", *"0123456789ABCDEFGHIKLMNOPRSTUVXYZБГДЖЗИЛПФЦЧШЩЭЮЯאלרשי٠١٢٣٤٥٦٧٨٩", "<star>")
STEPS, PITCH = 80, 4


def lattice(name: str, alphabet: tuple[str, ...], upright: str, turned: str = "", sure: float = 0.9) -> Lattice:
    """One line, read so upright and so turned; a character every PITCH steps, a dot where nothing is seen, an
    underscore where a space is."""
    rows = []
    for text, upside_down in ((upright, False), (turned, True)):
        p = np.full((STEPS, len(alphabet)), 1e-7)
        for i, character in enumerate(text):
            if character != ".":
                p[PITCH * i + 2, alphabet.index(" " if character == "_" else character)] = sure
        p[:, 0] = np.maximum(1e-7, 1.0 - p[:, 1:].sum(axis=1))
        x = np.arange(STEPS) * 8.0 + 3.5
        places = (x[::-1] if upside_down else x).astype(np.float32)
        rows.append(LatticeRow(np.log(p).astype(np.float32), places, upside_down, (1.0, 0.0), name))
    return Lattice(name, alphabet, tuple(rows), circular=False)


def read(first: str, further: str, turned: str = "", further_turned: str = "", sure: float = 0.9) -> list[str]:
    both = [lattice("printed", LATIN, first, turned), lattice("stamped", SHAPES, further, further_turned, sure)]
    return [word.text for word in read_lines([combine(both)])[0]]


@pytest.mark.parametrize(
    ("first", "further", "words"),
    [
        ("3ABOI", "ЗABOД", ["ЗАВОД"]),
        ("XEBCJ_94", "ЖEBCЛ.94", ["ЖЕВСЛ", "94"]),
        ("BJ_4821", "БД.4821", ["БД", "4821"]),
        ("VPP", "٧٢٥", ["٧٢٥"]),
        ("CAL_762", "CAL.762", ["CAL", "762"]),
    ],
)
def test_words_in_letters_the_first_reader_does_not_know_are_the_further_readers(
    first: str, further: str, words: list[str]
) -> None:
    assert read(first, further) == words


def test_the_first_readers_words_stand_wherever_it_knows_all_letters() -> None:
    assert read("G3A3", "GЗA3") == ["G3A3"]  # one letter of four is no sign of another script
    assert read("6128", "1111") == ["6128"]
    assert read("KN_48", "..Б48") == ["KN", "48"]


def test_a_doubtful_letter_of_another_script_is_not_taken() -> None:
    assert read("3ABOI", "ЗABOД", sure=0.4) == ["3ABOI"]


def test_the_rest_of_a_word_that_gives_way_is_the_further_readers_too() -> None:
    """The first reader saw one word, the further one two: none of its letters is lost."""
    assert read("NOPOX17", "ПOPИX17") == ["ПОРИХ17"]


def test_hebrew_is_in_the_order_it_is_read_in() -> None:
    both = combine([lattice("printed", LATIN, "7NLW"), lattice("stamped", SHAPES, "לארש")])
    (word,) = read_lines([both])[0]
    assert word.text == "שראל"
    assert list(word.angles) == sorted(word.angles, reverse=True)
    assert [both.alphabet[int(both.rows[word.row].log_probs[s].argmax())] for s in word.steps] == list("שראל")


def test_the_reader_that_knows_ways_up_says_more_of_them() -> None:
    assert read("", "٧٢٥", turned="SLV") == ["٧٢٥"]
    assert read("SLV", "", further_turned="٧٢٥") == ["٧٢٥"]


def test_a_line_hardly_seen_is_not_turned_for_that() -> None:
    faint = lattice("printed", LATIN, "K7", sure=0.02)
    assert not any(word.upside_down for word in read_lines([faint])[0])


def test_unknown_are_letters_and_figures_only() -> None:
    both = combine([lattice("printed", LATIN, "A"), lattice("stamped", SHAPES, "A")])
    unknown = unknown_to(both, [0, 1])
    assert {"Д", "٥", "ש"} <= unknown
    assert not unknown & {"A", "7", "", " ", "<star>"}
