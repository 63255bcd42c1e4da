"""What heads lie on or are held before: cloth, sand, wood, painted boards, paper, keyboards, rooms out of focus.

Each gives a picture (H, W, 3) in linear light. They are drawn small and enlarged where they are smooth anyway.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from vision.training.render.grid import grain, noise
from vision.training.render.paint import blend, colored, dim
from vision.training.render.truth import Array

Size = tuple[int, int]  # rows, columns


def _color(rng: np.random.Generator, low: float = 0.15, high: float = 0.9, chroma: float = 0.25) -> Array:
    level = rng.uniform(low, high)
    return np.clip(level + rng.normal(0, chroma * 0.5, 3), 0.03, 0.97).astype(np.float32)


def _tint(values: Array, color: Array) -> Array:
    """A displayed colour modulated by values (H, W) around 1, as linear light."""
    return colored(np.square(values), np.square(color))


def plain(rng: np.random.Generator, shape: Size) -> Array:
    """An even surface with a soft gradient: paper, card, painted metal."""
    color = _color(rng, 0.2, 0.95, 0.15)
    return _tint(
        1 + noise(rng, shape, 2, 2) * np.float32(0.05) + grain(rng, shape) * np.float32(rng.uniform(0, 0.02)), color
    )


def paper(rng: np.random.Generator, shape: Size) -> Array:
    """White or black card, as behind reference photos."""
    level = rng.choice([rng.uniform(0.9, 1.0), rng.uniform(0.0, 0.1), rng.uniform(0.5, 0.9)], p=[0.6, 0.2, 0.2])
    return _tint(1 + noise(rng, shape, 2, 1) * np.float32(0.015), np.full(3, level, np.float32))


def cloth(rng: np.random.Generator, shape: Size) -> Array:
    """A weave with folds, perhaps checked."""
    rows, columns = shape
    period = rng.uniform(2.5, 9) * max(shape) / 640
    y, x = np.arange(rows, dtype=np.float32)[:, None], np.arange(columns, dtype=np.float32)[None]
    weave = np.sin(x * np.float32(2 * np.pi / period)) * np.sin(y * np.float32(2 * np.pi / period))
    values = (
        1 + weave * np.float32(0.1) + noise(rng, shape, 4, 2) * np.float32(0.12) + grain(rng, shape) * np.float32(0.05)
    )
    out = _tint(np.clip(values, 0.2, 2), _color(rng))
    if rng.random() < 0.35:
        wide = max(shape) / rng.uniform(4, 14)
        bands = ((x // wide % 2) + (y // wide % 2)) / 2
        blend(out, _tint(np.clip(values, 0.2, 2), _color(rng)), np.asarray(bands, np.float32))
    return out


def sand(rng: np.random.Generator, shape: Size) -> Array:
    """Sand, soil, gravel or concrete: grains of every size."""
    tone = np.array([[0.72, 0.62, 0.47], [0.45, 0.36, 0.28], [0.55, 0.54, 0.52], [0.62, 0.50, 0.38]], np.float32)
    coarse = rng.uniform(20, 120)
    values = (
        1 + noise(rng, shape, coarse, 3) * np.float32(rng.uniform(0.08, 0.28)) + grain(rng, shape) * np.float32(0.08)
    )
    values += noise(rng, shape, 4, 1) * np.float32(0.08)
    return _tint(np.clip(values, 0.15, 1.9), tone[rng.integers(len(tone))])


def wood(rng: np.random.Generator, shape: Size) -> Array:
    """Planks: grain lines along one side, knots, boards' edges; from pine to painted white."""
    tones = np.array(
        [[0.80, 0.55, 0.28], [0.62, 0.40, 0.22], [0.42, 0.28, 0.18], [0.86, 0.85, 0.83], [0.75, 0.66, 0.52]], np.float32
    )
    pick = int(rng.integers(len(tones)))
    strength = 0.03 if pick == 3 else 0.09
    upright = rng.random() < 0.5
    size = shape[::-1] if upright else shape
    base = noise(rng, size, 3, 2, 3.0)
    fine = noise(rng, size, 60, 2, 14.0)
    lines = np.sin(
        base * 5 + np.arange(size[0], dtype=np.float32)[:, None] * np.float32(rng.uniform(15, 60) / max(size))
    )
    values = (
        1 + lines * np.float32(strength * 0.5) + fine * np.float32(strength * 0.6) + base * np.float32(strength * 0.6)
    )
    values -= np.clip(noise(rng, size, 25, 1, 3) - 2.0, 0, 1) * np.float32(0.5)
    if rng.random() < 0.4:
        at = (np.arange(size[0], dtype=np.float32) / (size[0] / rng.uniform(1.2, 4)) + rng.uniform(0, 1)) % 1
        values *= (1 - 0.5 * np.exp(-((at - 0.5) ** 2) * 20000))[:, None].astype(np.float32)
    out = _tint(np.clip(values, 0.2, 1.6), tones[pick])
    return np.ascontiguousarray(out.transpose(1, 0, 2)) if upright else out


def keyboard(rng: np.random.Generator, shape: Size) -> Array:
    """Rows of keys with pale legends, seen at an angle."""
    key = 48
    board = np.full((key * 8, key * 12, 3), 28, np.uint8)
    light_keys = rng.random() < 0.2
    level = 190 if light_keys else rng.uniform(25, 62)
    for row in range(8):
        for column in range(12):
            x, y = column * key + (row * 13) % key - key // 2, row * key
            tone = level * rng.uniform(0.9, 1.1)
            cv2.rectangle(board, (x + 5, y + 4), (x + key - 6, y + key - 9), (tone,) * 3, -1, cv2.LINE_AA)
            cv2.rectangle(board, (x + 9, y + 6), (x + key - 10, y + key - 16), (tone * 1.2,) * 3, -1, cv2.LINE_AA)
            ink = 40 if light_keys else 215
            letter = chr(65 + int(rng.integers(26)))
            cv2.putText(board, letter, (x + 14, y + 26), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (ink,) * 3, 1, cv2.LINE_AA)
    return _in_perspective(np.square(board.astype(np.float32) / 255), rng, shape)


def _in_perspective(picture: Array, rng: np.random.Generator, shape: Size) -> Array:
    """A picture tilted, turned and zoomed so that it fills a frame."""
    rows, columns = shape
    h, w = picture.shape[:2]
    zoom, angle = rng.uniform(0.3, 0.8), rng.normal(0, 0.4)
    c, s = np.cos(angle) * zoom, np.sin(angle) * zoom
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [columns / max(shape), rows / max(shape)]
    corners[:2] *= rng.uniform(1.0, 1.5)
    source = corners @ np.array([[c, s], [-s, c]]) * min(h, w) / 2 + [w / 2, h / 2]
    target = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]])
    matrix = cv2.getPerspectiveTransform(target.astype(np.float32), source.astype(np.float32))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(picture, matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_REFLECT), np.float32
    )


def room(rng: np.random.Generator, shape: Size) -> Array:
    """A room or a street far out of focus: blurred blocks and lamps."""
    rows, columns = 48, max(8, round(48 * shape[1] / shape[0]))
    out = np.square(np.full((rows, columns, 3), 1, np.float32) * _color(rng))
    for _ in range(int(rng.integers(5, 16))):
        x, y = int(rng.integers(-5, columns)), int(rng.integers(-5, rows))
        w, h = (int(v) for v in rng.integers(3, 30, 2))
        color = tuple(float(v) for v in np.square(_color(rng, 0.05, 0.9)))
        if rng.random() < 0.3:
            cv2.circle(out, (x, y), w // 3 + 1, color, -1)
        else:
            cv2.rectangle(out, (x, y), (x + w, y + h), color, -1)
    out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.8, 4))
    return np.asarray(cv2.resize(out, shape[::-1], interpolation=cv2.INTER_CUBIC).clip(0), np.float32)


def clutter(rng: np.random.Generator, shape: Size) -> Array:
    """Two surfaces that meet along a line, as a table and what lies behind it."""
    kinds: tuple[Callable[[np.random.Generator, Size], Array], ...] = (wood, cloth, keyboard, room, plain)
    first, second = (kinds[int(i)](rng, shape) for i in rng.choice(len(kinds), 2, replace=False))
    a, at = rng.uniform(0, 2 * np.pi), rng.uniform(-0.35, 0.35)
    y, x = (
        np.linspace(-0.5, 0.5, shape[0], dtype=np.float32)[:, None],
        np.linspace(-0.5, 0.5, shape[1], dtype=np.float32)[None],
    )
    steep = np.float32(rng.uniform(20, 300))
    side = (x * np.float32(np.cos(a)) + y * np.float32(np.sin(a)) - np.float32(at)) * steep + np.float32(0.5)
    blend(first, second, np.clip(side, 0, 1))
    return first


SURFACES: dict[str, Callable[[np.random.Generator, Size], Array]] = {
    "plain": plain,
    "paper": paper,
    "cloth": cloth,
    "sand": sand,
    "wood": wood,
    "keyboard": keyboard,
    "room": room,
    "clutter": clutter,
}
_ODDS = {
    "plate": {"paper": 1.0},
    "hand": {"keyboard": 0.2, "room": 0.25, "clutter": 0.3, "cloth": 0.1, "wood": 0.15},
    "sorter": {"room": 0.4, "plain": 0.4, "cloth": 0.2},
}
_USUAL = {
    "plain": 0.1,
    "paper": 0.06,
    "cloth": 0.2,
    "sand": 0.2,
    "wood": 0.22,
    "keyboard": 0.06,
    "room": 0.04,
    "clutter": 0.12,
}


def random_background(rng: np.random.Generator, shape: Size, style: str) -> Array:
    """A background for a style, (H, W, 3) linear."""
    odds = _ODDS.get(style, _USUAL)
    names = list(odds)
    name = names[int(rng.choice(len(names), p=np.array(list(odds.values()))))]
    out = SURFACES[name](rng, shape)
    y, x = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None], np.linspace(-1, 1, shape[1], dtype=np.float32)[None]
    lit = 1 + (x * np.float32(rng.normal(0, 0.15)) + y * np.float32(rng.normal(0, 0.15)))
    if name != "paper":
        dim(out, np.clip(lit, 0.3, 2))
    return out
