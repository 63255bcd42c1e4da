"""Symbols of headstamps as vector strokes, turned into the same distance fields as letters."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from vision.errors import UsageError
from vision.training.render.fonts import CAP_PX, PAD_PX, Glyph, fonts_for, glyph, signed_distance
from vision.training.render.truth import Array

SIZE = CAP_PX + 2 * PAD_PX
MIDDLE = SIZE / 2
HALF = CAP_PX / 2
STROKE = 8
ENCLOSED = re.compile(
    r"<(?:circled (?P<circled>\S+)|(?P<text>\S+) in "
    r"(?P<shape>double circle|circle|triangle|oval|hexagon|diamond|square))>"
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


def _oval(c: Array) -> None:
    axes = (round(HALF * 1.15), round(HALF * 0.8))
    cv2.ellipse(c, (round(MIDDLE), round(MIDDLE)), axes, 0, 0, 360, 1.0, 5, cv2.LINE_AA)


def _double_circle(c: Array) -> None:
    _ring(c, 1.2, 4)
    _ring(c, 0.85, 4)


def _star_at(c: Array, x: float, y: float, size: float) -> None:
    _fill(c, [(x + size * px, y + size * py) for px, py in _star_points(5, 0.42)])


def _crescent_and_star(c: Array) -> None:
    """The crescent opens upwards or to the side on coins; on heads it mostly opens to the right, the star in it."""
    cv2.circle(c, (round(MIDDLE - 0.2 * HALF), round(MIDDLE)), round(0.95 * HALF), 1.0, -1, cv2.LINE_AA)
    cv2.circle(c, (round(MIDDLE + 0.1 * HALF), round(MIDDLE)), round(0.76 * HALF), 0.0, -1, cv2.LINE_AA)
    _star_at(c, 0.62, 0.0, 0.42)


def _star_in_circle(c: Array) -> None:
    _ring(c, 1.05, 5)
    _star_at(c, 0.0, 0.03, 0.78)


def _anchor(c: Array) -> None:
    _line(c, [(0, -0.6), (0, 0.85)])
    _line(c, [(-0.45, -0.35), (0.45, -0.35)], width=6)
    cv2.circle(c, (round(MIDDLE), round(MIDDLE - 0.78 * HALF)), round(0.18 * HALF), 1.0, 5, cv2.LINE_AA)
    _line(c, [(-0.8, 0.25), (-0.6, 0.65), (0, 0.9), (0.6, 0.65), (0.8, 0.25)])


def _three_crowns(c: Array) -> None:
    for x, y in ((-0.55, -0.4), (0.55, -0.4), (0.0, 0.5)):
        points = [(-1, 0.7), (-1, -0.5), (-0.45, 0.1), (0, -0.8), (0.45, 0.1), (1, -0.5), (1, 0.7)]
        _fill(c, [(x + 0.45 * px, y + 0.42 * py) for px, py in points])


def _swastika_in_circle(c: Array) -> None:
    _ring(c, 1.1, 5)
    for a in range(4):
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[a]
        arm = [(0.0, 0.0), (0.0, -0.6), (0.6, -0.6)]
        _line(c, [(cos * x - sin * y, sin * x + cos * y) for x, y in arm], width=7)


def _c_broad_arrow(c: Array) -> None:
    cv2.ellipse(c, (round(MIDDLE), round(MIDDLE)), (round(HALF), round(HALF)), 0, 40, 320, 1.0, 6, cv2.LINE_AA)
    for x in (-0.4, 0.0, 0.4):
        _line(c, [(0, -0.6), (x, 0.6)], width=5)


def _arrow(c: Array) -> None:
    _line(c, [(0, 0.95), (0, -0.9)])
    _line(c, [(-0.5, -0.35), (0, -0.95), (0.5, -0.35)])


def _arrow_in_triangle(c: Array) -> None:
    _line(c, _polygon(3, 1.15), True, 5)
    _line(c, [(0, 0.4), (0, -0.45)], width=5)
    _line(c, [(-0.22, -0.15), (0, -0.5), (0.22, -0.15)], width=5)


def _eagle_head(c: Array) -> None:
    """A brow and beak curling over, a neck sweeping away: the outline a bird's head has on commercial heads."""
    _line(c, [(-0.9, -0.25), (-0.7, -0.75), (-0.2, -0.95), (0.2, -0.8), (0.25, -0.5), (-0.05, -0.35)], width=6)
    _line(c, [(-0.9, -0.25), (-0.95, 0.05), (-0.75, 0.2), (-0.6, -0.1)], width=6)
    _line(c, [(-0.6, -0.1), (-0.55, 0.45), (-0.1, 0.8), (0.5, 0.75), (1.0, 0.35), (1.2, -0.2)], width=6)
    _ring_at(c, -0.4, -0.55, 0.12)


def _ring_at(c: Array, x: float, y: float, radius: float) -> None:
    at = (round(MIDDLE + x * HALF), round(MIDDLE + y * HALF))
    cv2.circle(c, at, round(radius * HALF), 1.0, -1, cv2.LINE_AA)


def _mosque(c: Array) -> None:
    cv2.ellipse(c, (round(MIDDLE), round(MIDDLE + 0.1 * HALF)), (round(0.5 * HALF),) * 2, 0, 180, 360, 1.0, -1)
    _fill(c, [(-0.6, 0.1), (0.6, 0.1), (0.6, 0.85), (-0.6, 0.85)])
    for x in (-0.85, 0.85):
        _line(c, [(x, 0.85), (x, -0.7)], width=7)
    _line(c, [(0, -0.4), (0, -0.8)], width=4)


def _menorah(c: Array) -> None:
    for reach in (0.3, 0.6, 0.9):
        axes = (round(reach * HALF), round(reach * HALF))
        cv2.ellipse(c, (round(MIDDLE), round(MIDDLE - 0.5 * HALF)), axes, 0, 0, 180, 1.0, 5, cv2.LINE_AA)
    _line(c, [(0, -0.6), (0, 0.9)], width=6)
    _line(c, [(-0.4, 0.9), (0.4, 0.9)], width=6)


def _palm_and_swords(c: Array) -> None:
    _line(c, [(0, 0.4), (0, -0.5)], width=6)
    for x, y in ((-0.55, -0.45), (-0.4, -0.85), (0.4, -0.85), (0.55, -0.45), (0, -1.0)):
        _line(c, [(0, -0.5), (x, y)], width=5)
    for s in (-1, 1):
        _line(c, [(-0.9 * s, 0.35), (-0.2 * s, 0.75), (0.85 * s, 0.95)], width=5)


def _flower(c: Array) -> None:
    for x, y in _polygon(6, 0.6):
        cv2.circle(c, (round(MIDDLE + x * HALF), round(MIDDLE + y * HALF)), round(0.32 * HALF), 1.0, 5, cv2.LINE_AA)
    _ring_at(c, 0.0, 0.0, 0.2)


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
    "<oval>": _oval,
    "<double circle>": _double_circle,
    "<crescent and star>": _crescent_and_star,
    "<star in circle>": _star_in_circle,
    "<anchor>": _anchor,
    "<three crowns>": _three_crowns,
    "<swastika in circle>": _swastika_in_circle,
    "<C broad arrow>": _c_broad_arrow,
    "<arrow>": _arrow,
    "<arrow in triangle>": _arrow_in_triangle,
    "<eagle head>": _eagle_head,
    "<mosque>": _mosque,
    "<menorah>": _menorah,
    "<palm and crossed swords>": _palm_and_swords,
    "<flower-like sign>": _flower,
}


def _enclosure(shape: str) -> Array:
    canvas = np.zeros((SIZE, SIZE), np.float32)
    if shape == "oval":
        _oval(canvas)
    elif shape == "circle":
        _ring(canvas, 1.1, 5)
    elif shape == "double circle":
        _ring(canvas, 1.3, 4)
        _ring(canvas, 1.08, 4)
    elif shape == "square":
        _line(canvas, _polygon(4, 1.4, 45), True, 5)
    else:
        _line(canvas, _polygon({"triangle": 3, "diamond": 4, "hexagon": 6}[shape], 1.25), True, 5)
    return canvas


def _enclosed(stem: str, text: str, shape: str) -> Array:
    """A shape's outline with a small text in it."""
    canvas = _enclosure(shape)
    able = fonts_for(text)
    inner = glyph(stem if stem in able else able[len(text) % len(able)], text)
    scale = {"triangle": 0.46, "oval": 0.6}.get(shape, 0.62) * min(1.0, 1.5 / inner.advance)
    field = (inner.distance > 0).astype(np.float32)
    matrix = np.array(
        [[scale, 0, MIDDLE - scale * inner.center_px[0]], [0, scale, MIDDLE - scale * inner.center_px[1]]]
    )
    if shape == "triangle":
        matrix[1, 2] += 0.24 * HALF
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
