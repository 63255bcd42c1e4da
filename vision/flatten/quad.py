"""A straight line of text as an upright patch: the four corners of its letters' box laid square by a homography.

A point (u, v) of the patch is H (u, v, 1) in the picture, homogeneous, where H maps the corners of the box in the patch
to the line's corners (four points determine it). The letters fill a given share of the patch's height, keep their
aspect, and have a margin at both ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vision.types import Floats, Points, Rgb, TextLine

# Margin at each end, in heights of the letters.
MARGIN = 0.5
# The patch is never longer than this many times its height: a box of absurd shape must not cost absurd memory.
_LONGEST = 64


@dataclass(frozen=True, slots=True, eq=False)
class FlatLine:
    """A line made upright: rgb is (height, width, 3), matrix (3, 3) takes its pixels to those of the picture; left,
    top, right and bottom of the letters' box, in pixels of rgb, are box."""

    rgb: Rgb
    matrix: npt.NDArray[np.float64]
    box: tuple[float, float, float, float]

    def to_picture(self, points_xy: npt.ArrayLike) -> Floats:
        """(N, 2) points of the patch to (N, 2) points of the picture that the line was found in."""
        points = np.asarray(points_xy, np.float64).reshape(-1, 2)
        placed = np.column_stack([points, np.ones(len(points))]) @ self.matrix.T
        return np.asarray(placed[:, :2] / placed[:, 2:], dtype=np.float32)

    def outline_xy(self, first_px: float, last_px: float) -> Points:
        """The outline in the picture of the letters between two columns of the patch, clockwise from its upper left."""
        _, top, _, bottom = self.box
        corners = [(first_px, top), (last_px, top), (last_px, bottom), (first_px, bottom)]
        return tuple((float(x), float(y)) for x, y in self.to_picture(corners))


def flatten_line(rgb: Rgb, line: TextLine, *, height: int = 48, fill: float = 0.72) -> FlatLine:
    """Cut a line out of the picture (H, W, 3) its corners refer to and set it upright.

    height is that of the patch in pixels, fill the share of it that the letters take. Beyond the picture's edge its
    last pixels are repeated. Where the line is larger in the picture than in the patch the picture is shrunk first, so
    that nothing is sampled between pixels that were never looked at.
    """
    letters = height * fill
    length = min(letters * line.length / line.height, (_LONGEST - 2.0 * MARGIN) * height)
    width = round(length + 2.0 * MARGIN * letters)
    left, top = (width - 1 - length) / 2.0, (height - 1 - letters) / 2.0
    box = (left, top, left + length, top + letters)
    square = np.array([(left, top), (box[2], top), (box[2], box[3]), (left, box[3])], np.float32)
    matrix = cv2.getPerspectiveTransform(square, np.array(line.corners_xy, np.float32))
    shrink = min(1.0, 1.5 * letters / line.height)
    source, sampled = rgb, matrix
    if shrink < 0.9:
        source = np.asarray(cv2.resize(rgb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
        moved = np.array([[shrink, 0, 0.5 * shrink - 0.5], [0, shrink, 0.5 * shrink - 0.5], [0, 0, 1]], np.float64)
        sampled = moved @ matrix
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpPerspective(source, sampled, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return FlatLine(np.asarray(pixels, np.uint8), np.asarray(matrix, np.float64), box)
