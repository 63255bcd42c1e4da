"""`marktrace log`: is the decision log whole, how far has it come, and a copy of it that anybody can check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vision.errors import UsageError
from vision.text import visible

if TYPE_CHECKING:
    from vision.archive import Store as ArchiveStore
    from vision.archive.people import People
    from vision.review.ledger import Ledger
    from vision.review.log import Head
    from vision.review.source import StoreSource

log_app = typer.Typer(
    help="The decision log: verify it, note its head, copy it, and learn from it.", no_args_is_help=True
)
BROKEN = 7

Store = Annotated[str, typer.Option("--store", metavar="URL", help="The store: a file name, or its SQLAlchemy URL.")]


@log_app.command()
def verify(
    store: Store,
    head: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A head noted earlier: shows cut ends and rewritten logs.")
    ] = None,
    public_key: Annotated[
        str | None, typer.Option(metavar="HEX", help="The key that must have signed that head.")
    ] = None,
) -> None:
    """Check the whole log: each entry's sha256 and that it follows on the one before. Exit code 7 if it is broken.

    It says at which entry the log first breaks, and what no check of this kind can exclude.
    """
    from vision.archive import open_store
    from vision.review.log import read_head
    from vision.review.verify import verify as walk

    noted = read_head(head) if head else None
    if public_key is not None:
        _check_signature(noted, public_key)
    with open_store(store) as opened:
        verdict = walk(opened.people().log_rows(), (noted.count, noted.sha256) if noted else None)
    typer.echo(str(verdict))
    if verdict.fault:
        raise typer.Exit(BROKEN)


@log_app.command()
def head(
    store: Store,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it to this file, not beside the store.")
    ] = None,
    sign_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Sign it with this key.")] = None,
) -> None:
    """Note how far the log has come, for a file kept elsewhere and for the case file on paper.

    A head that the file has already is held against the log first; where the two do not fit it is kept: exit code 7.
    """
    from vision.archive import open_store
    from vision.review.heads import HeadFile
    from vision.review.log import Head, now
    from vision.review.sign import signed
    from vision.review.verify import verify as walk
    from vision.targets import check_target

    if out is not None:
        check_target(out)
    with open_store(store) as opened:
        rows = opened.people().log_rows()
        verdict = HeadFile(out, sign_key).check(rows) if out else walk(rows)
    if verdict.fault:
        typer.echo(str(verdict))
        raise typer.Exit(BROKEN)
    noted = Head(verdict.entries, verdict.sha256, now())
    if out is not None:
        file = HeadFile(out, sign_key)
        if begun := file.begins(verdict.entries):
            typer.echo(begun, err=True)
        noted = file.note(noted)
    elif sign_key is not None:
        noted = signed(noted, sign_key)
    typer.echo(noted.printed())


@log_app.command()
def export(
    store: Store,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The file to write; standard output without it.")
    ] = None,
) -> None:
    """Copy the log to JSON Lines that vision/review/verify.py, one short file, checks without marktrace."""
    from vision.archive import open_store

    with open_store(store) as opened:
        _put(_lines(opened.people()), out)


@log_app.command()
def labels(
    store: Store,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The file to write; standard output without it.")
    ] = None,
) -> None:
    """Write what people read on marks as labels for training, JSON Lines, with who and when.

    marktrace log corrections writes them with their photos and the rows of the marking set that they correct.
    """
    from vision.archive import open_store
    from vision.review.labels import as_lines
    from vision.review.labels import labels as read

    with open_store(store) as opened:
        _put(as_lines(read(*_counted(opened))), out)


@log_app.command()
def corrections(
    store: Store,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="The marking set's folder, a new one.")],
) -> None:
    """Write what people read as a marking set to train from: photos, labels, and a proposed row for each unknown code.

    A proposed row is of grade C, a lead and no more, and its source names who said it, when and in which entries.

    [bold]Example[/bold]

      marktrace log corrections --store finds.db -o corrections

      marktrace catalogue check corrections
    """
    from vision.archive import open_store
    from vision.catalogue import load_marking_set
    from vision.review.corrections import write_set
    from vision.review.labels import labels as read

    with open_store(store) as opened:
        source, ledger = _counted(opened)
        photos, proposed, gone = write_set(out, read(source, ledger), source, load_marking_set())
    for path in gone:
        typer.echo(f"{visible(path)} is gone or another file by now: left out.", err=True)
    typer.echo(f"{out}: {photos} photos with what people read on them, {proposed} proposed rows.", err=True)


@log_app.command()
def new_key(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The key's file; it must not exist yet.")],
) -> None:
    """Make a key that signs heads, and print its public half, which is needed to check them."""
    from vision.review.sign import new_key as make

    typer.echo(make(out))


def _counted(opened: ArchiveStore) -> tuple[StoreSource, Ledger]:
    """The marks of a store, and what its log comes to."""
    from vision.review.ledger import Ledger
    from vision.review.log import Entry
    from vision.review.source import StoreSource

    ledger = Ledger()
    ledger.take(Entry(*row) for row in opened.people().log_rows())
    return StoreSource(opened), ledger


def _lines(people: People) -> Iterator[str]:
    names = ("number", "entry", "sha256")
    return (json.dumps(dict(zip(names, row, strict=True))) for row in people.log_rows())


def _put(lines: Iterator[str], out: Path | None) -> None:
    from vision.targets import check_target
    from vision.whole import whole_file

    if out is None:
        stream = typer.get_binary_stream("stdout")
        stream.writelines(f"{line}\n".encode() for line in lines)
        stream.flush()
        return
    check_target(out)
    with whole_file(out) as file:
        file.writelines(f"{line}\n".encode() for line in lines)


def _check_signature(noted: Head | None, public_key: str) -> None:
    from vision.review.sign import is_signed_by

    if noted is None:
        raise UsageError("--public-key checks a head: name its file with --head.")
    if not is_signed_by(noted, public_key):
        typer.echo("The head was not signed with this key, or was changed since.")
        raise typer.Exit(BROKEN)
    typer.echo("The head was signed with this key and is unchanged.")
