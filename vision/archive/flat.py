"""A record as rows: what of a photo and its marks can be searched for. The record itself stays what counts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

_WORD = r"(?:\b(?:LOT|ПАРТИЯ|ПАРТ)(?:[\s.:№#-]+|(?=\d))|批号?[\s.:]*)"
_LOT = re.compile(_WORD + "([0-9A-ZА-Я][0-9A-ZА-Я-]*)", re.IGNORECASE)
_DIGITS = re.compile(r"\d{3,18}")


def folded(text: str) -> str:
    """text as it is searched for: case, accents and everything but letters, digits and single spaces gone.

    >>> folded("Prvi  Partizán-76 <nato cross>")
    'prvi partizan 76 nato cross'
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = (c if unicodedata.category(c)[0] in "LN" else "" if unicodedata.combining(c) else " " for c in plain)
    return " ".join("".join(kept).split())


def photo_row(record: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of photos that a record fills."""
    photo = record["photo"]
    place, quality = photo["place"] or {}, photo["quality"] or {}
    return {
        "width": photo["width"],
        "height": photo["height"],
        "taken_at": photo["taken_at"],
        "latitude": place.get("latitude"),
        "longitude": place.get("longitude"),
        "sharpness": quality.get("sharpness"),
        "glare": quality.get("glare"),
    }


def mark_rows(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of marks, in the record's order, without the numbers that the store gives."""
    return [_mark_row(place, mark) for place, mark in enumerate(record["marks"])]


def _mark_row(place: int, mark: Mapping[str, Any]) -> dict[str, Any]:
    reading = mark["reading"]["text"] if mark["reading"] else ""
    attribution = mark["attribution"] or {}
    first = (attribution.get("candidates") or [{}])[0]
    year, quality = first.get("year") or {}, mark["quality"] or {}
    named = {
        "pattern": first.get("pattern", ""),
        "code": first.get("code", ""),
        "maker": first.get("manufacturer", ""),
        "country": first.get("country", ""),
        "state_then": first.get("state_then", ""),
        "calibre": first.get("calibre") or "",
    }
    return named | {
        "place": place,
        "mark": mark["id"],
        "kind": mark["kind"],
        "reading": reading,
        "folded": folded(reading),
        "year_from": year.get("from"),
        "year_to": year.get("to"),
        "lot": lot_of(reading),
        "serial": serial_of(reading) if mark["kind"] == "serial" else None,
        "level": attribution.get("level", "unknown"),
        "probability": first.get("probability", 0.0),
        "unknown_probability": attribution.get("unknown_probability", 1.0),
        "risk": attribution.get("risk", 1.0),
        "sharpness": quality.get("sharpness"),
        "glare": quality.get("glare"),
        "words": folded(" ".join([reading, *named.values()])),
    }


def lot_of(reading: str) -> str:
    """What stands behind the word for lot, in capitals; empty where none does.

    >>> lot_of("7.62x39 lot: 12-a4")
    '12-A4'
    """
    found = _LOT.search(reading)
    return found[1].upper() if found else ""


def serial_of(reading: str) -> int | None:
    """The longest run of at least three digits as a number, by which serials can be near each other.

    >>> serial_of("AK 0123456 A")
    123456
    """
    found = sorted(_DIGITS.findall(reading), key=len)
    return int(found[-1]) if found else None
