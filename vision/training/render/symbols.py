"""Symbols of headstamps as vector strokes, turned into the same distance fields as letters."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from vision.errors import UsageError
from vision.training.render.fonts import CAP_PX, PAD_PX, Glyph, glyph, signed_distance
from vision.training.render.truth import Array

SIZE = CAP_PX + 2 * PAD_PX
MIDDLE = SIZE / 2
HALF = CAP_PX / 2
STROKE = 8
ENCLOSED = re.compile(
    r"<(?:circled (?P<circled>\S+)|(?P<text>\S+) in (?P<shape>circle|triangle|oval|hexagon|diamond))>"
)


def _line(canvas: Array, points: list[tuple[float, float]], closed: bool = False, width: int = STROKE) -> None:
    """A polyline in units of half a capital height around the middle."""
    xy = np.round((np.array(points) * HALF + MIDDLE) * 16).astype(np.int32)
    cv2.polylines(canvas, [xy], closed, 1.0, width, cv2.LINE_AA, 4)


def _fill(canvas: Array, points: list[tuple[float, float]]) -> None:
    cv2.fillPoly(canvas, [np.round((np.array(points) * HALF + MIDDLE) * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)


def _ring(canvas: Array, radius: float, width: int = STROKE) -> None:
    cv2.circle(canvas, (round(MIDDLE), round(MIDDLE)), round(radius * HALF), 1.0, width, cv2.LINE_AA)


def _polygon(count: int, radius: float, start_deg: float = -90.0) -> list[tuple[float, float]]:
    angles = [math.radians(start_deg + 360 * i / count) for i in range(count)]
    return [(radius * math.cos(a), radius * math.sin(a)) for a in angles]


def _star_points(count: int, inner: float) -> list[tuple[float, float]]:
    outer, inward = _polygon(count, 1.0), _polygon(count, inner, -90 + 180 / count)
    return [p for pair in zip(outer, inward, strict=True) for p in pair]


def _nato_cross(c: Array) -> None:
    _ring(c, 0.9)
    _line(c, [(-0.9, 0), (0.9, 0)])
    _line(c, [(0, -0.9), (0, 0.9)])


def _asterisk(c: Array) -> None:
    for x, y in _polygon(6, 0.8)[:3]:
        _line(c, [(x, y), (-x, -y)])


def _broad_arrow(c: Array) -> None:
    for x in (-0.75, 0.0, 0.75):
        _line(c, [(0, -1), (x, 0.9)])


def _crescent(c: Array) -> None:
    cv2.circle(c, (round(MIDDLE), round(MIDDLE)), round(HALF), 1.0, -1, cv2.LINE_AA)
    cv2.circle(c, (round(MIDDLE + 0.35 * HALF), round(MIDDLE)), round(0.8 * HALF), 0.0, -1, cv2.LINE_AA)


def _crossed_swords(c: Array) -> None:
    for s in (-1, 1):
        _line(c, [(-0.9 * s, 0.9), (0.9 * s, -0.9)], width=6)
        _line(c, [(-0.8 * s, 0.3), (-0.3 * s, 0.8)], width=6)


def _crown(c: Array) -> None:
    _line(c, [(-0.9, 0.7), (-0.9, -0.5), (-0.4, 0.1), (0, -0.9), (0.4, 0.1), (0.9, -0.5), (0.9, 0.7)], True)


def _six_pointed(c: Array) -> None:
    for start in (-90, 90):
        _line(c, _polygon(3, 0.95, start), True, 6)


def _cross(c: Array) -> None:
    _line(c, [(-0.7, 0), (0.7, 0)])
    _line(c, [(0, -0.7), (0, 0.7)])


def _box(c: Array) -> None:
    _line(c, [(-0.45, -0.9), (0.45, -0.9), (0.45, 0.9), (-0.45, 0.9)], True)


STROKES: dict[str, Callable[[Array], None]] = {
    "<nato cross>": _nato_cross,
    "<star>": lambda c: _fill(c, _star_points(5, 0.42)),
    "<open star>": lambda c: _line(c, _star_points(5, 0.42), True, 5),
    "<six-pointed star>": _six_pointed,
    "<asterisk>": _asterisk,
    "<dot>": lambda c: _ring(c, 0.3, -1),
    "<small circle>": lambda c: _ring(c, 0.4),
    "<circle>": lambda c: _ring(c, 0.85),
    "<broad arrow>": _broad_arrow,
    "<triangle>": lambda c: _line(c, _polygon(3, 1.0), True),
    "<diamond>": lambda c: _line(c, _polygon(4, 0.95), True),
    "<hexagon>": lambda c: _fill(c, _polygon(6, 0.95)),
    "<square>": lambda c: _line(c, _polygon(4, 1.1, 45), True),
    "<box>": _box,
    "<crescent>": _crescent,
    "<crossed swords>": _crossed_swords,
    "<crown>": _crown,
    "<dash>": lambda c: _line(c, [(-0.5, 0), (0.5, 0)]),
    "<bar>": lambda c: _line(c, [(0, -0.9), (0, 0.9)], False, 6),
    "<cross>": _cross,
}


def _enclosure(shape: str) -> Array:
    canvas = np.zeros((SIZE, SIZE), np.float32)
    if shape == "oval":
        axes = (round(HALF * 1.15), round(HALF * 0.8))
        cv2.ellipse(canvas, (round(MIDDLE), round(MIDDLE)), axes, 0, 0, 360, 1.0, 5, cv2.LINE_AA)
    elif shape == "circle":
        _ring(canvas, 1.1, 5)
    else:
        _line(canvas, _polygon({"triangle": 3, "diamond": 4, "hexagon": 6}[shape], 1.25), True, 5)
    return canvas


def _enclosed(stem: str, text: str, shape: str) -> Array:
    """A shape's outline with a small text in it."""
    canvas = _enclosure(shape)
    inner = glyph(stem, text)
    scale = {"triangle": 0.42, "oval": 0.6}.get(shape, 0.62) * min(1.0, 1.5 / inner.advance)
    field = (inner.distance > 0).astype(np.float32)
    matrix = np.array(
        [[scale, 0, MIDDLE - scale * inner.center_px[0]], [0, scale, MIDDLE - scale * inner.center_px[1]]]
    )
    if shape == "triangle":
        matrix[1, 2] += 0.3 * HALF
    small = cv2.warpAffine(field, matrix, (SIZE, SIZE), flags=cv2.INTER_AREA)
    return np.asarray(np.maximum(canvas, small), np.float32)


@lru_cache(maxsize=512)
def symbol(name: str, stem: str) -> Glyph:
    """A symbol such as "<nato cross>" or "<10 in circle>"; stem is the font of an enclosed text. Raises UsageError."""
    enclosed = ENCLOSED.fullmatch(name)
    if name in STROKES:
        canvas = np.zeros((SIZE, SIZE), np.float32)
        STROKES[name](canvas)
    elif enclosed:
        text = enclosed["circled"] or enclosed["text"]
        canvas = _enclosed(stem, text, enclosed["shape"] or "circle")
    else:
        raise UsageError(f"cannot draw the symbol {name}: give one of {', '.join(STROKES)} or <10 in circle>")
    columns = np.flatnonzero(canvas.max(0) > 0.5)
    advance = (columns[-1] - columns[0] + 1) / CAP_PX + 0.15
    return Glyph(signed_distance(canvas), float(advance), (MIDDLE, MIDDLE))
