"""How far two ellipses cover each other."""

from __future__ import annotations

import numpy as np

from vision.types import Ellipse, Floats


def overlap(one: Ellipse, other: Ellipse, *, steps: int = 96) -> float:
    """Area of both over area of either, 0..1, counted on a steps x steps grid over both."""
    points = np.array(one.points() + other.points())
    low, high = points.min(axis=0), points.max(axis=0)
    x, y = np.meshgrid(np.linspace(low[0], high[0], steps), np.linspace(low[1], high[1], steps))
    a, b = _level(one, x, y) < 1, _level(other, x, y) < 1
    return float((a & b).sum() / max(1, (a | b).sum()))


def _level(ellipse: Ellipse, x: Floats, y: Floats) -> Floats:
    """1 on the outline, less inside."""
    t = np.radians(ellipse.angle_deg)
    dx, dy = x - ellipse.center_xy[0], y - ellipse.center_xy[1]
    along, across = dx * np.cos(t) + dy * np.sin(t), dy * np.cos(t) - dx * np.sin(t)
    return np.asarray((along / ellipse.semi_axes[0]) ** 2 + (across / ellipse.semi_axes[1]) ** 2)
