"""The PP-OCRv6 recogniser (Apache-2.0, see NOTICE), run directly for its probabilities at every step.

It was trained on ink; on unrolled metal its features carry (docs/reading.md has the figures). It is run without its
detector, on the whole strip, both ways up.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vision.read.network import LineNetwork, Windows
from vision.read.protocol import Patch
from vision.types import Lattice

# Short windows: alone between blank metal a character is read far more surely than in a long line (docs/reading.md:
# measured on every labelled set).
WINDOWS = Windows(width=160, stride=80, at_once=10)


class PpocrReader:
    """The recogniser of models/weights/ppocr.onnx (made by vision/training/ppocr.py)."""

    name = "ppocr"
    # Asked only about heads that our own reader leaves in doubt: it costs three times as much.
    looks: tuple[tuple[int, ...], ...] = ((), (), (0, 1))

    def __init__(self, weights: Path, threads: int = 1) -> None:
        """Load the weights. Raises KitError when the file is missing or is not this network."""
        self._network = LineNetwork(weights, WINDOWS, threads)

    def read(self, patches: Sequence[Patch]) -> Lattice:
        """Two rows a patch: as it stands, and turned by half a turn. Patches must be 48 pixels high (ValueError)."""
        return self._network.lattice(self.name, patches)
