"""The whole of marktrace train: read the set, take the model apart, train, export, measure, package."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx

from vision.catalogue.load import load_marking_set
from vision.errors import KitError
from vision.manifest import verify_manifest
from vision.training.learn.batches import Plan
from vision.training.learn.finish import Figures, package
from vision.training.learn.marks import new_labels, struck
from vision.training.learn.mix import mix, said_by
from vision.training.learn.photos import real_windows
from vision.training.learn.place import check_place
from vision.training.learn.start import served
from vision.training.learn.symbols import drawings
from vision.training.learn.train import Progress, Settings, begun, train
from vision.training.package.verify import READER
from vision.training.sets import load_set
from vision.training.sets.change import Conflict


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a training came to."""

    folder: Path
    figures: Figures
    conflicts: tuple[Conflict, ...]
    not_trained: tuple[str, ...]


def run_folder(out: Path) -> Path:
    """Where checkpoint and curve of the training for a package are kept until it is done."""
    return out.parent / f".{out.name}.run"


def learn(
    marking_set: Path, out: Path, base: Path, settings: Settings, tell: Callable[[Progress], None], command: str
) -> Learnt | None:
    """Train on the marking set in a folder, from the models folder base, into the package out; None in a process that
    only helped another (torchrun).

    Raises KitError for a faulty set or base, UsageError for a run with other settings or a name no package may have,
    OutputError where nothing can be written, MissingError without fonts.
    """
    check_place(out)
    made_of = {"base": verify_manifest(base)}
    found = load_set(marking_set, load_marking_set(base / "markings"))
    made_of["set"] = found.sha256
    drawn = drawings(found)  # what is wrong with one is said before the hours of training, not after
    start = base / READER
    _, known = served(start)
    what = struck(found.patterns)
    if not what.ways:
        raise KitError(f"No mark of {found.name} can be drawn: install fonts that have its letters.")
    labels = new_labels(known, what)
    plan = Plan(what, labels, settings.windows, settings.seed, real_windows(found, base, start, labels))
    run = run_folder(out)
    trained, step, leads = train(start, plan, settings, run, tell, made_of)
    if not leads:
        return None
    mixed = mix(said_by(onnx.load(start)), begun(start, plan, run), trained, plan, len(known))
    folder, measured, conflicts = package(base, out, run, mixed, step, plan, settings, found, known, command)
    shutil.rmtree(run, ignore_errors=True)
    return Learnt(folder, measured, tuple(conflicts), tuple(name for name in what.left_out if name not in drawn))
