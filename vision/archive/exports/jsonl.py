"""JSON Lines: one object a photo, nothing lost, people's words and the machine's proposals apart.

The lines are ASCII: whatever could disturb a terminal or an editor is a \\u escape, which any JSON reader turns back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from vision.archive.exports.items import Finding, Item, Word, shown

SCHEMA = "marktrace-export/1"


def lines(items: Iterable[Item], include_unconfirmed: bool) -> Iterator[bytes]:
    """The export as lines, line ends included."""
    for item, found in shown(items, include_unconfirmed):
        yield as_line(line_of(item, found, include_unconfirmed)) + b"\n"


def as_line(value: Mapping[str, Any]) -> bytes:
    """A value as one line of JSON, without the line end."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(", ", ": ")).encode("ascii")


def line_of(item: Item, found: Iterable[Finding], include_unconfirmed: bool) -> dict[str, Any]:
    """One photo: its facts, and its marks that leave.

    A mark's "decision" is what people said, "proposed" what the machine did; each is null where there is none or it
    was not asked for.
    """
    record = item.record
    by_id = {mark["id"]: mark for mark in record["marks"]}
    return {
        "schema": SCHEMA,
        "photo": record["photo"],
        "copies": list(item.copies),
        "marks": [_mark(one, by_id.get(one.mark), item.words.get(one.mark), include_unconfirmed) for one in found],
        "object": record.get("object"),
        "run": record["run"],
        "failure": record["failure"],
    }


def _mark(
    finding: Finding, mark: Mapping[str, Any] | None, word: Word | None, include_unconfirmed: bool
) -> dict[str, Any]:
    proposed = {"reading": mark["reading"], "attribution": mark["attribution"]} if mark else None
    return {
        "id": finding.mark,
        "kind": finding.kind,
        "outline": [list(point) for point in finding.outline],
        "quality": finding.quality,
        "status": finding.status,
        "decision": _decision(finding, word) if word else None,
        "proposed": proposed if include_unconfirmed else None,
    }


def _decision(finding: Finding, word: Word) -> dict[str, Any]:
    """Who decided what; a conflict names only who contradicts whom."""
    said: dict[str, Any] = {"by": list(word.by), "at": word.at}
    if word.status == "conflict":
        return said
    return said | {
        "reading": finding.reading,
        "level": finding.level or None,
        "country": finding.country or None,
        "manufacturer": finding.manufacturer or None,
        "pattern": finding.pattern or None,
        "year": {"from": finding.year_from, "to": finding.year_to} if finding.year_from is not None else None,
        "calibre": finding.calibre or None,
        "note": word.note,
    }
