"""Nothing that a file name or a photo's metadata holds can move the cursor or reorder what a person reads."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.text import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("head 188.jpg", "head 188.jpg"),
        ("ППУ ٧٨ תע 兵", "ППУ ٧٨ תע 兵"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("a\nb\tc", "a\\x0ab\\x09c"),
        ("bad\udcff", "bad\\udcff"),
        ("\U000e0041", "\\U000e0041"),
        ("\u200bzero", "\\u200bzero"),
    ],
)
def test_hidden_characters_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_long_names_are_cut() -> None:
    assert visible("x" * 50, 10) == "x" * 9 + "…"
    assert visible("x" * 10, 10) == "x" * 10


@given(st.text(alphabet=st.characters(), max_size=60))
def test_what_is_shown_holds_no_controls(text: str) -> None:
    assert not {unicodedata.category(c) for c in visible(text)} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
