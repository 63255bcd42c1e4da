"""What a mark looks like as a short row of numbers that does not depend on how the head was turned.

A strip (a head's face unrolled, or a straight mark upright) is cut into bands; along each, the strength of edges of
four directions is followed round the ring. Turning the head shifts all of these by the same angle, so what is kept is
what a shift leaves alone: how strong each frequency is, and how its phase stands against that of all bands together.
Light changes brightness, but little of where edges are. Measured against the alternatives in docs/scale.md.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vision.types import Rgb

DIRECTIONS, BANDS, FREQUENCIES = 4, 4, 16
PHASES = DIRECTIONS * BANDS * FREQUENCIES * 2  # these numbers come first, the strengths follow
SIZE = PHASES + DIRECTIONS * BANDS * FREQUENCIES
_ROWS, _COLUMNS, _BINS = 48, 512, 64
_EDGE = 40  # columns of the ring's other end beside each end, for filters to see
# Phases lie around 0, strengths around one sixteenth, far closer together; so that a byte holds each.
_PHASE_SCALE, _STRENGTH_SCALE, _STRENGTH = 700.0, 1800.0, 0.0575

Vectors = npt.NDArray[np.float32]


def look_of(strip_rgb: Rgb) -> bytes:
    """The look of a strip (H, W, 3): SIZE signed bytes."""
    spectra = np.fft.rfft(_edges(strip_rgb), axis=1)[:, 1 : FREQUENCIES + 1]
    strong = np.abs(spectra)
    together = spectra.sum(axis=0)
    against = spectra * np.conj(together) / (np.abs(together) + 1e-9)
    parts = np.stack([against.real, against.imag], axis=1)
    phases = _unit((np.sign(parts) * np.sqrt(np.abs(parts))).ravel()) * _PHASE_SCALE
    strengths = (_unit(np.sqrt(strong).ravel()) - _STRENGTH) * _STRENGTH_SCALE
    return bytes(np.clip(np.rint(np.concatenate([phases, strengths])), -127, 127).astype(np.int8).tobytes())


def vectors(looks: list[bytes]) -> Vectors:
    """Looks as numbers (n, SIZE)."""
    return np.frombuffer(b"".join(looks), np.int8).reshape(-1, SIZE).astype(np.float32)


def alike(one: Vectors, others: Vectors, usual: Vectors) -> Vectors:
    """How alike one look (SIZE,) is to others (n, SIZE): 1 for the same, about 0 for unlike ones, given the usual look
    (SIZE,), in which all marks are alike."""
    first, rest = _halves(one[None] - usual), _halves(others - usual)
    return np.asarray((rest[0] @ first[0][0] + rest[1] @ first[1][0]) / 2.0, np.float32)


def signatures(looks: Vectors, usual: Vectors) -> npt.NDArray[np.uint64]:
    """(n, SIZE / 64): in which of its numbers each look lies above the usual one, a bit each. Looks that are alike
    differ in few."""
    above: npt.NDArray[np.uint8] = np.packbits(looks > usual, axis=1)
    return above.view(np.uint64)


def _halves(looks: Vectors) -> tuple[Vectors, Vectors]:
    """Phases and strengths, each of length 1, so that neither outweighs the other."""
    return _unit(looks[:, :PHASES]), _unit(looks[:, PHASES:])


def _unit(values: Vectors) -> Vectors:
    return np.asarray(values / (np.linalg.norm(values, axis=-1, keepdims=True) + 1e-9), np.float32)


def _edges(strip_rgb: Rgb) -> Vectors:
    """(directions * bands, bins): the strength of edges, evened, round the ring, without its mean."""
    grey = cv2.cvtColor(strip_rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA).astype(np.float32)
    smooth = cv2.GaussianBlur(np.pad(small, ((0, 0), (_EDGE, _EDGE)), mode="wrap"), (0, 0), 1.0)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    steep = np.hypot(across, down)
    strength = np.sqrt(steep / (cv2.GaussianBlur(steep, (0, 0), 14.0) + 2.0))
    direction = np.mod(np.arctan2(down, across), np.pi) / np.pi * DIRECTIONS
    half = DIRECTIONS / 2.0
    cells = (BANDS, _ROWS // BANDS, _BINS, _COLUMNS // _BINS)
    found = []
    for number in range(DIRECTIONS):
        away = np.abs((direction - number + half) % DIRECTIONS - half)
        own = (np.clip(1.0 - away, 0.0, 1.0) * strength)[:, _EDGE:-_EDGE]
        found.append(own.reshape(cells).mean(axis=(1, 3)))
    rows = np.concatenate(found)
    return np.asarray(rows - rows.mean(axis=1, keepdims=True), np.float32)
