"""Everything about how a head, or the metal round a serial number, looks but its mark and pose; drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vision.training.render.metal import METALS, Light, random_light
from vision.training.render.relief import Strike

Color = tuple[float, float, float]
DAYLIGHT = Light(0.33, (0.2, -0.2), ())
FIRM = Strike(depth=0.035, bevel=0.02, weight=0.0, jitter=0.0, uneven=0.0, worn=0.0)


@dataclass(frozen=True, slots=True)
class HeadLook:
    """Everything about a head but its mark and pose. Lengths are shares of its radius, amounts 0..1.

    primer is flat, domed, fired, open (no primer: a deep dark pocket with a flash hole), shotshell (a primer in a
    battery cup) or none (rimfire: no pocket at all). fill is the colour of paint in the strokes, or None, and brush how
    far it rounds them, in letter heights. edges makes the strokes' edges shine (or, below 0, dark), floors their floors
    likewise; both fade and may turn round the head. dimples are the round marks of crimping tools among the letters,
    glints burnt-out spots where dents and edges mirror a lamp.
    """

    metal: str = "brass"
    primer: str = "flat"
    primer_metal: str = "brass"
    light: Light = DAYLIGHT
    roughness: float = 0.2
    strike: Strike = FIRM
    rim: float = 0.05
    sealant: Color | None = None
    fill: Color | None = None
    crimp: str = "none"
    dents: int = 0
    scratches: int = 0
    dirt: float = 0.0
    tarnish: float = 0.0
    corrosion: float = 0.0
    turning: float = 0.0
    hammer: float = 0.0
    graininess: float = 0.0
    brush: float = 0.03
    edges: float = 0.0
    floors: float = 0.0
    dimples: int = 0
    glints: int = 0


def random_look(rng: np.random.Generator, style: str) -> HeadLook:
    """How a head looks in photos of a style (phone, hand, sorter, plate, table, macro, low, worn), or, for "cast",
    the metal round a serial number: milled, cast or painted, with neither pocket nor rim."""
    worn = float(rng.beta(1.2, 3.5)) if style != "worn" else float(rng.uniform(0.5, 0.8))
    if style == "plate":
        return _plate_look(rng, worn)
    if style == "cast":
        return _cast_look(rng, worn)
    metals = list(METALS)
    odds = np.array([0.42, 0.08, 0.12, 0.08, 0.06, 0.07, 0.04, 0.04, 0.04, 0.03, 0.02])
    metal = str(rng.choice(metals, p=odds / odds.sum()))
    primer = str(
        rng.choice(["flat", "domed", "fired", "open", "shotshell", "none"], p=[0.27, 0.2, 0.27, 0.12, 0.1, 0.04])
    )
    if style == "sorter":
        metal, primer = str(rng.choice(["brass", "dull brass", "nickel"], p=[0.7, 0.2, 0.1])), "open"
    colors: tuple[Color, ...] = (
        (0.5, 0.1, 0.12),
        (0.1, 0.35, 0.2),
        (0.35, 0.15, 0.4),
        (0.1, 0.1, 0.12),
        (0.15, 0.2, 0.5),
    )
    sealed = primer in ("flat", "domed", "fired") and rng.random() < 0.3
    filled = rng.random() < 0.04
    return HeadLook(
        metal=metal,
        primer=primer,
        primer_metal=str(
            rng.choice(["brass", "copper", "nickel", "steel", "dull brass"], p=[0.3, 0.25, 0.25, 0.1, 0.1])
        ),
        light=random_light(rng),
        roughness=float(rng.uniform(0.1, 0.45)),
        strike=random_strike(rng, worn),
        rim=float(rng.uniform(0.025, 0.09)),
        sealant=colors[int(rng.integers(len(colors)))] if sealed else None,
        fill=((0.95, 0.95, 0.93) if rng.random() < 0.6 else (0.06, 0.06, 0.06)) if filled else None,
        crimp=str(rng.choice(["none", "stab", "ring", "segments"], p=[0.6, 0.15, 0.15, 0.1])),
        dents=int(rng.poisson(1.2)),
        scratches=int(rng.poisson(2 + 10 * worn)),
        dirt=float(rng.uniform(0, 0.9)),
        tarnish=float(rng.beta(1.2, 2.5)),
        corrosion=float(rng.uniform(0.1, 0.5)) if rng.random() < 0.05 + 0.3 * worn else 0.0,
        turning=float(rng.choice([0.0, rng.uniform(0.0003, 0.0015)])),
        hammer=float(rng.uniform(0, 0.0025)) * (1.6 if style == "sorter" else 1.0),
        graininess=float(rng.uniform(0, 0.05)),
        edges=float(rng.uniform(0.1, 0.9) * rng.choice([1, -0.7], p=[0.7, 0.3])),
        floors=float(rng.uniform(0.1, 0.75) * rng.choice([1, -1], p=[0.35, 0.65])),
        dimples=_random_dimples(rng, style),
        glints=int(rng.integers(2, 14)) if rng.random() < (0.55 if style == "sorter" else 0.08) else 0,
    )


def _random_dimples(rng: np.random.Generator, style: str) -> int:
    if rng.random() > (0.8 if style == "sorter" else 0.12):
        return 0
    return int(rng.integers(2, 10))


def random_strike(rng: np.random.Generator, worn: float) -> Strike:
    """How deep and even a mark is; worn 0..1 makes it shallower."""
    return Strike(
        depth=float(rng.uniform(0.022, 0.06)) * (-0.8 if rng.random() < 0.04 else 1.0),
        bevel=float(rng.uniform(0.012, 0.045)),
        weight=float(rng.uniform(-0.02, 0.05)),
        jitter=float(rng.choice([0.01, 0.05])),
        uneven=float(rng.beta(1, 2.5)),
        worn=0.8 * worn,
        stroke=float(rng.uniform(0.035, 0.11)),
        wobble=float(rng.uniform(0.004, 0.022)) if rng.random() < 0.45 else 0.0,
        double=(float(rng.normal(0, 0.012)), float(rng.normal(0, 0.012))) if rng.random() < 0.05 else (0.0, 0.0),
    )


def _plate_look(rng: np.random.Generator, worn: float) -> HeadLook:
    """A reference plate: dull grey head, even light, letters filled with white."""
    color = float(rng.uniform(0.86, 1.0))
    return HeadLook(
        metal=str(rng.choice(["steel", "black steel", "grey lacquer", "dull brass"], p=[0.3, 0.15, 0.45, 0.1])),
        primer=str(rng.choice(["flat", "domed", "fired"], p=[0.6, 0.3, 0.1])),
        primer_metal=str(rng.choice(["steel", "grey lacquer", "nickel"])),
        light=random_light(rng, str(rng.choice(["soft", "raking"]))),
        roughness=float(rng.uniform(0.3, 0.5)),
        strike=random_strike(rng, 0.3 * worn),
        rim=float(rng.uniform(0.03, 0.09)),
        fill=(color, color, color) if rng.random() < 0.92 else None,
        brush=float(rng.uniform(0.02, 0.09)),
        crimp=str(rng.choice(["none", "ring"], p=[0.7, 0.3])),
        scratches=int(rng.poisson(2)),
        dirt=float(rng.uniform(0, 0.6)),
        tarnish=float(rng.uniform(0, 0.6)),
        hammer=float(rng.uniform(0, 0.002)),
        graininess=float(rng.uniform(0.0, 0.05)),
        edges=float(rng.normal(0.0, 0.25)),
        floors=float(rng.normal(0.2, 0.4)),
    )


def _cast_look(rng: np.random.Generator, worn: float) -> HeadLook:
    """The skin of a receiver: cast and rough, milled in lines, blued, parkerised or painted over."""
    rough = rng.random() < 0.5
    filled = rng.random() < 0.12
    return HeadLook(
        metal=str(rng.choice(["black steel", "steel", "grey lacquer", "green lacquer", "aluminium", "brown lacquer"],
                             p=[0.4, 0.22, 0.12, 0.1, 0.08, 0.08])),
        primer="none",
        light=random_light(rng),
        roughness=float(rng.uniform(0.15, 0.5)),
        strike=random_strike(rng, worn),
        rim=0.0,
        fill=((0.95, 0.95, 0.93) if rng.random() < 0.7 else (0.85, 0.2, 0.15)) if filled else None,
        dents=int(rng.poisson(2)),
        scratches=int(rng.poisson(4 + 10 * worn)),
        dirt=float(rng.uniform(0, 0.9)),
        tarnish=float(rng.beta(1.2, 2.0)),
        corrosion=float(rng.uniform(0.1, 0.6)) if rng.random() < 0.25 else 0.0,
        turning=0.0 if rough else float(rng.uniform(0.0005, 0.0025)),
        hammer=float(rng.uniform(0.001, 0.006)) if rough else float(rng.uniform(0, 0.001)),
        graininess=float(rng.uniform(0.04, 0.18)) if rough else float(rng.uniform(0, 0.05)),
        edges=float(rng.uniform(0.1, 1.2) * rng.choice([1, -0.5], p=[0.8, 0.2])),
        floors=float(rng.uniform(0.1, 0.7) * rng.choice([1, -1], p=[0.3, 0.7])),
    )  # fmt: skip
