"""Spoils a rendered strip in plain ways that no lens or lamp of the renderer gives it: the reader must not depend on
how exactly the renders look, only on what stands there.

Every way is drawn by chance and none keeps to physics: fewer pixels, a wavering outline, a phone's sharpening, glints
and stains, another tone, noise, coarse JPEG. Strips are rings: nothing here has an edge where the ring closes.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from vision.training.render.truth import StripTruth
from vision.types import Rgb

Floats = npt.NDArray[np.float32]
Reals = npt.NDArray[np.floating]
# Columns repeated on both sides while a strip is filtered, so that its ends meet.
AROUND_PX = 24


def roughened(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """rgb (48, W, 3) spoilt by some of the ways; the columns and rows stay where they are to within 2 pixels."""
    around = min(AROUND_PX, rgb.shape[1])
    wide = np.concatenate([rgb[:, -around:], rgb, rgb[:, :around]], axis=1).astype(np.float32)
    for share, spoil in _WAYS:
        if rng.random() < share:
            wide = np.clip(spoil(wide, rng), 0, 255).astype(np.float32)
    return np.ascontiguousarray(wide[:, around:-around]).round().astype(np.uint8)


def parted(rgb: Rgb, truth: StripTruth, rng: np.random.Generator) -> Rgb:
    """rgb (48, W, 3) with one to five lines from pocket to rim between its characters, which are no ones: grooves,
    ridges or paint, as bunters that part a head into fields leave them."""
    height, width = rgb.shape[:2]
    gaps = _gaps(truth, width, 14.0)
    if not gaps:
        return rgb
    row = np.arange(height, dtype=np.float32)[:, None]
    out = rgb.astype(np.float32)
    half, lit = float(rng.uniform(0.6, 2.6)), rng.random() < 0.6
    power = float(rng.choice([-1, 1])) * float(rng.uniform(25, 130))
    top, bottom = (float(rng.uniform(-0.2, 0.12)) * height for _ in range(2))
    for left, right in rng.permutation(gaps)[: int(rng.integers(1, 6))]:
        middle = (left + right) / 2 + rng.normal(0, 1.5) + (row - height / 2) * rng.normal(0, 0.04)
        off = _columns_from(middle, width)
        line = np.exp(-((off / half) ** 2)) * (off / half if lit else 1.0)
        inside = np.clip(row - top, 0, 1) * np.clip(height - bottom - row, 0, 1)
        out += (line * inside * power)[..., None]
    return np.clip(out, 0, 255).round().astype(np.uint8)


def dented(rgb: Rgb, truth: StripTruth, rng: np.random.Generator) -> Rgb:
    """rgb (48, W, 3) with two to eight round dents between its characters, which are no noughts: bowls, and flat
    bottoms with a rounded edge, as the punches of crimping and priming tools leave them, lit from one side of the
    head."""
    height, width = rgb.shape[:2]
    gaps = _gaps(truth, width, 12.0)
    if not gaps:
        return rgb
    row = np.arange(height, dtype=np.float32)[:, None]
    out = rgb.astype(np.float32)
    light, count = float(rng.uniform(0, 2 * np.pi)), int(rng.integers(2, 9))
    size, at = float(rng.uniform(0.12, 0.30)) * height, float(rng.uniform(0.3, 0.7)) * height
    flat, shade, glint = float(rng.uniform(0, 0.85)), float(rng.uniform(30, 120)), float(rng.uniform(0, 160))
    for left, right in (gaps[i] for i in rng.integers(len(gaps), size=count)):
        radius = min(size * float(np.exp(rng.normal(0, 0.12))), (right - left) / 2 + 1.0)
        middle, centre = float(rng.uniform(left + radius, max(right - radius, left + radius))), at + rng.normal(0, 2.0)
        # The ring turns under the light; a strip's columns go round it clockwise from 12 o'clock.
        toward = light - 2 * np.pi * middle / width
        x, y = _columns_from(middle, width) / radius, (row - centre) / radius
        away = np.sqrt(x * x + y * y)
        steep = np.clip((away - flat) / (1 - flat), 0, 1) * np.clip((1.15 - away) / 0.3, 0, 1)
        lit = steep * (x * np.cos(toward) + y * np.sin(toward)) / np.maximum(away, 0.1)
        seen = (x + 0.4 * np.cos(toward)) ** 2 + (y + 0.4 * np.sin(toward)) ** 2
        out += (lit * shade + np.exp(-seen * 5.0) * glint)[..., None]
    return np.clip(out, 0, 255).round().astype(np.uint8)


def _gaps(truth: StripTruth, width: int, least: float) -> list[tuple[float, float]]:
    """The columns, left and right (beyond width where one goes round), between characters that leave more than
    least."""
    spans = [(c.angle_deg, c.span_deg) for e in truth.elements for c in e.characters]
    ends = sorted((a - s / 2, a + s / 2) for a, s in spans)
    nexts = [*ends[1:], *((left + 360, right + 360) for left, right in ends[:1])]
    between = [(a[1] / 360 * width, b[0] / 360 * width) for a, b in zip(ends, nexts, strict=True)]
    return [(left, right) for left, right in between if right - left > least]


def _columns_from(middle: float | Reals, width: int) -> Reals:
    """How far each column lies to the right of a place (one, or one a row), the short way round the ring."""
    return np.asarray((np.arange(width, dtype=np.float32) - middle + width / 2) % width - width / 2)


def _fewer_pixels(image: Floats, rng: np.random.Generator) -> Floats:
    height, width = image.shape[:2]
    share = float(rng.uniform(0.22, 0.8))
    small = cv2.resize(image, (max(8, round(width * share)), max(8, round(height * share))),
                       interpolation=cv2.INTER_AREA)  # fmt: skip
    back = (cv2.INTER_CUBIC, cv2.INTER_LINEAR, cv2.INTER_LANCZOS4)[int(rng.integers(3))]
    return np.asarray(cv2.resize(small, (width, height), interpolation=back), np.float32)


def _wavering(image: Floats, rng: np.random.Generator) -> Floats:
    """Outlines pushed about smoothly by up to 2 pixels: letterforms no font has."""
    height, width = image.shape[:2]
    grain = float(rng.uniform(6, 20))
    size = (3 + round(width / grain), 3 + round(height / grain))
    push = rng.normal(0, rng.uniform(0.3, 0.9), (2, size[1], size[0])).astype(np.float32)
    dx, dy = (np.clip(cv2.resize(p, (width, height), interpolation=cv2.INTER_CUBIC), -2, 2) for p in push)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    moved = cv2.remap(image, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _sharpened(image: Floats, rng: np.random.Generator) -> Floats:
    """A phone's sharpening, halos included."""
    soft = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.7, 3.0)))
    return image + np.float32(rng.uniform(0.3, 2.5)) * (image - soft)


def _glints(image: Floats, rng: np.random.Generator) -> Floats:
    """Blobs of light or dirt, as lamps leave in dents."""
    height, width = image.shape[:2]
    over = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 3 + width // 60))):
        center = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (1 + int(rng.gamma(2, 1.5)), 1 + int(rng.gamma(2, 2.0)))
        cv2.ellipse(over, center, axes, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(0.3, 1)), -1)
    over = np.asarray(cv2.GaussianBlur(over, (0, 0), float(rng.uniform(0.4, 2.0))), np.float32)[..., None]
    color = np.float32(rng.uniform(200, 255) if rng.random() < 0.75 else rng.uniform(0, 60))
    return image * (1 - over) + color * over


def _toned(image: Floats, rng: np.random.Generator) -> Floats:
    """Another gamma, clipped lights or darks, now and then a negative (light from below)."""
    unit = np.clip((image / 255 - rng.uniform(0, 0.12)) * rng.uniform(1.0, 1.4), 0, 1) ** np.exp(rng.normal(0, 0.4))
    return np.asarray(255 * (1 - unit if rng.random() < 0.15 else unit), np.float32)


def _noisy(image: Floats, rng: np.random.Generator) -> Floats:
    noise = rng.normal(0, rng.uniform(2, 14), (*image.shape[:2], 1)).astype(np.float32)
    sigma = float(rng.uniform(0, 1.5))
    return image + (
        np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma))[..., None] * (1 + 2 * sigma) if sigma > 0.4 else noise
    )


def _blurred(image: Floats, rng: np.random.Generator) -> Floats:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.5, 2.2))), np.float32)


def _coarse_jpeg(image: Floats, rng: np.random.Generator) -> Floats:
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(12, 70))]
    done, data = cv2.imencode(".jpg", image.round().astype(np.uint8), quality)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.float32) if done else image


# The share of strips each way spoils, in the order they happen to a picture.
_WAYS: tuple[tuple[float, Callable[[Floats, np.random.Generator], Floats]], ...] = (
    (0.50, _wavering),
    (0.30, _glints),
    (0.20, _blurred),
    (0.30, _fewer_pixels),
    (0.25, _noisy),
    (0.35, _sharpened),
    (0.35, _toned),
    (0.25, _coarse_jpeg),
)
