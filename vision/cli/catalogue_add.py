"""marktrace catalogue add: a symbol taught by one drawing or a few photos, without training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vision.errors import PhotoError, UsageError

if TYPE_CHECKING:
    from vision.types import Rgb

MOST_BYTES = 30 * 2**20
MOST_PIXELS = 40_000_000
_PICTURE_SIDE = 800  # pixels an example is looked at


def add(
    folder: Annotated[Path, typer.Argument(metavar="SET", help="The folder of a marking set.")],
    examples: Annotated[
        list[Path], typer.Argument(metavar="PICTURE...", help="One to five drawings or photos of the symbol alone.")
    ],
    symbol: Annotated[str, typer.Option(metavar="NAME", help="What to call it, such as 'lion in shield'.")],
    replace: Annotated[bool, typer.Option("--replace", help="Forget what was taught under this name before.")] = False,
) -> None:
    """Teach a marking set a symbol from one drawing or up to five photos. Nothing is trained.

    Each picture shows the symbol alone and upright, on a plain ground: cut photos close. A drawing is dark on white.

    [bold]Example[/bold]

      marktrace catalogue add myset --symbol 'lion in shield' lion.png photo1.jpg photo2.jpg
    """
    from vision.catalogue.taught import MOST_EXAMPLES, TaughtSymbol, load_taught, save_taught, symbol_name
    from vision.manifest import models_folder, write_manifest
    from vision.match.symbols import SymbolNamer, at_side

    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}: name the folder of a marking set.")
    if not 1 <= len(examples) <= MOST_EXAMPLES:
        raise UsageError(f"A symbol is taught by one to {MOST_EXAMPLES} pictures, not {len(examples)}.")
    name, taught = symbol_name(symbol), load_taught(folder)
    namer = SymbolNamer(models_folder() / "weights" / "symbols.onnx")
    if name in namer.names or (not replace and any(other.name == name for other in taught)):
        raise UsageError(f"{name} is known already: choose another name, or --replace what was taught under it.")
    pictures, digests = zip(*(_example(path) for path in examples), strict=True)
    others = tuple(other for other in taught if other.name != name)
    for other in others:
        namer.teach(other.name, other.pictures)
    written = save_taught(folder, (*others, TaughtSymbol(name, pictures, digests)))
    if written.resolve().is_relative_to(models_folder().resolve()):
        write_manifest(models_folder())
    typer.echo(f"{name} taught by {len(pictures)} picture{'s' if len(pictures) > 1 else ''}: {written}")
    for path, naming in zip(examples, namer.name([at_side(picture) for picture in pictures]), strict=True):
        if naming.margin >= 0.0:
            typer.echo(f"{path} looks like {naming.name}: the two may be mistaken for each other.", err=True)


def _example(path: Path) -> tuple[Rgb, str]:
    """A picture of a symbol as it is kept, and the sha256 of its file. Raises PhotoError for a file that is refused."""
    from vision.catalogue.taught import SIDE
    from vision.match.symbols import framed
    from vision.photo import Limits, open_photo

    try:
        opened = open_photo(path, limits=Limits(file_bytes=MOST_BYTES, pixels=MOST_PIXELS))
        picture = framed(opened.reduced_rgb(_PICTURE_SIDE)[0], SIDE)
    except PhotoError as error:
        raise PhotoError(error.code, f"{path}: {error.detail}") from error
    if picture is None:
        raise UsageError(f"{path} shows nothing that stands out from its ground: hand in the symbol dark on white.")
    return picture, opened.photo.sha256
