"""Where things stand on a sheet's pictures: the crop around a mark, and the characters along an unrolled strip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from vision.report.content import UNKNOWN_SYMBOL
from vision.types import Character, CloseUp, Element, Mark, Points, Rgb, StripView, Views
from vision.writing import reading_order, right_to_left

# What a character takes up along a head when a reading does not say, in degrees: a plain guess for drawing only.
_CHARACTER_DEG = 11.0
# The margin around a close-up, as a share of the mark's larger side.
_MARGIN = 0.14
# A mark that fills less of the photo than this is also shown where it lies in the whole photo.
_SMALL_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class Slot:
    """A character's place on a strip, columns left to right as shown."""

    character: Character
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Word:
    """An element's place on a strip as shown, and its characters' places."""

    element: Element
    left: float
    right: float
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """One turn of a head, shown with half_turned text upright or not; clock holds (hour, column). name says which photo
    it is from, where there are several."""

    rgb: Rgb
    half_turned: bool
    words: tuple[Word, ...]
    clock: tuple[tuple[int, float], ...]
    name: str = ""


def close_up(mark: Mark, views: Views) -> CloseUp:
    """The picture of one mark with a margin: the finer one if there is one, else cut from the reduced photo."""
    return views.close_ups.get(mark.id) or _around(whole(views), mark.outline_xy)


def shown_symbol(element: Element, mark: Mark, views: Views) -> CloseUp | None:
    """The picture of a symbol that nobody taught, for a person to name; None for all else."""
    if element.text != UNKNOWN_SYMBOL or not element.outline_xy:
        return None
    return _around(close_up(mark, views), element.outline_xy)


def whole(views: Views) -> CloseUp:
    """The whole reduced photo."""
    return CloseUp(views.photo_rgb, views.scale)


def needs_overview(marks: Sequence[Mark], views: Views) -> bool:
    """Whether the whole photo is worth showing: not when the only mark's close-up shows about as much."""
    if len(marks) != 1:
        return True
    height, width = _around(whole(views), marks[0].outline_xy).rgb.shape[:2]
    return bool(height * width < _SMALL_SHARE * views.photo_rgb.shape[0] * views.photo_rgb.shape[1])


def corner(points: Sequence[tuple[float, float]], width: float, height: float) -> tuple[float, float]:
    """Where a mark's number stands in a picture of the whole photo: at its upper left, and wholly in the picture."""
    x, y = min(points, key=lambda p: p[0] + p[1])
    room = 0.03 * max(width, height)
    return min(max(x, room), width - room), min(max(y, room), height - room)


def _around(photo: CloseUp, outline_xy: Points) -> CloseUp:
    """The part of a picture around an outline, with a margin."""
    if not outline_xy:
        return photo
    height, width = photo.rgb.shape[:2]
    points = np.asarray(photo.place(outline_xy))
    low, high = points.min(axis=0), points.max(axis=0)
    edge = _MARGIN * float((high - low).max()) + 2.0
    left, top = (int(max(0, v)) for v in np.floor(low - edge))
    right, bottom = int(min(width, np.ceil(high[0] + edge))), int(min(height, np.ceil(high[1] + edge)))
    if right - left < 2 or bottom - top < 2:
        return photo
    return CloseUp(photo.rgb[top:bottom, left:right], photo.scale, (left / photo.scale, top / photo.scale))


def all_strips(mark: Mark, views: Views) -> tuple[Strip, ...]:
    """The strips of a mark, under each other those of the same head in other photos: first all with tops outwards, then
    all turned by half."""
    if mark.id not in views.strips:
        return ()
    shown = [strips(mark, view) for view in (views.strips[mark.id], *views.aligned.get(mark.id, ()))]
    return tuple(strip for way in (False, True) for both in shown for strip in both if strip.half_turned == way)


def strips(mark: Mark, view: StripView) -> tuple[Strip, ...]:
    """One turn of a head, tops outwards, and below it the same turned by half if text stands the other way up.

    The turn starts in the widest gap between elements, so that none is cut in two.
    """
    if mark.reading is None:
        return ()
    elements = [element for element in mark.reading.elements if element.angle_deg is not None]
    start = _widest_gap(elements)
    turn = max(2, min(round(view.width_turn), view.rgb.shape[1]))
    rolled = np.roll(view.rgb[:, :turn], -round(start / 360.0 * turn), axis=1)
    shown = [_strip(rolled, start, [e for e in elements if not e.upside_down], half_turned=False)]
    other = [e for e in elements if e.upside_down]
    if other:
        shown.append(_strip(rolled, start, other, half_turned=True))
    return tuple(replace(strip, name=view.name) for strip in shown)


def _strip(rolled: Rgb, start: float, elements: Sequence[Element], *, half_turned: bool) -> Strip:
    width = rolled.shape[1]

    def column(angle: float) -> float:
        x: float = ((angle - start) % 360.0) / 360.0 * width
        return width - x if half_turned else x

    rgb = np.ascontiguousarray(rolled[::-1, ::-1]) if half_turned else rolled
    words = tuple(_word(element, column, width) for element in elements)
    clock = tuple((hour, column(hour * 30.0)) for hour in (12, 3, 6, 9))
    return Strip(rgb, half_turned, words, clock)


def _word(element: Element, column: Callable[[float], float], width: int) -> Word:
    """An element between its ends, each character where its reading puts it, or else in even steps."""
    middle, half = column(element.angle_deg or 0.0), span(element) / 360.0 * width / 2.0
    left, right = max(0.0, middle - half), min(float(width), middle + half)
    characters = in_sight_order(element)
    step = (right - left) / len(characters)
    known = sorted(column(c.angle_deg) for c in characters if c.angle_deg is not None)
    wide = min([step, *(b - a for a, b in pairwise(known) if b > a)])
    slots = []
    for i, character in enumerate(characters):
        angle = character.angle_deg
        start = left + i * step if angle is None else column(angle) - wide / 2.0
        slots.append(Slot(character, max(0.0, start), min(float(width), start + (step if angle is None else wide))))
    return Word(element, left, right, tuple(slots))


def span(element: Element) -> float:
    """How many degrees an element takes up, guessed from its characters when the reading does not say."""
    return element.span_deg if element.span_deg is not None else _CHARACTER_DEG * max(1, len(element.characters))


def in_sight_order(element: Element) -> tuple[Character, ...]:
    """The characters left to right as they stand: Arabic and Hebrew letters run the other way, their digits do not.

    An element read as a whole counts as one character.
    """
    if not element.characters:
        return (Character(element.text, element.confidence),)
    if not right_to_left(element.text):
        return element.characters
    shapes = "".join(c.text[:1] or " " for c in element.characters)  # a symbol's name counts as one character
    return tuple(element.characters[i] for i in reading_order(shapes))


def _widest_gap(elements: Sequence[Element]) -> float:
    """The angle in the middle of the widest gap between elements, 0 when there are none."""
    arcs = sorted(((e.angle_deg or 0.0) % 360.0, span(e) / 2.0) for e in elements)
    if not arcs:
        return 0.0
    gaps = []
    for (here, half), (after, half_after) in zip(arcs, [*arcs[1:], (arcs[0][0] + 360.0, arcs[0][1])], strict=True):
        gaps.append((after - half_after - here - half, (here + half + after - half_after) / 2.0))
    return float(max(gaps)[1] % 360.0)
