"""Where a symbol may stand in a picture: squares to be looked at, many more than there are symbols.

1. ends   Factory symbols stand beside a line of text and are a little taller than it: squares of several sizes along
          the line's own axis, before its start, after its end and over its first and last letters.
2. shapes What differs from its surroundings at the size of a symbol and holds together, wherever it is: edges are
          closed into blobs at several sizes, since a struck outline shows as two thin lines, not as a filled shape.
3. turn   Squares stand as the nearest line of text leads, or as the photo stands.

What a square shows is for others to say (vision.match.symbols); nothing here knows any symbol.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vision.types import Floats, Points, Rgb, TextLine

# Sides of squares beside a line, in heights of its letters; how far beyond its ends and into it their middles lie.
END_SIDES = (1.1, 1.45, 1.9)
END_BEYOND, END_INTO = 2.6, 0.9
END_STEP = 0.32  # of a side between two squares
# Shapes: the widths, in shares of the picture's longer side, at which edges are closed; what a shape's box may be.
CLOSINGS = (0.006, 0.014, 0.028)
SHAPE_SIDES = (0.02, 0.45)  # least and most, of the picture's longer side
SHAPE_ASPECT = 2.6
SHAPE_EDGE = 3.0  # times the picture's median edge that an edge must have
EDGE_WIDTH = 4.0  # pixels by which smoothed edges reach beyond a shape, both sides together
LEAST_SHAPE = 10  # pixels: less shows nothing
LARGE = 640  # pixels of the longer side from which on edges are taken at half the size, in a quarter of the time
MOST_SHAPES = 24
MOST_LINES = 8  # the tallest of a photo's lines whose ends are looked at
BARE_EDGE = 1.2  # times the picture's median edge up to which a square shows bare ground
NEAR = 12.0  # heights of a line within which a shape stands as the line leads


@dataclass(frozen=True, slots=True)
class Square:
    """A place to look at: middle (x, y) and side in pixels of the picture, turned by angle_deg from +x towards +y."""

    middle_xy: tuple[float, float]
    side: float
    angle_deg: float

    def corners(self, share: float = 1.0) -> Points:
        """The corners of a square share times as large about the same middle, clockwise from its own upper left."""
        c, s = math.cos(math.radians(self.angle_deg)), math.sin(math.radians(self.angle_deg))
        half, (x, y) = share * self.side / 2.0, self.middle_xy
        turned = ((-half, -half), (half, -half), (half, half), (-half, half))
        return tuple((x + u * c - v * s, y + u * s + v * c) for u, v in turned)

    def moved(self, along: float, down: float, size: float) -> Square:
        """The square moved by shares of its side along and across its own axes, and made size times as large."""
        c, s = math.cos(math.radians(self.angle_deg)), math.sin(math.radians(self.angle_deg))
        u, v = along * self.side, down * self.side
        x, y = self.middle_xy
        return Square((x + u * c - v * s, y + u * s + v * c), self.side * size, self.angle_deg)

    def larger(self, times: float) -> Square:
        """The square in a picture times as large."""
        x, y = ((v + 0.5) * times - 0.5 for v in self.middle_xy)
        return Square((x, y), self.side * times, self.angle_deg)


def overlap(a: Square, b: Square) -> float:
    """Intersection over union of two squares."""
    area, _ = cv2.intersectConvexConvex(np.array(a.corners(), np.float32), np.array(b.corners(), np.float32))
    return float(area) / (a.side**2 + b.side**2 - float(area))


def candidate_squares(rgb: Rgb, lines: Sequence[TextLine]) -> tuple[Square, ...]:
    """Squares of a picture (H, W, 3) that may hold a symbol, given the lines of text found in it.

    They hold the symbol itself: whoever looks at one takes a margin round it.
    """
    shrink = 2 if max(rgb.shape[:2]) >= LARGE and min(rgb.shape[:2]) >= 2 else 1
    reduced = cv2.resize(rgb, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
    edges = _edges(np.asarray(reduced, np.uint8))
    tall = sorted(lines, key=lambda line: (-line.height, line.middle_xy))[:MOST_LINES]
    ends = _not_bare(edges, [square for line in tall for square in beside_line(line)], shrink)
    found = [*ends, *(_as_lines_lead(shape.larger(shrink), lines) for shape in _shapes(edges))]
    height, width = rgb.shape[:2]
    return tuple(q for q in found if 0 <= q.middle_xy[0] < width and 0 <= q.middle_xy[1] < height)


def _not_bare(edges: Floats, squares: Sequence[Square], shrink: int) -> list[Square]:
    """The squares, of a picture shrink times as large as edges, in which these are stronger than in the picture at
    large: bare ground beside a line shows nothing."""
    least = BARE_EDGE * _usual(edges)
    sums = cv2.integral(edges)
    height, width = edges.shape
    kept = []
    for square in squares:
        (x, y), half = square.larger(1 / shrink).middle_xy, square.side / shrink / 2.0
        x0, x1 = (min(width, max(0, round(v))) for v in (x - half, x + half))
        y0, y1 = (min(height, max(0, round(v))) for v in (y - half, y + half))
        total = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
        if total > least * max(1, (x1 - x0) * (y1 - y0)):
            kept.append(square)
    return kept


def beside_line(line: TextLine) -> Iterable[Square]:
    """Squares along the axis of a line, round its two ends."""
    height, half = line.height, line.length / 2.0
    middle = Square(line.middle_xy, 1.0, line.angle_deg)
    for side in (height * share for share in END_SIDES):
        step = END_STEP * side
        reach = (half - END_INTO * height, half + END_BEYOND * height)
        for k in range(1 + int((reach[1] - reach[0]) / step)):
            at = reach[0] + k * step
            for sign in (-1.0, 1.0):
                if at >= 0 or sign > 0:
                    placed = middle.moved(sign * at, 0.0, 1.0)
                    yield Square(placed.middle_xy, side, line.angle_deg)


def _shapes(edges: Floats) -> list[Square]:
    longer = max(edges.shape)
    found: list[tuple[float, Square]] = []
    strong = (edges > SHAPE_EDGE * max(_usual(edges), 1.0)).astype(np.uint8)
    for width in (max(3, round(closing * longer) | 1) for closing in CLOSINGS):
        closed = cv2.morphologyEx(strong, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
        count, _, boxes, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
        for x, y, w, h, area in boxes[1:count].tolist():
            side = max(w, h)
            fits = SHAPE_SIDES[0] * longer <= side <= SHAPE_SIDES[1] * longer and side <= SHAPE_ASPECT * min(w, h)
            if side < LEAST_SHAPE or not fits:
                continue
            weight = float(edges[y : y + h, x : x + w].mean()) * math.sqrt(area)
            found.append((weight, Square((x + (w - 1) / 2.0, y + (h - 1) / 2.0), side - EDGE_WIDTH, 0.0)))
    found.sort(key=lambda item: (-item[0], item[1].middle_xy, item[1].side))
    kept: list[Square] = []
    for _, square in found:
        if len(kept) < MOST_SHAPES and all(overlap(square, other) < 0.7 for other in kept):
            kept.append(square)
    return kept


def _edges(rgb: Rgb) -> Floats:
    """(H, W): how steep a picture is, the steepest of its colours, a little smoothed."""
    smooth = cv2.GaussianBlur(rgb, (0, 0), 1.0)
    across, down = (cv2.Sobel(smooth, cv2.CV_16S, *way, ksize=3).astype(np.float32) for way in ((1, 0), (0, 1)))
    red, green, blue = cv2.split(cv2.add(cv2.multiply(across, across), cv2.multiply(down, down)))
    return np.asarray(cv2.sqrt(cv2.max(cv2.max(red, green), blue)), np.float32)


def _usual(edges: Floats) -> float:
    """The median of edges (H, W), of every fourth row and column: it says the same in a sixteenth of the time."""
    return float(np.median(edges[::4, ::4]))


def _as_lines_lead(square: Square, lines: Sequence[TextLine]) -> Square:
    """A square turned as the nearest line leads, as large as before."""

    def away(line: TextLine) -> float:
        return math.dist(square.middle_xy, line.middle_xy) - line.length / 2.0

    near = [line for line in lines if line.length > 1.5 * line.height and away(line) < NEAR * line.height]
    if not near:
        return square
    return Square(square.middle_xy, square.side, min(near, key=away).angle_deg)
