"""Letters as a punch cutter draws them: single strokes of one width, each set of punches with its own proportions.

Fonts are drawn for reading on paper; headstamps are cut by hand with a handful of strokes, in forms that few fonts
have: a 3 with a flat top, a closed or an open 4, an A with a cut-off point, a 1 without a flag. A set of punches is
drawn from its number alone: which form of each character it has, how wide, square, slanted, thick and unsteady its
strokes are.
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from vision.training.render.truth import Array

SETS = 160
# Between the characters of one glyph, as a number in a ring is (capital heights).
GAP = 0.12
# Forms of each character: strokes split by ";", each L (lines through points), C (a curve through points) or A (an arc:
# centre, radii, from and to degrees, anticlockwise from the right). Capitals stand on 0, reach 1 and are 0.6 wide.
_FORMS: dict[str, tuple[str, ...]] = {
    "A": (
        "L 0,0 .3,1 .6,0; L .1,.34 .5,.34",
        "L 0,0 .22,1 .38,1 .6,0; L .1,.34 .5,.34",
        "L 0,0 .3,1 .6,0; L .13,.45 .47,.45",
    ),
    "B": ("L .3,0 0,0 0,1 .3,1; A .3,.76 .24,.24 90 -90; L 0,.52 .3,.52; A .3,.26 .3,.26 90 -90",),
    "C": (
        "A .31,.5 .31,.5 48 312",
        "A .31,.5 .31,.5 35 325",
        "C .58,.82 .45,.97 .25,.97 .06,.78 .02,.5 .06,.22 .25,.03 .45,.03 .58,.18",
    ),
    "D": ("L .22,0 0,0 0,1 .22,1; A .22,.5 .38,.5 90 -90", "L .1,0 0,0 0,1 .1,1; A .1,.5 .46,.5 90 -90"),
    "E": ("L .5,1 0,1 0,0 .52,0; L 0,.52 .42,.52", "L .46,1 0,1 0,0 .46,0; L 0,.5 .46,.5"),
    "F": ("L .5,1 0,1 0,0; L 0,.52 .42,.52", "L .48,1 0,1 0,0; L 0,.45 .36,.45"),
    "G": (
        "A .31,.5 .31,.5 48 330; L .36,.42 .6,.42 .6,.1",
        "A .31,.5 .31,.5 45 355; L .34,.45 .62,.45",
        "A .31,.5 .31,.5 50 325; L .57,.46 .57,0",
    ),
    "H": ("L 0,0 0,1; L .58,0 .58,1; L 0,.5 .58,.5",),
    "I": ("L 0,0 0,1", "L .14,0 .14,1; L 0,0 .28,0; L 0,1 .28,1"),
    "J": ("C .42,1 .42,.6 .42,.25 .32,.03 .12,.03 0,.22", "L .2,1 .5,1; C .42,1 .42,.3 .33,.03 .12,.03 0,.2"),
    "K": ("L 0,0 0,1; L .55,1 0,.42; L .2,.62 .58,0", "L 0,0 0,1; L .5,1 .06,.52 .55,0"),
    "L": ("L 0,1 0,0 .48,0",),
    "M": ("L 0,0 0,1 .36,.25 .72,1 .72,0", "L 0,0 .1,1 .38,.1 .66,1 .76,0", "L 0,0 0,1 .35,0 .7,1 .7,0"),
    "N": ("L 0,0 0,1 .56,0 .56,1",),
    "O": ("A .34,.5 .34,.5 0 360", "A .3,.5 .3,.5 0 360", "A .42,.5 .42,.5 0 360"),
    "P": (
        "L 0,0 0,1 .28,1; A .28,.74 .26,.26 90 -90; L .28,.48 0,.48",
        "L 0,0 0,1 .2,1; A .2,.7 .34,.3 90 -90; L .2,.4 0,.4",
    ),
    "Q": ("A .34,.5 .34,.5 0 360; L .4,.28 .66,-.04", "A .34,.5 .34,.5 0 360; C .22,.1 .4,.02 .66,-.08"),
    "R": (
        "L 0,0 0,1 .28,1; A .28,.74 .26,.26 90 -90; L .28,.48 0,.48; L .26,.48 .56,0",
        "L 0,0 0,1 .28,1; A .28,.74 .26,.26 90 -90; L .28,.48 0,.48; C .28,.48 .48,.36 .5,0",
    ),
    "S": (
        "C .54,.82 .42,.97 .2,.98 .04,.86 .04,.66 .2,.54 .4,.46 .55,.32 .54,.12 .38,.01 .16,.02 .02,.18",
        "C .52,.84 .28,1 .03,.82 .1,.6 .46,.42 .55,.2 .3,0 .02,.14",
    ),
    "T": ("L 0,1 .6,1; L .3,1 .3,0",),
    "U": ("C 0,1 0,.35 .08,.08 .28,0 .48,.08 .56,.35 .56,1", "L 0,1 0,.3; A .28,.3 .28,.3 180 360; L .56,.3 .56,1"),
    "V": ("L 0,1 .3,0 .6,1",),
    "W": ("L 0,1 .22,0 .43,.8 .64,0 .86,1", "L 0,1 .2,0 .4,1 .6,0 .8,1", "L 0,1 .1,0 .4,.6 .7,0 .8,1"),
    "X": ("L 0,0 .58,1; L 0,1 .58,0",),
    "Y": ("L 0,1 .3,.48 .6,1; L .3,.48 .3,0",),
    "Z": ("L 0,1 .55,1 0,0 .56,0", "L 0,1 .55,1 0,0 .56,0; L .12,.5 .42,.5"),
    "0": ("A .28,.5 .28,.5 0 360", "A .22,.5 .22,.5 0 360", "A .34,.5 .34,.5 0 360"),
    "1": ("L 0,0 0,1", "L 0,.78 .2,1 .2,0", "L 0,.8 .16,1 .16,0; L 0,0 .32,0", "C 0,.76 .12,.84 .18,1; L .18,1 .18,0"),
    "2": (
        "C .02,.76 .1,.95 .28,1 .48,.92 .52,.72 .4,.48 .18,.22 .02,0; L .02,0 .54,0",
        "C .04,.8 .24,1 .48,.86 .46,.6 .02,.02; L .02,.02 .52,.02",
        "C .03,.72 .1,.96 .3,1 .5,.88 .48,.62 .22,.36 .04,.06 .2,.12 .38,.02 .54,.1",
    ),
    "3": (
        "C .04,.84 .2,.99 .42,.94 .48,.74 .36,.56 .2,.53; C .2,.53 .42,.5 .54,.3 .44,.06 .22,.01 .02,.14",
        "L .04,1 .5,1 .22,.6; C .22,.6 .46,.56 .54,.3 .4,.04 .18,.01 .02,.14",
        "C .03,.84 .28,1 .48,.8 .3,.56; L .3,.56 .16,.56; C .3,.56 .54,.42 .5,.1 .24,0 .02,.14",
        "L 0,.8 .04,1 .5,1 .2,.58; C .2,.58 .46,.56 .53,.28 .38,.03 .14,.02 0,.16",
    ),
    "4": (
        "L .42,0 .42,1 0,.3 .58,.3",
        "L .24,1 0,.36 .56,.36; L .38,.66 .38,0",
        "L .44,0 .44,1 .02,.28 .6,.28; L .32,0 .56,0",
        "L .06,1 .0,.42 .54,.42; L .4,.8 .4,0",
    ),
    "5": (
        "L .48,1 .08,1 .04,.55; C .04,.55 .24,.64 .46,.56 .54,.32 .44,.06 .2,.01 .02,.14",
        "L .5,1 .06,1 .06,.58; A .2,.31 .32,.31 115 -120",
    ),
    "6": (
        "C .46,.94 .28,.98 .1,.74 .02,.4 .1,.08 .28,.01 .48,.1 .53,.32 .44,.54 .26,.6 .08,.46 .03,.34",
        "A .28,.3 .26,.3 0 360; C .02,.32 .1,.7 .34,1",
        "A .28,.28 .27,.28 0 360; C .01,.3 .02,.8 .24,1 .48,.86",
    ),
    "7": (
        "L 0,1 .54,1 .18,0",
        "L 0,.84 0,1 .54,1 .2,0",
        "L 0,1 .54,1; C .54,1 .3,.6 .22,0",
        "L 0,1 .54,1 .18,0; L .16,.5 .48,.5",
    ),
    "8": (
        "A .28,.76 .22,.24 0 360; A .28,.26 .28,.26 0 360",
        "A .26,.75 .24,.25 0 360; A .26,.25 .26,.25 0 360",
        "C .28,.52 .06,.66 .06,.88 .28,.99 .5,.88 .5,.66 .28,.52 .02,.36 .02,.12 .28,.01 .54,.12 .54,.36 .28,.52",
    ),
    "9": (
        "C .08,.06 .28,.02 .46,.28 .53,.6 .46,.9 .28,.99 .08,.9 .02,.68 .1,.46 .28,.4 .48,.54 .52,.66",
        "A .28,.7 .26,.3 0 360; C .54,.68 .46,.3 .22,0",
        "A .28,.72 .27,.28 0 360; C .55,.7 .54,.2 .32,0 .08,.14",
    ),
    "a": (
        "A .22,.31 .22,.31 0 360; L .44,.62 .44,0",
        "C .06,.52 .22,.63 .4,.52 .41,.3 .41,0; C .41,.36 .1,.36 .02,.16 .16,.01 .41,.14",
    ),
    "b": ("L 0,1 0,0; A .22,.31 .22,.31 0 360",),
    "c": ("A .24,.31 .24,.31 45 315",),
    "d": ("L .44,1 .44,0; A .22,.31 .22,.31 0 360",),
    "e": ("A .24,.31 .24,.31 0 310; L 0,.31 .48,.31",),
    "f": ("C .32,.94 .2,1 .12,.86 .12,0; L 0,.6 .3,.6",),
    "g": ("A .22,.31 .22,.31 0 360; C .44,.62 .44,0 .38,-.24 .18,-.28 .02,-.16",),
    "h": ("L 0,1 0,0; C 0,.4 .12,.58 .26,.62 .4,.54 .42,.36 .42,0",),
    "i": ("L 0,.62 0,0; L 0,.86 0,.88",),
    "k": ("L 0,1 0,0; L .38,.62 0,.24; L .14,.38 .42,0",),
    "l": ("L 0,1 0,0",),
    "m": ("L 0,.62 0,0; C 0,.4 .1,.58 .2,.62 .32,.52 .33,0; C .33,.4 .44,.58 .54,.62 .66,.52 .67,0",),
    "n": ("L 0,.62 0,0; C 0,.4 .12,.58 .26,.62 .4,.52 .42,0",),
    "o": ("A .25,.31 .25,.31 0 360",),
    "p": ("L 0,.62 0,-.3; A .22,.31 .22,.31 0 360",),
    "q": ("L .44,.62 .44,-.3; A .22,.31 .22,.31 0 360",),
    "r": ("L 0,.62 0,0; C 0,.38 .12,.58 .3,.6",),
    "s": ("C .38,.52 .2,.63 .04,.5 .12,.36 .32,.28 .4,.12 .22,0 .02,.1",),
    "t": ("C .14,.92 .14,.2 .2,.02 .36,.06; L 0,.62 .32,.62",),
    "u": ("C 0,.62 .02,.14 .16,0 .34,.1 .42,.28; L .42,.62 .42,0",),
    "v": ("L 0,.62 .22,0 .44,.62",),
    "w": ("L 0,.62 .16,0 .32,.5 .48,0 .64,.62",),
    "x": ("L 0,.62 .42,0; L 0,0 .42,.62",),
    "y": ("L 0,.62 .22,0; L .44,.62 .1,-.3",),
    "z": ("L 0,.62 .4,.62 0,0 .42,0",),
    "Б": ("L .46,1 0,1 0,0 .28,0; A .28,.28 .27,.28 -90 90; L .28,.56 0,.56",),
    "Г": ("L 0,0 0,1 .46,1",),
    "Д": ("L 0,-.16 0,0 .64,0 .64,-.16; L .08,0 .22,1 .52,1 .52,0", "L 0,-.16 0,0 .64,0 .64,-.16; L .08,0 .32,1 .56,0"),
    "Ж": ("L .4,0 .4,1; L 0,1 .4,.5 .8,1; L 0,0 .4,.5 .8,0",),
    "З": ("C .04,.84 .2,.99 .42,.94 .48,.74 .36,.56 .2,.53; C .2,.53 .42,.5 .54,.3 .44,.06 .22,.01 .02,.14",),
    "И": ("L 0,1 0,0 .56,1 .56,0",),
    "Л": ("L 0,0 .28,1 .56,0", "C 0,.02 .1,.06 .16,.4 .18,1; L .18,1 .54,1 .54,0"),
    "П": ("L 0,0 0,1 .56,1 .56,0",),
    "Ф": ("L .36,0 .36,1; A .36,.54 .36,.3 0 360",),
    "Ц": ("L 0,1 0,0 .62,0 .62,-.16; L .52,0 .52,1",),
    "Ч": ("C 0,1 .02,.5 .2,.44 .52,.5; L .52,1 .52,0",),
    "Ш": ("L 0,1 0,0 .72,0 .72,1; L .36,0 .36,1",),
    "Щ": ("L 0,1 0,0 .82,0 .82,-.16; L .36,0 .36,1; L .72,0 .72,1",),
    "Ъ": ("L 0,1 .16,1 .16,0 .38,0; A .38,.28 .24,.28 -90 90; L .38,.56 .16,.56",),
    "Ы": ("L 0,1 0,0 .22,0; A .22,.28 .22,.28 -90 90; L .22,.56 0,.56; L .6,0 .6,1",),
    "Ь": ("L 0,1 0,0 .24,0; A .24,.28 .26,.28 -90 90; L .24,.56 0,.56",),
    "Э": ("A .28,.5 .3,.5 -130 130; L .2,.5 .56,.5",),
    "Ю": ("L 0,0 0,1; L 0,.5 .2,.5; A .48,.5 .28,.5 0 360",),
    "Я": ("L .54,0 .54,1 .26,1; A .26,.74 .25,.26 90 270; L .26,.48 .54,.48; L .28,.48 0,0",),
    ".": ("L 0,0 .01,.01",),
    "-": ("L 0,.45 .34,.45",),
    "/": ("L 0,-.05 .42,1.05",),
}  # fmt: skip
# Characters struck with another's punch.
_SAME = dict(zip("АВЕКМНОРСТХ", "ABEKMHOPCTX", strict=True))

Points = npt.NDArray[np.float64]


def punch_characters() -> frozenset[str]:
    """The characters every set of punches has."""
    return frozenset((*_FORMS, *_SAME))


@lru_cache(maxsize=4096)
def punch_strokes(number: int, char: str) -> tuple[tuple[Points, ...], float]:
    """A character of a set: its strokes as polylines (n, 2), x to the right and y up, in capital heights; and the half
    width of its strokes. Raises KeyError for a character that punches do not have."""
    char = _SAME.get(char, char)
    forms = _FORMS[char]
    of_set = np.random.default_rng([number, 77])
    half = float(np.exp(of_set.uniform(math.log(0.035), math.log(0.12))))
    wide, slant, square = (
        float(v) for v in (of_set.uniform(0.75, 1.4), of_set.normal(0, 0.05), of_set.uniform(2, 3.6))
    )
    unsteady, slab = float(of_set.choice([0.0, 0.012, 0.028])), of_set.random() < 0.25
    rng = np.random.default_rng([number, ord(char)])
    form = forms[int(rng.integers(len(forms)))] if rng.random() < 0.75 else forms[0]
    shape = np.array([[wide, slant], [0.0, 1.0]])
    strokes = [_polyline(stroke.strip(), unsteady, 2.0 if square < 2.4 else square, rng) for stroke in form.split(";")]
    strokes = [stroke @ shape.T for stroke in strokes]
    if slab and char.isalnum():
        strokes += _slabs(strokes, float(of_set.uniform(0.07, 0.14)))
    return tuple(strokes), half


def _polyline(stroke: str, unsteady: float, square: float, rng: np.random.Generator) -> Points:
    kind, *numbers = stroke.split()
    if kind == "A":
        (x, y), (rx, ry) = (tuple(map(float, pair.split(","))) for pair in numbers[:2])
        angle = np.radians(np.linspace(float(numbers[2]), float(numbers[3]), 40))
        cos, sin = np.cos(angle), np.sin(angle)
        dx, dy = (np.sign(v) * np.abs(v) ** (2 / square) for v in (cos, sin))
        x, y, rx, ry = np.array([x, y, rx, ry]) + rng.normal(0, 0.6 * unsteady, 4)
        return np.stack([x + rx * dx, y + ry * dy], axis=1)
    points = np.array([tuple(map(float, pair.split(","))) for pair in numbers])
    points = points + rng.normal(0, unsteady, points.shape)
    return _curve(points) if kind == "C" else points


def _curve(points: Points, fine: int = 10) -> Points:
    """A Catmull-Rom curve through points."""
    ends = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    t = np.linspace(0, 1, fine, endpoint=False)[:, None]
    parts = []
    for p, q, r, s in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        parts.append(0.5 * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t**2 + (3 * q - p - 3 * r + s) * t**3))
    return np.concatenate([*parts, points[-1:]])


def _slabs(strokes: list[Points], reach: float) -> list[Points]:
    """Short feet across the ends of upright strokes on the base line and at the capitals' height."""
    feet = []
    for stroke in strokes:
        for end, before in ((stroke[0], stroke[1]), (stroke[-1], stroke[-2])):
            upright = abs(end[1] - before[1]) > 2 * abs(end[0] - before[0])
            if upright and min(abs(end[1]), abs(end[1] - 1)) < 0.05:
                feet.append(end + np.array([[-reach, 0.0], [reach, 0.0]]))
    return feet


def _line(number: int, text: str) -> tuple[list[Points], float]:
    """The strokes of a text, character beside character."""
    placed: list[Points] = []
    at = half = 0.0
    for char in text:
        strokes, half = punch_strokes(number, char)
        every = np.concatenate(strokes)[:, 0]
        placed += [stroke + np.array([at - every.min(), 0.0]) for stroke in strokes]
        at += float(every.max() - every.min()) + 2 * half + GAP
    return placed, half


def punch_distance(number: int, text: str, cap_px: int, pad_px: int) -> tuple[Array, float, tuple[float, float]]:
    """(distance (h, w) in capital heights, positive inside; width in capital heights; pixel (x, y) that sits in the
    middle of a line of capitals) of a text in a set of punches."""
    strokes, half = _line(number, text)
    every = np.concatenate(strokes)
    left, right = float(every[:, 0].min()) - half, float(every[:, 0].max()) + half
    low, high = min(0.0, float(every[:, 1].min())) - half, max(1.0, float(every[:, 1].max())) + half
    # Strokes stay between the base line and the capitals' height: their outer edges stand there, not their middles.
    squeeze = 1 - 2 * half
    size = (math.ceil((high - low) * cap_px) + 2 * pad_px, math.ceil((right - left) * cap_px) + 2 * pad_px)
    off = np.full(size, 255, np.uint8)
    for stroke in strokes:
        x = (stroke[:, 0] - left) * cap_px + pad_px
        y = (high - (half + stroke[:, 1] * squeeze)) * cap_px + pad_px
        points = np.round(np.stack([x, y], axis=1) * 16).astype(np.int32)
        cv2.polylines(off, [points], False, 0, 1, cv2.LINE_8, 4)
    away = cv2.distanceTransform(off, cv2.DIST_L2, 5) / cap_px
    distance = np.asarray(cv2.GaussianBlur(half - away, (0, 0), 0.8), np.float32)
    return distance, right - left, (size[1] / 2, pad_px + (high - 0.5) * cap_px)
