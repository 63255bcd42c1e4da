"""Calendars struck on cartridges, turned into Gregorian years (rules.md, section 9, table "Calendars").

A year of another calendar begins inside a Gregorian one, so the answer is a range, never one year.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Calendar = Literal[
    "gregorian", "hijri", "solar hijri", "imperial", "rumi", "minguo", "buddhist", "showa", "ethiopian", "vikram samvat"
]


@dataclass(frozen=True, slots=True)
class _Rule:
    """span: years of the calendar that can be meant; centuries: what a two-digit year may stand for."""

    span: tuple[int, int]
    centuries: tuple[int, ...]
    gregorian: Callable[[int], tuple[int, int]]


def _hijri(year: int) -> tuple[int, int]:
    first = math.floor(0.97023 * year + 621.57)
    return first, first + 1


_RULES: dict[Calendar, _Rule] = {
    "gregorian": _Rule((1860, 2100), (1800, 1900, 2000), lambda y: (y, y)),
    "hijri": _Rule((1277, 1500), (1300, 1400), _hijri),
    "solar hijri": _Rule((1304, 1500), (1300, 1400), lambda y: (y + 621, y + 622)),  # Iran since 31 March 1925
    "imperial": _Rule((2535, 2537), (2500,), lambda y: (y - 559, y - 558)),  # Iran, 1976-78 only
    "rumi": _Rule((1277, 1342), (1300,), lambda y: (y + 584, y + 585)),  # Ottoman fiscal years, to 1926
    "minguo": _Rule((1, 200), (0,), lambda y: (y + 1911, y + 1911)),
    "buddhist": _Rule((2403, 2650), (2400, 2500), lambda y: (y - 543, y - 543)),
    "showa": _Rule((1, 64), (0,), lambda y: (y + 1925, y + 1925)),
    "ethiopian": _Rule((1860, 2100), (1900, 2000), lambda y: (y + 7, y + 8)),
    "vikram samvat": _Rule((1917, 2150), (1900, 2000), lambda y: (y - 57, y - 56)),
}


def gregorian_years(calendar: Calendar, year: int) -> tuple[int, int] | None:
    """First and last Gregorian year that a full year of calendar touches; None when the calendar had no such year.

    >>> gregorian_years("hijri", 1400), gregorian_years("buddhist", 2518)
    ((1979, 1980), (1975, 1975))
    """
    rule = _RULES[calendar]
    return rule.gregorian(year) if rule.span[0] <= year <= rule.span[1] else None


def short_years(calendar: Calendar, year: int) -> tuple[tuple[int, int], ...]:
    """What a year struck with its last two digits can stand for in calendar, as Gregorian ranges, earliest first.

    >>> short_years("solar hijri", 85)
    ((2006, 2007), (2106, 2107))
    """
    spans = (gregorian_years(calendar, century + year) for century in _RULES[calendar].centuries)
    return tuple(span for span in spans if span is not None)
