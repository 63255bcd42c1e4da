"""Fingers: tapered, bent capsules with a nail, creases and the soft shading of skin. Drawn small and enlarged, since
skin is smooth, with pores added at full size."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from vision.training.render.grid import grain, noise
from vision.training.render.relief import smooth_step
from vision.training.render.truth import Array

WORK_PX = 300  # longer side of the picture fingers are drawn on
SKIN = ((0.93, 0.74, 0.64), (0.88, 0.66, 0.54), (0.80, 0.58, 0.45), (0.62, 0.43, 0.32), (0.45, 0.30, 0.22), (0.90, 0.68, 0.60))


@dataclass(frozen=True, slots=True)
class Finger:
    """A finger from its tip inwards: joints (x, y) in pixels, radii there, and whether the nail shows."""

    joints: tuple[tuple[float, float], ...]
    radii: tuple[float, ...]
    nail: bool


def random_finger(
    rng: np.random.Generator, tip_xy: tuple[float, float], toward: float, radius: float, nail: bool
) -> Finger:
    """A finger whose tip is at a pixel and which leads away in a direction (radians), bending a little."""
    joints, radii = [tip_xy], [radius * 0.88]
    bend = rng.normal(0, 0.25)
    heading = toward
    for length in (1.7, 2.3, 6.0):
        x, y = joints[-1]
        joints.append((x + length * radius * math.cos(heading), y + length * radius * math.sin(heading)))
        radii.append(radius * float(rng.uniform(1.0, 1.15)))
        heading += bend + rng.normal(0, 0.1)
    return Finger(tuple(joints), tuple(radii), nail)


def grip(rng: np.random.Generator, center_xy: tuple[float, float], head_px: float, over: float) -> list[Finger]:
    """Two or three fingers round a head, their sides or tips at its rim; over is how far they reach onto it (head radii,
    negative leaves a gap)."""
    start = rng.uniform(0, 2 * math.pi)
    out = []
    for i in range(int(rng.integers(2, 4))):
        at = start + math.pi * i * rng.uniform(0.8, 1.15)
        radius = head_px * rng.uniform(0.75, 1.7)
        x = center_xy[0] + (head_px * (1 - over) + radius) * math.cos(at)
        y = center_xy[1] + (head_px * (1 - over) + radius) * math.sin(at)
        sideways = at + rng.choice([-1, 1]) * rng.uniform(0.9, 1.6)
        back = rng.uniform(0.5, 2.0) * radius
        if rng.random() < 0.65:  # lies along the case: the tip is past it
            tip = (x - back * math.cos(sideways), y - back * math.sin(sideways))
            out.append(random_finger(rng, tip, sideways, radius, bool(rng.random() < 0.5)))
        else:
            out.append(random_finger(rng, (x, y), at + rng.normal(0, 0.3), radius, bool(rng.random() < 0.5)))
    return out


def _limb(x: Array, y: Array, finger: Finger) -> tuple[Array, Array, Array]:
    """For pixels: depth inside the finger (1 on its axis, 0 on its edge), place along it in radii, and signed side."""
    best = np.full(np.broadcast_shapes(x.shape, y.shape), -9.0, np.float32)
    along, side = np.zeros_like(best), np.zeros_like(best)
    run = 0.0
    for (ax, ay), (bx, by), ra, rb in zip(finger.joints, finger.joints[1:], finger.radii, finger.radii[1:], strict=False):
        dx, dy = bx - ax, by - ay
        length = math.hypot(dx, dy)
        px, py = x - np.float32(ax), y - np.float32(ay)
        t = np.clip((px * np.float32(dx) + py * np.float32(dy)) * np.float32(1 / length**2), 0, 1)
        ex, ey = px - t * np.float32(dx), py - t * np.float32(dy)
        r = np.float32(ra) + t * np.float32(rb - ra)
        inside = 1 - np.sqrt(ex * ex + ey * ey) / r
        nearer = inside > best
        best = np.where(nearer, inside, best)
        tip = np.where(t <= 0, (px * np.float32(dx) + py * np.float32(dy)) * np.float32(1 / length), t * np.float32(length))
        along = np.where(nearer, (tip + np.float32(run)) / np.float32(finger.radii[0]), along)
        side = np.where(nearer, (ex * np.float32(-dy) + ey * np.float32(dx)) * np.float32(1 / length) / r, side)
        run += length
    return best, along, side


def _skin_color(rng: np.random.Generator, inside: Array, along: Array, side: Array, nail: bool) -> Array:
    """Displayed colour of a finger before light: redder at tip and creases, a nail if it shows."""
    base = np.array(SKIN[int(rng.integers(len(SKIN)))], np.float32) * np.float32(rng.uniform(0.85, 1.05))
    blotch = noise(rng, inside.shape, 6, 3) * np.float32(0.03)
    color = base * (1 + blotch)[..., None]
    red = np.exp(-((along - 0.2) ** 2)) * np.float32(0.10)
    color[..., 1:] *= (1 - red)[..., None]
    wave = noise(rng, inside.shape, 8, 1) * np.float32(0.06)
    for joint in (2.0, 2.12, 4.5, 4.65):
        fold = np.exp(-(((along + wave - np.float32(joint + 0.15 * rng.normal())) / np.float32(0.05)) ** 2))
        color *= (1 - np.float32(rng.uniform(0.08, 0.22)) * fold * np.clip(inside * 3, 0, 1))[..., None]
    if nail:
        out = np.sqrt(((along - 0.1) / 0.85) ** 2 + (side / 0.62) ** 2)
        plate = np.clip((1 - out) * 12, 0, 1)
        pale = np.array([0.96, 0.80, 0.75], np.float32) * base.mean() / np.float32(0.7)
        tip_edge = smooth_step((-0.35 - along) * 8)[..., None]
        pale_nail = pale + tip_edge * (np.array([0.95, 0.92, 0.88], np.float32) - pale)
        color += (plate * 0.75)[..., None] * (pale_nail - color)
        color *= (1 - 0.3 * np.exp(-(((out - 1.03) / 0.06) ** 2)))[..., None]
    return np.clip(color, 0.02, 1)


def draw_finger(
    picture: Array, finger: Finger, light_xy: tuple[float, float], rng: np.random.Generator, blur: float = 0.0
) -> Array:
    """Paints a finger into a linear picture (H, W, 3) in place; returns what it covers (H, W), 0..1."""
    rows, columns = picture.shape[:2]
    factor = min(1.0, WORK_PX / max(rows, columns))
    small = (max(4, round(rows * factor)), max(4, round(columns * factor)))
    y = ((np.arange(small[0], dtype=np.float32) + 0.5) * np.float32(rows / small[0]) - 0.5)[:, None]
    x = ((np.arange(small[1], dtype=np.float32) + 0.5) * np.float32(columns / small[1]) - 0.5)[None]
    inside, along, side = _limb(x, y, finger)
    color = np.square(_skin_color(rng, inside, along, side, finger.nail))
    thick = np.sqrt(np.clip(1 - np.square(1 - np.clip(inside, 0, 1)), 0, 1))
    bump = noise(rng, small, 30, 2) * np.float32(0.015)
    height = (thick + bump) * np.float32(finger.radii[0] * factor)
    gx = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=0.125)
    gy = cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=0.125)
    inverse = 1 / np.sqrt(1 + gx * gx + gy * gy)
    facing = (1 - (gx * np.float32(light_xy[0]) + gy * np.float32(light_xy[1]))) * inverse
    lit = np.clip(np.float32(0.25) + np.float32(0.5) * facing, 0.05, 1.4)
    # Light that enters the skin comes out red: shadows lose less red than blue.
    glow = np.stack([lit**0.8, lit, lit**1.12], axis=2) * np.float32(rng.uniform(0.9, 1.2))
    sheen = np.clip(facing - 1.05, 0, 1)[..., None] ** 2 * np.float32(0.8)
    edge = np.float32(finger.radii[0])
    full = cv2.resize(color * glow + sheen, (columns, rows), interpolation=cv2.INTER_LINEAR)
    depth = cv2.resize(inside, (columns, rows), interpolation=cv2.INTER_LINEAR) * edge
    cover = np.clip(depth / np.float32(1 + 2 * blur) + np.float32(0.5), 0, 1)
    full *= (1 + grain(rng, (rows, columns)) * np.float32(0.03))[..., None]
    picture += cover[..., None] * (full - picture)
    return np.asarray(cover, np.float32)
