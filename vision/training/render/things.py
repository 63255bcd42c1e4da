"""Round and shiny things that are not cartridge heads: coins, bolt heads, washers, bottle caps, buttons, keycaps, plain
discs, breech faces. Each is painted on a disc's Grid like a head, so that only its looks tell it apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vision.training.render import relief as shape
from vision.training.render.grid import Grid, grain, noise
from vision.training.render.head import View, linear
from vision.training.render.marks import ElementSpec, MarkSpec
from vision.training.render.metal import METALS, Light, shade
from vision.training.render.paint import blend, colored, dim, flat
from vision.training.render.relief import Relief, Strike, smooth_step
from vision.training.render.texts import CYRILLIC, LATIN
from vision.training.render.truth import Array

Painted = tuple[Array, Array]  # linear rgb (H, W, 3), cover (H, W)


def _cover(grid: Grid, inside: Array) -> Array:
    """Soft-edged cover from a signed distance in head radii."""
    return np.asarray(np.clip(inside * np.float32(grid.scale) + np.float32(0.5), 0, 1), np.float32)


def _metal(grid: Grid, rng: np.random.Generator, names: tuple[str, ...] = ()) -> Array:
    pick = METALS[str(rng.choice(names or tuple(METALS)))]
    patches = 1 + noise(rng, grid.shape, 4, 3) * np.float32(rng.uniform(0, 0.15))
    return colored(np.clip(patches, 0.3, 1.6), linear(pick))


def _letters(relief: Relief, rng: np.random.Generator, radius: float, height: float, raised: bool) -> None:
    alphabet = LATIN + " " if rng.random() < 0.8 else CYRILLIC + " "
    text = "".join(alphabet[i] for i in rng.integers(0, len(alphabet), int(rng.integers(5, 16)))).strip() or "CENT"
    other = "".join(str(d) for d in rng.integers(0, 10, int(rng.integers(1, 5))))
    elements = [ElementSpec(text, 0, height=height, radius=radius), ElementSpec(other, 180, True, height, radius)]
    mark = MarkSpec(tuple(elements), 0.3, height, radius)
    depth = float(rng.uniform(0.015, 0.03)) * (-1 if raised else 1)
    shape.add_mark(relief, mark, Strike(depth, 0.02, 0.0, 0.01, 0.2, 0.0), float(rng.uniform(0, 360)), rng)


def coin(grid: Grid, light: Light, view: View, rng: np.random.Generator) -> Painted:
    """A raised rim, a legend round the edge, a lump in the middle like a portrait; old coins are not round."""
    relief = shape.blank(grid)
    shape.add_groove(relief, 0.95, 0.04, -0.03)
    if rng.random() < 0.85:
        _letters(relief, rng, 0.78, float(rng.uniform(0.13, 0.22)), True)
    reach = rng.uniform(0.4, 0.65)
    lump = smooth_step((np.float32(reach) - grid.radius + noise(rng, grid.shape, 5, 2) * np.float32(0.13)) * 6)
    relief.height += lump * (np.float32(0.06) + noise(rng, grid.shape, 9, 4) * np.float32(0.022))
    if rng.random() < 0.3:
        shape.add_groove(relief, float(rng.uniform(0.5, 0.68)), 0.02, 0.02)
    albedo = _metal(grid, rng, ("copper", "nickel", "dull brass", "steel", "brass"))
    dim(albedo, 1 - np.clip(-relief.height * 10, 0, 0.5))
    wobble = noise(rng, grid.shape, 4, 2) * np.float32(rng.choice([0.0, 0.025], p=[0.6, 0.4]))
    return shade(grid, relief.height, albedo, light, view, float(rng.uniform(0.15, 0.45)), 0), _cover(
        grid, 0.99 - grid.radius + wobble
    )


def _angle(grid: Grid) -> Array:
    return np.asarray(np.arctan2(grid.y, grid.x), np.float32)


def bolt(grid: Grid, light: Light, view: View, rng: np.random.Generator) -> Painted:
    """A hexagon with a round chamfer, sometimes on a washer, sometimes a socket in the middle or letters on it."""
    relief = shape.blank(grid)
    hexagonal = np.abs((_angle(grid) + np.float32(rng.uniform(0, 6))) % np.float32(np.pi / 3) - np.float32(np.pi / 6))
    washer = rng.random() < 0.4
    size = 0.75 if washer else 0.99
    inside = np.float32(size * 0.866) - grid.radius * np.cos(hexagonal)
    relief.height += smooth_step(inside * 18) * np.float32(0.12)
    relief.height -= np.clip(grid.radius - np.float32(size * 0.8), 0, 1) * (inside > 0) * np.float32(0.6)
    if rng.random() < 0.4:
        relief.height -= smooth_step((np.float32(0.3) - grid.radius * np.cos(hexagonal)) * 30) * np.float32(0.3)
    elif rng.random() < 0.5:
        _letters(relief, rng, 0.4, 0.18, True)
    albedo = _metal(grid, rng, ("steel", "nickel", "black steel", "brass"))
    edge = np.float32(0.98) - grid.radius if washer else inside
    return shade(grid, relief.height, albedo, light, view, 0.3, 0), _cover(grid, edge)


def washer(grid: Grid, light: Light, view: View, rng: np.random.Generator) -> Painted:
    """A flat ring or a thick one: what is behind shows through the middle."""
    relief, hole = shape.blank(grid), float(rng.uniform(0.35, 0.85))
    shape.add_rim(relief, 0.05, 0.03)
    middle = (1 + hole) / 2
    if rng.random() < 0.5:
        relief.height -= np.square((grid.radius - np.float32(middle)) * np.float32(1 / (1 - hole))) * np.float32(
            1 - hole
        )
    shape.add_scratches(relief, rng, 6, 0.004)
    albedo = _metal(grid, rng)
    inside = np.minimum(0.98 - grid.radius, grid.radius - np.float32(hole))
    return shade(grid, relief.height, albedo, light, view, 0.25, 0), _cover(grid, inside)


def cap(grid: Grid, light: Light, view: View, rng: np.random.Generator) -> Painted:
    """A bottle cap: 21 crimps round the edge, painted top."""
    relief = shape.blank(grid)
    wave = np.cos(_angle(grid) * 21) * np.float32(0.03)
    outside = np.clip(grid.radius - np.float32(0.78), 0, 1)
    relief.height -= outside * (np.float32(0.9) + wave * 12)
    _letters(relief, rng, float(rng.uniform(0.35, 0.55)), float(rng.uniform(0.12, 0.3)), False)
    color = linear((float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.1, 0.7)), float(rng.uniform(0.1, 0.7))))
    albedo = flat(grid.shape, color)
    blend(albedo, linear((0.9, 0.9, 0.85)), relief.stroke * np.float32(0.9))
    return shade(grid, relief.height, albedo, light, view, 0.3, 0.5), _cover(grid, 0.95 + wave - grid.radius)


def button(grid: Grid, light: Light, view: View, rng: np.random.Generator) -> Painted:
    """A sewing button with two or four holes, or a snap with a dimple."""
    relief = shape.blank(grid)
    shape.add_groove(relief, 0.7, 0.1, 0.05)
    shape.add_rim(relief, 0.12, 0.06)
    color = linear((float(rng.uniform(0.05, 0.95)),) * 3) * np.float32(rng.uniform(0.7, 1))
    albedo = flat(grid.shape, color)
    count = int(rng.choice([2, 4]))
    for i in range(count):
        a = 2 * np.pi * i / count + 0.3
        away = np.hypot(grid.x - np.float32(0.25 * np.cos(a)), grid.y - np.float32(0.25 * np.sin(a)))
        hole = smooth_step((np.float32(0.11) - away) * 40)
        dim(albedo, 1 - hole * np.float32(0.95))
        relief.height -= hole * np.float32(0.1)
    return shade(grid, relief.height, albedo, light, view, 0.35, 0.6), _cover(grid, 0.98 - grid.radius)


def disc(grid: Grid, light: Light, view: View, rng: np.random.Generator) -> Painted:
    """A plain metal disc, a tin lid or a stud: rings perhaps, letters perhaps, but no pocket."""
    relief = shape.blank(grid)
    shape.add_rim(relief, float(rng.uniform(0.03, 0.15)), 0.03)
    shape.add_turning(relief, rng, float(rng.uniform(0, 0.002)))
    shape.add_scratches(relief, rng, int(rng.integers(0, 12)), 0.004)
    if rng.random() < 0.4:
        relief.height += np.float32(rng.uniform(-0.2, 0.3)) * (1 - grid.radius**2)
    if rng.random() < 0.3:
        _letters(relief, rng, 0.6, 0.2, False)
    return shade(grid, relief.height, _metal(grid, rng), light, view, float(rng.uniform(0.1, 0.4)), 0), _cover(
        grid, 0.98 - grid.radius
    )


def keycap(grid: Grid, light: Light, view: View, rng: np.random.Generator) -> Painted:
    """A square key with a legend; also dice and tiles, near enough."""
    relief = shape.blank(grid)
    over_x, over_y = (np.maximum(np.abs(v) - np.float32(0.6), 0) for v in (grid.x, grid.y))
    corner = np.maximum(over_x, over_y)
    inside = np.float32(0.2) - np.where(corner > 0, np.hypot(over_x, over_y), 0)
    relief.height += np.clip(inside, -0.2, 0.12) * 2
    color = linear((float(rng.choice([0.1, 0.15, 0.85])),) * 3)
    albedo = flat(grid.shape, color)
    text = LATIN[int(rng.integers(26))]
    mark = MarkSpec((ElementSpec(text, 0, radius=0.05, height=0.5),))
    letter = shape.blank(grid)
    shape.add_mark(letter, mark, Strike(0.0, 0.02, 0, 0, 0, 0), 0.0, rng)
    blend(albedo, 1 - color, letter.stroke)
    return shade(grid, relief.height, albedo, light, view, 0.4, 0.2), _cover(grid, inside)


def breech(grid: Grid, light: Light, view: View, rng: np.random.Generator) -> Painted:
    """A breech face under a microscope lamp, or a socket: a glaring ring, a dark hole with a ball or a pin in it."""
    relief = shape.blank(grid)
    hole, wall = float(rng.uniform(0.2, 0.35)), float(rng.uniform(0.72, 0.85))
    relief.height += noise(rng, grid.shape, 6, 3) * np.float32(0.006)
    shape.add_turning(relief, rng, 0.001)
    out = shade(grid, relief.height, _metal(grid, rng, ("steel", "nickel")), light, view, 0.3, 0)
    out *= np.float32(rng.uniform(1.0, 2.6))
    ragged = grid.radius + noise(rng, grid.shape, 8, 2) * np.float32(0.01)
    dim(out, 1 - smooth_step((ragged - np.float32(wall)) * 30) * np.float32(0.93))
    brown = np.exp(-(((grid.radius - np.float32((1 + wall) / 2 + 0.03)) / np.float32(0.05)) ** 2))
    out += colored(brown, linear((0.9, 0.6, 0.35)) * np.float32(rng.uniform(0, 0.35)))
    x, y = grid.x - np.float32(rng.normal(0, 0.07)), grid.y - np.float32(rng.normal(0, 0.07))
    off = np.sqrt(x * x + y * y)
    dim(out, 1 - smooth_step((np.float32(hole) - off) * 30) * np.float32(0.95))
    out += colored(np.exp(-((off / np.float32(0.07)) ** 2)), linear((0.8, 0.8, 0.7)) * np.float32(rng.uniform(0, 1)))
    if rng.random() < 0.6:
        ring = np.exp(-(((off - np.float32(hole * 0.85)) / np.float32(0.02)) ** 2)) * np.float32(0.5)
        out += colored(ring, linear((0.85, 0.7, 0.3)))
    dim(out, 1 + grain(rng, grid.shape) * np.float32(0.04))
    return np.maximum(out, 0), _cover(grid, 0.98 - grid.radius)


THINGS: dict[str, Callable[[Grid, Light, View, np.random.Generator], Painted]] = {
    "coin": coin,
    "bolt": bolt,
    "washer": washer,
    "cap": cap,
    "button": button,
    "disc": disc,
    "keycap": keycap,
    "breech": breech,
}
