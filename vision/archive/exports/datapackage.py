"""A Frictionless data package of an archive: photos, marks and candidates as tables that say what their columns mean.

It is laid out as Camtrap DP is for camera traps: media, observations, and for each observation whether a person or a
machine made it (classification_method). datapackage.json follows https://datapackage.org, version 2.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from vision import __version__
from vision.archive.exports.columns import MARK, PHOTO, Column, Row, mark_row, photo_row
from vision.archive.exports.items import Finding, Item, shown
from vision.archive.exports.tables import csv_line

_KEY = PHOTO[0]
_MARK_KEY = MARK[0]
CANDIDATE = (
    Column("rank", "integer", "1 for the most probable candidate of the mark.", True),
    Column("pattern", "string", "The row of the marking set.", True),
    Column("code", "string", "The code as stamped."),
    Column("manufacturer", "string", "Who made the marked object."),
    Column("country", "string", "ISO 3166-1 alpha-2 of today; ZZ where none can be told."),
    Column("state_then", "string", "The state of that time."),
    Column("year_from", "integer", "First year the mark can stand for."),
    Column("year_to", "integer", "Last year the mark can stand for."),
    Column("year_probability", "number", "Probability that the year lies between them."),
    Column("calibre", "string", "As the marking set names it."),
    Column("probability", "number", "With what is known of the find.", True),
    Column("probability_without_context", "number", "By the photo alone.", True),
)


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    says: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    refers: dict[str, tuple[str, ...]]


_PHOTOS = _Table("photos", "One row a photo.", PHOTO, ("photo_path",), {})
_MARKS = _Table(
    "marks",
    "One row a mark of a photo: what a person decided or, where asked for, what the machine proposes.",
    (_KEY, *MARK),
    ("photo_path", "mark"),
    {"photos": ("photo_path",)},
)
_CANDIDATES = _Table(
    "candidates",
    "The machine's candidates for each mark, ranked. None of them is confirmed.",
    (_KEY, _MARK_KEY, *CANDIDATE),
    ("photo_path", "mark", "rank"),
    {"marks": ("photo_path", "mark")},
)


def write_package(items: Iterable[Item], include_unconfirmed: bool, folder: Path, created: str) -> None:
    """Write datapackage.json and its tables into a folder; created is when, ISO 8601 in UTC."""
    tables = (_PHOTOS, _MARKS, *((_CANDIDATES,) if include_unconfirmed else ()))
    with ExitStack() as stack:
        files = {table.name: stack.enter_context((folder / f"{table.name}.csv").open("wb")) for table in tables}
        for table in tables:
            files[table.name].write(csv_line([column.name for column in table.columns]))
        for item, found in shown(items, include_unconfirmed):
            _write_rows(files, item, found)
    descriptor = _descriptor(tables, folder, include_unconfirmed, created)
    text = json.dumps(descriptor, indent=1, ensure_ascii=True) + "\n"
    (folder / "datapackage.json").write_text(text, encoding="utf-8")


def _write_rows(files: Mapping[str, BinaryIO], item: Item, found: Sequence[Finding]) -> None:
    files["photos"].write(csv_line(photo_row(item)))
    for finding in found:
        files["marks"].write(csv_line([item.path, *mark_row(finding)]))
        for row in _candidate_rows(finding):
            files["candidates"].write(csv_line([item.path, finding.mark, *row]))


def _candidate_rows(finding: Finding) -> Iterator[Row]:
    for rank, one in enumerate(finding.candidates, 1):
        year = one["year"] or {"from": None, "to": None, "probability": None}
        names = [one[name] for name in ("pattern", "code", "manufacturer", "country", "state_then")]
        years = [year["from"], year["to"], year["probability"]]
        yield [rank, *names, *years, one["calibre"], one["probability"], one["probability_without_context"]]


def _descriptor(tables: Sequence[_Table], folder: Path, include_unconfirmed: bool, created: str) -> dict[str, Any]:
    holds = "People's decisions and the machine's unconfirmed proposals, told apart by status."
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "marktrace-archive",
        "title": "Marks found in an archive of photos",
        "description": (holds if include_unconfirmed else "What people decided; nothing that a machine only proposes.")
        + " An attribution names who made the marked object, never who supplied or used it. Text that a spreadsheet"
        " would take for a formula begins with an apostrophe.",
        "created": created,
        "version": "1.0.0",
        "contributors": [{"title": f"marktrace {__version__}", "roles": ["creator"]}],
        "keywords": ["headstamps", "marks", "arms tracing"],
        "unconfirmed_included": include_unconfirmed,
        "resources": [_resource(table, folder / f"{table.name}.csv") for table in tables],
    }


def _resource(table: _Table, path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    links = [
        {"fields": list(fields), "reference": {"resource": other, "fields": list(fields)}}
        for other, fields in table.refers.items()
    ]
    return {
        "name": table.name,
        "type": "table",
        "path": path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest}",
        "description": table.says,
        "dialect": {"lineTerminator": "\r\n"},
        "schema": {
            "fields": [_field(column) for column in table.columns],
            "missingValues": [""],
            "primaryKey": list(table.key),
            **({"foreignKeys": links} if links else {}),
        },
    }


def _field(column: Column) -> dict[str, Any]:
    limits = {"constraints": {"required": True}} if column.required else {}
    return {"name": column.name, "type": column.type, "description": column.says, **limits}
