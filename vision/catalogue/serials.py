"""Forms of serial numbers and dates on arms: one row of serial_formats.csv each, and what a number of that form says.

A form says what a number may be, not what it is: most forms are shared by many makers, so a row is decoded only where
something else speaks for its maker, unless the row says that it stands alone. Years come out as every year that the row
allows: a disputed base gives a range, never one year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from vision.catalogue.digits import latin_digits
from vision.catalogue.regexes import fault_of
from vision.catalogue.schema import GRADES
from vision.catalogue.tables import Faults, needed, one_of, read_rows, table_bytes, whole_number
from vision.types import Grade

TABLE = "serial_formats.csv"
COLUMNS = (
    "id",
    "manufacturer",
    "country",
    "model",
    "role",
    "pattern",
    "example",
    "alone",
    "year",
    "letters",
    "months",
    "decode",
    "doubt",
    "years_from",
    "years_to",
    "source",
    "grade",
)
Role = Literal["maker", "part", "date", "year", "proof", "importer", "owner"]
ROLES: tuple[Role, ...] = ("maker", "part", "date", "year", "proof", "importer", "owner")
YEAR_RULES = ("", "full", "short", "solar", "count", "code", "digits", "span")
# Which groups each rule reads; of "code" and "digits" the letters' table says what they mean.
_NEEDS = {"full": ("year",), "short": ("year",), "solar": ("year",), "count": ("year",)}
_ID = re.compile(r"sf-[a-z]{2}(-[a-z0-9]+)+")
_YEARS = (1700, 2100)
_DIGIT_GROUPS = (("y1", "y2"), ("tens", "units"))


@dataclass(frozen=True, slots=True)
class SerialFormat:
    """One row of serial_formats.csv.

    role says whose number it is: the maker's (a serial), a part's, a date or a year by itself, or a mark of proof,
    import or ownership, which never speak for the maker. alone: the form by itself is telling enough to be decoded.
    year_rule and its bases say how the groups of the pattern give years; letters and months are the tables of coded
    ones.
    """

    id: str
    manufacturer: str
    country: str
    model: str
    role: Role
    pattern: re.Pattern[str]
    example: str
    alone: bool
    year_rule: str
    bases: tuple[int, ...]
    letters: Mapping[str, int]
    months: Mapping[str, int] | None
    decode: str
    doubt: str
    years_from: int | None
    years_to: int | None
    source: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a text of a form says: its named groups, every year it can stand for, and the month."""

    format: SerialFormat
    text: str
    groups: Mapping[str, str]
    years: tuple[int, ...]
    month: int | None


def decode(text: str, form: SerialFormat, *, this_year: int) -> Decoded | None:
    """What text says if it is of this form; None if it is not, or if its date cannot be.

    >>> # 12000001 of a row that counts from 1956 or 1957 gives years (1968, 1969)
    """
    match = form.pattern.fullmatch(text)
    if match is None:
        return None
    groups = {name: value for name, value in match.groupdict().items() if value}
    years = _years(groups, form, this_year)
    if form.year_rule == "count":  # what is disputed stays whole, or goes
        years = years if any(_in_window(y, form, this_year) for y in years) else ()
    years = tuple(y for y in years if form.year_rule == "count" or _in_window(y, form, this_year))
    if form.year_rule in ("full", "short", "solar", "code", "digits") and not years:
        return None
    return Decoded(form, text, groups, years, _month(groups, form))


def _in_window(year: int, form: SerialFormat, this_year: int) -> bool:
    return (form.years_from or _YEARS[0]) <= year <= min(form.years_to or this_year, this_year)


def _years(groups: Mapping[str, str], form: SerialFormat, this_year: int) -> tuple[int, ...]:
    """Every year the groups can stand for by the form's rule, rising."""
    rule = form.year_rule
    if rule == "span" and form.years_from is not None:
        return tuple(range(form.years_from, (form.years_to or form.years_from) + 1))
    if rule == "code":
        found = form.letters.get(groups.get("code") or groups.get("letter", ""))
        return () if found is None else (found,)
    if rule == "digits":
        figures = [form.letters.get(groups.get(name, "")) for pair in _DIGIT_GROUPS for name in pair if name in groups]
        tens, units = figures if len(figures) == 2 else (None, None)
        return () if tens is None or units is None else _centuries(10 * tens + units, this_year)
    if rule == "" or not groups.get("year", "").isdecimal():
        return ()
    number = int(latin_digits(groups["year"]))
    if rule == "count":
        return tuple(range(form.bases[0] + number, form.bases[-1] + number + 1))
    if rule == "solar":
        return (number + 621, number + 622)
    return (number,) if len(groups["year"]) == 4 else _centuries(number, this_year)


def _centuries(short: int, this_year: int) -> tuple[int, ...]:
    """The years of the last two centuries that end in two figures."""
    return tuple(y for y in (1800 + short, 1900 + short, 2000 + short) if y <= this_year)


def _month(groups: Mapping[str, str], form: SerialFormat) -> int | None:
    if form.months is None or "month" not in groups:
        return None
    if form.months:
        return form.months.get(groups["month"])
    return int(groups["month"]) if groups["month"].isdecimal() else None


def load_serial_formats(folder: Path, countries: Mapping[str, str], faults: Faults) -> tuple[SerialFormat, ...]:
    """The serial formats of a marking set's folder; what is wrong goes to faults. Raises KitError without the table."""
    found: dict[str, SerialFormat] = {}
    for line, row in read_rows(table_bytes(folder, TABLE), COLUMNS, faults):
        needed(row, ("id", "manufacturer", "country", "pattern", "example", "source", "grade"), line, faults)
        if not _ID.fullmatch(row["id"]):
            faults.add(line, f"id must be like sf-pl-radom-ak-family, got {row['id']!r}")
        if row["id"] in found:
            faults.add(line, f"id {row['id']} stands twice")
        one_of(row, "role", line, faults, ROLES)
        one_of(row, "alone", line, faults, ("yes", "no"))
        one_of(row, "grade", line, faults, GRADES)
        if row["country"] not in countries:
            faults.add(line, f"country {row['country']!r} is not an ISO 3166-1 alpha-2 code of countries.csv")
        form = _format(row, line, faults)
        if form is not None:
            found[row["id"]] = form
    return tuple(found.values())


def _format(row: Mapping[str, str], line: int, faults: Faults) -> SerialFormat | None:
    """The row as a form; None, with a fault, where it cannot be one."""
    before = len(faults.found)
    fault = fault_of(row["pattern"])
    if fault is not None:
        faults.add(line, fault)
        return None
    pattern = re.compile(row["pattern"])
    if not pattern.fullmatch(row["example"]):
        faults.add(line, f"the example {row['example']!r} is not of the form {row['pattern']!r}")
    rule, bases = _year_rule(row["year"], line, faults)
    for group in _NEEDS.get(rule, ()):
        if group not in pattern.groupindex:
            faults.add(line, f"the year rule {rule!r} reads a group named {group}")
    if rule in ("code", "digits") and not row["letters"]:
        faults.add(line, f"the year rule {rule!r} needs a table of letters")
    letters = consecutive(row["letters"], line, faults) or {}
    months = None
    if row["months"]:
        months = {} if row["months"] == "number" else consecutive(row["months"], line, faults)
    first = whole_number(row, "years_from", line, faults, _YEARS)
    last = whole_number(row, "years_to", line, faults, _YEARS)
    if first is not None and last is not None and first > last:
        faults.add(line, f"years_from {first} is after years_to {last}")
    if len(faults.found) > before:
        return None
    return SerialFormat(
        id=row["id"],
        manufacturer=row["manufacturer"],
        country=row["country"],
        model=row["model"],
        role=cast(Role, row["role"]),
        pattern=pattern,
        example=row["example"],
        alone=row["alone"] == "yes",
        year_rule=rule,
        bases=bases,
        letters=letters,
        months=months,
        decode=row["decode"],
        doubt=row["doubt"],
        years_from=first,
        years_to=last,
        source=row["source"],
        grade=cast(Grade, row["grade"]),
    )


def _year_rule(text: str, line: int, faults: Faults) -> tuple[str, tuple[int, ...]]:
    """The word of a year rule and the first and last base of a count."""
    word, *numbers = text.split() or [""]
    if word not in YEAR_RULES:
        faults.add(line, f"year must be one of {', '.join(YEAR_RULES[1:])} or empty, got {text!r}")
    counted = word == "count" and len(numbers) == 2 and all(re.fullmatch("[0-9]{4}", n) for n in numbers)
    if (word == "count") != counted or (word != "count" and numbers):
        faults.add(line, f"a count has its first and last base year, as in 'count 1956 1957'; got {text!r}")
    bases = tuple(map(int, numbers)) if counted else ()
    if bases and bases[0] > bases[1]:
        faults.add(line, f"the bases of a count run upwards, got {text!r}")
    return word, bases


def consecutive(text: str, line: int, faults: Faults) -> dict[str, int]:
    """A table of codes that stand for consecutive numbers: "1954: X XI XII; 1975: AA AB".

    >>> consecutive("0: A B C", 1, Faults("t.csv"))
    {'A': 0, 'B': 1, 'C': 2}
    """
    found: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        start, colon, codes = part.partition(":")
        if not colon or not re.fullmatch("[0-9]{1,4}", start) or not codes.split():
            faults.add(line, f"a table of codes is like '1975: AA AB AC', got {part!r}")
            continue
        for offset, code in enumerate(codes.split()):
            if code in found:
                # Months L and E of one year share no letter, but two years may: then the code tells neither.
                faults.add(line, f"the code {code} stands twice")
            found[code] = int(start) + offset
    return found
