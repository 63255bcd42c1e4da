"""Straight marks of a photo, where it shows no head: lines of text found, made upright and read, not yet attributed."""

from __future__ import annotations

from collections.abc import Sequence

from vision import lines
from vision.find.text import TextFinder, group_lines
from vision.lines import Lines
from vision.match.line import element_of, kind_of, read_lines
from vision.photo import OpenPhoto, measure_quality
from vision.read.combine import combine
from vision.read.protocol import Reader
from vision.types import Attribution, Mark, Reading, Rgb

# Fewer characters than this are no straight mark: texture gives one now and then.
LEAST_CHARACTERS = 2
NOT_YET = Attribution("unknown", "straight marks are read but not attributed yet", 0.0, 1.0)


class StraightMarks:
    """A finder of text lines and the readers they are read with."""

    def __init__(self, finder: TextFinder, readers: Sequence[Reader]) -> None:
        self._finder = finder
        self._readers = tuple(readers)

    def read(self, opened: OpenPhoto, small: Rgb, scale: float) -> list[tuple[Lines, Mark]]:
        """Every straight mark of a photo on which something can be read, with its lines close up; small is the photo
        at scale times its size."""
        groups = group_lines(self._finder.find_lines(small))
        close = [lines.look_close(opened, group, scale) for group in groups]
        read = [(one, reading) for one in close if (reading := self._reading(one)) is not None]
        return [(one, _mark(one, reading, number)) for number, (one, reading) in enumerate(read, start=1)]

    def _reading(self, close: Lines) -> Reading | None:
        """What stands on the lines of one mark, in reading order; None where hardly anything does."""
        lattices = [combine([reader.read([patch]) for reader in self._readers]) for patch in lines.patches(close)]
        words = read_lines(lattices)
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
