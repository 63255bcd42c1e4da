"""Hiding serial numbers in what leaves: a serial names one thing, and through a register sometimes a person.

Hidden are, in marks that hold a serial number, every element with a digit in it and every short group of letters (the
letters of a serial), and anywhere else in the record the same text and any long number of a factory's mark. Characters,
their alternatives, what was decoded and the reasons that quote them are hidden with it; symbols, words and the origins
proposed stay. Of a picture, what shows a hidden element is painted over.

Accepted: a file's own name may hold a serial, and stays, because a record without its photo is of no use; and how long
a hidden text was can be told.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from vision.types import Attribution, Candidate, Element, Field, Mark, Points, Reading, Result, Views

HIDDEN = "•"
# In a serial's mark letters alone are hidden up to this many: longer words are makers, models and places.
LETTERS = 3
# A number of a factory's mark is taken for a serial from this many digits on.
_LONG = re.compile(r"\d{5}")
# Texts shorter than this are not looked for in other places: a single digit stands everywhere.
LEAST_SOUGHT = 3
# Grey that hides, and by how much of its size a hidden element is widened.
_PAINT = (96, 96, 96)
_MARGIN = 0.25


def mask_serials(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record (docs/record.md) without serial numbers; the one given is left as it is."""
    masked: dict[str, Any] = copy.deepcopy(dict(record))
    secrets = _secrets((mark["kind"], [e["text"] for e in _elements(mark)]) for mark in masked["marks"])
    for mark in masked["marks"]:
        for element in _elements(mark):
            if element["text"] in secrets:
                element["text"] = hidden(element["text"])
                element["characters"] = [{**c, "text": HIDDEN, "alternatives": []} for c in element["characters"]]
        if mark.get("reading"):
            mark["reading"]["text"] = " ".join(e["text"] for e in _elements(mark))
        for field in mark.get("fields", ()):
            field["text"], field["value"] = _field_hidden(field["name"], field["text"], field["value"], secrets)
        for candidate in (mark.get("attribution") or {}).get("candidates", ()):
            candidate["for"] = [_without(text, secrets) for text in candidate["for"]]
            candidate["against"] = [_without(text, secrets) for text in candidate["against"]]
    return masked


def masked_result(result: Result) -> Result:
    """A result without serial numbers, as mask_serials for records."""
    secrets = _result_secrets(result)
    return replace(result, marks=tuple(_masked_mark(mark, secrets) for mark in result.marks))


def masked_views(views: Views, result: Result) -> Views:
    """The pictures of a photo's sheet with what shows a serial number painted over; result is the photo's, unmasked.

    A mark that holds one has no close-up of its own: it is cut from the painted photo.
    """
    secrets = _result_secrets(result)
    photo = views.photo_rgb.copy()
    close_ups = dict(views.close_ups)
    for mark in result.marks:
        outlines = [
            element.outline_xy or mark.outline_xy
            for element in (mark.reading.elements if mark.reading else ())
            if element.text in secrets
        ]
        for outline in outlines:
            cv2.fillPoly(photo, [_widened(outline, views.scale)], _PAINT)
        if outlines:
            close_ups.pop(mark.id, None)
    return replace(views, photo_rgb=photo, close_ups=close_ups)


def hidden(text: str) -> str:
    """A text as long as the one given that tells nothing else."""
    return re.sub(r"\S", HIDDEN, text)


def is_serial(kind: str, text: str) -> bool:
    """Whether an element of a mark of this kind is hidden."""
    if text.startswith("<") or kind in ("headstamp", "packaging"):
        return False
    if kind != "serial":
        return bool(_LONG.search(text))
    return any(c.isdecimal() for c in text) or sum(c.isalpha() for c in text) <= LETTERS


def _result_secrets(result: Result) -> frozenset[str]:
    return _secrets((m.kind, [e.text for e in m.reading.elements]) for m in result.marks if m.reading)


def _secrets(marks: Iterable[tuple[str, Iterable[str]]]) -> frozenset[str]:
    """The texts to hide, given every mark's kind and its elements' texts."""
    return frozenset(text for kind, texts in marks for text in texts if is_serial(kind, text))


def _elements(mark: Mapping[str, Any]) -> list[dict[str, Any]]:
    reading = mark.get("reading")
    return reading["elements"] if reading else []


def _without(text: str, secrets: frozenset[str]) -> str:
    """A sentence with the secrets that stand in it hidden, the longest first."""
    for secret in sorted(secrets, key=lambda s: (-len(s), s)):
        if len(secret) >= LEAST_SOUGHT:
            text = text.replace(secret, hidden(secret))
    return text


def _field_hidden(name: str, text: str, value: str, secrets: frozenset[str]) -> tuple[str, str]:
    """What a decoded field was read from and its value, hidden where it is the serial or holds what is hidden."""
    if name == "serial":
        return hidden(text), hidden(value)
    return _without(text, secrets), _without(value, secrets)


def _masked_mark(mark: Mark, secrets: frozenset[str]) -> Mark:
    return replace(
        mark,
        reading=_masked_reading(mark.reading, secrets) if mark.reading else None,
        attribution=_masked_attribution(mark.attribution, secrets) if mark.attribution else None,
        fields=tuple(_masked_field(field, secrets) for field in mark.fields),
    )


def _masked_reading(reading: Reading, secrets: frozenset[str]) -> Reading:
    return replace(reading, elements=tuple(_masked_element(element, secrets) for element in reading.elements))


def _masked_element(element: Element, secrets: frozenset[str]) -> Element:
    if element.text not in secrets:
        return element
    characters = tuple(replace(c, text=HIDDEN, alternatives=()) for c in element.characters)
    return replace(element, text=hidden(element.text), characters=characters)


def _masked_field(field: Field, secrets: frozenset[str]) -> Field:
    text, value = _field_hidden(field.name, field.text, field.value, secrets)
    return replace(field, text=text, value=value)


def _masked_attribution(attribution: Attribution, secrets: frozenset[str]) -> Attribution:
    return replace(attribution, candidates=tuple(_masked_candidate(c, secrets) for c in attribution.candidates))


def _masked_candidate(candidate: Candidate, secrets: frozenset[str]) -> Candidate:
    return replace(
        candidate,
        reasons_for=tuple(_without(text, secrets) for text in candidate.reasons_for),
        reasons_against=tuple(_without(text, secrets) for text in candidate.reasons_against),
    )


def _widened(outline: Points, scale: float) -> npt.NDArray[np.int32]:
    """The outline, scale times as large, widened about its middle: (corners, 2) whole pixels."""
    points = (np.array(outline, np.float64) + 0.5) * scale - 0.5
    middle = points.mean(axis=0)
    widened: npt.NDArray[np.int32] = np.round(middle + (points - middle) * (1.0 + 2.0 * _MARGIN)).astype(np.int32)
    return widened
