"""Where the marks to review come from: records, turned into the rows that the queue is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vision.review.marks import MarkRow, years_of


def rows_of_record(record: Mapping[str, Any], path: str, first_number: int) -> Iterator[MarkRow]:
    """The marks of one record; numbers run from first_number on in the record's order."""
    photo = record["photo"]["sha256"]
    for place, mark in enumerate(record["marks"]):
        reading, attribution = mark.get("reading"), mark.get("attribution")
        first = attribution["candidates"][0] if attribution and attribution["candidates"] else {}
        yield MarkRow(
            number=first_number + place,
            photo=photo,
            mark=str(mark["id"]),
            path=path,
            kind=str(mark["kind"]),
            reading=str(reading["text"]) if reading else "",
            level=str(attribution["level"]) if attribution else "unknown",
            first=str(first.get("pattern", "")),
            maker=str(first.get("manufacturer", "")),
            country=str(first.get("country", "")),
            calibre=str(first.get("calibre") or ""),
            years=years_of(first),
            probability=float(first.get("probability", 0.0)),
        )
