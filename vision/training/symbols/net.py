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
        angles = torch.arange(WAYS) * math.pi / WAYS
        along, none = torch.stack([angles.cos(), angles.sin()], 1), torch.full((WAYS, 1), -_SHARP)
        both = torch.cat([torch.cat([along, none], 1), torch.cat([-along, none], 1)])
        self.register_buffer("ways", both[:, :, None, None], persistent=False)
        self.register_buffer("halves", torch.eye(WAYS).repeat(1, 2)[:, :, None, None], persistent=False)
        self.ways: Tensor
        self.halves: Tensor

    def forward(self, pictures: Tensor) -> Tensor:
        # Written for ONNX Runtime, which takes several times as long where colours are chosen and slopes convolved.
        padded = functional.pad(pictures, (1, 1, 1, 1), mode="replicate")
        rows = padded[:, :, :-2] + 2 * padded[:, :, 1:-1] + padded[:, :, 2:]
        columns = padded[..., :-2] + 2 * padded[..., 1:-1] + padded[..., 2:]
        across, down = (rows[..., 2:] - rows[..., :-2]) / 8, (columns[:, :, 2:] - columns[:, :, :-2]) / 8
        power = across * across + down * down
        red, green, blue = power[:, :1], power[:, 1:2], power[:, 2:]
        most = torch.maximum(red, green)
        as_green, as_blue = (green > red).float(), (blue > most).float()
        best = []
        for slope in (across, down):
            second = slope[:, :1] + as_green * (slope[:, 1:2] - slope[:, :1])
            best.append(second + as_blue * (slope[:, 2:] - second))
        strength = torch.maximum(most, blue).sqrt()
        # |x| - t where it is above nought is what x - t and -x - t have above nought, together.
        along = functional.relu(functional.conv2d(torch.cat([*best, strength], 1), self.ways))
        cells = functional.conv2d(functional.avg_pool2d(along, CELL), self.halves)
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
        return self.told(self.features(edges))

    def told(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """What forward gives of what the convolutions see."""
        return functional.normalize(self.out(seen), dim=1), self.thing(seen)[:, 0]
