"""marktrace catalogue: check a marking set's tables, and show what the set knows of a code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vision.catalogue import MarkingSet, Pattern, check_markings, load_marking_set
from vision.catalogue.arms import load_arms_tables
from vision.catalogue.cautions import cautions
from vision.catalogue.load import markings_folder
from vision.catalogue.lookalikes import fold, misread_word
from vision.catalogue.states import country_name, state_then
from vision.cli import catalogue_sets
from vision.cli.catalogue_add import add
from vision.cli.catalogue_arms import rows_shown

catalogue_app = typer.Typer(help="Check and show the marking set.", no_args_is_help=True)
catalogue_app.command("new")(catalogue_sets.new)
catalogue_app.command("diff")(catalogue_sets.diff)
catalogue_app.command()(add)

Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder", help="A folder with the tables of a marking set; the one that comes with marktrace if left out."
    ),
]


@catalogue_app.command()
def check(
    folder: Folder = None,
    marking_set: Annotated[
        Path | None,
        typer.Argument(metavar="[SET]", help="A set's own folder, one that has a set.toml, or one of tables."),
    ] = None,
) -> None:
    """Check every table of a marking set: one line "file:line: what is wrong" a fault, exit code 4 if there are any."""
    place = marking_set or folder
    if place is not None and not catalogue_sets.has_tables(place):
        catalogue_sets.check_folder(place)
        return
    faults = check_markings(place)
    for fault in faults:
        typer.echo(str(fault))
    if faults:
        raise typer.Exit(4)
    markings = load_marking_set(place)
    typer.echo(
        f"{len(markings.patterns)} patterns, {len(markings.calibres)} calibres, no faults ({markings.sha256[:12]})"
    )


@catalogue_app.command()
def show(
    mark: Annotated[str, typer.Argument(help="A code as stamped (188, FN, ППУ, '<nato cross>') or a row's id.")],
    folder: Folder = None,
) -> None:
    """Show every row that a mark can stand for, with its source, grade and cautions. Exit code 2 if there is none."""
    if folder is not None:
        catalogue_sets.check_tables(folder)
    markings = load_marking_set(folder)
    found = rows_for(markings, mark)
    for pattern in found:
        typer.echo("\n".join(_lines(markings, pattern)) + "\n")
    others = rows_shown(load_arms_tables(folder or markings_folder(), markings.countries), mark)
    for block in others:
        typer.echo(block + "\n")
    if not found and not others:
        typer.echo(f"No row of the marking set has the code or id {mark!r}.", err=True)
        raise typer.Exit(2)


def rows_for(markings: MarkingSet, mark: str) -> tuple[Pattern, ...]:
    """The row with this id, else every row one of whose stampings has the shape of mark, in the table's order."""
    if mark in markings.by_id:
        return (markings.by_id[mark],)
    wanted = {_shape(text) for text in (mark, misread_word(mark)) if text}
    return tuple(
        pattern
        for pattern in markings.patterns
        if _shape(pattern.code) in wanted or any(_shape(" ".join(way)) in wanted for way in pattern.stampings)
    )


def _shape(text: str) -> str:
    return fold(" ".join(text.split()))


def _lines(markings: MarkingSet, pattern: Pattern) -> list[str]:
    years = f"{pattern.years_from or 'unknown'} to {pattern.years_to or 'open'}"
    native = f" ({pattern.manufacturer_native})" if pattern.manufacturer_native else ""
    country = country_name(markings, pattern.country)
    place = ", ".join(part for part in (pattern.city, country) if part)
    facts = [
        ("role", pattern.role),
        ("maker", pattern.manufacturer + native),
        ("place", place),
        ("state then", state_then(markings, pattern)),
        ("years", years),
        ("calibres", ", ".join(pattern.calibres)),
        ("layout", pattern.layout),
        ("stamped", " | ".join(" ".join(way) for way in pattern.stampings)),
        ("notes", pattern.notes),
        ("source", f"{pattern.source} (grade {pattern.grade})"),
    ]
    lines = [f"{pattern.code}   {pattern.id}"]
    lines += [f"  {name:<10} {value}" for name, value in facts if value]
    return lines + [f"  {'caution':<10} {finding.text} [{finding.rule}]" for finding in cautions(pattern)]
