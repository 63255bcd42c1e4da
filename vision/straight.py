"""Straight marks of a photo: lines of text found, made upright and read, with the symbols that stand by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np

from vision import lines
from vision.find.text import TextFinder, group_lines
from vision.lines import Lines
from vision.match.formed import Fits, as_formed
from vision.match.line import element_of, is_serial, kind_of, read_lines
from vision.match.symbols import UNKNOWN as UNKNOWN_SYMBOL
from vision.photo import OpenPhoto
from vision.quality import measure_quality
from vision.read.combine import combine
from vision.read.printed import clear_way, leaves_no_doubt
from vision.read.protocol import Patch, Reader
from vision.types import Attribution, Element, Lattice, Mark, Points, Reading, Rgb, TextLine

# Fewer characters than this are no straight mark: texture gives one now and then.
LEAST_CHARACTERS = 2
# Heights of a mark's letters up to which a symbol belongs to it.
SYMBOL_REACH = 6.0
NOT_YET = Attribution("unknown", "the marking set has no table of straight marks", 0.0, 1.0)


class SymbolFinder(Protocol):
    """What finds and names the symbols of a photo."""

    def find_symbols(self, opened: OpenPhoto, small: Rgb, scale: float, found: Sequence[TextLine]) -> Sequence[Element]:
        """The symbols as elements ("<star>", "<unknown symbol>") whose outline_xy, in the photo at full size, encloses
        them, with the letters inside them.

        small is the photo at scale times its size, found the lines of text in small's pixels.
        """
        ...


class Attributor(Protocol):
    """What decodes and attributes the straight marks of one photo together, as those of one object."""

    def attribute_marks(self, marks: Sequence[Mark]) -> Sequence[Mark]:
        """The marks in the same order with their kinds, readings and attributions settled."""
        ...


class StraightMarks:
    """A finder of text lines, the readers they are read with, and what names symbols and attributes (both optional)."""

    def __init__(
        self,
        finder: TextFinder,
        readers: Sequence[Reader],
        symbols: SymbolFinder | None = None,
        attributor: Attributor | None = None,
        known: frozenset[str] = frozenset(),
        fits: Fits | None = None,
    ) -> None:
        """known are words that part and settle what is read (vision.match.known), fits says whether a text is of the
        form of a serial, which decides between characters that look alike (vision.match.formed)."""
        self._finder = finder
        self._readers = tuple(readers)
        self._symbols = symbols
        self._attributor = attributor
        self._known = known
        self._fits = fits

    def read(
        self, opened: OpenPhoto, small: Rgb, scale: float, taken: Sequence[Points] = ()
    ) -> list[tuple[Lines, Mark]]:
        """Every straight mark of a photo on which something can be read, with its lines close up.

        small is the photo at scale times its size; what lies inside the outlines taken, in the photo, is not text.
        """
        seen = self._finder.find_lines(small)
        found = [line for line in seen if not any(_inside(outline, line, scale) for outline in taken)]
        named = self._symbols.find_symbols(opened, small, scale, found) if self._symbols else ()
        symbols = [symbol for symbol in named if not any(_holds(outline, symbol) for outline in taken)]
        text = [line for line in found if not any(_inside(s.outline_xy, line, scale) for s in symbols)]
        close = [lines.look_close(opened, group, scale) for group in group_lines(text)]
        read = [found for one in close for found in self._readings(one)]
        read = _with_symbols(opened, read, symbols)
        marks: Sequence[Mark] = [_mark(one, reading, number) for number, (one, reading) in enumerate(read, start=1)]
        if self._attributor is not None:
            marks = self._attributor.attribute_marks(marks)
        return [(one, mark) for (one, _), mark in zip(read, marks, strict=True)]

    def _readings(self, close: Lines) -> list[tuple[Lines, Reading]]:
        """What stands on the lines of one mark, in reading order: nothing where hardly anything does, two marks or more
        where one serial stands on it twice."""
        lattices = self._read_lines(lines.patches(close))
        words = read_lines(lattices, self._known)
        if self._fits is not None:
            words = [as_formed(line, lattice, self._fits) for line, lattice in zip(words, lattices, strict=True)]
        turned = any(word.upside_down for line in words for word in line)
        read = []
        for numbers in parts_of(close, [[word.text for word in line] for line in words]):
            elements = [
                lines.outlined(element_of(word, lattices[k]), word, close, k)
                for k in (numbers[::-1] if turned else numbers)
                for word in words[k]
            ]
            if sum(len(element.characters) for element in elements) >= LEAST_CHARACTERS:
                read.append((lines.some_of(close, numbers), Reading(lattices[0].reader, tuple(elements))))
        return read

    def _read_lines(self, patches: Sequence[Patch]) -> list[Lattice]:
        """What is said of the lines of one mark: once the longest has clearly shown which way up the mark stands, the
        others are not looked at the other way up."""
        said: dict[int, Lattice] = {}
        way: bool | None = None
        for k in sorted(range(len(patches)), key=lambda k: -patches[k].rgb.shape[1]):
            said[k] = self._read(patches[k] if way is None else replace(patches[k], ways=(way,)))
            way = clear_way(said[k]) if way is None else way
        return [said[k] for k in range(len(patches))]

    def _read(self, patch: Patch) -> Lattice:
        """What the first reader says of a line; others, who know no spaces, are asked where a letter is in doubt."""
        first, *others = self._readers
        said = first.read([patch])
        if leaves_no_doubt(said, spaces=False):
            return said
        lattice = combine([said, *(reader.read([patch]) for reader in others)])
        ways = {row.upside_down for row in said.rows}
        return replace(lattice, rows=tuple(row for row in lattice.rows if row.upside_down in ways))


def parts_of(close: Lines, texts: Sequence[Sequence[str]]) -> list[list[int]]:
    """The lines of one mark, by number, as the marks they are: where one serial stands on several lines, each is on a
    part of its own (a slide and a frame), and every other line belongs to the nearest."""
    bearing: dict[str, list[int]] = {}
    for k, line in enumerate(texts):
        for text in dict.fromkeys(text for text in line if is_serial(text)):
            bearing.setdefault(text, []).append(k)
    several = max(bearing.values(), key=len, default=[])
    if len(several) < 2:
        return [list(range(len(texts)))]
    parts: dict[int, list[int]] = {k: [] for k in several}
    for k, one in enumerate(close.lines):
        away = {s: _apart(one.corners_xy, close.lines[s].corners_xy) for s in several}
        parts[min(several, key=lambda s: (s != k, away[s]))].append(k)
    return list(parts.values())


def _mark(close: Lines, reading: Reading, number: int) -> Mark:
    return Mark(
        id=f"t{number}",
        kind=kind_of(reading),
        outline_xy=close.outline_xy(),
        score=close.score,
        quality=measure_quality(close.rgb),
        reading=reading,
        attribution=NOT_YET,
    )


def _holds(outline: Points, symbol: Element) -> bool:
    """Whether the middle of a symbol lies in an outline, both in the photo."""
    x, y = np.mean(symbol.outline_xy, axis=0)
    return bool(cv2.pointPolygonTest(np.array(outline, np.float32), (float(x), float(y)), False) >= 0)


def _inside(outline: Points, line: TextLine, scale: float) -> bool:
    """Whether the middle of a line, found at scale times the photo's size, lies inside an outline in the photo."""
    x, y = line.middle_xy
    place = (x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5
    return bool(cv2.pointPolygonTest(np.array(outline, np.float32), place, False) >= 0)


def _with_symbols(
    opened: OpenPhoto, read: Sequence[tuple[Lines, Reading]], symbols: Sequence[Element]
) -> list[tuple[Lines, Reading]]:
    """Each symbol in its place among the text of the mark nearest to it; as a mark of its own where none is near, if
    it is a known one: a bore or a blot is not to be shown as a mark."""
    joined, alone = list(read), []
    for symbol in symbols:
        away = [_apart(close.outline_xy(), symbol.outline_xy) / close.letters_px for close, _ in read]
        nearest = min(range(len(read)), key=away.__getitem__, default=-1)
        if nearest < 0 or away[nearest] > SYMBOL_REACH:
            if symbol.text != UNKNOWN_SYMBOL:
                alone.append((lines.look_close(opened, [_box(symbol)], 1.0), Reading("symbols", (symbol,))))
        else:
            close, reading = joined[nearest]
            joined[nearest] = close, replace(reading, elements=_inserted(_but_for(reading.elements, symbol), symbol))
    return [(_shown(opened, close, reading), reading) for close, reading in joined] + alone


def _shown(opened: OpenPhoto, close: Lines, reading: Reading) -> Lines:
    """The lines of a mark, and beside them the symbols of its reading, so that its picture and outline hold both."""
    boxes = [_box(element) for element in reading.elements if element.text.startswith("<") and element.outline_xy]
    if not boxes:
        return close
    text = [replace(line, corners_xy=close.to_photo(line.corners_xy)) for line in close.lines]
    return lines.look_close(opened, [*text, *boxes], 1.0)


def _box(symbol: Element) -> TextLine:
    """The box round a symbol as a line of the photo."""
    box = cv2.boxPoints(cv2.minAreaRect(np.array(symbol.outline_xy, np.float32)))
    return TextLine(tuple((float(x), float(y)) for x, y in box), symbol.confidence)


def _but_for(elements: tuple[Element, ...], symbol: Element) -> tuple[Element, ...]:
    """The elements without those read in a symbol that is known by name: a circled 11 is no ①, too."""
    if symbol.text == UNKNOWN_SYMBOL:
        return elements
    middles = [np.mean(element.outline_xy, axis=0) for element in elements]
    outline = np.array(symbol.outline_xy, np.float32)
    inside = [cv2.pointPolygonTest(outline, (float(x), float(y)), False) >= 0 for x, y in middles]
    return elements if all(inside) else tuple(e for e, within in zip(elements, inside, strict=True) if not within)


def _inserted(elements: tuple[Element, ...], symbol: Element) -> tuple[Element, ...]:
    """The elements with a symbol before the first that stands below it or, on its line, further along."""
    longest = max(elements, key=lambda e: len(e.characters))
    (ax, ay), (bx, by), _, (dx, dy) = longest.outline_xy
    along, down = np.array((bx - ax, by - ay)), np.array((dx - ax, dy - ay))
    along, height = along / np.linalg.norm(along), float(np.linalg.norm(down))
    down = down / height
    if longest.upside_down:  # outlines stand as the photo does, not as the text
        along, down = -along, -down

    def follows(element: Element) -> bool:
        off = np.mean(element.outline_xy, axis=0) - np.mean(symbol.outline_xy, axis=0)
        below = float(off @ down)
        return below > height or (below > -height and float(off @ along) > 0)

    place = next((i for i, element in enumerate(elements) if follows(element)), len(elements))
    return (*elements[:place], symbol, *elements[place:])


def _apart(a: Points, b: Points) -> float:
    """Pixels between two outlines, 0 where they overlap."""
    first, second = np.array(a, np.float32), np.array(b, np.float32)
    gaps = [-cv2.pointPolygonTest(first, (float(x), float(y)), True) for x, y in second]
    gaps += [-cv2.pointPolygonTest(second, (float(x), float(y)), True) for x, y in first]
    return max(0.0, min(gaps))
