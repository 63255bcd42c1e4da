"""The network: a small picture to a direction in 128 dimensions, the same for all pictures of one symbol.

Its first part is fixed: how strong edges of eight directions are in each of 16 x 16 cells, against their surroundings
(after Dalal and Triggs, Histograms of Oriented Gradients, 2005). An edge counts the same from dark to light as from
light to dark, so a struck stroke, a painted one and its negative look alike. What is learnt comes after: a linear map
and a correction with one hidden layer, both small enough to train on two busy cores.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE = 64  # pixels of a picture
WAYS, CELL = 8, 4  # directions of edges, pixels of a cell
CELLS = SIDE // CELL
INPUTS = WAYS * CELLS * CELLS
HIDDEN, DIRECTIONS = 512, 128
_SHARP = 0.72  # cosine between an edge's direction and another's up to which it counts nothing there
_ROUND = 5  # cells across the surroundings that edges are measured against


class Edges(nn.Module):
    """Pictures (N, 3, SIDE, SIDE), 0..255, to edges (N, INPUTS); of the three colours the strongest counts."""

    def __init__(self) -> None:
        super().__init__()
        slope = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
        angles = torch.arange(WAYS) * math.pi / WAYS
        self.register_buffer("slopes", torch.stack([slope, slope.T])[:, None], persistent=False)
        ways = torch.stack([angles.cos(), angles.sin()], 1)[:, :, None, None]
        self.register_buffer("ways", ways, persistent=False)
        self.slopes: Tensor
        self.ways: Tensor

    def forward(self, pictures: Tensor) -> Tensor:
        count = pictures.shape[0]
        steep = functional.conv2d(pictures.reshape(count * 3, 1, SIDE, SIDE), self.slopes, padding=1)
        strength = (steep * steep).sum(1, keepdim=True).sqrt()
        along = functional.relu(functional.conv2d(steep, self.ways).abs() - _SHARP * strength)
        cells = functional.avg_pool2d(along.view(count, 3, WAYS, SIDE, SIDE).amax(1), CELL)
        total = cells.sum(1, keepdim=True)
        near = functional.avg_pool2d(total, _ROUND, 1, _ROUND // 2, count_include_pad=False)
        level = near + 0.25 * total.mean((2, 3), keepdim=True) + 0.05
        return (cells / level).sqrt().flatten(1)


class SymbolNet(nn.Module):
    """Edges (N, INPUTS) to unit vectors (N, DIRECTIONS) and log-odds (N,) that a picture shows one symbol well framed,
    whatever it is."""

    def __init__(self) -> None:
        super().__init__()
        self.straight = nn.Linear(INPUTS, DIRECTIONS)
        self.hidden = nn.Linear(INPUTS, HIDDEN)
        self.norm = nn.BatchNorm1d(HIDDEN)
        self.drop = nn.Dropout(0.15)
        self.bent = nn.Linear(HIDDEN, DIRECTIONS)
        self.thing = nn.Linear(HIDDEN, 1)
        nn.init.normal_(self.bent.weight, std=1e-3)

    def forward(self, edges: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.drop(functional.relu(self.norm(self.hidden(edges))))
        vectors = self.straight(edges) + self.bent(hidden)
        return functional.normalize(vectors, dim=1), self.thing(hidden)[:, 0]
