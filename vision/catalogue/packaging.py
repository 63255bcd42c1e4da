"""What stands on crates, tins, cartons and labels: one row of packaging_marks.csv each, and the codes' own countries.

says tells what a row can prove: "maker" (letters of one maker), "origin" (the consignor's own words), "word" (a
language, which may be the buyer's), "lot" (a factory's number, shared by states), or nothing. The country of a code's
issuer (a stock number, a bar code, a wood treatment) is kept as what it is and never becomes an origin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from vision.catalogue.regexes import fault_of
from vision.catalogue.schema import GRADES
from vision.catalogue.tables import Faults, needed, one_of, read_rows, table_bytes
from vision.types import Grade

TABLE = "packaging_marks.csv"
COLUMNS = ("id", "what", "pattern", "example", "says", "alone", "country", "place", "decode", "source", "grade")
CODES_TABLE = "code_countries.csv"
CODE_COLUMNS = ("scheme", "first", "last", "country", "name", "source", "grade")
Says = Literal["maker", "origin", "word", "lot", ""]
SAYS: tuple[Says, ...] = ("maker", "origin", "word", "lot", "")
Scheme = Literal["ncb", "gs1"]
SCHEMES: tuple[Scheme, ...] = ("ncb", "gs1")
_ID = re.compile(r"pm-[a-z]{2}(-[a-z0-9]+)+")


@dataclass(frozen=True, slots=True)
class PackagingMark:
    """One row of packaging_marks.csv. alone: the text by itself shows that a mark is packaging."""

    id: str
    what: str
    pattern: re.Pattern[str]
    example: str
    says: Says
    alone: bool
    country: str
    place: str
    decode: str
    source: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class CodeCountry:
    """Who issues the codes first to last (both included) of a scheme; name where it is no state (country "ZZ")."""

    scheme: Scheme
    first: str
    last: str
    country: str
    name: str
    source: str
    grade: Grade


def load_packaging_marks(folder: Path, countries: Mapping[str, str], faults: Faults) -> tuple[PackagingMark, ...]:
    """The packaging marks of a set's folder; what is wrong goes to faults. Raises KitError without the table."""
    found: dict[str, PackagingMark] = {}
    for line, row in read_rows(table_bytes(folder, TABLE), COLUMNS, faults):
        needed(row, ("id", "what", "pattern", "example", "country", "source", "grade"), line, faults)
        if not _ID.fullmatch(row["id"]):
            faults.add(line, f"id must be like pm-ru-quantity, got {row['id']!r}")
        if row["id"] in found:
            faults.add(line, f"id {row['id']} stands twice")
        one_of(row, "says", line, faults, SAYS)
        one_of(row, "alone", line, faults, ("yes", "no"))
        one_of(row, "grade", line, faults, GRADES)
        if row["country"] not in countries:
            faults.add(line, f"country {row['country']!r} is not an ISO 3166-1 alpha-2 code of countries.csv")
        if row["says"] in ("maker", "word") and row["country"] == "ZZ":
            faults.add(line, f"a row that says {row['says']} has a country, not ZZ")
        fault = fault_of(row["pattern"])
        if fault is not None:
            faults.add(line, fault)
            continue
        pattern = re.compile(row["pattern"])
        if not pattern.fullmatch(row["example"]):
            faults.add(line, f"the example {row['example']!r} is not of the form {row['pattern']!r}")
        found[row["id"]] = PackagingMark(
            id=row["id"],
            what=row["what"],
            pattern=pattern,
            example=row["example"],
            says=cast(Says, row["says"]),
            alone=row["alone"] == "yes",
            country=row["country"],
            place=row["place"],
            decode=row["decode"],
            source=row["source"],
            grade=cast(Grade, row["grade"]),
        )
    return tuple(found.values())


def load_code_countries(folder: Path, countries: Mapping[str, str], faults: Faults) -> tuple[CodeCountry, ...]:
    """Who issues which codes; what is wrong goes to faults. Raises KitError without the table."""
    found: list[CodeCountry] = []
    for line, row in read_rows(table_bytes(folder, CODES_TABLE), CODE_COLUMNS, faults):
        one_of(row, "scheme", line, faults, SCHEMES)
        one_of(row, "grade", line, faults, GRADES)
        needed(row, ("first", "last", "country", "source"), line, faults)
        figures = {"ncb": 2, "gs1": 3}.get(row["scheme"], 0)
        if any(not re.fullmatch(f"[0-9]{{{figures}}}", row[end]) for end in ("first", "last")):
            faults.add(line, f"first and last of {row['scheme']} have {figures} digits")
        if row["first"] > row["last"]:
            faults.add(line, f"first {row['first']} is after last {row['last']}")
        if row["country"] not in countries:
            faults.add(line, f"country {row['country']!r} is not an ISO 3166-1 alpha-2 code of countries.csv")
        if row["country"] == "ZZ" and not row["name"]:
            faults.add(line, "an issuer that is no state has a name")
        for other in found:
            if other.scheme == row["scheme"] and other.first <= row["last"] and row["first"] <= other.last:
                faults.add(
                    line, f"{row['scheme']} {row['first']} to {row['last']} overlaps {other.first} to {other.last}"
                )
        found.append(
            CodeCountry(
                cast(Scheme, row["scheme"]),
                row["first"],
                row["last"],
                row["country"],
                row["name"],
                row["source"],
                cast(Grade, row["grade"]),
            )
        )
    return tuple(found)
