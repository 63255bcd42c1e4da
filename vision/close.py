"""One head close up: its picture at reading resolution, its strips for the readers, and the way back to the photo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import cv2
import numpy as np

from vision.find.heads import refine_head
from vision.flatten.band import BandFinder
from vision.flatten.ring import Ring, Strip, natural_turn_px, unroll
from vision.photo import OpenPhoto
from vision.read.protocol import Patch
from vision.types import CloseUp, Ellipse, Head, Points, Reading, Rgb, StripView

# Pixels: the longer side of the close-up, which reaches this far beyond the rim.
CLOSE_SIDE = 440
MARGIN = 1.15
# Rows of the strip in which text is looked for, the height readers want, and that of the strip people look at.
BAND_ROWS = 64
READ_ROWS = 48
VIEW_ROWS = 120
# One patch each: how much of its height the text fills (fine for small letters, coarser for context), and how much of
# what is finer than SHARP_PX is added to it (letters out of focus come apart).
LOOKS = ((0.684, 0.0), (0.494, 0.0), (0.684, 2.0), (0.494, 2.0))
FILL = LOOKS[0][0]
SHARP_PX = 3.0
# No text stands nearer to the middle than this share of the radius.
INNERMOST = 0.28


@dataclass(frozen=True, slots=True, eq=False)
class Close:
    """One head at reading resolution: rgb, the head in its pixels, and where it lies in the photo; text_band is the
    part of its radius (outer, inner) that its text takes; looks are the patches it was unrolled to, by their number in
    LOOKS, once they were asked for."""

    rgb: Rgb
    head: Head
    scale: float
    corner_xy: tuple[float, float]
    text_band: tuple[float, float]
    looks: dict[int, Patch] = field(default_factory=dict, repr=False)

    @property
    def ring(self) -> Ring:
        return Ring(self.head)

    def to_photo(self, points_xy: Iterable[tuple[float, float]]) -> Points:
        """Points of rgb as points of the photo at full size."""
        x0, y0 = self.corner_xy
        return tuple(
            (float((x + 0.5) / self.scale - 0.5 + x0), float((y + 0.5) / self.scale - 0.5 + y0)) for x, y in points_xy
        )

    def head_in_photo(self) -> Head:
        """The head in pixels of the photo at full size."""
        a, b = self.head.outline.semi_axes
        (center,) = self.to_photo([self.head.outline.center_xy])
        (pocket,) = self.to_photo([self.head.pocket_xy])
        outline = Ellipse(center, (a / self.scale, b / self.scale), self.head.outline.angle_deg)
        return replace(self.head, outline=outline, pocket_xy=pocket)


def look_close(opened: OpenPhoto, head: Head, scale: float, bands: BandFinder | None = None) -> Close:
    """A head of the picture that is scale times the photo's size, seen at reading resolution and fitted again there,
    and where its text stands: anywhere on its face when nobody is asked."""
    outline = head.outline.scaled(1.0 / scale)
    reach = outline.semi_axes[0] * MARGIN
    x, y = outline.center_xy
    photo = opened.photo
    box = (max(0.0, x - reach), max(0.0, y - reach), min(photo.width, x + reach), min(photo.height, y + reach))
    rgb, crop_scale, corner = opened.crop_rgb(box, CLOSE_SIDE)

    def inside(point: tuple[float, float]) -> tuple[float, float]:
        px, py = ((point[0] + 0.5) / scale - 0.5, (point[1] + 0.5) / scale - 0.5)
        return ((px - corner[0] + 0.5) * crop_scale - 0.5, (py - corner[1] + 0.5) * crop_scale - 0.5)

    factor = crop_scale / scale
    a, b = head.outline.semi_axes
    placed = Ellipse(inside(head.outline.center_xy), (a * factor, b * factor), head.outline.angle_deg)
    near = replace(head, outline=placed, pocket_xy=inside(head.pocket_xy))
    fitted = refine_head(rgb, near)
    ring = Ring(fitted)
    band = bands.text_band(face_strip(rgb, ring)) if bands else (1.0, _innermost(ring))
    return Close(rgb, fitted, crop_scale, corner, band)


def patches(close: Close, looks: Iterable[int]) -> list[Patch]:
    """The head unrolled for the readers: the band where its text stands, once for each of the named LOOKS."""
    asked = list(looks)
    missing = [look for look in asked if look not in close.looks]
    if missing:
        outer, inner = close.text_band
        middle, half = (outer + inner) / 2.0, (outer - inner) / 2.0
        for look in missing:
            fill, sharper = LOOKS[look]
            band = (middle + half / fill, max(0.1, middle - half / fill))
            strip = _unrolled(close.rgb, close.ring, READ_ROWS, *band, overlap=0.0)
            rgb = sharpened(strip.rgb, sharper) if sharper else strip.rgb
            close.looks[look] = Patch(rgb, strip.turn_px, 0.0, band)
    return [close.looks[look] for look in asked]


def whole_strip(close: Close) -> Strip:
    """One turn of the head's face, from the rim to the primer pocket."""
    return face_strip(close.rgb, close.ring)


def face_strip(rgb: Rgb, ring: Ring) -> Strip:
    """One turn of a face, from the rim to the primer pocket."""
    return _unrolled(rgb, ring, BAND_ROWS, 1.0, _innermost(ring), overlap=0.0)


def _innermost(ring: Ring) -> float:
    """Where a face ends: just inside the pocket's edge."""
    return max(INNERMOST, ring.pocket_ratio - 0.02)


def strip_view(close: Close) -> StripView:
    """The head unrolled for a person to look at."""
    strip = _unrolled(close.rgb, close.ring, VIEW_ROWS, 1.0, max(INNERMOST, close.ring.pocket_ratio), overlap=0.25)
    return StripView(strip.rgb, float(strip.turn_px))


def turned_view(close: Close, turned_deg: float, name: str) -> StripView:
    """One turn of a head that is turned clockwise, as it would look from a head that is not."""
    view = strip_view(close)
    turn = round(view.width_turn)
    return StripView(np.roll(view.rgb[:, :turn], -round(turned_deg / 360.0 * turn), axis=1), view.width_turn, name)


def close_up(close: Close) -> CloseUp:
    """The picture of the head that a sheet shows."""
    return CloseUp(close.rgb, close.scale, close.corner_xy)


def sharpened(rgb: Rgb, amount: float) -> Rgb:
    """(H, W, 3), one turn of a strip, with amount times what is finer than SHARP_PX added; its ends see each other."""
    reach = int(4 * SHARP_PX)
    wide = np.pad(rgb, ((0, 0), (reach, reach), (0, 0)), mode="wrap").astype(np.float32)
    finer = wide - cv2.GaussianBlur(wide, (0, 0), SHARP_PX)
    whole = np.clip(np.rint(wide + amount * finer), 0.0, 255.0)[:, reach : wide.shape[1] - reach]
    return np.ascontiguousarray(whole, dtype=np.uint8)


def _unrolled(rgb: Rgb, ring: Ring, rows: int, outer: float, inner: float, overlap: float) -> Strip:
    turn_px = 8 * round(natural_turn_px(ring, rows, outer, inner) / 8)
    return unroll(rgb, ring, height=rows, turn_px=turn_px, overlap=overlap, outer=outer, inner=inner)


def outlined(reading: Reading, close: Close, band: tuple[float, float]) -> Reading:
    """The reading of a head, read in a band of its radius, with every element's and character's outline in the photo.

    A character is taken to be as wide as three quarters of the text's height, less where its neighbours stand closer.
    """
    middle, half = (band[0] + band[1]) / 2.0, (band[0] - band[1]) / 2.0 * FILL
    width = float(np.degrees(1.5 * half / middle))

    def outline(first: float, last: float) -> Points:
        return close.to_photo(close.ring.outline_xy(first, last, middle + half, middle - half))

    elements = []
    for element in reading.elements:
        angles = [c.angle_deg or 0.0 for c in element.characters]
        gaps = [abs((b - a + 180.0) % 360.0 - 180.0) for a, b in pairwise(angles)]
        reach = min([width, *gaps]) / 2.0
        characters = tuple(
            replace(c, outline_xy=outline(a - reach, a + reach))
            for c, a in zip(element.characters, angles, strict=True)
        )
        first = (element.angle_deg or 0.0) - (element.span_deg or 0.0) / 2.0 - width / 2.0
        last = first + (element.span_deg or 0.0) + width
        elements.append(replace(element, characters=characters, span_deg=last - first, outline_xy=outline(first, last)))
    return replace(reading, elements=tuple(elements))
