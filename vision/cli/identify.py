"""`marktrace identify`: one or a few photos to candidate origins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vision.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vision.pipeline import Pipeline
    from vision.types import Context, Result, Views

SOME_FAILED = 6
NOTHING_READABLE = 2


class ReaderName(StrEnum):
    """The readers that can be asked for."""

    ppocr = "ppocr"
    stamped = "stamped"
    tesseract = "tesseract"


def identify(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO...", help="JPEG, PNG, TIFF, WebP, HEIC or BMP files.")],
    json_lines: Annotated[bool, typer.Option("--json", help="Write records as JSON Lines instead of a table.")] = False,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write drawn sheets as one HTML page, or one a photo into a folder."),
    ] = None,
    png: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a drawn sheet as a picture; a folder for several photos.")
    ] = None,
    same_object: Annotated[
        bool, typer.Option("--same-object", help="The photos show one cartridge: join them into one reading.")
    ] = False,
    context_country: Annotated[
        str | None, typer.Option(metavar="XX", help="Where it was found, as an ISO code such as SD.")
    ] = None,
    context_year: Annotated[int | None, typer.Option(metavar="YYYY", help="When it was found.")] = None,
    calibre: Annotated[
        str | None, typer.Option(metavar="NAME", help="The calibre if measured, such as 7.62x39mm.")
    ] = None,
    reader: Annotated[
        list[ReaderName] | None,
        typer.Option(help="Reader to use; repeat to combine several. Left out: ppocr and stamped."),
    ] = None,
    limit_candidates: Annotated[
        int, typer.Option(min=1, metavar="N", help="Show at most N candidates a mark. Records keep them all.")
    ] = 5,
    mask_serials: Annotated[
        bool, typer.Option("--mask-serials", help="Hide serial numbers in tables, records and sheets.")
    ] = False,
) -> None:
    """Find the marks in photos, read them, and rank where they may have been made.

    What is known of the find (place, year, calibre) shifts the ranking, and it is shown by how much.

    Several photos of one cartridge, in different light or turned differently, read better together: --same-object.

    The photos are only read, never changed.

    [bold]Examples[/bold]

      marktrace identify head.jpg

      marktrace identify head.jpg --html sheet.html --png sheet.png

      marktrace identify a.jpg b.jpg c.jpg --same-object

      marktrace identify *.jpg --context-country SD --context-year 2014 --calibre 7.62x39mm

      marktrace identify *.jpg --json > records.jsonl
    """
    from vision.cli.sheets import Sheets

    context = _context(context_country, context_year, calibre)
    sheets = Sheets(photos, html, png, limit_candidates, same_object=same_object)
    pipeline = _load(tuple(name.value for name in reader or ()), context)
    results: list[Result] = []
    try:
        with _progress(len(photos), quiet=json_lines) as step:
            examined = _examined_together if same_object else _examined
            for result, views in examined(pipeline, photos, with_views=sheets.wanted):
                if mask_serials:
                    result, views = _masked(result, views)
                if json_lines:
                    _write_record(result)
                results.append(result)
                sheets.add(result, views)
                step()
        sheets.finish()
    except OutputError:  # a full disk must not cost what was found
        _show(results, limit_candidates, quiet=json_lines)
        raise
    _show(results, limit_candidates, quiet=json_lines)
    raise typer.Exit(status(results))


def status(results: list[Result]) -> int:
    """The exit status of a run: 0, 2 when nothing was readable in any photo, 6 when some photos failed."""
    from vision.report.content import readable

    if not any(readable(result) for result in results):
        return NOTHING_READABLE
    return SOME_FAILED if any(result.failure for result in results) else 0


def _load(readers: tuple[str, ...], context: Context) -> Pipeline:
    # Which readers are used when none is named is the pipeline's to say.
    from vision.pipeline import Pipeline

    return Pipeline.load(readers=readers, context=context) if readers else Pipeline.load(context=context)


def _examined(pipeline: Pipeline, photos: list[Path], *, with_views: bool) -> Iterator[tuple[Result, Views | None]]:
    """Each photo's result in order, with the pictures to draw when sheets are wanted."""
    if with_views:
        for photo in photos:
            yield pipeline.inspect(photo)
    else:
        for result in pipeline.identify(photos):
            yield result, None


def _examined_together(
    pipeline: Pipeline, photos: list[Path], *, with_views: bool
) -> Iterator[tuple[Result, Views | None]]:
    """As _examined, where the photos show one object."""
    if with_views:
        yield from pipeline.inspect_object(photos)
    else:
        yield from ((result, None) for result in pipeline.identify_object(photos))


def _masked(result: Result, views: Views | None) -> tuple[Result, Views | None]:
    """A result and its pictures without serial numbers."""
    from vision.privacy import masked_result, masked_views

    return masked_result(result), masked_views(views, result) if views else None


def _context(country: str | None, year: int | None, calibre: str | None) -> Context:
    from vision.report.countries import is_country
    from vision.types import Context

    if country is not None and not is_country(country.upper()):
        raise UsageError(f"{country!r} is not an ISO 3166-1 country code of two letters, such as SD for Sudan.")
    if year is not None and not 1800 <= year <= 2100:
        raise UsageError(f"--context-year is the year of the find, between 1800 and 2100; got {year}.")
    if calibre is not None:
        _check_calibre(calibre)
    return Context(country.upper() if country else None, year, calibre)


def _check_calibre(calibre: str) -> None:
    """Refuse a calibre that the marking set does not know: it would speak against every mark of known calibres."""
    from difflib import get_close_matches

    from vision.catalogue.calibres import CalibreReader
    from vision.catalogue.load import load_marking_set

    known = load_marking_set().calibres
    if CalibreReader(known).read(calibre):
        return
    near = get_close_matches(calibre, [one.name for one in known])
    hint = f"Did you mean {' or '.join(near)}?" if near else "Write it as 7.62x39mm or 9x19mm, or leave it out."
    raise UsageError(f"{calibre!r} is not a calibre of the marking set. {hint}")


def _write_record(result: Result) -> None:
    """One line on standard output, as UTF-8 whatever the locale, at once so that a reader can follow."""
    stream = typer.get_binary_stream("stdout")
    stream.write(result.to_json().encode("utf-8") + b"\n")
    stream.flush()


def _show(results: list[Result], limit: int, *, quiet: bool) -> None:
    """The table and its summary, unless records are written instead."""
    if quiet:
        return
    from rich.console import Console

    from vision.cli.table import summary, table

    out = Console()
    if not out.is_terminal:
        out = Console(width=120)
    out.print(table(results, limit))
    Console(stderr=True).print(summary(results))


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Callable[[], None]]:
    """A bar on standard error for several photos on a terminal, unless records scroll by on the same one."""
    from rich.console import Console

    errors = Console(stderr=True)
    if total < 2 or not errors.is_terminal or (quiet and Console().is_terminal):
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Reading photos"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
