"""Codes with points between their letters: which words are such, and which are not."""

from __future__ import annotations

import pytest

from vision.catalogue.pointed import pointed


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("R.W.S.", "RWS"),
        ("R.W.S", "RWS"),
        ("R.WS.", "RWS"),  # a point is easily lost
        ("R-A", "RA"),
        ("П.П.У.", "ППУ"),
    ],
)
def test_a_code_with_points_is_its_letters(text: str, code: str) -> None:
    assert pointed(text) == code


@pytest.mark.parametrize("text", ["RWS", "RWS.", "R.", "G.KYNOCH", "A.1", "9.P", "5.56", ".R.W.S", "R..W", "", "."])
def test_other_words_are_none(text: str) -> None:
    assert pointed(text) is None
