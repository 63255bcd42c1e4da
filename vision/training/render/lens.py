"""What lens, sensor and file do to a picture: blur, fall-off, colour cast, noise, sharpening, JPEG. Linear light in,
8 bits out; none of it moves anything by more than a fraction of a pixel, so the ground truth stays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from vision.training.render.grid import grain
from vision.training.render.paint import dim, resized, spread
from vision.training.render.truth import Array
from vision.types import Rgb


@dataclass(frozen=True, slots=True)
class Shot:
    """How a photo was taken: blur radii in pixels, cast (gains of R, G, B), noise as a share of full scale. detail is
    the share of the picture's resolution that the file really had: below 1 it is a small photo enlarged, whose noise,
    sharpening halos and JPEG blocks are larger than a pixel."""

    gain: float = 1.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    defocus: float = 0.0
    motion: tuple[float, float] = (0.0, 0.0)
    vignette: float = 0.0
    noise: float = 0.01
    color_noise: float = 0.3
    sharpen: float = 0.0
    contrast: float = 1.0
    gray: bool = False
    jpeg: int = 90
    detail: float = 1.0


def random_shot(rng: np.random.Generator, style: str, head_px: float) -> Shot:
    """A plausible shot; blur grows with the head's radius in pixels, up to unreadable. Plates are small prints, a
    hundred pixels a head; the rest is about as fine as what is made of it, seldom much coarser."""
    blur = (
        float(rng.choice([0.0, 0.008, 0.02, 0.045], p=[0.55, 0.27, 0.14, 0.04]))
        * head_px
        * float(rng.uniform(0.5, 1.3))
    )
    warm = float(rng.normal(0.05, 0.12)) if style != "sorter" else float(rng.normal(0.02, 0.05))
    green = float(rng.normal(0.12, 0.07)) if style == "sorter" else float(rng.normal(0, 0.03))
    shake = float(rng.choice([0.0, 1.0], p=[0.85, 0.15])) * rng.uniform(0.01, 0.06) * head_px
    way = rng.uniform(0, np.pi)
    plate = style == "plate"
    coarse = float(rng.uniform(0.28, 0.5)) if rng.random() < 0.12 else float(rng.uniform(0.5, 1.0))
    return Shot(
        gain=float(np.exp(rng.normal(0.05, 0.25))),
        cast=(1 + warm, 1 + green, 1 - warm),
        defocus=min(blur, 14.0) * (0.4 if plate else 1.0),
        motion=(0.0, 0.0) if plate else (float(shake * np.cos(way)), float(shake * np.sin(way))),
        vignette=float(rng.uniform(0, 0.35)) if not plate else 0.0,
        noise=float(rng.uniform(0.001, 0.015)) if rng.random() < 0.85 else float(rng.uniform(0.015, 0.05)),
        color_noise=float(rng.uniform(0, 0.6)),
        sharpen=float(rng.uniform(0.4, 2.2)) if rng.random() < (0.8 if style in ("sorter", "plate") else 0.3) else 0.0,
        contrast=float(rng.uniform(0.85, 1.25)),
        gray=bool(rng.random() < (0.85 if plate else 0.05)),
        jpeg=int(rng.integers(45, 97)),
        detail=float(rng.uniform(0.28, 0.75)) if plate else coarse if rng.random() < 0.45 else 1.0,
    )


def _disc_kernel(radius: float) -> Array:
    half = int(np.ceil(radius))
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    kernel = np.clip(np.float32(radius + 0.5) - np.sqrt(x * x + y * y), 0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


def defocus(rgb: Array, radius: float) -> Array:
    """Lens blur: a disc, a Gaussian where it is about a pixel, and on a smaller picture where it is large."""
    if radius < 0.3:
        return rgb
    if radius < 1.2:
        return np.asarray(cv2.GaussianBlur(rgb, (0, 0), radius * 0.6), np.float32)
    if radius > 6:
        factor = 3 / radius
        rows, columns = rgb.shape[:2]
        small = cv2.resize(
            rgb, (max(8, round(columns * factor)), max(8, round(rows * factor))), interpolation=cv2.INTER_AREA
        )
        small = cv2.filter2D(small, -1, _disc_kernel(3.0), borderType=cv2.BORDER_REPLICATE)
        return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)
    return np.asarray(cv2.filter2D(rgb, -1, _disc_kernel(radius), borderType=cv2.BORDER_REPLICATE), np.float32)


def shake(rgb: Array, motion: tuple[float, float]) -> Array:
    """Motion blur along a straight line, centred, so that nothing moves on average."""
    half = int(np.ceil(max(abs(motion[0]), abs(motion[1])) / 2))
    if half < 1:
        return rgb
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    ends = [(round((half + s * motion[0] / 2) * 16), round((half + s * motion[1] / 2) * 16)) for s in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
    kernel = kernel + kernel[::-1, ::-1]
    return np.asarray(cv2.filter2D(rgb, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE), np.float32)


def _fall_off(shape: tuple[int, int], strength: float) -> Array:
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None]
    return np.asarray(1 - np.float32(strength * 0.5) * (x * x + y * y), np.float32)


def _develop(rgb: Array, gains: Array, contrast: float) -> Array:
    """Linear light (H, W, 3) to display, with a film-like shoulder so that highlights roll off as a phone's do."""
    display = np.asarray(cv2.transform(rgb, np.diag(gains)), np.float32)
    np.maximum(display, 0, out=display)
    cv2.sqrt(display, display)
    # In place throughout: fresh arrays of this size cost more than the arithmetic.
    over = display - np.float32(0.8)
    np.maximum(over, 0, out=over)
    display -= over
    over /= 1 + 2 * over
    display += over
    display *= np.float32(contrast)
    display += np.float32(0.45 * (1 - contrast))
    return display


def take(rgb: Array, shot: Shot, rng: np.random.Generator) -> Rgb:
    """The finished photo (H, W, 3) uint8 of a picture in linear light."""
    if shot.detail < 0.95:
        return _enlarged(rgb, shot, rng)
    seen = shake(defocus(rgb, shot.defocus), shot.motion)
    rows, columns = seen.shape[:2]
    display = _develop(seen, np.array(shot.cast, np.float32) * np.float32(shot.gain), shot.contrast)
    if shot.vignette > 0.02:
        dim(display, np.sqrt(_fall_off((rows, columns), shot.vignette)))
    display += spread(grain(rng, (rows, columns)) * np.float32(shot.noise))
    if shot.color_noise > 0.1 and shot.noise > 0.008:
        display += grain(rng, (rows, 3 * columns)).reshape(rows, columns, 3) * np.float32(shot.noise * shot.color_noise)
    if shot.sharpen:
        blurred = np.asarray(cv2.GaussianBlur(display, (0, 0), 1.3), np.float32)
        cv2.addWeighted(display, 1 + shot.sharpen, blurred, -shot.sharpen, 0, display)
    np.maximum(display, 0, out=display)
    out = np.asarray(cv2.convertScaleAbs(display, alpha=255), np.uint8)
    if shot.gray:
        gray = cv2.cvtColor(out, cv2.COLOR_RGB2GRAY)
        out = np.asarray(cv2.merge((gray, gray, gray)), np.uint8)
    return compress(out, shot.jpeg)


def _enlarged(rgb: Array, shot: Shot, rng: np.random.Generator) -> Rgb:
    """A photo taken small, blur shrunk with it, and enlarged to the picture's size."""
    rows, columns = rgb.shape[:2]
    k = shot.detail
    small = resized(rgb, (max(8, round(columns * k)), max(8, round(rows * k))), cv2.INTER_AREA)
    motion = (shot.motion[0] * k, shot.motion[1] * k)
    taken = take(small, replace(shot, detail=1.0, defocus=shot.defocus * k, motion=motion), rng)
    how = cv2.INTER_CUBIC if rng.random() < 0.5 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(taken, (columns, rows), interpolation=how), np.uint8)


def compress(rgb: Rgb, quality: int) -> Rgb:
    """The picture after a trip through JPEG."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)
