"""Rings round a centre: unrolling under an affine frame, edges across it, closed paths, and the ellipse of a path.

A frame is (N, 6): x, y of the centre and the symmetric or general 2 x 2 matrix (xx, xy, yx, yy) that takes the unit
circle to the ellipse in the picture. In its frame a head's rim is the circle of radius 1, so all the work is done on
rectangles (angles x radii), many heads at once.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vision.find._votes import Pyramid
from vision.types import Ellipse, Floats

Bools = npt.NDArray[np.bool_]

_SPREADS = (12.0, 6.0, 3.0, 3.0)  # tolerances at which a ray stops counting, fit by fit
_NOISE = 4.0  # grey levels: an edge much weaker than this counts for little


def circle_frames(circles: Floats) -> Floats:
    """Frames (N, 6) of circles (N, >= 3): x, y, radius."""
    zero = np.zeros(len(circles), np.float32)
    return np.stack([circles[:, 0], circles[:, 1], circles[:, 2], zero, zero, circles[:, 2]], axis=1)


def ellipse_of(frame: Floats) -> Ellipse:
    """The ellipse a frame (6,) maps the unit circle to."""
    u, s, _ = np.linalg.svd(np.asarray(frame[2:], np.float64).reshape(2, 2))
    angle = float(np.degrees(np.arctan2(u[1, 0], u[0, 0])) % 180.0)
    return Ellipse((float(frame[0]), float(frame[1])), (float(s[0]), float(s[1])), angle)


def frame_of(ellipse: Ellipse) -> Floats:
    """The frame (6,) with a symmetric matrix whose unit circle is this ellipse."""
    a, b = ellipse.semi_axes
    t = np.radians(ellipse.angle_deg)
    c, s = np.cos(t), np.sin(t)
    xy = (a - b) * c * s
    return np.array([*ellipse.center_xy, a * c * c + b * s * s, xy, xy, a * s * s + b * c * c], np.float32)


def unroll(pyramid: Pyramid, frames: Floats, radii: Floats, angles: int) -> tuple[Floats, Bools]:
    """The picture along the rays of each frame: (N, angles, radii, 3) and which samples lie inside, (N, angles, radii).

    Each frame is sampled on the pyramid level where a step of radius near the rim is about a pixel, so that neither
    aliasing nor blur reaches the edges.
    """
    t = np.linspace(0.0, 2.0 * np.pi, angles, endpoint=False)
    unit = (np.stack([np.cos(t), np.sin(t)], axis=1)[:, None, :] * radii[None, :, None]).astype(np.float32)
    matrices = frames[:, 2:].reshape(-1, 2, 2)
    xy = unit.reshape(-1, 2) @ matrices.transpose(0, 2, 1) + frames[:, None, :2]
    xy = xy.reshape(len(frames), angles, len(radii), 2)
    size = np.sqrt(np.abs(np.linalg.det(matrices)))
    step = size * np.median(np.diff(radii))
    level = np.clip(np.round(np.log2(np.maximum(step, 1e-6))), 0, len(pyramid.levels) - 1).astype(int)
    height, width = pyramid.levels[0].shape[:2]
    inside = (xy[..., 0] >= 0) & (xy[..., 0] <= width - 1) & (xy[..., 1] >= 0) & (xy[..., 1] <= height - 1)
    rays = np.empty((*xy.shape[:3], 3), np.float32)
    for k in np.unique(level):
        at = np.flatnonzero(level == k)
        scale = np.float32(0.5**k)
        x, y = (xy[at, ..., i].reshape(-1, len(radii)) * scale + (0.5 * scale - 0.5) for i in (0, 1))
        sampled = cv2.remap(pyramid.levels[k], x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        rays[at] = sampled.reshape(len(at), angles, len(radii), 3)
    return rays, inside


def edges_across(rays: Floats, inside: Bools, reach: int) -> Floats:
    """Signed strength -1..1 of the edge across each sample of (N, angles, radii, 3), per colour; 0 outside.

    The difference of the means of reach samples on both sides, divided by itself plus the noise and the usual
    contrast of that unrolled picture: one strong glint then counts no more than one clear edge.
    """
    sums = np.cumsum(np.pad(rays, ((0, 0), (0, 0), (reach + 1, reach), (0, 0)), mode="edge"), axis=2)
    count = rays.shape[2]
    middle = sums[:, :, reach : reach + count]
    after, before = sums[:, :, 2 * reach : 2 * reach + count], sums[:, :, :count]
    difference = ((after - middle) - (middle - before)) / reach
    usual = np.sqrt(np.mean(difference**2, axis=(1, 2, 3), keepdims=True))
    strength = difference / (np.abs(difference) + _NOISE + 0.7 * usual)
    valid = inside & np.roll(inside, reach, axis=2) & np.roll(inside, -reach, axis=2)
    strength[~valid] = 0.0
    return np.asarray(strength, np.float32)


def ring_strength(strength: Floats, inside: Bools) -> Floats:
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


def closed_paths(gain: Floats, bend: float) -> npt.NDArray[np.intp]:
    """For each (angles, radii) plane of gain (N, angles, radii), the closed path of greatest gain: (N, angles) indices.

    From ray to ray a path moves one radius at most, which costs bend. Dynamic programming over one and a half turns;
    the last whole turn is kept, so that both ends meet.
    """
    count, angles, radii = gain.shape
    order = np.arange(-(angles // 2), angles) % angles
    # What the best path to each radius gains, one ray after the other, with a border that no path crosses.
    totals = np.full((len(order) + 1, count, radii + 2), -1e9, np.float32)
    totals[0, :, 1:-1] = 0.0
    by_angle = np.ascontiguousarray(gain.transpose(1, 0, 2))
    best = np.empty((count, radii), np.float32)
    for before, after, angle in zip(totals, totals[1:], order.tolist(), strict=False):
        np.maximum(before[:, :-2], before[:, 2:], out=best)
        np.subtract(best, np.float32(bend), out=best)
        np.maximum(best, before[:, 1:-1], out=best)
        np.add(best, by_angle[angle], out=after[:, 1:-1])
    last = totals[len(order) - angles : -1]
    inward, straight, outward = last[:, :, :-2] - np.float32(bend), last[:, :, 1:-1], last[:, :, 2:] - np.float32(bend)
    aside = np.where(inward >= outward, -1, 1)
    came = np.where(np.maximum(inward, outward) > straight, aside, 0)
    path = np.empty((count, angles), np.intp)
    here = totals[-1, :, 1:-1].argmax(axis=1)
    each = np.arange(count)
    for angle, back in zip(order[: -angles - 1 : -1].tolist(), came[::-1], strict=True):
        path[:, angle] = here
        here = here + back[each, here]
    return path


def along_paths(gain: Floats, paths: npt.NDArray[np.intp], radii: Floats) -> tuple[Floats, Floats]:
    """The radius and the gain, each (N, angles), where paths run through (N, angles, radii) planes of gain.

    Between two radii the peak is that of the parabola through the gain at the path and on both its sides.
    """
    inner = np.clip(paths, 1, len(radii) - 2)
    before, at, after = (np.take_along_axis(gain, (inner + i)[..., None], axis=2)[..., 0] for i in (-1, 0, 1))
    curve = np.minimum(before - 2 * at + after, -1e-3)
    shift = np.where(inner == paths, np.clip(0.5 * (before - after) / curve, -0.5, 0.5), 0.0)
    radius = np.interp(paths + shift, np.arange(len(radii)), radii)
    return radius.astype(np.float32), np.take_along_axis(gain, paths[..., None], axis=2)[..., 0]


def fit_paths(radius: Floats, weight: Floats, tolerance: float) -> tuple[Floats, Floats]:
    """The near-circular ellipse of each path (N, angles) of radii, in its frame, and how well each ray fits.

    r(t) = r0 + a1 cos t + b1 sin t + a2 cos 2t + b2 sin 2t: to first order an ellipse whose centre is (a1, b1) and
    whose matrix is [[r0 + a2, b2], [b2, r0 - a2]]. Re-weighted least squares from the median circle
    (Tukey's biweight, narrowing to 3 tolerances), so that rays which followed something else do not pull.
    Returns updates (N, 6) like frames, and fit (N, angles) 0..1.
    """
    t = np.linspace(0.0, 2.0 * np.pi, radius.shape[1], endpoint=False)
    basis = np.stack([np.ones_like(t), np.cos(t), np.sin(t), np.cos(2 * t), np.sin(2 * t)], axis=1)
    products = (basis[:, :, None] * basis[:, None, :]).reshape(-1, 25)
    damping = np.diag([1e-6, 1e-3, 1e-3, 1e-2, 1e-2]) * len(t)
    solved = np.zeros((len(radius), 5))
    solved[:, 0] = np.median(radius, axis=1)
    for spread in _SPREADS:
        miss = np.minimum(np.abs(radius - solved @ basis.T) / (tolerance * spread), 1.0)
        trust = (1.0 - miss**2) ** 2
        w = weight * trust
        normal = (w @ products).reshape(-1, 5, 5) + damping
        solved = np.linalg.solve(normal, ((w * radius) @ basis)[..., None])[..., 0]
    r0, a1, b1, a2, b2 = solved.T
    return np.stack([a1, b1, r0 + a2, b2, b2, r0 - a2], axis=1).astype(np.float32), trust.astype(np.float32)


def moved(frames: Floats, updates: Floats) -> Floats:
    """Frames (N, 6) after updates (N, 6) given in each frame's own units."""
    matrices = frames[:, 2:].reshape(-1, 2, 2)
    centers = frames[:, :2] + (matrices @ updates[:, :2, None])[..., 0]
    turned = (matrices @ updates[:, 2:].reshape(-1, 2, 2)).reshape(-1, 4)
    return np.concatenate([centers, turned], axis=1).astype(np.float32)
