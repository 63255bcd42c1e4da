"""What a batch is and what it costs: pictures must point to their own symbol's drawing, or to none that is shown.

A batch holds symbols with one clean drawing and several pictures each, and pictures of nothing. Every picture chooses
between the drawings of the batch and "none of these", as one does with a new symbol and one drawing of it; a part of
the drawings is left out at random, and then "none" is right (Snell and others, Prototypical Networks, 2017). Pictures
of the marking set's symbols also choose between one learnt direction a symbol and "none", with a margin (Wang and
others, CosFace, 2018); "none" has directions of its own there, since a frame with another number in it is near to ours
and still none of them. Apart from which symbol it is, the network says whether a picture shows a whole one at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

SHARPNESS = 18.0
MARGIN = 0.12
LEFT_OUT = 0.25  # of a batch's drawings
OTHERS = 96  # directions of what is none of the marking set's symbols


@dataclass(frozen=True, slots=True)
class Batch:
    """drawings (S, 3, H, W), one a symbol; pictures (N, 3, H, W); symbol (N,) of each picture, -1 for nothing; known
    (S,) the symbol's row among the learnt directions, -1 for an invented one."""

    drawings: Tensor
    pictures: Tensor
    symbol: Tensor
    known: Tensor


class Directions(nn.Module):
    """One learnt direction a symbol of the marking set, some for what is none of them, and the cosines from which
    something is more than nothing: from a drawing, and from a learnt direction."""

    def __init__(self, symbols: int, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(symbols, size) * 0.1)
        self.others = nn.Parameter(torch.randn(OTHERS, size) * 0.1)
        self.least = nn.Parameter(torch.tensor([0.45, 0.45]))

    def unit(self) -> Tensor:
        """The symbols' directions at length 1."""
        return functional.normalize(self.weight, dim=1)

    def none(self, vectors: Tensor) -> Tensor:
        """How much vectors (N, D) look like something else (N,): a soft greatest of the cosines with the other
        directions and of the least one."""
        cosines = vectors @ functional.normalize(self.others, dim=1).T
        every = torch.cat([cosines, self.least[1].expand_as(cosines[:, :1])], dim=1)
        return torch.logsumexp(SHARPNESS * every, dim=1) / SHARPNESS


def batch_loss(net: nn.Module, directions: Directions, batch: Batch, left_out: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The loss of choosing among drawings, that of choosing among learnt directions, and that of telling symbols from
    other things; left_out (S,) says which drawings are not shown."""
    vectors, odds = net(torch.cat([batch.drawings, batch.pictures]))
    drawn, seen = vectors[: len(batch.drawings)], vectors[len(batch.drawings) :]
    none = len(drawn)
    hidden = (batch.symbol < 0) | left_out[batch.symbol.clamp(min=0)]
    cosines = (seen @ drawn.T).masked_fill(left_out[None], -1.0)
    among_drawings = _choice(cosines, torch.where(hidden, none, batch.symbol), directions.least[0])
    of_pictures = torch.where(batch.symbol < 0, -1, batch.known[batch.symbol.clamp(min=0)])
    known = torch.cat([batch.known, of_pictures])
    targets = torch.where(known < 0, len(directions.weight), known)
    among_known = _choice(vectors @ directions.unit().T, targets, directions.none(vectors))
    things = functional.binary_cross_entropy_with_logits(odds[none:], (batch.symbol >= 0).float())
    return among_drawings, among_known, things


def _choice(cosines: Tensor, targets: Tensor, least: Tensor) -> Tensor:
    """Cross-entropy of choosing the target column of cosines (N, S), the S-th of which is "none" with least, one number
    or one a row; the right one has to win by MARGIN."""
    logits = torch.cat([cosines, least.expand(len(cosines))[:, None]], dim=1)
    margin = functional.one_hot(targets, logits.shape[1]).to(logits.dtype) * MARGIN
    return functional.cross_entropy(SHARPNESS * (logits - margin), targets)
