"""Which way texts are written: letters of Hebrew and Arabic run from right to left, numbers among them do not."""

from __future__ import annotations

import re
import unicodedata

# A number with the points, strokes and hyphens between its figures, or any other character.
_RUNS = re.compile(r"\d+(?:[-./,]\d+)*|.", re.DOTALL)


def right_to_left(text: str) -> bool:
    """Whether a text is written from right to left: letters of Hebrew or Arabic are in it, not their figures alone. The
    name of a symbol is not, though it may be that of a letter in a frame."""
    return "<" not in text and any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)


def reading_order(text: str) -> list[int]:
    """The places of a right-to-left text's characters as they stand, from left to right, in the order in which they are
    read; and of a text as it is read, as they stand (rule R9.2).

    >>> reading_order("6-62עת")
    [5, 4, 0, 1, 2, 3]
    """
    runs = [range(*run.span()) for run in _RUNS.finditer(text)]
    return [i for run in reversed(runs) for i in run]


def other_way(text: str) -> str:
    """A right-to-left text as it is read from how it stands from left to right, and the other way round.

    >>> other_way("6-62עת") == "תע6-62"
    True
    """
    return "".join(text[i] for i in reading_order(text))
