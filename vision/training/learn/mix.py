"""How much of what was learnt is taken: so much that the set is read best and nothing known is lost.

Fine-tuning moves weights that other marks need as well; a point on the straight line between the networks before and
after often reads the new marks nearly as well as its end and the old ones as well as its start (Wortsman et al., Robust
fine-tuning of zero-shot models, 2022). And new labels are said where known ones stand: they may be held back, by so
many nats. Both are decided on strips that neither training nor the package's figures use.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from vision.read.stamped import BLANK_LESS
from vision.training.learn.batches import HELD_OUT, Plan, held_out, known_only
from vision.training.stamped.examples import Example
from vision.training.stamped.loss import batch_of
from vision.training.stamped.measure import misread
from vision.training.stamped.net import StampedNet

# Further along renders read better still and photos worse, which no render can tell (docs/decisions/
# training-without-forgetting.md).
SHARES = (0.0, 0.1, 0.2)
HELD_BACK = (0.0, 0.5, 1.0, 1.5, 2.0)
FIRST = HELD_OUT + 2_000_000
SET_STRIPS, KNOWN_STRIPS = 40, 160
# Known marks misread at most this much oftener than before: half of what the package's verdict allows.
MOST_LOST = 0.005
_WINDOWS = 24


@dataclass(frozen=True, slots=True)
class Tried:
    """A share of the way and the nats by which new labels are held back, with the characters misread there: of the
    set's strips, and of those with known marks."""

    share: float
    held_back: float
    set_wrong: float
    known_wrong: float


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """The network that is packaged, what was chosen and all that was tried, last with the rows warmed again;
    known_before is what the network that training began with misreads of known marks."""

    net: StampedNet
    chosen: Tried
    known_before: float
    tried: tuple[Tried, ...]


def mix(
    old: StampedNet,
    begun: StampedNet,
    trained: StampedNet,
    plan: Plan,
    known: int,
    warm_again: Callable[[StampedNet], object],
) -> Mixed:
    """The best point between begun (old with the plan's labels, its new rows warmed) and trained; old knows so many
    labels, which are the plan's first.

    The new rows of neither end suit the features between them: warm_again trains them there, in place.
    """
    of_set = held_out(plan, SET_STRIPS, known=False, first=FIRST)
    others = known_only(held_out(plan, KNOWN_STRIPS, known=True, first=FIRST), known)
    (before,) = _wrong(old, known, others, (0.0,))

    def tries(net: StampedNet, share: float) -> list[Tried]:
        wrong = zip(_wrong(net, known, of_set), _wrong(net, known, others), strict=True)
        return [Tried(share, nats, *two) for nats, two in zip(HELD_BACK, wrong, strict=True)]

    tried = [one for share in SHARES for one in tries(between(begun, trained, share), share)]
    share = best(tried, before).share
    net = between(begun, trained, share)
    warm_again(net)
    warmed = tries(net, share)
    chosen = best(warmed, before)
    net.head = held_back(net.head, known, chosen.held_back)
    return Mixed(net, chosen, before, (*tried, *warmed))


def best(tried: Sequence[Tried], known_before: float) -> Tried:
    """Of those that forgot nothing the one that reads the set best; where all forgot, the one that did least."""
    kept = [one for one in tried if one.known_wrong <= known_before + MOST_LOST]
    if not kept:
        return min(tried, key=lambda one: (one.known_wrong, one.set_wrong))
    return min(kept, key=lambda one: (one.set_wrong, one.known_wrong))


def between(begun: StampedNet, trained: StampedNet, share: float) -> StampedNet:
    """A network whose every weight lies this share of the way from begun's to trained's."""
    net = copy.deepcopy(trained)
    with torch.no_grad():
        for weight, first in zip(net.parameters(), begun.parameters(), strict=True):
            weight.copy_(first.lerp(weight, share))
    return net


def held_back(head: torch.nn.Linear, known: int, nats: float) -> torch.nn.Linear:
    """The head with every label after the first known ones less likely by so many nats before all are made to add up
    to one."""
    head = copy.deepcopy(head)
    with torch.no_grad():
        head.bias[known:] -= nats
    return head


@torch.no_grad()
def _wrong(net: StampedNet, known: int, some: Sequence[Example], held: Sequence[float] = HELD_BACK) -> Iterator[float]:
    """The characters misread, as the reader that serves reads them, for each way of holding back; the features are
    worked out once."""
    features = [net.features(batch_of(some[i : i + _WINDOWS]).gray) for i in range(0, len(some), _WINDOWS)]
    for nats in held:
        head = held_back(net.head, known, nats)
        head.bias[0] -= BLANK_LESS
        yield misread([path for seen in features for path in head(seen).argmax(dim=2).tolist()], some)
