"""Pictures of symbols as a camera sees them: struck, engraved, raised, painted or printed, worn, badly lit, half lost.

A picture is a square cut round one symbol as find/symbols.py cuts it: the symbol's longer side takes about SHARE of it,
letters of its neighbours may reach in. Relief, metal and lens are those of vision.training.render.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from vision.training.render.fonts import LATIN, font_files
from vision.training.render.grid import Grid, disc, grain, noise
from vision.training.render.lens import random_shot, take
from vision.training.render.metal import LACQUERED, METALS, random_light, shade
from vision.training.render.paint import blend, dim, flat
from vision.training.render.relief import Relief, add_dent, add_pits, add_scratches, smooth_step
from vision.training.render.truth import Array, Matrix
from vision.training.symbols.drawing import draw
from vision.types import Rgb

SIDE = 64  # pixels of a finished picture
SHARE = 0.77  # of the picture's side that the symbol's longer side takes
_WORK = 96  # pixels it is drawn at
_SHEET = 160  # pixels a drawing is made at
_INKS = ((0.95, 0.95, 0.93), (0.85, 0.2, 0.15), (0.9, 0.8, 0.15), (0.08, 0.08, 0.08), (0.15, 0.3, 0.7),
         (0.75, 0.4, 0.3), (0.1, 0.4, 0.2), (0.6, 0.6, 0.6))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Making:
    """How a symbol got onto the metal. depth in half picture sides (negative: raised; 0: flat), bevel likewise; tone is
    how much darker (or, below 0, brighter) its strokes are; ink a colour laid over them, or None; worn 0..1."""

    depth: float
    bevel: float
    tone: float
    ink: tuple[float, float, float] | None
    worn: float


def random_making(rng: np.random.Generator) -> Making:
    """Stamped, engraved or etched, raised, painted, or stamped and filled with paint."""
    kind = rng.choice(["stamped", "etched", "raised", "painted", "filled"], p=[0.46, 0.16, 0.06, 0.2, 0.12])
    ink = _INKS[int(rng.integers(len(_INKS)))]
    ink = tuple(float(np.clip(c + rng.normal(0, 0.06), 0, 1)) for c in ink)  # type: ignore[assignment]
    worn = float(rng.beta(1.1, 3.2))
    depth, bevel = float(rng.uniform(0.06, 0.2)), float(rng.uniform(0.02, 0.12))
    if kind == "stamped":
        return Making(depth, bevel, float(rng.uniform(-0.15, 0.5) * rng.random()), None, worn)
    if kind == "etched":
        return Making(0.2 * depth, bevel, float(rng.choice([-0.5, 0.5, 0.8]) * rng.uniform(0.4, 1)), None, worn)
    if kind == "raised":
        return Making(-0.8 * depth, bevel, float(rng.uniform(-0.3, 0.1)), None, worn)
    return Making(0.0 if kind == "painted" else depth, bevel, 0.0, ink, worn)


def framed(mask: Array, side: int, share: float = SHARE, turn_deg: float = 0.0, skew: Matrix | None = None) -> Array:
    """A mask (H, W) of 0..1 cut to a square of side pixels whose middle is that of the ink, the ink's longer side
    taking share of it; turned clockwise, and sheared by skew (2, 2) if given."""
    rows, columns = (np.flatnonzero(mask.max(axis) > 0.3) for axis in (1, 0))
    if not len(rows):
        return np.zeros((side, side), np.float32)
    longer = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    scale = share * side / longer
    a = math.radians(turn_deg)
    turn = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]]) @ (np.eye(2) if skew is None else skew)
    matrix = turn * scale
    middle = np.array([(columns[0] + columns[-1]) / 2, (rows[0] + rows[-1]) / 2])
    offset = np.full(2, (side - 1) / 2) - matrix @ middle
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    out = cv2.warpAffine(mask, np.column_stack([matrix, offset]), (side, side), flags=how)
    return np.asarray(out, np.float32)


def drawn(
    drawing: str, parts: Mapping[str, str], rng: np.random.Generator | None = None, *, weight: float = 1.0
) -> Rgb:
    """A clean picture (SIDE, SIDE, 3) of a drawing, black on white, as a person would hand it in."""
    sheet = draw(drawing, _SHEET, parts, weight=weight, rng=rng, font=_any_font(rng) if rng else "")
    ink = framed(sheet, SIDE)
    grey = np.asarray(np.round(255 * (1 - ink)), np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def photographed(drawing: str, parts: Mapping[str, str], rng: np.random.Generator) -> Rgb:
    """A picture (SIDE, SIDE, 3) of a drawing on metal under some light; everything else is drawn by rng."""
    weight = float(np.exp(rng.normal(0, 0.28)))
    sheet = draw(drawing, _SHEET, parts, weight=weight, font=_any_font(rng), rng=rng)
    skew = np.eye(2) + rng.normal(0, 0.07, (2, 2))
    turn = float(np.clip(rng.normal(0, 7), -16, 16))
    mask = framed(sheet, _WORK, float(rng.uniform(0.62, 0.92)), turn, skew)
    mask = np.roll(mask, tuple(int(v) for v in np.round(rng.normal(0, 0.03 * _WORK, 2))), axis=(0, 1))
    if rng.random() < 0.5:
        mask = np.maximum(mask, _neighbours(parts, rng))
    mask = _wavering(mask, rng) if rng.random() < 0.6 else mask
    grid = disc(_WORK, 1.0)
    return _finished(_painted(grid, _distance(mask), random_making(rng), rng), rng)


def bare(rng: np.random.Generator, parts: Mapping[str, str]) -> Rgb:
    """A picture of what is no symbol: a piece of a line of text as squares laid along one cut it, several small lines,
    a letter or two, scratches, bare metal, the edge of a plate or of a blotch."""
    mask = np.zeros((_WORK, _WORK), np.float32)
    kind = rng.random()
    if kind < 0.45:
        mask = _piece_of_text(float(rng.uniform(36, 76)), 1, parts, rng)
    elif kind < 0.58:
        mask = _piece_of_text(float(rng.uniform(14, 32)), int(rng.integers(1, 4)), parts, rng)
    elif kind < 0.72:
        text = _letters(int(rng.integers(1, 4)), rng)
        sheet = draw(f"text 50,70 50 {text}", _SHEET, parts, font=_any_font(rng), margin=30.0, rng=rng)
        mask = framed(sheet, _WORK, float(rng.uniform(0.6, 1.2)), float(rng.normal(0, 12)))
    elif kind < 0.86:
        mask = _neighbours(parts, rng)
    lit = _painted(disc(_WORK, 1.0), _distance(mask), random_making(rng), rng)
    if rng.random() < (0.25 if mask.any() else 0.7):
        _bordered(lit, rng)
    return _finished(lit, rng)


def _letters(count: int, rng: np.random.Generator) -> str:
    return "".join(rng.choice(list("0123456789012345678901234567891ABCDEFGHIJKLMNPRSTUVXYZБГДЖЗИЛПФЦЯ"), count))


def _piece_of_text(high: float, lines: int, parts: Mapping[str, str], rng: np.random.Generator) -> Array:
    """A mask of letters high units of 100 high, somewhere along their line; further lines above and below."""
    font, y = _any_font(rng), 50 + high * float(rng.normal(0.5, 0.12)) - 0.75 * high * (lines - 1)
    count = max(2, round(float(rng.uniform(1.2, 2.6)) * 100 / high))
    steps = [f"text 50,{y + 1.5 * high * n:.0f} {high:.0f} {_letters(count, rng)}" for n in range(lines)]
    sheet = draw("; ".join(steps), _WORK, parts, margin=0.0, font=font, rng=rng)
    turn = cv2.getRotationMatrix2D(((_WORK - 1) / 2, (_WORK - 1) / 2), float(rng.normal(0, 4)), 1.0)
    turn[0, 2] += float(rng.uniform(-0.5, 0.5)) * _WORK
    return np.asarray(cv2.warpAffine(sheet, turn, (_WORK, _WORK)), np.float32)


def _bordered(rgb: Array, rng: np.random.Generator) -> None:
    """Lays another colour over part of a picture in linear light (H, W, 3): beyond a straight edge, or in blotches."""
    y, x = np.mgrid[-1 : 1 : _WORK * 1j, -1 : 1 : _WORK * 1j].astype(np.float32)
    way = float(rng.uniform(0, 2 * math.pi))
    over = (math.cos(way) * x + math.sin(way) * y - np.float32(rng.uniform(-0.6, 0.6))) * np.float32(rng.uniform(8, 40))
    if rng.random() < 0.6:
        over = (noise(rng, (_WORK, _WORK), float(rng.uniform(2, 5)), 3) + np.float32(rng.normal(0, 0.5))) * np.float32(
            3
        )
    color = np.square(rng.uniform(0.05, 1, 3)).astype(np.float32)
    blend(rgb, color, smooth_step(over + np.float32(0.5)) * np.float32(rng.uniform(0.3, 1)))


def _any_font(rng: np.random.Generator) -> str:
    able = [stem for stem in font_files() if stem in LATIN]
    return able[int(rng.integers(len(able)))]


def _neighbours(parts: Mapping[str, str], rng: np.random.Generator) -> Array:
    """Letters beside, above or below, of which the edge of the picture shows a part."""
    text = "".join(rng.choice(list("ABCDEKMHT0123456789"), 4))
    sheet = draw(f"text 50,66 {rng.uniform(28, 60):.0f} {text}", _WORK, parts, margin=0.0, font=_any_font(rng))
    reach = float(rng.uniform(0.6, 0.78)) * _WORK
    side = int(rng.integers(4))
    dx, dy = ((reach, 0), (-reach, 0), (0, reach), (0, -reach))[side]
    dx, dy = dx * (1.25 if dx else 1), dy * 0.95
    matrix = np.array([[1, 0, dx], [0, 1, dy + rng.normal(0, 4)]], np.float32)
    return np.asarray(cv2.warpAffine(sheet, matrix, (_WORK, _WORK)), np.float32)


def _wavering(mask: Array, rng: np.random.Generator) -> Array:
    """Outlines as cut by hand: pushed about smoothly by a few hundredths of the picture."""
    n = int(rng.integers(4, 9))
    push = rng.normal(0, rng.uniform(0.3, 1.6), (2, n, n)).astype(np.float32)
    dx, dy = (cv2.resize(p, (_WORK, _WORK), interpolation=cv2.INTER_CUBIC) for p in push)
    y, x = np.mgrid[:_WORK, :_WORK].astype(np.float32)
    return np.asarray(cv2.remap(mask, x + dx, y + dy, cv2.INTER_LINEAR), np.float32)


def _distance(mask: Array) -> Array:
    """Distance to the strokes' edge in half picture sides, positive inside."""
    inside = (mask > 0.5).astype(np.uint8)
    near_in = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    near_out = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    distance = cv2.GaussianBlur(np.where(inside > 0, near_in - 0.5, 0.5 - near_out), (0, 0), 0.7)
    return np.asarray(distance * (2 / _WORK), np.float32)


def _strength(shape: tuple[int, int], worn: float, rng: np.random.Generator) -> Array:
    """How much of the strokes is left at each place, 0..1: one-sided blows, rubbed patches, a lost piece."""
    rows, columns = shape
    left = np.full(shape, 1 - 0.6 * worn, np.float32)
    if rng.random() < 0.5:
        a = rng.uniform(0, 2 * math.pi)
        y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j].astype(np.float32)
        slope = np.float32(math.cos(a)) * x + np.float32(math.sin(a)) * y
        left *= np.clip(1 + np.float32(rng.uniform(0.1, 0.7)) * (slope - np.float32(0.3)), 0.1, 1)
    if rng.random() < 0.3 + 0.5 * worn:
        patches = noise(rng, shape, float(rng.uniform(2, 7)), 3)
        left *= 1 - smooth_step(patches + np.float32(1.6 * worn - 0.8)) * np.float32(rng.uniform(0.4, 1))
    if rng.random() < 0.1:
        edge, deep = int(rng.integers(4)), int(rng.uniform(0.08, 0.25) * rows)
        np.rot90(left, edge)[:deep] *= np.float32(rng.uniform(0, 0.3))
    return left


def _painted(grid: Grid, distance: Array, making: Making, rng: np.random.Generator) -> Array:
    """The symbol in its metal in linear light (H, W, 3)."""
    relief = Relief(grid, np.zeros(grid.shape, np.float32), np.zeros(grid.shape, np.float32))
    bevel = np.float32(max(making.bevel, 0.03))
    left = _strength(grid.shape, making.worn, rng)
    cut = smooth_step(distance / bevel + np.float32(0.5))
    if rng.random() < 0.06:  # a second, weaker blow beside the first
        again = np.roll(cut, tuple(int(v) for v in rng.integers(-4, 5, 2)), axis=(0, 1))
        cut = np.maximum(cut, again * np.float32(0.5))
    pushed = np.exp(-np.square(distance / bevel + np.float32(1.2))) * np.float32(0.13)
    relief.height -= np.float32(making.depth) * left * (cut - pushed)
    relief.height += noise(rng, grid.shape, 5, 2) * np.float32(rng.uniform(0, 0.012))
    relief.height += grid.x * np.float32(rng.normal(0, 0.04)) + grid.radius**2 * np.float32(rng.normal(0, 0.05))
    if rng.random() < 0.25:  # milled in lines
        waves = cv2.GaussianBlur(rng.standard_normal((grid.shape[0], 1), np.float32), (0, 0), 0.8)
        lines = np.broadcast_to(waves, grid.shape) * np.float32(rng.uniform(0.001, 0.006))
        relief.height += lines if rng.random() < 0.7 else lines.T
    for _ in range(int(rng.poisson(0.5))):
        size = float(rng.uniform(0.05, 0.2))
        x, y = (float(v) for v in rng.uniform(-1, 1, 2))
        add_dent(relief, x, y, size, size * float(rng.uniform(0.05, 0.3)))
    if rng.random() < 0.6:
        add_scratches(relief, rng, int(rng.integers(1, 7)), float(rng.uniform(0.003, 0.03)))
    relief.stroke[:] = cut * left
    return _lit(relief, making, rng)


def _lit(relief: Relief, making: Making, rng: np.random.Generator) -> Array:
    """Colours and light of the relief."""
    grid = relief.grid
    rust = add_pits(relief, rng, float(rng.uniform(0.1, 0.6))) if rng.random() < 0.25 else None
    metal = str(rng.choice(list(METALS)))
    color = np.square(np.array(METALS[metal], np.float32)) * np.float32(rng.uniform(0.6, 1.2))
    albedo = flat(grid.shape, color)
    patches = smooth_step(noise(rng, grid.shape, 3, 3) * np.float32(0.6) + np.float32(rng.normal(0, 0.4)))
    other = np.clip(color * np.float32(rng.uniform(0.4, 1.7)), 0, 1).astype(np.float32)
    blend(albedo, other, patches * np.float32(rng.uniform(0, 0.7)))
    if making.tone > 0:
        dim(albedo, 1 - relief.stroke * np.float32(min(0.95, making.tone)))
    elif making.tone < 0:
        blend(albedo, np.full(3, 0.9, np.float32), relief.stroke * np.float32(-making.tone))
    if rust is not None:
        blend(albedo, np.square(np.array((0.45, 0.28, 0.16), np.float32)), rust * np.float32(0.8))
    if making.ink is not None:
        ragged = np.clip(relief.stroke * np.float32(1.6) + grain(rng, grid.shape) * np.float32(0.05), 0, 1)
        blend(albedo, np.square(np.array(making.ink, np.float32)), ragged * np.float32(rng.uniform(0.7, 1)))
    if rng.random() < 0.5:
        relief.height += grain(rng, grid.shape) * np.float32(rng.uniform(0, 0.05) * 0.25 / grid.scale)
    lean = rng.normal(0, 0.25, 2)
    view = np.array([lean[0], lean[1], 1.0]) / math.sqrt(1 + float(lean @ lean))
    toward = (float(view[0]), float(view[1]), float(view[2]))
    gloss = 0.7 if metal in LACQUERED else 0.0
    return shade(grid, relief.height, albedo, random_light(rng), toward, float(rng.uniform(0.12, 0.5)), gloss)


def _finished(rgb: Array, rng: np.random.Generator) -> Rgb:
    """The picture through a lens and a file, at SIDE pixels; small symbols have few pixels of their own."""
    style = str(rng.choice(["phone", "sorter", "worn"]))
    shot = replace(random_shot(rng, style, 0.5 * _WORK), vignette=0.0)
    shot = replace(shot, defocus=min(shot.defocus, 2.5), detail=float(rng.choice([1.0, rng.uniform(0.35, 1.0)])))
    return np.asarray(cv2.resize(take(rgb, shot, rng), (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
