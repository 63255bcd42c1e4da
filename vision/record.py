"""A Result as one line of JSON, as `record.schema.json` lays it down.

The record is what other programs and later versions read, so it is exact: keys in a fixed order, numbers rounded the
same way everywhere, no NaN, and every character that could disturb a terminal or an editor (controls, direction marks,
halves of surrogate pairs from odd file names) written as a \\u escape, which any JSON reader turns back.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

from vision.errors import UsageError
from vision.types import (
    Attribution,
    Candidate,
    Character,
    Element,
    Failure,
    Field,
    LikelySet,
    Mark,
    ObjectPhoto,
    Points,
    Quality,
    Reading,
    Result,
)

SCHEMA = "marktrace/1"

# Controls, surrogates, line and paragraph separators, and the format characters that reorder or hide text.
_UNSAFE = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def to_record(result: Result) -> dict[str, Any]:
    """The record of one photo as plain dicts and lists; probabilities have 4 decimals, pixels and degrees 1."""
    photo = result.photo
    return {
        "schema": SCHEMA,
        "photo": {
            "path": photo.path if photo else result.path,
            "sha256": photo.sha256 if photo else None,
            "width": photo.width if photo else None,
            "height": photo.height if photo else None,
            "taken_at": photo.taken_at if photo else None,
            "place": (
                {"latitude": _number(photo.place.latitude, 6), "longitude": _number(photo.place.longitude, 6)}
                if photo and photo.place
                else None
            ),
            "quality": _quality(photo.quality if photo else None),
        },
        "marks": [_mark(mark) for mark in result.marks],
        "object": {"photos": [_object_photo(one) for one in result.object_photos]} if result.object_photos else None,
        "status": result.status,
        "run": {"version": result.run.version, "kit": result.run.kit},
        "failure": _failure(result.failure),
    }


def to_json(result: Result) -> str:
    """The record as one line of JSON, without the line end. The same result gives the same bytes."""
    text = json.dumps(to_record(result), ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    return _UNSAFE.sub(lambda match: _escape(match.group()), text)


def parse(line: str) -> dict[str, Any]:
    """A line of JSON Lines back as a record. Raises UsageError when it is not a record that this version reads."""
    try:
        record = json.loads(line, parse_constant=_no_constant)
    except ValueError as fault:
        raise UsageError(f"This line is not JSON: {fault}.") from fault
    found = record.get("schema") if isinstance(record, dict) else None
    if found != SCHEMA or not isinstance(record, dict):
        raise UsageError(f"This line is not a record of the schema {SCHEMA!r}, its schema is {found!r}.")
    return record


def schema() -> Mapping[str, Any]:
    """The JSON Schema of the record, as shipped with the package."""
    text = resources.files("vision").joinpath("record.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _failure(failure: Failure | None) -> dict[str, str] | None:
    return {"stage": failure.stage, "code": failure.code, "detail": failure.detail} if failure else None


def _object_photo(one: ObjectPhoto) -> dict[str, Any]:
    return {
        "path": one.path,
        "sha256": one.sha256,
        "mark": one.mark,
        "turned_deg": None if one.turned_deg is None else _number(one.turned_deg % 360.0, 1) % 360.0,
        "left_out": _failure(one.left_out),
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {
        "id": mark.id,
        "kind": mark.kind,
        "outline": _points(mark.outline_xy),
        "quality": _quality(mark.quality),
        "reading": _reading(mark.reading) if mark.reading else None,
        **({"fields": [_field(field) for field in mark.fields]} if mark.fields else {}),
        "attribution": _attribution(mark.attribution) if mark.attribution else None,
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "text": field.text,
        "value": field.value,
        "years": {"from": field.years[0], "to": field.years[1]} if field.years else None,
        "doubt": field.doubt,
        "rule": field.rule,
        "source": field.source,
        "grade": field.grade,
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "text": reading.text,
        "reader": reading.reader,
        "elements": [_element(element) for element in reading.elements],
    }


def _element(element: Element) -> dict[str, Any]:
    place: dict[str, Any] = (
        {"outline": _points(element.outline_xy)}
        if element.angle_deg is None
        else {"angle_deg": _number(element.angle_deg % 360.0, 1) % 360.0}
    )
    return {
        "text": element.text,
        "upside_down": element.upside_down,
        **place,
        "confidence": _number(element.confidence, 4),
        "characters": [_character(character) for character in element.characters],
    }


def _character(character: Character) -> dict[str, Any]:
    return {
        "text": character.text,
        "probability": _number(character.probability, 4),
        "alternatives": [[text, _number(probability, 4)] for text, probability in character.alternatives],
    }


def _attribution(attribution: Attribution) -> dict[str, Any]:
    return {
        "level": attribution.level,
        "decided_by": attribution.decided_by,
        "risk": _number(attribution.risk, 4),
        "unknown_probability": _number(attribution.unknown_probability, 4),
        **({"set": _likely(attribution.likely)} if attribution.likely else {}),
        "candidates": [_candidate(candidate) for candidate in attribution.candidates],
    }


def _likely(likely: LikelySet) -> dict[str, Any]:
    return {
        "risk": _number(likely.risk, 4),
        "patterns": list(likely.patterns),
        "makers": list(likely.makers),
        "states": list(likely.states),
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    year = candidate.year
    return {
        "pattern": candidate.pattern,
        "code": candidate.code,
        "manufacturer": candidate.manufacturer,
        "country": candidate.country,
        "state_then": candidate.state_then,
        "year": ({"from": year.first, "to": year.last, "probability": _number(year.probability, 4)} if year else None),
        "calibre": candidate.calibre,
        "probability": _number(candidate.probability, 4),
        "probability_without_context": _number(candidate.probability_without_context, 4),
        "for": list(candidate.reasons_for),
        "against": list(candidate.reasons_against),
        "sources": list(candidate.sources),
    }


def _quality(quality: Quality | None) -> dict[str, float] | None:
    if quality is None:
        return None
    return {"sharpness": _number(quality.sharpness, 4), "glare": _number(quality.glare, 4)}


def _points(points: Points) -> list[list[float]]:
    return [[_number(x, 1), _number(y, 1)] for x, y in points]


def _number(value: float, decimals: int) -> float:
    """A plain float, never -0.0, rounded; NaN and infinities are a fault of the caller and raise ValueError."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"a record holds finite numbers only, got {number!r}")
    return round(number, decimals) + 0.0


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    return "".join(f"\\u{half:04x}" for half in (0xD800 + ((code - 0x10000) >> 10), 0xDC00 + (code & 0x3FF)))


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")
