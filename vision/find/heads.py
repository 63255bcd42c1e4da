"""Cartridge heads in a picture: circles proposed by voting, made ellipses by following their rings, and weighed.

1. propose  Gradients vote for centres and radii on a pyramid (_votes).
2. follow   Round each proposal the picture is unrolled and the ring near the proposed radius followed (_rings). What
            is found may be the rim, the pocket's edge, a letter O or a finger tip.
3. suppose  Every ring may be a rim; and it may be a pocket, and then a ring farther out is the rim.
4. weigh    A small net scores each supposed rim by its unrolled picture (_weigh); the best that do not overlap stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from vision.find._rings import (
    along_paths,
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
from vision.find._weigh import RimWeigher, look
from vision.types import Floats, Head, Rgb

_WORK_SIDE = (256, 512)  # pixels, least and most: at 512 a head of a 25th of the picture is still 20 across
_MAX_PROPOSALS = 24
_MAX_FOLLOWED = 14
_POCKET = (0.25, 0.68)  # pocket radius as a share of the head's: 12 gauge 0.3, .45 and 9 mm 0.5 to 0.6
_OUTER_RINGS = 2  # rings farther out that are tried as the rim of a supposed pocket
_MIN_ASPECT = 0.66  # a tilt of 48 degrees
_SMALLEST_PICTURE = 24  # pixels on the shorter side
_LEAST_SCORE = 0.05  # less is not worth telling
_REACH = 2  # radii on both sides that an edge is measured over
_BEND = 0.1  # what a path pays to move one radius, in edge strengths
_MIN_RADIUS = 5.0  # pixels of the working picture
_WIDE = (np.geomspace(0.62, 1.6, 36).astype(np.float32), np.geomspace(0.75, 1.33, 28).astype(np.float32))
_NEAR = np.geomspace(0.89, 1.12, 28).astype(np.float32)
_POCKET_RADII = np.geomspace(*_POCKET, 36).astype(np.float32)
_NARROW = np.geomspace(0.84, 1.19, 24).astype(np.float32)


class HeadFinder:
    """Finds cartridge heads. Keeps the session of the net that weighs them; one finder serves a whole batch."""

    def __init__(self, weights: Path, threads: int = 1) -> None:
        """weights is models/weights/heads.onnx. Raises KitError when it is missing or not this net."""
        self._weigher = RimWeigher(weights, threads)

    def find_heads(self, rgb: Rgb, *, max_heads: int = 12) -> tuple[Head, ...]:
        """The cartridge heads of an oriented RGB picture (H, W, 3), in its pixels, surest first; no two overlap.

        Made for pictures of about 1024 pixels on the longer side. Everything that could be a head is given, with a
        score of 0..1: take those of 0.5 and more for heads.
        """
        if min(rgb.shape[:2]) < _SMALLEST_PICTURE:
            return ()
        pyramid, frames, factor = suppose_rims(rgb)
        scores = self._weigher.scores(look(pyramid, frames))
        best = _apart(frames, scores)[:max_heads]
        if not best:
            return ()
        frames, _ = _follow(pyramid, frames[best], _NEAR, 64)
        heads = _heads(pyramid, frames, [float(s) for s in scores[best]])
        return tuple(_scaled(head, 1.0 / factor) for head in heads)


def suppose_rims(rgb: Rgb) -> tuple[Pyramid, Floats, float]:
    """The working picture, every ellipse in it that may be a head's rim, (N, 6) frames, and the working picture's size
    as a factor of rgb's. Most of the ellipses are wrong: weighing tells."""
    longer = max(rgb.shape[:2])
    factor = min(max(longer, _WORK_SIDE[0]), _WORK_SIDE[1]) / longer
    size = (max(1, round(rgb.shape[1] * factor)), max(1, round(rgb.shape[0] * factor)))
    work = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    pyramid = Pyramid.of(np.asarray(work, np.uint8))
    frames = circle_frames(propose_circles(pyramid)[:_MAX_PROPOSALS])
    for radii in _WIDE:
        if not len(frames):
            break
        frames, support = _follow(pyramid, frames, radii, 48)
        frames = _distinct(frames, support)
    return pyramid, _suppose(pyramid, frames[:_MAX_FOLLOWED]) if len(frames) else frames, factor


def refine_head(rgb: Rgb, head: Head) -> Head:
    """The same head measured again on a closer picture (H, W, 3) in whose pixels it is given: rim and pocket."""
    pyramid = Pyramid.of(rgb)
    frame = frame_of(head.outline)[None]
    for spread in (0.12, 0.06, 0.04):
        radii = np.linspace(1 - spread, 1 + spread, 49).astype(np.float32)
        frame, _ = _follow(pyramid, frame, radii, 128)
    return _heads(pyramid, frame, [head.score])[0]


def _follow(pyramid: Pyramid, frames: Floats, radii: Floats, angles: int) -> tuple[Floats, Floats]:
    """Frames moved onto the ring near their radius 1, and how much of that ring shows, 0..1."""
    rays, inside = unroll(pyramid, frames, radii, angles)
    strength = np.abs(edges_across(rays, inside, _REACH)).max(axis=3)
    paths = closed_paths(strength, _BEND)
    radius, along = along_paths(strength, paths, radii)
    updates, fit = fit_paths(radius, along, 0.03)
    seen = np.maximum(np.take_along_axis(inside, paths[..., None], axis=2)[..., 0].sum(axis=1), angles // 4)
    return moved(frames, updates), (fit * along).sum(axis=1) / seen


def _distinct(frames: Floats, support: Floats) -> Floats:
    """The frames that could be heads by size and shape and differ by more than a tenth of their size from every better
    supported one, best first."""
    singular = np.linalg.svd(frames[:, 2:].reshape(-1, 2, 2), compute_uv=False)
    possible = (singular[:, 1] > _MIN_RADIUS) & (singular[:, 1] > _MIN_ASPECT * singular[:, 0])
    away = np.abs(frames[:, None] - frames).max(axis=2, initial=0.0) > 0.1 * singular[:, 0]
    kept: list[int] = []
    for i in np.argsort(-support, kind="stable").tolist():
        if possible[i] and away[i, kept].all():
            kept.append(i)
    return frames[kept]


def _suppose(pyramid: Pyramid, frames: Floats) -> Floats:
    """Rims that the followed rings may stand for: each itself, and the clearest rings outside it."""
    radii = np.geomspace(1.2, 3.8, 48).astype(np.float32)
    rays, inside = unroll(pyramid, frames, radii, 48)
    ring = ring_strength(edges_across(rays, inside, _REACH), inside)
    ring = np.where((radii > 1 / _POCKET[1]) & (radii < 1 / _POCKET[0]), ring, 0.0)
    supposed = [frames]
    for _ in range(_OUTER_RINGS):
        best = ring.argmax(axis=1)
        scaled = frames.copy()
        scaled[:, 2:] *= radii[best][:, None]
        supposed.append(scaled[ring.max(axis=1) > 0.35])
        ring = np.where(np.abs(np.arange(len(radii)) - best[:, None]) <= 3, 0.0, ring)
    return _distinct(*_follow(pyramid, np.concatenate(supposed), _NARROW, 48))


def _apart(frames: Floats, scores: Floats) -> list[int]:
    """Indices of the frames worth giving, best first, of which none lies in or over a better one."""
    short = np.linalg.svd(frames[:, 2:].reshape(-1, 2, 2), compute_uv=False)[:, 1]
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        away = [np.hypot(*(frames[i, :2] - frames[j, :2])) > 0.8 * (short[i] + short[j]) for j in kept]
        if scores[i] >= _LEAST_SCORE and all(away):
            kept.append(int(i))
    return kept


def _heads(pyramid: Pyramid, frames: Floats, scores: Sequence[float]) -> list[Head]:
    """Heads with these rims and scores: the pocket is the clearest ring that lies well inside."""
    rays, inside = unroll(pyramid, frames, _POCKET_RADII, 64)
    strength = np.abs(edges_across(rays, inside, _REACH)).max(axis=3)
    paths = closed_paths(strength, _BEND)
    radius, along = along_paths(strength, paths, _POCKET_RADII)
    updates, _ = fit_paths(radius, along, 0.015)
    pockets = moved(frames, updates)
    ratios = np.sqrt(np.abs(np.linalg.det(updates[:, 2:].reshape(-1, 2, 2))))
    return [
        Head(ellipse_of(frame), (float(pocket[0]), float(pocket[1])), float(min(ratio, 1.0)), score)
        for frame, pocket, ratio, score in zip(frames, pockets, ratios, scores, strict=True)
    ]


def _scaled(head: Head, factor: float) -> Head:
    x, y = head.pocket_xy
    pocket_xy = ((x + 0.5) * factor - 0.5, (y + 0.5) * factor - 0.5)
    return Head(head.outline.scaled(factor), pocket_xy, head.pocket_ratio, head.score)
