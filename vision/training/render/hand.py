"""Fingers: tapered, bent capsules with a nail, creases and the soft shading of skin. Drawn small and enlarged, since
skin is smooth, with pores added at full size."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from vision.training.render.grid import grain, noise
from vision.training.render.paint import blend, dim, resized, spread
from vision.training.render.relief import smooth_step
from vision.training.render.truth import Array

WORK_PX = 200  # longer side of the picture fingers are drawn on
SKIN = (
    (0.93, 0.74, 0.64),
    (0.88, 0.66, 0.54),
    (0.80, 0.58, 0.45),
    (0.62, 0.43, 0.32),
    (0.45, 0.30, 0.22),
    (0.90, 0.68, 0.60),
)


@dataclass(frozen=True, slots=True)
class Finger:
    """A finger from its tip inwards: joints (x, y) in pixels, radii there, and whether the nail shows."""

    joints: tuple[tuple[float, float], ...]
    radii: tuple[float, ...]
    nail: bool


def random_finger(
    rng: np.random.Generator, tip_xy: tuple[float, float], toward: float, radius: float, nail: bool
) -> Finger:
    """A finger whose tip is at a pixel and which leads away in a direction (radians), bending a little, to a palm."""
    joints, radii = [tip_xy], [radius * 0.86]
    bend, heading = float(rng.normal(0, 0.18)), toward
    for length, thick in ((1.7, 1.0), (2.3, 1.1), (3.2, 1.2), (5.0, 2.6), (30.0, 3.2)):
        x, y = joints[-1]
        joints.append((x + length * radius * math.cos(heading), y + length * radius * math.sin(heading)))
        radii.append(radius * thick * float(rng.uniform(0.95, 1.05)))
        heading += bend + float(rng.normal(0, 0.08))
    return Finger(tuple(joints), tuple(radii), nail)


def grip(rng: np.random.Generator, center_xy: tuple[float, float], head_px: float, over: float) -> list[Finger]:
    """Thumb and fingers of one hand round a case; over is how far they reach under the head (head radii, negative
    leaves a gap)."""
    home = float(rng.uniform(0, 2 * math.pi))
    size = head_px * float(rng.uniform(0.8, 1.8))
    sides = [1.0, -1.0, float(rng.choice([-1, 1]))][: int(rng.integers(1, 4))]
    out = []
    for side in sides:
        at = home + side * float(rng.uniform(0.7, 1.9))
        radius = size * float(rng.uniform(0.85, 1.15))
        away = head_px * (1 - over) + radius
        heading = home + float(rng.normal(0, 0.25))
        back = float(rng.uniform(-0.3, 1.6)) * radius
        tip = (
            center_xy[0] + away * math.cos(at) - back * math.cos(heading),
            center_xy[1] + away * math.sin(at) - back * math.sin(heading),
        )
        out.append(random_finger(rng, tip, heading, radius, bool(rng.random() < 0.45)))
    return out


def _limb(x: Array, y: Array, finger: Finger) -> tuple[Array, Array, Array]:
    """For pixels: depth inside the finger (1 on its axis, 0 on its edge), place along it in radii, and signed side."""
    best = np.full(np.broadcast_shapes(x.shape, y.shape), -9.0, np.float32)
    along, side = np.zeros_like(best), np.zeros_like(best)
    run = 0.0
    for (ax, ay), (bx, by), ra, rb in zip(
        finger.joints, finger.joints[1:], finger.radii, finger.radii[1:], strict=False
    ):
        dx, dy = bx - ax, by - ay
        length = math.hypot(dx, dy)
        px, py = x - np.float32(ax), y - np.float32(ay)
        t = np.clip((px * np.float32(dx) + py * np.float32(dy)) * np.float32(1 / length**2), 0, 1)
        ex, ey = px - t * np.float32(dx), py - t * np.float32(dy)
        r = np.float32(ra) + t * np.float32(rb - ra)
        inside = 1 - np.sqrt(ex * ex + ey * ey) / r
        nearer = inside > best
        best = np.where(nearer, inside, best)
        tip = np.where(
            t <= 0, (px * np.float32(dx) + py * np.float32(dy)) * np.float32(1 / length), t * np.float32(length)
        )
        along = np.where(nearer, (tip + np.float32(run)) / np.float32(finger.radii[0]), along)
        side = np.where(nearer, (ex * np.float32(-dy) + ey * np.float32(dx)) * np.float32(1 / length) / r, side)
        run += length
    return best, along, side


def _skin_color(rng: np.random.Generator, inside: Array, along: Array, side: Array, nail: bool) -> Array:
    """Linear colour of a finger before light: redder at the tip, darker in its folds, a nail if it shows."""
    base = np.array(SKIN[int(rng.integers(len(SKIN)))], np.float32) * np.float32(rng.uniform(0.85, 1.05))
    tone = 1 + noise(rng, inside.shape, 6, 3) * np.float32(0.03)
    wave = noise(rng, inside.shape, 8, 1) * np.float32(0.06)
    for joint in (2.0, 2.13, 4.4, 4.55):
        at = np.float32(joint + 0.15 * rng.normal())
        fold = np.exp(-np.square((along + wave - at) * np.float32(20)))
        tone *= 1 - np.float32(rng.uniform(0.04, 0.16)) * fold * np.clip(inside * 3, 0, 1)
    red = 1 - np.exp(-np.square(along - np.float32(0.2))) * np.float32(0.10)
    color = np.asarray(cv2.merge([tone * base[0], tone * red * base[1], tone * red * base[2]]), np.float32)
    if nail:
        _add_nail(color, base, along, side)
    return np.square(np.clip(color, 0.02, 1))


def _add_nail(color: Array, base: Array, along: Array, side: Array) -> None:
    """A pale plate with a darker border and a white tip, in place."""
    out = np.sqrt(np.square((along - np.float32(0.1)) * np.float32(1.2)) + np.square(side * np.float32(1.6)))
    pale = np.array([0.96, 0.80, 0.75], np.float32) * base.mean() / np.float32(0.7)
    plate = np.clip((1 - out) * 12, 0, 1)
    blend(color, pale, plate * np.float32(0.75))
    blend(color, np.array([0.95, 0.92, 0.88], np.float32), plate * smooth_step((-0.4 - along) * 8) * np.float32(0.7))
    dim(color, 1 - np.float32(0.3) * np.exp(-np.square((out - np.float32(1.03)) * np.float32(16))))


def _reach(finger: Finger, shape: tuple[int, ...]) -> tuple[slice, slice] | None:
    """The part of a picture a finger may cover, or None."""
    xs = [v for (x, _), r in zip(finger.joints, finger.radii, strict=True) for v in (x - r, x + r)]
    ys = [v for (_, y), r in zip(finger.joints, finger.radii, strict=True) for v in (y - r, y + r)]
    x0, y0 = max(0, math.floor(min(xs)) - 1), max(0, math.floor(min(ys)) - 1)
    x1, y1 = min(shape[1], math.ceil(max(xs)) + 2), min(shape[0], math.ceil(max(ys)) + 2)
    return None if x1 - x0 < 4 or y1 - y0 < 4 else (slice(y0, y1), slice(x0, x1))


def draw_finger(
    picture: Array, finger: Finger, light_xy: tuple[float, float], rng: np.random.Generator, blur: float = 0.0
) -> tuple[tuple[slice, slice], Array] | None:
    """Paints a finger into a linear picture (H, W, 3) in place; returns the window it is in and what it covers there
    (0..1), or None when it is out of the frame. blur (pixels) softens its edge."""
    window = _reach(finger, picture.shape)
    if window is None:
        return None
    rows, columns = window[0].stop - window[0].start, window[1].stop - window[1].start
    factor = min(1.0, WORK_PX / max(rows, columns))
    small = (max(4, round(rows * factor)), max(4, round(columns * factor)))
    y = ((np.arange(small[0], dtype=np.float32) + 0.5) * np.float32(rows / small[0]) - 0.5 + window[0].start)[:, None]
    x = ((np.arange(small[1], dtype=np.float32) + 0.5) * np.float32(columns / small[1]) - 0.5 + window[1].start)[None]
    inside, along, side = _limb(x, y, finger)
    lit = _lit_skin(_skin_color(rng, inside, along, side, finger.nail), inside, finger.radii[0] * factor, light_xy, rng)
    full = resized(lit, (columns, rows))
    depth = cv2.resize(inside, (columns, rows), interpolation=cv2.INTER_LINEAR) * np.float32(finger.radii[0])
    cover = np.clip(depth / np.float32(1 + 2 * blur) + np.float32(0.5), 0, 1)
    # What is behind lies in the finger's shadow near its edge.
    near = np.clip(1 + depth * np.float32(1 / (0.35 * finger.radii[0])), 0, 1) * (1 - cover)
    dim(picture[window], 1 - np.float32(0.35) * near * near)
    dim(full, 1 + grain(rng, (rows, columns)) * np.float32(0.03))
    blend(picture[window], full, cover)
    return window, np.asarray(cover, np.float32)


def _lit_skin(
    color: Array, inside: Array, radius: float, light_xy: tuple[float, float], rng: np.random.Generator
) -> Array:
    """Skin (H, W, 3) under light from a side: round, faintly bumpy, red in the half shadow, a little shiny."""
    thick = np.sqrt(np.clip(1 - np.square(1 - np.clip(inside, 0, 1)), 0, 1)) * np.float32(radius)
    bump = noise(rng, inside.shape, 40, 2) * np.float32(0.16) + noise(rng, inside.shape, 9, 1) * np.float32(0.4)
    gx = cv2.Sobel(thick + bump, cv2.CV_32F, 1, 0, scale=0.125)
    gy = cv2.Sobel(thick + bump, cv2.CV_32F, 0, 1, scale=0.125)
    facing = (1 - (gx * np.float32(light_xy[0]) + gy * np.float32(light_xy[1]))) / np.sqrt(1 + gx * gx + gy * gy)
    lit = np.clip((np.float32(0.27) + np.float32(0.5) * facing) * np.float32(rng.uniform(0.9, 1.2)), 0.04, 1.4)
    # Light that enters the skin comes out red: shadows lose less red than blue.
    glow = cv2.merge(
        [
            np.sqrt(lit) * np.float32(0.35) + lit * np.float32(0.65),
            lit,
            lit * (np.float32(0.85) + lit * np.float32(0.15)),
        ]
    )
    return np.asarray(
        color * glow + spread(np.square(np.clip(facing - np.float32(1.05), 0, 1)) * np.float32(0.8)), np.float32
    )
