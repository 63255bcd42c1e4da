"""What speaks for and against a supposed rim being a cartridge head's: measured on its unrolled picture, then summed.

A head is a rim, a pocket well inside it with the same shape, and between them an annulus that is one piece of metal. A
coin has no pocket; a finger tip has no closed rim; the pocket's edge has a rim outside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vision.find._rings import Bools, closed_paths, edges_across, fit_paths, moved, ring_strength, unroll
from vision.find._votes import Pyramid
from vision.types import Floats

POCKET = (0.27, 0.66)  # pocket radius as a share of the head's: 12 gauge 0.3, .45 and 9 mm 0.5 to 0.6
REACH = 2  # radii on both sides that an edge is measured over
_RADII = np.geomspace(0.22, 3.2, 92).astype(np.float32)
_ANGLES = 48
_BEND = 0.1
NAMES = (
    "rim followed",
    "rim one edge",
    "pocket followed",
    "pocket one edge",
    "pocket rough",
    "outside one edge",
    "annulus uneven",
    "annulus like surround",
    "pocket like annulus",
    "annulus busy",
    "flattened",
    "pocket off centre",
    "seen",
)


@dataclass(frozen=True, slots=True)
class Ring:
    """A followed ring of each frame (N): where it is, and how much of it shows."""

    updates: Floats
    followed: Floats
    one_edge: Floats
    rough: Floats


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of each supposed rim (N): its frame, pocket, and the measures of NAMES, (N, len(NAMES))."""

    frames: Floats
    pocket_xy: Floats
    pocket_ratio: Floats
    measures: Floats


def measure(pyramid: Pyramid, frames: Floats) -> Evidence:
    """The evidence for each frame (N, 6) being a head's rim."""
    rays, inside = unroll(pyramid, frames, _RADII, _ANGLES)
    strength = edges_across(rays, inside, REACH)
    rim = _follow(strength, inside, 0.9, 1.12)
    pocket = _follow(strength, inside, *POCKET)
    at_pocket = moved(frames, pocket.updates)
    squared = [np.abs(np.linalg.det(f[:, 2:].reshape(-1, 2, 2))) for f in (pocket.updates, frames)]
    ratio = np.clip(np.sqrt(squared[0]), 0.0, 1.0)
    singular = np.linalg.svd(frames[:, 2:].reshape(-1, 2, 2), compute_uv=False)
    outside = ring_strength(strength[:, :, _RADII > 1.3], inside[:, :, _RADII > 1.3]).max(axis=1)
    measures = np.stack(
        [
            rim.followed,
            rim.one_edge,
            pocket.followed,
            pocket.one_edge,
            pocket.rough,
            outside,
            *_looks(rays, ratio),
            singular[:, 1] / np.maximum(singular[:, 0], 1e-6),
            np.hypot(pocket.updates[:, 0], pocket.updates[:, 1]),
            inside[:, :, (_RADII > 0.6) & (_RADII < 1.0)].mean(axis=(1, 2)),
        ],
        axis=1,
    )
    return Evidence(frames, at_pocket[:, :2], ratio.astype(np.float32), measures.astype(np.float32))


def _follow(strength: Floats, inside: Bools, low: float, high: float) -> Ring:
    """The ring between two radii: followed whatever its colour and direction, then measured as one edge."""
    at = np.flatnonzero((low < _RADII) & (high > _RADII))
    signed, valid = strength[:, :, at], inside[:, :, at]
    size = np.ascontiguousarray(np.abs(signed).max(axis=3))
    paths = closed_paths(size, _BEND)
    radius = _RADII[at][paths]
    along = np.take_along_axis(size, paths[..., None], axis=2)[..., 0]
    updates, fit = fit_paths(radius, along, 0.015 * (low + high))
    seen = np.maximum(np.take_along_axis(valid, paths[..., None], axis=2)[..., 0].sum(axis=1), _ANGLES // 4)
    on_path = np.take_along_axis(signed, paths[..., None, None], axis=2)[:, :, 0] * fit[..., None]
    one_edge = np.abs(on_path.sum(axis=1)).max(axis=1) / seen
    size_of = np.sqrt(np.abs(np.linalg.det(updates[:, 2:].reshape(-1, 2, 2)))) + 1e-3
    rough = np.abs(np.diff(radius, axis=1)).mean(axis=1) / size_of
    return Ring(updates, (fit * along).sum(axis=1) / seen, one_edge, rough)


def _looks(rays: Floats, ratio: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Four measures of the parts' colours: the annulus round its turn, against its surround, the pocket, its grain."""

    def part(low: float, high: float) -> Floats:
        return rays[:, :, (low < _RADII) & (high > _RADII)]

    annulus, surround, middle = part(0.68, 0.94), part(1.08, 1.35), part(0.0, 0.42)
    turn = annulus.mean(axis=2)
    spread = rays[:, :, _RADII < 1.5].std(axis=(1, 2)).mean(axis=1) + 2.0
    uneven = turn.std(axis=1).mean(axis=1) / spread
    contrast = np.abs(turn.mean(axis=1) - surround.mean(axis=(1, 2))).max(axis=1) / spread
    pocket = np.abs(turn.mean(axis=1) - middle.mean(axis=(1, 2))).max(axis=1) / spread
    busy = np.abs(np.diff(annulus, axis=1)).mean(axis=(1, 2, 3)) / spread
    return uneven, contrast, pocket, busy


def scores(evidence: Evidence) -> Floats:
    """How surely each supposed rim is a head's, (N,) 0..1."""
    m = evidence.measures
    z = 9.0 * (m[:, 0] - 0.55) + 7.0 * (m[:, 2] - 0.5) - 5.0 * np.maximum(m[:, 5] - 0.5, 0)
    return 1.0 / (1.0 + np.exp(-z))
