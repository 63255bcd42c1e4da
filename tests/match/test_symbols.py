"""Symbols are words of one character, evidence for the pattern they belong to; a framed number is one element."""

from __future__ import annotations

import numpy as np
import pytest
from match import seen
from match.markings import marking_set, pattern
from match.seen import STEPS, Step, word

from vision.match import Model, explain, reading_of
from vision.match.scripts import in_one_script
from vision.match.tokens import framed_name, is_symbol, tokens, unframed
from vision.types import Lattice, LatticeRow

ALPHABET = (*seen.ALPHABET, "<star>", "<crown>", "<circle>", "<triangle>", "П", "٢")
STARRED = pattern("PJ", "CZ", id="cz-star-pj", stampings=(("<star>", "PJ"),))
PLAIN = pattern("PJ", "US", id="us-pj")
CIRCLED = pattern("<circled 10>", "BG", id="bg-10", stampings=(("<circled 10>",), ("10",)))
ALONE = pattern("<crown>", "IR", id="ir-crown", stampings=(("<crown>",),))
MODEL = Model(marking_set(STARRED, PLAIN, CIRCLED, ALONE), ALPHABET, this_year=2026)


def lattice(stands: dict[int, str | Step]) -> Lattice:
    """One upright row in the alphabet with symbols."""
    probability = np.full((STEPS, len(ALPHABET)), 1e-7)
    probability[:, 0] = 1.0
    for step, character in stands.items():
        probability[step, 0] = 1e-4
        probability[step, ALPHABET.index(str(character))] = 0.999
    places = np.arange(STEPS, dtype=np.float32) * np.float32(360.0 / STEPS)
    return Lattice("drawn", ALPHABET, (LatticeRow(np.log(probability).astype(np.float32), places, False, (0.9, 0.6)),))


def read(stands: dict[int, str | Step]) -> list[str]:
    drawn = lattice(stands)
    return [e.text for e in reading_of(explain(drawn, MODEL)[0], drawn, MODEL.spellings).elements]


def test_a_text_is_its_characters_and_symbols() -> None:
    assert tokens("<circle>10") == ("<circle>", "1", "0")
    assert tokens("PPU") == ("P", "P", "U")
    assert is_symbol("<star>")
    assert not is_symbol("<circle>10")


@pytest.mark.parametrize(
    ("name", "struck"),
    [("<circled 10>", "<circle>10"), ("<10 in triangle>", "<triangle>10"), ("<five-pointed star>", "<star>")],
)
def test_a_symbol_s_name_is_what_readers_see_of_it(name: str, struck: str) -> None:
    assert unframed(name) == struck


def test_a_framed_number_is_named_as_people_do() -> None:
    assert framed_name("<circle>10") == "<circled 10>"
    assert framed_name("<oval>21") == "<21 in oval>"
    assert framed_name("10") is framed_name("<star>") is None


def test_a_symbol_read_is_an_element_by_its_name() -> None:
    assert read({1: "Q", 4: "X", 7: "Z", 40: "<star>"}) == ["QXZ", "<star>"]


def test_a_frame_and_its_number_are_one_element() -> None:
    assert "<circled 10>" in read({5: "<circle>", 6: "1", 9: "0"})
    assert "<37 in triangle>" in read({5: "<triangle>", 6: "3", 9: "7"})


def test_a_frame_far_from_a_number_is_a_symbol() -> None:
    assert read({20: "<triangle>", 40: "3", 43: "7"}) == ["<triangle>", "37"]


def test_the_pattern_s_own_symbol_speaks_for_it_and_is_not_needed() -> None:
    scores = {e.pattern: e.score for e in explain(lattice(dict(word("PJ", 10)) | {40: "<star>"}), MODEL)}
    without = {e.pattern: e.score for e in explain(lattice(dict(word("PJ", 10))), MODEL)}
    assert scores[STARRED.id] > scores[PLAIN.id] + 1.0
    assert without[STARRED.id] == pytest.approx(without[PLAIN.id], abs=0.1)


def test_a_code_that_is_a_symbol_only_is_found_by_it() -> None:
    found = {e.pattern: e for e in explain(lattice({10: "<crown>"}), MODEL)}
    assert [(p.word.text, p.role) for p in found[ALONE.id].placed] == [("<crown>", "code")]


def test_a_frame_speaks_for_the_framed_pattern() -> None:
    framed = explain(lattice({5: "<circle>", 6: "1", 9: "0"}), MODEL)
    assert framed[0].pattern == CIRCLED.id
    assert framed[0].placed[0].word.text == "<circle>10"


@pytest.mark.parametrize(
    ("shapes", "text"),
    [
        ("ППY", "ППУ"),
        ("PPU", "PPU"),
        ("TПЗ", "ТПЗ"),
        ("٢O", "٢٥"),
        ("1٢", "١٢"),
        ("ΩП", "ΩΠ"),
        ("۴٢", "۴۲"),
        ("10", "10"),
    ],
)
def test_shapes_of_several_scripts_go_by_the_letters_of_one(shapes: str, text: str) -> None:
    assert in_one_script(shapes) == text


def test_an_unknown_cyrillic_word_is_read_in_cyrillic() -> None:
    assert read({10: "П", 13: "П", 16: "Y"}) == ["ППУ"]
