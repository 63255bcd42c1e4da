"""Drawings of symbols as lines of text in models/markings/symbols.csv, and pictures of them.

A drawing lies on a canvas of 100 x 100 units, x to the right and y downward, and is made of steps parted by ";", each
drawn over those before it. Points are "x,y"; a line's width is 6 units unless a step ends with "w=".

    line P P ...      poly P P ...      curve P P ...       open line, closed line, smooth open line
    fill P P ...      blob P P ...      cut P P ...         filled shape, filled smooth shape, shape taken away
    scratch P P ...                                         a line taken away
    circle P r        disc P r          hole P r            ring, filled disc, disc taken away
    ellipse P rx,ry   oval P rx,ry      arc P rx,ry from,to ring, filled, degrees clockwise from +x
    text P h WORDS                                          centred on x, feet on y, capitals h high
    star P n outer,inner   openstar P n outer,inner         one point up, filled or as a line
    use PART P size                                         another row's drawing with its middle at P
    sign P h FONT HEX                                       a sign of a font by its code point, its middle at P

"mirror" before a step draws it a second time, mirrored about x = 50. In text, {a/b/c} stands for any of a, b, c, and
{000} for that many digits, and its height varies; a drawing without chance takes the first, and the digits as they
stand.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vision.errors import KitError
from vision.manifest import models_folder
from vision.training.render.fonts import font_files, fonts_for
from vision.training.render.truth import Array
from vision.training.symbols.invented import sign_fonts

UNITS = 100.0
WIDTH = 6.0
TABLE = "symbols.csv"
PART = "part:"
PLAIN_FONTS = ("NimbusSans-Bold", "LiberationSans-Bold", "DejaVuSans-Bold")
_SHIFT = 4  # bits below a pixel in OpenCV's points
_CHOICE = re.compile(r"\{([^}]*)\}")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SymbolRow:
    """A symbol of the marking set: its name in angle brackets, the ways it is drawn, and what it is mistaken for."""

    id: str
    name: str
    drawings: tuple[str, ...]
    look_alikes: tuple[str, ...]
    grade: str


@dataclass(slots=True)
class Pen:
    """Where and how steps are drawn: mask (H, W) uint8 is drawn on in place; px is pixels a unit, origin the pixel of
    (0, 0), weight multiplies widths, font is a stem of font_files, rng chooses between alternatives."""

    mask: np.ndarray
    px: float
    origin: Point
    parts: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0
    font: str = ""
    rng: np.random.Generator | None = None

    def at(self, points: list[Point]) -> np.ndarray:
        """Points in OpenCV's fixed-point pixels."""
        xy = np.array(points, np.float64) * self.px + np.array(self.origin)
        return np.asarray(np.round(xy * 2**_SHIFT), np.int32)

    def thick(self, width: float) -> int:
        return max(1, round(width * self.weight * self.px))

    def line(self, points: list[Point], width: float, closed: bool = False, ink: int = 255) -> None:
        cv2.polylines(self.mask, [self.at(points)], closed, ink, self.thick(width), cv2.LINE_AA, _SHIFT)

    def fill(self, points: list[Point], ink: int = 255) -> None:
        cv2.fillPoly(self.mask, [self.at(points)], ink, cv2.LINE_AA, _SHIFT)


def load_symbols(folder: Path | None = None) -> tuple[tuple[SymbolRow, ...], dict[str, str]]:
    """The symbols of the marking set in folder (or the one that comes with marktrace) and the drawings of parts."""
    path = (folder or models_folder() / "markings") / TABLE
    rows, parts = [], {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["id"].startswith(PART):
                parts[row["id"].removeprefix(PART)] = row["drawings"]
                continue
            drawings = tuple(d.strip() for d in row["drawings"].split("|"))
            rows.append(SymbolRow(row["id"], row["name"], drawings, tuple(row["look_alikes"].split()), row["grade"]))
    return tuple(rows), parts


def draw(
    drawing: str,
    size: int,
    parts: Mapping[str, str],
    *,
    margin: float = 14.0,
    weight: float = 1.0,
    font: str = "",
    rng: np.random.Generator | None = None,
) -> Array:
    """A drawing as a mask (size, size) of 0..1 with so many units of margin round its canvas.

    Without rng it is drawn as it stands. Raises KitError naming the step that cannot be drawn.
    """
    px = size / (UNITS + 2 * margin)
    pen = Pen(np.zeros((size, size), np.uint8), px, (margin * px, margin * px), parts, weight, font, rng)
    _steps(pen, drawing)
    return pen.mask.astype(np.float32) / np.float32(255)


def _steps(pen: Pen, drawing: str) -> None:
    for step in drawing.split(";"):
        words = step.split()
        if not words:
            continue
        twice = words[0] == "mirror"
        words = words[1:] if twice else words
        try:
            _STEPS[words[0]](pen, *_arguments(words))
            if twice:
                _mirrored(pen, words)
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise KitError(f"The drawing step {step.strip()!r} cannot be drawn ({error}).") from error


def _mirrored(pen: Pen, words: list[str]) -> None:
    """Draws a step on an empty sheet, mirrors it about x = 50, and lays it over."""
    sheet = Pen(np.zeros_like(pen.mask), pen.px, pen.origin, pen.parts, pen.weight, pen.font, pen.rng)
    taken = words[0] in ("cut", "hole", "scratch")
    if taken:
        sheet.mask[:] = 255
    _STEPS[words[0]](sheet, *_arguments(words))
    middle = pen.origin[0] + 50 * pen.px
    turn = np.array([[-1, 0, 2 * middle], [0, 1, 0]], np.float32)
    outside = 255 if taken else 0
    flipped = cv2.warpAffine(sheet.mask, turn, sheet.mask.shape[::-1], borderValue=outside)
    pen.mask[:] = np.minimum(pen.mask, flipped) if taken else np.maximum(pen.mask, flipped)


def _arguments(words: list[str]) -> tuple[list[str], float]:
    """The words after a step's name, and its width."""
    rest = words[1:]
    if rest and rest[-1].startswith("w="):
        return rest[:-1], float(rest[-1][2:])
    return rest, WIDTH


def _pair(word: str) -> Point:
    x, y = word.split(",")
    return float(x), float(y)


def _points(words: list[str]) -> list[Point]:
    return [_pair(word) for word in words]


def smooth(points: list[Point], closed: bool) -> list[Point]:
    """A Catmull-Rom curve through points, eight pieces between neighbours."""
    p = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    out: list[Point] = []
    for i in range(1, len(p) - 2):
        a, b, c, d = (np.array(q) for q in p[i - 1 : i + 3])
        for t in np.linspace(0, 1, 8, endpoint=False):
            at = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
            out.append((float(at[0]), float(at[1])))
    return out if closed else [*out, points[-1]]


def round_points(x: float, y: float, rx: float, ry: float, first: float = 0.0, last: float = 360.0) -> list[Point]:
    """Points of an ellipse between two angles, degrees clockwise from +x."""
    angles = np.radians(np.linspace(first, last, max(8, round(abs(last - first) / 5)) + 1))
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


def star_points(x: float, y: float, count: int, outer: float, inner: float) -> list[Point]:
    """The 2 * count corners of a star with one point up."""
    radii = [outer, inner] * count
    angles = [math.radians(-90 + 180 * i / count) for i in range(2 * count)]
    return [(x + r * math.cos(a), y + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]


def _circle(pen: Pen, words: list[str], width: float) -> None:
    (x, y), r = _pair(words[0]), float(words[1])
    pen.line(round_points(x, y, r, r), width, True)


def _disc(pen: Pen, words: list[str], ink: int) -> None:
    (x, y), r = _pair(words[0]), float(words[1])
    pen.fill(round_points(x, y, r, r), ink)


def _arc(pen: Pen, words: list[str], width: float) -> None:
    (x, y), (rx, ry), (first, last) = _points(words[:3])
    pen.line(round_points(x, y, rx, ry, first, last), width)


def _star(pen: Pen, words: list[str]) -> list[Point]:
    (x, y), (outer, inner) = _pair(words[0]), _pair(words[2])
    return star_points(x, y, int(words[1]), outer, inner)


def _ellipse(words: list[str]) -> list[Point]:
    (x, y), (rx, ry) = _pair(words[0]), _pair(words[1])
    return round_points(x, y, rx, ry)


def _use(pen: Pen, words: list[str], _width: float) -> None:
    (x, y), size = _pair(words[1]), float(words[2])
    origin = (pen.origin[0] + (x - 50 * size) * pen.px, pen.origin[1] + (y - 50 * size) * pen.px)
    part = Pen(pen.mask, pen.px * size, origin, pen.parts, pen.weight / max(size, 0.5), pen.font, pen.rng)
    _steps(part, pen.parts[words[0]])


def chosen(text: str, rng: np.random.Generator | None) -> str:
    """Text with one of the alternatives in braces."""

    def pick(match: re.Match[str]) -> str:
        ways = match[1].split("/")
        if rng is None:
            return ways[0]
        if len(ways) == 1 and ways[0].isdecimal():
            return "".join(str(d) for d in rng.integers(0, 10, len(ways[0])))
        return ways[int(rng.integers(len(ways)))]

    return _CHOICE.sub(pick, text)


@lru_cache(maxsize=256)
def _face(path: str, high: float, reference: str) -> ImageFont.FreeTypeFont:
    top, bottom = ImageFont.truetype(path, 200).getbbox(reference, anchor="ls")[1::2]
    return ImageFont.truetype(path, max(6, round(200 * high / max(20.0, bottom - top))))


def _font(text: str, wanted: str) -> Path:
    able = fonts_for(text)
    stem = wanted if wanted in able else next((plain for plain in PLAIN_FONTS if plain in able), able[0])
    return font_files()[stem]


def _text(pen: Pen, words: list[str], _width: float) -> None:
    (x, y), high = _pair(words[0]), float(words[1])
    text = chosen(" ".join(words[2:]), pen.rng)
    if pen.rng is not None:
        smaller = float(pen.rng.uniform(0.74, 1.06))
        y, high = y - 0.4 * high * (1 - smaller), high * smaller
    reference = "H" if text.isascii() else text
    face = _face(str(_font(text.replace(" ", ""), pen.font)), round(high * pen.px * 2) / 2, reference)
    left, _top, right, bottom = face.getbbox(text, anchor="ls")
    sheet = Image.new("L", pen.mask.shape[::-1], 0)
    feet = bottom if reference != "H" else 0
    at = (x * pen.px + pen.origin[0] - (left + right) / 2, y * pen.px + pen.origin[1] - feet)
    ImageDraw.Draw(sheet).text(at, text, fill=255, font=face, anchor="ls")
    np.maximum(pen.mask, np.asarray(sheet), out=pen.mask)


@lru_cache(maxsize=512)
def _sign_face(stem: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(sign_fonts()[stem], size)


def _sign(pen: Pen, words: list[str], _width: float) -> None:
    """A sign scaled so that its longer side is h."""
    (x, y), high = _pair(words[0]), float(words[1]) * pen.px
    left, top, right, bottom = _sign_face(words[2], 96).getbbox(chr(int(words[3], 16)), anchor="ls")
    face = _sign_face(words[2], max(6, round(48 * high / max(right - left, bottom - top)) * 2))
    left, top, right, bottom = face.getbbox(chr(int(words[3], 16)), anchor="ls")
    sheet = Image.new("L", pen.mask.shape[::-1], 0)
    at = (x * pen.px + pen.origin[0] - (left + right) / 2, y * pen.px + pen.origin[1] - (top + bottom) / 2)
    ImageDraw.Draw(sheet).text(at, chr(int(words[3], 16)), fill=255, font=face, anchor="ls")
    np.maximum(pen.mask, np.asarray(sheet), out=pen.mask)


_STEPS: dict[str, Callable[[Pen, list[str], float], None]] = {
    "line": lambda p, a, w: p.line(_points(a), w),
    "poly": lambda p, a, w: p.line(_points(a), w, True),
    "curve": lambda p, a, w: p.line(smooth(_points(a), False), w),
    "loop": lambda p, a, w: p.line(smooth(_points(a), True), w, True),
    "fill": lambda p, a, w: p.fill(_points(a)),
    "blob": lambda p, a, w: p.fill(smooth(_points(a), True)),
    "cut": lambda p, a, w: p.fill(_points(a), 0),
    "scratch": lambda p, a, w: p.line(_points(a), w, ink=0),
    "circle": _circle,
    "disc": lambda p, a, w: _disc(p, a, 255),
    "hole": lambda p, a, w: _disc(p, a, 0),
    "ellipse": lambda p, a, w: p.line(_ellipse(a), w, True),
    "oval": lambda p, a, w: p.fill(_ellipse(a)),
    "arc": _arc,
    "star": lambda p, a, w: p.fill(_star(p, a)),
    "openstar": lambda p, a, w: p.line(_star(p, a), w, True),
    "text": _text,
    "use": _use,
    "sign": _sign,
}
