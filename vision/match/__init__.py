"""How well a lattice fits each pattern of the marking set, and no pattern at all."""

from __future__ import annotations

from vision.match.model import Model
from vision.match.opinions import averaged, pooled
from vision.match.rank import explain, left_unread, settled
from vision.match.reading import reading_of

__all__ = ["Model", "averaged", "explain", "left_unread", "pooled", "reading_of", "settled"]
