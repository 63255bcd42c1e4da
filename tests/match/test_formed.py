"""Characters that look alike are decided by the forms of serials, and only where what was read is of none."""

from __future__ import annotations

import re

import numpy as np
import pytest

from vision.match.formed import as_formed
from vision.match.line import element_of
from vision.types import Lattice, LatticeRow, Word

ALPHABET = ("", *"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-")


def fits(text: str) -> bool:
    """Two letters and four to seven digits, Latin or Cyrillic, or two digits, a letter and four digits."""
    return bool(re.fullmatch(r"[A-Z]{2}\d{4,7}|[А-Я]{2}\d{3}[А-Я]|\d{2}[A-Z]\d{4}", text))


def line(*seen: dict[str, float]) -> Lattice:
    """One line with a character every four steps: what is seen there, nothing elsewhere."""
    p = np.full((4 * len(seen) + 4, len(ALPHABET)), 1e-6)
    for i, characters in enumerate(seen):
        for character, probability in characters.items():
            p[4 * i + 2, ALPHABET.index(character)] = probability
    p[:, 0] = np.maximum(1e-6, 1.0 - p[:, 1:].sum(axis=1))
    places = (np.arange(len(p)) * 8.0 + 3.5).astype(np.float32)
    return Lattice("fake", ALPHABET, (LatticeRow(np.log(p).astype(np.float32), places, False, (1.0, 0.0)),), False)


def read(*seen: str | dict[str, float]) -> str:
    """The word of the surest character at each place, as it is after the forms were asked."""
    return formed(*seen)[0].text


def formed(*seen: str | dict[str, float]) -> tuple[Word, Lattice]:
    places = [{one: 0.9} if isinstance(one, str) else one for one in seen]
    lattice, steps = line(*places), tuple(4 * i + 2 for i in range(len(seen)))
    text = "".join(max(place, key=place.__getitem__) for place in places)
    word = Word(text, False, tuple(8.0 * step for step in steps), 9.0, 0, steps, spotted=False)
    (decided,) = as_formed([word], lattice, fits)
    assert (decided.steps, decided.angles) == (word.steps, word.angles)
    return decided, lattice


@pytest.mark.parametrize(("letter", "digit"), [("O", "0"), ("I", "1"), ("B", "8"), ("S", "5"), ("Z", "2"), ("G", "6")])
def test_a_letter_read_where_only_a_digit_can_stand_is_the_digit_seen_with_it(letter: str, digit: str) -> None:
    doubt = {letter: 0.93, digit: 0.01}
    assert read("K", "N", "4", doubt, "7", "9") == f"KN4{digit}79"
    assert read("K", {digit: 0.93, letter: 0.01}, "4", "3", "7", "9") == f"K{letter}4379"


def test_of_several_texts_of_a_form_the_likeliest_is_taken() -> None:
    assert read("K", {"1": 0.8, "I": 0.05, "T": 0.1}, "4", "4", "7", "9") == "KT4479"


def test_a_text_of_a_form_stays_whatever_else_was_seen() -> None:
    assert read("8", "1", {"B": 0.5, "8": 0.4}, "4", "4", "7", "9") == "81B4479"


def test_a_character_that_was_not_seen_is_not_put_in() -> None:
    assert read("K", "N", "4", {"O": 0.99}, "7", "9") == "KN4O79"


def test_numbers_and_words_are_never_touched() -> None:
    assert read(*"123", {"0": 0.5, "O": 0.4}, *"45678") == "123045678"
    assert read("R", "M", {"O": 0.6, "0": 0.3}, "P", "K", "N") == "RMOPKN"
    assert read("G", "3", "A", {"3": 0.6, "B": 0.3}) == "G3A3"


def test_letters_struck_alike_are_of_the_script_that_has_the_form() -> None:
    assert read(*"AB123T") == "АВ123Т"
    assert read(*"AB123Z") == "AB123Z"


def test_what_was_read_stays_beside_what_was_decided() -> None:
    decided = element_of(*formed("K", "N", "4", {"O": 0.9, "0": 0.05}, "7", "9")).characters[3]
    assert (decided.text, decided.alternatives[0][0]) == ("0", "O")
    assert decided.probability == pytest.approx(0.05, abs=0.01)


def test_a_word_in_which_everything_is_doubtful_stays_as_it_was_read() -> None:
    doubt = {"O": 0.5, "0": 0.4}
    assert read("K", "N", "7", *[doubt] * 3) == "KN7000"
    assert read("K", "N", "7", *[doubt] * 6) == "KN7OOOOOO"


def pair(first: str, doubt: dict[str, float], number: str) -> list[str]:
    """Two words of one line, the first one's beginning doubtful, after the forms were asked."""
    characters: list[dict[str, float]] = [doubt, *({c: 0.9} for c in first[1:]), *({c: 0.9} for c in number)]
    lattice, steps = line(*characters), [4 * i + 2 for i in range(len(characters))]
    cut = len(first)
    words = [
        Word(text, False, tuple(8.0 * s for s in some), 9.0, 0, tuple(some), spotted=False)
        for text, some in ((first, steps[:cut]), (number, steps[cut:]))
    ]
    return [word.text for word in as_formed(words, lattice, fits)]


def test_a_short_word_before_a_number_is_what_makes_the_two_of_one_form() -> None:
    assert pair("8K", {"8": 0.95, "B": 0.03}, "4048") == ["BK", "4048"]
    assert pair("8K", {"8": 0.95}, "4048") == ["8K", "4048"]  # no B was seen
    assert pair("AK", {"A": 0.95, "4": 0.03}, "4048") == ["AK", "4048"]  # of a form as it stands
    assert pair("8K", {"8": 0.95, "B": 0.03}, "40") == ["8K", "40"]  # a number too short
