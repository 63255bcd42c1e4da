"""Unrolled heads drawn directly, for training a reader: the same relief, metal and light as in a scene, on a strip."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from vision.training.render.glare import glaring, out_of_focus
from vision.training.render.grid import noise, strip
from vision.training.render.head import paint_head
from vision.training.render.lens import random_shot, take
from vision.training.render.looks import random_look
from vision.training.render.marks import MarkSpec, random_mark
from vision.training.render.paint import blend, resized
from vision.training.render.relief import prepared
from vision.training.render.truth import Array, StripTruth
from vision.types import Rgb

_STYLES = ("phone", "sorter", "plate", "worn")


def _bend(rng: np.random.Generator, height: int, width: int, turn: float, amount: float) -> Array:
    """Coordinate errors (2, H, W) of a strip cut with a wrong centre and a wrong axis ratio; they grow with amount."""
    angle = (np.arange(width, dtype=np.float32) * np.float32(2 * np.pi / turn))[None, :].repeat(height, 0)
    x0, y0, stretch, way = rng.normal(0, 0.02 * amount, 4)
    ring = np.float32(stretch) * np.sin(2 * angle + np.float32(way * 100))
    return np.stack([np.float32(x0) + ring * np.sin(angle), np.float32(y0) - ring * np.cos(angle)])


def band(mark: MarkSpec, fill: float) -> tuple[float, float]:
    """(outer, inner) of the band in which the tallest of the mark's text fills this share of the height."""
    rings = [(e.radius or mark.band_radius, e.height or mark.height) for e in mark.elements]
    top, bottom = max(r + h / 2 for r, h in rings), min(r - h / 2 for r, h in rings)
    middle, half = (top + bottom) / 2, (top - bottom) / 2 / fill
    return middle + half, max(0.1, middle - half)


def columns_for(height: int, outer: float, inner: float) -> int:
    """How many columns (a multiple of 8) make a band's columns as wide as its rows are high."""
    return 8 * max(8, round(math.pi * (outer + inner) * height / (outer - inner) / 8))


def _beyond_rim(painted: Array, radius: Array, scale: float, rng: np.random.Generator) -> None:
    """Puts something else than the head where the strip looks past its rim, in place."""
    edge = float(rng.normal(1.0, 0.01))
    behind = (noise(rng, radius.shape, 12, 3) * np.float32(0.25) + np.float32(1)) * np.float32(rng.uniform(0.02, 0.7))
    color = np.maximum(behind, 0)[..., None] * rng.uniform(0.75, 1.0, 3).astype(np.float32)
    blend(painted, color, np.clip((radius - np.float32(edge)) * np.float32(scale), 0, 1))


def render_strip(
    seed: int, spec: MarkSpec | None = None, height: int = 48, turn_width: int | None = 640, turns: float = 1.0,
    style: str | None = None, fill: float | None = None, glare: np.random.Generator | None = None,
) -> tuple[Rgb, StripTruth]:  # fmt: skip
    """A strip (height, turn_width * turns, 3) of a head's ring, row 0 at the rim, the last row just inside the pocket.

    Column x stands for x / turn_width * 360 degrees. With fill the strip shows only the band the text stands in, which
    fills that share of the height, and reaches past the rim or into the pocket if need be; without turn_width its
    columns are as wide as its rows are high (a multiple of 8). With glare, of which that is drawn, the metal is
    polished, lit by bare lamps and out of focus. What is not given is drawn from the seed.
    """
    rng = np.random.default_rng(seed)
    style = style or _STYLES[int(rng.choice(4, p=[0.42, 0.2, 0.28, 0.1]))]
    mark = prepared(spec or random_mark(rng), rng)
    look = random_look(rng, style)
    look = look if glare is None else glaring(look, glare)
    outer, inner = 1.0, max(0.12, mark.pocket_ratio - float(rng.uniform(0.0, 0.06)))
    if fill is not None:
        outer, inner = band(mark, fill)
    if turn_width is None:
        turn_width = columns_for(height, outer, inner)
    width = round(turn_width * turns)
    off = rng.beta(1, 3) * 1.5
    grid = strip(height, width, turn_width, inner, _bend(rng, height, width, turn_width, off), outer=outer)
    lean, way = math.radians(rng.beta(1.1, 2.5) * 35), rng.uniform(0, 2 * math.pi)
    view = (math.sin(lean) * math.cos(way), math.sin(lean) * math.sin(way), math.cos(lean))
    painted, elements = paint_head(grid, mark, look, float(rng.uniform(0, 360)), rng, view)
    if outer > 1.0:
        _beyond_rim(painted, grid.radius, grid.scale, rng)
    # Heads in photos are often smaller than the strip they fill: take some of the detail away before the lens does.
    factor = float(rng.choice([1.0, rng.uniform(0.35, 1.0)]))
    if factor < 0.95:
        small = resized(painted, (round(width * factor), max(8, round(height * factor))), cv2.INTER_AREA)
        painted = resized(small, (width, height))
    shot = random_shot(rng, style, 0.6 * grid.scale)
    shot = replace(shot, vignette=0.0, defocus=min(shot.defocus, 2.5))
    rgb = take(painted, shot if glare is None else out_of_focus(shot, glare), rng)
    severity = 1 - (1 - look.strike.worn) * (1 - 0.5 * look.strike.uneven)
    return rgb, StripTruth(elements, float(turn_width), inner, float(np.clip(severity, 0, 1)), outer)
