"""The net that finds the band of a head's text: convolutions closed round the turn, then some along the radius."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from vision.flatten.band import ROWS

CHANNELS = (16, 24, 32, 32, 32)
STRIDES = ((1, 2), (1, 2), (2, 2), (1, 1), (1, 1))  # (radius, angle): the radius is what has to stay exact
HIDDEN = 32
# Columns and rows of a face that one cell of the last convolution stands for.
CELL_COLUMNS, CELL_ROWS = 8, 2


class BandNet(nn.Module):
    """Faces (N, 2, ROWS, COLUMNS) uint8, as vision.flatten.band.face_of gives them, to log-probabilities (N, 2, ROWS)
    of the rows on which text begins and ends, and log-odds (N, ROWS, COLUMNS / 8) of text being there."""

    def __init__(self) -> None:
        super().__init__()
        inputs = (2, *CHANNELS[:-1])
        self.convolutions = nn.ModuleList(
            nn.Conv2d(i, o, 3, stride, padding=(1, 0)) for i, o, stride in zip(inputs, CHANNELS, STRIDES, strict=True)
        )
        self.text = nn.Conv2d(CHANNELS[-1], CELL_ROWS, 1)
        self.radial = nn.ModuleList(nn.Conv1d(i, HIDDEN, 5, padding=2) for i in (2 * CHANNELS[-1] + 1, HIDDEN))
        self.edges = nn.Conv1d(HIDDEN, 2 * CELL_ROWS, 1)

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        x = faces.float()
        middle = x.mean(dim=(2, 3), keepdim=True)
        spread = ((x - middle) ** 2).mean(dim=(2, 3), keepdim=True).sqrt()
        x = (x - middle) / (spread + 4.0)
        for convolution in self.convolutions:
            # The turn has no ends: the columns before the first are the last ones.
            x = functional.relu(convolution(torch.cat([x[..., -1:], x, x[..., :1]], dim=3)))
        text = self.text(x)
        along = torch.cat([x.amax(dim=3), x.mean(dim=3), text.sigmoid().mean(dim=(1, 3))[:, None]], dim=1)
        for convolution in self.radial:
            along = functional.relu(convolution(along))
        cells = ROWS // CELL_ROWS
        odds = self.edges(along).reshape(-1, 2, CELL_ROWS, cells).permute(0, 1, 3, 2).reshape(-1, 2, ROWS)
        return odds.log_softmax(dim=2), text.permute(0, 2, 1, 3).reshape(-1, ROWS, text.shape[3])
