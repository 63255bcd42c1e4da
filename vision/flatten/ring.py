"""A cartridge head as a straight strip: angle along x, from the rim (top) to the primer pocket (bottom).

The head's face is a disc seen at a slant. Its rim is the ellipse the finder gives; the primer pocket is a smaller disc
on the same axis, whose picture need not share the ellipse's centre (perspective, and the pocket lies a little deeper).
So a place on the face is (angle, radius): angle in degrees clockwise from 12 o'clock, radius as a share of the rim's,
and its picture is

    point = centre(radius) + radius * M @ (sin angle, -cos angle),
    centre(radius) = rim centre + (pocket centre - rim centre) * (1 - radius) / (1 - pocket radius)

with M the symmetric matrix that maps the unit circle to the rim's ellipse. M is symmetric so that 12 o'clock on the
strip is 12 o'clock in the photo whatever the tilt.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vision.types import Floats, Head, Points, Rgb

# With no pocket seen, centres are taken to coincide and the text is looked for outside this share of the radius.
USUAL_POCKET = 0.45


@dataclass(frozen=True, slots=True)
class Ring:
    """The geometry of one head: places on its face to points of the picture the head was found in, and back."""

    head: Head

    @property
    def pocket_ratio(self) -> float:
        return self.head.pocket_ratio or USUAL_POCKET

    def matrix(self) -> npt.NDArray[np.float64]:
        """(2, 2): the unit circle to the rim's ellipse, symmetric."""
        a, b = self.head.outline.semi_axes
        t = np.radians(self.head.outline.angle_deg)
        turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
        return np.asarray(turn @ np.diag([a, b]) @ turn.T)

    def points_xy(self, angles_deg: npt.ArrayLike, radii: npt.ArrayLike) -> Floats:
        """Places (angle in degrees clockwise from 12 o'clock, share of the rim's radius) to (..., 2) pixels; angles and
        radii are laid over each other as numpy does."""
        angle, radius = np.radians(np.asarray(angles_deg, float)), np.asarray(radii, float)
        rim_centre = np.array(self.head.outline.center_xy)
        drift = np.array(self.head.pocket_xy) - rim_centre
        centre = rim_centre + drift * ((1.0 - radius) / (1.0 - self.pocket_ratio))[..., None]
        # Only now are the two laid over each other: on a strip an angle is that of a whole column.
        spoke = np.stack([np.sin(angle), -np.cos(angle)], axis=-1) @ self.matrix().T
        return np.asarray(centre + radius[..., None] * spoke, dtype=np.float32)

    def places(self, points_xy: npt.ArrayLike, iterations: int = 30) -> tuple[Floats, Floats]:
        """(N, 2) pixels to (angles in degrees [0, 360), radii): the inverse of points_xy, by fixed-point iteration.

        The drift of the centre is a small part of the radius, so each step shrinks the error by that part.
        """
        points = np.asarray(points_xy, float)
        inverse = np.linalg.inv(self.matrix())
        rim_centre = np.array(self.head.outline.center_xy)
        drift = np.array(self.head.pocket_xy) - rim_centre
        radius = np.ones(points.shape[:-1])
        spoke = np.zeros_like(points)
        for _ in range(iterations):
            centre = rim_centre + drift * ((1.0 - radius) / (1.0 - self.pocket_ratio))[..., None]
            spoke = (points - centre) @ inverse.T
            radius = np.hypot(spoke[..., 0], spoke[..., 1])
        angle = np.degrees(np.arctan2(spoke[..., 0], -spoke[..., 1])) % 360.0
        return angle.astype(np.float32), radius.astype(np.float32)

    def outline_xy(
        self, first_deg: float, last_deg: float, outer: float, inner: float, steps: int | None = None
    ) -> Points:
        """The outline of a piece of the ring as a closed polygon in pixels, clockwise from its outer left corner."""
        count = steps or max(2, int(abs(last_deg - first_deg) / 6) + 2)
        angles = np.linspace(first_deg, last_deg, count)
        edge = np.concatenate([self.points_xy(angles, outer), self.points_xy(angles[::-1], inner)])
        return tuple((float(x), float(y)) for x, y in edge)


@dataclass(frozen=True, slots=True)
class Strip:
    """An unrolled head. Column x looks at start_deg + x / turn_px * 360 degrees clockwise from 12 o'clock; row y at
    radius outer + (inner - outer) * y / (height - 1). rgb is (height, width, 3), with tops-out text upright."""

    rgb: Rgb
    ring: Ring
    turn_px: int
    outer: float
    inner: float
    start_deg: float = 0.0

    def angles_deg(self, x: npt.ArrayLike) -> Floats:
        """Columns (may be fractions) to degrees clockwise from 12 o'clock, not reduced to one turn."""
        return np.asarray(self.start_deg + np.asarray(x, float) * (360.0 / self.turn_px), dtype=np.float32)

    def to_photo(self, points_xy: npt.ArrayLike) -> Floats:
        """(N, 2) strip points to (N, 2) points of the picture the head was found in."""
        points = np.asarray(points_xy, float)
        rows = max(1, self.rgb.shape[0] - 1)
        radii = self.outer + (self.inner - self.outer) * points[..., 1] / rows
        return self.ring.points_xy(self.angles_deg(points[..., 0]), radii)


def natural_turn_px(ring: Ring, height: int, outer: float, inner: float) -> int:
    """How many columns a full turn needs for text in the band to keep its shape at this height (a multiple of 8)."""
    return 8 * round(2.0 * np.pi * (outer + inner) / 2.0 * height / (outer - inner) / 8.0)


def unroll(
    rgb: Rgb,
    ring: Ring,
    *,
    height: int,
    turn_px: int,
    overlap: float = 0.25,
    outer: float = 1.0,
    inner: float | None = None,
) -> Strip:
    """Unroll a head from rgb (the picture its pixels refer to) into a strip of 1 + overlap turns.

    height and turn_px are pixels; outer and inner are shares of the rim's radius. Where the head is larger in the
    picture than in the strip the picture is shrunk first, so that nothing is sampled between pixels that were never
    looked at.
    """
    inner = ring.pocket_ratio if inner is None else inner
    width = round(turn_px * (1.0 + overlap))
    strip = Strip(np.zeros((height, width, 3), np.uint8), ring, turn_px, outer, inner)
    radii = outer + (inner - outer) * np.arange(height) / max(1, height - 1)
    where = ring.points_xy(strip.angles_deg(np.arange(width)), radii[:, None])
    a, b = ring.head.outline.semi_axes
    shrink = min(1.0, 1.5 * height / ((outer - inner) * (a + b) / 2.0))
    source: npt.NDArray[np.uint8] = rgb
    if shrink < 0.9:
        source = np.asarray(cv2.resize(rgb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
        where = (where + 0.5) * np.float32(shrink) - 0.5
    pixels = cv2.remap(
        source,
        where[..., 0].astype(np.float32),
        where[..., 1].astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return Strip(np.asarray(pixels, np.uint8), ring, turn_px, outer, inner)
