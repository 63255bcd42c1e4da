"""Drawings in SVG as pictures: paths and shapes, filled or stroked, as drawing programs write plain SVG.

What a drawing may hold is checked before (files.py): no text, no styles, nothing that leads outside. What is black is
ink, what is white covers ink that lies under it (paint.py). Curves become short lines.
"""

from __future__ import annotations

import math
import re
import xml.parsers.expat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from vision.training.sets.paint import GROUND, INHERITED, INK, NUMBER, Matrix, check_plain, length, moved, number, paint
from vision.types import Rgb

SIDE_PX, MARGIN_PX = 320, 24
_STEPS = 24  # lines that a curve becomes
_MOST_POINTS, _MOST_UNITS = 200_000, 1e6
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_FAR_PX = 20_000  # where 16ths of a pixel still are small numbers to what draws them
_MOST_INK = 0.9
_FLAT = 1e-9  # an arc of such a radius is a line
SOLID = "nearly all of it is black; draw the symbol black on white, and leave out a ground"


@dataclass(frozen=True, slots=True)
class Shape:
    """Lines (points in the drawing's units, after every transform), the paint of its fill and of its stroke (None for
    none), and the stroke's width."""

    lines: list[np.ndarray]
    fill: int | None
    stroke: int | None
    width: float


class NotDrawable(ValueError):
    """What of a drawing cannot be drawn, with what to do, and its line."""

    def __init__(self, what: str, line: int = 1) -> None:
        super().__init__(what)
        self.line = line


def drawn(svg: bytes) -> Rgb:
    """A drawing as a picture (SIDE_PX, SIDE_PX, 3), black on white. Raises NotDrawable with what cannot be drawn."""
    shapes = _shapes(svg)
    count = sum(len(line) for shape in shapes for line in shape.lines)
    if not count or count > _MOST_POINTS:
        raise NotDrawable("it has no shape, or more than can be drawn; draw the symbol with some paths")
    inked = [line for shape in shapes if INK in (shape.fill, shape.stroke) for line in shape.lines]
    if not inked:
        raise NotDrawable("it shows nothing; give a line a black stroke, a shape a black fill")
    every = np.concatenate(inked)
    low, high = every.min(axis=0), every.max(axis=0)
    scale = (SIDE_PX - 2 * MARGIN_PX) / max(1e-6, float((high - low).max()))
    picture = np.full((SIDE_PX, SIDE_PX), GROUND, np.uint8)
    for shape in shapes:
        _put(picture, shape, (low + high) / 2, scale)
    if picture.min() > 128:
        raise NotDrawable("it shows nothing; give a line a black stroke, a shape a black fill")
    if mostly_ink(picture[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]):
        raise NotDrawable(SOLID)
    return np.repeat(picture[:, :, None], 3, axis=2)


def mostly_ink(gray: np.ndarray) -> bool:
    """Whether a picture (H, W) is dark nearly everywhere: a ground that was meant to be white, not a symbol."""
    return float((gray < 128).mean()) > _MOST_INK


def _put(picture: np.ndarray, shape: Shape, middle: np.ndarray, scale: float) -> None:
    """Draw a shape into a picture over what is there."""
    # Ground may reach far beyond the ink: what lies outside the picture need not be where it was.
    apart = [np.clip((line - middle) * scale + SIDE_PX / 2, -_FAR_PX, _FAR_PX) for line in shape.lines]
    lines = [np.round(line * 16).astype(np.int32) for line in apart]
    if shape.fill is not None:
        cv2.fillPoly(picture, [line for line in lines if len(line) > 2], shape.fill, cv2.LINE_AA, 4)
    if shape.stroke is not None and shape.width > 0:
        thick = int(np.clip(round(shape.width * scale), 1, SIDE_PX // 4))
        cv2.polylines(picture, lines, False, shape.stroke, thick, cv2.LINE_AA, 4)


def _shapes(svg: bytes) -> list[Shape]:
    """Every shape of a drawing, in its order."""
    found: list[Shape] = []
    state: list[tuple[Matrix, Mapping[str, str], bool]] = [(np.eye(3), {}, False)]
    parser = xml.parsers.expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        plain, (before, kept, hidden) = name.rpartition(":")[2], state[-1]
        hidden = hidden or plain == "defs" or attributes.get("display", "").strip() == "none"
        kept = {**kept, **{k: v for k, v in attributes.items() if k in INHERITED and v.strip() != "inherit"}}
        try:
            place = before if hidden else moved(before, attributes.get("transform", ""))
            state.append((place, kept, hidden))
            found.extend([] if hidden else _shape(plain, attributes, place, kept))
        except ValueError as error:
            raise NotDrawable(str(error), parser.CurrentLineNumber) from error

    def end(_: str) -> None:
        state.pop()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(svg, True)
    except xml.parsers.expat.ExpatError as error:
        raise NotDrawable("it is not SVG; save it as plain SVG", error.lineno) from error
    return found


def _shape(name: str, attributes: Mapping[str, str], place: Matrix, kept: Mapping[str, str]) -> list[Shape]:
    """The shape of an element, none for one that draws nothing."""
    check_plain(attributes)
    lines = [(np.c_[line, np.ones(len(line))] @ place.T)[:, :2] for line in _outline(name, attributes)]
    if not lines:
        return []
    if max(float(np.abs(line).max()) for line in lines) > _MOST_UNITS:
        raise ValueError("a point lies nowhere; draw the symbol smaller")
    fill = None if name == "line" else paint(kept, "fill", "black")
    size = math.sqrt(abs(float(np.linalg.det(place[:2, :2]))))
    return [Shape(lines, fill, paint(kept, "stroke", "none"), length(kept.get("stroke-width", "1")) * size)]


def _outline(name: str, a: Mapping[str, str]) -> list[np.ndarray]:
    """The lines of an element, empty for one that draws nothing."""
    value = {k: length(a.get(k, "0")) for k in ("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry")}
    if name == "path":
        return list(_path(a.get("d", "")))
    if name in ("circle", "ellipse"):
        rx, ry = (value["r"],) * 2 if name == "circle" else (value["rx"], value["ry"])
        turn = np.linspace(0, 2 * math.pi, 4 * _STEPS + 1)
        return [np.c_[value["cx"] + rx * np.cos(turn), value["cy"] + ry * np.sin(turn)]] if rx > 0 and ry > 0 else []
    if name == "rect":
        x, y, w, h = value["x"], value["y"], length(a.get("width", "0")), length(a.get("height", "0"))
        return [np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)])]
    if name == "line":
        return [np.array([(value["x1"], value["y1"]), (value["x2"], value["y2"])])]
    if name in ("polyline", "polygon"):
        numbers = [number(v) for v in NUMBER.findall(a.get("points", ""))]
        points = np.array(numbers[: len(numbers) // 2 * 2]).reshape(-1, 2)
        return [np.concatenate([points, points[:1]]) if name == "polygon" else points] if len(points) > 1 else []
    return []


def _path(d: str) -> Iterator[np.ndarray]:
    """The lines of a path's d."""
    points: list[np.ndarray] = []
    at = first = np.zeros(2)
    handle: np.ndarray | None = None  # of the curve before, for the smooth ones
    for command, n in _commands(d):
        kind, base = command.upper(), at if command.islower() else np.zeros(2)
        pairs = [base + n[i : i + 2] for i in range(0, len(n) - 1, 2)]
        mirrored = at if handle is None else 2 * at - handle
        handle = None
        if kind == "M":
            if len(points) > 1:
                yield np.array(points)
            at = first = pairs[0]
            points = [at]
            continue
        if kind == "Z":
            line = [first]
        elif kind in "HV":
            line = [np.array([base[0] + n[0], at[1]] if kind == "H" else [at[0], base[1] + n[0]])]
        elif kind == "L":
            line = [pairs[0]]
        elif kind in "CS":
            bend, handle, end = pairs if kind == "C" else (mirrored, *pairs)
            line = _curve((at, bend, handle, end))
        elif kind in "QT":
            handle, end = pairs if kind == "Q" else (mirrored, *pairs)
            line = _curve((at, handle, end))
        else:
            line = _arc(at, n[0], n[1], n[2], bool(n[3]), bool(n[4]), base + n[5:7])
        points += line
        at = line[-1]
    if len(points) > 1:
        yield np.array(points)


def _commands(d: str) -> Iterator[tuple[str, np.ndarray]]:
    """Each command of a path with its numbers, repeated ones on their own."""
    at, command = 0, ""
    while at < len(d):
        c = d[at]
        if c.isspace() or c == ",":
            at += 1
            continue
        if c.isalpha():
            command, at = c, at + 1
            if command.upper() == "Z":
                yield command, np.zeros(0)
            continue
        if _TAKES.get(command.upper(), 0) == 0:
            raise ValueError(f"a path cannot have {(command or c)[:20]!r} there; save it as plain SVG")
        numbers: list[float] = []
        while len(numbers) < _TAKES[command.upper()]:
            while at < len(d) and (d[at].isspace() or d[at] == ","):
                at += 1
            # An arc's two flags may stand without blanks after them.
            flag = command.upper() == "A" and len(numbers) in (3, 4)
            found = re.compile("[01]").match(d, at) if flag else NUMBER.match(d, at)
            if found is None:
                raise ValueError("a path lacks a number; save it as plain SVG")
            numbers.append(number(found[0]))
            at = found.end()
        yield command, np.array(numbers)
        command = {"M": "L", "m": "l"}.get(command, command)


def _curve(handles: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """A Bezier curve of any degree, without its first point."""
    found = []
    for t in np.linspace(0, 1, _STEPS + 1)[1:]:
        left = list(handles)
        while len(left) > 1:
            left = [a + t * (b - a) for a, b in pairwise(left)]
        found.append(left[0])
    return found


def _arc(
    start: np.ndarray, rx: float, ry: float, turn_deg: float, large: bool, clockwise: bool, end: np.ndarray
) -> list[np.ndarray]:
    """An elliptic arc without its first point (SVG 1.1, F.6.5)."""
    rx, ry = abs(rx), abs(ry)
    if min(rx, ry) < _FLAT or np.allclose(start, end):
        return [end]
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    back = np.array([[cos, sin], [-sin, cos]])
    half = back @ (start - end) / 2
    grow = math.sqrt(max(1.0, float((half[0] / rx) ** 2 + (half[1] / ry) ** 2)))
    rx, ry = rx * grow, ry * grow
    over = (rx * half[1]) ** 2 + (ry * half[0]) ** 2
    factor = math.sqrt(max(0.0, ((rx * ry) ** 2 - over) / over)) * (1 if large != clockwise else -1)
    inner = factor * np.array([rx * half[1] / ry, -ry * half[0] / rx])
    middle = back.T @ inner + (start + end) / 2
    first, last = (math.atan2((v[1] - inner[1]) / ry, (v[0] - inner[0]) / rx) for v in (half, -half))
    way = last - first
    way += 2 * math.pi if clockwise and way < 0 else -2 * math.pi if not clockwise and way > 0 else 0.0
    turns = first + way * np.linspace(0, 1, 2 * _STEPS + 1)[1:]
    return [middle + back.T @ np.array([rx * math.cos(t), ry * math.sin(t)]) for t in turns]
