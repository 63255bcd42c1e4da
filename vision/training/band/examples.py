"""Faces of rendered heads with the band of their text: marks as everywhere in training, moved about on the face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from vision.flatten.band import COLUMNS, ROWS, face_of
from vision.training.band.net import CELL_COLUMNS
from vision.training.render import ElementTruth, MarkSpec, random_mark, render_strip
from vision.training.render.truth import text_band
from vision.training.stamped.rough import roughened
from vision.types import Floats, Rgb

# The share of marks that stand anywhere between pocket and rim, at any height, instead of where heads mostly bear them.
MOVED = 0.7
HEIGHTS = (0.09, 0.34)
RIM = 0.985
# The share of faces under bare lamps and out of focus, and of those roughened as the reader's strips are.
GLARE, ROUGH = 0.12, 0.3
# How far rim and pocket are misjudged, as shares of the radius (a deviation).
MISFIT = 0.015


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """seen (2, ROWS, COLUMNS) as the net sees it; text (ROWS, COLUMNS / 8) where text is, 0 or 1; edges, the rows
    (fractions) on which it begins and ends."""

    seen: npt.NDArray[np.uint8]
    text: npt.NDArray[np.uint8]
    edges: tuple[float, float]


def face(seed: int) -> Face:
    """One face from its seed; the same seed gives the same one."""
    rng = np.random.default_rng([seed, 7])
    mark = random_mark(rng)
    mark = _moved(mark, rng) if rng.random() < MOVED else mark
    glare = rng if rng.random() < GLARE else None
    rgb, truth = render_strip(seed, mark, height=ROWS, turn_width=None, glare=glare)
    rgb = roughened(rgb, rng) if rng.random() < ROUGH else rgb
    outer, inner = (r + float(rng.normal(0.0, MISFIT)) for r in (truth.outer_ratio, truth.inner_ratio))
    rgb = _between(rgb, (truth.outer_ratio, truth.inner_ratio), (outer, inner))
    return Face(face_of(rgb), text_cells(truth.elements, outer, inner), text_edges(truth.elements, outer, inner))


def _moved(mark: MarkSpec, rng: np.random.Generator) -> MarkSpec:
    """The mark at a height and a radius of their own."""
    height = min(float(rng.uniform(*HEIGHTS)), RIM - mark.pocket_ratio)
    radius = float(rng.uniform(mark.pocket_ratio + height / 2, RIM - height / 2))
    scale = height / mark.height
    elements = tuple(replace(e, height=e.height * scale) for e in mark.elements)
    return replace(mark, height=height, radius=radius, elements=elements)


def _between(rgb: Rgb, has: tuple[float, float], shows: tuple[float, float]) -> Rgb:
    """A strip whose rows run between two radii, redrawn between two others; its ends are repeated beyond them."""
    rows = rgb.shape[0] - 1
    # Row r shows radius shows[0] + (shows[1] - shows[0]) * r / rows: where it lies among the rows there are.
    scale = (shows[1] - shows[0]) / (has[1] - has[0])
    offset = (shows[0] - has[0]) / (has[1] - has[0]) * rows
    matrix = np.array([[1.0, 0.0, 0.0], [0.0, scale, offset]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(rgb, matrix, rgb.shape[1::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE),
                      np.uint8)  # fmt: skip


def text_edges(elements: Sequence[ElementTruth], outer: float, inner: float) -> tuple[float, float]:
    """The rows (fractions, within the face) on which what is struck begins and ends."""
    begin, end = ((outer - r) / (outer - inner) * (ROWS - 1) for r in text_band(elements))
    return float(np.clip(begin, 0, ROWS - 1)), float(np.clip(end, 0, ROWS - 1))


def text_cells(elements: Sequence[ElementTruth], outer: float, inner: float) -> npt.NDArray[np.uint8]:
    """(ROWS, COLUMNS / 8), 1 where something is struck."""
    columns = COLUMNS // CELL_COLUMNS
    cells = np.zeros((ROWS, columns), np.uint8)
    for one in elements:
        begin, end = text_edges([one], outer, inner)
        left, right = ((one.angle_deg + side * one.span_deg / 2) / 360.0 * columns for side in (-1, 1))
        around = np.arange(int(np.floor(left)), int(np.ceil(right))) % columns
        cells[round(begin) : round(end) + 1, around] = 1
    return cells


def batch(faces: Sequence[Face], rng: np.random.Generator) -> tuple[npt.NDArray[np.uint8], Floats, Floats]:
    """Faces turned by chance all the same way, half of the time mirrored, now and then a negative: what the net sees,
    the cells with text, the edges."""
    turn = int(rng.integers(COLUMNS // CELL_COLUMNS))
    seen = np.roll(np.stack([one.seen for one in faces]), turn * CELL_COLUMNS, axis=3)
    text = np.roll(np.stack([one.text for one in faces]), turn, axis=2)
    if rng.random() < 0.5:
        seen, text = seen[..., ::-1], text[..., ::-1]
    if rng.random() < 0.1:
        seen = 255 - seen
    edges = np.array([one.edges for one in faces], np.float32)
    return np.ascontiguousarray(seen), np.ascontiguousarray(text, np.float32), edges
