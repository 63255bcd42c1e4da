"""The network: a small picture to a direction in 128 dimensions, the same for all pictures of one symbol."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

DIRECTIONS = 128
SIDE = 48  # pixels of a picture
CHANNELS = (16, 36, 72, 128)  # at 24, 12, 6 and 3 pixels a side
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
    """Pictures (N, 3, SIDE, SIDE), 0..255, to unit vectors (N, DIRECTIONS) and log-odds (N,) that they show one symbol
    well framed, whatever it is. Brightness and contrast do not count."""

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
        self.out = nn.Linear(LAST * (SIDE // 16) ** 2, DIRECTIONS)
        self.thing = nn.Linear(LAST * (SIDE // 16) ** 2, 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        middle = pictures.mean(dim=(1, 2, 3), keepdim=True)
        spread = ((pictures - middle) ** 2).mean(dim=(1, 2, 3), keepdim=True).sqrt()
        x = self.last(self.features((pictures - middle) / (spread + 4.0))).flatten(1)
        return functional.normalize(self.out(x), dim=1), self.thing(x)[:, 0]
