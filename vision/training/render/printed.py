"""Strips on which a mark is printed or painted instead of struck: flat ink on paper, card, wood, paint or metal.

Photos of heads (white-filled letters on dark metal, prints in books) are read as print is as much as as struck metal.
So what a network learns is taught and judged on such strips too. They follow no physics.
"""

from __future__ import annotations

import cv2
import numpy as np

from vision.training.render import relief as shape
from vision.training.render.grid import Grid, grain, noise, strip
from vision.training.render.looks import random_strike
from vision.training.render.marks import MarkSpec, random_mark
from vision.training.render.relief import prepared
from vision.training.render.strip import band, columns_for
from vision.training.render.truth import Array, StripTruth
from vision.types import Rgb


def printed_strip(
    seed: int, spec: MarkSpec | None = None, height: int = 48, fill: float = 0.7
) -> tuple[Rgb, StripTruth]:
    """A strip (height, W, 3) as render_strip gives one with turn_width=None, its mark in flat ink."""
    rng = np.random.default_rng([seed, 7])
    mark = prepared(spec or random_mark(rng), rng)
    outer, inner = band(mark, fill)
    width = columns_for(height, outer, inner)
    grid = strip(height, width, width, inner, outer=outer)
    relief = shape.blank(grid)
    elements = shape.add_mark(relief, mark, random_strike(rng, 0.0), float(rng.uniform(0, 360)), rng)
    ground = float(rng.uniform(20, 235))
    ink = _other_tone(ground, rng)
    gray = _ground(grid, ground, rng)
    stroke = _stroke(relief.stroke, grid, rng)
    if rng.random() < 0.15:  # a shadow, as raised or cut letters throw
        by = [[1, 0, rng.choice([-2, -1, 1, 2])], [0, 1, rng.choice([-2, -1, 1, 2])]]
        cast = cv2.warpAffine(stroke, np.array(by, np.float64), (width, height), borderMode=cv2.BORDER_REPLICATE)
        gray += cast * np.float32(_other_tone(ground, rng) - ground) * np.float32(0.6)
    gray += stroke * (np.float32(ink) - gray)
    tint = rng.uniform(0.8, 1.0, 3).astype(np.float32) if rng.random() < 0.5 else np.ones(3, np.float32)
    rgb = np.clip(gray[..., None] * tint, 0, 255)
    return rgb.round().astype(np.uint8), StripTruth(elements, float(width), inner, 0.0, outer)


def _other_tone(ground: float, rng: np.random.Generator) -> float:
    """A tone at least 35 levels from the ground's."""
    below, above = max(0.0, ground - 35.0), max(0.0, 220.0 - ground)
    if rng.random() < below / (below + above):
        return float(rng.uniform(0, below))
    return float(rng.uniform(ground + 35.0, 255.0))


def _ground(grid: Grid, tone: float, rng: np.random.Generator) -> Array:
    """Paper or paint (H, W): one tone with clouds, perhaps a wash from one side to the other, and grain."""
    clouds = noise(rng, grid.shape, float(rng.uniform(4, 40)), 3) * np.float32(rng.gamma(1.2, 6.0))
    wash = np.float32(rng.normal(0, 25)) * np.float32(rng.random() < 0.4) * np.cos(np.arctan2(grid.x, -grid.y))
    return np.asarray(tone + clouds + wash + grain(rng, grid.shape) * np.float32(rng.uniform(0, 5)), np.float32)


def _stroke(stroke: Array, grid: Grid, rng: np.random.Generator) -> Array:
    """How much ink lies on each pixel (H, W): full or outlined letters, here and there without ink."""
    if rng.random() < 0.08:
        stroke = np.clip(stroke * (1 - cv2.erode(stroke, np.ones((3, 3), np.uint8))) * 2, 0, 1)
    if rng.random() < 0.3:
        missing = noise(rng, grid.shape, float(rng.uniform(15, 60)), 2) * np.float32(rng.uniform(0.2, 0.7))
        stroke = stroke * np.clip(1.2 + missing, 0, 1)
    return np.asarray(stroke, np.float32)
