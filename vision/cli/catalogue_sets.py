"""marktrace catalogue new, diff, and check of a set's folder: marking sets that anyone can write."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vision.catalogue import Pattern
from vision.errors import KitError


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
    from vision.training.sets.change import new_set

    for path in new_set(folder, name or folder.name.lower().replace(" ", "-")):
        typer.echo(str(path))
    typer.echo("Write one mark a line into markings.csv, then: marktrace catalogue check " + str(folder), err=True)


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

    return load_set(folder).patterns if (folder / "set.toml").is_file() else load_marking_set(folder).patterns
