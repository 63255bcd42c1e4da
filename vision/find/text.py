"""Straight lines of text in a picture: stamped, engraved, rolled, cast or printed, at any angle.

1. look    A network trained on text of all kinds says for every pixel whether it lies in the core of a line (the
           PP-OCRv6 detector, Apache-2.0, see NOTICE). It sees the picture in two sizes or three: what it misses in
           one, faint strokes above all, it often finds in another.
2. box     Every core gets the narrowest box round it; the letters stand out beyond it by an amount that was measured
           on drawn text.
3. turn    A box is read along its longer side only when it is too long for a single character, a bare I even. The
           others follow the long line nearest to them, or stand as the photo stands.
4. join    Neighbours on one base line are one line: widely spaced digits are found one by one. Of lines that lie on
           one another the best stays.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from vision.errors import KitError
from vision.types import Floats, Rgb, TextLine
from vision.weights import open_weights

_LEAST_SIDE = 320  # pixels the longer side is brought to: letters of tiny crops must be as large as the network knows
# Sizes of the picture that the network sees, as shares of the largest, and whether its contrast is evened there:
# faint paint and shallow strokes on blotched metal show themselves only so, and all else best as it is.
_LOOKS = ((1.0, False), (0.65, True))
_SMALL_LOOKS = ((1.0, False), (0.7, True), (0.5, False))  # of pictures so small that a look costs next to nothing
_EVEN_PX, _EVEN_DEVIATION, _LEAST_DEVIATION = 20.0, 45.0, 3.0
_GRID = 32  # the network wants sides that are multiples of this
_CORE = 0.3  # a pixel belongs to a core from this
_LEAST_SCORE = 0.5  # mean over a core; less is texture
_CORE_SIDE = (3.0, 64.0)  # pixels of the shorter side, least and most: larger ones are blotches and faces
_LEAST_COVER = 0.6  # of its box that a core covers: text on an arc and blotches cover less
_LONG = 4.5  # lengths of a line in heights from which it cannot be one character
_FOLLOW = 20.0  # heights within which a shorter one follows it
_LONGEST = 60.0
# Least squares over 117 drawn words, 10 to 75 pixels high, flat and in relief: letters are 1.52 cores high,
# less 4.3 pixels (never less than it), and stand out at its ends by 0.23 of their height.
_HEIGHT_SLOPE, _HEIGHT_OFFSET, _ENDS = 1.52, -4.3, 0.23
_OVER = 0.3  # of the smaller line that may lie under another
_JOIN_GAP = 1.0  # heights between two lines that are one
_JOIN_ALIKE = 1.4  # ratio of their heights
_JOIN_OFF = 0.3  # heights that the base line may jump
_JOIN_TURN_DEG = 8.0
_SHORT = 2.0  # lengths of a line in heights up to which its own direction says little
_GROUP_GAP = 10.0  # heights between lines of one mark
_GROUP_TURN_DEG = 15.0


class TextFinder:
    """Finds lines of text. Keeps the network's session; one finder serves a whole batch."""

    def __init__(self, weights: Path, threads: int = 1) -> None:
        """weights is models/weights/lines.onnx. Raises KitError when it is missing or is not this network."""
        self._session = open_weights(weights, threads)
        try:
            (self._input,) = (i.name for i in self._session.get_inputs() if len(i.shape) == 4 and i.shape[1] == 3)
        except ValueError as error:
            raise KitError(f"The weights {weights.name} are not the text finder's: reinstall marktrace.") from error

    def find_lines(self, rgb: Rgb, *, max_lines: int = 24, max_side: int = 736) -> tuple[TextLine, ...]:
        """The lines of text of an oriented RGB picture (H, W, 3), in its pixels, surest first; no two overlap much.

        The network looks at the picture reduced to max_side pixels (time grows with its square: a third of a second at
        736 on one core); letters under about 6 pixels there are not seen. Lines are right up to half a turn.
        """
        longer = max(rgb.shape[:2])
        largest = min(max(longer, _LEAST_SIDE), max_side) / longer
        shares = _SMALL_LOOKS if longer <= _LEAST_SIDE else _LOOKS
        lines = [line for share, evened in shares for line in self._look(rgb, largest * share, evened=evened)]
        lines.sort(key=lambda line: (-line.score * (line.length / line.height) ** 0.25, line.corners_xy))
        return tuple(sorted(_apart(lines), key=lambda line: (-line.score, line.corners_xy))[:max_lines])

    def _look(self, rgb: Rgb, factor: float, *, evened: bool) -> list[TextLine]:
        """The lines seen in the picture resized by factor, in the picture's pixels."""
        width, height = (max(1, round(n * factor)) for n in rgb.shape[1::-1])
        work = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
        seen = np.asarray(work, np.uint8)
        boxes = _turned(_boxes(self._core(_even(seen) if evened else seen)))
        return [_line(box, (width / rgb.shape[1], height / rgb.shape[0])) for box in _joined(boxes)]

    def _core(self, rgb: Rgb) -> Floats:
        """(H, W, 3) to (H, W): how likely each pixel lies in the core of a line."""
        height, width = rgb.shape[:2]
        padded = cv2.copyMakeBorder(rgb, 0, -height % _GRID, 0, -width % _GRID, cv2.BORDER_REPLICATE)
        batch = (padded.astype(np.float32) / np.float32(127.5) - np.float32(1.0)).transpose(2, 0, 1)[None]
        seen = np.asarray(self._session.run(None, {self._input: batch})[0], np.float32)
        return seen[0, 0, :height, :width]


def group_lines(lines: Sequence[TextLine]) -> tuple[tuple[TextLine, ...], ...]:
    """Lines that belong to one mark together, each group from top to bottom and left to right as it is read.

    Two lines belong together that lead the same way (up to half a turn) and lie a few heights apart.
    """
    groups: list[list[TextLine]] = []
    for line in lines:
        near = [g for g in groups if any(_belong(line, other) for other in g)]
        groups = [g for g in groups if g not in near] + [[line, *(other for g in near for other in g)]]
    groups.sort(key=lambda g: (-max(line.score for line in g), g[0].corners_xy))
    return tuple(_in_order(g) for g in groups)


def _even(rgb: Rgb) -> Rgb:
    """(H, W, 3) to the same with the local mean of each channel taken away and the local deviation of all three made
    the same everywhere."""
    away = rgb.astype(np.float32)
    away -= _blurred(away)
    red, green, blue = cv2.split(away)
    power = _blurred((red * red + green * green + blue * blue) / np.float32(3.0))
    away *= (np.float32(_EVEN_DEVIATION) / (np.sqrt(power) + np.float32(_LEAST_DEVIATION)))[..., None]
    return np.asarray(np.clip(away + np.float32(128.0), 0.0, 255.0), np.uint8)


def _blurred(picture: Floats) -> Floats:
    """A picture blurred by _EVEN_PX; a large one at half its size, since nothing finer is left of it, in a quarter of
    the time."""
    high, wide = picture.shape[:2]
    if max(high, wide) <= _LEAST_SIDE:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), _EVEN_PX), np.float32)
    small = cv2.resize(picture, (max(1, wide // 2), max(1, high // 2)), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), _EVEN_PX / 2.0)
    return np.asarray(cv2.resize(blurred, (wide, high), interpolation=cv2.INTER_LINEAR), np.float32)


@dataclass(frozen=True, slots=True)
class _Box:
    """The letters' box of one line: middle, length along angle (radians from +x towards +y), height, pixels of the
    working picture."""

    x: float
    y: float
    length: float
    height: float
    angle: float
    score: float

    def across(self, x: float, y: float) -> tuple[float, float]:
        """A point's place along and across the line, from its middle."""
        c, s = math.cos(self.angle), math.sin(self.angle)
        return (x - self.x) * c + (y - self.y) * s, (y - self.y) * c - (x - self.x) * s


def _boxes(core: Floats) -> list[_Box]:
    """A box for each core, along its longer side."""
    found = []
    contours, _ = cv2.findContours((core > _CORE).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        (x, y), (a, b), angle = cv2.minAreaRect(contour)
        a, b, turn = (a + 1.0, b + 1.0, angle) if a >= b else (b + 1.0, a + 1.0, angle + 90.0)
        left, top, width, height = cv2.boundingRect(contour)
        mask = np.zeros((height, width), np.uint8)
        cv2.drawContours(mask, [contour - (left, top)], -1, 1, cv2.FILLED)
        score = float(core[top : top + height, left : left + width][mask > 0].mean())
        if not _CORE_SIDE[0] <= b <= _CORE_SIDE[1] or score < _LEAST_SCORE or float(mask.sum()) < _LEAST_COVER * a * b:
            continue
        tall = max(b, _HEIGHT_SLOPE * b + _HEIGHT_OFFSET)
        found.append(_Box(x, y, a + 2.0 * _ENDS * tall, tall, _half_turn(math.radians(turn)), min(1.0, score)))
    return [box for box in found if box.length < _LONGEST * box.height]


def _half_turn(angle: float) -> float:
    """The same direction in -90 (not quite) to 90 degrees, up to half a turn."""
    return math.pi / 2.0 - (math.pi / 2.0 - angle) % math.pi


def _turned(boxes: Sequence[_Box]) -> list[_Box]:
    """Boxes that may be single characters turned as the nearest long line leads, or as the photo stands."""
    long = [box for box in boxes if box.length >= _LONG * box.height]
    turned = [*long]
    for box in boxes:
        if box.length < _LONG * box.height:
            away = [(math.hypot(o.x - box.x, o.y - box.y) - o.length / 2.0, o.angle) for o in long]
            near = min(away, default=(math.inf, 0.0))
            turned.append(_nearest_side(box, near[1] if near[0] < _FOLLOW * box.height else 0.0))
    return turned


def _nearest_side(box: _Box, angle: float) -> _Box:
    """The box read along whichever of its sides leads most nearly as angle does."""
    quarter = _half_turn(box.angle + math.pi / 2.0)
    if abs(math.sin(box.angle - angle)) <= abs(math.sin(quarter - angle)):
        return box
    return replace(box, length=box.height, height=box.length, angle=quarter)


def _joined(boxes: Iterable[_Box]) -> list[_Box]:
    """The boxes with neighbours on one base line joined, longest first."""
    waiting = sorted(boxes, key=lambda b: (-b.length, b.x, b.y))
    done: list[_Box] = []
    while waiting:
        box = waiting.pop(0)
        for other in waiting:
            if _one_line(box, other):
                waiting.remove(other)
                waiting.insert(0, _union(box, other))
                break
        else:
            done.append(box)
    return done


def _one_line(box: _Box, other: _Box) -> bool:
    """Whether the other, not longer box goes on where box ends."""
    along, off = box.across(other.x, other.y)
    tall = max(box.height, other.height)
    gap = abs(along) - (box.length + other.length) / 2.0
    turn = abs(math.sin(box.angle - other.angle))
    short = other.length < _SHORT * other.height
    return (
        gap < _JOIN_GAP * min(box.height, other.height)
        and abs(off) < _JOIN_OFF * tall
        and tall < _JOIN_ALIKE * min(box.height, other.height)
        and (short or turn < math.sin(math.radians(_JOIN_TURN_DEG)))
    )


def _union(box: _Box, other: _Box) -> _Box:
    """One box round both, along the first."""
    along, off = box.across(other.x, other.y)
    first = min(-box.length / 2.0, along - other.length / 2.0)
    last = max(box.length / 2.0, along + other.length / 2.0)
    share = other.length / (box.length + other.length)
    middle, down = (first + last) / 2.0, off * share
    c, s = math.cos(box.angle), math.sin(box.angle)
    return replace(
        box,
        x=box.x + middle * c - down * s,
        y=box.y + middle * s + down * c,
        length=last - first,
        height=box.height + (other.height - box.height) * share,
        score=box.score + (other.score - box.score) * share,
    )


def _line(box: _Box, scale_xy: tuple[float, float]) -> TextLine:
    """The box as a line of the picture, of which the working picture is scale_xy times the size."""
    c, s = math.cos(box.angle), math.sin(box.angle)
    corners = []
    for u, v in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        x = box.x + u * box.length * c - v * box.height * s
        y = box.y + u * box.length * s + v * box.height * c
        corners.append(((x + 0.5) / scale_xy[0] - 0.5, (y + 0.5) / scale_xy[1] - 0.5))
    return TextLine(tuple(corners), box.score)


def _apart(lines: Iterable[TextLine]) -> list[TextLine]:
    """The lines of which none lies over a better one; the best come first."""
    kept: list[TextLine] = []
    for line in lines:
        if all(_overlap(line, other) <= _OVER for other in kept):
            kept.append(line)
    return kept


def _overlap(a: TextLine, b: TextLine) -> float:
    """The share of the smaller line's box that lies in the other's."""
    area, _ = cv2.intersectConvexConvex(np.array(a.corners_xy, np.float32), np.array(b.corners_xy, np.float32))
    return float(area) / min(a.length * a.height, b.length * b.height)


def _belong(a: TextLine, b: TextLine) -> bool:
    """Whether two lines are of one mark."""
    away = (a.angle_deg - b.angle_deg + 90.0) % 180.0 - 90.0
    if abs(away) > _GROUP_TURN_DEG:
        return False
    points_a, points_b = (np.array(line.corners_xy, np.float32) for line in (a, b))
    gaps = [cv2.pointPolygonTest(points_a, (float(x), float(y)), True) for x, y in points_b]
    gaps += [cv2.pointPolygonTest(points_b, (float(x), float(y)), True) for x, y in points_a]
    return -max(gaps) < _GROUP_GAP * max(a.height, b.height)


def _in_order(group: Sequence[TextLine]) -> tuple[TextLine, ...]:
    """Lines from top to bottom; those beside one another from left to right."""
    angle = math.radians(max(group, key=lambda line: line.length).angle_deg)
    c, s = math.cos(angle), math.sin(angle)
    placed = [(x * c + y * s, y * c - x * s, line) for line in group for x, y in (line.middle_xy,)]
    placed.sort(key=lambda p: p[1])
    rows: list[list[tuple[float, float, TextLine]]] = []
    for item in placed:
        if rows and item[1] - rows[-1][-1][1] < 0.6 * min(item[2].height, rows[-1][-1][2].height):
            rows[-1].append(item)
        else:
            rows.append([item])
    return tuple(line for row in rows for _, _, line in sorted(row, key=lambda p: p[0]))
