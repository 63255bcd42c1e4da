"""Straight lines read as they look: words parted at gaps, one way up for a whole mark, digits before rare signs."""

from __future__ import annotations

import numpy as np
import pytest

from vision.match.line import element_of, kind_of, read_lines
from vision.types import Element, Lattice, LatticeRow, Reading

ALPHABET = ("", *"0123456789ABCDEFGHIKMNOPRSTZ.|", "<star>")


def row(seen: dict[int, dict[str, float]], steps: int, upside_down: bool) -> LatticeRow:
    """A row where at some steps characters have these probabilities and nothing is seen elsewhere."""
    p = np.full((steps, len(ALPHABET)), 1e-5)
    for step, characters in seen.items():
        for character, probability in characters.items():
            p[step, ALPHABET.index(character)] = probability
    p[:, 0] = np.maximum(1e-5, 1.0 - p[:, 1:].sum(axis=1))
    x = np.arange(steps) * 8.0 + 3.5
    return LatticeRow(
        np.log(p).astype(np.float32), (x[::-1] if upside_down else x).astype(np.float32), upside_down, (1.0, 0.0)
    )


def line(upright: dict[int, dict[str, float]], turned: dict[int, dict[str, float]], steps: int = 40) -> Lattice:
    return Lattice("fake", ALPHABET, (row(upright, steps, False), row(turned, steps, True)), circular=False)


def spread(text: str, pitch: int = 4, first: int = 2, sure: float = 0.9) -> dict[int, dict[str, float]]:
    """One character every pitch steps; a blank in the text is half a pitch more."""
    seen, step = {}, first
    for character in text:
        if character == " ":
            step += pitch // 2
            continue
        seen[step] = {character: sure}
        step += pitch
    return seen


@pytest.mark.parametrize("text", ["628875", "HK G3A3", "ARS 149149", "DRAGE HK ASTRA", "88 11"])
def test_words_are_parted_where_the_gap_is_wide(text: str) -> None:
    (words,) = read_lines([line(spread(text, pitch=5 if " " in text else 4), {}, 90)])
    assert [w.text for w in words] == text.split()


def test_all_lines_of_a_mark_stand_the_same_way_up() -> None:
    sure, doubtful = line({}, spread("AKM")), line(spread("999", sure=0.7), spread("666", sure=0.65))
    assert [[w.text for w in words] for words in read_lines([sure, doubtful])] == [["AKM"], ["666"]]
    assert [[w.text for w in words] for words in read_lines([doubtful])] == [["999"]]
    assert all(w.upside_down for words in read_lines([sure, doubtful]) for w in words)


def test_a_mark_is_upright_unless_it_clearly_reads_better_turned() -> None:
    assert read_lines([line(spread("696", sure=0.70), spread("969", sure=0.72))])[0][0].text == "696"


def test_places_are_pixels_of_the_patch_in_reading_order() -> None:
    ((word,),) = read_lines([line(spread("17"), {})])
    assert word.angles == (2 * 8 + 3.5, 6 * 8 + 3.5)
    assert word.steps == (2, 6)


def test_digits_stay_digits_among_digits_and_letters_among_letters() -> None:
    number = {2: {"4": 0.9}, 6: {"8": 0.9}, 10: {"O": 0.45, "0": 0.40}, 14: {"3": 0.9}}
    name = {2: {"R": 0.9}, 6: {"M": 0.9}, 10: {"O": 0.42, "0": 0.43}, 14: {"P": 0.9}}
    assert read_lines([line(number, {})])[0][0].text == "4803"
    assert read_lines([line(name, {})])[0][0].text == "RMOP"


def test_of_two_characters_on_neighbouring_steps_the_surer_is_read() -> None:
    ((word,),) = read_lines([line({2: {"8": 0.9}, 3: {"B": 0.5}, 6: {"1": 0.9}}, {})])
    assert word.text == "81"


def test_nothing_seen_reads_as_nothing() -> None:
    assert read_lines([line({}, {})]) == [[]]
    assert read_lines([]) == []


def test_an_element_carries_each_characters_probability_and_alternatives() -> None:
    lattice = line({2: {"8": 0.6, "B": 0.3}, 6: {"1": 0.9}, 10: {"<star>": 0.9}}, {})
    ((word,),) = read_lines([lattice])
    element = element_of(word, lattice)
    assert element.text == "81<star>"
    assert [c.text for c in element.characters] == ["8", "1", "<star>"]
    assert element.characters[0].probability == pytest.approx(0.6, abs=0.01)
    assert element.characters[0].alternatives[0] == ("B", pytest.approx(0.3, abs=0.01))
    assert element.confidence == pytest.approx((0.6 * 0.9 * 0.9) ** (1 / 3), abs=0.01)


@pytest.mark.parametrize(("text", "kind"), [("628875", "serial"), ("SG 61645", "serial"), ("1985", "factory_mark")])
def test_a_long_number_makes_a_serial(text: str, kind: str) -> None:
    assert kind_of(Reading("fake", tuple(Element(t, False, 0.9) for t in text.split()))) == kind
