"""`marktrace report`: what an archive shows, or one photo's dossier."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vision.errors import UsageError


def report(
    store: Annotated[str, typer.Option(metavar="URL", help="The store: a file name, or its SQLAlchemy URL.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The page to write; standard output without it.")
    ] = None,
    photos_per_bar: Annotated[
        int, typer.Option(min=0, max=10_000, metavar="N", help="List up to N photos behind each bar.")
    ] = 12,
    thumbnails: Annotated[
        int, typer.Option(min=0, max=5_000, metavar="N", help="Show small pictures of up to N of the listed photos.")
    ] = 60,
) -> None:
    """Write what an archive shows as one page that prints: where its marks were made, by whom, when, and how surely.

    What people confirmed and what is only a candidate stand apart, and every bar leads to its photos.

    [bold]Examples[/bold]

      marktrace report --store finds.db -o finds.html
    """
    _archive(store, out, photos_per_bar, thumbnails)


def _archive(store: str, out: Path | None, photos_per_bar: int, thumbnails: int) -> None:
    from vision.archive.exports.figures import archive_of
    from vision.cli.stores import store_with_words
    from vision.report.archive import page
    from vision.whole import whole_file

    if out is not None and out.is_dir():
        raise UsageError(f"{out} is a folder; name a file.")
    with store_with_words(store) as (opened, words):
        shown = archive_of(opened, words, photos_per_bar=photos_per_bar, thumbnails=thumbnails)
    data = page(shown).encode("utf-8")
    if out is None:
        stream = typer.get_binary_stream("stdout")
        stream.write(data)
        stream.flush()
        return
    with whole_file(out) as stream:
        stream.write(data)
