"""Loading and checking a marking set: one reading of the tables serves both.

The tables are plain CSV under models/markings/: headstamps, calibres, states, countries (lookalikes.csv has its own
reader in lookalikes.py, the tables of other marks theirs in arms.py). Threat: a table from a stranger. Sizes are
bounded, hidden characters refused, nothing is executed; what remains is that a well-formed row may be untrue, which
only its source and a person can settle.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from vision.catalogue.arms import read_arms_tables
from vision.catalogue.lookalikes import TABLE as LOOKALIKES
from vision.catalogue.lookalikes import read_lookalikes
from vision.catalogue.schema import (
    GRADES,
    ROLES,
    SCRIPTS,
    YEAR_STYLES,
    Calibre,
    Fault,
    MarkingSet,
    Pattern,
    Role,
    StateSpan,
)
from vision.catalogue.stampings import stampings
from vision.catalogue.tables import Faults, length_mm, needed, one_of, read_rows, table_bytes, whole_number
from vision.errors import KitError
from vision.manifest import models_folder
from vision.types import Grade

TABLES = ("countries.csv", "states.csv", "calibres.csv", LOOKALIKES, "headstamps.csv")
HEADSTAMP_COLUMNS = (
    "id",
    "code",
    "script",
    "role",
    "manufacturer",
    "manufacturer_native",
    "city",
    "country",
    "state_then",
    "years_from",
    "years_to",
    "calibres",
    "layout",
    "year_style",
    "inferred",
    "stampings",
    "notes",
    "source",
    "grade",
)
CALIBRE_COLUMNS = (
    "name",
    "legends",
    "case_type",
    "head_diameter_mm",
    "primer_diameter_mm",
    "typical_origin",
    "first_year",
    "source",
    "grade",
)
STATE_COLUMNS = ("country", "first", "last", "state", "source", "grade")
COUNTRY_COLUMNS = ("code", "name")
_YEARS = (1800, 2100)
_ID = re.compile(r"[a-z]{2}(-[a-z0-9]+)+")


def markings_folder() -> Path:
    """The folder of the marking set that comes with marktrace."""
    return models_folder() / "markings"


def load_marking_set(folder: Path | None = None) -> MarkingSet:
    """The marking set in folder, or the one that comes with marktrace.

    Raises:
        KitError: a table is missing or faulty; the message names file, line and fault.
    """
    markings, faults = _read(markings_folder() if folder is None else folder)
    if faults:
        more = f" (and {len(faults) - 1} more: marktrace catalogue check)" if len(faults) > 1 else ""
        raise KitError(f"{faults[0]}{more}")
    return markings


def check_markings(folder: Path | None = None) -> list[Fault]:
    """Every fault in the tables of folder, or of the set that comes with marktrace; empty when all is well.

    Raises:
        KitError: a table is missing altogether.
    """
    folder = markings_folder() if folder is None else folder
    markings, faults = _read(folder)
    return [*faults, *read_arms_tables(folder, markings.countries)[1]]


def _read(folder: Path) -> tuple[MarkingSet, list[Fault]]:
    data = {name: table_bytes(folder, name) for name in TABLES}
    faults = {name: Faults(name) for name in TABLES}
    countries = _countries(data["countries.csv"], faults["countries.csv"])
    calibres = _calibres(data["calibres.csv"], countries, faults["calibres.csv"])
    states = _states(data["states.csv"], countries, faults["states.csv"])
    names = {calibre.name: calibre for calibre in calibres}
    patterns = _patterns(data["headstamps.csv"], countries, names, faults["headstamps.csv"])
    read_lookalikes(data[LOOKALIKES], faults[LOOKALIKES])
    digest = hashlib.sha256()
    for name in TABLES:
        digest.update(f"{name}\0{len(data[name])}\0".encode())
        digest.update(data[name])
    markings = MarkingSet(
        patterns=patterns,
        calibres=calibres,
        states=states,
        countries=countries,
        sha256=digest.hexdigest(),
        by_id={pattern.id: pattern for pattern in patterns},
        calibre_by_name=names,
    )
    return markings, [fault for name in TABLES for fault in faults[name].found]


def _countries(data: bytes, faults: Faults) -> dict[str, str]:
    countries: dict[str, str] = {}
    for line, row in read_rows(data, COUNTRY_COLUMNS, faults):
        needed(row, COUNTRY_COLUMNS, line, faults)
        if not re.fullmatch("[A-Z]{2}", row["code"]):
            faults.add(line, f"code must be two capital letters, got {row['code']!r}")
        if row["code"] in countries:
            faults.add(line, f"country {row['code']} stands twice")
        countries[row["code"]] = row["name"]
    return countries


def _calibres(data: bytes, countries: dict[str, str], faults: Faults) -> tuple[Calibre, ...]:
    calibres: dict[str, Calibre] = {}
    for line, row in read_rows(data, CALIBRE_COLUMNS, faults):
        needed(row, ("name", "case_type", "source", "grade"), line, faults)
        one_of(row, "grade", line, faults, GRADES)
        if row["typical_origin"] and row["typical_origin"] not in countries:
            faults.add(line, f"typical_origin {row['typical_origin']!r} is not in countries.csv")
        if row["name"] in calibres:
            faults.add(line, f"calibre {row['name']} stands twice")
        legends = [row["name"], *(part.strip() for part in row["legends"].split(";"))]
        calibres[row["name"]] = Calibre(
            name=row["name"],
            legends=tuple(dict.fromkeys(part for part in legends if part)),
            case_type=row["case_type"],
            head_diameter_mm=length_mm(row, "head_diameter_mm", line, faults),
            primer_diameter_mm=length_mm(row, "primer_diameter_mm", line, faults),
            typical_origin=row["typical_origin"],
            first_year=whole_number(row, "first_year", line, faults, _YEARS),
            source=row["source"],
            grade=cast(Grade, row["grade"]),
        )
    return tuple(calibres.values())


def _states(data: bytes, countries: dict[str, str], faults: Faults) -> tuple[StateSpan, ...]:
    spans: list[StateSpan] = []
    for line, row in read_rows(data, STATE_COLUMNS, faults):
        needed(row, STATE_COLUMNS, line, faults)
        one_of(row, "grade", line, faults, GRADES)
        if row["country"] not in countries:
            faults.add(line, f"country {row['country']!r} is not in countries.csv")
        first = whole_number(row, "first", line, faults, _YEARS)
        last = whole_number(row, "last", line, faults, _YEARS)
        if first is None or last is None:
            continue
        if first > last:
            faults.add(line, f"first {first} is after last {last}")
        for other in spans:
            if other.country == row["country"] and other.first <= last and first <= other.last:
                faults.add(line, f"{row['country']} {first}-{last} overlaps {other.state} {other.first}-{other.last}")
        spans.append(StateSpan(row["country"], first, last, row["state"], row["source"], cast(Grade, row["grade"])))
    return tuple(spans)


def _patterns(
    data: bytes, countries: dict[str, str], calibres: dict[str, Calibre], faults: Faults
) -> tuple[Pattern, ...]:
    patterns: dict[str, Pattern] = {}
    for line, row in read_rows(data, HEADSTAMP_COLUMNS, faults):
        check_pattern(row, countries, calibres, line, faults)
        if row["id"] in patterns:
            faults.add(line, f"id {row['id']} stands twice")
        patterns[row["id"]] = read_pattern(row, line, faults)
    return tuple(patterns.values())


def check_pattern(
    row: Mapping[str, str], countries: Mapping[str, str], calibres: Mapping[str, Calibre], line: int, faults: Faults
) -> None:
    """Faults for what is wrong in one row of headstamps.csv beside its years."""
    needed(row, ("id", "code", "manufacturer", "country", "source", "grade"), line, faults)
    if not _ID.fullmatch(row["id"]):
        faults.add(line, f"id must be small letters, digits and hyphens like ru-188-novosibirsk, got {row['id']!r}")
    one_of(row, "script", line, faults, SCRIPTS)
    one_of(row, "role", line, faults, ROLES)
    one_of(row, "year_style", line, faults, YEAR_STYLES)
    one_of(row, "inferred", line, faults, ("", "yes"))
    one_of(row, "grade", line, faults, GRADES)
    if row["country"] not in countries:
        faults.add(line, f"country {row['country']!r} is not an ISO 3166-1 alpha-2 code of countries.csv")
    if row["code"].count("<") != row["code"].count(">"):
        faults.add(line, "a symbol in code must be closed: <name>")
    if row["role"] == "maker" and row["country"] == "ZZ":
        faults.add(line, "a maker has a country; ZZ is for features, brands and unmarked cases")
    for name in _named_calibres(row):
        if name not in calibres:
            faults.add(line, f"calibre {name!r} is not in calibres.csv")


def _named_calibres(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in row["calibres"].split(";") if name)


def read_pattern(row: Mapping[str, str], line: int, faults: Faults) -> Pattern:
    """One row of headstamps.csv; years that are no years go to faults."""
    years_from = whole_number(row, "years_from", line, faults, _YEARS)
    years_to = whole_number(row, "years_to", line, faults, _YEARS)
    if years_from is not None and years_to is not None and years_from > years_to:
        faults.add(line, f"years_from {years_from} is after years_to {years_to}")
    return Pattern(
        id=row["id"],
        code=row["code"],
        script=row["script"],
        role=cast(Role, row["role"]),
        manufacturer=row["manufacturer"],
        manufacturer_native=row["manufacturer_native"],
        city=row["city"],
        country=row["country"],
        state_then=row["state_then"],
        years_from=years_from,
        years_to=years_to,
        calibres=_named_calibres(row),
        layout=row["layout"],
        year_style=row["year_style"],
        notes=row["notes"],
        source=row["source"],
        grade=cast(Grade, row["grade"]),
        inferred=row["inferred"] == "yes",
        stampings=stampings(row["code"], row["stampings"]),
    )
