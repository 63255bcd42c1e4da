"""How much of what was learnt is taken: weights on the straight line from the network before training to the one after.

Fine-tuning moves weights that other marks need as well; a point between the two networks often reads the new marks
nearly as well as its end and the old ones as well as its start (Wortsman et al., Robust fine-tuning of zero-shot
models, 2022). Where on the line is decided on strips that neither training nor the package's figures use.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from vision.training.learn.batches import HELD_OUT, Plan, held_out, known_only
from vision.training.stamped.measure import character_errors
from vision.training.stamped.net import StampedNet

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
FIRST = HELD_OUT + 2_000_000
SET_STRIPS, KNOWN_STRIPS = 40, 80
# Known marks misread at most this much oftener than before: half of what the package's verdict allows.
MOST_LOST = 0.005


@dataclass(frozen=True, slots=True)
class Tried:
    """A share of the way, and the characters misread there: of the set's strips, and of those with known marks."""

    share: float
    set_wrong: float
    known_wrong: float


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """The network that is packaged, where on the way it lies, and what was tried; known_before is what the network
    misreads of known marks that training began with."""

    net: StampedNet
    share: float
    known_before: float
    tried: tuple[Tried, ...]


def mix(old: StampedNet, begun: StampedNet, trained: StampedNet, plan: Plan, known: int) -> Mixed:
    """The best point between begun (old with the plan's labels, its new rows warmed) and trained; old knows so many
    labels, which are the plan's first."""
    of_set = held_out(plan, SET_STRIPS, known=False, first=FIRST)
    others = known_only(held_out(plan, KNOWN_STRIPS, known=True, first=FIRST), known)
    before = character_errors(old, others)
    tried = []
    for share in SHARES:
        net = between(begun, trained, share)
        tried.append(Tried(share, character_errors(net, of_set), character_errors(net, others)))
    share = best(tried, before)
    return Mixed(between(begun, trained, share), share, before, tuple(tried))


def best(tried: Sequence[Tried], known_before: float) -> float:
    """The share that reads the set best among those that forgot nothing; where all forgot, the one that did least."""
    kept = [one for one in tried if one.known_wrong <= known_before + MOST_LOST]
    if not kept:
        return min(tried, key=lambda one: (one.known_wrong, one.set_wrong)).share
    return min(kept, key=lambda one: (one.set_wrong, one.known_wrong)).share


def between(begun: StampedNet, trained: StampedNet, share: float) -> StampedNet:
    """A network whose every weight lies this share of the way from begun's to trained's."""
    net = copy.deepcopy(trained)
    with torch.no_grad():
        for weight, first in zip(net.parameters(), begun.parameters(), strict=True):
            weight.copy_(first.lerp(weight, share))
    return net
