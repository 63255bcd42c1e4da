"""Outlines as other programs want them: polygons whose (0, 0) is the photo's upper left corner, boxes, areas."""

from __future__ import annotations

from collections.abc import Sequence

Points = Sequence[tuple[float, float]]


def polygon(outline: Points, size_wh: tuple[int, int]) -> list[tuple[float, float]]:
    """An outline in pixels from the photo's corner (ours are from the middle of its first pixel), cut to the photo.

    >>> polygon([(-0.5, -0.5), (9.5, -0.5), (99.0, 4.0)], (20, 10))
    [(0.0, 0.0), (10.0, 0.0), (20.0, 4.5)]
    """
    width, height = size_wh
    return [(min(max(x + 0.5, 0.0), float(width)), min(max(y + 0.5, 0.0), float(height))) for x, y in outline]


def box(points: Points) -> tuple[float, float, float, float]:
    """Left, top, width and height of what some points span."""
    left, top = min(x for x, _ in points), min(y for _, y in points)
    return left, top, max(x for x, _ in points) - left, max(y for _, y in points) - top


def area(points: Points) -> float:
    """The area within a polygon, by the shoelace formula.

    >>> area([(0.0, 0.0), (4.0, 0.0), (4.0, 3.0)])
    6.0
    """
    following = [*points[1:], *points[:1]]
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(points, following, strict=True))) / 2.0
