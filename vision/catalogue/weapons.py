"""Marks of weapons: one row of weapon_marks.csv each, and what the checker refuses.

A row says who used a mark, in what role: a maker's text or symbol, a model, a country of origin, a selector, and, never
an origin by themselves, marks of proof, property and import and calibres. Only rows of form "literal" are matched as
text, "symbol" as the symbol of that name, "positions" as texts that stand near each other; templates and descriptions
are for people, what they say of serials is in serial_formats.csv.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from vision.catalogue.schema import GRADES, SCRIPTS
from vision.catalogue.tables import Faults, needed, one_of, read_rows, table_bytes, whole_number
from vision.types import Grade

TABLE = "weapon_marks.csv"
COLUMNS = (
    "id",
    "mark",
    "form",
    "kind",
    "script",
    "manufacturer",
    "names",
    "manufacturer_native",
    "city",
    "country",
    "state_then",
    "years_from",
    "years_to",
    "weapon_types",
    "place",
    "strength",
    "shape",
    "notes",
    "source",
    "grade",
)
Form = Literal["literal", "symbol", "positions", "template", "description"]
MarkKind = Literal[
    "factory text",
    "factory symbol",
    "model",
    "origin text",
    "selector",
    "property",
    "proof",
    "import",
    "calibre",
]
Names = Literal["maker", "state", "nobody"]
Strength = Literal["strong", "fair", "weak", "trace", ""]

FORMS: tuple[Form, ...] = ("literal", "symbol", "positions", "template", "description")
KINDS: tuple[MarkKind, ...] = (
    "factory text",
    "factory symbol",
    "model",
    "origin text",
    "selector",
    "property",
    "proof",
    "import",
    "calibre",
)
# Marks of these kinds never speak for an origin: who proved, owned, brought in or chambered a thing did not make it.
NO_ORIGIN: tuple[MarkKind, ...] = ("property", "proof", "import", "calibre")
NAMES: tuple[Names, ...] = ("maker", "state", "nobody")
STRENGTHS: tuple[Strength, ...] = ("strong", "fair", "weak", "trace", "")
MATCHED: tuple[Form, ...] = ("literal", "symbol", "positions")
ID = re.compile(r"[a-z]{2}-[a-z]{2}(-[a-z0-9]+)+")
YEARS = (1500, 2100)


@dataclass(frozen=True, slots=True)
class WeaponMark:
    """One row of weapon_marks.csv.

    country is ISO 3166-1 alpha-2 of today, "ZZ" where none can be told; names says whom the row stands for: one maker,
    any maker of its state, or nobody's origin. strength says how far the mark alone settles the state: "strong" nearly,
    "fair" more than half, "weak" hardly, "trace" only beside others. years_from and years_to are both included.
    """

    id: str
    mark: str
    form: Form
    kind: MarkKind
    script: str
    manufacturer: str
    names: Names
    manufacturer_native: str
    city: str
    country: str
    state_then: str
    years_from: int | None
    years_to: int | None
    weapon_types: tuple[str, ...]
    place: str
    strength: Strength
    shape: str
    notes: str
    source: str
    grade: Grade

    @property
    def is_origin(self) -> bool:
        """Whether the mark can speak for who made the thing."""
        return self.names != "nobody" and self.strength != "" and self.form in MATCHED


def load_weapon_marks(folder: Path, countries: Mapping[str, str], faults: Faults) -> tuple[WeaponMark, ...]:
    """The weapon marks of a marking set's folder; what is wrong goes to faults. Raises KitError without the table."""
    marks: dict[str, WeaponMark] = {}
    for line, row in read_rows(table_bytes(folder, TABLE), COLUMNS, faults):
        _check(row, countries, line, faults)
        if row["id"] in marks:
            faults.add(line, f"id {row['id']} stands twice")
        marks[row["id"]] = _mark(row, line, faults)
    return tuple(marks.values())


def _check(row: Mapping[str, str], countries: Mapping[str, str], line: int, faults: Faults) -> None:
    needed(row, ("id", "mark", "manufacturer", "country", "source", "grade"), line, faults)
    if not ID.fullmatch(row["id"]):
        faults.add(line, f"id must be like wm-cn-66-in-triangle, got {row['id']!r}")
    one_of(row, "form", line, faults, FORMS)
    one_of(row, "kind", line, faults, KINDS)
    one_of(row, "script", line, faults, SCRIPTS)
    one_of(row, "names", line, faults, NAMES)
    one_of(row, "strength", line, faults, STRENGTHS)
    one_of(row, "grade", line, faults, GRADES)
    if row["country"] not in countries:
        faults.add(line, f"country {row['country']!r} is not an ISO 3166-1 alpha-2 code of countries.csv")
    _check_role(row, line, faults)
    _check_form(row, line, faults)


def _check_role(row: Mapping[str, str], line: int, faults: Faults) -> None:
    if row["kind"] in NO_ORIGIN and (row["names"] != "nobody" or row["strength"]):
        faults.add(line, f"a mark of kind {row['kind']} names nobody's origin: names must be nobody, strength empty")
    if row["names"] != "nobody" and row["country"] == "ZZ":
        faults.add(line, "what names a maker or a state has a country, not ZZ")
    if row["form"] not in MATCHED and row["strength"]:
        faults.add(line, f"a {row['form']} is never matched, so it has no strength")
    if row["form"] in MATCHED and row["names"] != "nobody" and not row["strength"]:
        faults.add(line, "say how far the mark settles the state: strength strong, fair, weak or trace")


def _check_form(row: Mapping[str, str], line: int, faults: Faults) -> None:
    is_name = bool(re.fullmatch(r"<[^<>]+>", row["mark"]))
    if row["form"] == "symbol" and not is_name:
        faults.add(line, f"a symbol is its name in angle brackets, got {row['mark']!r}")
    if row["form"] in ("literal", "positions") and is_name:
        faults.add(line, f"{row['mark']} is a symbol: its form is symbol")
    if row["form"] == "positions" and len(positions(row["mark"])) < 2:
        faults.add(line, "positions are two or more texts parted by ' / '")


def positions(mark: str) -> tuple[str, ...]:
    """The texts of a mark of form positions.

    >>> positions("S / E / F")
    ('S', 'E', 'F')
    """
    return tuple(part.strip() for part in mark.split(" / ") if part.strip())


def _mark(row: Mapping[str, str], line: int, faults: Faults) -> WeaponMark:
    first = whole_number(row, "years_from", line, faults, YEARS)
    last = whole_number(row, "years_to", line, faults, YEARS)
    if first is not None and last is not None and first > last:
        faults.add(line, f"years_from {first} is after years_to {last}")
    return WeaponMark(
        id=row["id"],
        mark=row["mark"],
        form=cast(Form, row["form"]),
        kind=cast(MarkKind, row["kind"]),
        script=row["script"],
        manufacturer=row["manufacturer"],
        names=cast(Names, row["names"]),
        manufacturer_native=row["manufacturer_native"],
        city=row["city"],
        country=row["country"],
        state_then=row["state_then"],
        years_from=first,
        years_to=last,
        weapon_types=tuple(part for part in row["weapon_types"].split(";") if part),
        place=row["place"],
        strength=cast(Strength, row["strength"]),
        shape=row["shape"],
        notes=row["notes"],
        source=row["source"],
        grade=cast(Grade, row["grade"]),
    )
