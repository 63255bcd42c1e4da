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
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import track

from vision.calibration import RISK, Calibration, save_calibration
from vision.catalogue.load import load_marking_set
from vision.catalogue.schema import MarkingSet
from vision.manifest import models_folder, write_manifest
from vision.training.calibrate import confused
from vision.training.calibrate.examples import Example, examples_of, fill_cache, stamp
from vision.training.calibrate.fit import Weighed, fit, weighed
from vision.training.calibrate.measure import BEFORE, FOLDS, Outcome, held_out, judged, probability_rows, set_rows
from vision.training.calibrate.picture import reliability

CARD = "calibration.md"
# Fewer marks than this leave a stratum's bars to chance.
LEAST_MARKS = 60
MOST_PAIRS = 25


def main(arguments: Sequence[str] | None = None) -> None:
    """Render, read, fit, measure and write."""
    asked = _asked(arguments)
    seeds = range(asked.seed, asked.seed + asked.photos)
    renders = track(
        fill_cache(asked.cache, seeds, asked.jobs), "renders read", total=len(seeds), console=Console(stderr=True)
    )
    examples = [one for render in renders for one in examples_of(render)]
    examples.sort(key=lambda one: one.seed)
    markings = load_marking_set(asked.models / "markings")
    marks = weighed(examples, markings, datetime.now(UTC).year)
    if len(marks) < LEAST_MARKS:
        sys.exit(f"On {len(marks)} heads something was read, at least {LEAST_MARKS} are needed: ask for more --photos.")
    calibration = fit(marks)
    after = held_out(marks)
    strata = {mark.example: calibration.stratum(mark.legible) for mark in marks}
    before = [judged(BEFORE, mark, strata[mark.example]) for mark in marks]
    card = _card(asked, calibration, examples, marks, before, after, markings)
    save_calibration(calibration, asked.models)
    (asked.models / CARD).write_text(card, "utf-8")
    write_manifest(asked.models)
    asked.picture.parent.mkdir(parents=True, exist_ok=True)
    reliability(before, after, asked.picture)
    sys.stdout.write(card)


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


def _card(
    asked: argparse.Namespace,
    calibration: Calibration,
    examples: Sequence[Example],
    marks: Sequence[Weighed],
    before: Sequence[Outcome],
    after: Sequence[Outcome],
    markings: MarkingSet,
) -> str:
    """The card of calibration.json, Markdown."""
    known = sum(mark.example.truth is not None for mark in marks)
    edges = " and ".join(f"{edge:.2f}" for edge in calibration.strata)
    pairs = confused.characters(examples)
    struck, right = sum(pairs.values()), sum(n for (true, read), n in pairs.items() if true == read)
    lines = [
        "# calibration.json: what probabilities mean",
        "",
        f"Made by `python -m vision.training.calibrate --seed {asked.seed} --photos {asked.photos}` with the reader,",
        f"matcher and marking set of stamp {stamp()}. {len(examples)} heads were found; on {len(marks)} something was",
        f"read, and those are what is fitted ({known} of them bear a pattern of the marking set). Every figure is from",
        f"renders that the calibration judging them was not fitted on ({FOLDS} folds, all figures and bars fitted anew",
        f"for each). Legibility is the mean gain of the characters read; it parts the strata at {edges} nats.",
        "",
        "## Probabilities",
        "",
        *probability_rows(before, after),
        "",
        "Log-loss is of the truth, in nats; the calibration error is of the first candidate's probability, ten bins,",
        "in percent. Before: one temperature of 1.2. Picture: docs/images/reliability.png.",
        "",
        "## Sets",
        "",
        *set_rows(after),
        "",
        f"In use unless another risk is asked for: {RISK:g}. The first share is what is held to 1 - risk; a set is",
        "never empty, so it holds the truth more often where reading is clear. A level is stated from a probability",
        "on that keeps what is wrong of these statements to the risk.",
        "",
        "## Characters taken for others",
        "",
        f"{struck} characters were struck, {right} of them read as what they are where they stand. The rest, where",
        "something else was read:",
        "",
        *confused.rows(pairs, MOST_PAIRS),
        "",
        "## Codes taken for others",
        "",
        '"none" is a mark of no row, or no pattern named. The commonest:',
        "",
        *confused.rows(confused.codes(examples, markings), MOST_PAIRS),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
