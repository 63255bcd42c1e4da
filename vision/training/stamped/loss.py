"""CTC with known places: the probability of reading what stands in a window, each character where it stands.

Renders know where every character is, so of all alignments only those count that put each character on steps it covers
(the rest is as in Graves et al., Connectionist Temporal Classification, 2006). Steps in the margins, or that a
character of the margin reaches into, ask for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch

from vision.read.network import STEP_PX
from vision.training.stamped.examples import Example, Stands

# Columns beyond its own place on which a character may still be given.
SLACK_PX = 5.0
NEVER = -1e4


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """gray (N, 1, 48, width) in -1..1; labels (N, L) padded with 0 and their number; where[n, t, l] whether label l
    may stand on step t; asked[n, t] whether the step counts."""

    gray: torch.Tensor
    labels: torch.Tensor
    count: torch.Tensor
    where: torch.Tensor
    asked: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        return Batch(*(getattr(self, one.name).to(device) for one in fields(self)))


def batch_of(examples: Sequence[Example]) -> Batch:
    """Examples of one width as tensors."""
    width = examples[0].gray.shape[1]
    steps = width // STEP_PX
    columns = (np.arange(steps) + 0.5) * STEP_PX - 0.5
    targets = [e.asked for e in examples]
    longest = max(1, *(len(t) for t in targets))
    labels = np.zeros((len(examples), longest), np.int64)
    where = np.zeros((len(examples), steps, longest), bool)
    asked = np.array([(columns >= e.margin) & (columns < width - e.margin) for e in examples])
    for n, (example, wanted) in enumerate(zip(examples, targets, strict=True)):
        inside = asked[n].copy()
        for one in set(example.stands) - set(wanted):
            asked[n] &= ~_covered(one, columns, 0.0)
        for j, one in enumerate(wanted):
            labels[n, j] = one.label
            where[n, :, j] = _covered(one, columns, SLACK_PX) & inside
            asked[n] |= _covered(one, columns, 0.0) & inside
        where[n] &= asked[n][:, None]
    gray = np.stack([e.gray for e in examples])[:, None].astype(np.float32) / np.float32(127.5) - np.float32(1.0)
    count = np.array([len(t) for t in targets])
    of = torch.from_numpy
    return Batch(of(gray), of(labels), of(count), of(where), of(asked))


def mean_loss(log_probs: torch.Tensor, batch: Batch, most: float = math.inf) -> torch.Tensor:
    """The mean of placed_ctc over the windows that can be told, each by the number of its labels and two; 0, and
    nothing to learn, where none can: two of one letter crammed onto one step cannot.

    Windows that lose more than most nats count as ones that nobody can read: on renders three tenths of the windows
    make three quarters of the loss, and what is learnt from these is to doubt.
    """
    lost = placed_ctc(log_probs, batch)
    each = lost / (batch.count + 2)
    learnt = (lost < -NEVER / 2) & (each < most)
    return each[learnt].sum() / learnt.sum().clamp(min=1)


def _covered(one: Stands, columns: np.ndarray, slack: float) -> np.ndarray:
    reach = max(one.right - one.left, float(STEP_PX)) / 2 + slack
    return np.asarray(np.abs(columns - one.middle) <= reach)


def placed_ctc(log_probs: torch.Tensor, batch: Batch) -> torch.Tensor:
    """(N,) negative log-probabilities of each window's labels at their places, from (N, T, classes)."""
    n, steps, _ = log_probs.shape
    length = batch.labels.shape[1]
    never = log_probs.new_full((), NEVER)
    blank = torch.where(batch.asked, log_probs[:, :, 0], log_probs.new_zeros(()))
    given = log_probs.gather(2, batch.labels[:, None, :].expand(n, steps, length))
    given = torch.where(batch.where, given, never)
    emitted = torch.stack([given, blank[:, :, None].expand(n, steps, length)], dim=3).flatten(2)
    emitted = torch.cat([blank[:, :, None], emitted], dim=2)  # blank, first label, blank, second label, ... blank
    differs = torch.ones((n, length), dtype=torch.bool, device=log_probs.device)
    differs[:, 1:] = batch.labels[:, 1:] != batch.labels[:, :-1]
    may_skip = torch.zeros((n, 2 * length + 1), dtype=torch.bool, device=log_probs.device)
    may_skip[:, 3::2] = differs[:, 1:]
    reached = log_probs.new_full((n, 2 * length + 1), NEVER)
    reached = torch.cat([emitted[:, 0, :2], reached[:, 2:]], dim=1)
    pad = log_probs.new_full((n, 2), NEVER)
    for t in range(1, steps):
        ways = [reached, torch.cat([pad[:, :1], reached[:, :-1]], dim=1)]
        ways.append(torch.where(may_skip, torch.cat([pad, reached[:, :-2]], dim=1), never))
        reached = torch.logsumexp(torch.stack(ways), dim=0) + emitted[:, t]
    last = (2 * batch.count)[:, None]
    ends = torch.cat([reached.gather(1, last), reached.gather(1, (last - 1).clamp(min=0))], dim=1)
    empty = (batch.count == 0)[:, None] & torch.tensor([[False, True]], device=log_probs.device)
    return -torch.logsumexp(ends.masked_fill(empty, NEVER), dim=1)
