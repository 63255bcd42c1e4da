"""Pictures to learn from and to check with, rendered once; pictures and their edges are kept as plain arrays.

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
import torch

from vision.training.symbols.drawing import SymbolRow, load_symbols
from vision.training.symbols.invented import invented
from vision.training.symbols.net import CELLS, WAYS
from vision.training.symbols.net import Edges as EdgesOf
from vision.training.symbols.render import bare, drawn, photographed
from vision.types import Rgb

MEMBERS = 4  # symbols of one invented family
# Of every symbol: photographed pictures to learn from and to check with; clean drawings, each a little different.
LEARNT, CHECKED, DRAWINGS = 480, 40, 12
INVENTED_LEARNT, INVENTED_CHECKED = 2, 5
UNSEEN_FAMILIES = 75
MISSED, BARE, BARE_CHECKED = 6000, 8000, 600
_AT_ONCE = 32
Pictures = npt.NDArray[np.uint8]
Kept = npt.NDArray[np.uint8]
EDGE_STEPS = 204  # edges are kept in whole steps of this many to one


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of all pictures by set: (symbols, pictures each, WAYS, CELLS, CELLS), in steps; bare, missed and
    bare_checked have one picture a row."""

    learnt: Kept
    learnt_drawings: Kept
    checked: Kept
    invented: Kept
    invented_drawings: Kept
    unseen: Kept
    bare: Kept
    missed: Kept
    bare_checked: Kept


def load_edges(folder: Path) -> Edges:
    """The edges of the pictures in folder, mapped from disk."""
    names = Edges.__dataclass_fields__
    return Edges(**{name: np.load(folder / f"{name}.edges.npy", "r", allow_pickle=False) for name in names})


@torch.no_grad()
def edges_of(pictures: Pictures) -> Kept:
    """Pictures (..., SIDE, SIDE, 3) as edges (..., WAYS, CELLS, CELLS) in steps of 1 / EDGE_STEPS."""
    flat, net = pictures.reshape(-1, *pictures.shape[-3:]), EdgesOf()
    found = np.empty((len(flat), WAYS, CELLS, CELLS), np.uint8)
    for k in range(0, len(flat), _AT_ONCE):
        part = torch.from_numpy(np.array(flat[k : k + _AT_ONCE])).permute(0, 3, 1, 2).float()
        found[k : k + _AT_ONCE] = (net(part) * EDGE_STEPS).round().numpy().astype(np.uint8)
    return found.reshape(*pictures.shape[:-3], WAYS, CELLS, CELLS)


def missed_pictures(pictures: Pictures, count: int, rng: np.random.Generator) -> Pictures:
    """Pictures (count, SIDE, SIDE, 3) cut out of others (S, N, SIDE, SIDE, 3) to show parts of symbols only."""
    picked = zip(rng.integers(0, pictures.shape[0], count), rng.integers(0, pictures.shape[1], count), strict=True)
    return np.stack([misframed(np.asarray(pictures[s, n]), rng) for s, n in picked])


def misframed(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """A picture (H, W, 3) cut beside the middle of its symbol, or too near."""
    side = picture.shape[0]
    zoom = float(rng.choice([rng.uniform(0.8, 1.3), rng.uniform(1.9, 3.0)]))
    way = rng.uniform(0, 2 * np.pi)
    off = float(rng.uniform(0.38, 0.6) if zoom < 1.5 else rng.uniform(0, 0.2)) * side
    middle = (side - 1) / 2
    x, y = middle + off * np.cos(way), middle + off * np.sin(way)
    matrix = np.array([[zoom, 0, middle - zoom * x], [0, zoom, middle - zoom * y]], np.float32)
    return np.asarray(cv2.warpAffine(picture, matrix, (side, side), borderMode=cv2.BORDER_REFLECT), np.uint8)


def drawing_as_seen(drawing: str) -> Pictures:
    """A clean drawing as it stands."""
    return drawn(drawing, _table()[1])


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
        "bare_checked": (partial(_bare_set, 4, seed), BARE_CHECKED),
        "learnt_drawings": (partial(_row_set, 5, DRAWINGS, False, seed), count),
        "invented_drawings": (partial(_invented_set, 6, 1, False, False, seed), all_invented),
        "learnt": (partial(_row_set, 0, LEARNT, True, seed), count),
        "invented": (partial(_invented_set, 1, INVENTED_LEARNT, True, False, seed), all_invented),
        "bare": (partial(_bare_set, 7, seed), BARE),
    }
    with ProcessPoolExecutor(jobs) as pool:
        for name, (make, rows) in jobs_of.items():
            path = folder / f"{name}.npy"
            if path.is_file():
                continue
            pictures = np.stack(list(pool.map(make, range(rows), chunksize=max(1, rows // (8 * jobs)))))
            _save(path, pictures)


def edge_bank(folder: Path, seed: int) -> None:
    """Keep the edges of every set beside its pictures; those that are there already are kept."""
    for name in Edges.__dataclass_fields__:
        path = folder / f"{name}.edges.npy"
        if path.is_file():
            continue
        if name == "missed":
            learnt = np.load(folder / "learnt.npy", "r", allow_pickle=False)
            pictures = missed_pictures(learnt, MISSED, np.random.default_rng([8, seed]))
        else:
            pictures = np.load(folder / f"{name}.npy", "r", allow_pickle=False)
        _save(path, edges_of(pictures))


def _save(path: Path, array: np.ndarray) -> None:
    partial = path.with_name(f".{path.name}")
    np.save(partial, array)
    partial.replace(path)
    sys.stderr.write(f"{path.name}: {array.shape}\n")


def main() -> None:
    """Render all pictures and take their edges."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--families", type=int, default=2200, help="of invented symbols, four each")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    render_bank(arguments.out, arguments.seed, arguments.families, arguments.jobs)
    edge_bank(arguments.out, arguments.seed)


if __name__ == "__main__":
    main()
