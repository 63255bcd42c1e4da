"""What of a training is taken: so much that the set is read best and nothing known is lost.

Where a set brings new labels, all that was learnt is taken, but speaks only near these (beside.py); they are said where
known ones stand as well, and may be held back for that, by so many nats. A set of known labels in another style has no
such places of its own. Fine-tuning moves weights that other marks need, but a point on the straight line between the
networks before and after often reads the new marks nearly as well as its end and the old ones as well as its start
(Wortsman et al., Robust fine-tuning of zero-shot models, 2022). Both are decided on strips that neither training nor
the package's figures use.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
import torch

from vision.training.learn.batches import HELD_OUT, Plan, held_out, known_only
from vision.training.learn.beside import joined
from vision.training.stamped.examples import Example
from vision.training.stamped.loss import batch_of
from vision.training.stamped.measure import Says, misread
from vision.training.stamped.net import StampedNet

# Further along renders read better still and photos worse, which no render can tell (docs/decisions/
# training-without-forgetting.md).
SHARES = (0.0, 0.1, 0.2)
HELD_BACK = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
# By how much more where no other new letter stands near (beside.py).
ALONE = (0.0, 2.0, 4.0)
FIRST = HELD_OUT + 2_000_000
SET_STRIPS, KNOWN_STRIPS = 80, 300
# Known marks misread at most this much oftener than before: a quarter of what the package's verdict allows.
MOST_LOST = 0.0025
# What of the set's characters is given away for changing less: photos lose what renders do not show.
NEARLY = 0.02
# Known marks printed, not struck, show what photos lose: on struck ones nothing is lost where photos lose two words in
# a hundred (docs/decisions/training-without-forgetting.md).
KNOWN_PRINTED = 1.0
_WINDOWS = 24


@dataclass(frozen=True, slots=True)
class Tried:
    """A share of the way, the nats by which new labels are held back, and those by which more where they stand alone,
    with the characters misread there, of the set's strips and of those with known marks, and how often a new label is
    said on the latter."""

    share: float
    held_back: float
    set_wrong: float
    known_wrong: float
    alone: float = 0.0
    mistaken: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """The network that is packaged, beside the one it learnt from where that is so, what was chosen and all that was
    tried; known_before is what the one it learnt from misreads of known marks."""

    net: StampedNet
    beside: bool
    chosen: Tried
    known_before: float
    tried: tuple[Tried, ...]


def mix(old: Says, begun: StampedNet, trained: StampedNet, plan: Plan, known: int) -> Mixed:
    """What is taken of trained, which began as begun; old is the reader it learnt from as it serves, which knows so
    many labels, the plan's first."""
    of_set = held_out(plan, SET_STRIPS, known=False, first=FIRST)
    others = known_only(held_out(plan, KNOWN_STRIPS, known=True, first=FIRST, printed=KNOWN_PRINTED), known)
    before = _wrong(_said(old, others), others)
    if known == len(plan.labels):
        nets = {share: between(begun, trained, share) for share in SHARES}
        tried = [
            Tried(share, 0.0, _wrong(_said(net, of_set), of_set), _wrong(_said(net, others), others))
            for share, net in nets.items()
        ]
        chosen = best(tried, before)
        return Mixed(nets[chosen.share], False, chosen, before, tuple(tried))
    said = [(_said(old, some), _said(trained, some)) for some in (of_set, others)]
    tried = []
    for alone in ALONE:
        for nats in HELD_BACK:
            own, foreign = (joined(was, less_said(new, known, nats), alone) for was, new in said)
            wrong = _wrong(own, of_set), _wrong(foreign, others)
            tried.append(Tried(1.0, nats, wrong[0], wrong[1], alone, _times_said(foreign, known)))
    chosen = best(tried, before)
    return Mixed(held_back(trained, known, chosen.held_back), True, chosen, before, tuple(tried))


def best(tried: Sequence[Tried], known_before: float) -> Tried:
    """Of those that forgot nothing and read the set nearly as well as any, the one that changes least: that says new
    labels on known marks most seldom, or takes the smallest share; of such the one that reads the set best. Where all
    forgot, the one that did least."""
    kept = [one for one in tried if one.known_wrong <= known_before + MOST_LOST]
    if not kept:
        return min(tried, key=lambda one: (one.known_wrong, one.set_wrong))
    least = min(one.set_wrong for one in kept)
    near = [one for one in kept if one.set_wrong <= least + NEARLY]
    return min(near, key=lambda one: (one.mistaken, one.share, one.set_wrong))


def between(begun: StampedNet, trained: StampedNet, share: float) -> StampedNet:
    """A network whose every weight lies this share of the way from begun's to trained's."""
    net = copy.deepcopy(trained)
    with torch.no_grad():
        for weight, first in zip(net.parameters(), begun.parameters(), strict=True):
            weight.copy_(first.lerp(weight, share))
    return net


def held_back(net: StampedNet, known: int, nats: float) -> StampedNet:
    """The network with every label after the first known ones less likely by so many nats before all are made to add
    up to one."""
    quiet = copy.deepcopy(net)
    with torch.no_grad():
        quiet.head.bias[known:] -= nats
    return quiet


def less_said(log_probs: torch.Tensor, known: int, nats: float) -> torch.Tensor:
    """What a network says once held back so."""
    less = log_probs.clone()
    less[..., known:] -= nats
    return torch.log_softmax(less, dim=-1)


def said_by(model: onnx.ModelProto) -> Says:
    """What a reader in the form that serves says."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda gray: torch.from_numpy(np.asarray(session.run(None, {name: gray.numpy()})[0]))


@torch.no_grad()
def _said(says: Says, some: Sequence[Example]) -> torch.Tensor:
    """(windows, steps, labels): what is said of each window."""
    return torch.cat([says(batch_of(some[i : i + _WINDOWS]).gray) for i in range(0, len(some), _WINDOWS)])


def _times_said(said: torch.Tensor, known: int) -> int:
    """How often the likeliest paths (windows, steps, labels) say a label after the first known ones."""
    best = said.argmax(dim=2)
    fresh = torch.ones_like(best, dtype=torch.bool)
    fresh[:, 1:] = best[:, 1:] != best[:, :-1]
    return int(((best >= known) & fresh).sum())


def _wrong(said: torch.Tensor, some: Sequence[Example]) -> float:
    """The characters misread by what was said. Nothing is taken from the blank, as the reader that serves does for
    photos: on renders that makes bare metal speak, of which there is far more, and hides what is compared."""
    return misread(said.argmax(dim=2).tolist(), some)
