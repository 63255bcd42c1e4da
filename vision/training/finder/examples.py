"""Examples for the net that weighs rims: what the finder supposes on renders, unrolled, and how right it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.find._rings import ellipse_of, frame_of
from vision.find._weigh import look
from vision.find.heads import suppose_rims
from vision.training.finder.overlap import overlap
from vision.training.render import render_scene
from vision.types import Floats

_LEAST_VISIBLE = 0.7  # heads more covered than this are neither right nor wrong
_HEADLESS = 3  # one photo in so many shows only things that are no heads
_OTHERS = 12  # suppositions kept of a photo that lie on no head
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Examples:
    """looks (N, angles, radii, 4) as _weigh.look gives them, and the overlap (N,) of each with its head, 0 without."""

    looks: Bytes
    overlaps: Floats


def photo_examples(seed: int) -> Examples:
    """Examples of one render: supposed rims, and the true ones shaken, shrunk and swollen."""
    rng = np.random.default_rng(seed)
    scene = render_scene(seed, heads=0 if seed % _HEADLESS == 0 else None)
    pyramid, frames, factor = suppose_rims(scene.rgb)
    heads = [(head.outline.scaled(factor), head.visible) for head in scene.heads]
    made = [
        _shaken(rng, frame_of(outline)) for outline, visible in heads if visible >= _LEAST_VISIBLE for _ in range(6)
    ]
    frames = np.concatenate([frames, np.array(made, np.float32).reshape(-1, 6)])
    covers = [[overlap(ellipse_of(frame), outline) for outline, _ in heads] for frame in frames]
    kept, overlaps = [], []
    others = _OTHERS
    for i in range(len(frames)):
        best = int(np.argmax(covers[i])) if heads else -1
        share = covers[i][best] if heads else 0.0
        if share > 0.2 and heads[best][1] < _LEAST_VISIBLE:
            continue
        if share <= 0.2:
            others -= 1
            if others < 0:
                continue
        kept.append(i)
        overlaps.append(share)
    return Examples(look(pyramid, frames[kept]), np.array(overlaps, np.float32))


def _shaken(rng: np.random.Generator, frame: Floats) -> Floats:
    """A true rim a little off, or, half the time, too small or too large by up to a third."""
    out = np.array(frame, np.float32)
    size = float(np.sqrt(abs(out[2] * out[5] - out[3] * out[4])))
    factor = rng.normal(1, 0.02) if rng.random() < 0.5 else float(np.exp(rng.uniform(-0.4, 0.3)))
    out[:2] += rng.normal(0, 0.02 * size, 2)
    out[2:] *= factor
    return out
