"""Drawings in SVG as pictures: paths and shapes, filled or stroked, as drawing programs write plain SVG.

What a drawing may hold is checked before (files.py): no text, no styles, nothing that leads outside. Fill and stroke
are taken as ink or none; colours do not count. Curves become short lines.
"""

from __future__ import annotations

import math
import re
import xml.parsers.expat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np

from vision.types import Rgb

SIDE_PX, MARGIN_PX = 320, 24
_STEPS = 24  # lines that a curve becomes
_MOST_POINTS = 200_000
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate)\s*\(([^)]*)\)")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
Matrix = np.ndarray


@dataclass(slots=True)
class Shape:
    """Lines (points in the drawing's units, after every transform), whether filled, and the stroke's width, 0 for
    none."""

    lines: list[np.ndarray] = field(default_factory=list)
    filled: bool = True
    width: float = 0.0


def drawn(svg: bytes) -> Rgb:
    """A drawing as a picture (SIDE_PX, SIDE_PX, 3), black on white. Raises ValueError with what cannot be drawn."""
    shapes = list(_shapes(svg))
    points = [line for shape in shapes for line in shape.lines]
    count = sum(len(line) for line in points)
    if not count or count > _MOST_POINTS:
        raise ValueError("it has no shape, or more than can be drawn")
    every = np.concatenate(points)
    if not np.isfinite(every).all() or float(np.abs(every).max()) > 1e6:
        raise ValueError("a point lies nowhere")
    low, high = every.min(axis=0), every.max(axis=0)
    scale = (SIDE_PX - 2 * MARGIN_PX) / max(1e-6, float((high - low).max()))
    middle = (low + high) / 2
    picture = np.full((SIDE_PX, SIDE_PX), 255, np.uint8)
    for shape in shapes:
        lines = [np.round(((line - middle) * scale + SIDE_PX / 2) * 16).astype(np.int32) for line in shape.lines]
        if shape.filled:
            cv2.fillPoly(picture, [line for line in lines if len(line) > 2], 0, cv2.LINE_AA, 4)
        if shape.width > 0:
            thick = int(np.clip(round(shape.width * scale), 1, SIDE_PX // 4))
            cv2.polylines(picture, lines, False, 0, thick, cv2.LINE_AA, 4)
    if picture.min() > 128:
        raise ValueError("it shows nothing: a line needs a stroke, a shape a fill")
    return np.repeat(picture[:, :, None], 3, axis=2)


def _shapes(svg: bytes) -> Iterator[Shape]:
    """Every shape of a drawing, in its order."""
    found: list[Shape] = []
    state: list[tuple[Matrix, Mapping[str, str]]] = [(np.eye(3), {})]
    hidden = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal hidden
        plain = name.rpartition(":")[2]
        matrix, kept = state[-1]
        kept = {**kept, **{k: v for k, v in attributes.items() if k in ("fill", "stroke", "stroke-width")}}
        matrix = matrix @ _matrix(attributes.get("transform", ""))
        state.append((matrix, kept))
        hidden += plain == "defs"
        lines = [] if hidden else _outline(plain, attributes)
        if lines:
            stroke = kept.get("stroke", "none") != "none"
            size = math.sqrt(abs(float(np.linalg.det(matrix[:2, :2]))))
            width = _length(kept.get("stroke-width", "1")) * size if stroke else 0.0
            moved = [(np.c_[line, np.ones(len(line))] @ matrix.T)[:, :2] for line in lines]
            found.append(Shape(moved, kept.get("fill", "black") != "none" and plain != "line", width))

    def end(name: str) -> None:
        nonlocal hidden
        hidden -= name.rpartition(":")[2] == "defs"
        state.pop()

    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(svg, True)
    except xml.parsers.expat.ExpatError as error:
        raise ValueError("it is not SVG") from error
    return iter(found)


def _matrix(text: str) -> Matrix:
    matrix = np.eye(3)
    for kind, inside in _TRANSFORM.findall(text):
        n = [float(v) for v in _NUMBER.findall(inside)]
        one = np.eye(3)
        if kind == "matrix" and len(n) == 6:
            one[:2] = [[n[0], n[2], n[4]], [n[1], n[3], n[5]]]
        elif kind == "translate" and n:
            one[:2, 2] = n[0], n[1] if len(n) > 1 else 0.0
        elif kind == "scale" and n:
            one[0, 0], one[1, 1] = n[0], n[-1]
        elif kind == "rotate" and len(n) in (1, 3):
            cos, sin = math.cos(math.radians(n[0])), math.sin(math.radians(n[0]))
            x, y = n[1:] or (0.0, 0.0)
            one[:2] = [[cos, -sin, x - cos * x + sin * y], [sin, cos, y - sin * x - cos * y]]
        else:
            raise ValueError(f"the transform {kind} has other numbers than it takes")
        matrix = matrix @ one
    return matrix


def _length(text: str) -> float:
    number = _NUMBER.match(text.strip())
    if number is None:
        raise ValueError(f"{text[:40]!r} is no length")
    return float(number[0])


def _outline(name: str, a: Mapping[str, str]) -> list[np.ndarray]:
    """The lines of an element, empty for one that draws nothing."""
    value = {k: _length(a.get(k, "0")) for k in ("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry")}
    if name == "path":
        return list(_path(a.get("d", "")))
    if name in ("circle", "ellipse"):
        rx, ry = (value["r"],) * 2 if name == "circle" else (value["rx"], value["ry"])
        turn = np.linspace(0, 2 * math.pi, 4 * _STEPS + 1)
        return [np.c_[value["cx"] + rx * np.cos(turn), value["cy"] + ry * np.sin(turn)]] if rx > 0 and ry > 0 else []
    if name == "rect":
        x, y, w, h = value["x"], value["y"], _length(a.get("width", "0")), _length(a.get("height", "0"))
        return [np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)])]
    if name == "line":
        return [np.array([(value["x1"], value["y1"]), (value["x2"], value["y2"])])]
    if name in ("polyline", "polygon"):
        numbers = [float(v) for v in _NUMBER.findall(a.get("points", ""))]
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
            raise ValueError(f"a path cannot have {command or c!r} there")
        numbers: list[float] = []
        while len(numbers) < _TAKES[command.upper()]:
            while at < len(d) and (d[at].isspace() or d[at] == ","):
                at += 1
            # An arc's two flags may stand without blanks after them.
            flag = command.upper() == "A" and len(numbers) in (3, 4)
            found = re.compile("[01]").match(d, at) if flag else _NUMBER.match(d, at)
            if found is None:
                raise ValueError("a path lacks a number")
            numbers.append(float(found[0]))
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
    if rx == 0 or ry == 0 or np.allclose(start, end):
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
