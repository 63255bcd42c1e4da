"""Round things that are no cartridge heads: coins, bottle caps, bolts, buttons, finger tips, discs and rings.

They are drawn as height maps with a light from one side, cheaply and without pretending to be photos: what the finder
has to learn from them is that a closed round outline alone is not a head.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from vision.types import Floats, Rgb

Thing = tuple[Floats, Floats, Floats]  # height, albedo (H, W, 3) 0..1 and cover 0..1 of a square picture
_SIZE = 224


def _grid() -> tuple[Floats, Floats, Floats, Floats]:
    half = (_SIZE - 1) / 2
    y, x = ((np.mgrid[:_SIZE, :_SIZE] - half) / (half * 0.96)).astype(np.float32)
    return x, y, np.hypot(x, y), np.arctan2(y, x)


def _step(value: npt.NDArray[Any], width: float = 0.02) -> Floats:
    return np.asarray(np.clip(0.5 + value / width, 0, 1), np.float32)


def _noise(rng: np.random.Generator, cells: int) -> Floats:
    small = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(small, (_SIZE, _SIZE), interpolation=cv2.INTER_CUBIC), np.float32)


def _metal(rng: np.random.Generator) -> Floats:
    colours = ((0.8, 0.65, 0.35), (0.75, 0.5, 0.38), (0.7, 0.7, 0.7), (0.35, 0.27, 0.2), (0.45, 0.45, 0.4))
    return np.asarray(np.clip(np.array(colours[rng.integers(len(colours))]) + rng.normal(0, 0.05, 3), 0, 1), np.float32)


def _any_colour(rng: np.random.Generator) -> Floats:
    return np.asarray(rng.uniform(0.05, 0.95, 3), np.float32)


def _lettering(rng: np.random.Generator, radius: float, share: float) -> Floats:
    """Letters round a ring, as a mask: on a coin as on a head."""
    mask = np.zeros((_SIZE, _SIZE), np.float32)
    scale = float(rng.uniform(0.35, 0.8)) * _SIZE / 224
    count = max(3, int(share * 2 * np.pi * radius * _SIZE * 0.48 / (22 * scale)))
    start = rng.uniform(0, 2 * np.pi)
    for i in range(count):
        angle = start + i * share * 2 * np.pi / count
        letter = np.zeros((_SIZE, _SIZE), np.uint8)
        origin = (int(_SIZE / 2 - 9 * scale), int(_SIZE / 2 - radius * _SIZE * 0.48 + 10 * scale))
        cv2.putText(letter, chr(int(rng.integers(65, 91))), origin, 0, scale, 255, int(rng.integers(1, 4)), cv2.LINE_AA)
        turn = cv2.getRotationMatrix2D((_SIZE / 2, _SIZE / 2), -np.degrees(angle), 1.0)
        mask = np.maximum(mask, cv2.warpAffine(letter, turn, (_SIZE, _SIZE)).astype(np.float32) / 255)
    return mask


def _outline(rng: np.random.Generator, r: Floats, a: Floats, rough: float) -> Floats:
    """Cover of a disc whose edge wanders by rough."""
    wander = sum(rng.normal(0, rough / k) * np.cos(k * a + rng.uniform(0, 6.28)) for k in range(2, 8))
    return _step(0.95 + np.asarray(wander, np.float32) - r)


def coin(rng: np.random.Generator) -> Thing:
    """A disc with relief in the middle and often letters round it; old ones are not quite round."""
    _x, _y, r, a = _grid()
    cover = _outline(rng, r, a, float(rng.choice([0.0, 0.012])))
    height = 0.5 * _step(r - rng.uniform(0.85, 0.93)) * _step(0.95 - r)
    figure = sum(_noise(rng, int(c)) / c for c in (5, 9, 17, 33))
    within = _step(rng.uniform(0.5, 0.75) - r, 0.1)
    shape = _step(np.asarray(figure, np.float32) - 0.02, 0.08) + 2.0 * np.asarray(figure, np.float32)
    height = height + rng.uniform(0.3, 1.2) * shape * within
    if rng.random() < 0.8:
        letters = _lettering(rng, float(rng.uniform(0.7, 0.82)), float(rng.uniform(0.4, 1)))
        height = height + rng.uniform(0.3, 1.0) * letters
    if rng.random() < 0.4:
        height = height + 0.4 * (np.cos(a * int(rng.integers(40, 90))) > 0) * (np.abs(r - 0.89) < 0.03)
    albedo = _metal(rng) * (1 + 0.25 * _noise(rng, int(rng.integers(6, 40)))[..., None])
    return np.asarray(height, np.float32), np.asarray(albedo, np.float32), cover


def cap(rng: np.random.Generator) -> Thing:
    """A crown cap: a fluted edge and a flat print."""
    _x, _y, r, a = _grid()
    flutes = np.cos(a * 21 + rng.uniform(0, 6))
    cover = _step(0.93 + 0.03 * flutes - r)
    height = -1.5 * np.maximum(r - 0.72, 0) * (1.5 + flutes)
    albedo = np.broadcast_to(_any_colour(rng), (_SIZE, _SIZE, 3)).copy()
    print_mask = _step(_noise(rng, int(rng.integers(4, 9))), 0.1) * (r < rng.uniform(0.4, 0.7))
    if rng.random() < 0.6:
        letters = _lettering(rng, float(rng.uniform(0.45, 0.62)), float(rng.uniform(0.3, 0.9)))
        print_mask = np.maximum(print_mask, letters)
    albedo = albedo + print_mask[..., None] * (_any_colour(rng) - albedo)
    return np.asarray(height * 2, np.float32), np.asarray(albedo, np.float32), cover


def bolt(rng: np.random.Generator) -> Thing:
    """A hexagonal head with a chamfer, sometimes with a socket or a slot, sometimes on a washer."""
    x, y, r, a = _grid()
    sector = np.abs(((a + rng.uniform(0, 6.28)) % (np.pi / 3)) - np.pi / 6)
    hexagon = r * np.cos(sector)
    size = rng.uniform(0.6, 0.82)
    washer = rng.random() < 0.5
    cover = _step(0.95 - r) if washer else _step(size - hexagon)
    height = 3.0 * _step(size - hexagon) - 4.0 * np.maximum(r - size, 0)
    kind = rng.integers(4)
    if kind == 0:
        height = height - 2.0 * _step(0.35 * size - np.maximum(np.abs(x), np.abs(x) * 0.5 + np.abs(y) * 0.87))
    elif kind == 1:
        height = height - 2.0 * _step(0.08 - np.abs(x)) * (r < size)
    elif kind == 2:
        height = height - 1.5 * _step(0.1 - np.minimum(np.abs(x), np.abs(y))) * (r < 0.6 * size)
    albedo = _metal(rng) * (1 + 0.15 * _noise(rng, 30)[..., None])
    return np.asarray(height, np.float32), np.asarray(albedo, np.float32), cover


def button(rng: np.random.Generator) -> Thing:
    """A disc with a dished middle and two or four holes."""
    x, y, r, _a = _grid()
    height = 1.2 * _step(r - rng.uniform(0.6, 0.75), 0.08)
    albedo = np.broadcast_to(_any_colour(rng), (_SIZE, _SIZE, 3)).copy()
    count = int(rng.choice([2, 4]))
    for i in range(count):
        t = 2 * np.pi * i / count + 0.4
        hole = _step(0.1 - np.hypot(x - 0.22 * np.cos(t), y - 0.22 * np.sin(t)))
        albedo = albedo * (1 - 0.9 * hole[..., None])
    return height, np.asarray(albedo, np.float32), _step(0.95 - r)


def finger(rng: np.random.Generator) -> Thing:
    """The end of a finger, with or without a nail."""
    x, y, _r, _a = _grid()
    width = rng.uniform(0.4, 0.75)
    along = np.maximum(-y - 0.2, 0)
    distance = np.hypot(x / width, along / (0.75 * width + 0.1))
    height = 6.0 * np.sqrt(np.maximum(1 - distance**2, 0))
    skin = np.array([0.85, 0.6, 0.5]) * rng.uniform(0.3, 1.1)
    albedo = skin * (1 + 0.05 * _noise(rng, 40)[..., None]) * np.ones((_SIZE, _SIZE, 1))
    if rng.random() < 0.5:
        nail = _step(1 - np.hypot(x / (0.6 * width), (y + 0.45) / 0.35), 0.05)
        albedo = albedo * (1 + 0.2 * nail[..., None])
        height = height + 0.3 * nail
    return np.asarray(height, np.float32), np.asarray(albedo, np.float32), _step(1 - distance, 0.04)


def disc(rng: np.random.Generator) -> Thing:
    """A plain or printed disc, a ball, a lid, a cup from above: round, and nothing like a pocket of the right size."""
    _x, _y, r, _a = _grid()
    height = rng.choice([0.0, 3.0]) * np.sqrt(np.maximum(1 - r**2, 0))
    if rng.random() < 0.5:
        edge = rng.uniform(0.72, 0.92)
        height = height + rng.uniform(-1, 1) * _step(r - edge, 0.03)
    albedo = np.broadcast_to(_any_colour(rng), (_SIZE, _SIZE, 3)).copy()
    if rng.random() < 0.5:
        patch = _step(_noise(rng, int(rng.integers(3, 12))), 0.2) * (r < rng.uniform(0.4, 0.95))
        albedo = albedo + patch[..., None] * (_any_colour(rng) - albedo)
    if rng.random() < 0.3:
        patch = _step(rng.uniform(0.05, 0.2) - r)
        albedo = albedo + patch[..., None] * (_any_colour(rng) - albedo)
    return np.asarray(height, np.float32), np.asarray(albedo, np.float32), _step(0.95 - r)


KINDS: tuple[Callable[[np.random.Generator], Thing], ...] = (coin, coin, coin, cap, bolt, button, finger, disc)


def _shade(rng: np.random.Generator, thing: Thing) -> Floats:
    """Colours 0..255 of a thing under one lamp, diffuse and a broad gloss."""
    height, albedo, _ = thing
    smooth = cv2.GaussianBlur(height, (0, 0), 1.0)
    gx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1.2)
    gy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1.2)
    normal = np.stack([-gx, -gy, np.ones_like(gx)], axis=2)
    normal = normal / np.linalg.norm(normal, axis=2, keepdims=True)
    turn, lift = rng.uniform(0, 2 * np.pi), rng.uniform(0.4, 1.3)
    lamp = np.array([np.cos(turn) * np.cos(lift), np.sin(turn) * np.cos(lift), np.sin(lift)], np.float32)
    facing = np.maximum(normal @ lamp, 0)
    halfway = lamp + np.array([0, 0, 1], np.float32)
    gloss = np.maximum(normal @ (halfway / np.linalg.norm(halfway)), 0) ** int(rng.integers(8, 60))
    diffuse = rng.uniform(0.2, 0.5) + rng.uniform(0.5, 1.0) * facing[..., None]
    lit = albedo * diffuse + rng.uniform(0, 0.5) * gloss[..., None]
    return np.asarray(np.clip(lit, 0, 1) * 255, np.float32)


def place_things(rng: np.random.Generator, rgb: Rgb, count: int) -> Rgb:
    """The picture (H, W, 3) with count round things laid on it anywhere, of any size, tilted to 35 degrees."""
    out = np.asarray(rgb, np.float32)
    height, width = rgb.shape[:2]
    for _ in range(count):
        thing = KINDS[rng.integers(len(KINDS))](rng)
        picture = np.dstack([_shade(rng, thing), thing[2] * 255])
        scale = float(np.exp(rng.uniform(np.log(0.1), np.log(0.8)))) * max(height, width) / _SIZE
        turn, lean = rng.uniform(0, 2 * np.pi), np.cos(np.radians(rng.uniform(0, 35)))
        c, s = np.cos(turn), np.sin(turn)
        squash = np.array([[c, -s], [s, c]]) @ np.diag([1, lean]) @ np.array([[c, s], [-s, c]])
        spin = rng.uniform(0, 2 * np.pi)
        matrix = scale * squash @ np.array([[np.cos(spin), -np.sin(spin)], [np.sin(spin), np.cos(spin)]])
        at = rng.uniform(0.05, 0.95, 2) * (width, height)
        offset = at - matrix @ np.array([_SIZE / 2, _SIZE / 2])
        soft = cv2.GaussianBlur(picture, (0, 0), 0.45 / scale) if scale < 0.8 else picture
        laid = cv2.warpAffine(soft, np.column_stack([matrix, offset]), (width, height), flags=cv2.INTER_LINEAR)
        cover = laid[..., 3:] / 255
        out = np.asarray(out * (1 - cover) + laid[..., :3] * cover, np.float32)
    noisy = cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.3, 1.5))) + rng.normal(0, rng.uniform(0.5, 5), rgb.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)
