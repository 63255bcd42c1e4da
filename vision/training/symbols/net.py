"""The network: a small picture to a direction in 128 dimensions, the same for all pictures of one symbol.

Its first part is fixed: how strong edges of eight directions are in each of 32 x 32 cells, against their surroundings
(after Dalal and Triggs, Histograms of Oriented Gradients, 2005). An edge counts the same from dark to light as from
light to dark, so a struck stroke, a painted one and its negative look alike; beyond its border a picture goes on as it
ends there, since a border is no edge. Edges are taken once, before training;
what is learnt comes after, a few convolutions small enough to train on a share of one busy core.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE = 64  # pixels of a picture
WAYS, CELL = 8, 2  # directions of edges, pixels of a cell
CELLS = SIDE // CELL
# Channels and steps of the convolutions: 32, 16, 8, 8 and 4 cells a side are left. The first takes no step, since the
# digits in a frame are few cells high.
LAYERS = ((32, 1), (64, 2), (96, 2), (128, 1), (192, 2))
DIRECTIONS = 128
MOST_EDGE = 1.25  # edges are at most this strong
_SHARP = 0.72  # cosine between an edge's direction and another's up to which it counts nothing there
_ROUND = 9  # cells across the surroundings that edges are measured against


class Edges(nn.Module):
    """Pictures (N, 3, SIDE, SIDE), 0..255, to edges (N, WAYS, CELLS, CELLS), 0..MOST_EDGE, of the colour in which a
    pixel is steepest."""

    def __init__(self) -> None:
        super().__init__()
        slope = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
        slopes = torch.zeros(6, 3, 3, 3)
        for color in range(3):
            slopes[color, color], slopes[3 + color, color] = slope, slope.T
        angles = torch.arange(WAYS) * math.pi / WAYS
        ways = torch.stack([angles.cos(), angles.sin()], 1)[:, :, None, None]
        self.register_buffer("slopes", slopes, persistent=False)
        self.register_buffer("ways", ways, persistent=False)
        self.slopes: Tensor
        self.ways: Tensor

    def forward(self, pictures: Tensor) -> Tensor:
        steep = functional.conv2d(functional.pad(pictures, (1, 1, 1, 1), mode="replicate"), self.slopes)
        across, down = steep[:, :3], steep[:, 3:]
        power = across * across + down * down
        green = power[:, 1:2] > power[:, :1]
        blue = power[:, 2:] > power[:, :2].amax(1, keepdim=True)
        best = [torch.where(blue, s[:, 2:], torch.where(green, s[:, 1:2], s[:, :1])) for s in (across, down)]
        strength = power.amax(1, keepdim=True).sqrt()
        along = functional.relu(functional.conv2d(torch.cat(best, 1), self.ways).abs() - _SHARP * strength)
        cells = functional.avg_pool2d(along, CELL)
        total = cells.sum(1, keepdim=True)
        near = functional.avg_pool2d(total, _ROUND, 1, _ROUND // 2, count_include_pad=False)
        level = near + 0.25 * total.mean((2, 3), keepdim=True) + 0.05
        return (cells / level).sqrt().clamp(max=MOST_EDGE)


class SymbolNet(nn.Module):
    """Edges (N, WAYS, CELLS, CELLS) to unit vectors (N, DIRECTIONS) and log-odds (N,) that a picture shows one symbol
    well framed, whatever it is."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before, left = WAYS, CELLS
        for channels, step in LAYERS:
            layers += [nn.Conv2d(before, channels, 3, step, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
            before, left = channels, left // step
        self.features = nn.Sequential(*layers, nn.Flatten())
        inputs = before * left * left
        self.out = nn.Linear(inputs, DIRECTIONS)
        self.thing = nn.Linear(inputs, 1)

    def forward(self, edges: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.features(edges)
        return functional.normalize(self.out(seen), dim=1), self.thing(seen)[:, 0]
