"""Fit what probabilities mean, on renders of known and unknown marks read by the whole pipeline.

    python -m vision.training.calibrate --seed 950000 --photos 600

Each render is one head struck with a pattern of the marking set (drawn as often as the matcher expects it), with a mark
of no row, with nothing, or a photo without a head. Renders are read once and kept in a cache, so a run that was broken
off goes on, and one whose reader or matcher has changed since starts anew. Written are calibration.json and
calibration.md (its card: figures on renders it was not fitted on, by legibility, and what is taken for what) beside the
weights, the manifest, and a reliability diagram. Then check it on real photos: scripts/measure.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from vision.manifest import models_folder
from vision.training.calibrate.picture import reliability
from vision.training.calibrate.run import fitted, write
from vision.training.render.fonts import few_fonts


def main(arguments: Sequence[str] | None = None) -> None:
    """Render, read, fit, measure and write."""
    asked = _asked(arguments)
    console = Console(stderr=True)
    if warning := few_fonts():
        console.print(warning, style="yellow", markup=False, highlight=False)
    found = fitted(
        asked.models,
        asked.seed,
        asked.photos,
        asked.jobs,
        asked.cache,
        lambda renders, total: track(renders, "renders read", total=total, console=console),
    )
    write(found, asked.models)
    asked.picture.parent.mkdir(parents=True, exist_ok=True)
    reliability(found.before, found.after, asked.picture)
    sys.stdout.write(found.card)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=950000, help="of the first render")
    parser.add_argument("--photos", type=int, default=600, help="how many renders")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--cache", type=Path, default=Path("build/calibration.jsonl"), help="renders read already")
    parser.add_argument("--models", type=Path, default=models_folder(), help="where calibration.json is written")
    parser.add_argument(
        "--picture", type=Path, default=Path("docs/images/reliability.png"), help="the reliability diagram"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
