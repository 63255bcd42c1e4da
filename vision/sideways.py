"""Numbers that stand sideways on a head, like the gauge on both sides of many shotgun cartridges: their lines run along
the radius, so that no row of the unrolled head shows them upright.

They are sought where the reading has nothing: busy places of the strip. Each is cut out square to the radius, turned by
a quarter and read as a straight line, both ways up. What is told is one of the numbers that are struck so (gauges), and
only where the reader sees hardly anything better: 16 and 91 are one shape turned by half.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from vision.catalogue.schema import Calibre
from vision.close import FILL, Close
from vision.contrast import even_contrast
from vision.lattice import row_gains
from vision.match.line import element_of
from vision.read.combine import combine
from vision.read.network import HEIGHT_PX
from vision.read.protocol import Patch, Reader
from vision.types import Element, Floats, Lattice, Points, Reading, Rgb, Word

# How busy a place is, from usual (0) to busiest (1) of the strip, and how many of the busiest are looked at.
BUSY = 0.2
MOST_PLACES = 5
# Heights of the text that a character of the reading takes to both sides; that a sideways line takes itself.
REACH = 0.5
WIDE = 0.9
# How much of the cut's height the line fills, one look for each.
LOOKS = (0.62, 0.78)
# Nats that a number must gain at one place and at all places together, and may gain less than the best string there.
LEAST_GAIN, LEAST_TOGETHER, MOST_BEHIND = 8.8, 14.5, 3.2
# The same of a number that another place of the head bears surely: it is mostly struck on both sides.
LEAST_AGAIN, AGAIN_BEHIND = 6.0, 4.5
# What a number must gain in the first look for the others to be taken.
LEAST_HOPE = 2.0
# Two places of one head lie at least this far apart.
APART_DEG = 30.0


def gauges(calibres: Iterable[Calibre]) -> tuple[str, ...]:
    """The numbers that gauges are struck as, in the calibres' order."""
    shot = (legend for calibre in calibres if calibre.name.endswith(" gauge") for legend in calibre.legends)
    return tuple(legend for legend in shot if re.fullmatch("[0-9]{2}", legend))


@dataclass(frozen=True, slots=True, eq=False)
class Sideways:
    """A number that stands sideways on a head: its element without outlines, at angle_deg (degrees clockwise from 12
    o'clock), and how far from the middle each of its characters stands, as shares of the radius, in reading order."""

    element: Element
    angle_deg: float
    radii: tuple[float, ...]

    def turned(self, turned_deg: float) -> Sideways:
        """The same on a head that is turned clockwise."""
        return replace(self, angle_deg=(self.angle_deg + turned_deg) % 360.0)

    def on(self, close: Close, band: tuple[float, float]) -> Element:
        """The element with its place on a head, whose text stands in a band of its radius, and its outlines in the
        photo."""
        middle, half = (band[0] + band[1]) / 2.0, line_height(band) / 2.0
        reach = float(np.degrees(half / middle))

        def outline(outer: float, inner: float) -> Points:
            first, last = self.angle_deg - reach, self.angle_deg + reach
            return close.to_photo(close.ring.outline_xy(first, last, outer, inner))

        wide = 0.6 * half
        characters = tuple(
            replace(c, outline_xy=outline(r + wide, r - wide))  # all at one angle: none of their own
            for c, r in zip(self.element.characters, self.radii, strict=True)
        )
        return replace(
            self.element,
            characters=characters,
            angle_deg=self.angle_deg,
            span_deg=2.0 * reach,
            outline_xy=outline(max(self.radii) + wide, min(self.radii) - wide),
        )


def among(reading: Reading, beside: Sequence[Element]) -> Reading:
    """The reading of a head with the numbers that stand sideways on it, all clockwise from its first element."""
    if not beside:
        return reading
    start = reading.elements[0].angle_deg or 0.0 if reading.elements else 0.0
    after = sorted([*reading.elements, *beside], key=lambda e: ((e.angle_deg or 0.0) - start + 1e-3) % 360.0)
    return replace(reading, elements=tuple(after))


def sideways(
    close: Close, patch: Patch, reading: Reading, readers: Sequence[Reader], numbers: Sequence[str]
) -> tuple[Sideways, ...]:
    """The number that stands sideways on a head, once or more, where reading has nothing; patch is its finest strip.

    A number struck twice counts for what both places say; one head bears one such number, and where one place shows it
    surely a second may show it less so.
    """
    places = busy_places(patch, reading)
    first_looks = read_places(close, patch.band, places, LOOKS[:1], readers)
    # Where one look sees next to nothing of a number, no other sees it well.
    hopeful = [
        angle_deg
        for angle_deg, first in zip(places, first_looks, strict=True)
        if best_number(first, numbers, LEAST_HOPE, np.inf) is not None
    ]
    lattices = [read_places(close, patch.band, [angle_deg], LOOKS, readers)[0] for angle_deg in hopeful]

    def found(some: Sequence[str], least: float, behind: float) -> list[tuple[float, Sideways]]:
        words = [
            (best_number(lattice, some, least, behind), lattice, at)
            for at, lattice in zip(hopeful, lattices, strict=True)
        ]
        return [
            (word.gain, _standing(word, lattice, patch.band, angle_deg))
            for word, lattice, angle_deg in words
            if word is not None
        ]

    seen = found(numbers, LEAST_GAIN, MOST_BEHIND)
    texts = {one.element.text for _, one in seen}
    told = {text: _apart([one for one in seen if one[1].element.text == text]) for text in texts}
    gains = {text: sum(gain for gain, _ in some) for text, some in told.items()}
    best = max(sorted(gains), key=lambda text: gains[text], default=None)
    if best is None or gains[best] < LEAST_TOGETHER:
        return ()
    again = found([best], LEAST_AGAIN, AGAIN_BEHIND)
    return tuple(one for _, one in _apart([*told[best], *again]))


def of_several(seen: Sequence[Sequence[Sideways]]) -> tuple[Sideways, ...]:
    """What several photos of one head, in one frame, show sideways together: the number that is seen surest in all,
    where the photo that shows it surest has it."""
    sure: list[dict[str, float]] = [defaultdict(float) for _ in seen]
    together: dict[str, float] = defaultdict(float)
    for own, photo in zip(sure, seen, strict=True):
        for one in photo:
            own[one.element.text] += one.element.confidence
            together[one.element.text] += one.element.confidence
    if not together:
        return ()
    text = max(sorted(together), key=together.__getitem__)
    best = max(range(len(seen)), key=lambda i: sure[i].get(text, 0.0))
    return tuple(one for one in seen[best] if one.element.text == text)


def where_free(beside: Iterable[Sideways], reading: Reading, band: tuple[float, float]) -> tuple[Sideways, ...]:
    """Those where a head's reading, in a band of its radius, has nothing."""
    taken = np.array([c.angle_deg or 0.0 for element in reading.elements for c in element.characters])
    reach = float(np.degrees((REACH + WIDE / 2.0) * FILL * (band[0] - band[1]) / ((band[0] + band[1]) / 2.0)))
    return tuple(one for one in beside if (np.abs((taken - one.angle_deg + 180.0) % 360.0 - 180.0) > reach).all())


def read_places(
    close: Close,
    band: tuple[float, float],
    places: Sequence[float],
    fills: Sequence[float],
    readers: Sequence[Reader],
    alphabet: Sequence[str] = (),
) -> list[Lattice]:
    """What readers say of each place turned by a quarter, one look for each of fills, all places at once; the lattices
    begin with the alphabet given, as combine() has it."""
    cuts = [Patch(cut_out(close, band, angle_deg, fill)) for angle_deg in places for fill in fills]
    said = [reader.read(cuts) for reader in readers]
    each = 2 * len(fills)  # rows: every look both ways up
    return [
        combine([replace(one, rows=one.rows[n * each : (n + 1) * each]) for one in said], alphabet)
        for n in range(len(places))
    ]


def _apart(found: Sequence[tuple[float, Sideways]]) -> list[tuple[float, Sideways]]:
    """The places that gain most, of which no two are one."""
    kept: list[tuple[float, Sideways]] = []
    for gain, one in sorted(found, key=lambda f: -f[0]):
        if all(abs((one.angle_deg - k.angle_deg + 180.0) % 360.0 - 180.0) > APART_DEG for _, k in kept):
            kept.append((gain, one))
    return kept


def busy_places(patch: Patch, reading: Reading, most: int = MOST_PLACES) -> list[float]:
    """Where a head's strip is busy and the reading has nothing: degrees clockwise from 12 o'clock, busiest first."""
    turn = patch.turn_px or patch.rgb.shape[1]
    height = HEIGHT_PX * FILL
    busy = _busy(patch)
    low, high = np.quantile(busy, (0.3, 0.95))
    open_ = busy > low + BUSY * (high - low)
    columns = np.arange(turn)
    for element in reading.elements:
        for character in element.characters:
            middle = (character.angle_deg or 0.0) / 360.0 * turn
            open_ &= _away(columns, middle, turn) > (REACH + WIDE / 2.0) * height
    open_ &= busy >= np.maximum(np.roll(busy, 1), np.roll(busy, -1))
    found: list[float] = []
    while open_.any() and len(found) < most:
        best = int(np.argmax(np.where(open_, busy, -np.inf)))
        found.append(best / turn * 360.0)
        open_ &= _away(columns, best, turn) > 0.7 * WIDE * height
    return found


def _away(columns: np.ndarray, middle: float, turn: int) -> np.ndarray:
    return np.abs((columns - middle + turn / 2.0) % turn - turn / 2.0)


@lru_cache(maxsize=2)
def _busy(patch: Patch) -> Floats:
    """(turn,): how steep a head's strip is round each column, in the rows of its text, over a line's width. One strip
    is asked about several times, one after the other."""
    rgb = patch.rgb[:, : patch.turn_px]
    width = round(WIDE * HEIGHT_PX * FILL)
    gray = even_contrast(rgb, circular=True).astype(np.float32)
    wide = np.pad(gray, ((0, 0), (width, width)), mode="wrap")
    smooth = cv2.GaussianBlur(wide, (0, 0), 1.2)
    steep = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    edge = round(HEIGHT_PX * (1.0 - FILL) / 2.0)
    window = np.hanning(width + 2)[1:-1]
    column = np.convolve(steep[edge:-edge].mean(axis=0), window / window.sum(), "same")
    return np.asarray(column[width:-width], np.float32)


def cut_out(close: Close, band: tuple[float, float], angle_deg: float, fill: float) -> Rgb:
    """(48, W, 3): a place of the band turned by a quarter, so that a line from the rim to the middle lies flat; what is
    WIDE heights of the text high fills this share of the rows."""
    outer, inner = band
    depth, high = outer - inner, line_height(band) / fill
    columns = _columns(fill)
    x, y = np.meshgrid(np.arange(columns), np.arange(HEIGHT_PX))
    along = outer - depth * (x + 0.5) / columns
    across = (0.5 - (y + 0.5) / HEIGHT_PX) * high
    where = close.ring.points_xy(angle_deg + np.degrees(np.arctan2(across, along)), np.hypot(across, along))
    seen = cv2.remap(close.rgb, where[..., 0], where[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.uint8)


def line_height(band: tuple[float, float]) -> float:
    """How high a sideways line is taken to be, as a share of the radius."""
    return (band[0] - band[1]) * FILL * WIDE


def _columns(fill: float) -> int:
    return max(8, round(HEIGHT_PX * fill / (FILL * WIDE)))


def _standing(word: Word, lattice: Lattice, band: tuple[float, float], angle_deg: float) -> Sideways:
    """A word of a place that was turned by a quarter, where it stands on the head."""
    columns = _columns(LOOKS[(word.row // 2) % len(LOOKS)])
    radii = tuple(band[0] - (band[0] - band[1]) * (x + 0.5) / columns for x in word.angles)
    element = element_of(word, lattice)
    upright = Element(element.text, False, element.confidence, element.characters)
    return Sideways(upright, angle_deg, radii)


def best_number(
    lattice: Lattice, numbers: Sequence[str], least: float = LEAST_GAIN, behind: float = MOST_BEHIND
) -> Word | None:
    """The number that gains most in a row of a straight line's lattice, if that is enough and hardly less than the best
    string's (nats)."""
    best: tuple[float, Word] | None = None
    free = 0.0
    for index, row in enumerate(lattice.rows):
        gains = row_gains(row)
        free = max(free, float(np.maximum(gains[:, 1:].max(axis=1), 0.0).sum()))
        for text in numbers if all(c in lattice.alphabet for c in "".join(numbers)) else ():
            gain, steps = _aligned(gains[:, [lattice.alphabet.index(c) for c in text]])
            if best is None or gain > best[0]:
                places = tuple(float(row.places[t]) for t in steps)
                best = gain, Word(text, row.upside_down, places, gain, index, steps, True)
    return best[1] if best and best[0] >= least and free - best[0] <= behind else None


def _aligned(gains: Floats) -> tuple[float, tuple[int, ...]]:
    """What characters, one a column of gains (steps, characters), gain at most on rising steps, and those steps."""
    steps, count = gains.shape
    best = np.full((count, steps), -np.inf)
    back = np.zeros((count, steps), int)
    best[0] = gains[:, 0]
    for k in range(1, count):
        running, at = -np.inf, 0
        for t in range(1, steps):
            if best[k - 1, t - 1] > running:
                running, at = best[k - 1, t - 1], t - 1
            best[k, t], back[k, t] = running + gains[t, k], at
    last = int(np.argmax(best[-1]))
    path = [last]
    for k in range(count - 1, 0, -1):
        path.append(int(back[k, path[-1]]))
    return float(best[-1, last]), tuple(path[::-1])
