"""One cartridge head as it looks: relief, metal, primer, dirt, wear, and light, on a disc or on a strip."""

from __future__ import annotations

import cv2
import numpy as np

from vision.training.render import relief as shape
from vision.training.render.grid import Grid, grain
from vision.training.render.looks import Color, HeadLook
from vision.training.render.marks import MarkSpec
from vision.training.render.metal import LACQUERED, METALS, shade
from vision.training.render.paint import blend, colored, dim, flat
from vision.training.render.relief import Relief, smooth_step
from vision.training.render.truth import Array, ElementTruth

View = tuple[float, float, float]
FRONT: View = (0.0, 0.0, 1.0)


def linear(color: Color) -> Array:
    """A colour as displayed (0..1) as linear light."""
    return np.square(np.array(color, np.float32))


def paint_head(
    grid: Grid, mark: MarkSpec, look: HeadLook, turn_deg: float, rng: np.random.Generator, view: View = FRONT
) -> tuple[Array, tuple[ElementTruth, ...]]:
    """A head in linear light (H, W, 3) with its mark turned turn_deg clockwise; view is the direction to the lens."""
    relief = shape.blank(grid)
    if look.rim:
        shape.add_rim(relief, look.rim, look.rim * 0.45)
    if look.turning:
        shape.add_turning(relief, rng, look.turning)
    lean = rng.normal(0, 0.03, 3)  # no head is quite flat: highlights cover a part of it, not all or nothing
    relief.height += grid.radius * grid.radius * np.float32(lean[0]) + grid.x * grid.y * np.float32(lean[1])
    relief.height += (grid.x * grid.x - grid.y * grid.y) * np.float32(lean[2])
    if look.hammer:
        relief.height += grid.noise(rng, 9, 2) * np.float32(look.hammer)
    elements = shape.add_mark(relief, mark, look.strike, turn_deg, rng)
    if look.dimples:
        _add_dimples(relief, mark, look.dimples, rng)
    _damage(relief, mark, look, rng)
    rust = shape.add_pits(relief, rng, look.corrosion) if look.corrosion else None
    albedo = _head_albedo(relief, look, rust, rng)
    pocket = mark.pocket_ratio if look.primer != "none" else 0.0
    if pocket and look.primer != "open":
        _add_primer(relief, albedo, pocket, look, rng)
    if look.graininess:
        relief.height += grain(rng, grid.shape) * np.float32(look.graininess * 0.25 / grid.scale)
    gloss = 0.7 if look.metal in LACQUERED else 0.0
    rgb = shade(grid, relief.height, albedo, look.light, view, look.roughness, gloss)
    _rub(rgb, relief, look, rng)
    if look.glints:
        _add_glints(rgb, grid, look.glints, rng)
    if pocket and look.primer == "open":
        _open_pocket(rgb, grid, pocket, look, view, rng)
    if look.fill is not None:
        _paint_strokes(rgb, relief, look, mark.height, rng)
    return rgb, elements


def _add_dimples(relief: Relief, mark: MarkSpec, count: int, rng: np.random.Generator) -> None:
    """Round pits or small rings between and beside the letters, mostly alike, as crimping tools leave them."""
    middle = mark.band_radius + float(rng.normal(0, 0.04))
    size, depth = float(rng.uniform(0.02, 0.05)), float(rng.uniform(0.2, 0.7))
    evenly, start = rng.random() < 0.6, rng.uniform(0, 2 * np.pi)
    for i in range(count):
        a = start + (2 * np.pi * i / count if evenly else rng.uniform(0, 2 * np.pi))
        r = middle + float(rng.normal(0, 0.03))
        x, y, own = float(r * np.cos(a)), float(r * np.sin(a)), size * float(rng.uniform(0.8, 1.2))
        shape.add_dent(relief, x, y, own, own * depth)
        if rng.random() < 0.3:
            shape.add_dent(relief, x, y, own * 0.55, -own * depth * 0.8)


def _damage(relief: Relief, mark: MarkSpec, look: HeadLook, rng: np.random.Generator) -> None:
    """Crimps round the pocket, extractor and ejector dents, scratches."""
    pocket = mark.pocket_ratio
    if look.crimp == "ring":
        shape.add_groove(relief, pocket + float(rng.uniform(0.03, 0.07)), 0.018, 0.02)
    elif look.crimp in ("stab", "segments"):
        count = int(rng.integers(2, 5))
        wide = 2.5 if look.crimp == "segments" else 1.2
        start = rng.uniform(0, 2 * np.pi)
        for i in range(count):
            a = start + 2 * np.pi * i / count
            r = pocket + 0.05
            shape.add_dent(relief, float(r * np.cos(a)), float(r * np.sin(a)), 0.03, 0.03, wide, float(a + np.pi / 2))
    for _ in range(look.dents):
        a, r = rng.uniform(0, 2 * np.pi), rng.uniform(pocket, 1.0)
        size, stretch = float(rng.uniform(0.02, 0.07)), float(rng.uniform(1, 2.5))
        depth = size * float(rng.uniform(0.15, 0.5))
        shape.add_dent(
            relief, float(r * np.cos(a)), float(r * np.sin(a)), size, depth, stretch, float(rng.uniform(0, 3))
        )
    if look.scratches:
        shape.add_scratches(relief, rng, look.scratches, float(rng.uniform(0.001, 0.005)))


def _head_albedo(relief: Relief, look: HeadLook, rust: Array | None, rng: np.random.Generator) -> Array:
    """Metal colour with tarnish in patches, dirt in the strokes and rust, linear."""
    shade_of = linear(METALS[look.metal]) * np.float32(rng.uniform(0.85, 1.1))
    patches = relief.grid.noise(rng, 4, 4)
    dull = smooth_step(patches * np.float32(0.5) + np.float32(look.tarnish - 0.25)) * np.float32(
        0.35 + 0.5 * look.tarnish
    )
    brown = shade_of * np.array([0.5, 0.42, 0.34], np.float32)
    albedo = flat(relief.grid.shape, shade_of)
    blend(albedo, brown, dull)
    dirt = relief.stroke * np.float32(look.dirt * 0.75)
    dim(albedo, 1 - dirt)
    if rust is not None:
        verdigris = look.metal in ("brass", "copper", "red brass", "dull brass") and rng.random() < 0.5
        color = linear((0.36, 0.47, 0.38) if verdigris else (0.33, 0.22, 0.15))
        blend(albedo, color, rust * np.float32(0.85))
    return albedo


def _add_primer(relief: Relief, albedo: Array, pocket: float, look: HeadLook, rng: np.random.Generator) -> None:
    """The pocket's edge and what sits in it: a cup with a rounded edge, perhaps domed or dented by the firing pin."""
    r = relief.grid.radius
    gap = float(rng.uniform(0.015, 0.045))
    inner = pocket - gap
    own_edge = shape.pixel_floor(relief.grid, 0.012)
    cup = np.clip((np.float32(inner) - r) * np.float32(1 / own_edge) + np.float32(0.5), 0, 1)
    pit = np.clip((np.float32(pocket) - r) * np.float32(1 / own_edge) + np.float32(0.5), 0, 1)
    t = np.minimum(r * np.float32(1 / inner), 1.0)
    dome = float(rng.uniform(0.1, 0.35)) * inner if look.primer == "domed" else float(rng.uniform(0, 0.05)) * inner
    rounding = float(rng.uniform(0.12, 0.3))
    edge = np.clip((t - np.float32(1 - rounding)) * np.float32(1 / rounding), 0, 1)
    top = dome * (1 - t * t) - np.float32(rounding * inner * 0.4) * edge * edge + np.float32(rng.uniform(-0.03, 0.01))
    relief.height += pit * np.float32(-0.07) * (1 - cup) + cup * (top - relief.height)
    color = linear(METALS[look.primer_metal]) * np.float32(rng.uniform(0.85, 1.1))
    gap_color = linear(look.sealant) if look.sealant else albedo * np.float32(0.22)
    blend(albedo, gap_color, pit * (1 - cup))
    stain = 1 - np.float32(0.3 * look.tarnish) * np.clip(relief.grid.noise(rng, 8, 2) + 0.5, 0, 1)
    blend(albedo, colored(stain, color), cup)
    if look.sealant and rng.random() < 0.5:
        smear = smooth_step((np.float32(0.03) - np.abs(r - np.float32(pocket))) * np.float32(40)) * np.float32(0.6)
        blend(albedo, linear(look.sealant), smear)
    if look.primer == "shotshell":
        _battery_cup(relief, albedo, inner, rng)
    if look.primer in ("fired", "shotshell") and rng.random() < 0.85:
        x, y = (float(v) for v in rng.normal(0, 0.08 * inner, 2))
        size = inner * float(rng.uniform(0.2, 0.34))
        shape.add_dent(relief, x, y, size, size * float(rng.uniform(0.35, 0.8)))
        shape.add_groove(relief, inner * 0.5, 0.03, -0.004)


def _battery_cup(relief: Relief, albedo: Array, inner: float, rng: np.random.Generator) -> None:
    """A shotshell's primer: a small cup inside a ring of another metal."""
    r, small = relief.grid.radius, inner * float(rng.uniform(0.55, 0.72))
    shape.add_groove(relief, small, 0.02, 0.04)
    within = np.clip((np.float32(small) - r) * np.float32(relief.grid.scale), 0, 1)
    relief.height += within * np.float32(0.03) * (1 - (r * np.float32(1 / small)) ** 2)
    color = linear(METALS[str(rng.choice(["nickel", "copper", "brass"]))])
    blend(albedo, color, within)


def _open_pocket(rgb: Array, grid: Grid, pocket: float, look: HeadLook, view: View, rng: np.random.Generator) -> None:
    """A pocket without its primer, in place: dark walls, a sooty bottom shifted by the view, a black flash hole."""
    depth = float(rng.uniform(0.35, 0.6))
    lean = (view[0] / max(view[2], 0.3), view[1] / max(view[2], 0.3))
    off = rng.normal(0, 0.04, 2)
    bx, by = grid.x - np.float32(depth * lean[0] + off[0]), grid.y - np.float32(depth * lean[1] + off[1])
    bottom = np.sqrt(bx * bx + by * by)
    pixel = np.float32(grid.scale)
    hole = pocket * float(rng.uniform(0.3, 0.45))
    floor_at = np.clip((np.float32(pocket * 0.93) - bottom) * pixel * np.float32(0.4), 0, 1)
    hole_at = np.clip((np.float32(hole) - bottom) * pixel * np.float32(0.5) + np.float32(0.5), 0, 1)
    soot = linear((0.20, 0.18, 0.16)) * np.float32(rng.uniform(0.5, 1.8)) * np.float32(look.light.even * 3)
    mottled = np.clip(1 + np.float32(0.4) * grid.noise(rng, 7, 4), 0.2, 2.5)
    lit = 1 + np.float32(1.5) * smooth_step(
        (bx * np.float32(look.light.slope[0]) + by * np.float32(look.light.slope[1])) * -8
    )
    tint = np.float32(0.5) + (linear((0.5, 0.6, 0.9)) if rng.random() < 0.3 else linear((0.9, 0.8, 0.6)))
    glint = (
        np.exp(-(((bottom - np.float32(hole * 1.1)) / np.float32(0.02)) ** 2)) * np.clip(bx * 6, 0, 1) * np.float32(0.1)
    )
    dark = 1 - np.float32(0.97) * hole_at
    inside = colored(mottled * lit * (0.35 + 0.65 * floor_at) * dark, soot * tint) + colored(glint * dark, tint)
    open_at = np.clip((np.float32(pocket) - grid.radius) * pixel * np.float32(0.7) + np.float32(0.5), 0, 1)
    blend(rgb, inside, open_at)
    lip = np.exp(-(((grid.radius - np.float32(pocket + 0.015)) / np.float32(shape.pixel_floor(grid, 0.012))) ** 2))
    dim(rgb, 1 + np.float32(rng.uniform(-0.5, 0.5)) * lip)


def _rub(rgb: Array, relief: Relief, look: HeadLook, rng: np.random.Generator) -> None:
    """Handling polishes or soils the edges and the floors of strokes, here more and there less, in place."""
    if not look.edges and not look.floors:
        return
    edge = relief.stroke * (1 - relief.stroke) * np.float32(4 * look.edges)
    floor = np.square(relief.stroke) * np.float32(look.floors)
    change = (edge + floor) * (relief.grid.noise(rng, 5, 2) * np.float32(0.5) + np.float32(0.8))
    dim(rgb, np.clip(1 + change, 0.25, 2.6))


def _add_glints(rgb: Array, grid: Grid, count: int, rng: np.random.Generator) -> None:
    """Burnt-out spots all over the ring, in place; they are round or drawn out, as bright as lamps."""
    for _ in range(count):
        a, r = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.5, 1.0))
        x, y, size, stretch = r * np.cos(a), r * np.sin(a), float(rng.uniform(0.008, 0.03)), float(rng.uniform(1, 2.5))
        way, power = float(rng.uniform(0, np.pi)), np.float32(rng.uniform(0.5, 2.0))
        c, s = np.float32(np.cos(way)), np.float32(np.sin(way))
        for window in grid.windows(x, y, 2.5 * size * stretch):
            dx, dy = grid.x[window] - np.float32(x), grid.y[window] - np.float32(y)
            u, v = (c * dx + s * dy) / np.float32(size * stretch), (c * dy - s * dx) / np.float32(size)
            rgb[window] += (power * np.exp(-(u * u + v * v)))[..., None]


def _paint_strokes(rgb: Array, relief: Relief, look: HeadLook, height: float, rng: np.random.Generator) -> None:
    """Paint brushed or rubbed into the strokes, in place: corners round off, lines grow or thin out from place to
    place, a little spills and, the more the head is tarnished, the more is missing."""
    assert look.fill is not None
    missing = np.clip(relief.grid.noise(rng, 12, 2) * np.float32(0.8 * look.tarnish) + np.float32(1.3), 0, 1)
    reach = max(0.5, look.brush * height * relief.grid.scale)
    cover = cv2.GaussianBlur(np.minimum(relief.stroke * np.float32(1.7), 1), (0, 0), reach)
    bold = float(rng.uniform(0.3, 0.5)) + relief.grid.noise(rng, 20, 1) * np.float32(0.07)
    cover = smooth_step((cover - bold) * np.float32(min(6.0, 1.2 + 1.5 * reach)) + np.float32(0.5)) * missing
    blend(rgb, linear(look.fill), cover)
