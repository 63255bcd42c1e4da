"""The shape of a head: its rim, its pocket and primer, and what is struck, scratched and pressed into it.

Everything adds to a Relief on a Grid: heights in head radii (0 is the flat of the head, negative is deeper).
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, replace

import cv2
import numpy as np

from vision.training.render.fonts import CAP_PX, Glyph, fonts_for, glyph, stroke_widths
from vision.training.render.grid import Grid
from vision.training.render.marks import ElementSpec, MarkSpec
from vision.training.render.symbols import ENCLOSED, STROKES, symbol
from vision.training.render.truth import Array, CharacterTruth, ElementTruth

MIXED_PUNCHES = 0.12  # the share of marks in which every element has a font of its own


@dataclass(slots=True)
class Relief:
    """Heights of a head on a grid, and how much of each pixel lies in a struck stroke (0..1)."""

    grid: Grid
    height: Array
    stroke: Array


@dataclass(frozen=True, slots=True)
class Strike:
    """How a mark was struck: depth and bevel in head radii, weight added to stroke widths and letter jitter in letter
    heights, uneven 0..1 (how much shallower one side of the head is), worn 0..1 (how much of the depth is gone).

    stroke is the half width the strokes are cut to, in letter heights (0: as the font has them); wobble how far
    outlines stray from the font's, in letter heights; double (x, y) where a second, weaker blow fell, in head radii. A
    negative depth stands out of the metal."""

    depth: float
    bevel: float
    weight: float
    jitter: float
    uneven: float
    worn: float
    stroke: float = 0.0
    wobble: float = 0.0
    double: tuple[float, float] = (0.0, 0.0)


def blank(grid: Grid) -> Relief:
    """A flat head with nothing on it."""
    return Relief(grid, np.zeros(grid.shape, np.float32), np.zeros(grid.shape, np.float32))


def smooth_step(x: Array) -> Array:
    """0 below 0, 1 above 1, smooth between."""
    t = np.clip(x, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def pixel_floor(grid: Grid, width: float) -> float:
    """A width no smaller than 1.2 pixels, so that edges do not alias."""
    return max(width, 1.2 / grid.scale)


def add_rim(relief: Relief, width: float, drop: float) -> None:
    """A rounded edge: the outer width falls off by drop."""
    edge = np.clip((relief.grid.radius - (1 - width)) * np.float32(1 / width), 0, 1.3)
    relief.height -= np.float32(drop) * edge * edge


def add_groove(relief: Relief, radius: float, width: float, depth: float) -> None:
    """A circular groove (ring crimp, or the gap round a primer); a negative depth makes a ridge."""
    width = pixel_floor(relief.grid, width)
    relief.height -= np.float32(depth) * np.exp(-(((relief.grid.radius - np.float32(radius)) / np.float32(width)) ** 2))


def add_turning(relief: Relief, rng: np.random.Generator, depth: float) -> None:
    """Rings a lathe or a rotary file left: heights that vary with the radius alone."""
    count = int(np.clip(relief.grid.scale / 2, 16, 160))
    profile = cv2.GaussianBlur(rng.standard_normal((1, count), np.float32), (0, 0), 0.7)
    at = relief.grid.radius * np.float32((count - 2) / 1.5)
    relief.height += np.float32(depth) * cv2.remap(profile, at, np.zeros_like(at), cv2.INTER_LINEAR)


def add_dent(
    relief: Relief, x: float, y: float, size: float, depth: float, stretch: float = 1.0, angle: float = 0
) -> None:
    """A smooth dent, stretched across angle (radians)."""
    for window in relief.grid.windows(x, y, 2.2 * size * max(1, stretch)):
        dx, dy = relief.grid.x[window] - np.float32(x), relief.grid.y[window] - np.float32(y)
        c, s = np.float32(math.cos(angle)), np.float32(math.sin(angle))
        u, v = (c * dx + s * dy) / np.float32(size * stretch), (c * dy - s * dx) / np.float32(size)
        relief.height[window] -= np.float32(depth) * np.exp(-(u * u + v * v) * np.float32(1.5))


def add_scratches(relief: Relief, rng: np.random.Generator, count: int, depth: float) -> None:
    """Straight scratches; on a strip they bend as they would."""
    for _ in range(count):
        angle, offset, middle = rng.uniform(0, math.pi), rng.uniform(-0.9, 0.9), rng.uniform(-0.8, 0.8)
        half, width = rng.uniform(0.1, 0.7), pixel_floor(relief.grid, rng.uniform(0.003, 0.009))
        c, s = np.float32(math.cos(angle)), np.float32(math.sin(angle))
        x, y = middle * c - offset * s, middle * s + offset * c
        for window in (
            relief.grid.windows(float(x), float(y), half) if relief.grid.turn is None else [(slice(None),) * 2]
        ):
            gx, gy = relief.grid.x[window], relief.grid.y[window]
            across = (c * gy - s * gx - np.float32(offset)) / np.float32(width)
            along = np.abs(c * gx + s * gy - np.float32(middle)) * np.float32(1 / half)
            relief.height[window] -= (
                np.float32(depth * rng.uniform(0.3, 1)) * np.clip(1 - across * across, 0, 1) * (along < 1)
            )


def add_pits(relief: Relief, rng: np.random.Generator, amount: float) -> Array:
    """Corrosion: patches of pitted metal. Returns how corroded each pixel is (0..1)."""
    patches = relief.grid.noise(rng, 4, 3)
    pits = relief.grid.noise(rng, 40, 3)
    rust = smooth_step((patches + pits * np.float32(0.8) - np.float32(2.0 - 2.4 * amount)) * np.float32(0.8))
    relief.height -= rust * np.clip(pits, -0.3, 2) * np.float32(0.007)
    return rust


@dataclass(frozen=True, slots=True)
class Placed:
    """A character on the head: its field, middle, turn (radians, clockwise) and size."""

    glyph: Glyph
    x: float
    y: float
    turn: float
    height: float
    condense: float


def _cells(element: ElementSpec) -> list[str]:
    """What is struck one by one, from left to right: characters, or a whole word where letters join."""
    text = element.text
    if text.startswith("<"):
        return [text]
    if any(unicodedata.bidirectional(c) == "AL" for c in text):
        return [text]
    if any(unicodedata.bidirectional(c) == "R" for c in text):
        return list(reversed(text))
    return list(text)


def _cell_glyph(cell: str, stem: str) -> Glyph:
    return symbol(cell, stem) if cell.startswith("<") else glyph(stem, cell)


def choose_fonts(mark: MarkSpec, rng: np.random.Generator) -> MarkSpec:
    """The mark with a font for each element that has none: one hand for the whole mark where it has all its
    characters, unless it was struck with punches of several sets."""
    texts = {e.text: "0123456789" if e.text.startswith("<") else e.text.replace(" ", "") for e in mark.elements}
    whole = "".join(texts.values())
    pick, one_hand = float(rng.random()), rng.random() > MIXED_PUNCHES
    chosen = {}
    for text, plain in texts.items():
        same_script = whole if whole.isascii() and one_hand else plain
        pick = pick if one_hand else float(rng.random())
        able = fonts_for(same_script, mark.fonts)
        chosen[text] = able[int(pick * len(able))]
    return replace(mark, elements=tuple(replace(e, font=e.font or chosen[e.text]) for e in mark.elements))


def _widths(element: ElementSpec, mark: MarkSpec) -> tuple[list[Glyph | None], list[float], float]:
    """An element's glyphs (None is a space), the width of each, and the gap between them, in head radii."""
    height = element.height or mark.height
    cells = _cells(element)
    glyphs = [_cell_glyph(c, element.font) if c != " " else None for c in cells]
    condense = 1.0 if cells[0].startswith("<") else mark.condense
    sideways = abs(element.turn_deg) == 90
    widths = [height * (0.45 if g is None else 1.0 if sideways else g.advance * condense) for g in glyphs]
    return glyphs, widths, height * element.tracking


def _span_deg(element: ElementSpec, mark: MarkSpec) -> float:
    _, widths, gap = _widths(element, mark)
    return math.degrees((sum(widths) + gap * (len(widths) - 1)) / (element.radius or mark.band_radius))


def prepared(mark: MarkSpec, rng: np.random.Generator) -> MarkSpec:
    """The mark as it will be struck: fonts chosen, and its characters made narrower, then smaller, until neighbours on
    a ring keep 4 degrees apart. A prepared mark stays as it is."""
    mark = choose_fonts(mark, rng)
    for shrink in (1.0, 0.88, 0.77, 0.68, 0.6, 0.5, 0.42, 0.35):
        condense = max(0.55, mark.condense * shrink) if shrink < 1 else mark.condense
        size = min(1.0, mark.condense * shrink / condense)
        smaller = tuple(replace(e, height=(e.height or mark.height) * size) for e in mark.elements)
        fit = replace(mark, condense=condense, height=mark.height * size, elements=smaller)
        if _has_room(fit):
            break
    return fit


def _has_room(mark: MarkSpec) -> bool:
    ring = sorted(mark.elements, key=lambda e: e.angle_deg % 360)
    for one, following in zip(ring, ring[1:] + ring[:1], strict=True):
        if abs((one.radius or mark.band_radius) - (following.radius or mark.band_radius)) > mark.height:
            continue
        apart = (following.angle_deg - one.angle_deg) % 360 or 360.0
        spans = _span_deg(one, mark) + _span_deg(following, mark)
        if spans / 2 + 4 > apart:
            return False
    return True


def layout(
    element: ElementSpec, mark: MarkSpec, turn_deg: float, jitter: float, rng: np.random.Generator
) -> tuple[list[Placed], ElementTruth]:
    """Places an element's characters on its ring; the truth counts the characters without jitter."""
    height = element.height or mark.height
    radius = element.radius or mark.band_radius
    glyphs, widths, gap = _widths(element, mark)
    condense = 1.0 if element.text.startswith("<") else mark.condense
    width = sum(widths) + gap * (len(widths) - 1)
    sense = -1.0 if element.upside_down else 1.0
    middle = element.angle_deg + turn_deg
    placed, at = [], -width / 2
    seen: list[CharacterTruth] = []
    for cell, g, w in zip(_cells(element), glyphs, widths, strict=True):
        angle = math.radians(middle) + sense * (at + w / 2) / radius
        at += w + gap
        if g is None:
            continue
        seen += _characters(cell, math.degrees(angle), sense * math.degrees(w / radius), element.turn_deg)
        dr, dt, ds = rng.normal(0, 1, 3) * jitter
        r = radius + dr * height * 0.5
        turn = angle + (math.pi if element.upside_down else 0) + math.radians(element.turn_deg) + dt
        placed.append(Placed(g, r * math.sin(angle), -r * math.cos(angle), turn, height * (1 + 0.5 * ds), condense))
    span = math.degrees(width / radius)
    truth = ElementTruth(element.text, middle % 360, span, element.upside_down, radius, height, tuple(seen))
    return placed, truth


def _characters(cell: str, angle_deg: float, span_deg: float, turn_deg: float) -> list[CharacterTruth]:
    """The characters of one cell round angle_deg, in reading order; span_deg is negative where that runs
    anticlockwise. A joined word's letters share its width evenly; a shape stands at its edge, before its text."""
    enclosed = None if cell in STROKES else ENCLOSED.fullmatch(cell)
    if enclosed:
        inner = enclosed["circled"] or enclosed["text"]
        shape = f"<{enclosed['shape'] or 'circle'}>"
        inside = _characters(inner, angle_deg, 0.6 * span_deg, turn_deg)
        return [CharacterTruth(shape, (angle_deg - 0.4 * span_deg) % 360, abs(0.25 * span_deg), turn_deg), *inside]
    letters = [cell] if cell.startswith("<") else [c for c in cell if c != " "]
    if len(letters) > 1 and any(unicodedata.bidirectional(c) == "AL" for c in cell):
        letters.reverse()
    share = span_deg / len(letters)
    return [
        CharacterTruth(c, (angle_deg + share * (i - (len(letters) - 1) / 2)) % 360, abs(share), turn_deg)
        for i, c in enumerate(letters)
    ]


def _weight(element: ElementSpec, how: Strike, rng: np.random.Generator) -> float:
    """What to add to the half width of an element's strokes, in letter heights, so that they become how.stroke; thin
    strokes are kept from vanishing and counters from closing."""
    if not how.stroke or element.text.startswith("<"):
        return how.weight
    thin, usual = stroke_widths(element.font, next(c for c in element.text if c != " "))
    return float(np.clip(how.stroke - usual, -0.55 * thin, 0.05)) + float(rng.normal(0, 0.006))


def _astray(u: Array, v: Array, wobble: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Glyph coordinates with the outline straying by wobble (letter heights) in slow waves, as cut by hand."""
    a, b, c, d, e, f = (np.float32(x) for x in rng.uniform(0, 6.3, 6))
    k, reach = np.float32(rng.uniform(3, 7) / CAP_PX), np.float32(wobble * CAP_PX)
    x = u + reach * (
        np.sin(v * k + a) + np.sin((u + v) * k * np.float32(0.6) + b) + np.float32(0.4) * np.sin(u * k + c)
    )
    y = v + reach * (
        np.sin(u * k + d) + np.sin((u - v) * k * np.float32(0.6) + e) + np.float32(0.4) * np.sin(v * k + f)
    )
    return x, y


def strike(relief: Relief, placed: Placed, how: Strike, strength: float, rng: np.random.Generator) -> None:
    """Presses one character in: a bevelled stroke with metal pushed up along its edge."""
    field = placed.glyph.distance
    rows, columns = field.shape
    per_unit = CAP_PX / placed.height
    half = math.hypot(rows, columns * placed.condense) / 2 / per_unit
    c, s = np.float32(math.cos(placed.turn)), np.float32(math.sin(placed.turn))
    bevel = pixel_floor(relief.grid, min(how.bevel, 0.15 * placed.height))
    waves = int(rng.integers(2**32))
    for window in relief.grid.windows(placed.x, placed.y, half):
        dx, dy = relief.grid.x[window] - np.float32(placed.x), relief.grid.y[window] - np.float32(placed.y)
        if dx.size == 0:
            continue
        u = (c * dx + s * dy) * np.float32(per_unit / placed.condense) + np.float32(placed.glyph.center_px[0])
        v = (c * dy - s * dx) * np.float32(per_unit) + np.float32(placed.glyph.center_px[1])
        if how.wobble:
            u, v = _astray(u, v, how.wobble, np.random.default_rng(waves))
        distance = cv2.remap(field, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=-1.0)
        inside = (distance + np.float32(how.weight)) * np.float32(placed.height)
        cut = smooth_step(inside * np.float32(1 / bevel) + np.float32(0.5))
        pushed = np.exp(-np.square(inside * np.float32(1 / bevel) + np.float32(1.2))) * np.float32(0.13)
        pushed *= np.clip((distance + np.float32(0.35)) * 8, 0, 1)  # the field ends there: no box round the letter
        relief.height[window] -= np.float32(how.depth * strength) * (cut - pushed)
        relief.stroke[window] = np.maximum(relief.stroke[window], cut * np.float32(min(1.0, strength)))


def add_mark(
    relief: Relief, mark: MarkSpec, how: Strike, turn_deg: float, rng: np.random.Generator
) -> tuple[ElementTruth, ...]:
    """Strikes a whole mark, turned clockwise; returns what now stands where."""
    mark = prepared(mark, rng)
    deep_side = rng.uniform(0, 2 * math.pi)
    truths = []
    for element in mark.elements:
        placed, truth = layout(element, mark, turn_deg, how.jitter, rng)
        truths.append(truth)
        tilt = rng.uniform(0.75, 1.1)
        own = replace(how, weight=_weight(element, how, rng))
        for one in placed:
            side = math.cos(math.atan2(one.x, -one.y) - deep_side)
            uneven = 1 - how.uneven * (0.5 - 0.5 * side)
            strength = float(max(0.05, uneven * tilt * rng.uniform(0.85, 1.1) * (1 - how.worn)))
            strike(relief, one, own, strength, rng)
            if how.double != (0.0, 0.0):
                again = replace(one, x=one.x + how.double[0], y=one.y + how.double[1])
                strike(relief, again, own, 0.4 * strength, rng)
    return tuple(truths)
