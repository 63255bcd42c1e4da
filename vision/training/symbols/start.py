"""Where training starts: the linear map that parts symbols best, found in one go (Fisher's discriminant).

Pictures of one symbol should fall together, drawings of it among them, and the middles of symbols apart: with S the
scatter of pictures about their symbol's middle, x -> S^(-1/2) x makes the first equal in all directions, and the main
directions of the middles are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vision.training.symbols.examples import Edges

RIDGE = 1.0  # of the mean variance, added to every direction's
_PICTURES = 150  # of each symbol
Matrix = npt.NDArray[np.float32]


def straight_map(edges: Edges, kept: Sequence[int], size: int) -> tuple[Matrix, Matrix]:
    """weight (size, inputs) and bias (size,) of the map, from the symbols in kept and the invented ones."""
    groups = [(edges.learnt[i, :_PICTURES], edges.learnt_drawings[i]) for i in kept]
    groups += list(zip(edges.invented, edges.invented_drawings, strict=True))
    inputs = edges.learnt.shape[-1]
    within, middles, count = np.zeros((inputs, inputs), np.float64), [], 0
    for start in range(0, len(groups), 200):
        apart = []
        for pictures, drawings in groups[start : start + 200]:
            own = np.asarray(pictures, np.float32)
            drawn = np.asarray(drawings, np.float32).mean(axis=0)
            middles.append((own.mean(axis=0) + drawn) / 2)
            apart += [own - middles[-1], (drawn - middles[-1])[None]]
        joined = np.concatenate(apart)
        within += joined.T @ joined
        count += len(joined)
    within /= count
    middle = np.stack(middles).astype(np.float32)
    values, vectors = np.linalg.eigh(within + RIDGE * np.trace(within) / inputs * np.eye(inputs))
    whitened = vectors / np.sqrt(values)
    spread = (middle - middle.mean(axis=0)) @ whitened
    weights = np.concatenate([np.full(len(kept), 1 / len(kept)), np.full(len(groups) - len(kept), 0.5 / max(1, len(groups) - len(kept)))])  # fmt: skip  # noqa: E501
    _, between = np.linalg.eigh((spread * weights[:, None]).T @ spread)
    weight = (whitened @ between[:, ::-1][:, :size]).T
    return weight.astype(np.float32), (-weight @ middle.mean(axis=0)).astype(np.float32)
