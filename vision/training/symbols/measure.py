"""How well a network names symbols: on pictures it has not seen, from one drawing, and when it knows none of them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from vision.training.symbols.examples import Pictures

_AT_ONCE = 256


@torch.no_grad()
def vectors(net: nn.Module, pictures: Pictures) -> Tensor:
    """Unit vectors (N, D) of pictures (N, H, W, 3) uint8."""
    tensor = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2)
    return torch.cat([net(tensor[k : k + _AT_ONCE].float())[0] for k in range(0, len(tensor), _AT_ONCE)])


def named_right(net: nn.Module, prototypes: Tensor, pictures: Pictures) -> float:
    """The share of pictures (S, N, H, W, 3) that are nearest to their own symbol's prototype (S, D)."""
    symbols, count = pictures.shape[:2]
    seen = vectors(net, pictures.reshape(-1, *pictures.shape[2:]))
    nearest = (seen @ prototypes.T).argmax(dim=1)
    own = torch.arange(symbols).repeat_interleave(count)
    return float((nearest == own).float().mean())
