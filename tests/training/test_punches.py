"""Sets of punches: complete, standing on the line, each set its own, the same from the same number."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from vision.training.render.fonts import CAP_PX, PAD_PX, PUNCHES, fonts_for, glyph
from vision.training.render.punches import SETS, punch_characters, punch_distance, punch_strokes

SOME_SETS = range(0, SETS, 13)


@pytest.mark.parametrize("number", SOME_SETS)
def test_every_character_of_a_set_is_one_to_four_pieces_of_ink_as_high_as_a_capital_or_less(number: int) -> None:
    for char in sorted(punch_characters()):
        distance, advance, (_, middle) = punch_distance(number, char, CAP_PX, PAD_PX)
        ink = distance > 0
        pieces = cv2.connectedComponents(ink.astype(np.uint8))[0] - 1
        assert 1 <= pieces <= 4, char
        rows = np.flatnonzero(ink.any(axis=1))
        assert rows[0] >= middle - 0.66 * CAP_PX, char
        assert rows[-1] <= middle + 0.9 * CAP_PX, char
        assert 0.05 < advance < 1.8, char


@pytest.mark.parametrize("number", SOME_SETS)
def test_capitals_and_figures_fill_the_line_from_foot_to_head(number: int) -> None:
    for char in "BDEHIKLMNTXZ147":
        distance, _, (_, middle) = punch_distance(number, char, CAP_PX, PAD_PX)
        rows = np.flatnonzero((distance > 0).any(axis=1))
        assert abs(rows[0] - (middle - CAP_PX / 2)) <= 5, char
        assert abs(rows[-1] - (middle + CAP_PX / 2)) <= 5, char


def test_the_same_number_gives_the_same_punches_and_another_number_others() -> None:
    first, _, _ = punch_distance(3, "4", CAP_PX, PAD_PX)
    again, _, _ = punch_distance(3, "4", CAP_PX, PAD_PX)
    assert np.array_equal(first, again)
    halves = {round(punch_strokes(n, "4")[1], 4) for n in range(40)}
    assert len(halves) > 30


def test_a_number_in_a_ring_is_one_glyph_of_both_figures_beside_each_other() -> None:
    one, two = (punch_distance(5, text, CAP_PX, PAD_PX)[1] for text in ("1", "10"))
    assert two > one + 0.3


def test_text_a_punch_has_can_be_struck_with_every_set_and_other_text_with_none() -> None:
    assert set(PUNCHES) <= set(fonts_for("FN74"))
    assert not set(PUNCHES) & set(fonts_for("&"))
    assert glyph("punch 7", "A").distance.max() > 0.03
