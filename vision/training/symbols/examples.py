"""Pictures to learn from and to check with, rendered once and kept as plain arrays that are read from disk.

Seeds: the n-th picture of a set is drawn from [set's number, seed, n]; checking uses sets that training never reads.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vision.training.symbols.drawing import SymbolRow, load_symbols
from vision.training.symbols.invented import invented
from vision.training.symbols.net import SIDE as NET_SIDE
from vision.training.symbols.render import bare, drawn, photographed
from vision.types import Rgb

MEMBERS = 4  # symbols of one invented family
# Of every symbol: photographed pictures to learn from and to check with; clean drawings, each a little different.
LEARNT, CHECKED, DRAWINGS = 300, 40, 6
INVENTED_LEARNT, INVENTED_CHECKED = 5, 5
UNSEEN_FAMILIES = 75
Pictures = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Bank:
    """All pictures by set: (symbols, pictures each, SIDE, SIDE, 3); bare has one picture a row."""

    learnt: Pictures
    learnt_drawings: Pictures
    checked: Pictures
    invented: Pictures
    invented_drawings: Pictures
    unseen: Pictures
    bare: Pictures
    bare_checked: Pictures


SETS = tuple(Bank.__dataclass_fields__)


def load_bank(folder: Path) -> Bank:
    """The pictures in folder, at the size that the network sees."""
    return Bank(**{name: _as_seen(np.load(folder / f"{name}.npy", "r", allow_pickle=False)) for name in SETS})


def _as_seen(pictures: Pictures) -> Pictures:
    """Pictures (..., H, W, 3) at the network's size."""
    flat = pictures.reshape(-1, *pictures.shape[-3:])
    small = np.empty((len(flat), NET_SIDE, NET_SIDE, 3), np.uint8)
    for n, picture in enumerate(flat):
        small[n] = cv2.resize(picture, (NET_SIDE, NET_SIDE), interpolation=cv2.INTER_AREA)
    return small.reshape(*pictures.shape[:-3], NET_SIDE, NET_SIDE, 3)


def drawing_as_seen(drawing: str) -> Pictures:
    """A clean drawing as it stands, at the network's size."""
    return _as_seen(drawn(drawing, _table()[1]))


def clean(drawing: str, parts: dict[str, str], rng: np.random.Generator) -> Rgb:
    """A drawing as different people would hand it in: thinner, thicker."""
    return drawn(drawing, parts, rng, weight=float(np.exp(rng.normal(0, 0.25))))


def row_picture(row: SymbolRow, parts: dict[str, str], rng: np.random.Generator, *, on_metal: bool) -> Rgb:
    """One of the ways a symbol of the marking set is drawn, clean or on metal."""
    drawing = row.drawings[int(rng.integers(len(row.drawings)))]
    return photographed(drawing, parts, rng) if on_metal else clean(drawing, parts, rng)


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[SymbolRow, ...], dict[str, str]]:
    return load_symbols()


def _row_set(number: int, count: int, on_metal: bool, seed: int, index: int) -> Pictures:
    rows, parts = _table()
    rngs = [np.random.default_rng([number, seed, index, n]) for n in range(count)]
    return np.stack([row_picture(rows[index], parts, rng, on_metal=on_metal) for rng in rngs])


def _invented_set(number: int, count: int, on_metal: bool, unseen: bool, seed: int, index: int) -> Pictures:
    drawing = invented(index // MEMBERS, index % MEMBERS, unseen)
    make = photographed if on_metal else clean
    rngs = [np.random.default_rng([number, seed, index, n]) for n in range(count)]
    return np.stack([make(drawing, _table()[1], rng) for rng in rngs])


def _bare_set(number: int, seed: int, index: int) -> Pictures:
    return bare(np.random.default_rng([number, seed, index]), _table()[1])


def render_bank(folder: Path, seed: int, families: int, jobs: int) -> None:
    """Render every set into folder; one that is there already is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    count, all_invented = len(_table()[0]), families * MEMBERS
    jobs_of: dict[str, tuple[Callable[[int], Pictures], int]] = {
        "checked": (partial(_row_set, 2, CHECKED, True, seed), count),
        "unseen": (partial(_invented_set, 3, INVENTED_CHECKED, True, True, seed), UNSEEN_FAMILIES * MEMBERS),
        "bare_checked": (partial(_bare_set, 4, seed), 1000),
        "learnt_drawings": (partial(_row_set, 5, DRAWINGS, False, seed), count),
        "invented_drawings": (partial(_invented_set, 6, 2, False, False, seed), all_invented),
        "learnt": (partial(_row_set, 0, LEARNT, True, seed), count),
        "invented": (partial(_invented_set, 1, INVENTED_LEARNT, True, False, seed), all_invented),
        "bare": (partial(_bare_set, 7, seed), 4000),
    }
    with ProcessPoolExecutor(jobs) as pool:
        for name, (make, rows) in jobs_of.items():
            path = folder / f"{name}.npy"
            if path.is_file():
                continue
            pictures = np.stack(list(pool.map(make, range(rows), chunksize=max(1, rows // (8 * jobs)))))
            np.save(folder / f"{name}.partial.npy", pictures)
            (folder / f"{name}.partial.npy").replace(path)
            sys.stderr.write(f"{name}: {pictures.shape}\n")


def main() -> None:
    """Render all pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--families", type=int, default=1100, help="of invented symbols, four each")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    render_bank(arguments.out, arguments.seed, arguments.families, arguments.jobs)


if __name__ == "__main__":
    main()
