"""The whole of a calibration: render, read, fit, measure on what was not fitted, write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vision.calibration import RISK, Calibration, save_calibration
from vision.catalogue.load import load_marking_set
from vision.catalogue.schema import MarkingSet
from vision.errors import OutputError, UsageError
from vision.manifest import write_manifest
from vision.training.calibrate import confused
from vision.training.calibrate.examples import Example, examples_of, fill_cache, stamp
from vision.training.calibrate.fit import Weighed, fit, weighed
from vision.training.calibrate.measure import (
    BEFORE,
    FOLDS,
    Outcome,
    held_out,
    judged,
    log_loss,
    probability_rows,
    set_rows,
)

CARD = "calibration.md"
# Fewer marks than this leave a stratum's bars to chance.
LEAST_MARKS = 60
MOST_PAIRS = 25


@dataclass(frozen=True, slots=True)
class Fitted:
    """A calibration, its card, and every mark judged as it was before and by what was fitted without it."""

    calibration: Calibration
    card: str
    before: tuple[Outcome, ...]
    after: tuple[Outcome, ...]

    @property
    def better(self) -> bool:
        """Whether the truth is more likely by it than before, on marks it was not fitted on."""
        return log_loss(self.after) < log_loss(self.before)


Track = Callable[[Iterable[dict[str, Any]], int], Iterable[dict[str, Any]]]


def fitted(models: Path, seed: int, photos: int, jobs: int, cache: Path, track: Track) -> Fitted:
    """What probabilities mean with the models in a folder, on so many renders from a seed on.

    track shows how far reading them is. Raises UsageError where too little was read to fit on.
    """
    seeds = range(seed, seed + photos)
    renders = track(fill_cache(cache, seeds, jobs, models), len(seeds))
    examples = [one for render in renders for one in examples_of(render)]
    examples.sort(key=lambda one: one.seed)
    markings = load_marking_set(models / "markings")
    marks = weighed(examples, markings, datetime.now(UTC).year)
    if len(marks) < LEAST_MARKS:
        raise UsageError(
            f"On {len(marks)} heads something was read, at least {LEAST_MARKS} are needed: ask for more --photos."
        )
    calibration = fit(marks)
    after = held_out(marks)
    strata = {mark.example: calibration.stratum(mark.legible) for mark in marks}
    before = [judged(BEFORE, mark, strata[mark.example]) for mark in marks]
    made = f"--seed {seed} --photos {photos}"
    card = _card(made, stamp(models), calibration, examples, marks, before, after, markings)
    return Fitted(calibration, card, tuple(before), tuple(after))


def write(found: Fitted, models: Path) -> None:
    """Write calibration.json and its card into a models folder, and the manifest. Raises OutputError."""
    try:
        save_calibration(found.calibration, models)
        (models / CARD).write_text(found.card, "utf-8")
        write_manifest(models)
    except OSError as error:
        raise OutputError(f"Cannot write {models}: {error.strerror}.") from error


def _card(
    made: str,
    stamped: str,
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
        f"Made by `python -m vision.training.calibrate {made}` with the reader,",
        f"matcher and marking set of stamp {stamped}. {len(examples)} heads were found; on {len(marks)} something was",
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
