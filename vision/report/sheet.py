"""Sheets as one self-contained HTML page: no script, no network, everything from outside escaped.

The page carries a Content-Security-Policy that allows inline style and data images only, so that even a fault in the
escaping could not load or run anything. Pictures are encoded anew from pixels; the photo's metadata does not travel.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from vision.report import content, places
from vision.report.decoded import decoded_lines
from vision.report.overlay import has_letters
from vision.report.places import Strip
from vision.text import visible
from vision.types import Character, CloseUp, Element, Mark, Result, Rgb, Views

# How wide strips are drawn, in the units of their own SVG; their labels are sized in the same units.
_STRIP_WIDTH = 1000.0


@dataclass(frozen=True, slots=True)
class _Shape:
    """An outline drawn over a picture, points as SVG wants them; label stands at (x, y)."""

    points: str
    doubt: str
    label: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class _Picture:
    uri: str
    width: int
    height: int
    shapes: tuple[_Shape, ...]
    outlines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    doubt: str
    x: float
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class _StripPicture:
    uri: str
    width: float
    height: float
    letters: tuple[_Letter, ...]
    clock: tuple[tuple[int, float], ...]
    note: str


def page(shown: Iterable[tuple[Result, Views | None]], limit: int = 5) -> str:
    """The sheets of some photos as one HTML page.

    Args:
        shown: results, each with the pictures to draw, or None where there are none (a photo that was refused).
        limit: show at most this many candidates a mark.
    """
    environment = Environment(
        loader=PackageLoader("vision.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = content.percent
    environment.filters["visible"] = visible
    photos = [_photo(result, views, limit) for result, views in shown]
    return environment.get_template("sheet.html.j2").render(
        photos=photos,
        content=content,
    )


def _photo(result: Result, views: Views | None, limit: int) -> dict[str, object]:
    return {
        "result": result,
        "overview": _overview(result.marks, views) if views else None,
        "marks": [_mark(mark, number, views, limit) for number, mark in enumerate(result.marks, 1)],
    }


def _mark(mark: Mark, number: int, views: Views | None, limit: int) -> dict[str, object]:
    elements = mark.reading.elements if mark.reading else ()
    drawn: dict[str, object] = {
        "number": number,
        "kind": content.kind_name(mark),
        "mark": mark,
        "close_up": _close_up(mark, views) if views else None,
        "strips": [_strip(s) for s in places.all_strips(mark, views)] if views else [],
        "elements": [_element(element, mark, views) for element in elements],
        "lettered": any(map(has_letters, elements)),
        "decoded": decoded_lines(mark),
        "answer": None,
    }
    if mark.attribution:
        drawn |= {
            "answer": content.answer(mark.attribution),
            "rows": content.rows(mark.attribution, limit),
            "left_over": content.left_over(mark.attribution, limit),
        }
    return drawn


def _element(element: Element, mark: Mark, views: Views | None) -> dict[str, object]:
    crop = places.shown_symbol(element, mark, views) if views else None
    return {
        "picture": _data_uri(crop.rgb) if crop else "",
        "text": element.text,
        "note": content.element_note(element),
        "symbol": element.text.startswith("<"),
        "characters": [
            {
                "text": character.text,
                "doubt": content.doubt(character.probability),
                "probability": character.probability,
                "alternatives": character.alternatives[:3],
            }
            for character in places.in_sight_order(element)
        ],
    }


def _close_up(mark: Mark, views: Views) -> _Picture:
    crop = places.close_up(mark, views)
    elements = mark.reading.elements if mark.reading else ()
    shapes = [_shape(c, crop, mark, lettered=has_letters(e)) for e in elements for c in e.characters if c.outline_xy]
    height, width = crop.rgb.shape[:2]
    return _Picture(_data_uri(crop.rgb), width, height, tuple(shapes), (_svg(crop.place(mark.outline_xy)),))


def _overview(marks: Sequence[Mark], views: Views) -> _Picture | None:
    """The whole photo with the marks numbered, where it is worth showing."""
    if not places.needs_overview(marks, views):
        return None
    photo = places.whole(views)
    height, width = photo.rgb.shape[:2]
    shapes = []
    for number, mark in enumerate(marks, 1):
        points = photo.place(mark.outline_xy)
        if points:
            x, y = places.corner(points, width, height)
            shapes.append(_Shape(_svg(points), "sure", str(number), x, y))
    return _Picture(_data_uri(photo.rgb), width, height, tuple(shapes), ())


def _shape(character: Character, crop: CloseUp, mark: Mark, *, lettered: bool) -> _Shape:
    """A character's outline, its label if it has one on the side away from the middle of the mark."""
    points = crop.place(character.outline_xy)
    x, y = _middle(points)
    middle_x, middle_y = _middle(crop.place(mark.outline_xy)) if mark.outline_xy else (x, y + 1.0)
    dx, dy = x - middle_x, y - middle_y
    length = max(1.0, (dx * dx + dy * dy) ** 0.5)
    reach = max(((px - x) * dx + (py - y) * dy) / length for px, py in points) + 0.022 * max(crop.rgb.shape[:2])
    label = visible(character.text) if lettered and not character.text.startswith("<") else ""
    return _Shape(
        _svg(points), content.doubt(character.probability), label, x + dx / length * reach, y + dy / length * reach
    )


def _strip(strip: Strip) -> _StripPicture:
    height, width = strip.rgb.shape[:2]
    unit = _STRIP_WIDTH / width
    letters = tuple(
        _Letter(
            "" if slot.character.text.startswith("<") else visible(slot.character.text),
            content.doubt(slot.character.probability),
            round((slot.left + slot.right) / 2 * unit, 1),
            round(slot.left * unit, 1),
            round((slot.right - slot.left) * unit, 1),
        )
        for word in strip.words
        for slot in word.slots
    )
    clock = tuple((hour, round(x * unit, 1)) for hour, x in strip.clock)
    note = content.strip_note(strip.half_turned, strip.name)
    return _StripPicture(_data_uri(strip.rgb), _STRIP_WIDTH, round(height * unit, 1), letters, clock, note)


def _middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def _svg(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _data_uri(rgb: Rgb) -> str:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=88, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
