"""A whole photo: background, things that are no heads, cases held or lying, their heads, and the lens, all from a seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from vision.errors import UsageError
from vision.training.render.backgrounds import random_background
from vision.training.render.camera import Pose, case_hull, ellipse_cover, make_pose, outline, wall_coordinates
from vision.training.render.grid import disc, noise
from vision.training.render.hand import Finger, draw_finger, grip, random_finger
from vision.training.render.head import HeadLook, linear, paint_head, random_look
from vision.training.render.lens import Shot, defocus, random_shot, take
from vision.training.render.marks import MarkSpec, random_mark
from vision.training.render.metal import METALS, Light, mirror, random_light, surroundings
from vision.training.render.things import THINGS
from vision.training.render.truth import Array, ElementTruth, HeadTruth, Matrix, Scene

STYLES = ("phone", "hand", "table", "macro", "sorter", "plate", "low", "worn")
_STYLE_ODDS = (0.16, 0.2, 0.18, 0.12, 0.1, 0.08, 0.11, 0.05)
# Head radius as a share of the photo's shorter side, and the largest tilt in degrees.
_RANGES: dict[str, tuple[float, float, float]] = {
    "phone": (0.035, 0.17, 30),
    "hand": (0.08, 0.3, 30),
    "table": (0.07, 0.3, 35),
    "macro": (0.28, 0.48, 20),
    "sorter": (0.42, 0.51, 14),
    "plate": (0.46, 0.5, 3),
    "low": (0.2, 0.49, 25),
    "worn": (0.15, 0.45, 20),
}
MAX_TEXTURE = 2600


@dataclass(frozen=True, slots=True)
class _Placed:
    """A head that is about to be drawn."""

    pose: Pose
    mark: MarkSpec
    look: HeadLook
    radius: float
    turn_deg: float


def render_scene(
    seed: int,
    *,
    size: tuple[int, int] | None = None,
    heads: int | None = None,
    style: str | None = None,
    marks: Sequence[MarkSpec] | None = None,
    look: HeadLook | None = None,
    shot: Shot | None = None,
) -> Scene:
    """A photo of size (width, height) with a number of heads (0: only things that are none), in one of STYLES.

    What is not given is drawn from the seed: marks for the heads in order, how they look, how the shot was taken.
    Raises UsageError for an unknown style or a size below 64 pixels, MissingError when no font is installed.
    """
    rng = np.random.default_rng(seed)
    style = style or STYLES[int(rng.choice(len(STYLES), p=_STYLE_ODDS))]
    if style not in STYLES:
        raise UsageError(f"style must be one of {', '.join(STYLES)}, got {style!r}")
    size = size or _random_size(rng, style)
    if min(size) < 64:
        raise UsageError(f"a scene is at least 64 pixels wide and high, got {size}")
    count = _head_count(rng, style) if heads is None else heads
    fine = 2 if max(size) <= 420 else 1
    work = (size[0] * fine, size[1] * fine)
    light = look.light if look else random_light(rng, "soft" if style == "plate" else None)
    placed = _place_heads(rng, style, work, count, marks or (), light, look)
    picture = random_background(rng, work[::-1], style)
    largest = max((p.radius for p in placed), default=0.15 * min(work))
    picture = defocus(picture, float(rng.choice([0.0, 0.05, 0.2], p=[0.4, 0.35, 0.25])) * largest)
    if style != "plate" or count == 0:
        _draw_things(picture, placed, light, rng, style)
    covers, truths = _draw_heads(picture, placed, light, rng, style)
    if fine > 1:
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    to_size = np.array([[1 / fine, 0, (1 / fine - 1) / 2], [0, 1 / fine, (1 / fine - 1) / 2], [0, 0, 1.0]])
    found = [
        _truth(p, to_size @ p.pose.plane_to_photo, elements, cover)
        for p, elements, cover in zip(placed, truths, covers, strict=True)
    ]
    rgb = take(picture, shot or random_shot(rng, style, largest / fine), rng)
    return Scene(rgb, tuple(found), seed)


def _random_size(rng: np.random.Generator, style: str) -> tuple[int, int]:
    if style == "plate":
        side = int(rng.integers(112, 360))
        return side, max(96, side + int(rng.integers(-8, 9)))
    if style in ("sorter", "low"):
        low, high = (290, 512) if style == "sorter" else (120, 400)
        side = int(rng.integers(low, high))
        return side, max(96, int(side * rng.uniform(0.9, 1.1)))
    return ((640, 480), (480, 640), (512, 512))[int(rng.choice(3, p=[0.5, 0.35, 0.15]))]


def _head_count(rng: np.random.Generator, style: str) -> int:
    if style in ("sorter", "plate", "macro", "low"):
        return int(rng.random() > 0.08)
    return int(rng.choice([0, 1, 2, 3], p=[0.14, 0.62, 0.17, 0.07]))


def _place_heads(
    rng: np.random.Generator, style: str, size: tuple[int, int], count: int, marks: Sequence[MarkSpec], light: Light,
    look: HeadLook | None,
) -> list[_Placed]:  # fmt: skip
    """Poses for count heads that do not overlap; fewer when there is no room."""
    low, high, tilt = _RANGES[style]
    focal = max(size) * float(rng.uniform(0.9, 2.2))
    toward, lean = float(rng.uniform(0, 360)), float(rng.beta(1.1, 2.0)) * tilt
    placed: list[_Placed] = []
    for i in range(count):
        for _ in range(30):
            shrink = 0.6 if count > 1 else 1.0
            radius = min(size) * float(np.exp(rng.uniform(np.log(low), np.log(high)))) * shrink
            x, y = _position(rng, style, size, radius, cut=rng.random() < 0.06 and not marks)
            if all(math.hypot(x - p.pose.project(np.zeros((1, 3)))[0, 0], y - p.pose.project(np.zeros((1, 3)))[0, 1])
                   > 1.1 * (radius + p.radius) for p in placed):  # fmt: skip
                pose = make_pose((x, y), radius, lean + float(rng.normal(0, 2)), toward + float(rng.normal(0, 15)), focal, size)
                mark = marks[i] if i < len(marks) else random_mark(rng)
                own = replace(look or random_look(rng, style), light=light)
                placed.append(_Placed(pose, mark, own, radius, _random_turn(rng)))
                break
    return placed


def _random_turn(rng: np.random.Generator) -> float:
    """Heads lie any way up; people turn the ones they photograph upright about a third of the time."""
    return float(rng.normal(0, 8) if rng.random() < 0.35 else rng.uniform(0, 360))


def _position(
    rng: np.random.Generator, style: str, size: tuple[int, int], radius: float, cut: bool
) -> tuple[float, float]:
    if style in ("sorter", "plate"):
        return tuple((s - 1) / 2 + float(rng.normal(0, 0.015)) * s for s in size)  # type: ignore[return-value]
    room = [max(s - 2.1 * radius, 0.0) / 2 + (0.9 * radius if cut else 0.0) for s in size]
    x, y = ((s - 1) / 2 + r * float(np.clip(rng.normal(0, 0.5), -1, 1)) for s, r in zip(size, room, strict=True))
    return x, y


def _window(points: Matrix, shape: tuple[int, ...], margin: float) -> tuple[slice, slice] | None:
    """The part of a picture round some pixels, or None when it is outside."""
    low, high = np.floor(points.min(0) - margin), np.ceil(points.max(0) + margin)
    x0, y0 = (int(max(0, v)) for v in low)
    x1, y1 = int(min(shape[1] - 1, high[0])), int(min(shape[0] - 1, high[1]))
    return None if x1 - x0 < 2 or y1 - y0 < 2 else (slice(y0, y1 + 1), slice(x0, x1 + 1))


def _pixels(window: tuple[slice, slice]) -> tuple[Array, Array]:
    rows, columns = window
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
    return np.arange(columns.start, columns.stop, dtype=np.float32)[None], y


def _paste(picture: Array, pose: Pose, texture: Array, reach: float, cover: Array | None) -> tuple[tuple[slice, slice], Array] | None:
    """Warps a texture of a head's plane (square, -reach..reach) into the picture; cover is its own, or None for a disc."""
    h = pose.plane_to_photo
    edge = outline(h)
    window = _window(np.array(edge.points(64)), picture.shape, 2)
    if window is None:
        return None
    x, y = _pixels(window)
    scale = (texture.shape[0] - 1) / (2 * reach)
    from_texture = np.array([[1 / scale, 0, -reach], [0, 1 / scale, -reach], [0, 0, 1.0]])
    move = np.array([[1, 0, -window[1].start], [0, 1, -window[0].start], [0, 0, 1.0]])
    target = (window[1].stop - window[1].start, window[0].stop - window[0].start)
    matrix = move @ h @ from_texture
    warped = cv2.warpPerspective(texture, matrix, target, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = ellipse_cover(edge, x, y)
    if cover is not None:
        alpha = alpha * cv2.warpPerspective(cover, matrix, target, flags=cv2.INTER_LINEAR)
    picture[window] += alpha[..., None] * (warped - picture[window])
    return window, alpha


def _texture_size(pose: Pose, reach: float) -> int:
    return int(np.clip(2 * reach * outline(pose.plane_to_photo).semi_axes[0], 48, MAX_TEXTURE))


def _shadow(picture: Array, hull: Matrix, radius: float, light: Light, rng: np.random.Generator) -> None:
    """A soft shadow of an outline on what lies behind, drawn small."""
    offset = -np.array(light.slope) * radius * float(rng.uniform(0.6, 2.0))
    window = _window(hull + offset, picture.shape, 0.7 * radius)
    if window is None:
        return
    rows, columns = window[0].stop - window[0].start, window[1].stop - window[1].start
    factor = min(1.0, 80 / max(rows, columns))
    small = np.zeros((max(2, round(rows * factor)), max(2, round(columns * factor))), np.float32)
    points = (hull + offset - [window[1].start, window[0].start]) * factor
    cv2.fillConvexPoly(small, np.round(points * 16).astype(np.int32), 1.0, cv2.LINE_AA, 4)
    small = cv2.GaussianBlur(small, (0, 0), max(0.6, radius * factor * float(rng.uniform(0.08, 0.3))))
    dark = cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR) * np.float32(rng.uniform(0.25, 0.75))
    picture[window] *= (1 - dark)[..., None]


def _draw_case(picture: Array, placed: _Placed, light: Light, rng: np.random.Generator) -> None:
    """The case behind the head: rim, extractor groove and wall, in the metal's colour or a shotshell's plastic."""
    pose = placed.pose
    rimmed = rng.random() < 0.3 or placed.look.primer == "shotshell"
    thick, body = float(rng.uniform(0.1, 0.2)), float(rng.uniform(0.86, 0.95)) if rimmed else float(rng.uniform(0.97, 1.0))
    length = float(rng.uniform(2.0, 6.0))
    wall = linear(METALS[placed.look.metal])
    if placed.look.primer == "shotshell" and rng.random() < 0.8:
        plastic = linear(((0.85, 0.25, 0.15), (0.2, 0.45, 0.25), (0.2, 0.2, 0.22), (0.85, 0.8, 0.7))[int(rng.integers(4))])
    else:
        plastic = wall
    pieces = ((thick, length, body, wall, plastic), (0.0, thick, 1.0, wall, wall))
    for near, far, radius, metal, later in pieces:
        hull = case_hull(pose, near, far, radius, radius * (0.93 if far > 1 else 1.0))
        window = _window(hull, picture.shape, 2)
        if window is None:
            continue
        x, y = _pixels(window)
        depth, angle = wall_coordinates(pose, x, y, radius)
        n = (np.cos(angle), np.sin(angle), np.zeros_like(angle))
        seen = surroundings(light, *mirror(n, pose.view), 0.3)
        lit = seen * np.float32(0.75) + np.float32(light.even * 0.25)
        turned = np.clip((depth - np.float32(1.2)) * 20, 0, 1)[..., None]
        color = metal + turned * (later - metal)
        dark = 1 - np.float32(0.75) * np.exp(-(((depth - np.float32(thick * 1.5)) / np.float32(thick * 0.55)) ** 2)) * (far > 1)
        fade = np.clip(1.05 - depth * np.float32(0.12), 0.4, 1) * dark
        alpha = np.zeros(angle.shape, np.float32)
        points = np.round((hull - [window[1].start, window[0].start]) * 16).astype(np.int32)
        cv2.fillConvexPoly(alpha, points, 1.0, cv2.LINE_AA, 4)
        alpha = np.clip(alpha, 0, 1)
        picture[window] += alpha[..., None] * (lit * color * fade[..., None] - picture[window])


def _draw_heads(
    picture: Array, placed: list[_Placed], light: Light, rng: np.random.Generator, style: str
) -> tuple[list[Array], list[tuple[ElementTruth, ...]]]:
    """Draws cases, fingers and heads; returns each head's uncovered cover of the picture and its elements."""
    held = style in ("hand", "sorter") or (style in ("macro", "low", "phone", "worn") and rng.random() < 0.3)
    covers: list[Array] = []
    truths = []
    for p in placed:
        if style != "plate":
            hull = case_hull(p.pose, 0, 2.0, 1, 1)
            if not held:
                _shadow(picture, hull, p.radius, light, rng)
            _draw_case(picture, p, light, rng)
    tone = int(rng.integers(0, 2**32))
    for p in placed:
        center = p.pose.project(np.zeros((1, 3)))[0]
        at = (float(center[0]), float(center[1]))
        fingers = grip(rng, at, p.radius, float(rng.uniform(-0.1, 0.35))) if held else []
        front = [f for f in fingers if rng.random() < 0.2]
        for finger in (f for f in fingers if f not in front):
            _shade_finger(picture, finger, light, tone, covers)
        grid = disc(_texture_size(p.pose, 1.04))
        texture, elements = paint_head(grid, p.mark, p.look, p.turn_deg, rng, p.pose.view)
        pasted = _paste(picture, p.pose, texture, 1.04, None)
        cover = np.zeros(picture.shape[:2], np.float32)
        if pasted is not None:
            cover[pasted[0]] = pasted[1]
        for other in covers:
            other *= 1 - cover
        covers.append(cover)
        truths.append(elements)
        for finger in front:
            moved = _pushed_out(finger, at, p.radius, float(rng.uniform(0.72, 1.0)))
            _shade_finger(picture, moved, light, tone, covers)
    return covers, truths


def _pushed_out(finger: Finger, center: tuple[float, float], radius: float, reach: float) -> Finger:
    """The finger moved away from a head's centre until its nearest edge is reach head radii from it."""
    nearest = min(range(len(finger.joints) - 1), key=lambda i: math.dist(finger.joints[i], center) - finger.radii[i])
    x, y = finger.joints[nearest][0] - center[0], finger.joints[nearest][1] - center[1]
    distance = max(math.hypot(x, y), 1e-6)
    shift = reach * radius + finger.radii[nearest] - distance
    moved = tuple((jx + x / distance * shift, jy + y / distance * shift) for jx, jy in finger.joints)
    return replace(finger, joints=moved)


def _shade_finger(picture: Array, finger: Finger, light: Light, tone: int, covers: list[Array]) -> None:
    """Draws a finger in the hand's skin (one tone a hand) over what is there, taking cover from heads below it."""
    cover = draw_finger(picture, finger, (light.slope[0] * 3, light.slope[1] * 3), np.random.default_rng(tone))
    for other in covers:
        other *= 1 - cover


def _draw_things(picture: Array, placed: list[_Placed], light: Light, rng: np.random.Generator, style: str) -> None:
    """Things that are no heads, where no head is; without heads one of them takes a head's place."""
    shape = picture.shape[:2]
    size = (shape[1], shape[0])
    low, high, tilt = _RANGES[style]
    alone = not placed
    count = int(rng.choice([0, 1, 2, 3], p=[0.15, 0.45, 0.25, 0.15] if alone else [0.72, 0.17, 0.08, 0.03]))
    taken = [(*p.pose.project(np.zeros((1, 3)))[0], p.radius) for p in placed]
    for i in range(count):
        radius = min(size) * float(rng.uniform(low, high)) * (1.0 if alone and i == 0 else float(rng.uniform(0.4, 0.9)))
        x, y = _position(rng, style if alone and i == 0 else "table", size, radius, rng.random() < 0.15)
        if any(math.hypot(x - tx, y - ty) < radius + tr for tx, ty, tr in taken):
            continue
        taken.append((x, y, radius))
        pose = make_pose((x, y), radius, float(rng.uniform(0, tilt)), float(rng.uniform(0, 360)), max(size) * 1.4, size)
        kind = tuple(THINGS)[int(rng.choice(len(THINGS), p=[0.3, 0.12, 0.1, 0.1, 0.08, 0.12, 0.06, 0.12]))]
        _shadow(picture, case_hull(pose, 0, 0.2, 1, 1), radius, light, rng)
        texture, cover = THINGS[kind](disc(_texture_size(pose, 1.04)), light, pose.view, rng)
        _paste(picture, pose, texture, 1.04, cover)
    if alone and rng.random() < 0.3:
        tip = (float(rng.uniform(0.2, 0.8) * size[0]), float(rng.uniform(0.2, 0.8) * size[1]))
        finger = random_finger(rng, tip, float(rng.uniform(0, 6.3)), min(size) * float(rng.uniform(0.08, 0.25)), rng.random() < 0.6)
        draw_finger(picture, finger, (light.slope[0] * 3, light.slope[1] * 3), rng)


def _truth(placed: _Placed, plane_to_photo: Matrix, elements: tuple[ElementTruth, ...], cover: Array) -> HeadTruth:
    own = placed.pose.plane_to_photo
    a, b = outline(own).semi_axes
    pocket = plane_to_photo[:2, 2] / plane_to_photo[2, 2]
    return HeadTruth(
        outline=outline(plane_to_photo),
        pocket_xy=(float(pocket[0]), float(pocket[1])),
        pocket_ratio=placed.mark.pocket_ratio if placed.look.primer != "none" else 0.0,
        elements=elements,
        visible=float(min(1.0, cover.sum(dtype=np.float64) / (math.pi * a * b))),
        plane_to_photo=plane_to_photo,
    )
