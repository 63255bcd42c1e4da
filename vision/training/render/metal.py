"""How metal looks: colours, lights, and shading of a height map with a small microfacet-like model.

Metal mirrors what is around it, so each pixel looks up a made-up surrounding (a gradient, lamps, windows) in its mirror
direction; lamps are spherical Gaussians (Wang et al., All-Frequency Rendering of Dynamic, Spatially-Varying
Reflectance, 2009), wide for rough metal. Colours are linear light; display is its square root, near enough to sRGB.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from vision.training.render.grid import Grid
from vision.training.render.paint import dim, spread
from vision.training.render.truth import Array

# Colours as they look on screen under white light, 0..1.
METALS: dict[str, tuple[float, float, float]] = {
    "brass": (0.87, 0.74, 0.43),
    "red brass": (0.87, 0.68, 0.42),
    "dull brass": (0.70, 0.62, 0.40),
    "copper": (0.84, 0.56, 0.42),
    "steel": (0.66, 0.65, 0.63),
    "nickel": (0.80, 0.78, 0.74),
    "aluminium": (0.83, 0.83, 0.83),
    "green lacquer": (0.40, 0.42, 0.32),
    "grey lacquer": (0.44, 0.45, 0.45),
    "brown lacquer": (0.46, 0.38, 0.30),
    "black steel": (0.24, 0.24, 0.25),
}
LACQUERED = ("green lacquer", "grey lacquer", "brown lacquer", "black steel")


@dataclass(frozen=True, slots=True)
class Lamp:
    """A light seen in the mirror: direction (unit, towards the light, z out of the head), power, and
    sharpness (3 is a bright wall, 200 a bare bulb)."""

    direction: tuple[float, float, float]
    power: float
    sharpness: float


@dataclass(frozen=True, slots=True)
class Light:
    """All that shines on a head: an even part, a slope (brighter towards one side), lamps, and a window (mirror x, y,
    half width, half height, strength) or None. tint is the colour of the lamps, linear."""

    even: float
    slope: tuple[float, float]
    lamps: tuple[Lamp, ...]
    window: tuple[float, float, float, float, float] | None = None
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)


def unit(x: float, y: float, z: float) -> tuple[float, float, float]:
    """The vector (x, y, z), which is not all zero, at length 1."""
    n = (x * x + y * y + z * z) ** 0.5
    return x / n, y / n, z / n


def random_light(rng: np.random.Generator, kind: str | None = None) -> Light:
    """One of: raking (a low lamp), flash (beside the lens), soft (overcast), window, room (several)."""
    kind = kind or str(rng.choice(["raking", "flash", "soft", "window", "room"], p=[0.25, 0.15, 0.2, 0.2, 0.2]))
    around = rng.uniform(0, 2 * np.pi)
    x, y = float(np.cos(around)), float(np.sin(around))
    tint = (1.0, 1.0 - float(rng.uniform(0, 0.06)), 1.0 - float(rng.uniform(0, 0.14)))
    return replace(_light_of(kind, rng, x, y), tint=tint)


def _light_of(kind: str, rng: np.random.Generator, x: float, y: float) -> Light:
    """A light of a kind that comes from direction (x, y)."""

    def lamp(dx: float, dy: float, z: float, power: float, sharpness: float) -> Lamp:
        return Lamp(unit(dx, dy, z), float(power), float(sharpness))

    slope = (0.25 * x, 0.25 * y)
    if kind == "raking":
        low = rng.uniform(0.15, 0.6)
        return Light(
            0.3, slope, (lamp(x, y, low, rng.uniform(1.2, 2.6), rng.uniform(3, 12)), lamp(-x, -y, 0.9, 0.25, 4))
        )
    if kind == "flash":
        off = rng.uniform(0.05, 0.3)
        return Light(0.22, slope, (lamp(x * off, y * off, 1, rng.uniform(0.6, 1.6), rng.uniform(12, 60)),))
    if kind == "soft":
        return Light(0.45, slope, (lamp(x * 0.7, y * 0.7, 0.8, rng.uniform(0.3, 0.8), rng.uniform(1.5, 4)),))
    if kind == "window":
        at = rng.uniform(0.05, 0.7)
        window = (
            x * at,
            y * at,
            float(rng.uniform(0.12, 0.3)),
            float(rng.uniform(0.12, 0.4)),
            float(rng.uniform(0.6, 1.6)),
        )
        return Light(0.33, slope, (lamp(x, y, 0.6, 0.5, 4),), window)
    extra = []
    for _ in range(3):
        dx, dy = (float(v) for v in rng.normal(0, 0.7, 2))
        extra.append(lamp(dx, dy, 0.7, rng.uniform(0.3, 1.1), rng.uniform(4, 40)))
    return Light(0.33, slope, tuple(extra))


def surroundings(light: Light, mx: Array, my: Array, mz: Array, roughness: float) -> Array:
    """Linear light (H, W, 3) coming from mirror directions (unit vectors)."""
    soft = 1 / (1 + 40 * roughness * roughness)
    base = np.float32(light.even) * (1 + np.float32(0.55) * mz) * np.float32(0.75)
    base = base + np.float32(light.slope[0]) * mx + np.float32(light.slope[1]) * my
    base = np.maximum(base, np.float32(0.04))
    if light.window is not None:
        wx, wy, hw, hh, power = (np.float32(v) for v in light.window)
        edge = np.float32(1 / (0.03 + roughness))
        pane = np.clip((hw - np.abs(mx - wx)) * edge + 0.5, 0, 1) * np.clip((hh - np.abs(my - wy)) * edge + 0.5, 0, 1)
        base = base + power * pane * (mz > 0)
    glow = np.zeros_like(base)
    for lamp in light.lamps:
        k = np.float32(max(1.5, lamp.sharpness * soft * 2))
        dx, dy, dz = (np.float32(v) for v in lamp.direction)
        strength = np.float32(lamp.power * (0.35 + 0.65 * min(1.0, float(k) / 12)))
        glow += cv2.exp((mx * dx + my * dy + mz * dz - 1) * k) * strength
    return np.asarray(cv2.merge([base + glow * np.float32(c) for c in light.tint]), np.float32)


def normals(gx: Array, gy: Array) -> tuple[Array, Array, Array]:
    """Unit normals of a surface with slopes gx, gy."""
    inverse = np.asarray(1 / np.sqrt(1 + gx * gx + gy * gy), np.float32)
    return -gx * inverse, -gy * inverse, inverse


def mirror(n: tuple[Array, Array, Array], view: tuple[float, float, float]) -> tuple[Array, Array, Array]:
    """Mirror directions of a viewing direction (unit, towards the eye) at normals n."""
    vx, vy, vz = (np.float32(v) for v in view)
    twice = 2 * (n[0] * vx + n[1] * vy + n[2] * vz)
    return n[0] * twice - vx, n[1] * twice - vy, n[2] * twice - vz


def shade(
    grid: Grid,
    height: Array,
    albedo: Array,
    light: Light,
    view: tuple[float, float, float],
    roughness: float,
    gloss: float,
) -> Array:
    """Linear light (H, W, 3) leaving a relief: albedo (H, W, 3) times its mirrored surroundings, some of it diffused,
    darkened where strokes are deep, with a colourless coat of strength gloss (lacquer)."""
    n = normals(*grid.slopes(height))
    seen = surroundings(light, *mirror(n, view), roughness)
    facing = np.clip(n[0] * np.float32(light.slope[0] * 2) + n[1] * np.float32(light.slope[1] * 2) + n[2], 0.05, 2)
    reach = max(1.0, 0.03 * grid.scale)
    hidden = np.clip((cv2.blur(height, (int(2 * reach) | 1,) * 2) - height) * np.float32(22), 0, 0.65)
    lit = seen * np.float32(0.82) + spread(facing * np.float32(light.even * 0.35))
    out = lit * albedo
    if gloss > 0:
        out += np.float32(gloss * 0.35) * np.maximum(seen - np.float32(0.5), 0)
    dim(out, 1 - hidden)
    return np.asarray(out, np.float32)
