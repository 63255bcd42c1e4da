"""markings.csv: one mark a line. Few columns are needed; those left out get what the shipped set's columns mean by it.

The rows are held to the rules of the shipped marking set (vision/catalogue/load.py), so they can be merged into it.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata

from vision.catalogue.load import HEADSTAMP_COLUMNS, check_pattern, read_pattern
from vision.catalogue.schema import MarkingSet, Pattern
from vision.catalogue.tables import Faults, read_rows
from vision.training.sets.schema import MARKINGS

NEEDED = ("id", "code", "manufacturer", "country", "source", "grade")
LEFT_OUT = {"role": "maker", "year_style": "two-digit"}
_SCRIPTS = {"LATIN": "latin", "CYRILLIC": "cyrillic", "ARABIC": "arabic", "HEBREW": "hebrew", "CJK": "chinese",
            "DEVANAGARI": "devanagari", "GEORGIAN": "georgian", "DIGIT": "digits"}  # fmt: skip
_MOST_CELL_BYTES = 4000


def read_markings(data: bytes | None, base: MarkingSet, faults: Faults) -> tuple[tuple[Pattern, ...], dict[str, int]]:
    """The marks of markings.csv, and the line each id stands on; base lends its countries and calibres."""
    if data is None:
        return (), {}
    columns = _columns(data, faults)
    if columns is None:
        return (), {}
    patterns: dict[str, Pattern] = {}
    lines: dict[str, int] = {}
    seen: dict[tuple[str, ...], int] = {}
    for line, row in read_rows(data, columns, faults):
        full = _filled(row)
        before = len(faults.found)
        check_pattern(full, base.countries, base.calibre_by_name, line, faults)
        if full["id"] in lines:
            faults.add(line, f"id {full['id']!r} stands on line {lines[full['id']]} already; give this row its own")
            continue
        key = (full["code"], full["manufacturer"], full["country"], full["years_from"], full["years_to"])
        if key in seen:
            faults.add(line, f"the same mark, maker and years as line {seen[key]}; keep one of them")
        lines[full["id"]], seen[key] = line, line
        pattern = read_pattern(full, line, faults)
        if len(faults.found) == before:
            patterns[pattern.id] = pattern
    if not lines and not faults.found:
        faults.add(1, "the table has no marks; write one a line below the header")
    return tuple(patterns.values()), lines


def _columns(data: bytes, faults: Faults) -> tuple[str, ...] | None:
    """The header's columns, or None with a fault where they will not do."""
    first = data.split(b"\n", 1)[0][:_MOST_CELL_BYTES]
    try:
        header = next(csv.reader(io.StringIO(first.decode("utf-8").rstrip("\r")), strict=True), [])
    except (UnicodeDecodeError, csv.Error) as error:
        faults.add(1, f"the header cannot be read ({error}); save the table as UTF-8 CSV with commas")
        return None
    if len(header) == 1 and re.search(r"[;\t]", header[0]):
        faults.add(1, "the columns are parted by semicolons or tabs; save the table with commas")
        return None
    well = True
    for name in header:
        if name not in HEADSTAMP_COLUMNS:
            near = difflib.get_close_matches(name.strip().lower(), HEADSTAMP_COLUMNS, 1)
            remedy = f"did you mean {near[0]}?" if near else f"known are {', '.join(HEADSTAMP_COLUMNS)}"
            faults.add(1, f"there is no column {name[:80]!r}; {remedy}")
            well = False
    for name in {name for name in header if header.count(name) > 1}:
        faults.add(1, f"column {name[:80]!r} stands twice; remove one")
        well = False
    for name in NEEDED:
        if name not in header:
            faults.add(1, f"column {name} is missing; needed are {', '.join(NEEDED)}")
            well = False
    return tuple(header) if well else None


def _filled(row: dict[str, str]) -> dict[str, str]:
    full = {name: row.get(name) or LEFT_OUT.get(name, "") for name in HEADSTAMP_COLUMNS}
    full["script"] = full["script"] or script_of(full["code"])
    return full


def script_of(code: str) -> str:
    """The script a code is written in, as the column says it.

    >>> script_of("ППУ"), script_of("188"), script_of("<star>")
    ('cyrillic', 'digits', 'symbol')
    """
    if code.startswith("<"):
        return "symbol"
    kinds = {_SCRIPTS.get(unicodedata.name(c, "?").split()[0], "other") for c in code if c.isalnum()}
    letters = kinds - {"digits"}
    if not kinds or len(letters) > 1 or (letters and "digits" in kinds):
        return "mixed" if kinds else "other"
    return next(iter(letters or kinds))


def as_csv(patterns: tuple[Pattern, ...]) -> str:
    """Patterns as the text of a headstamps table with every column."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADSTAMP_COLUMNS)
    writer.writerows([row_of(pattern)[name] for name in HEADSTAMP_COLUMNS] for pattern in patterns)
    return out.getvalue()


def row_of(pattern: Pattern) -> dict[str, str]:
    """A pattern as the fields of its row."""
    plain = {name: getattr(pattern, name) for name in HEADSTAMP_COLUMNS}
    return {name: "" if value is None else str(value) for name, value in plain.items()} | {
        "calibres": ";".join(pattern.calibres),
        "inferred": "yes" if pattern.inferred else "",
        "stampings": " | ".join(" ".join(way) for way in pattern.stampings),
    }


__all__ = ["LEFT_OUT", "MARKINGS", "NEEDED", "as_csv", "read_markings", "row_of", "script_of"]
