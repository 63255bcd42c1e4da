"""What a reader may give for a character: itself, the same strokes, a declared look-alike."""

from __future__ import annotations

from vision.match.ways import LOOKALIKE, ONLY_LOOKALIKE, OTHER_CASE, SAME_STROKES, ways


def test_a_look_alike_costs_what_the_same_strokes_do_not() -> None:
    known = set("ABC80OoIl16")
    assert ways("8", known) == {"8": 0.0, "B": LOOKALIKE}
    assert ways("0", known) == {"0": 0.0, "O": SAME_STROKES, "o": SAME_STROKES}
    assert ways("C", {"C", "c", "G"}) == {"C": 0.0, "c": OTHER_CASE, "G": LOOKALIKE}


def test_a_look_alike_costs_less_where_the_reader_cannot_give_the_character_itself() -> None:
    assert ways("S", {"B", "5"}) == {"5": ONLY_LOOKALIKE}
    assert ways("S", {"S", "5"}) == {"S": 0.0, "5": LOOKALIKE}


def test_a_broad_arrow_is_what_readers_make_of_it() -> None:
    assert ways("↑", {"A", "1", "Z"}) == {"A": -1.0, "1": -1.5}
