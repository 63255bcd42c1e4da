"""Before all else learns, the head alone: its new rows start from nothing, and what is below them is good already.

The features of some batches are worked out once and kept; the head then learns on them at a hundredth of the cost of a
step of the whole network.
"""

from __future__ import annotations

import math

import torch

from vision.training.learn.batches import Plan, loader
from vision.training.stamped.loss import NEVER, Batch, placed_ctc
from vision.training.stamped.net import StampedNet

RATE = 3e-3
# The batches the head learns on are none of those that follow.
FIRST = 5_000_000


def warm_head(net: StampedNet, plan: Plan, batches: int, rounds: int, workers: int) -> None:
    """Train net's head in place on the features of so many batches, each seen so many times."""
    device = net.head.weight.device
    kept: list[tuple[torch.Tensor, Batch]] = []
    with torch.no_grad():
        for batch in loader(plan, range(FIRST, FIRST + batches), 0, 1, workers):
            batch = batch.to(device)
            kept.append((net.features(batch.gray), batch))
    optimizer = torch.optim.AdamW(net.head.parameters(), lr=RATE, weight_decay=0.0)
    steps = batches * rounds
    for step in range(steps):
        features, batch = kept[step % batches]
        optimizer.param_groups[0]["lr"] = RATE * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * step / steps)))
        each = placed_ctc(torch.log_softmax(net.head(features), dim=-1), batch)
        possible = each < -NEVER / 2
        loss = (each / (batch.count + 2))[possible].mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
