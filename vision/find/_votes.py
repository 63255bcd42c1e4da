"""Where round things may be: gradients vote for the centres they point at, on every level of a picture pyramid.

This is the radial symmetry voting of Loy and Zelinsky (2003), "Fast radial symmetry for detecting points of interest",
with one range of radii on each level of a pyramid, so a head of any size is voted for by some hundred smoothed pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vision.types import Floats, Rgb

_RADII = np.geomspace(8.0, 17.0, 6)  # pixels of a level: a little over an octave, so that levels overlap
_SMALLEST_SIDE = 20  # pixels: a level smaller than this holds no circle of the radii above
_MIN_GRADIENT = 6.0  # grey levels a pixel: weaker edges are noise of the sensor or of JPEG
_PEAKS_PER_LEVEL = 14


@dataclass(frozen=True, slots=True)
class Pyramid:
    """A picture at halved sizes: levels[k] is float32 (H, W, 3), 0..255, and a pixel of it is 2**k of levels[0]'s."""

    levels: tuple[Floats, ...]

    @staticmethod
    def of(rgb: Rgb) -> Pyramid:
        levels: list[Floats] = [np.asarray(cv2.GaussianBlur(rgb, (3, 3), 0.7), np.float32)]
        while min(levels[-1].shape[:2]) >= 2 * _SMALLEST_SIDE:
            height, width = levels[-1].shape[:2]
            half = cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
            levels.append(np.asarray(half, np.float32))
        return Pyramid(tuple(levels))


def propose_circles(pyramid: Pyramid) -> Floats:
    """Circles that many edges agree on, (N, 4): x, y, radius in pixels of levels[0] and the votes, most votes first."""
    found = []
    for k, level in enumerate(pyramid.levels):
        circles = _peaks(_accumulate(level))
        factor = 2.0**k
        circles[:, :2] = (circles[:, :2] + 0.5) * factor - 0.5
        circles[:, 2] *= factor
        found.append(circles)
    circles = np.concatenate(found)
    return circles[np.argsort(-circles[:, 3], kind="stable")]


def _strongest_gradient(level: Floats) -> tuple[Floats, Floats, Floats]:
    """(gx, gy, magnitude), each (H, W): of the three colours, the one that changes most at that pixel."""
    gx = np.asarray(cv2.Sobel(level, cv2.CV_32F, 1, 0, ksize=3, scale=0.125), np.float32)
    gy = np.asarray(cv2.Sobel(level, cv2.CV_32F, 0, 1, ksize=3, scale=0.125), np.float32)
    x, y = ([np.asarray(plane, np.float32) for plane in cv2.split(g)] for g in (gx, gy))
    best_x, best_y = x[0], y[0]
    best = best_x * best_x + best_y * best_y
    for colour in (1, 2):
        squared = x[colour] * x[colour] + y[colour] * y[colour]
        more = squared > best
        np.copyto(best_x, x[colour], where=more)
        np.copyto(best_y, y[colour], where=more)
        np.copyto(best, squared, where=more)
    return best_x, best_y, np.sqrt(best)


def _accumulate(level: Floats) -> Floats:
    """Votes (radii, H, W): each edge pixel votes for the centres at each radius on both its sides."""
    height, width = level.shape[:2]
    gx, gy, magnitude = _strongest_gradient(level)
    around = cv2.blur(magnitude, (25, 25))
    at = np.divmod(np.flatnonzero((magnitude > around) & (magnitude > _MIN_GRADIENT / 4)), width)
    size = magnitude[at]
    nx, ny = gx[at] / size, gy[at] / size
    weight = np.tile(size / (size + around[at] + _MIN_GRADIENT), 2).astype(np.float64)
    votes = np.empty((len(_RADII), height, width), np.float32)
    margin = int(_RADII[-1]) + 2
    wide, high = width + 2 * margin, height + 2 * margin
    y0, x0 = (v.astype(np.float32) + np.float32(margin + 0.5) for v in at)
    cell = np.empty((2, len(size)), np.intp)
    for i, radius in enumerate(_RADII.astype(np.float32)):
        for side, signed in zip(cell, (radius, -radius), strict=True):
            side[:] = (y0 + signed * ny).astype(np.int32) * wide + (x0 + signed * nx).astype(np.int32)
        plane = np.bincount(cell.ravel(), weight, minlength=high * wide)
        shown = plane.reshape(high, wide)[margin:-margin, margin:-margin].astype(np.float32)
        blurred = cv2.GaussianBlur(shown, (0, 0), 0.13 * float(radius))
        votes[i] = blurred * (0.13 * radius) ** 2 / radius  # a full circle counts the same at every radius
    return votes


def _peaks(votes: Floats) -> Floats:
    """Local maxima of the votes as (N, 4): x, y, radius in pixels of the level, votes."""
    best = [cv2.dilate(plane, np.ones((7, 7), np.uint8)) for plane in votes]
    width = votes.shape[2]
    found = [
        np.divmod(np.flatnonzero((plane >= most) & (plane > 0)), width) for plane, most in zip(votes, best, strict=True)
    ]
    r = np.repeat(np.arange(len(votes)), [len(at[0]) for at in found])
    y, x = (np.concatenate(some) for some in zip(*found, strict=True))
    # Of these, where neither neighbouring radius has more nearby.
    beside = [
        np.stack([best[k][found[i]] for k in (i - 1, i + 1) if 0 <= k < len(votes)]).max(axis=0)
        for i in range(len(votes))
    ]
    highest = votes[r, y, x] >= np.concatenate(beside)
    r, y, x = r[highest], y[highest], x[highest]
    order = np.argsort(-votes[r, y, x], kind="stable")[:_PEAKS_PER_LEVEL]
    r, y, x = r[order], y[order], x[order]
    return np.stack([x, y, _RADII[r], votes[r, y, x]], axis=1).astype(np.float32)
