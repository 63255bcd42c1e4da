"""`marktrace export`: what an archive's store holds, in the formats of other tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vision.errors import OutputError, UsageError

if TYPE_CHECKING:
    from vision.archive.exports.items import Item
    from vision.archive.exports.stored import Words
    from vision.archive.store import Store

SOME_FAILED = 6


class Format(StrEnum):
    """The formats that can be asked for."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    xmp = "xmp"
    coco = "coco"
    label_studio = "label-studio"
    datapackage = "datapackage"


class SidecarName(StrEnum):
    """How sidecars are named: a.jpg.xmp or a.xmp."""

    full = "full"
    stem = "stem"


def export(
    store: Annotated[str, typer.Option(metavar="URL", help="The store: a file name, or its SQLAlchemy URL.")],
    form: Annotated[Format, typer.Option("--format", help="What to write.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="OUT",
            help="A file (jsonl, csv, parquet) or a new folder (coco, label-studio, datapackage). jsonl and csv go to "
            "standard output without it, xmp beside the photos.",
        ),
    ] = None,
    include_unconfirmed: Annotated[
        bool, typer.Option("--include-unconfirmed", help="Let out what no person has confirmed too, marked as such.")
    ] = False,
    strip_gps: Annotated[
        bool, typer.Option("--strip-gps", help="Leave out where photos were taken, and notes.")
    ] = False,
    strip_serials: Annotated[
        bool, typer.Option("--strip-serials", help="Hide the characters of serial numbers, and leave out notes.")
    ] = False,
    sidecar_name: Annotated[
        SidecarName, typer.Option(help="xmp: a.jpg.xmp (full), as digiKam and darktable have it, or a.xmp (stem).")
    ] = SidecarName.full,
    image_prefix: Annotated[
        str | None, typer.Option(metavar="URL", help="label-studio: what goes before each photo's path.")
    ] = None,
) -> None:
    """Write what an archive holds as tables, sidecars or label tasks. Photos are only read, never changed.

    Only what a person has decided leaves. What the machine proposes leaves with --include-unconfirmed, always marked
    unconfirmed, and as predictions where a format tells them from annotations.

    XMP sidecars keep what other programs wrote into them. With -o they are copied into another folder instead.

    [bold]Examples[/bold]

      marktrace export --store finds.db --format csv -o finds.csv

      marktrace export --store finds.db --format xmp --include-unconfirmed

      marktrace export --store finds.db --format datapackage -o package --strip-gps --strip-serials
    """
    from vision.cli.stores import store_with_words

    _check(form, out)
    with store_with_words(store) as (opened, words):
        from vision.archive.exports.stored import decided_items, stored_items

        is_xmp = form is Format.xmp
        everything = include_unconfirmed or is_xmp  # sidecars that say what was taken back since are put right as well
        items = stored_items(opened, words, every_file=is_xmp) if everything else decided_items(opened, words)
        items = _stripped(items, strip_gps, strip_serials)
        if is_xmp:
            keep = not (strip_gps or strip_serials) or out is None
            status = _sidecars(items, include_unconfirmed, sidecar_name, out, keep_others=keep)
        else:
            status = 0
            _save(form, items, include_unconfirmed, out, image_prefix)
        _tell_left(opened, words)
        raise typer.Exit(status)


def _tell_left(store: Store, words: Words) -> None:
    """Say of how many marks people's decisions did not leave since no file holds their photo."""
    from vision.archive.exports.stored import without_file
    from vision.text import so_many

    left = sum(map(len, without_file(store, words).values()))
    if left:
        typer.echo(
            f"Left out are decisions on {so_many(left, 'mark')} of photos whose file was changed or is gone: "
            "marktrace search --store STORE --without-file lists them.",
            err=True,
        )


def _check(form: Format, out: Path | None) -> None:
    if out is None and form not in (Format.jsonl, Format.csv, Format.xmp):
        raise UsageError(f"Say where to write with -o: {form.value} does not fit on standard output.")


def _stripped(items: Iterator[Item], gps: bool, serials: bool) -> Iterator[Item]:
    if not (gps or serials):
        return items
    from vision.archive.exports.strip import stripped
    from vision.privacy import mask_serials

    return stripped(items, gps=gps, serials=mask_serials if serials else None)


def _save(form: Format, items: Iterable[Item], unconfirmed: bool, out: Path | None, prefix: str | None) -> None:
    from vision.archive.exports.labelstudio import LOCAL_FILES
    from vision.archive.exports.save import save_file, save_folder, write_text

    if out is None:
        stream = typer.get_binary_stream("stdout")
        write_text(form.value, items, unconfirmed, stream)
        stream.flush()
    elif form in (Format.jsonl, Format.csv, Format.parquet):
        save_file(form.value, items, unconfirmed, out)
    else:
        save_folder(form.value, items, unconfirmed, out, LOCAL_FILES if prefix is None else prefix)


def _sidecars(
    items: Iterable[Item], unconfirmed: bool, naming: SidecarName, out: Path | None, *, keep_others: bool
) -> int:
    """Write sidecars, tell which were left alone and why; the exit status."""
    from vision.archive.exports.xmp import write_sidecars
    from vision.text import so_many, visible

    fates = {"written": 0, "unchanged": 0, "removed": 0, "left": 0}
    for outcome in write_sidecars(items, unconfirmed, naming=naming.value, out=out, keep_others=keep_others):
        fates[outcome.fate] += 1
        if outcome.fate == "left":
            typer.echo(visible(outcome.why), err=True)
    written = so_many(fates["written"], "sidecar", "sidecars")
    said = f"{written} written, {fates['unchanged']} as before, {fates['removed']} removed, {fates['left']} left alone."
    if 0 < fates["left"] == sum(fates.values()):
        raise OutputError(said)
    typer.echo(said, err=True)
    return SOME_FAILED if fates["left"] else 0
