"""How far a step moves each weight: by a share of the weight's own spread.

The norms of a served network are folded into its weights, which then differ a hundredfold in size: a step that is small
for most would undo the smallest, and with them what the network knew.
"""

from __future__ import annotations

from typing import Any

import torch

from vision.training.stamped.net import StampedNet

# The least spread that a weight's steps are measured by: many offsets start near nothing.
LEAST_SPREAD = 0.02


def spread(weight: torch.Tensor) -> float:
    """The root mean square of a weight's values, LEAST_SPREAD where that is more."""
    return max(LEAST_SPREAD, float(weight.detach().square().mean().sqrt()))


def groups(net: StampedNet, head_times: float) -> list[dict[str, Any]]:
    """The optimiser's groups, one a weight: "times" is what the rate is multiplied by, its spread (for the head
    head_times as much)."""
    head = {id(p) for p in net.head.parameters()}
    return [{"params": [p], "times": spread(p) * (head_times if id(p) in head else 1.0)} for p in net.parameters()]
