"""The network: a recogniser's features under a head for our labels, for one gray channel."""

from __future__ import annotations

import torch
from torch import nn


class StampedNet(nn.Module):
    """(N, 1, 48, W) gray in -1..1 to (N, W / 8, labels) log-probabilities."""

    def __init__(self, features: nn.Module, width: int, labels: int) -> None:
        super().__init__()
        self.features = features
        self.head = nn.Linear(width, labels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.log_softmax(self.head(self.features(x)), dim=-1)
