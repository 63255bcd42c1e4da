"""The network: a small picture of a symbol to a direction in 128 dimensions; pictures of one symbol point the same way."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

DIRECTIONS = 128
CHANNELS = (24, 48, 96, 160)  # at 32, 16, 8 and 4 pixels a side
LAST = 48


class Block(nn.Module):
    """Two convolutions round which the input is carried on."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(x + self.second_norm(self.second(inner)))


class SymbolNet(nn.Module):
    """Pictures (N, 3, 64, 64), 0..255, to unit vectors (N, DIRECTIONS). Brightness and contrast do not count."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for channels in CHANNELS:
            layers += [nn.Conv2d(before, channels, 3, 2, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
            layers += [Block(channels)] if channels > CHANNELS[0] else []
            before = channels
        self.features = nn.Sequential(*layers)
        self.last = nn.Sequential(nn.Conv2d(before, LAST, 1, bias=False), nn.BatchNorm2d(LAST), nn.ReLU())
        self.out = nn.Linear(LAST * 16, DIRECTIONS)

    def forward(self, pictures: Tensor) -> Tensor:
        middle = pictures.mean(dim=(1, 2, 3), keepdim=True)
        spread = ((pictures - middle) ** 2).mean(dim=(1, 2, 3), keepdim=True).sqrt()
        x = self.last(self.features((pictures - middle) / (spread + 4.0)))
        return functional.normalize(self.out(x.flatten(1)), dim=1)
