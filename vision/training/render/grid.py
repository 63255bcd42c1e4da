"""Where pixels lie on a head: the disc seen from the front, or a ring unrolled into a strip. Relief is drawn on either
by the same code. Coordinates are shares of the head's radius, x right and y down, the pocket's centre at the origin."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from vision.training.render.truth import Array

Window = tuple[slice, slice]
# How far from its centre a disc is drawn, in head radii: a little past the rim.
REACH = 1.04


@dataclass(frozen=True, slots=True)
class Grid:
    """Plane coordinates of every pixel (H, W) and its radius; scale is pixels per head radius. turn is None on a disc,
    and the pixels of a full turn on a strip whose row 0 is at radius top (rows go inwards)."""

    x: Array
    y: Array
    radius: Array
    scale: float
    turn: float | None = None
    top: float = 1.0

    @property
    def shape(self) -> tuple[int, int]:
        return self.x.shape[0], self.x.shape[1]

    def windows(self, x: float, y: float, half: float) -> Iterator[Window]:
        """Parts of the grid round a point, half its reach in head radii: one on a disc, one a turn on a strip."""
        rows, columns = self.shape
        if self.turn is None:
            middle = (columns - 1) / 2
            cx, cy, reach = x * self.scale + middle, y * self.scale + middle, half * self.scale + 1
            yield _clip(cy - reach, cy + reach, rows), _clip(cx - reach, cx + reach, columns)
            return
        radius = math.hypot(x, y)
        reach = math.degrees(math.asin(min(0.95, half / max(radius, half)))) / 360 * self.turn + 3
        middle = (math.degrees(math.atan2(x, -y)) % 360) / 360 * self.turn
        for turns in (-1, 0, 1, 2):
            at = middle + turns * self.turn
            if at + reach > 0 and at - reach < columns:
                yield slice(0, rows), _clip(at - reach, at + reach, columns)

    def noise(self, rng: np.random.Generator, cells: float, octaves: int = 3) -> Array:
        """Smooth noise (H, W) of about zero mean and unit spread, cells blobs across a head: as coarse on a strip as on
        the disc it was unrolled from."""
        if self.turn is None:
            return noise(rng, self.shape, cells, octaves)
        around = 2.0 * math.pi * float(self.radius.mean()) * self.shape[1] / self.turn
        return noise(rng, self.shape, cells * around / (2.0 * REACH), octaves)

    def slopes(self, height: Array) -> tuple[Array, Array]:
        """dh/dx and dh/dy of a height map (H, W) in head radii."""
        gx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=0.125, borderType=cv2.BORDER_REPLICATE)
        gy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=0.125, borderType=cv2.BORDER_REPLICATE)
        if self.turn is None:
            return gx * np.float32(self.scale), gy * np.float32(self.scale)
        along = gx * np.float32(self.turn / (2 * math.pi)) / self.radius
        outward = gy * np.float32(-self.scale)
        sin, cos = self.x / self.radius, -self.y / self.radius
        return outward * sin + along * cos, -outward * cos + along * sin


def _clip(low: float, high: float, size: int) -> slice:
    return slice(min(size, max(0, math.floor(low))), max(0, min(size, math.ceil(high) + 1)))


def disc(size: int, reach: float = REACH) -> Grid:
    """A square grid of size pixels that covers -reach..reach."""
    line = np.linspace(-reach, reach, size, dtype=np.float32)
    x, y = np.broadcast_to(line, (size, size)), np.broadcast_to(line[:, None], (size, size))
    return Grid(x, y, np.sqrt(x * x + y * y), (size - 1) / (2 * reach))


def strip(height: int, width: int, turn: float, inner: float, bend: Array | None = None, *, outer: float = 1.0) -> Grid:
    """A ring from radius outer (row 0) to inner (last row), unrolled clockwise from 12 o'clock. bend (2, H, W), if
    given, is added to the coordinates: a strip cut from a badly fitted ellipse."""
    angle = (np.arange(width, dtype=np.float32) * np.float32(2 * np.pi / turn))[None, :]
    radius = np.linspace(outer, inner, height, dtype=np.float32)[:, None]
    x, y = radius * np.sin(angle), -radius * np.cos(angle)
    if bend is not None:
        x, y = x + bend[0], y + bend[1]
    return Grid(x, y, np.maximum(np.sqrt(x * x + y * y), 1e-3), (height - 1) / (outer - inner), turn, outer)


def noise(
    rng: np.random.Generator, shape: tuple[int, int], cells: float, octaves: int = 3, stretch: float = 1.0
) -> Array:
    """Smooth noise (H, W) of about zero mean and unit spread; cells blobs across the longer side, stretched along x."""
    rows, columns = shape
    total = np.zeros(shape, np.float32)
    longer = max(rows, columns)
    for octave in range(octaves):
        n = cells * 2**octave
        if n > longer:
            break
        size = (max(2, round(n * columns / longer / stretch)) + 1, max(2, round(n * rows / longer)) + 1)
        coarse = rng.standard_normal((size[1], size[0]), np.float32)
        total += cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC) * np.float32(0.6**octave)
    return total


@lru_cache(maxsize=1)
def _grain_table() -> Array:
    """Normal numbers that never change; pictures cut their noise out of it, which costs nothing."""
    table = np.random.default_rng(20240917).standard_normal((1024, 2304), np.float32)
    table.setflags(write=False)
    return table


def grain(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """White noise (H, W) of zero mean and unit spread, cut from a fixed table at a random place; read only."""
    table = _grain_table()
    room = [max(1, t - s) for t, s in zip(table.shape, shape, strict=True)]
    top, left = (int(rng.integers(0, r)) for r in room)
    table = table[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])]
    if shape[0] > table.shape[0] or shape[1] > table.shape[1]:
        table = np.tile(table, (-(-shape[0] // table.shape[0]), -(-shape[1] // table.shape[1])))
        top = left = 0
    return table[top : top + shape[0], left : left + shape[1]]
