"""`marktrace accounts`: who may sign in to the review page."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from vision.errors import UsageError

accounts_app = typer.Typer(help="Who may sign in to the review page.", no_args_is_help=True)

Store = Annotated[str, typer.Option("--store", metavar="URL", help="The store: a file name, or its SQLAlchemy URL.")]


@accounts_app.command()
def add(
    name: Annotated[str, typer.Argument(help="The name as it will stand in the log.")],
    store: Store,
    role: Annotated[str, typer.Option(help="viewer (looks), reviewer (decides) or lead (settles too).")] = "reviewer",
) -> None:
    """Make an account, or give one a new role and password. The password is asked for, or read from standard input."""
    from vision.archive import open_store
    from vision.review.accounts import Accounts

    if sys.stdin.isatty():
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise UsageError("An account needs a password.")
    with open_store(store, create=True) as opened:
        Accounts(opened.people()).add(name, role, password)
    typer.echo(f"{name} may sign in as {role}.", err=True)


@accounts_app.command()
def close(name: Annotated[str, typer.Argument(help="Whose account.")], store: Store) -> None:
    """Close an account and end its sessions. The name stays in the log."""
    from vision.archive import open_store
    from vision.review.accounts import Accounts

    with open_store(store) as opened:
        Accounts(opened.people()).close(name)
    typer.echo(f"{name} may no longer sign in.", err=True)


@accounts_app.command(name="list")
def show(store: Store) -> None:
    """Show every account, closed ones included."""
    from vision.archive import open_store

    with open_store(store) as opened:
        for one in opened.people().all_accounts():
            typer.echo(f"{one.name}\t{one.role}\t{'closed' if one.closed else 'open'}\t{one.created_at}")
