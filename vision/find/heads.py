"""Cartridge heads in a picture: circles proposed by voting, made ellipses by following their rings, and weighed.

1. propose  Gradients vote for centres and radii on a pyramid (_votes).
2. follow   Round each proposal the picture is unrolled and the ring near the proposed radius followed (_rings). What
            is found may be the rim, the pocket's edge, a letter O or a finger tip.
3. suppose  Every ring may be a rim; and it may be a pocket, and then a ring farther out is the rim.
4. weigh    For each supposed rim: how much of it shows as one edge, whether a pocket sits inside it, whether a stronger
            ring lies outside (then it was the pocket), whether its annulus looks like one piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vision.find._rings import circle_frames, closed_paths, edges_across, ellipse_of, fit_paths, frame_of, moved, unroll
from vision.find._votes import Pyramid, propose_circles
from vision.types import Floats, Head, Rgb

_WORK_SIDE = 384  # pixels: proposals and weighing work at this size; a head of a 25th of the picture is still 15 across
_MAX_PROPOSALS = 24
_MAX_FOLLOWED = 14
_RIM_STEPS = 2  # rings farther out that are tried as the rim of a supposed pocket
_POCKET = (0.27, 0.66)  # pocket radius as a share of the head's: .22 LR has none, 12 gauge 0.3, .45 and 9 mm 0.55
_MIN_ASPECT = 0.66  # a tilt of 48 degrees
_REACH = 2


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Supposed rims (N) with what speaks for and against each; all shares 0..1."""

    frames: Floats
    rim: Floats
    pocket: Floats
    outside: Floats
    uneven: Floats
    pocket_ratio: Floats
    pocket_xy: Floats
    score: Floats


def find_heads(rgb: Rgb, *, max_heads: int = 12) -> tuple[Head, ...]:
    """The cartridge heads of an oriented RGB picture (H, W, 3), in its pixels, surest first; no two overlap.

    Made for pictures of about 1024 pixels on the longer side. Everything is given that could be a head, with a score
    of 0..1: take those of 0.5 and more for heads.
    """
    if min(rgb.shape[:2]) < 24:
        return ()
    factor = _WORK_SIDE / max(rgb.shape[:2])
    work = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    pyramid = Pyramid.of(work)
    proposals = propose_circles(pyramid)[:_MAX_PROPOSALS]
    if not len(proposals):
        return ()
    followed = _distinct(*_follow(pyramid, circle_frames(proposals)))[:_MAX_FOLLOWED]
    weighed = _weigh(pyramid, _suppose(pyramid, followed))
    heads = [_head(weighed, i) for i in np.argsort(-weighed.score, kind="stable") if _plausible(weighed, i)]
    return tuple(_scaled(head, 1.0 / factor) for head in _apart(heads)[:max_heads])


def refine_head(rgb: Rgb, head: Head) -> Head:
    """The same head measured again on a closer picture (H, W, 3) in whose pixels it is given: rim and pocket."""
    pyramid = Pyramid.of(rgb)
    frame = frame_of(head.outline)[None]
    for spread in (0.12, 0.06, 0.04):
        radii = np.linspace(1 - spread, 1 + spread, 49).astype(np.float32)
        frame, _, _ = _follow_once(pyramid, frame, radii, 128)
    weighed = _weigh(pyramid, frame)
    refined = _head(weighed, 0)
    return Head(refined.outline, refined.pocket_xy, refined.pocket_ratio, head.score)


def _follow_once(pyramid: Pyramid, frames: Floats, radii: Floats, angles: int) -> tuple[Floats, Floats, Floats]:
    """Frames moved onto the ring near radius 1; the share of it that shows; and the mean edge along it."""
    rays, inside = unroll(pyramid, frames, radii, angles)
    strength = np.abs(edges_across(rays, inside, _REACH)).max(axis=3)
    paths = closed_paths(strength, 0.1)
    along = np.take_along_axis(strength, paths[..., None], axis=2)[..., 0]
    updates, fit = fit_paths(radii[paths], along, 0.03)
    seen = np.maximum(np.take_along_axis(inside, paths[..., None], axis=2)[..., 0].sum(axis=1), angles // 4)
    return moved(frames, updates), (fit * along).sum(axis=1) / seen, updates


def _follow(pyramid: Pyramid, frames: Floats) -> tuple[Floats, Floats]:
    for radii in (np.geomspace(0.62, 1.6, 36), np.geomspace(0.75, 1.33, 28)):
        frames, support, _ = _follow_once(pyramid, frames, radii.astype(np.float32), 48)
    return frames, support


def _distinct(frames: Floats, support: Floats) -> Floats:
    """Frames that differ by more than a tenth of their size from every better supported one, best first."""
    size = np.sqrt(np.abs(np.linalg.det(frames[:, 2:].reshape(-1, 2, 2)))) + 1e-6
    kept: list[int] = []
    for i in np.argsort(-support, kind="stable"):
        near = [np.abs(frames[i] - frames[j]).max() < 0.1 * size[j] for j in kept]
        if not any(near) and np.isfinite(frames[i]).all() and size[i] > 5:
            kept.append(int(i))
    return frames[kept]


def _suppose(pyramid: Pyramid, frames: Floats) -> Floats:
    """Rims that the followed rings may stand for: each itself, and the clearest rings outside it."""
    radii = np.geomspace(1.2, 3.8, 48).astype(np.float32)
    rays, inside = unroll(pyramid, frames, radii, 48)
    ring = _ring_strength(edges_across(rays, inside, _REACH), inside)
    ring = np.where((radii > 1 / _POCKET[1]) & (radii < 1 / _POCKET[0]), ring, 0.0)
    supposed = [frames]
    for _ in range(_RIM_STEPS):
        best = ring.argmax(axis=1)
        scaled = frames.copy()
        scaled[:, 2:] *= radii[best][:, None]
        supposed.append(scaled[ring.max(axis=1) > 0.35])
        ring = np.where(np.abs(np.arange(len(radii)) - best[:, None]) <= 3, 0.0, ring)
    rims = np.concatenate(supposed)
    frames, support, _ = _follow_once(pyramid, rims, np.geomspace(0.84, 1.19, 24).astype(np.float32), 48)
    return _distinct(frames, support)


def _ring_strength(strength: Floats, inside: np.ndarray) -> Floats:
    """How far each radius (N, radii) is one edge all round, of one colour and one direction, give or take two steps."""
    kernel = np.ones((1, 5), np.uint8)
    count, angles, radii, colours = strength.shape
    best = np.zeros((count, radii), np.float32)
    seen = np.maximum(inside.sum(axis=1), angles // 4)
    for colour in range(colours):
        for sign in (1.0, -1.0):
            plane = np.ascontiguousarray(np.maximum(sign * strength[..., colour], 0).reshape(-1, radii))
            near = cv2.dilate(plane, kernel).reshape(count, angles, radii)
            best = np.maximum(best, near.sum(axis=1) / seen)
    return best


def _weigh(pyramid: Pyramid, frames: Floats) -> _Weighed:
    """What speaks for and against each frame being a head's rim."""
    radii = np.geomspace(0.22, 3.2, 92).astype(np.float32)
    rays, inside = unroll(pyramid, frames, radii, 48)
    strength = edges_across(rays, inside, _REACH)
    size = np.abs(strength).max(axis=3)

    def path_in(low: float, high: float) -> tuple[Floats, Floats]:
        at = np.flatnonzero((radii > low) & (radii < high))
        paths = closed_paths(np.ascontiguousarray(size[:, :, at]), 0.1)
        along = np.take_along_axis(size[:, :, at], paths[..., None], axis=2)[..., 0]
        updates, fit = fit_paths(radii[at][paths], along, 0.03 * (low + high) / 2)
        seen = np.maximum(np.take_along_axis(inside[:, :, at], paths[..., None], axis=2)[..., 0].sum(axis=1), 12)
        return updates, (fit * along).sum(axis=1) / seen

    _, rim = path_in(0.9, 1.12)
    pocket_updates, pocket = path_in(*_POCKET)
    ring = _ring_strength(strength, inside)
    outside = ring[:, radii > 1.3].max(axis=1)
    annulus = rays[:, :, (radii > 0.68) & (radii < 0.94)].mean(axis=2)
    surround = rays[:, :, (radii > 1.08) & (radii < 1.35)].mean(axis=2)
    uneven = annulus.std(axis=1).mean(axis=1) / (surround.std(axis=1).mean(axis=1) + annulus.std(axis=1).mean(axis=1) + np.abs(annulus.mean(1) - surround.mean(1)).mean(1) + 1)
    matrices = frames[:, 2:].reshape(-1, 2, 2)
    pocket_xy = frames[:, :2] + np.einsum("nij,nj->ni", matrices, pocket_updates[:, :2])
    ratio = np.sqrt(np.abs(np.linalg.det(pocket_updates[:, 2:].reshape(-1, 2, 2))))
    evidence = 9.0 * (rim - 0.55) + 7.0 * (pocket - 0.5) - 5.0 * np.maximum(outside - 0.5, 0) - 3.0 * (uneven - 0.35)
    score = 1.0 / (1.0 + np.exp(-evidence))
    return _Weighed(frames, rim, pocket, outside, uneven, np.clip(ratio, 0, 1), pocket_xy, score)


def _plausible(weighed: _Weighed, i: int) -> bool:
    a, b = np.linalg.svd(weighed.frames[i, 2:].reshape(2, 2), compute_uv=False)
    return bool(b > _MIN_ASPECT * a and b > 5 and np.isfinite(weighed.frames[i]).all())


def _head(weighed: _Weighed, i: int) -> Head:
    x, y = weighed.pocket_xy[i]
    return Head(ellipse_of(weighed.frames[i]), (float(x), float(y)), float(weighed.pocket_ratio[i]), float(weighed.score[i]))


def _apart(heads: list[Head]) -> list[Head]:
    """The heads, best first, of which none lies in or over a better one."""
    kept: list[Head] = []
    for head in heads:
        (x, y), (a, b) = head.outline.center_xy, head.outline.semi_axes
        if all(np.hypot(x - k.outline.center_xy[0], y - k.outline.center_xy[1]) > 0.8 * (b + k.outline.semi_axes[1]) for k in kept):
            kept.append(head)
    return kept


def _scaled(head: Head, factor: float) -> Head:
    x, y = head.pocket_xy
    return Head(head.outline.scaled(factor), ((x + 0.5) * factor - 0.5, (y + 0.5) * factor - 0.5), head.pocket_ratio, head.score)
