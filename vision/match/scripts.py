"""The script of a word whose shapes are those of several: Latin ones among letters that only Cyrillic has are Cyrillic.

A reader gives shapes. ППУ comes as ПП and the shape of Latin Y, the Arabic-Indic figure ٥ as a Latin 0 or O. What else
stands in the word tells which is meant.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from vision.catalogue.lookalikes import same_shape, table
from vision.types import Word
from vision.writing import other_way, reading_order, right_to_left

_CYRILLIC = ("\u0400", "\u04ff")
_GREEK = ("\u0370", "\u03ff")
# Shapes that stand for Arabic-Indic figures among such figures (rule R1.6 and the like).
_FIGURES = {
    "0": "٥",
    "O": "٥",
    "o": "٥",
    ".": "٠",
    "·": "٠",
    "1": "١",
    "I": "١",
    "l": "١",
    "V": "٧",
    "Λ": "٨",
    "9": "٩",
}
_ARABIC_FIGURES = frozenset("٠١٢٣٤٥٦٧٨٩")
_PERSIAN_ONLY = frozenset("۴۵۶")


def in_one_script(text: str) -> str:
    """The word in the script that some of its characters can only be of; as it is when none tells.

    >>> in_one_script("ППY"), in_one_script("PPU"), in_one_script("٢O")
    ('ППУ', 'PPU', '٢٥')
    """
    if text.isascii():
        return text
    if any(c in _ARABIC_FIGURES or c in _PERSIAN_ONLY for c in text):
        return _in_figures(text)
    for script in (_GREEK, _CYRILLIC):  # Greek Π comes as Cyrillic П, so П alone is no sign of Cyrillic
        if any(script[0] <= c <= script[1] for c in text):
            return "".join(_twins(script).get(c, c) for c in text)
    return text


def as_read(word: Word) -> Word:
    """A word as it stands on metal, left to right, with the first letter first that is read: the last of one that is
    written from right to left, its numbers still from left to right (rule R9.2). A letter in a frame stays as it is."""
    if not right_to_left(word.text):
        return word
    order = reading_order(word.text)
    return replace(
        word,
        text=other_way(word.text),
        angles=tuple(word.angles[i] for i in order),
        steps=tuple(word.steps[i] for i in order),
    )


def _in_figures(text: str) -> str:
    figures = "".join(_FIGURES.get(c, c) for c in text)
    if not any(c in _PERSIAN_ONLY for c in figures):
        return figures
    return "".join(next((s for s in sorted(same_shape(c)) if "۰" <= s <= "۹"), c) for c in figures)


@cache
def _twins(script: tuple[str, str]) -> dict[str, str]:
    """Every shape that a character of this script is struck with, to that character."""
    first, last = script
    return {shape: seen for seen, shape in table().folds.items() if len(seen) == 1 and first <= seen <= last}
