"""The symbols of a photo: places that may hold one looked at, named, and the best of them kept.

A place is looked at the way the nearest line of text leads and turned by half; away from text, in all four quarters.
What is surely one whole symbol but none that is known is told as unknown, so that a person sees it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from vision.catalogue.taught import load_taught
from vision.find.symbols import Square, candidate_squares, overlap
from vision.framed import with_text_read
from vision.match.symbols import SHARE, SIDE, UNKNOWN, Naming, SymbolNamer
from vision.photo import OpenPhoto
from vision.read.protocol import Reader
from vision.types import Character, Element, Points, Rgb, TextLine

# How surely a place must show one whole symbol to be looked at closer, to be a known one, and one nobody taught.
LEAST_LOOK, LEAST_WHOLE, LEAST_WHOLE_UNKNOWN = 0.5, 0.985, 0.995
# How far beyond what counts as a symbol a known one must be: a photo has a hundred places for each symbol, and bores,
# rings and letters look like one now and then (on 61 measuring photos without symbols by 0.20 at most beside text).
LEAST_MARGIN = 0.35
# ... and how far ahead of the next: on 240 plates this leaves out two symbols named right and two wrong.
LEAST_AHEAD = 0.15
# Away from all text, where rings and blots abound and factory symbols are rare, it must be further still (0.43, and
# 0.51 on a plate).
LEAST_MARGIN_ALONE, LEAST_WHOLE_ALONE = 0.52, 0.99
# From here on the number in a frame is read.
LEAST_READ = 0.1
# The margin at which a name is as likely right as wrong, and the slope of confidence over it.
EVEN_MARGIN, SLOPE = 0.23, 12.0
# Symbols that are characters: where they stand in a line they are read with it.
CHARACTERS = frozenset({"<连>", "<单>", "<式>", "<식>"})
# Of two places that overlap by more only the better stays.
MOST_OVERLAP = 0.1
# A place that may come to a symbol is looked at again, moved and resized by these shares of its side.
MOVES = ((-0.12, 0.0, 1.0), (0.12, 0.0, 1.0), (0.0, -0.12, 1.0), (0.0, 0.12, 1.0), (0.0, 0.0, 0.86), (0.0, 0.0, 1.16))
# The shares of those, one after another, and from which margin and how surely whole a symbol on a place is moved so: of
# those on 100 plates that are named at last none shows less than 0.04, 0.3 and 0.34, and 0.85, 0.97 and 0.97.
ROUNDS = ((1.0, 0.0, 0.8), (1.0, 0.1, 0.8), (0.5, 0.2, 0.9))
# A symbol is fine enough at this share of the size at which the namer sees it, where a finer one takes more decoding.
FINE_ENOUGH = 0.75
MOST_REFINED = 6
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


@dataclass(frozen=True, slots=True, eq=False)
class _Closer:
    """A part of the photo round a place, scale of its pixels to one of the small picture's, whose corner_xy lies there,
    and what the place shows."""

    rgb: Rgb
    scale: float
    corner_xy: tuple[float, float]
    seen: Seen

    def cut_out(self, square: Square) -> Rgb:
        """The picture of a square of the small picture, cut out of this part."""
        return cut_out(self.rgb, _inside(square, self.scale, self.corner_xy))


def load_namer(models: Path, threads: int = 1) -> SymbolNamer:
    """The namer that comes with marktrace, with what its marking set was taught by marktrace catalogue add."""
    namer = SymbolNamer(models / "weights" / "symbols.onnx", threads)
    for symbol in load_taught(models / "markings"):
        namer.teach(symbol.name, symbol.pictures)
    return namer


class Symbols:
    """Finds and names the symbols of a photo."""

    def __init__(self, namer: SymbolNamer, reader: Reader | None = None) -> None:
        """reader reads the numbers in frames, which are small to the namer (vision.framed)."""
        self._namer = namer
        self._reader = reader

    def find_symbols(self, opened: OpenPhoto, small: Rgb, scale: float, found: Sequence[TextLine]) -> list[Element]:
        """The symbols as elements, named or UNKNOWN, whose outline_xy lies in the photo at full size.

        small is the photo at scale times its size, found the lines of text in small's pixels.
        """
        places = [turned for square in candidate_squares(small, found) for turned in _turns(square, found)]
        first = [seen for seen in self._seen(small, places) if _worth_a_look(seen)]
        closer = [_Closer(*_closer(opened, small, scale, seen.square), seen) for seen in _apart(first)[:MOST_REFINED]]
        kept = [self._read_in_frame(one) for one in self._looked_closer(closer)]
        said = [(seen, name) for seen in _apart(kept) if (name := _said(seen, found)) is not None]
        return [_element(seen, name, scale) for seen, name in said[:MOST_SYMBOLS]]

    def _looked_closer(self, places: Sequence[_Closer]) -> list[_Closer]:
        """What places show in as fine a picture as there is; where that may come to a symbol, moved and resized a
        little to where each shows best, on from there, and then less far."""
        looked = self._as_they_are(places)
        for step, margin, whole in ROUNDS:
            shown = [place.seen.naming for place in looked]
            likely = [naming.margin >= margin and naming.whole >= whole for naming in shown]
            moved = iter(self._moved([place for place, more in zip(looked, likely, strict=True) if more], step))
            looked = [next(moved) if more else place for place, more in zip(looked, likely, strict=True)]
        return looked

    def _as_they_are(self, places: Sequence[_Closer]) -> list[_Closer]:
        """Each place as it is seen in the finer picture."""
        namings = self._namer.name([place.cut_out(place.seen.square) for place in places])
        seen = [replace(place.seen, naming=naming) for place, naming in zip(places, namings, strict=True)]
        return [replace(place, seen=one) for place, one in zip(places, seen, strict=True)]

    def _moved(self, places: Sequence[_Closer], step: float) -> list[_Closer]:
        """Each place where it shows best: as it is, or moved and resized by step times MOVES."""
        moves = [(along * step, down * step, size**step) for along, down, size in MOVES]
        squares = [[place.seen.square.moved(*move) for move in moves] for place in places]
        pictures = [place.cut_out(square) for place, own in zip(places, squares, strict=True) for square in own]
        namings = iter(self._namer.name(pictures))
        found = []
        for place, own in zip(places, squares, strict=True):
            looks = [place.seen, *(replace(place.seen, square=square, naming=next(namings)) for square in own)]
            found.append(replace(place, seen=max(looks, key=lambda look: look.worth)))
        return found

    def _read_in_frame(self, place: _Closer) -> Seen:
        """What a place shows, the number in a frame read where that is likely one."""
        seen = place.seen
        if self._reader is None or seen.naming.margin < LEAST_READ:
            return seen
        inside = _inside(seen.square, place.scale, place.corner_xy)
        return replace(seen, naming=with_text_read(seen.naming, self._namer.names, self._reader, place.rgb, inside))

    def _seen(self, rgb: Rgb, places: Sequence[Square]) -> list[Seen]:
        """What each place of a picture shows, as it stands and turned by half."""
        seen = []
        namings = self._namer.name_both([cut_out(rgb, square) for square in places])
        for square, (upright, half_turned) in zip(places, namings, strict=True):
            turned = Square(square.middle_xy, square.side, square.angle_deg + 180.0)
            seen += [Seen(square, False, upright), Seen(turned, True, half_turned)]
        return seen


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


def _turns(square: Square, found: Sequence[TextLine]) -> list[Square]:
    """A square as the text leads; where there is no text a quarter turned as well. Half turns are looked at anyway."""
    turns = (0.0,) if found else (0.0, 90.0)
    return [Square(square.middle_xy, square.side, square.angle_deg + turn) for turn in turns]


def _worth_a_look(seen: Seen) -> bool:
    return seen.naming.whole >= LEAST_LOOK and (seen.naming.margin >= -0.12 or seen.naming.whole >= LEAST_WHOLE_UNKNOWN)


def _said(seen: Seen, found: Sequence[TextLine]) -> str | None:
    """What is said of a place: a known symbol's name, UNKNOWN where surely one stands that is not known, beside a line
    of text but no part of it, or nothing."""
    naming, square = seen.naming, seen.square
    if not any(_near(square, line) for line in found):
        return naming.name if _sure_of(naming, LEAST_MARGIN_ALONE, LEAST_WHOLE_ALONE) else None
    among_letters = any(_in_text(square, line) for line in found)
    if _sure_of(naming, LEAST_MARGIN, LEAST_WHOLE):
        return None if among_letters and naming.name in CHARACTERS else naming.name
    return UNKNOWN if naming.whole >= LEAST_WHOLE_UNKNOWN and not among_letters else None


def _sure_of(naming: Naming, margin: float, whole: float) -> bool:
    """Whether a place shows a symbol so far beyond doubt, and no other nearly as well."""
    ahead = naming.margin - naming.ranked[1][1] if len(naming.ranked) > 1 else math.inf
    return naming.margin >= margin and naming.whole >= whole and ahead >= LEAST_AHEAD


def _near(square: Square, line: TextLine) -> bool:
    """Whether a square stands beside a line or on it, and is of a size with its letters."""
    away = -cv2.pointPolygonTest(np.array(line.corners_xy, np.float32), square.middle_xy, True)
    return bool(away <= 1.5 * square.side + 2.0 * line.height and 0.7 <= square.side / line.height <= 4.0)


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
    """The part of the photo round a square of small, as fine as the namer can use or nearly so, how many of its pixels
    go to one of small's, and where its corner lies in small; small itself where it is as fine as the photo, or fine
    enough."""
    if scale >= 0.99 or square.side >= FINE_ENOUGH * SHARE * SIDE:
        return small, 1.0, (0.0, 0.0)
    corners = (np.array(square.corners(2.2)) + 0.5) / scale - 0.5
    low = np.maximum(corners.min(axis=0), 0.0)
    high = np.minimum(corners.max(axis=0), (opened.photo.width - 1.0, opened.photo.height - 1.0))
    longer, most = float((high - low).max()), SHARE * SIDE * scale / square.side
    side = max(8, round(longer * min(1.0, 1.2 * most)))
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    rgb, crop_scale, (x0, y0) = opened.crop_rgb(box, side, math.ceil(longer * min(1.0, FINE_ENOUGH * most)))
    return rgb, crop_scale / scale, (x0 * scale, y0 * scale)


def _inside(square: Square, scale: float, corner: tuple[float, float]) -> Square:
    """A square of a picture in the pixels of a part of it."""
    x, y = ((v - c + 0.5) * scale - 0.5 for v, c in zip(square.middle_xy, corner, strict=True))
    return Square((x, y), square.side * scale, square.angle_deg) if scale != 1.0 else square


def _element(seen: Seen, name: str, scale: float) -> Element:
    """The symbol as an element of the photo, of which small is scale times as large, with what else it may be."""
    outline: Points = tuple(((x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5) for x, y in seen.square.corners())
    others = tuple((other, _sure(margin)) for other, margin in seen.naming.ranked if other != name)
    sure = _sure(seen.naming.margin) if name != UNKNOWN else 1.0 - _sure(seen.naming.margin)
    character = Character(name, sure, others, outline_xy=outline)
    return Element(name, seen.half_turned, sure, (character,), outline_xy=outline)


def _sure(margin: float) -> float:
    """How surely a place of a photo shows a symbol, 0..1, not calibrated."""
    return float(1.0 / (1.0 + np.exp(-SLOPE * (margin - EVEN_MARGIN))))
