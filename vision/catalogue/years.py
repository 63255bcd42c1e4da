"""What a year element can mean: every reading the rules allow, each with the rule that gives it.

Readings are never filtered to please a pattern: one outside a pattern's years stays, and evidence.py says that it
contradicts. Only the century of a short year is chosen by the pattern and the cartridge (R1.9).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from vision.catalogue.calendars import Calendar, gregorian_years, short_years
from vision.catalogue.digits import Form, digit_form, latin_digits
from vision.catalogue.schema import Calibre, Pattern

# R2.2: Cyrillic year letters of 1952-56, and the Latin shapes they are taken for.
_SOVIET_LETTERS = {"Г": 1952, "Д": 1953, "Е": 1954, "И": 1955, "К": 1956}
_LATIN_SHAPES = {"E": 1954, "N": 1955, "K": 1956}
_ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_CHINESE = {c: v for v, c in enumerate("〇一二三四五六七八九")}
_SUDAN_CALIBRES = frozenset({"39", "54", "51", "108"})  # R10.1: calibre figures, never years or plants
_PARTS = re.compile(r"([0-9]{1,4}|[IVX]{1,4})\s*[-/ ]\s*([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class YearReading:
    """One meaning of a year element: Gregorian first to last year, both included.

    rule names what gives the reading; digits is the form of the digits struck; figures how many digits the year had.
    """

    first: int
    last: int
    calendar: Calendar
    rule: str
    digits: Form = "latin"
    figures: int = 2


@dataclass(frozen=True, slots=True)
class _Setting:
    """What is known beside the text: the pattern, the years to prefer, and the last year that can be."""

    pattern: Pattern | None
    first: int
    last: int
    this_year: int


def read_years(
    text: str, pattern: Pattern | None = None, calibre: Calibre | None = None, *, this_year: int | None = None
) -> tuple[YearReading, ...]:
    """Every year that text can stand for on a head of this pattern and calibre, without repeats.

    Args:
        text: one element, or a date struck in two parts joined by a blank or hyphen ("19 46", "6-62", "XI 46").
        pattern: whose mark the head bears, as far as known; it decides the calendars.
        calibre: the cartridge, as far as known; it rules out centuries before it existed (R1.9).
        this_year: no reading lies after it; the computer's year when None.

    Returns:
        Readings in the order of the rules; empty when text is no year.
    """
    setting = _setting(pattern, calibre, this_year if this_year is not None else datetime.now(UTC).year)
    form = digit_form(text)
    plain = " ".join(latin_digits(text).split())
    if _is_no_year(plain, pattern):
        return ()
    found = []
    for reading in (*_letter_years(plain, setting), *_plain_years(plain, setting), *_joined_years(plain, setting)):
        if 1860 <= reading.first <= setting.this_year:
            found.append(replace(reading, digits=form))
    return tuple(dict.fromkeys(found))


def _setting(pattern: Pattern | None, calibre: Calibre | None, this_year: int) -> _Setting:
    first, last = 1900, this_year
    if pattern is not None:
        if pattern.years_from is not None:
            first = pattern.years_from
        elif pattern.country == "CN" and pattern.script == "digits":
            first = 1949  # numbered state factories are those of the People's Republic (R3.1)
        last = pattern.years_to or this_year
    if calibre is not None and calibre.first_year is not None:
        first = max(first, calibre.first_year)
    return _Setting(pattern, first, last, this_year)


def _is_no_year(text: str, pattern: Pattern | None) -> bool:
    """R4.11: before 1939, 67 on a Polish head is the brass. R10.1: 39, 54, 51, 108 are calibres on Sudanese ones."""
    if pattern is None:
        return False
    polish = pattern.country == "PL" and pattern.years_to is not None and pattern.years_to <= 1939
    return (polish and text == "67") or (pattern.country == "SD" and text in _SUDAN_CALIBRES)


def _letter_years(text: str, setting: _Setting) -> Iterator[YearReading]:
    """R2.2, Soviet year letters, and R3.5, the year of the Republic in Chinese characters."""
    soviet = setting.pattern is not None and "1952-56 letter" in setting.pattern.layout
    if setting.pattern is None or soviet:
        year = _SOVIET_LETTERS.get(text) or (_LATIN_SHAPES.get(text) if soviet else None)
        if year is not None:
            yield YearReading(year, year, "gregorian", "R2.2", figures=1)
    republic = _chinese_number(text)
    if republic is not None and (setting.pattern is None or setting.pattern.year_style == "roc"):
        yield from _full_year("minguo", republic, setting, 2)


def _chinese_number(text: str) -> int | None:
    """A number up to 99 in Chinese characters, with or without 民国 before and 年 after it."""
    body = text.removeprefix("中华").removeprefix("中華").removeprefix("民国").removeprefix("民國").removesuffix("年")
    body = body.replace("廿", "二十").replace("卅", "三十")
    match = re.fullmatch(r"([一二三四五六七八九]?)(十?)([一二三四五六七八九]?)", body)
    if not body or match is None or (not match[2] and match[1] and match[3]):
        return None
    if not match[2]:
        return _CHINESE[match[1] or match[3]]
    return _CHINESE.get(match[1], 1) * 10 + _CHINESE.get(match[3], 0)


def _plain_years(text: str, setting: _Setting) -> Iterator[YearReading]:
    """A bare number of one to four figures."""
    if not re.fullmatch("[0-9]{1,4}", text):
        return
    year, pattern = int(text), setting.pattern
    if len(text) == 1:
        yield from _one_figure(year, setting)
    elif len(text) == 2:
        for calendar in _calendars(pattern):
            yield from _short_year(calendar, year, setting)
    elif len(text) == 4:
        for calendar in _full_calendars(pattern):
            yield from _full_year(calendar, year, setting, 4)
    elif pattern is not None and pattern.country == "SD" and text.startswith("0"):
        yield YearReading(2000 + year, 2000 + year, "gregorian", "R10.1", figures=3)
    elif pattern is not None and pattern.country == "TW":
        yield from _full_year("minguo", year, setting, 3)
    if _is_frankford(pattern) and len(text) in (3, 4):
        month, short = divmod(year, 100)
        if 1 <= month <= 12 and short < 17:
            yield YearReading(1900 + short, 1900 + short, "gregorian", "R7.2")


def _one_figure(year: int, setting: _Setting) -> Iterator[YearReading]:
    """R7.1: US bunters of 1943-44 with the first 4 ground off. R2.6: short Soviet dates of 1941-45."""
    pattern = setting.pattern
    if pattern is None:
        return
    if pattern.country == "US" and year in (3, 4) and setting.first <= 1940 + year <= setting.last:
        yield YearReading(1940 + year, 1940 + year, "gregorian", "R7.1", figures=1)
    elif "1952-56 letter" in pattern.layout and 1 <= year <= 5 and setting.first <= 1940 + year <= setting.last:
        yield YearReading(1940 + year, 1940 + year, "gregorian", "R2.6", figures=1)
    elif pattern.year_style in ("roc", "other") and pattern.country in ("CN", "JP"):
        yield from _full_year("minguo" if pattern.country == "CN" else "showa", year, setting, 1)


def _joined_years(text: str, setting: _Setting) -> Iterator[YearReading]:
    """Dates in two parts: a split century, month and year, or year and lot."""
    match = _PARTS.fullmatch(text)
    if match is None:
        return
    left, right = match[1], match[2]
    pattern = setting.pattern
    if left in ("18", "19", "20") and len(right) == 2:
        rule = "R6.2" if pattern is not None and pattern.country == "CA" else "R4.7"
        yield from _full_year("gregorian", int(left + right), setting, 4, rule)
    if left in _ROMAN_MONTHS or (left.isdecimal() and 1 <= int(left) <= 12):
        yield from _dated(right, setting, "R4.7" if left in _ROMAN_MONTHS else _month_rule(pattern))
    german = pattern is not None and pattern.country == "DE"
    if german and setting.last <= 1918 and right.isdecimal() and 1 <= int(right) <= 12:
        yield from _dated(left, setting, "R5.1")
    if len(left) == 2 and left.isdecimal() and (pattern is None or (german and setting.first >= 1950)):
        yield from _dated(left, setting, "R5.7") if int(left) > 12 or german else ()


def _month_rule(pattern: Pattern | None) -> str:
    """Which rule tells of a month before the year on heads of this pattern."""
    if pattern is None:
        return "month and year"
    if _is_frankford(pattern):
        return "R7.2"
    return {"IL": "R9.7", "DE": "R5.1", "CZ": "R4.7", "SK": "R4.7"}.get(pattern.country, "month and year")


def _is_frankford(pattern: Pattern | None) -> bool:
    """R7.2: Frankford Arsenal struck month and year before 1917."""
    return pattern is not None and pattern.code == "FA" and pattern.country == "US"


def _dated(text: str, setting: _Setting, rule: str) -> Iterator[YearReading]:
    """The year part of a dated legend: two or four figures, Gregorian."""
    if len(text) == 2:
        yield from _short_year("gregorian", int(text), setting, rule)
    elif len(text) == 4:
        yield from _full_year("gregorian", int(text), setting, 4, rule)


def _calendars(pattern: Pattern | None) -> tuple[Calendar, ...]:
    """The calendars a two-figure year may belong to (R9.10: one candidate for each)."""
    if pattern is None:
        return ("gregorian", "solar hijri", "hijri")
    if pattern.year_style == "roc":
        return ("minguo",)
    if pattern.year_style == "buddhist":
        return ("buddhist",)
    if pattern.year_style == "hijri" and pattern.country == "TR":
        return ("hijri", "rumi")
    if pattern.country == "JP" and pattern.year_style == "other":
        return ("showa",)
    local: dict[str, tuple[Calendar, ...]] = {
        "IR": ("gregorian", "solar hijri", "imperial"),
        "AF": ("gregorian", "solar hijri", "hijri"),
        "SA": ("gregorian", "hijri"),
        "TW": ("gregorian", "minguo"),
        "ET": ("gregorian", "ethiopian"),
        "NP": ("gregorian", "vikram samvat"),
    }
    return local.get(pattern.country, ("gregorian",))


def _full_calendars(pattern: Pattern | None) -> tuple[Calendar, ...]:
    """The calendars a four-figure year may belong to."""
    if pattern is None:
        return ("gregorian", "hijri", "solar hijri", "rumi", "imperial", "buddhist")
    calendars = _calendars(pattern)
    return calendars if "gregorian" in calendars else ("gregorian", *calendars)


def _short_year(calendar: Calendar, year: int, setting: _Setting, rule: str | None = None) -> Iterator[YearReading]:
    """A two-figure year: every century in which pattern and cartridge fit, else the century that misses least."""
    spans = [span for span in short_years(calendar, year) if span[0] <= setting.this_year]
    fitting = [span for span in spans if span[1] >= setting.first and span[0] <= setting.last]
    if not fitting and spans:
        fitting = [min(spans, key=lambda span: max(setting.first - span[1], span[0] - setting.last))]
    for first, last in fitting:
        yield YearReading(first, last, calendar, rule or _calendar_rule(calendar, setting.pattern, "R1.9"))


def _full_year(
    calendar: Calendar, year: int, setting: _Setting, figures: int, rule: str | None = None
) -> Iterator[YearReading]:
    span = gregorian_years(calendar, year)
    if span is not None:
        rule = rule or _calendar_rule(calendar, setting.pattern, "full year")
        yield YearReading(span[0], span[1], calendar, rule, figures=figures)


def _calendar_rule(calendar: Calendar, pattern: Pattern | None, gregorian: str) -> str:
    """The rule that speaks of this calendar on heads of this pattern; gregorian is the one for Gregorian years."""
    if calendar in ("hijri", "rumi") and pattern is not None and pattern.country == "TR":
        return "R9.11"
    if calendar == "hijri" and pattern is not None and pattern.country == "SA":
        return "R9.8"
    if calendar in ("hijri", "solar hijri") and gregorian == "R1.9":
        return "R9.10"
    if calendar == "minguo":
        return "R3.5"
    return gregorian if calendar == "gregorian" else "R9 calendars"
