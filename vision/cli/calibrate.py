"""marktrace calibrate: what a model's probabilities mean, fitted on renders that its whole pipeline reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from vision.cli.models import package_folder
from vision.errors import KitError, UsageError
from vision.manifest import SHIPPED


def calibrate(
    model: Annotated[str, typer.Argument(help="The package to calibrate: its folder, or its name below models/.")],
    photos: Annotated[int, typer.Option("--photos", min=60, help="How many renders are read.")] = 600,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the first render.")] = 950000,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes that render and read.")] = 2,
) -> None:
    """Fit what a package's probabilities mean, on renders of known and unknown marks.

    About a second a render and processor. Broken off, the same command goes on where it was. Nothing is written where
    the truth is not more likely by what was fitted, on renders it was not fitted on: exit code 4. What photos said of
    it before no longer counts: see with marktrace evaluate what it is worth on them.
    """
    from vision.training.calibrate.run import fitted, write
    from vision.training.package import verify_package
    from vision.training.package.verdict import COMPARED
    from vision.training.package.write import set_facts

    if model == SHIPPED:
        raise UsageError("The model that comes with marktrace is not changed: name a package.")
    package = verify_package(package_folder(model, Path("models")))
    folder, console = package.folder, Console(stderr=True)
    cache = folder.parent / f".{folder.name}.calibration.jsonl"
    found = fitted(
        folder,
        seed,
        photos,
        jobs,
        cache,
        lambda renders, total: track(renders, "renders read", total=total, console=console),
    )
    typer.echo(found.card, nl=False)
    if not found.better:
        raise KitError(f"What was fitted does not say the truth more surely: {package.name} stays as it was.")
    write(found, folder)
    facts = dict(package.facts) | {"calibration": f"fitted on {photos} renders from seed {seed}"}
    facts.pop(COMPARED, None)  # what photos said was of other probabilities
    set_facts(folder, facts)
    cache.unlink(missing_ok=True)
