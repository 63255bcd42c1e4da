"""Numbers and lines that have a form: serials and dates on arms, lots and codes on packaging.

Forms are tried on whole elements: on runs of a few neighbours for a serial, which may be struck with spaces or in two
lines, and anywhere between elements of one line for packaging. Texts are cut at MOST_TEXT characters before a pattern
sees them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vision.catalogue.packaging import PackagingMark
from vision.catalogue.regexes import MOST_TEXT
from vision.catalogue.serials import Decoded, SerialFormat, decode
from vision.types import Element

# Elements that one serial may be parted into.
MOST_PARTS = 4
# Heights of an element by which the next must lie across the line to begin a new one.
NEW_LINE = 0.6


@dataclass(frozen=True, slots=True)
class Window:
    """A run of neighbouring elements, by number, and their texts joined by blanks."""

    elements: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A packaging mark seen: in which elements, what text, and its named groups."""

    mark: PackagingMark
    elements: tuple[int, ...]
    text: str
    groups: tuple[tuple[str, str], ...]


def windows(elements: Sequence[Element], numbers: Sequence[int]) -> Iterator[Window]:
    """Runs of up to MOST_PARTS of the elements numbered, longest first, none with a symbol in it."""
    for size in range(min(MOST_PARTS, len(numbers)), 0, -1):
        for first in range(len(numbers) - size + 1):
            chosen = tuple(numbers[first : first + size])
            if not any(elements[i].text.startswith("<") for i in chosen):
                yield Window(chosen, " ".join(elements[i].text for i in chosen)[:MOST_TEXT])


def decodings(window: Window, forms: Sequence[SerialFormat], *, this_year: int) -> list[Decoded]:
    """What a window says by each form it is of."""
    found = (decode(window.text, form, this_year=this_year) for form in forms)
    return [one for one in found if one is not None]


def packaging(elements: Sequence[Element], numbers: Sequence[int], marks: Sequence[PackagingMark]) -> list[Found]:
    """Every packaging mark on the lines that the elements numbered make, the longest text of each place first."""
    found: list[Found] = []
    for line in lines_of(elements, numbers):
        starts, text = [], ""
        for i in line:
            starts.append(len(text) + bool(text))
            text += (" " if text else "") + elements[i].text
        text = text[:MOST_TEXT]
        ends = {start + len(elements[i].text) for start, i in zip(starts, line, strict=True)}
        found += [one for mark in marks if (one := _on_line(mark, text, line, starts, ends)) is not None]
    return sorted(found, key=lambda one: -len(one.text))


def _on_line(
    mark: PackagingMark, text: str, line: Sequence[int], starts: Sequence[int], ends: set[int]
) -> Found | None:
    """The first and longest part of a line that is of a mark's form and begins and ends with whole elements."""
    for start in starts:
        for end in sorted((e for e in ends if start < e <= len(text)), reverse=True):
            match = mark.pattern.fullmatch(text, start, end)
            if match is not None:
                chosen = tuple(i for i, at in zip(line, starts, strict=True) if start <= at < end)
                groups = tuple((name, value.strip()) for name, value in match.groupdict().items() if value)
                return Found(mark, chosen, match[0].strip(), groups)
    return None


def lines_of(elements: Sequence[Element], numbers: Sequence[int]) -> list[list[int]]:
    """The elements numbered, in reading order, parted into the lines they stand on; symbols are left out."""
    lines: list[list[int]] = []
    for i in numbers:
        if elements[i].text.startswith("<"):
            continue
        if lines and not _begins_line(elements[lines[-1][-1]], elements[i]):
            lines[-1].append(i)
        else:
            lines.append([i])
    return lines


def _begins_line(last: Element, element: Element) -> bool:
    """Whether an element lies beside its predecessor's line rather than further along it."""
    if len(last.outline_xy) != 4 or len(element.outline_xy) != 4:
        return False
    corners = np.array(last.outline_xy)
    along, down = corners[1] - corners[0], corners[3] - corners[0]
    height = float(np.linalg.norm(down))
    if height == 0.0 or not np.linalg.norm(along):
        return False
    off = np.mean(element.outline_xy, axis=0) - corners.mean(axis=0)
    normal = np.array((-along[1], along[0])) / np.linalg.norm(along)
    return abs(float(off @ normal)) > NEW_LINE * height
