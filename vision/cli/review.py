"""`marktrace review`: the page where people decide."""

from __future__ import annotations

import getpass
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vision.errors import MissingError, OutputError, UsageError

if TYPE_CHECKING:
    from vision.archive.store import Store
    from vision.review.desk import Desk
    from vision.review.heads import HeadFile


def review(
    store: Annotated[str, typer.Option(metavar="URL", help="The store: a file name, or its SQLAlchemy URL.")],
    name: Annotated[
        str | None, typer.Option(help="Your name in the log; left out: that of this machine's user.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port on this machine; 0 takes a free one.")] = 0,
    head: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where the log's head is noted when people stop; not beside the store. "
            "One that is there is held against the log first.",
        ),
    ] = None,
    sign_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Sign that head with this key (marktrace log new-key).")
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Everybody reads a mark themselves before any candidate shows.")
    ] = False,
    second: Annotated[
        float, typer.Option(min=0.0, max=1.0, metavar="SHARE", help="The share of marks that two people look at.")
    ] = 0.0,
    controls: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Known marks to seed, JSON Lines: see docs/reviewer.md.")
    ] = None,
    public_origin: Annotated[
        str, typer.Option(metavar="URL", help="The https address of a proxy before the page, for work over a network.")
    ] = "",
) -> None:
    """Open the page where people decide what the machine only proposes. Ctrl-C stops it.

    It answers on this machine only. The address that is printed signs you in once, as a lead; others sign in with
    accounts (marktrace accounts add).

    [bold]Examples[/bold]

      marktrace review --store finds.db --head /media/usb/finds.head.json

      marktrace review --store finds.db --blind --second 0.1 --controls known.jsonl
    """
    if sign_key is not None and head is None:
        raise UsageError("--sign-key signs the head: say with --head where it is noted.")
    if public_origin and not public_origin.startswith("https://"):
        raise UsageError("--public-origin is an https address: over a network nothing else keeps sessions safe.")
    _check_installed()
    from vision.archive import open_store

    with open_store(store) as opened:
        noted = _head_file(head, sign_key)
        desk = _desk(opened, blind=blind, second=second, controls=controls, head=noted)
        if noted and (begun := noted.begins(desk.ledger.seq)):
            typer.echo(begun, err=True)
        _serve(desk, name or getpass.getuser(), port, public_origin)
        _stop(opened, desk)


def _check_installed() -> None:
    try:
        for module in ("argon2", "cryptography", "fastapi", "uvicorn"):
            import_module(module)
    except ImportError as fault:
        raise MissingError(f"The review page needs {fault.name}: pip install 'marktrace[review]'.") from fault


def _head_file(head: Path | None, sign_key: Path | None) -> HeadFile | None:
    from vision.review.heads import HeadFile

    return HeadFile(head, sign_key) if head else None


def _desk(opened: Store, *, blind: bool, second: float, controls: Path | None, head: HeadFile | None) -> Desk:
    from vision.review.controls import read_controls
    from vision.review.desk import Desk
    from vision.review.source import StoreSource

    known = read_controls(controls) if controls else None
    return Desk(StoreSource(opened), opened.people(), second_share=second, blind=blind, controls=known, head=head)


def _serve(desk: Desk, name: str, port: int, public_origin: str) -> None:
    """Serve the page until it is stopped; the address that signs name in is printed once it can be reached."""
    from vision.catalogue import load_marking_set
    from vision.review.accounts import Accounts
    from vision.review.app import build_app
    from vision.review.server import serve
    from vision.review.web import Web

    web = Web(desk, Accounts(desk.people), load_marking_set(), secure=bool(public_origin))
    token = web.accounts.one_time_token(name)

    def ready(bound: int) -> None:
        typer.echo(f"{len(desk.marks.ordered)} marks. Open this address; it signs you in once:", err=True)
        typer.echo(f"{public_origin or f'http://127.0.0.1:{bound}'}/enter?token={token}")
        sys.stdout.flush()

    serve(build_app(web, public_origin=public_origin), ready, port=port)


def _stop(opened: Store, desk: Desk) -> None:
    """After the last page: marks become searchable by their state of review, the head is noted, and printed even where
    it cannot be written."""
    opened.put_standings((photo, mark, standing.state) for (photo, mark), standing in desk.ledger.marks.items())
    try:
        noted = desk.note_head()
    except OutputError:
        typer.echo(desk.head().printed(), err=True)
        raise
    typer.echo(noted.printed(), err=True)
