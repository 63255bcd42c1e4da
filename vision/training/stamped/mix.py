"""A reader between two: every weight on the straight line from one's to the other's.

    python -m vision.training.stamped.mix runs/begin.onnx runs/trained.onnx mixed.onnx --share 0.5

Between a network and what it was trained from there is seldom a hill, and what lies between reads photos that are
unlike the training's better than either (Wortsman et al., Robust fine-tuning of zero-shot models, 2022; measured here:
docs/measurements.md). Both files are readers in the form that serves, made of the same layers, whatever their weights
are called; the result is in the first one's graph with the second one's labels.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import ModelProto, numpy_helper

from vision.errors import KitError
from vision.training.learn.start import LOG_PROBS, apart, served_form

Weights = list[tuple[str, npt.NDArray[np.float32]]]


def mixed(first: Path, second: Path, share: float) -> ModelProto:
    """The reader that far on the way from first to second (share 0..1), in the form that serves.

    A row of the head whose label only second knows is second's own. Raises KitError where the two are not made alike.
    """
    one, other = apart(first), apart(second)
    ours, theirs = in_order(one.model), in_order(other.model)
    heads = {one.head: (other.head, 1), one.bias: (other.bias, 0)}
    kept = dict(theirs)
    between: dict[str, npt.NDArray[np.float32]] = {}
    for (name, a), (name_there, b) in zip(ours, theirs, strict=True):
        if name in heads and heads[name][0] == name_there:
            a = rows_like(a, one.labels, kept[name_there], other.labels, axis=heads[name][1])
        elif a.shape != b.shape:
            raise KitError(f"{first.name} and {second.name} are not made of the same layers: they cannot be mixed.")
        between[name] = ((1.0 - share) * a + share * b).astype(np.float32)
    return served_form(one.model, between, other.labels, 0)


def in_order(model: ModelProto) -> Weights:
    """The weights of more than one number in the order in which the network comes to them."""
    values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    needed, nodes = {LOG_PROBS}, []
    for node in reversed(model.graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            nodes.append(node)
    used = dict.fromkeys(name for node in reversed(nodes) for name in node.input if name in values)
    return [(n, values[n]) for n in used if values[n].dtype == np.float32 and values[n].size > 1]


def rows_like(
    rows: npt.NDArray[np.float32], labels: Sequence[str], others: npt.NDArray[np.float32], wanted: Sequence[str],
    axis: int,
) -> npt.NDArray[np.float32]:  # fmt: skip
    """The head's rows for wanted: those of labels where they are among them, else the others' own."""
    index = {label: i for i, label in enumerate(labels)}
    found = np.moveaxis(others.copy(), axis, 0)
    for i, label in enumerate(wanted):
        if label in index:
            found[i] = np.moveaxis(rows, axis, 0)[index[label]]
    return np.moveaxis(found, 0, axis)


def main() -> None:
    """Write the reader between two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--share", type=float, required=True, help="how far from the first to the second, 0 to 1")
    arguments = parser.parse_args()
    onnx.save(mixed(arguments.first, arguments.second, arguments.share), arguments.output)


if __name__ == "__main__":
    main()
