"""Which photos a person should label next: those the reader doubts most, and of these no two alike.

Photos are chosen one after the other: next is the one with the most doubt times how far what it shows is from what the
labelled photos and those chosen before show (Hellinger distance of how often each character stands there). What is left
to gain is the reader's own word: it is seldom quite as sure as it should be, so take it as a measure, not a promise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vision.read.stamped import StampedReader
from vision.training.learn.photos import PatchFinder
from vision.training.sets.files import inside
from vision.training.sets.labels import SUFFIXES
from vision.training.sets.schema import PHOTOS, TrainingSet
from vision.types import Floats, Lattice

# A step shows a character when the blank is less likely than this.
SHOWN = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the reader makes of a photo: of each character it sees the probability that it is another, and how often
    each label stands there (unit sum, or all 0)."""

    file: str
    doubts: tuple[float, ...]
    shares: Floats

    @property
    def doubt(self) -> float:
        """The characters expected to be misread; a head on which nothing is read counts as one."""
        return float(sum(self.doubts)) if self.doubts else 1.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The photos to label, the first most; how many were looked at and how many show no head; the share of characters
    that the reader expects to misread on all of them, and what of that doubt lies on the photos named."""

    files: tuple[str, ...]
    doubts: tuple[float, ...]
    looked_at: int
    without_head: int
    expected_wrong: float
    covered: float


def unlabelled(found: TrainingSet) -> list[str]:
    """The photos below the set's folder that no label names."""
    labelled = {label.file for label in found.labels}
    files = sorted(path.relative_to(found.folder).as_posix() for path in (found.folder / PHOTOS).rglob("*"))
    seen = [name for name in files if not any(part.startswith(".") for part in name.split("/"))]
    pictures = [name for name in seen if name.lower().endswith(SUFFIXES) and not inside(found.folder, name)]
    return [name for name in pictures if name not in labelled]


def looks(found: TrainingSet, files: Iterable[str], models: Path) -> list[Look | None]:
    """The reader's look at each photo, None where no head is found."""
    finder = PatchFinder(models)
    reader = StampedReader(models / "weights" / "stamped.onnx")
    seen: list[Look | None] = []
    for name in files:
        patch = finder.head_patch(found.folder / name)
        seen.append(look(name, reader.read([patch])) if patch else None)
    return seen


def look(file: str, lattice: Lattice) -> Look:
    """What a lattice says of a photo."""
    doubts: list[float] = []
    shares = np.zeros(len(lattice.alphabet), np.float32)
    for row in lattice.rows:
        shares[1:] += np.exp(row.log_probs[:, 1:]).sum(axis=0)
        best = np.exp(row.log_probs[:, 1:].max(axis=1))
        shown = np.exp(row.log_probs[:, 0]) < SHOWN
        edges = np.flatnonzero(np.diff(np.concatenate([[0], shown.astype(int), [0]])))
        doubts += [float(1.0 - best[start:end].max()) for start, end in edges.reshape(-1, 2)]
    return Look(file, tuple(doubts), np.asarray(shares / max(1e-9, float(shares.sum())), np.float32))


def chosen(some: Sequence[Look], known: Sequence[Look], count: int) -> list[Look]:
    """count of some, the most useful first; known are those that are labelled."""
    if not some:
        return []
    roots = np.sqrt(np.array([one.shares for one in some]))
    away = np.ones(len(some))
    for one in known:
        away = np.minimum(away, _distance(roots, np.sqrt(one.shares)))
    doubt = np.array([one.doubt for one in some])
    order: list[int] = []
    for _ in range(min(count, len(some))):
        worth = np.where(np.isin(np.arange(len(some)), order), -1.0, doubt * (away + 1e-3))
        order.append(int(np.argmax(worth)))
        away = np.minimum(away, _distance(roots, roots[order[-1]]))
    return [some[n] for n in order]


def _distance(roots: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(np.maximum(0.0, 1.0 - roots @ other)))


def suggestion(
    found: TrainingSet, models: Path, count: int, track: Callable[[Iterable[str], int], Iterable[str]]
) -> Suggestion:
    """Look at every unlabelled photo of a set, and at the labelled ones, and name count to label."""
    files, labelled = unlabelled(found), list(dict.fromkeys(one.file for one in found.labels))
    seen = looks(found, track([*files, *labelled], len(files) + len(labelled)), models)
    some = [one for one in seen[: len(files)] if one]
    known = [one for one in seen[len(files) :] if one]
    named = chosen(some, known, count)
    doubt = sum(one.doubt for one in some)
    characters = sum(max(1, len(one.doubts)) for one in some)
    return Suggestion(
        tuple(one.file for one in named),
        tuple(one.doubt for one in named),
        len(files),
        len(files) - len(some),
        doubt / max(1, characters),
        sum(one.doubt for one in named) / doubt if doubt else 0.0,
    )
