"""The straight lines of one mark close up: their patches for the readers, and the way back to the photo."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from vision.flatten.quad import FlatLine, flatten_line
from vision.photo import OpenPhoto
from vision.read.protocol import Patch
from vision.types import CloseUp, Element, Points, Rgb, TextLine, Word

# The height readers want, how much of it the letters fill, and how high (pixels) letters are cut from the photo, at
# least where that takes less decoding: as high as readers see them.
READ_ROWS = 48
FILL = 0.72
LETTERS_PX = 52.0
LEAST_LETTERS_PX = 36.0
# Pixels: the longer side of the picture a mark's lines are cut from, at most.
MOST_SIDE = 2400
# How far beyond its lines' boxes a mark's outline reaches, and how far its picture does, in heights of the letters.
OUTLINE_MARGIN, PICTURE_MARGIN = 0.3, 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The lines of one mark at reading resolution: rgb, the lines in its pixels made upright, and where rgb lies."""

    rgb: Rgb
    lines: tuple[TextLine, ...]
    flat: tuple[FlatLine, ...]
    scale: float
    corner_xy: tuple[float, float]

    @property
    def score(self) -> float:
        """How surely this is text: the surest line's score."""
        return max(line.score for line in self.lines)

    @property
    def letters_px(self) -> float:
        """Height of the highest line's letters in pixels of the photo."""
        return max(line.height for line in self.lines) / self.scale

    def to_photo(self, points_xy: Iterable[tuple[float, float]]) -> Points:
        """Points of rgb as points of the photo at full size."""
        x0, y0 = self.corner_xy
        return tuple(
            (float((x + 0.5) / self.scale - 0.5 + x0), float((y + 0.5) / self.scale - 0.5 + y0)) for x, y in points_xy
        )

    def outline_xy(self) -> Points:
        """The narrowest box round all lines, in the photo."""
        corners = np.array([c for line in self.lines for c in line.corners_xy], np.float32)
        (x, y), (width, height), angle = cv2.minAreaRect(corners)
        margin = 2.0 * OUTLINE_MARGIN * max(line.height for line in self.lines)
        return self.to_photo(map(tuple, cv2.boxPoints(((x, y), (width + margin, height + margin), angle))))


def look_close(opened: OpenPhoto, group: Sequence[TextLine], scale: float) -> Lines:
    """The lines of one mark, found in a picture scale times the photo's size, at reading resolution."""
    margin = PICTURE_MARGIN * max(line.height for line in group)
    corners = np.array([c for line in group for c in line.corners_xy])
    low, high = (corners.min(axis=0) - margin + 0.5) / scale - 0.5, (corners.max(axis=0) + margin + 0.5) / scale - 0.5
    low, high = np.maximum(low, 0.0), np.minimum(high, (opened.photo.width - 1.0, opened.photo.height - 1.0))
    letters = min(line.height for line in group) / scale
    longer = float((high - low).max())
    side = min(MOST_SIDE, max(READ_ROWS, round(longer * min(1.0, LETTERS_PX / letters))))
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    rgb, crop_scale, (x0, y0) = opened.crop_rgb(box, side, math.ceil(longer * min(1.0, LEAST_LETTERS_PX / letters)))

    def inside(point: tuple[float, float]) -> tuple[float, float]:
        px, py = (point[0] + 0.5) / scale - 0.5, (point[1] + 0.5) / scale - 0.5
        return (px - x0 + 0.5) * crop_scale - 0.5, (py - y0 + 0.5) * crop_scale - 0.5

    lines = tuple(replace(line, corners_xy=tuple(map(inside, line.corners_xy))) for line in group)
    flat = tuple(flatten_line(rgb, line, height=READ_ROWS, fill=FILL) for line in lines)
    return Lines(rgb, lines, flat, crop_scale, (x0, y0))


def some_of(lines: Lines, numbers: Sequence[int]) -> Lines:
    """Some of the lines of one mark, by number, in the same picture."""
    return replace(lines, lines=tuple(lines.lines[k] for k in numbers), flat=tuple(lines.flat[k] for k in numbers))


def patches(lines: Lines) -> list[Patch]:
    """One patch a line."""
    return [Patch(flat.rgb) for flat in lines.flat]


def close_up(lines: Lines) -> CloseUp:
    """The picture of the mark that a sheet shows."""
    return CloseUp(lines.rgb, lines.scale, lines.corner_xy)


def outlined(element: Element, word: Word, lines: Lines, number: int) -> Element:
    """An element read as a word on the number-th line, with its and its characters' outlines in the photo.

    A character is taken to be as wide as three quarters of the letters' height, less where neighbours stand closer.
    """
    flat = lines.flat[number]
    gaps = [abs(b - a) for a, b in pairwise(word.angles)]
    reach = min([0.75 * (flat.box[3] - flat.box[1]), *gaps]) / 2.0

    def outline(first: float, last: float) -> Points:
        return lines.to_photo(flat.outline_xy(first, last))

    characters = tuple(
        replace(c, outline_xy=outline(x - reach, x + reach))
        for c, x in zip(element.characters, word.angles, strict=True)
    )
    return replace(
        element, characters=characters, outline_xy=outline(min(word.angles) - reach, max(word.angles) + reach)
    )
