"""The symbols of a photo: places that may hold one looked at, named, and the best of them kept.

A place is looked at the way the nearest line of text leads and turned by half; away from text, in all four quarters.
What is surely one whole symbol but none that is known is told as unknown, so that a person sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vision.catalogue.taught import load_taught
from vision.find.symbols import Square, candidate_squares, overlap
from vision.match.symbols import SHARE, SIDE, UNKNOWN, Naming, SymbolNamer
from vision.photo import OpenPhoto
from vision.types import Character, Element, Points, Rgb, TextLine

# How surely a place must show one whole symbol for a known one, and for one nobody taught.
LEAST_WHOLE, LEAST_WHOLE_UNKNOWN = 0.5, 0.97
# Of two places that overlap by more only the better stays.
MOST_OVERLAP = 0.1
# What a place shows first is looked at again, moved and resized by these shares of its side.
MOVES = ((-0.12, 0.0, 1.0), (0.12, 0.0, 1.0), (0.0, -0.12, 1.0), (0.0, 0.12, 1.0), (0.0, 0.0, 0.86), (0.0, 0.0, 1.16))
MOST_REFINED = 8
MOST_SYMBOLS = 6


@dataclass(frozen=True, slots=True)
class Seen:
    """A place and what it shows, turned so that it stands upright; half_turned says that it had to be turned by half
    against the text."""

    square: Square
    half_turned: bool
    naming: Naming

    @property
    def worth(self) -> float:
        """What the better of two overlapping places has more of."""
        return self.naming.margin + 0.5 * self.naming.whole


def load_namer(models: Path, threads: int = 1) -> SymbolNamer:
    """The namer that comes with marktrace, with what its marking set was taught by marktrace catalogue add."""
    namer = SymbolNamer(models / "weights" / "symbols.onnx", threads)
    for symbol in load_taught(models / "markings"):
        namer.teach(symbol.name, symbol.pictures)
    return namer


class Symbols:
    """Finds and names the symbols of a photo."""

    def __init__(self, namer: SymbolNamer) -> None:
        self._namer = namer

    def find_symbols(self, opened: OpenPhoto, small: Rgb, scale: float, found: Sequence[TextLine]) -> list[Element]:
        """The symbols as elements, named or UNKNOWN, whose outline_xy lies in the photo at full size.

        small is the photo at scale times its size, found the lines of text in small's pixels.
        """
        places = [(q, half) for q in candidate_squares(small, found) for q, half in _turns(q, found)]
        first = [s for s in self._seen(small, places) if _worth_a_look(s)]
        kept = []
        for seen in _apart(first)[:MOST_REFINED]:
            closer, square_scale, corner = _closer(opened, small, scale, seen.square)
            moved = [seen.square, *(seen.square.moved(*move) for move in MOVES)]
            inside = [(_inside(q, square_scale, corner), seen.half_turned) for q in moved]
            best = max(enumerate(self._seen(closer, inside)), key=lambda item: item[1].worth)
            kept.append(Seen(moved[best[0]], seen.half_turned, best[1].naming))
        return [_element(s, scale) for s in _apart([s for s in kept if _told(s, found)])[:MOST_SYMBOLS]]

    def _seen(self, rgb: Rgb, places: Sequence[tuple[Square, bool]]) -> list[Seen]:
        """What each place of a picture shows."""
        namings = self._namer.name([cut_out(rgb, square) for square, _ in places])
        return [Seen(square, half, naming) for (square, half), naming in zip(places, namings, strict=True)]


def cut_out(rgb: Rgb, square: Square) -> Rgb:
    """The picture (SIDE, SIDE, 3) of what stands in a square of rgb, with the margin that the namer wants."""
    margin = Square(square.middle_xy, square.side / SHARE, square.angle_deg)
    source = np.array(margin.corners()[:3], np.float32)
    shrink = min(1.0, 1.5 * SIDE / margin.side)
    if shrink < 0.7:
        x0, y0 = (int(max(0, v)) for v in np.floor(np.array(margin.corners()).min(axis=0) - 2))
        x1, y1 = (int(v) for v in np.ceil(np.array(margin.corners()).max(axis=0) + 3))
        part = rgb[y0:y1, x0:x1]
        if part.size == 0:
            return np.zeros((SIDE, SIDE, 3), np.uint8)
        rgb = np.asarray(cv2.resize(part, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
        source = ((source - (x0, y0) + 0.5) * shrink - 0.5).astype(np.float32)
    target = np.array([(-0.5, -0.5), (SIDE - 0.5, -0.5), (SIDE - 0.5, SIDE - 0.5)], np.float32)
    matrix = cv2.getAffineTransform(source, target)
    return np.asarray(cv2.warpAffine(rgb, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _turns(square: Square, found: Sequence[TextLine]) -> list[tuple[Square, bool]]:
    """A square as it may stand: as the text leads or half turned, and all four ways where there is no text."""
    turns = (0.0, 180.0) if found else (0.0, 90.0, 180.0, 270.0)
    return [(Square(square.middle_xy, square.side, square.angle_deg + turn), turn == 180.0) for turn in turns]


def _worth_a_look(seen: Seen) -> bool:
    return seen.naming.whole >= LEAST_WHOLE and (
        seen.naming.margin >= -0.15 or seen.naming.whole >= LEAST_WHOLE_UNKNOWN
    )


def _told(seen: Seen, found: Sequence[TextLine]) -> bool:
    """Whether a place is told of: a known symbol, or surely one that is not known and not part of a line of text."""
    if seen.naming.name != UNKNOWN:
        return seen.naming.whole >= LEAST_WHOLE
    return seen.naming.whole >= LEAST_WHOLE_UNKNOWN and not any(_in_text(seen.square, line) for line in found)


def _in_text(square: Square, line: TextLine) -> bool:
    """Whether a square lies among the letters of a line of several."""
    if line.length < 1.8 * line.height:
        return False
    corners = np.array(line.corners_xy, np.float32)
    area, _ = cv2.intersectConvexConvex(np.array(square.corners(), np.float32), corners)
    return float(area) > 0.3 * square.side**2


def _apart(seen: Sequence[Seen]) -> list[Seen]:
    """The places of which none overlaps a better one much; the best come first."""
    kept: list[Seen] = []
    for one in sorted(seen, key=lambda s: (-s.worth, s.square.middle_xy)):
        if all(overlap(one.square, other.square) <= MOST_OVERLAP for other in kept):
            kept.append(one)
    return kept


def _closer(opened: OpenPhoto, small: Rgb, scale: float, square: Square) -> tuple[Rgb, float, tuple[float, float]]:
    """The part of the photo round a square of small, as fine as the namer can use, how many of its pixels go to one
    of small's, and where its corner lies in small; small itself where it is as fine as the photo, or fine enough."""
    if scale >= 0.99 or square.side >= SHARE * SIDE:
        return small, 1.0, (0.0, 0.0)
    corners = (np.array(square.corners(2.2)) + 0.5) / scale - 0.5
    low = np.maximum(corners.min(axis=0), 0.0)
    high = np.minimum(corners.max(axis=0), (opened.photo.width - 1.0, opened.photo.height - 1.0))
    side = max(8, round(float((high - low).max()) * min(1.0, 1.2 * SHARE * SIDE * scale / square.side)))
    rgb, crop_scale, (x0, y0) = opened.crop_rgb((float(low[0]), float(low[1]), float(high[0]), float(high[1])), side)
    return rgb, crop_scale / scale, (x0 * scale, y0 * scale)


def _inside(square: Square, scale: float, corner: tuple[float, float]) -> Square:
    """A square of a picture in the pixels of a part of it."""
    x, y = ((v - c + 0.5) * scale - 0.5 for v, c in zip(square.middle_xy, corner, strict=True))
    return Square((x, y), square.side * scale, square.angle_deg) if scale != 1.0 else square


def _element(seen: Seen, scale: float) -> Element:
    """The symbol as an element of the photo, of which small is scale times as large, with what else it may be."""
    outline: Points = tuple(((x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5) for x, y in seen.square.corners())
    naming = seen.naming
    slope = [(name, Naming(((name, margin),), naming.whole).confidence) for name, margin in naming.ranked]
    others = tuple((name, confidence) for name, confidence in slope if name != naming.name)
    sure = naming.confidence if naming.name != UNKNOWN else 1.0 - naming.confidence
    character = Character(naming.name, sure, others, outline_xy=outline)
    return Element(naming.name, seen.half_turned, sure, (character,), outline_xy=outline)
