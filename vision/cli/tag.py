"""`marktrace tag`: an archive of photos into a store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vision.cli.identify import ReaderName
from vision.text import so_many, visible

if TYPE_CHECKING:
    from vision.archive.source import Passed
    from vision.archive.store import Store
    from vision.archive.tag import Outcome, Told

NOTHING_READABLE = 2
SOME_FAILED = 6
LISTED = 20


class EngineName(StrEnum):
    """Where photos are examined."""

    local = "local"
    ray = "ray"


def tag(
    folders: Annotated[
        list[str], typer.Argument(metavar="FOLDER...", help="Folders of photos, or URLs such as s3://finds/2024.")
    ],
    store: Annotated[
        str, typer.Option(metavar="URL", help="The store: a file name, or postgresql://USER@HOST/NAME. Made if new.")
    ],
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, metavar="N", help="Workers. Left out: one a processor core.")
    ] = None,
    engine: Annotated[
        EngineName, typer.Option(help="local: processes on this machine. ray: the Ray cluster this machine belongs to.")
    ] = EngineName.local,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try the photos again that failed in this run.")
    ] = False,
    group_objects: Annotated[
        bool,
        typer.Option("--group-objects", help="Group photos of one object: same folder, close in time, looking alike."),
    ] = False,
    context_country: Annotated[
        str | None, typer.Option(metavar="XX", help="Where all of it was found, as an ISO code such as SD.")
    ] = None,
    context_year: Annotated[int | None, typer.Option(metavar="YYYY", help="When all of it was found.")] = None,
    reader: Annotated[
        list[ReaderName] | None,
        typer.Option(help="Reader to use; repeat to combine several. Left out: ppocr and stamped."),
    ] = None,
    timeout_s: Annotated[
        float, typer.Option("--timeout", min=1.0, metavar="SECONDS", help="A photo that takes longer has failed.")
    ] = 60.0,
) -> None:
    """Tag every photo under the folders: find its marks, read them, rank where they may come from, and store it.

    Stop it at any time, with Ctrl-C or by pulling the plug; the same command goes on where it was. Photos that are done
    are not looked at again. New weights or another marking set make a new run, beside the old one.

    The photos are only read, never changed. Links are not followed. Photos that fail are listed and stop nothing.

    [bold]Examples[/bold]

      marktrace tag /media/finds --store finds.db

      marktrace tag /media/finds --store finds.db --retry-failed

      marktrace tag s3://finds/2024 --store postgresql://me@server/finds --engine ray
    """
    from vision.archive import open_store
    from vision.archive.alike import index
    from vision.archive.groups import regroup
    from vision.archive.mark_pages import page_marks
    from vision.archive.source import check_root, root_of
    from vision.archive.tag import tag as run

    roots = [root_of(folder) for folder in folders]
    for root in roots:  # before a store is made
        check_root(root)
    settings = _settings(context_country, context_year, [name.value for name in reader or ()])
    with open_store(store, create=True) as opened:
        with _progress() as told:
            outcome = run(
                opened, roots, *_engine(engine, settings, jobs, timeout_s), retry_failed=retry_failed, told=told
            )
        regroup(opened, objects=group_objects)
        index(opened)
        page_marks(opened)
        raise typer.Exit(_report(opened, roots, outcome))


def _settings(country: str | None, year: int | None, readers: list[str]) -> dict[str, Any]:
    """What can change an answer besides the kit: part of what makes a run."""
    from vision.cli.identify import _context

    known = _context(country, year, None)
    context = {name: value for name in ("country", "year") if (value := getattr(known, name)) is not None}
    return ({"context": context} if context else {}) | ({"readers": readers} if readers else {})


def _engine(name: EngineName, settings: dict[str, Any], jobs: int | None, timeout_s: float) -> tuple[Any, Any]:
    from vision.archive.crew import Limits
    from vision.archive.examine import MAKE
    from vision.archive.tag import local_engine
    from vision.archive.worker import Job

    job = Job(MAKE, settings)
    limits = Limits(seconds=timeout_s)
    if name is EngineName.ray:
        from vision.archive.cluster import ray_engine

        return job, ray_engine(job, jobs, limits)
    return job, local_engine(job, jobs or len(os.sched_getaffinity(0)), limits)


@contextmanager
def _progress() -> Iterator[Told]:
    """How the run comes along, on standard error: done, failed, photos a second, time left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from vision.archive.tag import Told

    columns = (
        TextColumn("Tagging photos"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    errors = Console(stderr=True)
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=None, failed=0, rate="")
        failures = 0

        def step(failed: bool) -> None:
            nonlocal failures
            failures += failed
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            bar.update(task, advance=1, failed=failures, rate=f"{speed:.1f} photos/s" if speed else "")

        yield Told(total=lambda total: bar.update(task, total=total), step=step)


def _report(store: Store, roots: list[str], outcome: Outcome) -> int:
    """Say what the run came to under the folders, on standard error. Returns the exit status."""
    counts = outcome.counts
    now = outcome.examined - outcome.failed
    lines = [
        f"{so_many(counts.seen, 'photo', 'photos')}: {counts.done} tagged ({now} now), {counts.failed} failed, "
        f"{counts.pending} waiting, {so_many(counts.copies, 'copy', 'copies')}. "
        f"Run {outcome.run.id}, kit {outcome.run.kit}."
    ]
    if outcome.skipped:
        why = ", ".join(f"{number} ({reason})" for reason, number in sorted(outcome.skipped.items()))
        lines.append(f"Passed over: {why}.")
        lines += _unread(outcome.passed)
    for number, failed in enumerate(store.failures(outcome.run.id, under=roots)):
        if number == LISTED:
            lines.append(f"... and {counts.failed - LISTED} more: marktrace search --failed lists them all.")
            break
        lines.append(f"  {failed.path}: {failed.failure.detail}")
    for line in lines:
        typer.echo(visible(line), err=True)
    if not counts.seen:
        typer.echo("There are no photos there.", err=True)
    if not counts.done:
        return NOTHING_READABLE
    return SOME_FAILED if counts.failed or counts.pending else 0


def _unread(passed: Passed) -> list[str]:
    """What could not be looked at, some of it by name: whoever reads that may have to give rights or put in a disk."""
    lines = [f"  {path}: {passed.why[path]}. What the store has from there stays." for path in sorted(passed.unread)]
    return lines if len(lines) <= LISTED else [*lines[:LISTED], f"... and {len(lines) - LISTED} more."]
