"""The drawings of a marking set become symbols that the model can name: taught by their pictures, not trained."""

from __future__ import annotations

import hashlib
from pathlib import Path

from vision.catalogue.taught import SIDE, TaughtSymbol, load_taught, save_taught
from vision.errors import KitError
from vision.match.symbols import SymbolNamer, framed
from vision.photo import open_photo
from vision.training.sets.schema import TrainingSet
from vision.training.sets.svg import drawn
from vision.types import Rgb

_PICTURE_SIDE = 800


def drawings(found: TrainingSet) -> dict[str, TaughtSymbol]:
    """Every symbol a set brings, by its name. Raises KitError for a drawing that shows nothing."""
    own = {one.name: one for one in load_taught(found.folder)}
    return own | {name: _drawing(name, path) for name, path in found.symbols.items() if name not in own}


def teach(found: TrainingSet, models: Path) -> tuple[str, ...]:
    """Put the set's drawings, and what it was taught (marktrace catalogue add), beside the tables of a models folder;
    the names that are new to it. What the network names already, or the folder was taught, stays as it is.

    Raises KitError for a drawing that shows nothing.
    """
    own = drawings(found)
    if not own:
        return ()
    markings = models / "markings"
    taught = {one.name: one for one in load_taught(markings)}
    network = models / "weights" / "symbols.onnx"
    known = {*(SymbolNamer(network).names if network.is_file() else ()), *taught}
    new = {name: one for name, one in own.items() if name not in known}
    if new:
        save_taught(markings, tuple((taught | new).values()))
    return tuple(new)


def _drawing(name: str, path: Path) -> TaughtSymbol:
    data = path.read_bytes()
    picture: Rgb | None = framed(
        drawn(data) if path.suffix == ".svg" else open_photo(path).reduced_rgb(_PICTURE_SIDE)[0], SIDE
    )
    if picture is None:
        raise KitError(f"symbols/{path.name} shows nothing that stands out from its ground: draw it dark on white.")
    return TaughtSymbol(name, (picture,), (hashlib.sha256(data).hexdigest(),))
