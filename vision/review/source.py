"""Where the marks to review come from: an archive's store, and any record turned into the rows of the queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vision.archive.flat import lot_of
from vision.review.marks import MarkRow, PhotoRecord, years_of

if TYPE_CHECKING:
    from vision.archive import FoundMark, Store


class StoreSource:
    """The newest records of a store. Raises OutputError, with a sentence, where the store cannot be used."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kit = lru_cache(maxsize=16)(self._kit_of)

    def rows(self) -> Iterator[MarkRow]:
        """Every mark of the newest records, by number."""
        return (_row(found) for found in self._store.all_marks())

    def photo(self, sha256: str) -> PhotoRecord | None:
        """A photo's newest record."""
        stored = self._store.record(sha256)
        if stored is None:
            return None
        path = str(stored.record["photo"]["path"])
        return PhotoRecord(sha256, path, stored.text, stored.sha256, self._kit(stored.run))

    def locate(self, sha256: str) -> str | None:
        """Where a photo's file is."""
        return next(iter(self._store.paths(sha256)), None)

    def _kit_of(self, run: int) -> str:
        return next((one.kit for one in self._store.runs() if one.id == run), "")


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
            code=str(first.get("code", "")),
            state_then=str(first.get("state_then", "")),
            lot=lot_of(str(reading["text"])) if reading else "",
            taken_at=record["photo"]["taken_at"] or "",
            place=_place(record["photo"].get("place") or {}),
        )


def _row(found: FoundMark) -> MarkRow:
    years = (found.year_from, found.year_to)
    return MarkRow(
        number=found.number,
        photo=found.photo,
        mark=found.mark,
        path=found.path,
        kind=found.kind,
        reading=found.reading,
        level=found.level,
        first=found.pattern,
        maker=found.maker,
        country=found.country,
        calibre=found.calibre,
        years=(years[0], years[1]) if years[0] is not None and years[1] is not None else None,
        probability=found.probability,
        code=found.code,
        state_then=found.state_then,
        lot=found.lot,
        taken_at=found.taken_at or "",
        place=_place({"latitude": found.latitude, "longitude": found.longitude}),
    )


def _place(place: Mapping[str, float | None]) -> tuple[float, float] | None:
    north, east = place.get("latitude"), place.get("longitude")
    return (float(north), float(east)) if north is not None and east is not None else None
