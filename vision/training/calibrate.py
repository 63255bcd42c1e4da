"""Fit the temperature that turns an explanation's log-score into a probability, on renders of known and unknown marks.

    python -m vision.training.calibrate --seed 900000 --photos 300

Each render is one head struck with a pattern of the marking set (drawn as often as the matcher expects it, with a year
and a calibre its row allows) or, one time in four, with a code that no row has. The recipe is run on it as on any
photo, and for each temperature two things are printed: the mean log-loss of the truth (lower is better; the fitted
temperature is the least), and the expected calibration error of the first candidate's probability. Nothing is written:
the figure goes into vision/attribute.py by hand, with the command in docs/measurements.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vision.catalogue.schema import MarkingSet, Pattern
from vision.match.model import Model
from vision.pipeline import Pipeline
from vision.training.render import ElementSpec, MarkSpec, render_scene
from vision.types import Explanation

TEMPERATURES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5)
UNKNOWN_SHARE = 0.25
STYLES = ("phone", "hand", "table", "macro", "sorter", "plate", "low", "worn")
LETTERS = "ABCDEFGHIKLMNOPRSTUVWXZ"


@dataclass(frozen=True, slots=True)
class Example:
    """One head: the scores of its explanations, best first, and which of them is the truth (None: none is)."""

    scores: tuple[float, ...]
    truth: int | None


def known_mark(rng: np.random.Generator, markings: MarkingSet, model: Model) -> tuple[Pattern, MarkSpec]:
    """A pattern drawn by the matcher's own prior, and its mark with a year or a calibre where its row has one."""
    ids = sorted(model.priors)
    weights = np.exp([model.priors[i] for i in ids])
    pattern = markings.by_id[ids[int(rng.choice(len(ids), p=weights / weights.sum()))]]
    ways = [w for w in pattern.stampings if all(not e.startswith("<") for e in w)]
    if not ways:
        return known_mark(rng, markings, model)
    code = " ".join(ways[0])
    return pattern, spread(rng, [code, *companions(rng, pattern, model)])


def companions(rng: np.random.Generator, pattern: Pattern, model: Model) -> list[str]:
    """The year and the calibre that stand beside the code."""
    first, last = pattern.years_from or 1930, min(pattern.years_to or 2020, 2025)
    year = int(rng.integers(first, max(first, last) + 1))
    beside = [str(year) if pattern.year_style == "four-digit" else f"{year % 100:02d}"]
    if pattern.year_style == "none":
        beside = []
    if pattern.calibres and (not beside or rng.random() < 0.3):
        name = str(rng.choice(pattern.calibres))
        legends = [s for s in model.spellings if name in model.legends.get(s.replace(" ", ""), ()) and s.isascii()]
        beside += [str(rng.choice(legends))] if legends else []
    return beside


def unknown_mark(rng: np.random.Generator, model: Model) -> MarkSpec:
    """A code no row has, and a year."""
    while True:
        code = "".join(rng.choice(list(LETTERS), int(rng.integers(2, 5))))
        if code not in model.codes:
            return spread(rng, [code, f"{int(rng.integers(40, 100)):02d}"])


def spread(rng: np.random.Generator, texts: Sequence[str]) -> MarkSpec:
    """The elements evenly round the head, the first at 12 o'clock, the others upside down half the time."""
    step, turned = 360.0 / len(texts), bool(rng.random() < 0.5)
    elements = [ElementSpec(t, i * step, upside_down=turned and i > 0) for i, t in enumerate(texts)]
    return MarkSpec(tuple(elements), pocket_ratio=float(rng.uniform(0.4, 0.52)), height=float(rng.uniform(0.16, 0.26)))


def example(pipeline: Pipeline, model: Model, markings: MarkingSet, seed: int) -> Example | None:
    """One render read; None when its head was not found."""
    rng = np.random.default_rng(seed)
    known = rng.random() >= UNKNOWN_SHARE
    pattern, mark = known_mark(rng, markings, model) if known else (None, unknown_mark(rng, model))
    scene = render_scene(seed, heads=1, style=str(rng.choice(STYLES)), marks=[mark])
    encoded = cv2.imencode(".png", scene.rgb[..., ::-1])[1].tobytes()
    heads = pipeline.explain(encoded)
    if not heads:
        return None
    _, explanations = max(heads, key=lambda h: h[0].score)
    truths = [i for i, e in enumerate(explanations) if _is_truth(e, pattern, markings)]
    return Example(tuple(e.score for e in explanations), truths[0] if truths else None)


def _is_truth(explanation: Explanation, pattern: Pattern | None, markings: MarkingSet) -> bool:
    if explanation.pattern is None or pattern is None:
        return explanation.pattern is None and pattern is None
    named = markings.by_id[explanation.pattern]
    return (named.country, named.city) == (pattern.country, pattern.city)


def figures(examples: Sequence[Example], temperature: float) -> tuple[float, float]:
    """(mean log-loss of the truth, expected calibration error over ten bins of the first candidate's probability)."""
    losses, sure = [], []
    for one in examples:
        shares = np.exp((np.array(one.scores) - max(one.scores)) / temperature)
        shares /= shares.sum()
        truth = 1e-3 if one.truth is None else float(shares[one.truth])
        losses.append(-np.log(max(truth, 1e-3)))
        sure.append((float(shares[0]), one.truth == 0))
    bins = np.array([min(9, int(p * 10)) for p, _ in sure])
    error = sum(
        abs(sum(p - right for (p, right), b in zip(sure, bins, strict=True) if b == n)) for n in range(10)
    ) / len(sure)
    return float(np.mean(losses)), error


def main() -> None:
    """Render, read, and print the figures of every temperature."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=900000)
    parser.add_argument("--photos", type=int, default=300)
    arguments = parser.parse_args()
    pipeline = Pipeline.load()
    markings, model = pipeline.markings, pipeline.model()
    examples = []
    for seed in range(arguments.seed, arguments.seed + arguments.photos):
        one = example(pipeline, model, markings, seed)
        if one is not None:
            examples.append(one)
    top = sum(one.truth == 0 for one in examples)
    sys.stdout.write(f"{arguments.photos} renders, {len(examples)} heads found, truth first in {top}\n")
    for temperature in TEMPERATURES:
        loss, error = figures(examples, temperature)
        sys.stdout.write(f"temperature {temperature:4.1f}  log-loss {loss:.3f}  calibration error {error:.3f}\n")


if __name__ == "__main__":
    main()
