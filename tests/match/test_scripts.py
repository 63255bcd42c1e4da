"""The way words are written: letters of Hebrew and Arabic from right to left, numbers among them not."""

from __future__ import annotations

import pytest

from vision.match.scripts import as_read
from vision.types import Word
from vision.writing import other_way


@pytest.mark.parametrize(
    ("stands", "read"),
    [
        ("עת", "תע"),
        ("6-62עת", "תע6-62"),
        ("١٢٣٤٥ق", "ق١٢٣٤٥"),
        ("12.7mם", "םm12.7"),
        ("٥٧", "٥٧"),
        ("PPU", "PPU"),
    ],
)
def test_letters_run_from_right_to_left_and_numbers_among_them_do_not(stands: str, read: str) -> None:
    angles, steps = tuple(10.0 * i for i in range(len(stands))), tuple(range(len(stands)))
    word = as_read(Word(stands, False, angles, 9.0, 0, steps, spotted=False))
    assert word.text == read
    assert "".join(stands[step] for step in word.steps) == read
    assert tuple(10.0 * step for step in word.steps) == word.angles
    if stands != read:
        assert (other_way(stands), other_way(read)) == (read, stands)
