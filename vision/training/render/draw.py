"""Putting things into a picture: warped head planes, case walls, shadows, fingers, and what hides what."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from vision.training.render.camera import Pose, case_hull, ellipse_cover, outline, wall_coordinates
from vision.training.render.grid import REACH, disc
from vision.training.render.hand import Finger, draw_finger, grip
from vision.training.render.head import linear, paint_head
from vision.training.render.looks import HeadLook
from vision.training.render.marks import MarkSpec
from vision.training.render.metal import METALS, Light, mirror, surroundings
from vision.training.render.paint import blend, dim, resized
from vision.training.render.things import THINGS
from vision.training.render.truth import Array, ElementTruth, Matrix

MAX_TEXTURE = 2600
WALL_PX = 150  # longer side of the picture a case's wall is drawn on
PLASTIC = ((0.85, 0.25, 0.15), (0.2, 0.45, 0.25), (0.2, 0.2, 0.22), (0.85, 0.8, 0.7))
Window = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class PlacedHead:
    """A head that is about to be drawn."""

    pose: Pose
    mark: MarkSpec
    look: HeadLook
    radius: float
    turn_deg: float

    @property
    def center_xy(self) -> tuple[float, float]:
        x, y = self.pose.project(np.zeros((1, 3)))[0]
        return float(x), float(y)


def _window(points: Matrix, shape: tuple[int, ...], margin: float) -> Window | None:
    """The part of a picture round some pixels, or None when it is outside."""
    low, high = np.floor(points.min(0) - margin), np.ceil(points.max(0) + margin)
    x0, y0 = (int(max(0, v)) for v in low)
    x1, y1 = int(min(shape[1] - 1, high[0])), int(min(shape[0] - 1, high[1]))
    return None if x1 - x0 < 2 or y1 - y0 < 2 else (slice(y0, y1 + 1), slice(x0, x1 + 1))


def _size(window: Window) -> tuple[int, int]:
    """(width, height) of a window."""
    return window[1].stop - window[1].start, window[0].stop - window[0].start


def _pixels(window: Window, size: tuple[int, int] | None = None) -> tuple[Array, Array]:
    """Pixel coordinates x (1, W) and y (H, 1) of a window, sampled at its own size or a smaller (width, height)."""
    full = _size(window)
    axes = []
    for start, length, count in zip((window[1].start, window[0].start), full, size or full, strict=True):
        axes.append(((np.arange(count) + 0.5) * length / count - 0.5 + start).astype(np.float32))
    return axes[0][None], axes[1][:, None]


def paste(picture: Array, pose: Pose, texture: Array, cover: Array | None) -> tuple[Window, Array] | None:
    """Warps a texture of a head's plane (square, -REACH..REACH) into the picture, in place; cover (same size) is its
    own outline, or None for a disc's. Returns the window and what is covered in it, or None outside the frame."""
    h = pose.plane_to_photo
    edge = outline(h)
    window = _window(np.array(edge.points(64)), picture.shape, 2)
    if window is None:
        return None
    scale = (texture.shape[0] - 1) / (2 * REACH)
    from_texture = np.array([[1 / scale, 0, -REACH], [0, 1 / scale, -REACH], [0, 0, 1.0]])
    matrix = np.array([[1, 0, -window[1].start], [0, 1, -window[0].start], [0, 0, 1.0]]) @ h @ from_texture
    warped = cv2.warpPerspective(
        texture, matrix, _size(window), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    alpha = ellipse_cover(edge, *_pixels(window))
    if cover is not None:
        alpha = alpha * cv2.warpPerspective(cover, matrix, _size(window), flags=cv2.INTER_LINEAR)
    blend(picture[window], np.asarray(warped, np.float32), alpha)
    return window, alpha


def texture_size(pose: Pose) -> int:
    """Pixels across a texture that is as fine as the photo; tiny heads are drawn larger, to be scaled down."""
    return int(np.clip(2 * REACH * outline(pose.plane_to_photo).semi_axes[0], 56, MAX_TEXTURE))


def draw_shadow(picture: Array, hull: Matrix, radius: float, light: Light, rng: np.random.Generator) -> None:
    """A soft shadow of an outline on what lies behind, drawn small."""
    offset = -np.array(light.slope) * radius * float(rng.uniform(0.6, 2.0))
    window = _window(hull + offset, picture.shape, 0.7 * radius)
    if window is None:
        return
    width, height = _size(window)
    factor = min(1.0, 80 / max(width, height))
    small = np.zeros((max(2, round(height * factor)), max(2, round(width * factor))), np.float32)
    points = (hull + offset - [window[1].start, window[0].start]) * factor
    cv2.fillConvexPoly(small, np.round(points * 16).astype(np.int32), 1.0, cv2.LINE_AA, 4)
    blurred = cv2.GaussianBlur(small, (0, 0), max(0.6, radius * factor * float(rng.uniform(0.08, 0.3))))
    dark = resized(np.asarray(blurred, np.float32), (width, height)) * np.float32(rng.uniform(0.25, 0.75))
    dim(picture[window], 1 - dark)


def draw_case(picture: Array, placed: PlacedHead, light: Light, rng: np.random.Generator) -> None:
    """The case behind the head: rim, extractor groove and wall, in the metal's colour or a shotshell's plastic."""
    shotshell = placed.look.primer == "shotshell"
    rimmed = shotshell or rng.random() < 0.3
    thick = float(rng.uniform(0.1, 0.2))
    body = float(rng.uniform(0.86, 0.95)) if rimmed else float(rng.uniform(0.97, 1.0))
    metal = linear(METALS[placed.look.metal])
    later = linear(PLASTIC[int(rng.integers(len(PLASTIC)))]) if shotshell and rng.random() < 0.8 else metal
    length = float(rng.uniform(2.0, 6.0))
    _draw_wall(picture, placed.pose, light, (thick, length), body, metal, later)
    _draw_wall(picture, placed.pose, light, (0.0, thick), 1.0, metal, metal)


def _draw_wall(
    picture: Array, pose: Pose, light: Light, depths: tuple[float, float], radius: float, metal: Array, later: Array
) -> None:
    """One cylinder of a case between two depths; a long one has the extractor groove at its start."""
    near, far = depths
    hull = case_hull(pose, near, far, radius, radius * (0.93 if far > 1 else 1.0))
    window = _window(hull, picture.shape, 2)
    if window is None:
        return
    width, height = _size(window)
    factor = min(1.0, WALL_PX / max(width, height))
    small = (max(2, round(width * factor)), max(2, round(height * factor)))
    depth, angle = wall_coordinates(pose, *_pixels(window, small), radius)
    n = (np.cos(angle), np.sin(angle), np.zeros_like(angle))
    color = surroundings(light, *mirror(n, pose.view), 0.3) * np.float32(0.75) + np.float32(light.even * 0.25)
    plain = color * metal
    blend(plain, color * later, np.clip((depth - np.float32(1.2)) * 20, 0, 1))
    fade = np.clip(np.float32(1.05) - depth * np.float32(0.12), 0.4, 1)
    if far > 1:
        fade *= 1 - np.float32(0.75) * np.exp(-np.square((depth - np.float32(near * 1.5)) / np.float32(near * 0.55)))
    dim(plain, fade)
    alpha = np.zeros((height, width), np.float32)
    points = np.round((hull - [window[1].start, window[0].start]) * 16).astype(np.int32)
    cv2.fillConvexPoly(alpha, points, 1.0, cv2.LINE_AA, 4)
    blend(picture[window], resized(plain, (width, height)), np.clip(alpha, 0, 1))


@dataclass(slots=True)
class Layers:
    """A picture and how much of each head in it is still to be seen."""

    picture: Array
    light: Light
    covers: list[Array]

    def _hide(self, drawn: tuple[Window, Array] | None) -> None:
        if drawn is not None:
            for other in self.covers:
                other[drawn[0]] *= 1 - drawn[1]

    def head(self, placed: PlacedHead, rng: np.random.Generator) -> tuple[ElementTruth, ...]:
        """Draws a head over what is there; returns its elements."""
        texture, elements = paint_head(
            disc(texture_size(placed.pose), REACH), placed.mark, placed.look, placed.turn_deg, rng, placed.pose.view
        )
        drawn = paste(self.picture, placed.pose, texture, None)
        self._hide(drawn)
        cover = np.zeros(self.picture.shape[:2], np.float32)
        if drawn is not None:
            cover[drawn[0]] = drawn[1]
        self.covers.append(cover)
        return elements

    def finger(self, finger: Finger, skin: int) -> None:
        """Draws a finger over what is there, in a hand's skin (one seed a hand)."""
        slope = (self.light.slope[0] * 3, self.light.slope[1] * 3)
        self._hide(draw_finger(self.picture, finger, slope, np.random.default_rng(skin)))

    def thing(self, kind: str, pose: Pose, rng: np.random.Generator) -> None:
        """Draws one of THINGS over what is there."""
        draw_shadow(
            self.picture,
            case_hull(pose, 0, 0.2, 1, 1),
            pose.focal / float(np.linalg.norm(pose.center)),
            self.light,
            rng,
        )
        texture, cover = THINGS[kind](disc(texture_size(pose), REACH), self.light, pose.view, rng)
        self._hide(paste(self.picture, pose, texture, cover))


def draw_heads(
    layers: Layers, placed: list[PlacedHead], rng: np.random.Generator, held: bool, deep: bool
) -> list[tuple[ElementTruth, ...]]:
    """Cases, then the fingers behind, then the heads, then fingers that reach over a rim. held: a hand holds the first
    head; deep: its fingers fill the picture behind it, as in close-ups."""
    for p in placed:
        if not held:
            draw_shadow(layers.picture, case_hull(p.pose, 0, 2.0, 1, 1), p.radius, layers.light, rng)
        draw_case(layers.picture, p, layers.light, rng)
    skin = int(rng.integers(0, 2**32))
    fingers = _grip_of(placed[0], rng, deep) if held and placed else []
    front = [f for f in fingers if rng.random() < 0.2]
    for finger in fingers:
        if finger not in front:
            layers.finger(finger, skin)
    elements = [layers.head(p, rng) for p in placed]
    for finger in front:
        reach = float(rng.uniform(0.72, 1.0))
        layers.finger(pushed_out(finger, placed[0].center_xy, placed[0].radius, reach), skin)
    return elements


def _grip_of(placed: PlacedHead, rng: np.random.Generator, deep: bool) -> list[Finger]:
    over = (0.1, 0.9) if deep else (-0.1, 0.35)
    fingers = grip(rng, placed.center_xy, placed.radius, float(rng.uniform(*over)))
    if deep and rng.random() < 0.7:
        fingers = grip(rng, placed.center_xy, placed.radius * 1.3, 1.2) + fingers
    return fingers


def pushed_out(finger: Finger, center: tuple[float, float], radius: float, reach: float) -> Finger:
    """The finger moved away from a head's centre until its nearest edge is reach head radii from it, or further."""
    for _ in range(6):
        gaps = [_gap(center, finger, i) for i in range(len(finger.joints) - 1)]
        gap, (x, y) = min(gaps, key=lambda g: g[0])
        shift = reach * radius - gap
        if shift <= 0:
            return finger
        away = max(math.hypot(x, y), 1e-6)
        moved = tuple((jx + x / away * shift, jy + y / away * shift) for jx, jy in finger.joints)
        finger = replace(finger, joints=moved)
    return finger


def _gap(center: tuple[float, float], finger: Finger, i: int) -> tuple[float, tuple[float, float]]:
    """Distance of a point to the edge of a finger's i-th piece, and the vector from the point to its axis."""
    (ax, ay), (bx, by) = finger.joints[i], finger.joints[i + 1]
    dx, dy = bx - ax, by - ay
    t = min(1.0, max(0.0, ((center[0] - ax) * dx + (center[1] - ay) * dy) / (dx * dx + dy * dy)))
    x, y = ax + t * dx - center[0], ay + t * dy - center[1]
    return math.hypot(x, y) - finger.radii[i] - t * (finger.radii[i + 1] - finger.radii[i]), (x, y)
