"""The net that weighs a supposed rim by its unrolled picture: four convolutions closed round the turn, two layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from vision.find._weigh import LOOK_RADII

CHANNELS = (16, 24, 32, 32)
STRIDES = ((1, 2), (2, 2), (2, 1), (2, 1))  # (angle, radius): the radius is what has to stay exact
HIDDEN = 32


class RimNet(nn.Module):
    """Looks (N, angles, radii, 4) uint8, as vision.find._weigh.look gives them, to log-odds (N,) of a head's rim."""

    def __init__(self) -> None:
        super().__init__()
        inputs = (4, *CHANNELS[:-1])
        self.convolutions = nn.ModuleList(
            nn.Conv2d(i, o, 3, stride, padding=(0, 1)) for i, o, stride in zip(inputs, CHANNELS, STRIDES, strict=True)
        )
        radii = len(LOOK_RADII) // 4
        self.hidden = nn.Linear(2 * CHANNELS[-1] * radii, HIDDEN)
        self.out = nn.Linear(HIDDEN, 1)
        self.drop = nn.Dropout(0.2)

    def forward(self, looks: Tensor) -> Tensor:
        seen = looks.permute(0, 3, 1, 2).float() / 255
        rgb, inside = seen[:, :3], seen[:, 3:]
        middle = rgb.mean(dim=(1, 2, 3), keepdim=True)
        spread = ((rgb - middle) ** 2).mean(dim=(1, 2, 3), keepdim=True).sqrt()
        x = torch.cat([(rgb - middle) / (spread + 0.02), inside], dim=1)
        for convolution in self.convolutions:
            # The turn has no ends: the rows before the first are the last ones.
            x = torch.cat([x[:, :, -1:], x, x[:, :, :1]], dim=2)
            x = functional.relu(convolution(x))
        round_the_turn = torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1).flatten(1)
        odds: Tensor = self.out(functional.relu(self.hidden(self.drop(round_the_turn))))
        return odds[:, 0]
