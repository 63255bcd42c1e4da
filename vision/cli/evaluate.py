"""marktrace evaluate: a model's figures on labelled photos, and whether it may replace another."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

from vision.cli.models import package_folder
from vision.errors import KitError, OutputError, UsageError
from vision.evaluate import Comparison, LabelledPhoto, compare, read_labels, score_all, summaries, taken_up
from vision.evaluate.report import rows, write_report
from vision.manifest import SHIPPED

if TYPE_CHECKING:
    from vision.pipeline import Pipeline

LABELS = "labels.jsonl"


def evaluate(
    photos: Annotated[Path, typer.Argument(help="A folder of photos with labels.jsonl, or a marking set.")],
    model: Annotated[str, typer.Option("--model", help="The package to measure, or shipped.")] = SHIPPED,
    against: Annotated[str, typer.Option("--against", help="Another package to compare with, or shipped.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder for the report, its pictures and records.")
    ] = None,
    record: Annotated[bool, typer.Option("--record", help="Note the comparison in the package.")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only photos of this stratum or kind.")] = None,
) -> None:
    """Measure a model on labelled photos: every figure by stratum, as JSON Lines on standard output.

    With --against both are read and compared photo by photo. Exit code 4 where the model is worse than the other on a
    guarded stratum, which is named. Read records in --out are taken up again. Of a marking set only the photos are
    taken that training keeps for measuring: one object or site in five.
    """
    folder = photos / "photos" if (photos / "photos" / LABELS).is_file() else photos
    labels = read_labels(folder / LABELS)
    if (photos / "set.toml").is_file():
        labels = _kept_for_measuring(photos, labels)
    if only:
        labels = [one for one in labels if {one.kind, *(s.partition(": ")[2] for s in one.strata)} & set(only)]
    if not labels:
        raise UsageError(f"No label of {folder / LABELS} is left to measure on.")
    scores = score_all(labels, _records(folder, labels, package_folder(model, Path("models")), out))
    for one in summaries(scores):
        counts = {"ece": one.ece, "sure_wrong": one.sure_wrong, "abstained": one.abstained}
        facts = {"stratum": one.stratum, "photos": one.photos, **one.figures, **counts}
        typer.echo(json.dumps(facts, ensure_ascii=False))
    comparisons: list[Comparison] = []
    if against:
        other = score_all(labels, _records(folder, labels, package_folder(against, Path("models")), out))
        comparisons = compare(other, scores)
    if out is not None:
        for path in write_report(out, scores, folder, comparisons):
            typer.echo(str(path), err=True)
    elif sys.stderr.isatty():
        typer.echo("\n".join("  ".join(row[:6]) for row in rows(summaries(scores))), err=True)
    if against:
        _conclude(model, against, comparisons, record)


def _kept_for_measuring(marking_set: Path, labels: list[LabelledPhoto]) -> list[LabelledPhoto]:
    """The labels of a marking set's photos that no training looks at."""
    from vision.training.learn.photos import is_held_out
    from vision.training.sets import load_set
    from vision.training.sets.schema import PHOTOS

    found = load_set(marking_set)
    kept = {label.file.removeprefix(f"{PHOTOS}/") for label in found.labels if is_held_out(label)}
    left = [one for one in labels if one.file in kept]
    typer.echo(
        f"{len(left)} of {len(labels)} labelled photos are kept for measuring; the others are trained on.", err=True
    )
    return left


def _records(folder: Path, labels: Sequence[LabelledPhoto], models: Path, out: Path | None) -> dict[str, Any]:
    """What a model says of every photo, by the labels' files; with out, kept there by the model's kit and taken up
    again."""
    from vision.pipeline import Pipeline

    photos = {one.file: folder / one.file for one in labels}
    pipeline = Pipeline.load(models=models)
    kept = out / f"records-{pipeline.run.kit}.jsonl" if out else None
    found: dict[str, Any] = dict(taken_up(kept, photos)) if kept else {}
    missing = {file: path for file, path in photos.items() if file not in found}
    try:
        found |= _read(pipeline, missing, kept)
    except OSError as error:
        raise OutputError(f"Cannot write {kept}: {error.strerror}.") from error
    for file in photos:
        if failure := found[file].get("failure"):
            typer.echo(f"{file} counts as not read: {failure['detail']}", err=True)
    return found


def _read(pipeline: Pipeline, photos: Mapping[str, Path], kept: Path | None) -> dict[str, Any]:
    """The records of photos, each written to kept as soon as it is there."""
    found = {}
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.open("a", encoding="utf-8") if kept else nullcontext() as stream:
        for file in track(list(photos), "photos read", console=Console(stderr=True)):
            (result,) = pipeline.identify([photos[file]])
            line = result.to_json()
            found[file] = json.loads(line)
            if stream:
                stream.write(line + "\n")
                stream.flush()
    return found


def _conclude(model: str, against: str, comparisons: list[Comparison], record: bool) -> None:
    """Say what the comparison came to; KitError's exit code where the model is worse."""
    worse = [one for one in comparisons if one.worse]
    for one in comparisons:
        typer.echo(("worse: " if one.worse else "") + str(one), err=True)
    if not comparisons:
        raise UsageError("No stratum has enough photos to compare two models on: label more.")
    if record:
        _record(package_folder(model, Path("models")), against, worse, len(comparisons))
    if worse:
        named = "; ".join(dict.fromkeys(one.stratum for one in worse))
        raise KitError(f"{model} is worse than {against} on {named}: it must not replace it.")
    typer.echo(f"{model} is not worse than {against} on any guarded stratum.", err=True)


def _record(folder: Path, against: str, worse: list[Comparison], compared: int) -> None:
    from vision.manifest import verify_manifest
    from vision.training.package import verify_package
    from vision.training.package.verdict import COMPARED, written_verdict
    from vision.training.package.write import set_facts

    package = verify_package(folder)
    other = verify_manifest(package_folder(against, Path("models")))
    named = [f"{one.stratum} ({one.figure} {one.difference:+.1f})" for one in worse]
    verdict = written_verdict(other, f"{compared} figures on labelled photos", named)
    set_facts(folder, dict(package.facts) | {COMPARED: verdict})
