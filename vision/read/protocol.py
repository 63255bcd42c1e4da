"""What every reader is: upright patches of one mark in, one character lattice out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vision.types import Floats, Lattice, Rgb


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A mark made upright, as a reader wants it: rgb is (height, width, 3), tops of the letters up.

    For an unrolled head turn_px is the number of columns in one turn; column 0 looks at start_deg, columns run
    clockwise, and the patch covers more than a turn, so that nothing is cut. band is the part of the radius shown
    (outer, inner). For a straight patch turn_px is None. ways are the ways up that are asked about, upright (False) and
    turned by half (True): a reader may tell of both all the same.
    """

    rgb: Rgb
    turn_px: int | None = None
    start_deg: float = 0.0
    band: tuple[float, float] = (1.0, 0.0)
    ways: tuple[bool, ...] = (False, True)

    def places(self, x: npt.ArrayLike) -> Floats:
        """Columns to degrees clockwise from 12 o'clock in [0, 360), or to pixels on a straight patch."""
        columns = np.asarray(x, dtype=np.float64)
        if self.turn_px is None:
            return columns.astype(np.float32)
        return np.mod(self.start_deg + columns * (360.0 / self.turn_px), 360.0).astype(np.float32)


class Reader(Protocol):
    """A reader looks at each patch both ways up and never fails on what it sees: nothing read is an empty lattice."""

    @property
    def name(self) -> str: ...

    @property
    def looks(self) -> tuple[tuple[int, ...], ...]:
        """At which of a head's patches (numbers in vision.close.LOOKS) it looks: at first, besides where that does not
        make the head plain, and besides where these leave it in doubt."""
        ...

    def read(self, patches: Sequence[Patch]) -> Lattice:
        """The lattice of one mark, seen in patches: two rows (upright, half-turned) a patch."""
        ...
