"""A whole photo: background, things that are no heads, cases held or lying, their heads, the lens; all from a seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from vision.errors import UsageError
from vision.training.render.backgrounds import random_background
from vision.training.render.camera import make_pose, outline
from vision.training.render.draw import Layers, PlacedHead, draw_heads
from vision.training.render.hand import grip, random_finger
from vision.training.render.lens import Shot, defocus, random_shot, take
from vision.training.render.looks import HeadLook, random_look
from vision.training.render.marks import MarkSpec, random_mark
from vision.training.render.metal import Light, random_light
from vision.training.render.paint import resized
from vision.training.render.things import THINGS
from vision.training.render.truth import Array, ElementTruth, HeadTruth, Matrix, Scene

STYLES = ("phone", "hand", "table", "macro", "sorter", "plate", "low", "worn")
_STYLE_ODDS = (0.16, 0.2, 0.18, 0.12, 0.1, 0.08, 0.11, 0.05)
_THING_ODDS = (0.3, 0.12, 0.1, 0.1, 0.08, 0.12, 0.06, 0.12)
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
# The shorter side of a photo as people keep and send them, three by four or four by three; what a render for the finder
# is drawn at, which looks at photos made small, is less. In the phone style heads are small in their photo, and phones'
# photos come as they were taken or halved.
_PHOTO_SIDE = (480, 1800)
_PHONE_SIDE = (1200, 3000)


def photo_size(seed: int, style: str) -> tuple[int, int]:
    """(width, height) of a photo of a style as it comes from a camera, for what is read and not only found: the heads
    of close-ups, plates and small pictures fill it as they do in render_scene, others have 34 to 860 pixels of
    radius."""
    rng = np.random.default_rng([seed, 2])
    if style in ("plate", "sorter", "low"):
        return _random_size(rng, style)
    low, high = _PHONE_SIDE if style == "phone" else _PHOTO_SIDE
    shorter = round(float(np.exp(rng.uniform(np.log(low), np.log(high)))))
    longer = round(shorter * 4 / 3)
    return (longer, shorter) if rng.random() < 0.5 else (shorter, longer)


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
    fine = 2 if max(size) <= 260 else 1
    work = (size[0] * fine, size[1] * fine)
    light = look.light if look else random_light(rng, "soft" if style == "plate" else None)
    placed = _place_heads(rng, style, work, count, marks or (), light, look)
    picture = random_background(rng, work[::-1], style)
    largest = max((p.radius for p in placed), default=0.15 * min(work))
    picture = defocus(picture, float(rng.choice([0.0, 0.05, 0.2], p=[0.4, 0.35, 0.25])) * largest)
    layers = Layers(picture, light, [])
    if style == "plate" and placed:
        truths = [layers.head(p, rng) for p in placed]
    else:
        _draw_things(layers, placed, rng, style)
        held = style in ("hand", "sorter") or (style in ("macro", "low", "phone", "worn") and rng.random() < 0.3)
        truths = draw_heads(layers, placed, rng, held, style == "sorter")
    if fine > 1:
        picture = resized(picture, size, cv2.INTER_AREA)
    to_size = np.array([[1 / fine, 0, (1 / fine - 1) / 2], [0, 1 / fine, (1 / fine - 1) / 2], [0, 0, 1.0]])
    found = [
        _truth(p, to_size @ p.pose.plane_to_photo, elements, cover)
        for p, elements, cover in zip(placed, truths, layers.covers, strict=True)
    ]
    # A scene is already as small as its heads are to be: nothing more is enlarged.
    rgb = take(picture, shot or replace(random_shot(rng, style, largest / fine), detail=1.0), rng)
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
) -> list[PlacedHead]:  # fmt: skip
    """Poses for count heads that do not overlap; fewer when there is no room."""
    low, high, tilt = _RANGES[style]
    focal = max(size) * float(rng.uniform(0.9, 2.2))
    toward, lean = float(rng.uniform(0, 360)), float(rng.beta(1.1, 2.0)) * tilt
    placed: list[PlacedHead] = []
    for i in range(count):
        for _ in range(30):
            shrink = 0.6 if count > 1 else 1.0
            radius = min(size) * float(np.exp(rng.uniform(np.log(low), np.log(high)))) * shrink
            x, y = _position(rng, style, size, radius, cut=rng.random() < 0.06 and not marks)
            if all(math.dist((x, y), p.center_xy) > 1.1 * (radius + p.radius) for p in placed):
                pose = make_pose(
                    (x, y), radius, lean + float(rng.normal(0, 2)), toward + float(rng.normal(0, 15)), focal, size
                )
                mark = marks[i] if i < len(marks) else random_mark(rng)
                own = replace(look or random_look(rng, style), light=light)
                placed.append(PlacedHead(pose, mark, own, radius, _random_turn(rng)))
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


def _truth(placed: PlacedHead, plane_to_photo: Matrix, elements: tuple[ElementTruth, ...], cover: Array) -> HeadTruth:
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


def _draw_things(layers: Layers, placed: list[PlacedHead], rng: np.random.Generator, style: str) -> None:
    """Things that are no heads, where no head is; without heads one of them takes a head's place, perhaps in a hand."""
    size = (layers.picture.shape[1], layers.picture.shape[0])
    low, high, tilt = _RANGES[style]
    alone = not placed
    count = int(rng.choice([0, 1, 2, 3], p=[0.15, 0.45, 0.25, 0.15] if alone else [0.72, 0.17, 0.08, 0.03]))
    taken = [(p.center_xy, p.radius) for p in placed]
    skin = int(rng.integers(0, 2**32))
    for i in range(count):
        first = alone and i == 0
        radius = min(size) * float(rng.uniform(low, high)) * (1.0 if first else float(rng.uniform(0.4, 0.9)))
        x, y = _position(rng, style if first else "table", size, radius, rng.random() < 0.15)
        if any(math.dist((x, y), at) < radius + other for at, other in taken):
            continue
        taken.append(((x, y), radius))
        pose = make_pose((x, y), radius, float(rng.uniform(0, tilt)), float(rng.uniform(0, 360)), max(size) * 1.4, size)
        if first and (style in ("hand", "sorter") or rng.random() < 0.2):
            for finger in grip(rng, (x, y), radius, float(rng.uniform(-0.1, 0.4))):
                layers.finger(finger, skin)
        layers.thing(tuple(THINGS)[int(rng.choice(len(THINGS), p=_THING_ODDS))], pose, rng)
    if alone and rng.random() < 0.3:
        tip = (float(rng.uniform(0.2, 0.8) * size[0]), float(rng.uniform(0.2, 0.8) * size[1]))
        thick = min(size) * float(rng.uniform(0.08, 0.25))
        layers.finger(random_finger(rng, tip, float(rng.uniform(0, 6.3)), thick, bool(rng.random() < 0.6)), skin)
