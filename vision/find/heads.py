"""Cartridge heads in a picture: circles proposed by voting, made ellipses by following their rings, and weighed.

1. propose  Gradients vote for centres and radii on a pyramid (_votes).
2. follow   Round each proposal the picture is unrolled and the ring near the proposed radius followed (_rings). What
            is found may be the rim, the pocket's edge, a letter O or a finger tip.
3. suppose  Every ring may be a rim; and it may be a pocket, and then a ring farther out is the rim.
4. weigh    Each supposed rim is scored on how its unrolled picture looks (_weigh); the best that do not overlap stay.
"""

from __future__ import annotations

import cv2
import numpy as np

from vision.find._rings import (
    circle_frames,
    closed_paths,
    edges_across,
    ellipse_of,
    fit_paths,
    frame_of,
    moved,
    ring_strength,
    unroll,
)
from vision.find._votes import Pyramid, propose_circles
from vision.find._weigh import POCKET, REACH, Evidence, measure, scores
from vision.types import Floats, Head, Rgb

_WORK_SIDE = 384  # pixels: at this size a head of a 25th of the picture is still 15 across
_MAX_PROPOSALS = 24
_MAX_FOLLOWED = 14
_OUTER_RINGS = 2  # rings farther out that are tried as the rim of a supposed pocket
_MIN_ASPECT = 0.66  # a tilt of 48 degrees
_MIN_RADIUS = 5.0  # pixels of the working picture
_WIDE = (np.geomspace(0.62, 1.6, 36).astype(np.float32), np.geomspace(0.75, 1.33, 28).astype(np.float32))
_NARROW = np.geomspace(0.84, 1.19, 24).astype(np.float32)


def find_heads(rgb: Rgb, *, max_heads: int = 12) -> tuple[Head, ...]:
    """The cartridge heads of an oriented RGB picture (H, W, 3), in its pixels, surest first; no two overlap.

    Made for pictures of about 1024 pixels on the longer side. Everything is given that could be a head, with a score
    of 0..1: take those of 0.5 and more for heads.
    """
    evidence, factor = suppose_heads(rgb)
    score = scores(evidence)
    heads = [_head(evidence, i, float(score[i])) for i in np.argsort(-score, kind="stable")]
    return tuple(_scaled(head, 1.0 / factor) for head in _apart(heads)[:max_heads])


def suppose_heads(rgb: Rgb) -> tuple[Evidence, float]:
    """Every ellipse that may be a head's rim with the evidence, in pixels of the working picture, and that picture's
    size as a factor of rgb's. Most of them are wrong: scores() tells."""
    factor = _WORK_SIDE / max(rgb.shape[:2])
    size = (max(1, round(rgb.shape[1] * factor)), max(1, round(rgb.shape[0] * factor)))
    work = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    pyramid = Pyramid.of(np.asarray(work, np.uint8))
    frames = circle_frames(propose_circles(pyramid)[:_MAX_PROPOSALS])
    for radii in _WIDE:
        frames, support = _follow(pyramid, frames, radii, 48)
    return measure(pyramid, _suppose(pyramid, _distinct(frames, support)[:_MAX_FOLLOWED])), factor


def refine_head(rgb: Rgb, head: Head) -> Head:
    """The same head measured again on a closer picture (H, W, 3) in whose pixels it is given: rim and pocket."""
    pyramid = Pyramid.of(rgb)
    frame = frame_of(head.outline)[None]
    for spread in (0.12, 0.06, 0.04):
        radii = np.linspace(1 - spread, 1 + spread, 49).astype(np.float32)
        frame, _ = _follow(pyramid, frame, radii, 128)
    return _head(measure(pyramid, frame), 0, head.score)


def _follow(pyramid: Pyramid, frames: Floats, radii: Floats, angles: int) -> tuple[Floats, Floats]:
    """Frames moved onto the ring near their radius 1, and how much of that ring shows, 0..1."""
    rays, inside = unroll(pyramid, frames, radii, angles)
    strength = np.abs(edges_across(rays, inside, REACH)).max(axis=3)
    paths = closed_paths(strength, 0.1)
    along = np.take_along_axis(strength, paths[..., None], axis=2)[..., 0]
    updates, fit = fit_paths(radii[paths], along, 0.03)
    seen = np.maximum(np.take_along_axis(inside, paths[..., None], axis=2)[..., 0].sum(axis=1), angles // 4)
    return moved(frames, updates), (fit * along).sum(axis=1) / seen


def _distinct(frames: Floats, support: Floats) -> Floats:
    """The frames that could be heads by size and shape and differ by more than a tenth of their size from every better
    supported one, best first."""
    singular = np.linalg.svd(frames[:, 2:].reshape(-1, 2, 2), compute_uv=False)
    possible = (singular[:, 1] > _MIN_RADIUS) & (singular[:, 1] > _MIN_ASPECT * singular[:, 0])
    kept: list[int] = []
    for i in np.argsort(-support, kind="stable"):
        if possible[i] and all(np.abs(frames[i] - frames[j]).max() > 0.1 * singular[j, 0] for j in kept):
            kept.append(int(i))
    return frames[kept]


def _suppose(pyramid: Pyramid, frames: Floats) -> Floats:
    """Rims that the followed rings may stand for: each itself, and the clearest rings outside it."""
    radii = np.geomspace(1.2, 3.8, 48).astype(np.float32)
    rays, inside = unroll(pyramid, frames, radii, 48)
    ring = ring_strength(edges_across(rays, inside, REACH), inside)
    ring = np.where((radii > 1 / POCKET[1]) & (radii < 1 / POCKET[0]), ring, 0.0)
    supposed = [frames]
    for _ in range(_OUTER_RINGS):
        best = ring.argmax(axis=1)
        scaled = frames.copy()
        scaled[:, 2:] *= radii[best][:, None]
        supposed.append(scaled[ring.max(axis=1) > 0.35])
        ring = np.where(np.abs(np.arange(len(radii)) - best[:, None]) <= 3, 0.0, ring)
    return _distinct(*_follow(pyramid, np.concatenate(supposed), _NARROW, 48))


def _head(evidence: Evidence, i: int, score: float) -> Head:
    x, y = evidence.pocket_xy[i]
    return Head(ellipse_of(evidence.frames[i]), (float(x), float(y)), float(evidence.pocket_ratio[i]), score)


def _apart(heads: list[Head]) -> list[Head]:
    """The heads, best first, of which none lies in or over a better one."""
    kept: list[Head] = []
    for head in heads:
        x, y = head.outline.center_xy
        reach = [0.8 * (head.outline.semi_axes[1] + k.outline.semi_axes[1]) for k in kept]
        away = [float(np.hypot(x - k.outline.center_xy[0], y - k.outline.center_xy[1])) for k in kept]
        if all(a > r for a, r in zip(away, reach, strict=True)):
            kept.append(head)
    return kept


def _scaled(head: Head, factor: float) -> Head:
    x, y = head.pocket_xy
    pocket_xy = ((x + 0.5) * factor - 0.5, (y + 0.5) * factor - 0.5)
    return Head(head.outline.scaled(factor), pocket_xy, head.pocket_ratio, head.score)
