"""The reliability diagram: what the first candidate's probability says against how often it is right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

from vision.training.calibrate.measure import Outcome, bins, calibration_error

matplotlib.use("Agg")
SIDE_INCHES, DPI = 4.6, 130


def reliability(before: Sequence[Outcome], after: Sequence[Outcome], path: Path) -> None:
    """Draw both to a PNG: a dot for each tenth of probability, its size the number of marks in it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SIDE_INCHES, SIDE_INCHES + 0.5), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 100], [0, 100], color="0.6", linewidth=1, linestyle="--", label="what it should be")
    for name, outcomes, colour in (("before", before, "#c58b00"), ("after", after, "#1f5fa8")):
        dots = bins(outcomes)
        xs, ys = [100 * p for p, _, _ in dots], [100 * right for _, right, _ in dots]
        label = f"{name}: calibration error {100 * calibration_error(outcomes):.1f}"
        axes.plot(xs, ys, color=colour, linewidth=1.5, label=label)
        axes.scatter(xs, ys, s=[8 + 1.2 * n for _, _, n in dots], color=colour, alpha=0.75, zorder=3)
    axes.set_xlabel("probability of the first candidate, %")
    axes.set_ylabel("of these right, %")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.set_aspect("equal")
    axes.grid(color="0.9")
    axes.legend(loc="upper left", frameon=False, fontsize=8)
    axes.set_title("Renders that were not fitted on", fontsize=10)
    figure.savefig(path, metadata={"Software": None})
