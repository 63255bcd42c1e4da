"""From an explanation to a reading: spaces, order, places on the head, and what else could stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from match.seen import ALPHABET, PITCH, STEPS, Step, lattice

from vision.catalogue.lookalikes import same_shape
from vision.match import reading_of
from vision.match.reading import ALTERNATIVES, LEAST_ALTERNATIVE, PART_GAP
from vision.types import Element, Explanation, Lattice, Placed, Role, Word

SPELLINGS = ("9 MM LUGER", "7.62x39", "7.62 x 39", "45 AUTO", "9 mm Para")
# A usual gap in steps, and the widest that does not part a word and the narrowest that does.
USUAL = 10
NARROW, WIDE = int(PART_GAP * USUAL), int(PART_GAP * USUAL) + 1


def word(text: str, steps: Sequence[int], *, upside_down: bool = False) -> Word:
    """A word whose characters stand on these steps of its row, in reading order."""
    sign = -1.0 if upside_down else 1.0
    angles = tuple((sign * step * PITCH) % 360.0 for step in steps)
    return Word(text, upside_down, angles, 8.0, int(upside_down), tuple(s % STEPS for s in steps), spotted=True)


def read(words: Sequence[Word], seen: Lattice, spellings: Sequence[str] = SPELLINGS) -> list[Element]:
    role: Role = "other"
    placed = tuple(Placed(one, role, 5.0) for one in words)
    return list(reading_of(Explanation(None, placed, 0.0), seen, spellings).elements)


def seen_as(text: Sequence[str | Step], steps: Sequence[int], *, upside_down: bool = False) -> Lattice:
    """A lattice in which just this was seen, one character (or its doubts) on each step of one orientation."""
    stands: Mapping[int, str | Step] = dict(zip((s % STEPS for s in steps), text, strict=True))
    return lattice({}, stands) if upside_down else lattice(stands)


def text_of(text: str, steps: Sequence[int], *, upside_down: bool = False) -> str:
    """The text of the one element of a word that was seen just as it is."""
    known = [c if c in ALPHABET else "*" for c in text]
    seen = seen_as(known, steps, upside_down=upside_down)
    return read([word(text, steps, upside_down=upside_down)], seen)[0].text


@pytest.mark.parametrize("upside_down", [False, True])
def test_hebrew_is_told_with_the_letter_first_that_is_read_first(upside_down: bool) -> None:
    """On the metal the first letter, tav, stands to the right of ayin; the way back to the photo stays."""
    alphabet = (*ALPHABET[:-2], "ע", "ת")
    steps = [5, 15]
    seen = seen_as([ALPHABET[-2], ALPHABET[-1]], steps, upside_down=upside_down)
    (element,) = read([word("עת", steps, upside_down=upside_down)], replace(seen, alphabet=alphabet))
    assert element.text == "תע"
    assert [c.text for c in element.characters] == ["ת", "ע"]
    placed = [c.angle_deg for c in element.characters]
    way = -1.0 if upside_down else 1.0
    assert placed == [(way * step * PITCH) % 360.0 for step in reversed(steps)]
    assert all(c.probability > 0.9 for c in element.characters)
    assert element.angle_deg == (way * 10 * PITCH) % 360.0
    framed = Word("<circle>ת", upside_down, tuple(reversed(placed)), 8.0, int(upside_down), tuple(steps), spotted=True)
    (element,) = read([framed], replace(seen, alphabet=(*ALPHABET[:-2], "<circle>", "ת")))
    assert element.text == "<circled ת>"
    assert [c.text for c in element.characters] == ["<circle>", "ת"]


@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize(
    ("text", "gaps", "expected"),
    [
        pytest.param("9MMLUGER", [3] * 7, "9 MM LUGER", id="a known legend, evenly struck"),
        pytest.param("9MMLUGER", [3, 3, 3, 12, 3, 3, 3], "9 MM LUGER", id="a known legend, whatever the gaps"),
        pytest.param("45AUTO", [3] * 5, "45 AUTO", id="figures and word"),
        pytest.param("9MMPARA", [3] * 6, "9 MM PARA", id="a legend of small letters struck in capitals"),
        pytest.param("7.62X39", [3] * 6, "7.62X39", id="capitals too; of two spellings the closer one"),
        pytest.param("9MMLUGEX", [3] * 7, "9MMLUGEX", id="no known legend, evenly struck"),
        pytest.param("ABCD", [USUAL, NARROW, USUAL], "ABCD", id="a gap that is not wide"),
        pytest.param("ABCD", [USUAL, WIDE, USUAL], "AB CD", id="a wide gap"),
        pytest.param("A.B.", [WIDE, USUAL, USUAL], "A.B.", id="a wide gap before the point of a letter"),
        pytest.param("AB.22", [USUAL, WIDE, USUAL, USUAL], "AB .22", id="a wide gap before the point of a number"),
        pytest.param("ABCDE", [4, 4, 4, 12], "ABCD E", id="a wide gap at the end"),
        pytest.param("ABCDE", [12, 4, 4, 4], "A BCDE", id="a wide gap at the start"),
        pytest.param("ABCDEF", [12, 4, 4, 4, 12], "A BCDE F", id="two wide gaps"),
        pytest.param("AB", [20], "AB", id="two characters have no usual gap"),
        pytest.param("A", [], "A", id="one character"),
    ],
)
def test_spaces_stand_where_a_known_legend_has_them_or_the_metal_a_wide_gap(
    text: str, gaps: list[int], expected: str, upside_down: bool
) -> None:
    """From step 70 on, so that words run over 12 o'clock; the same in both orientations."""
    steps = [70 + sum(gaps[:i]) for i in range(len(text))]
    assert text_of(text, steps, upside_down=upside_down) == expected


def test_a_wide_gap_across_12_o_clock_is_wide() -> None:
    assert text_of("ABCD", [70, 73, 85, 88]) == "AB CD"
    assert text_of("ABCD", [73, 76, 79, 82]) == "ABCD"


def test_an_upside_down_word_is_read_in_its_own_order() -> None:
    """Its characters run anticlockwise: first at 45 degrees, then 31.5, then 18."""
    steps = [70, 73, 76]
    (element,) = read([word("LUX", steps, upside_down=True)], seen_as("LUX", steps, upside_down=True))
    assert element.text == "LUX"
    assert element.upside_down
    assert [c.text for c in element.characters] == ["L", "U", "X"]
    assert [c.angle_deg for c in element.characters] == pytest.approx([45.0, 31.5, 18.0])
    assert [c.probability for c in element.characters] == pytest.approx([0.999] * 3, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "steps", "upside_down", "angle", "span"),
    [
        ("ABC", [10, 13, 16], False, 58.5, 27.0),
        ("ABC", [77, 80, 83], False, 0.0, 27.0),
        ("ABC", [75, 78, 81], False, 351.0, 27.0),
        ("ABC", [79, 82, 85], False, 9.0, 27.0),
        ("ABC", [77, 80, 83], True, 0.0, 27.0),
        ("ABC", [79, 82, 85], True, 351.0, 27.0),
        ("ABCDE", [60, 70, 80, 90, 100], False, 0.0, 180.0),
        ("A", [0], False, 0.0, 0.0),
        ("A", [78], False, 351.0, 0.0),
    ],
)
def test_middle_and_span_are_right_across_12_o_clock(
    text: str, steps: list[int], upside_down: bool, angle: float, span: float
) -> None:
    (element,) = read([word(text, steps, upside_down=upside_down)], seen_as(text, steps, upside_down=upside_down))
    assert element.angle_deg is not None
    assert 0.0 <= element.angle_deg < 360.0
    assert (element.angle_deg - angle + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=1e-4)
    assert element.span_deg == pytest.approx(span)


def test_a_straight_mark_has_no_places_on_a_head() -> None:
    straight = replace(seen_as("AB", [1, 4]), circular=False)
    (element,) = read([word("AB", [1, 4])], straight)
    assert (element.angle_deg, element.span_deg) == (None, None)
    assert [c.angle_deg for c in element.characters] == [None, None]


def test_elements_keep_the_order_of_the_explanation_and_name_the_reader() -> None:
    seen = lattice({1: "A", 40: "B"})
    placed = (Placed(word("A", [1]), "code", 5.0), Placed(word("B", [40]), "other", 5.0))
    reading = reading_of(Explanation("p", placed, 1.0), seen, ())
    assert (reading.reader, reading.text) == ("drawn", "A B")
    assert reading_of(Explanation(None, (), 0.0), seen, SPELLINGS).elements == ()


def test_alternatives_are_what_else_was_seen_surest_first() -> None:
    doubts = {"8": 0.5, "B": 0.1, "0": 0.2, "3": LEAST_ALTERNATIVE * 1.1, "6": LEAST_ALTERNATIVE * 0.9}
    (element,) = read([word("8", [5])], seen_as([doubts], [5]))
    (character,) = element.characters
    assert character.probability == pytest.approx(0.5, abs=1e-3)
    assert [text for text, _ in character.alternatives] == ["0", "B", "3"]
    assert [p for _, p in character.alternatives] == pytest.approx([0.2, 0.1, LEAST_ALTERNATIVE * 1.1], abs=1e-3)


def test_no_more_alternatives_than_are_worth_a_look() -> None:
    doubts = dict.fromkeys("ABCDEFGH", 0.11)
    (element,) = read([word("A", [5])], seen_as([doubts], [5]))
    assert len(element.characters[0].alternatives) == ALTERNATIVES
    assert not {"", "A"} & {text for text, _ in element.characters[0].alternatives}


def test_probabilities_are_within_bounds_and_sorted_on_any_lattice() -> None:
    rng = np.random.default_rng(7)
    for _ in range(30):
        shares = np.maximum(rng.dirichlet(np.full(len(ALPHABET), 0.05), 3), 1e-9)
        steps: list[str | Step] = [dict(zip(ALPHABET[1:], map(float, share[1:]), strict=True)) for share in shares]
        (element,) = read([word("1A8", [77, 80, 83])], seen_as(steps, [77, 80, 83]))
        assert 0.0 <= element.confidence <= 1.0
        for character in element.characters:
            others = [p for _, p in character.alternatives]
            assert others == sorted(others, reverse=True)
            assert all(0.0 <= p <= 1.0 for p in (character.probability, *others))
            assert character.probability + sum(others) <= 1.0 + 1e-6


def test_an_element_is_as_sure_as_its_characters_are_on_the_whole() -> None:
    steps: list[str | Step] = [{"1": 0.9}, {"8": 0.4}]
    (element,) = read([word("18", [5, 8])], seen_as(steps, [5, 8]))
    assert element.confidence == pytest.approx((0.9 * 0.4) ** 0.5, abs=1e-3)


@pytest.mark.parametrize(("text", "raw"), [("ТПЗ", "TN3"), ("188", "1B8"), ("O1", "01")])
def test_a_look_alike_keeps_the_pattern_s_text_and_names_what_was_seen(text: str, raw: str) -> None:
    """The text is the pattern's; of one shape it is as sure, else what was seen is an alternative."""
    steps = [77 + 3 * i for i in range(len(text))]
    (element,) = read([word(text, steps)], seen_as(raw, steps))
    assert element.text == text
    for character, wanted, stood in zip(element.characters, text, raw, strict=True):
        assert character.text == wanted
        if stood in same_shape(wanted):
            assert character.probability > 0.99
            assert character.alternatives == ()
        else:
            assert character.probability < 0.01
            assert character.alternatives[0] == (stood, pytest.approx(0.999, abs=1e-3))


@pytest.mark.parametrize("upside_down", [False, True])
def test_an_arrow_between_letters_is_an_element_of_its_own(upside_down: bool) -> None:
    steps = [20, 24, 28]
    seen = seen_as(["B", "A", "E"], steps, upside_down=upside_down)
    found = read([word("B↑E", steps, upside_down=upside_down)], seen)
    expected = ["B", "<broad arrow>", "E"]
    assert [e.text for e in found] == (expected[::-1] if upside_down else expected)
    assert [len(e.characters) for e in found] == [1, 1, 1]
    assert all(e.confidence > 0.5 for e in found)
