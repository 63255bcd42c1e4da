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
    photo: Annotated[
        str | None,
        typer.Option(metavar="PHOTO", help="Write this photo's dossier instead: its file, or its sha256's beginning."),
    ] = None,
    mask_serials: Annotated[
        bool, typer.Option("--mask-serials", help="In a dossier, hide serial numbers and what shows them.")
    ] = False,
    photos_per_bar: Annotated[
        int, typer.Option(min=0, max=10_000, metavar="N", help="List up to N photos behind each bar.")
    ] = 12,
    thumbnails: Annotated[
        int, typer.Option(min=0, max=5_000, metavar="N", help="Show small pictures of up to N of the listed photos.")
    ] = 60,
) -> None:
    """Write what an archive shows as one page that prints: where its marks were made, by whom, when, and how surely.

    With --photo, one photo's dossier: what was photographed, read, matched and decided, with hashes, sources, limits,
    and a data sheet for a tracing request; as PDF when the file's name ends in .pdf.

    What people confirmed and what is only a candidate stand apart, and every bar leads to its photos.

    [bold]Examples[/bold]

      marktrace report --store finds.db -o finds.html

      marktrace report --store finds.db --photo IMG_0042.jpg -o dossier.pdf
    """
    from vision.targets import check_target

    if out is not None:
        check_target(out)
    if photo is not None:
        _dossier(store, photo, out, mask_serials)
        return
    if mask_serials:
        raise UsageError("--mask-serials is for a dossier: name its photo with --photo.")
    _archive(store, out, photos_per_bar, thumbnails)


def _archive(store: str, out: Path | None, photos_per_bar: int, thumbnails: int) -> None:
    from vision.archive.exports.figures import archive_of
    from vision.cli.stores import store_with_words
    from vision.report.archive import page

    with store_with_words(store) as (opened, words):
        shown = archive_of(opened, words, photos_per_bar=photos_per_bar, thumbnails=thumbnails)
    _put(page(shown).encode("utf-8"), out)


def _dossier(store: str, photo: str, out: Path | None, mask_serials: bool) -> None:
    from vision.archive import open_store
    from vision.privacy import mask_serials as mask
    from vision.report.dossier import page, pdf
    from vision.review.case import find_photo, gather

    with open_store(store) as opened:
        html = page(gather(opened, find_photo(opened, photo), mask if mask_serials else None))
    is_pdf = out is not None and out.suffix.lower() == ".pdf"
    _put(pdf(html) if is_pdf else html.encode("utf-8"), out)


def _put(data: bytes, out: Path | None) -> None:
    from vision.whole import whole_file

    if out is None:
        stream = typer.get_binary_stream("stdout")
        stream.write(data)
        stream.flush()
        return
    with whole_file(out) as stream:
        stream.write(data)
