"""Before all else learns, the head's new rows alone: they start from nothing, and all else is good already.

The features of some batches are worked out once and kept; the rows then learn on them at a hundredth of the cost of a
step of the whole network. Rows of known labels stay as they are, to the bit: let them learn here and they forget.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch

from vision.training.learn.batches import Plan, loader
from vision.training.stamped.loss import Batch, mean_loss
from vision.training.stamped.net import StampedNet

RATE = 3e-3
# The batches the rows learn on are none of those that follow.
FIRST = 5_000_000


def warm_head(
    net: StampedNet, known: int, plan: Plan, batches: int, rounds: int, workers: int, tell: Callable[[float], None]
) -> float:
    """Train the rows of net's head after the first known ones, in place, on the features of so many batches, each seen
    so many times; the mean loss of the last round (0 where there is nothing to learn).

    tell is called after each batch with the seconds that those left will take.
    """
    if known == len(plan.labels) or not batches:
        return 0.0
    kept = _features(net, plan, batches, workers, tell)
    optimizer = torch.optim.AdamW(net.head.parameters(), lr=RATE, weight_decay=0.0)
    steps = batches * rounds
    losses: list[float] = []
    for step in range(steps):
        features, batch = kept[step % batches]
        optimizer.param_groups[0]["lr"] = RATE * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * step / steps)))
        loss = mean_loss(torch.log_softmax(net.head(features), dim=-1), batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        for weight in net.head.parameters():
            if weight.grad is not None:
                weight.grad[:known] = 0.0
        optimizer.step()
        losses.append(float(loss.detach()))
    return sum(losses[-batches:]) / batches


@torch.no_grad()
def _features(
    net: StampedNet, plan: Plan, batches: int, workers: int, tell: Callable[[float], None]
) -> list[tuple[torch.Tensor, Batch]]:
    """What the head sees of so many batches."""
    kept: list[tuple[torch.Tensor, Batch]] = []
    began = time.monotonic()
    for batch in loader(plan, range(FIRST, FIRST + batches), 0, 1, workers):
        batch = batch.to(net.head.weight.device)
        kept.append((net.features(batch.gray), batch))
        tell((batches - len(kept)) * (time.monotonic() - began) / len(kept))
    return kept
