"""marktrace evaluate: a model's figures on labelled photos, and whether it may replace another."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

from vision.cli.models import HERE, as_in_use, package_folder
from vision.errors import KitError, OutputError, UsageError
from vision.evaluate import Comparison, LabelledPhoto, compare, read_labels, score_all, summaries, taken_up
from vision.evaluate.labels import label_of, read_lines
from vision.evaluate.report import rows, write_report
from vision.manifest import NAME as MANIFEST
from vision.manifest import SHIPPED, file_sha256, shipped_folder

if TYPE_CHECKING:
    from vision.pipeline import Pipeline
    from vision.training.sets import Label

LABELS, PHOTOS = "labels.jsonl", "photos"
_NAMED = 5


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
    package = package_folder(model, HERE)
    other = package_folder(against, HERE) if against else None
    if record:
        _check_record(package, other, only)
    folder, labels = _labelled(photos)
    if only:
        labels = [one for one in labels if {one.kind, *(s.partition(": ")[2] for s in one.strata)} & set(only)]
    _check_photos(folder, labels)
    scores = score_all(labels, _records(folder, labels, package, out))
    for one in summaries(scores):
        counts = {"ece": one.ece, "sure_wrong": one.sure_wrong, "abstained": one.abstained}
        facts = {"stratum": one.stratum, "photos": one.photos, **one.figures, **counts}
        typer.echo(json.dumps(facts, ensure_ascii=False))
    comparisons = compare(score_all(labels, _records(folder, labels, other, out)), scores) if other else []
    if out is not None:
        for path in write_report(out, scores, folder, comparisons):
            typer.echo(str(path), err=True)
    elif sys.stderr.isatty():
        typer.echo("\n".join("  ".join(row[:6]) for row in rows(summaries(scores))), err=True)
    if other:
        if record and comparisons:
            _record(package, other, comparisons)
        _conclude(model, against, comparisons)


def _check_record(package: Path, other: Path | None, only: Sequence[str] | None) -> None:
    """Raises UsageError where there would be nothing to record, or less than a comparison is; before any photo is
    read. KitError where what is to be recorded in is no package."""
    from vision.training.package import verify_package

    if other is None:
        raise UsageError("--record notes a comparison: name what to compare with, such as --against shipped.")
    if only:
        raise UsageError("--record notes what all labelled photos say: leave out --only.")
    if package.resolve() == shipped_folder().resolve():
        raise UsageError("The model that comes with marktrace is not changed: --record needs a package for --model.")
    if file_sha256(package / MANIFEST) == file_sha256(other / MANIFEST):
        raise UsageError("A model compared with itself is never worse, and --record does not note it: name another.")
    verify_package(package)


def _labelled(photos: Path) -> tuple[Path, list[LabelledPhoto]]:
    """The folder that labels name photos below, and the labels; of a marking set those kept for measuring."""
    if (photos / "set.toml").is_file():
        return photos / PHOTOS, _kept_for_measuring(photos)
    folder = photos / PHOTOS if (photos / PHOTOS / LABELS).is_file() else photos
    return folder, read_labels(folder / LABELS)


def _kept_for_measuring(marking_set: Path) -> list[LabelledPhoto]:
    """The labels of a marking set's photos that no training looks at."""
    from vision.catalogue import load_marking_set
    from vision.training.learn.photos import is_held_out
    from vision.training.sets import load_set

    with as_in_use(shipped_folder()):
        found = load_set(marking_set, load_marking_set(shipped_folder() / "markings"))
    left = _of_set(marking_set, [label for label in found.labels if is_held_out(label)])
    typer.echo(
        f"{len(left)} of {len(found.labels)} labelled photos are kept for measuring; the others are trained on.",
        err=True,
    )
    return left


def _of_set(marking_set: Path, labels: Sequence[Label]) -> list[LabelledPhoto]:
    """Labels of a marking set with files below its photos; those of labels.jsonl with all that stands there."""
    own = f"{PHOTOS}/{LABELS}"
    lines = dict(read_lines(marking_set / own)) if (marking_set / own).is_file() else {}
    said = [lines[label.line] if label.source == own else asdict(label) for label in labels]
    files = [label.file.removeprefix(f"{PHOTOS}/") for label in labels]
    return [label_of(dict(one) | {"file": file}) for one, file in zip(said, files, strict=True)]


def _check_photos(folder: Path, labels: Sequence[LabelledPhoto]) -> None:
    """Raises UsageError where no label is left, or photos are not there: they would count as not read."""
    if not labels:
        raise UsageError(f"No label of {folder} is left to measure on.")
    gone = list(dict.fromkeys(one.file for one in labels if not (folder / one.file).is_file()))
    if gone:
        more = f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else ""
        raise UsageError(
            f"Labelled photos are not in {folder}: {', '.join(gone[:_NAMED])}{more}. Add them, or remove their labels."
        )


def _records(folder: Path, labels: Sequence[LabelledPhoto], models: Path, out: Path | None) -> dict[str, Any]:
    """What a model says of every photo, by the labels' files; with out, kept there by the model's kit and taken up
    again."""
    from vision.pipeline import Pipeline

    photos = {one.file: folder / one.file for one in labels}
    with as_in_use(models):
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


def _conclude(model: str, against: str, comparisons: Sequence[Comparison]) -> None:
    """Say what the comparison came to; KitError's exit code where the model is worse."""
    worse = [one for one in comparisons if one.worse]
    for one in comparisons:
        typer.echo(("worse: " if one.worse else "") + str(one), err=True)
    if not comparisons:
        raise UsageError("No stratum has enough photos to compare two models on: label more.")
    if worse:
        named = "; ".join(dict.fromkeys(one.stratum for one in worse))
        raise KitError(f"{model} is worse than {against} on {named}: it must not replace it.")
    typer.echo(f"{model} is not worse than {against} on any guarded stratum.", err=True)


def _record(folder: Path, other: Path, comparisons: Sequence[Comparison]) -> None:
    from vision.manifest import verify_manifest
    from vision.training.package import verify_package
    from vision.training.package.verdict import COMPARED, written_verdict
    from vision.training.package.write import set_facts

    named = [f"{one.stratum} ({one.figure} {one.difference:+.1f})" for one in comparisons if one.worse]
    verdict = written_verdict(verify_manifest(other), f"{len(comparisons)} figures on labelled photos", named)
    set_facts(folder, dict(verify_package(folder).facts) | {COMPARED: verdict})
