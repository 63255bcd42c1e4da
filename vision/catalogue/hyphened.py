"""A code with numbers after hyphens, as makers of West Germany strike their name, the year and the lot (DAG-79-4,
MEN-82-23: rule R5.7 of the decoding rules) and some French ones quarter and year (SF-3-77)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

# Log-probabilities: that a code is struck so, and of each number.
HYPHENED, NUMBER = -2.0, -math.log(100.0)
# Hyphens are often read as dots; but one dot before one number is a calibre (WIN.22).
_HYPHENED = re.compile(r"([^\W\d_]{2,})((?:[-.]\d{1,2}){2}|-\d{1,2})")


def hyphened(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The code and the numbers of a word that joins them by hyphens; None where it does not.

    >>> hyphened("MEN-82-23"), hyphened("R-A")
    (('MEN', ('82', '23')), None)
    """
    found = _HYPHENED.fullmatch(text)
    return (found[1], tuple(re.split("[-.]", found[2][1:]))) if found else None


def hyphened_cost(numbers: Sequence[str]) -> float:
    """Log-probability of so many numbers after a code."""
    return HYPHENED + len(numbers) * NUMBER


def hyphened_year(text: str) -> str | None:
    """The year in a word of code and numbers, as a year is written (with the month or quarter before it where that
    stands first); None where there is none.

    >>> hyphened_year("MEN-82-23"), hyphened_year("SF-3-77"), hyphened_year("DAG-4")
    ('82', '3-77', None)
    """
    found = hyphened(text)
    if found is None:
        return None
    numbers = found[1]
    if len(numbers[0]) == 2:
        return numbers[0]
    return "-".join(numbers) if len(numbers) == 2 and len(numbers[1]) == 2 else None
