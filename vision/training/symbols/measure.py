"""How well a network names symbols: on pictures it has not seen, from one drawing, and when it knows none of them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from vision.training.symbols.examples import EDGE_STEPS, Kept

_AT_ONCE = 256


@torch.no_grad()
def vectors(net: nn.Module, edges: Kept) -> Tensor:
    """Unit vectors (N, D) of edges as kept (N, WAYS, CELLS, CELLS)."""
    return torch.cat([net(torch.from_numpy(edges[k : k + _AT_ONCE].astype(np.float32) / EDGE_STEPS))[0]
                      for k in range(0, len(edges), _AT_ONCE)])  # fmt: skip


def named_right(net: nn.Module, prototypes: Tensor, edges: Kept) -> float:
    """The share of pictures, by their edges (S, N, WAYS, CELLS, CELLS), that are nearest to their own symbol's
    prototype (S, D)."""
    symbols, count = edges.shape[:2]
    nearest = (vectors(net, edges.reshape(symbols * count, *edges.shape[2:])) @ prototypes.T).argmax(dim=1)
    own = torch.arange(symbols).repeat_interleave(count)
    return float((nearest == own).float().mean())
