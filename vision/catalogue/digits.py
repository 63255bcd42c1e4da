"""Decimal digits of every script: their value and which form was struck (rule R9.1)."""

from __future__ import annotations

import unicodedata
from typing import Literal

Form = Literal["latin", "arabic-indic", "persian", "arabic or persian", "other", "none"]

# Only 4, 5 and 6 differ between the Arabic-Indic and the Persian forms (R9.1).
_ARABIC_ONLY = frozenset("\u0664\u0665\u0666")
_PERSIAN_ONLY = frozenset("\u06f4\u06f5\u06f6")


def latin_digits(text: str) -> str:
    """text with every decimal digit, whatever its script, as 0-9; other characters stay.

    >>> latin_digits("٥٧")
    '57'
    """
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def digit_form(text: str) -> Form:
    """Which digits were struck: only a 4, 5 or 6 tells Arabic-Indic from Persian (R9.1)."""
    digits = {c for c in text if c.isdecimal()}
    if not digits:
        return "none"
    if all(c.isascii() for c in digits):
        return "latin"
    arabic, persian = bool(digits & _ARABIC_ONLY), bool(digits & _PERSIAN_ONLY)
    if arabic != persian:
        return "arabic-indic" if arabic else "persian"
    if all("\u0660" <= c <= "\u0669" or "\u06f0" <= c <= "\u06f9" for c in digits):
        return "arabic or persian"
    return "other"
