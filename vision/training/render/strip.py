"""Unrolled heads drawn directly, for training a reader: the same relief, metal and light as in a scene, on a strip."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from vision.training.render.grid import strip
from vision.training.render.head import paint_head, random_look
from vision.training.render.lens import random_shot, take
from vision.training.render.marks import MarkSpec, random_mark
from vision.training.render.paint import resized
from vision.training.render.truth import Array, StripTruth
from vision.types import Rgb

_STYLES = ("phone", "sorter", "plate", "worn")


def _bend(rng: np.random.Generator, height: int, width: int, turn: float, amount: float) -> Array:
    """Coordinate errors (2, H, W) of a strip cut with a wrong centre and a wrong axis ratio; they grow with amount."""
    angle = (np.arange(width, dtype=np.float32) * np.float32(2 * np.pi / turn))[None, :].repeat(height, 0)
    x0, y0, stretch, way = rng.normal(0, 0.02 * amount, 4)
    ring = np.float32(stretch) * np.sin(2 * angle + np.float32(way * 100))
    return np.stack([np.float32(x0) + ring * np.sin(angle), np.float32(y0) - ring * np.cos(angle)])


def render_strip(
    seed: int, spec: MarkSpec | None = None, height: int = 48, turn_width: int = 640, turns: float = 1.0,
    style: str | None = None,
) -> tuple[Rgb, StripTruth]:  # fmt: skip
    """A strip (height, turn_width * turns, 3) of a head's ring, row 0 at the rim, the last row just inside the pocket.

    Column x stands for x / turn_width * 360 degrees. What is not given is drawn from the seed.
    """
    rng = np.random.default_rng(seed)
    style = style or _STYLES[int(rng.choice(4, p=[0.5, 0.2, 0.18, 0.12]))]
    mark = spec or random_mark(rng)
    look = random_look(rng, style)
    inner = max(0.12, mark.pocket_ratio - float(rng.uniform(0.0, 0.06)))
    width = round(turn_width * turns)
    off = rng.beta(1, 3) * 1.5
    grid = strip(height, width, turn_width, inner, _bend(rng, height, width, turn_width, off))
    lean, way = math.radians(rng.beta(1.1, 2.5) * 35), rng.uniform(0, 2 * math.pi)
    view = (math.sin(lean) * math.cos(way), math.sin(lean) * math.sin(way), math.cos(lean))
    painted, elements = paint_head(grid, mark, look, float(rng.uniform(0, 360)), rng, view)
    # Heads in photos are often smaller than the strip they fill: take some of the detail away before the lens does.
    factor = float(rng.choice([1.0, rng.uniform(0.35, 1.0)]))
    if factor < 0.95:
        small = resized(painted, (round(width * factor), max(8, round(height * factor))), cv2.INTER_AREA)
        painted = resized(small, (width, height))
    shot = random_shot(rng, style, 0.6 * grid.scale)
    rgb = take(painted, replace(shot, vignette=0.0, defocus=min(shot.defocus, 2.5)), rng)
    severity = 1 - (1 - look.strike.worn) * (1 - 0.5 * look.strike.uneven)
    return rgb, StripTruth(elements, float(turn_width), inner, float(np.clip(severity, 0, 1)))
