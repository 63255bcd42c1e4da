"""How well a network reads windows: edit distance of its best path to what stands in the asked part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import torch
from rapidfuzz.distance import Levenshtein

from vision.read.network import STEP_PX
from vision.training.stamped.examples import Example
from vision.training.stamped.loss import batch_of

# (windows, 1, 48, width) gray to (windows, steps, labels) log-probabilities.
Says = Callable[[torch.Tensor], torch.Tensor]


@torch.no_grad()
def character_errors(says: Says, held_out: Sequence[Example], size: int = 24) -> float:
    """Edits needed, over the number of characters that stand there (0 is perfect; above 1 is possible)."""
    paths: list[list[int]] = []
    for start in range(0, len(held_out), size):
        paths += says(batch_of(held_out[start : start + size]).gray).argmax(dim=2).tolist()
    return misread(paths, held_out)


def misread(paths: Sequence[Sequence[int]], held_out: Sequence[Example]) -> float:
    """The same for the likeliest label at each step of each window, margins included."""
    edits = total = 0
    for example, path in zip(held_out, paths, strict=True):
        margin = example.margin // STEP_PX
        read = [label for label, _ in groupby(path[margin : len(path) - margin]) if label]
        true = [s.label for s in example.asked]
        edits += Levenshtein.distance(true, read)
        total += len(true)
    return edits / max(1, total)
