"""marktrace catalogue add: a symbol taught by one drawing or a few photos, without training."""

from __future__ import annotations

import hashlib
import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vision.errors import PhotoError, UsageError

if TYPE_CHECKING:
    from vision.types import Rgb

# By one of these files a folder is a marking set that somebody wrote, or the tables of a model.
SET, TABLE = "set.toml", "countries.csv"
MOST_BYTES = 30 * 2**20
MOST_PIXELS = 40_000_000
_PICTURE_SIDE = 800  # pixels an example is looked at


def add(
    folder: Annotated[Path, typer.Argument(metavar="SET", help="The folder of a marking set.")],
    examples: Annotated[
        list[Path],
        typer.Argument(metavar="PICTURE...", help="One to five drawings (also SVG) or photos of the symbol alone."),
    ],
    symbol: Annotated[str, typer.Option(metavar="NAME", help="What to call it, such as 'lion in shield'.")],
    replace: Annotated[bool, typer.Option("--replace", help="Forget what was taught under this name before.")] = False,
) -> None:
    """Teach a marking set a symbol from one drawing or up to five photos. Nothing is trained.

    Each picture shows the symbol alone and upright, on a plain ground: cut photos close. A drawing is dark on white.
    marktrace identify knows it where SET is the folder of the tables in use (models/markings); in a set of your own it
    waits for marktrace train.

    [bold]Example[/bold]

      marktrace catalogue add models/markings --symbol 'lion in shield' lion.svg photo1.jpg photo2.jpg
    """
    from vision.catalogue.taught import MOST_EXAMPLES, TaughtSymbol, load_taught, save_taught, symbol_name
    from vision.manifest import models_folder, verify_manifest, write_manifest
    from vision.match.symbols import SymbolNamer, at_side

    _check_folder(folder)
    if not 1 <= len(examples) <= MOST_EXAMPLES:
        raise UsageError(f"A symbol is taught by one to {MOST_EXAMPLES} pictures, not {len(examples)}.")
    name, taught = symbol_name(symbol), load_taught(folder)
    namer = SymbolNamer(models_folder() / "weights" / "symbols.onnx")
    if name in namer.names:
        raise UsageError(f"{name} is a symbol that the model was trained on, and cannot be taught over: rename yours.")
    if not replace and any(other.name == name for other in taught):
        raise UsageError(f"{name} was taught before: choose another name, or --replace what was taught under it.")
    model = _model_of(folder)
    if model is not None:
        verify_manifest(model)  # what else was changed in it must not be made good by the new manifest
    pictures, digests = zip(*(_example(path) for path in examples), strict=True)
    others = tuple(other for other in taught if other.name != name)
    for other in others:
        namer.teach(other.name, other.pictures)
    written = save_taught(folder, (*others, TaughtSymbol(name, pictures, digests)))
    if model is not None:
        write_manifest(model)
    typer.echo(f"{name} taught by {len(pictures)} picture{'s' if len(pictures) > 1 else ''}: {written}")
    for path, naming in zip(examples, namer.name([at_side(picture) for picture in pictures]), strict=True):
        if naming.margin >= 0.0:
            typer.echo(f"{path} looks like {naming.name}: the two may be mistaken for each other.", err=True)
    _tell_where_it_counts(folder, model)


def _check_folder(folder: Path) -> None:
    """Raises UsageError for a folder that is no marking set."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}: name the folder of a marking set.")
    if not any((folder / name).is_file() for name in (SET, TABLE)):
        inner = folder / "markings"
        remedy = f"name {inner}" if (inner / TABLE).is_file() else "marktrace catalogue new begins one"
        raise UsageError(f"{folder} is no marking set, as it has neither {SET} nor {TABLE}: {remedy}.")


def _model_of(folder: Path) -> Path | None:
    """The model whose tables a folder holds, or that it lies in, None for a set that stands by itself."""
    from vision.manifest import NAME

    return next((above for above in folder.resolve().parents if _is_model(above / NAME)), None)


def _is_model(manifest: Path) -> bool:
    try:
        found = json.loads(manifest.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and str(found.get("schema", "")).startswith("marktrace-manifest/")


def _tell_where_it_counts(folder: Path, model: Path | None) -> None:
    """Say it where marktrace identify does not know the symbol by what was written."""
    from vision.manifest import models_folder

    used = models_folder()
    if (folder / SET).is_file():
        own, tables = shlex.quote(str(folder)), shlex.quote(str(used / "markings"))
        typer.echo(
            f"marktrace identify knows it once the set is trained: marktrace train {own}. To have it at once, teach "
            f"the model in use: marktrace catalogue add {tables} ...",
            err=True,
        )
    elif model != used.resolve():
        typer.echo("marktrace identify knows it once this model is in use: marktrace models use.", err=True)


def _example(path: Path) -> tuple[Rgb, str]:
    """A picture of a symbol as it is kept, and the sha256 of its file. Raises PhotoError for a file that is refused."""
    from vision.catalogue.taught import SIDE
    from vision.match.symbols import framed
    from vision.photo import Limits, open_photo

    if path.suffix.lower() == ".svg":
        return _drawing(path)
    try:
        opened = open_photo(path, limits=Limits(file_bytes=MOST_BYTES, pixels=MOST_PIXELS))
        picture = framed(opened.reduced_rgb(_PICTURE_SIDE)[0], SIDE)
    except PhotoError as error:
        raise PhotoError(error.code, f"{path}: {error.detail}") from error
    if picture is None:
        raise UsageError(f"{path} shows nothing that stands out from its ground: hand in the symbol dark on white.")
    return picture, opened.photo.sha256


def _drawing(path: Path) -> tuple[Rgb, str]:
    """The same of a drawing in SVG. Raises UsageError for one that cannot be drawn."""
    from vision.catalogue.tables import Faults
    from vision.catalogue.taught import SIDE
    from vision.match.symbols import framed
    from vision.training.sets.files import svg_bytes
    from vision.training.sets.svg import drawn

    faults = Faults(str(path))
    data = svg_bytes(path, faults)
    if faults.found:
        raise UsageError(f"{faults.found[0]}.")
    picture = framed(drawn(data), SIDE)
    if picture is None:
        raise UsageError(f"{path} shows nothing that stands out from its ground: hand in the symbol dark on white.")
    return picture, hashlib.sha256(data).hexdigest()
