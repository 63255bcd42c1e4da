"""marktrace catalogue new, diff, and check of a set's folder: marking sets that anyone can write."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from vision.catalogue import Pattern
from vision.errors import KitError, UsageError


def check_folder(folder: Path) -> None:
    """One line "file:line: what is wrong; what to do" a fault, exit code 4 if there are any."""
    from vision.training.sets import check_set, load_set

    faults = check_set(folder)
    for fault in faults:
        typer.echo(str(fault))
    if faults:
        raise typer.Exit(KitError.exit_code)
    found = load_set(folder)
    typer.echo(
        f"{found.name} {found.version}: {len(found.patterns)} marks, {len(found.symbols)} drawings, "
        f"{len(found.labels)} labelled photos, no faults ({found.sha256[:12]})"
    )


def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    name: Annotated[str, typer.Option("--name", help="What the set is called; the folder's name if left out.")] = "",
) -> None:
    """Begin a marking set: set.toml, markings.csv with its header, folders for drawings and photos."""
    from vision.training.sets.change import new_set, set_name

    near = set_name(name or folder.resolve().name)
    if name not in ("", near):
        raise UsageError(f"A set's name has small letters, digits, hyphens and underscores: write --name {near}.")
    for path in new_set(folder, near):
        typer.echo(str(path))
    command = shlex.join(["marktrace", "catalogue", "check", str(folder)])
    typer.echo(f"Write one mark a line into markings.csv, then: {command}", err=True)


def diff(
    before: Annotated[Path, typer.Argument(help="A set's folder, or a folder of tables such as models/markings.")],
    after: Annotated[Path, typer.Argument(help="Another one.")],
) -> None:
    """Show what one set has that another has not, and what both say differently: one line each, "+", "-" or "~"."""
    from vision.training.sets.change import difference

    found = difference(_patterns(before), _patterns(after))
    for sign, patterns in (("-", found.removed), ("+", found.added)):
        for pattern in patterns:
            typer.echo(f"{sign} {pattern.id}: {pattern.code}, {pattern.manufacturer} ({pattern.source})")
    for conflict in found.changed:
        typer.echo(f"~ {conflict}")
    counts = f"{len(found.added)} added, {len(found.removed)} removed, {len({c.id for c in found.changed})} changed"
    typer.echo(counts, err=True)


def _patterns(folder: Path) -> tuple[Pattern, ...]:
    from vision.catalogue import load_marking_set
    from vision.training.sets import load_set

    if (folder / "set.toml").is_file():
        return load_set(folder).patterns
    check_tables(folder)
    return load_marking_set(folder).patterns


def has_tables(folder: Path) -> bool:
    """Whether a folder holds the tables of a marking set, as models/markings does."""
    return (folder / "countries.csv").is_file()


def check_tables(folder: Path) -> None:
    """Raises UsageError for a folder that does not hold the tables of a marking set."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}: name a set's folder, or one of tables such as models/markings.")
    if not has_tables(folder):
        own = (folder / "set.toml").is_file()
        what = "is a set of its own: read its markings.csv" if own else "has no countries.csv: name another folder"
        raise UsageError(f"{folder} has no tables of a marking set, it {what}.")
