"""marktrace train: a marking set in, a model package out."""

from __future__ import annotations

import importlib.util
import shlex
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import track

from vision.cli.models import HERE, as_in_use, package_folder
from vision.errors import MissingError, PhotoError, UsageError
from vision.manifest import SHIPPED, chosen_folder, models_folder

if TYPE_CHECKING:
    from vision.training.learn.train import Progress

NEEDED = ("torch", "onnx", "safetensors", "rapidfuzz")
DEVICES = ("auto", "cpu", "cuda")


def train(
    marking_set: Annotated[Path, typer.Argument(metavar="SET", help="A marking set's folder.")],
    out: Annotated[Path | None, typer.Option("--out", help="The package to write, such as models/NAME.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A first model in 15 minutes on 2 cores.")] = False,
    base: Annotated[
        str,
        typer.Option("--base", help="The package to go on from, shipped if left out; with --suggest the one in use."),
    ] = "",
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="Steps of the whole network.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=80, help="Same seed, same machine: same weights.")] = 1,
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")] = "auto",
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads that train.")] = 2,
    bfloat16: Annotated[
        bool, typer.Option("--bfloat16", help="Shorter numbers: quicker where the processor has AMX, other weights.")
    ] = False,
    workers: Annotated[int, typer.Option("--workers", min=0, help="Processes that render beside.")] = 1,
    suggest: Annotated[
        int | None, typer.Option("--suggest", min=1, help="Train nothing: name so many photos to label next.")
    ] = None,
    tensorboard: Annotated[Path | None, typer.Option("--tensorboard", help="Also write the curve there.")] = None,
) -> None:
    """Train the reader on a marking set's marks, without forgetting what it knows, and package it.

    Killed at any point, the same command goes on where it was. What is written is verified, and refused for use
    (marktrace models use) where it is worse than the model it was trained from, or was not compared on photos yet.
    """
    if suggest is not None:
        asked = package_folder(base, HERE) if base else models_folder()
        with as_in_use(asked):
            _suggest(marking_set, asked, suggest)
        return
    if out is None:
        raise UsageError("--out is missing: name the package to write, such as models/NAME.")
    if out.resolve() in (models_folder().resolve(), chosen_folder().resolve()):
        raise UsageError(
            f"{out} is the model in use, and is not replaced before the new one is compared: name another."
        )
    need_training()
    from vision.training.learn.run import learn
    from vision.training.learn.train import QUICK, Settings
    from vision.training.package.choose import choice_name
    from vision.training.render.fonts import few_fonts

    if warning := few_fonts():
        typer.echo(warning, err=True)
    if device not in DEVICES:
        raise UsageError(f"There is no device {device!r}: choose from {', '.join(DEVICES)}.")
    usual = QUICK if quick else Settings()
    settings = replace(usual, steps=steps or usual.steps, seed=seed, device=device, threads=threads, workers=workers,
                       bfloat16=bfloat16)  # fmt: skip
    command = shlex.join(["marktrace", "train", *sys.argv[2:]]) if sys.argv[1:2] == ["train"] else "marktrace train"
    show = Shown(tensorboard)
    start, now = package_folder(base or SHIPPED, HERE), choice_name(chosen_folder())
    with as_in_use(start):
        learnt = learn(marking_set, out, start, settings, show.tell, command)
    if learnt is None:
        return
    figures = learnt.figures
    typer.echo(
        f"{learnt.folder}: of {figures.words} words of the set, {100 * figures.words_before:.1f}% were read before and "
        f"{100 * figures.words_after:.1f}% now; of known marks' characters {100 * figures.known_wrong_before:.1f}% "
        f"were misread before and {100 * figures.known_wrong_after:.1f}% now"
    )
    for conflict in learnt.conflicts:
        typer.echo(f"two sources differ, both are kept: {conflict}", err=True)
    for name in learnt.not_trained:
        typer.echo(f"not trained, no font or drawing shows it: {name}", err=True)
    if figures.forgotten:
        typer.echo("Known marks are read worse than before: marktrace models use will refuse it.", err=True)
    typer.echo(
        f"Next: marktrace evaluate PHOTOS --model {out} --against {now} --record, then "
        f"marktrace models use {out} (where there are no labelled photos: --without-photos)",
        err=True,
    )


def _suggest(marking_set: Path, models: Path, count: int) -> None:
    """Name the photos whose labels would help most, one a line with the characters expected to be misread on it."""
    from vision.catalogue import load_marking_set
    from vision.training.learn.suggest import suggestion
    from vision.training.sets import load_set

    found, console = load_set(marking_set, load_marking_set(models / "markings")), Console(stderr=True)
    said = suggestion(found, models, count, lambda files, total: track(files, "photos", total=total, console=console))
    if not said.files:
        typer.echo(f"No unlabelled photo below {marking_set / 'photos'} shows a head.", err=True)
        raise typer.Exit(PhotoError.exit_code)
    for name, doubt in zip(said.files, said.doubts, strict=True):
        typer.echo(f"{name}\t{doubt:.2f}")
    typer.echo(
        f"{said.looked_at} photos without a label, {said.without_head} of them without a head. The reader expects to "
        f"misread {100 * said.expected_wrong:.1f}% of their characters; {100 * said.covered:.0f}% of that is on the "
        f"{len(said.files)} named, so what their labels can gain by themselves is at most "
        f"{100 * said.expected_wrong * said.covered:.1f} points.",
        err=True,
    )


def need_training() -> None:
    """Raises MissingError where what training needs is not installed."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingError(f"Training needs {', '.join(missing)}: pip install 'marktrace[train]'.")


class Shown:
    """The progress on standard error: a line a measurement, and on a terminal one that is written over."""

    def __init__(self, tensorboard: Path | None) -> None:
        self._said = 0.0
        self._writer = None
        if tensorboard is not None:
            if importlib.util.find_spec("tensorboard") is None:
                raise MissingError("--tensorboard needs the package tensorboard: pip install tensorboard.")
            from vision.training.learn.board import board

            self._writer = board(tensorboard)

    def tell(self, progress: Progress) -> None:
        """Show how far it is."""
        seconds = progress.seconds_left
        left = "" if seconds is None else f", {seconds / 60:.0f} min left" if seconds >= 90 else ", a minute left"
        line = (
            f"step {progress.step} of {progress.steps}, loss {progress.loss:.3f}{left}"
            if progress.loss is not None
            else f"new characters first{left}"
        )
        if progress.set_wrong is None or progress.known_wrong is None:
            if sys.stderr.isatty() and time.monotonic() - self._said > 1:
                self._said = time.monotonic()
                typer.echo(f"\r{line}   ", nl=False, err=True)
            return
        wrong = (
            f"characters misread: the set's {100 * progress.set_wrong:.1f}%, others {100 * progress.known_wrong:.1f}%"
        )
        typer.echo(("\r" if sys.stderr.isatty() else "") + f"{line}; {wrong}", err=True)
        if self._writer is not None:
            self._writer(progress)
