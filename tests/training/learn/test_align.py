"""A word is placed where it is struck, over the ring's seam too, and nowhere where it is not."""

from __future__ import annotations

import numpy as np
import pytest

from vision.training.learn.align import spelt
from vision.types import Lattice, LatticeRow

ALPHABET = ("", "A", "B", "7", "<star>")


def ring(shown: dict[int, str], steps: int = 36, *, upside_down: bool = False) -> Lattice:
    """A ring with a label on some steps, bare elsewhere."""
    probabilities = np.full((steps, len(ALPHABET)), 0.002)
    probabilities[:, 0] = 0.99
    for step, label in shown.items():
        probabilities[step] = 0.02
        probabilities[step, ALPHABET.index(label)] = 0.9
    places = np.arange(steps) * 360.0 / steps
    places = (-places % 360.0) if upside_down else places
    row = LatticeRow(np.log(probabilities).astype(np.float32), places, upside_down, (1.0, 0.7))
    return Lattice("stamped", ALPHABET, (row,))


def test_a_word_stands_where_its_characters_are() -> None:
    found = spelt("AB7", ring({4: "A", 6: "B", 9: "7", 20: "A"}))
    assert found is not None
    assert found.shapes == ("A", "B", "7")
    assert found.angles == pytest.approx((40.0, 60.0, 90.0))
    assert found.cost < 0.5


def test_a_word_may_lie_over_the_seam() -> None:
    found = spelt("AB", ring({35: "A", 1: "B"}))
    assert found is not None
    assert found.angles == pytest.approx((350.0, 10.0))


def test_upside_down_rows_run_the_other_way() -> None:
    found = spelt("AB", ring({4: "A", 6: "B"}, upside_down=True))
    assert found is not None
    assert found.upside_down
    assert found.angles == pytest.approx((320.0, 300.0))


def test_what_is_not_there_or_unknown_has_no_place() -> None:
    assert spelt("BB", ring({4: "A", 20: "7"})) is None
    assert spelt("AQ", ring({4: "A"})) is None
    assert spelt("<star>", ring({7: "<star>"})) is not None
    assert spelt("", ring({})) is None
