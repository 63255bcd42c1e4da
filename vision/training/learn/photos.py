"""Labelled photos as windows to train on: each head is found and unrolled as the pipeline does it, and the characters a
person read are given the places where the present reader sees them.

A photo is taken only where every word of its label was placed: what a person read but nobody can place would teach that
metal is blank there. Of one object or site, all photos are on one side of the split.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vision.catalogue.lookalikes import fold
from vision.close import look_close, patches
from vision.contrast import even_contrast
from vision.errors import PhotoError
from vision.find.heads import HeadFinder
from vision.flatten.band import BandFinder
from vision.photo import open_photo
from vision.read.protocol import Patch
from vision.read.stamped import StampedReader
from vision.training.learn.align import Spelt, spelt
from vision.training.sets.schema import Label, TrainingSet
from vision.training.stamped.examples import MARGIN_PX, WINDOW_PX, Example, Stands, window
from vision.types import Rgb

FIND_SIDE = 1000
LEAST_SCORE = 0.6
# Of objects and sites, one in so many is kept for measuring.
HELD_OUT_IN = 5


def is_held_out(label: Label) -> bool:
    """Whether a photo is kept for measuring: decided by its site, else its object, else itself, never by chance."""
    group = label.site or label.object or label.file
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % HELD_OUT_IN == 0


def real_windows(found: TrainingSet, models: Path, weights: Path, labels: Sequence[str]) -> tuple[Example, ...]:
    """The windows of the set's labelled headstamps that are to be trained on, in the labels' order."""
    wanted = [one for one in found.labels if one.kind == "headstamp" and one.elements and not is_held_out(one)]
    if not wanted:
        return ()
    finder, reader = PatchFinder(models), StampedReader(weights)
    return tuple(e for one in wanted for e in _windows(found.folder / one.file, one, finder, reader, labels))


def _windows(
    photo: Path, label: Label, finder: PatchFinder, reader: StampedReader, labels: Sequence[str]
) -> list[Example]:
    patch = finder.head_patch(photo)
    if patch is None:
        return []
    lattice = reader.read([patch])
    placed = [spelt(element, lattice) for element in label.elements]
    if any(one is None for one in placed):
        return []
    index = {shape: i for i, shape in enumerate(labels) if shape}
    return [
        cut
        for upside_down in (False, True)
        for cut in _cut(patch.rgb, [p for p in placed if p and p.upside_down == upside_down], index, upside_down)
    ]


class PatchFinder:
    """Finds heads with the weights of a models folder and unrolls them."""

    def __init__(self, models: Path) -> None:
        weights = models / "weights"
        self._heads, self._bands = HeadFinder(weights / "heads.onnx", 1), BandFinder(weights / "band.onnx", 1)

    def head_patch(self, photo: Path) -> Patch | None:
        """The surest head of a photo unrolled, None where none is found."""
        try:
            opened = open_photo(photo)
            small, scale = opened.reduced_rgb(FIND_SIDE)
            heads = [head for head in self._heads.find_heads(small, max_heads=1) if head.score >= LEAST_SCORE]
            return patches(look_close(opened, heads[0], scale, self._bands), (0,))[0] if heads else None
        except PhotoError:
            return None


def _cut(rgb: Rgb, words: Sequence[Spelt], index: dict[str, int], upside_down: bool) -> list[Example]:
    """One window round each word, with everything that stands this way up on the ring."""
    gray = even_contrast(rgb, circular=True)
    turn = gray.shape[1]
    gray = np.ascontiguousarray(gray[::-1, ::-1]) if upside_down else gray
    stands: list[Stands] = []
    for word in words:
        for text, place, reach in zip(word.shapes, word.angles, word.reach, strict=True):
            if fold(text) in index:
                middle = place / 360.0 * turn
                middle = turn - 1 - middle if upside_down else middle
                half = max(4.0, reach / 360.0 * turn / 2)
                stands.append(Stands(index[fold(text)], middle - half, middle + half))
    stands.sort(key=lambda s: s.middle)
    starts = [int(s.middle - WINDOW_PX / 2) % turn for s in stands[:: max(1, WINDOW_PX // (4 * MARGIN_PX))]]
    return [window(gray, stands, start) for start in starts]
