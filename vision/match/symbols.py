"""Naming symbols: which one of those it was taught a small picture shows, or none of them.

The network turns a picture into a direction; pictures of one symbol point the same way (vision.training.symbols). The
marking set's symbols each have a direction that was learnt with the network, and so has what is none of them; others
are taught by one to five pictures without any training (Snell and others, Prototypical Networks, 2017). What points
nowhere near any is "unknown symbol".
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vision.errors import KitError
from vision.types import Floats, Rgb
from vision.weights import open_weights

SIDE = 64  # pixels of the pictures that the network sees
SHARE = 0.77  # of a picture's side that the symbol's longer side takes
TOP = 3
UNKNOWN = "<unknown symbol>"
_AT_ONCE = 64  # pictures the network sees at once: more take no less time each
# Scores below and above nought that a known symbol must reach count as probabilities by this slope.
_SLOPE = 12.0
_NEEDED = ("names", "directions", "least_known", "least_taught")
_UPRIGHT = ("vectors", "odds", "none")
_TURNED = ("vectors_turned", "odds_turned", "none_turned")


@dataclass(frozen=True, slots=True)
class Naming:
    """What one picture shows: the three most similar symbols, most similar first, each with how far it is above (or,
    below 0, under) what counts as that symbol; and how surely it is one whole symbol at all, 0..1."""

    ranked: tuple[tuple[str, float], ...]
    whole: float

    @property
    def name(self) -> str:
        """The symbol's name, or UNKNOWN."""
        return self.ranked[0][0] if self.ranked and self.ranked[0][1] >= 0.0 else UNKNOWN

    @property
    def margin(self) -> float:
        """How far the most similar symbol is above what counts as that symbol; below 0 it is unknown."""
        return self.ranked[0][1] if self.ranked else -1.0

    @property
    def confidence(self) -> float:
        """0..1, not calibrated: half where the most similar symbol just counts."""
        return float(1.0 / (1.0 + np.exp(-_SLOPE * self.margin)))


@dataclass(frozen=True, slots=True)
class Looks:
    """What the network says of pictures: their directions (N, D), how surely each shows one whole symbol, 0..1 (N,),
    and how much it looks like none of the marking set's, a cosine (N,)."""

    vectors: Floats
    whole: Floats
    none: Floats


class SymbolNamer:
    """Names pictures of symbols. Keeps the network's session; one namer serves a whole batch."""

    def __init__(self, weights: Path, threads: int = 1) -> None:
        """weights is models/weights/symbols.onnx. Raises KitError when it is missing or is not this network."""
        self._session = open_weights(weights, threads)
        held = self._session.get_modelmeta().custom_metadata_map
        if any(key not in held for key in _NEEDED):
            raise KitError(f"The weights {weights.name} are not the symbol namer's: reinstall marktrace.")
        if not {*_UPRIGHT, *_TURNED} <= {output.name for output in self._session.get_outputs()}:
            raise KitError(
                f"The weights {weights.name} are of another version: make the model anew with marktrace train."
            )
        self._names = tuple(held["names"].split("\n"))
        flat = np.frombuffer(base64.b64decode(held["directions"]), np.float16).astype(np.float32)
        self._directions = np.asarray(flat.reshape(len(self._names), -1), np.float32)
        self._least = np.full(len(self._names), float(held["least_known"]), np.float32)
        self._least_taught = float(held["least_taught"])
        self._learnt = len(self._names)

    @property
    def names(self) -> tuple[str, ...]:
        """The symbols that can be named; a name may stand here more than once."""
        return self._names

    @property
    def directions(self) -> Floats:
        """Where pictures of each of names point: unit vectors (N, D)."""
        return self._directions.copy()

    def teach(self, name: str, pictures: Sequence[Rgb]) -> None:
        """A symbol more, from square pictures of it of any size: drawings or photos, framed as framed() does."""
        looks = [look for picture in pictures for look in _variants(at_side(picture))]
        middle = self.look(looks).vectors.mean(axis=0)
        self._names = (*self._names, name)
        self._directions = np.concatenate([self._directions, middle[None] / max(1e-6, float(np.linalg.norm(middle)))])
        self._least = np.append(self._least, np.float32(self._least_taught))

    def look(self, pictures: Sequence[Rgb]) -> Looks:
        """What is said of pictures (SIDE, SIDE, 3) as they stand."""
        return self._looks(pictures, _UPRIGHT)[0]

    def look_both(self, pictures: Sequence[Rgb]) -> tuple[Looks, Looks]:
        """What is said of pictures (SIDE, SIDE, 3) as they stand, and turned by half."""
        upright, turned = self._looks(pictures, _UPRIGHT + _TURNED)
        return upright, turned

    def _looks(self, pictures: Sequence[Rgb], asked: Sequence[str]) -> list[Looks]:
        """One Looks for every three outputs asked for."""
        if not pictures:
            nothing = np.zeros(0, np.float32)
            nowhere = np.zeros((0, self._directions.shape[1]), np.float32)
            return [Looks(nowhere, nothing, nothing) for _ in range(len(asked) // 3)]
        runs = [
            self._session.run(asked, {"pictures": np.stack(pictures[k : k + _AT_ONCE])})
            for k in range(0, len(pictures), _AT_ONCE)
        ]
        parts = [np.concatenate(part).astype(np.float32) for part in zip(*runs, strict=True)]
        return [
            Looks(vectors, np.asarray(1.0 / (1.0 + np.exp(-odds)), np.float32), none)
            for vectors, odds, none in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        ]

    def name(self, pictures: Sequence[Rgb]) -> list[Naming]:
        """What each picture (SIDE, SIDE, 3) shows, in the same order; no pictures, no names."""
        return self._namings(self.look(pictures))

    def name_both(self, pictures: Sequence[Rgb]) -> list[tuple[Naming, Naming]]:
        """What each picture (SIDE, SIDE, 3) shows as it stands, and turned by half."""
        upright, turned = self.look_both(pictures)
        return list(zip(self._namings(upright), self._namings(turned), strict=True))

    def _namings(self, looks: Looks) -> list[Naming]:
        margins = looks.vectors @ self._directions.T - self._least
        margins[:, : self._learnt] -= looks.none[:, None]
        return [Naming(self._ranked(own), float(whole)) for own, whole in zip(margins, looks.whole, strict=True)]

    def _ranked(self, margins: Floats) -> tuple[tuple[str, float], ...]:
        best: dict[str, float] = {}
        for n in np.argsort(-margins, kind="stable"):
            best.setdefault(self._names[n], float(margins[n]))
            if len(best) == TOP:
                break
        return tuple(best.items())


def framed(rgb: Rgb, pixels: int = SIDE) -> Rgb | None:
    """A picture (H, W, 3) of one symbol on a plain ground cut to (pixels, pixels, 3) as the network wants it.

    The ink stands in the middle and its longer side takes SHARE. None where nothing stands out from the ground.
    """
    edge = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]]).astype(np.float32)
    ground = np.median(edge, axis=0)
    apart = np.abs(rgb.astype(np.float32) - ground).max(axis=2)
    if float(apart.max()) < 24.0:
        return None
    ink = cv2.threshold(np.asarray(apart.clip(0, 255), np.uint8), 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    x, y = (columns[0] + columns[-1]) / 2.0, (rows[0] + rows[-1]) / 2.0
    side = max(columns[-1] - columns[0], rows[-1] - rows[0]) + 1
    return _cut(rgb, (float(x), float(y)), float(side), tuple(float(v) for v in ground), pixels)


def _cut(rgb: Rgb, middle_xy: tuple[float, float], side: float, ground: tuple[float, ...], pixels: int) -> Rgb:
    """The picture (pixels, pixels, 3) of a symbol whose middle and longer side, in pixels of rgb, are given; beyond the
    edge of rgb is ground."""
    scale = SHARE * pixels / side
    offset = (pixels - 1) / 2.0 - scale * np.array(middle_xy)
    source = rgb
    if scale < 0.7:  # shrunk first, so that nothing is sampled between pixels never looked at
        source = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        offset, scale = offset + 0.5 * (scale - 1.0) * np.array([-1.0, -1.0]), 1.0
    matrix = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]], np.float64)
    out = cv2.warpAffine(source, matrix, (pixels, pixels), borderMode=cv2.BORDER_CONSTANT, borderValue=ground)
    return np.asarray(out, np.uint8)


def at_side(picture: Rgb) -> Rgb:
    """A square picture at the size that the network sees."""
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _variants(picture: Rgb) -> list[Rgb]:
    """A picture and what it would be turned a little, struck heavier and lighter, and as a negative."""
    middle = ((SIDE - 1) / 2.0, (SIDE - 1) / 2.0)
    turns = [cv2.getRotationMatrix2D(middle, angle, 1.0) for angle in (-8.0, 8.0)]
    turned = [cv2.warpAffine(picture, turn, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE) for turn in turns]
    kernel = np.ones((3, 3), np.uint8)
    looks = [picture, *turned, cv2.erode(picture, kernel), cv2.dilate(picture, kernel)]
    return [np.asarray(look, np.uint8) for look in (*looks, *(255 - look for look in looks))]
