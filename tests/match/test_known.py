"""Known words part what is struck without spaces and settle one doubtful letter, and leave everything else alone."""

from __future__ import annotations

import numpy as np
import pytest

from vision.catalogue.load import load_marking_set
from vision.manifest import models_folder
from vision.match.known import as_known, known_words
from vision.match.line import element_of, read_lines
from vision.types import Lattice, LatticeRow

ALPHABET = ("", *"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-")
KNOWN = frozenset(
    ["MADE", "IN", "ITALY", "BY", "KIMAR", "FABRIQUE", "NATIONALE", "HERSTAL", "INDIA", "GARDEN", "DEN", "ANT"]
)


def line(*seen: dict[str, float]) -> Lattice:
    """One line with a character every four steps: what is seen there, nothing elsewhere."""
    p = np.full((4 * len(seen) + 4, len(ALPHABET)), 1e-6)
    for i, characters in enumerate(seen):
        for character, probability in characters.items():
            p[4 * i + 2, ALPHABET.index(character)] = probability
    p[:, 0] = np.maximum(1e-6, 1.0 - p[:, 1:].sum(axis=1))
    places = (np.arange(len(p)) * 8.0 + 3.5).astype(np.float32)
    log_probs = np.log(p).astype(np.float32)
    empty = np.where(np.arange(len(ALPHABET)) == 0, 0.0, -14.0).astype(np.float32) + np.zeros_like(log_probs)
    rows = (LatticeRow(log_probs, places, False, (1.0, 0.0)), LatticeRow(empty, places[::-1], True, (1.0, 0.0)))
    return Lattice("fake", ALPHABET, rows, circular=False)


def texts(lattice: Lattice, known: frozenset[str] = KNOWN) -> list[str]:
    return [word.text for word in read_lines([lattice], known)[0]]


def sure(text: str) -> list[dict[str, float]]:
    return [{character: 0.95} for character in text]


@pytest.mark.parametrize(
    ("struck", "read"),
    [
        ("MADEINITALY", ["MADE", "IN", "ITALY"]),
        ("MadeInItaly", ["Made", "In", "Italy"]),
        ("BYKIMAR", ["BY", "KIMAR"]),
        ("GARDEN", ["GARDEN"]),  # known as a whole, though its end is known too
        ("INDIANT", ["INDIANT"]),  # IN is a word, DIANT is none
        ("MADEINITALI", ["MADEINITALI"]),
        ("INBY", ["INBY"]),  # too short to tell
        ("MADE1INITALY", ["MADE1INITALY"]),  # no word has a digit
    ],
)
def test_words_struck_without_spaces_are_parted_only_where_every_part_is_known(struck: str, read: list[str]) -> None:
    assert texts(line(*sure(struck))) == read


def test_without_known_words_nothing_is_parted() -> None:
    assert texts(line(*sure("MADEINITALY")), frozenset()) == ["MADEINITALY"]


def test_parts_keep_the_places_of_their_letters_and_share_the_gain() -> None:
    lattice = line(*sure("MADEINITALY"))
    (whole,) = read_lines([lattice])[0]
    parts = as_known([whole], lattice, KNOWN)
    assert [p for part in parts for p in part.angles] == list(whole.angles)
    assert [s for part in parts for s in part.steps] == list(whole.steps)
    assert sum(part.gain for part in parts) == pytest.approx(whole.gain)


def test_a_worn_letter_is_settled_by_the_word_and_what_was_seen_is_kept() -> None:
    seen = [*sure("FABRI"), {"O": 0.8, "Q": 0.1}, *sure("UE")]
    lattice = line(*seen)
    (word,) = read_lines([lattice], KNOWN)[0]
    assert word.text == "FABRIQUE"
    character = element_of(word, lattice).characters[5]
    assert character.text == "Q"
    assert character.probability == pytest.approx(0.1, abs=0.01)
    assert character.alternatives[0][0] == "O"
    assert character.alternatives[0][1] == pytest.approx(0.8, abs=0.01)


def test_a_letter_that_was_not_seen_is_not_put_in() -> None:
    assert texts(line(*sure("FABRI"), {"O": 0.9999}, *sure("UE"))) == ["FABRIOUE"]


def test_short_words_and_numbers_are_never_changed() -> None:
    assert texts(line(*sure("KIM"), {"E": 0.6, "A": 0.3}, *sure("R"))) == ["KIMER"]
    assert texts(line({"1": 0.6, "I": 0.35}, *sure("70465"))) == ["170465"]


def test_the_words_of_the_shipped_set_are_makers_places_and_countries() -> None:
    known = known_words(load_marking_set(models_folder() / "markings"))
    assert {"FABRIQUE", "NATIONALE", "HERSTAL", "ITALY", "MADE", "IN"} <= known
    assert all(word == word.upper() and word.isalpha() for word in known)
