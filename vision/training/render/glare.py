"""Bare lamps on polished metal, seen by a lens out of focus: every wall of a stroke or dent that mirrors a lamp is
burnt out and spread to a disc, as on close-ups that a sorting machine or a phone held too near takes of small heads."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from vision.training.render.lens import Shot, random_shot
from vision.training.render.looks import HeadLook, random_look
from vision.training.render.metal import Lamp, unit

# How bright a bare lamp's mirror image is (an even light being 0.2 to 0.5), how sharp, and how far from straight above.
POWER = (3.0, 25.0)
SHARPNESS = (40.0, 200.0)
ASIDE = (0.15, 0.8)
# Radius of the disc that a point becomes, pixels of a strip 48 high or of a close-up of a head with about this radius.
DISC_PX = (0.6, 5.6)
HEAD_PX = 190.0


def glaring(look: HeadLook, rng: np.random.Generator) -> HeadLook:
    """The look of a polished head under one to three bare lamps of one corner of the room, with strokes whose walls are
    wide enough to mirror them."""
    around = float(rng.uniform(0, 2 * math.pi))
    lamps = []
    for _ in range(int(rng.integers(1, 4))):
        way, aside = around + float(rng.normal(0, 0.5)), float(rng.uniform(*ASIDE))
        power = float(np.exp(rng.uniform(*np.log(POWER))))
        direction = unit(math.cos(way) * aside, math.sin(way) * aside, 1.0)
        lamps.append(Lamp(direction, power, float(rng.uniform(*SHARPNESS))))
    return replace(
        look,
        light=replace(look.light, lamps=(*look.light.lamps, *lamps)),
        roughness=float(rng.uniform(0.08, 0.3)),
        strike=replace(look.strike, bevel=float(rng.uniform(0.02, 0.06))),
        dimples=int(rng.integers(3, 12)) if rng.random() < 0.5 else look.dimples,
        hammer=float(rng.uniform(0, 0.004)),
        glints=0,
        fill=None,
    )


def out_of_focus(shot: Shot, rng: np.random.Generator) -> Shot:
    """The shot with a lens out of focus, and sharpened again as phones do."""
    least, most = DISC_PX
    return replace(
        shot,
        defocus=least + (most - least) * float(rng.beta(1.3, 1.9)),
        motion=(0.0, 0.0),
        gain=shot.gain * float(rng.uniform(0.6, 1.1)),
        sharpen=float(rng.uniform(0.3, 2.0)) if rng.random() < 0.6 else 0.0,
        detail=1.0,
    )


def close_up(rng: np.random.Generator) -> tuple[HeadLook, Shot]:
    """A head and a shot of it as on such a close-up, for render_scene in the style "sorter"."""
    look = glaring(random_look(rng, "sorter"), rng)
    return look, out_of_focus(random_shot(rng, "sorter", HEAD_PX), rng)
