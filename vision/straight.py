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
from vision.match.line import element_of, kind_of, read_lines
from vision.photo import OpenPhoto, measure_quality
from vision.read.combine import combine
from vision.read.protocol import Reader
from vision.types import Attribution, Element, Mark, Points, Reading, Rgb, TextLine

# Fewer characters than this are no straight mark: texture gives one now and then.
LEAST_CHARACTERS = 2
# Heights of a mark's letters up to which a symbol belongs to it.
SYMBOL_REACH = 6.0
NOT_YET = Attribution("unknown", "straight marks are read but not attributed yet", 0.0, 1.0)


class SymbolFinder(Protocol):
    """What finds and names the symbols of a photo."""

    def find_symbols(self, opened: OpenPhoto, small: Rgb, scale: float, found: Sequence[TextLine]) -> Sequence[Element]:
        """The symbols as elements ("<star>", "<unknown symbol>") whose outline_xy, in the photo at full size, encloses
        them, with the letters inside them.

        small is the photo at scale times its size, found the lines of text in small's pixels.
        """
        ...


class Attributor(Protocol):
    """What decodes and attributes the straight marks of one photo together: they may be those of one object."""

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
    ) -> None:
        """known are words that part and settle what is read (vision.match.known)."""
        self._finder = finder
        self._readers = tuple(readers)
        self._symbols = symbols
        self._attributor = attributor
        self._known = known

    def read(self, opened: OpenPhoto, small: Rgb, scale: float) -> list[tuple[Lines, Mark]]:
        """Every straight mark of a photo on which something can be read, with its lines close up; small is the photo
        at scale times its size."""
        found = self._finder.find_lines(small)
        symbols = self._symbols.find_symbols(opened, small, scale, found) if self._symbols else ()
        text = [line for line in found if not any(_covers(symbol, line, scale) for symbol in symbols)]
        close = [lines.look_close(opened, group, scale) for group in group_lines(text)]
        read = [(one, reading) for one in close if (reading := self._reading(one)) is not None]
        read = _with_symbols(opened, read, symbols)
        marks: Sequence[Mark] = [_mark(one, reading, number) for number, (one, reading) in enumerate(read, start=1)]
        if self._attributor is not None:
            marks = self._attributor.attribute_marks(marks)
        return [(one, mark) for (one, _), mark in zip(read, marks, strict=True)]

    def _reading(self, close: Lines) -> Reading | None:
        """What stands on the lines of one mark, in reading order; None where hardly anything does."""
        lattices = [combine([reader.read([patch]) for reader in self._readers]) for patch in lines.patches(close)]
        words = read_lines(lattices, self._known)
        turned = any(word.upside_down for line in words for word in line)
        order = list(range(len(words)))
        elements = [
            lines.outlined(element_of(word, lattices[k]), word, close, k)
            for k in (order[::-1] if turned else order)
            for word in words[k]
        ]
        if sum(len(element.characters) for element in elements) < LEAST_CHARACTERS:
            return None
        return Reading(lattices[0].reader, tuple(elements))


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


def _covers(symbol: Element, line: TextLine, scale: float) -> bool:
    """Whether a line, found at scale times the photo's size, is what stands inside a symbol."""
    outline = np.array(symbol.outline_xy, np.float32)
    x, y = line.middle_xy
    return bool(cv2.pointPolygonTest(outline, ((x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5), False) >= 0)


def _with_symbols(
    opened: OpenPhoto, read: Sequence[tuple[Lines, Reading]], symbols: Sequence[Element]
) -> list[tuple[Lines, Reading]]:
    """Each symbol in its place among the text of the mark nearest to it; as a mark of its own where none is near."""
    joined, alone = list(read), []
    for symbol in symbols:
        away = [_apart(close.outline_xy(), symbol.outline_xy) / close.letters_px for close, _ in read]
        nearest = min(range(len(read)), key=away.__getitem__, default=-1)
        if nearest < 0 or away[nearest] > SYMBOL_REACH:
            alone.append((lines.look_close(opened, [_box(symbol)], 1.0), Reading("symbols", (symbol,))))
        else:
            close, reading = joined[nearest]
            joined[nearest] = close, replace(reading, elements=_inserted(reading.elements, symbol))
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


def _inserted(elements: tuple[Element, ...], symbol: Element) -> tuple[Element, ...]:
    """The elements with a symbol before the first that stands below it or, on its line, further along."""
    longest = max(elements, key=lambda e: len(e.characters))
    (ax, ay), (bx, by), _, (dx, dy) = longest.outline_xy
    along, down = np.array((bx - ax, by - ay)), np.array((dx - ax, dy - ay))
    along, height = along / np.linalg.norm(along), float(np.linalg.norm(down))
    down = down / height

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
