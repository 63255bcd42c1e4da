"""Our reader of stamped metal: models/weights/stamped.onnx, trained on renders (vision/training/stamped).

It reads shapes: letters of several scripts that are struck alike are one label, symbols are labels such as "<star>".
What stands the other way up it was taught not to see, so the two rows of a patch seldom claim one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vision.read.network import LineNetwork, Windows
from vision.read.protocol import Patch
from vision.types import Lattice

# The window it was trained on, less the margins it was not asked about.
WINDOWS = Windows(width=320, stride=256, at_once=5)
# Renders bear more bare metal and more that nobody can read than what people photograph, and the network learnt to give
# nothing where it doubts. Taken back by this many nats of the blank (chosen on labelled photos: docs/measurements.md).
BLANK_LESS = 4.5


class StampedReader:
    """The network of models/weights/stamped.onnx; threads are ONNX Runtime's."""

    name = "stamped"
    # Fine for small letters, coarser for context, then both sharpened.
    looks: tuple[tuple[int, ...], ...] = ((0,), (1,), (2, 3))

    def __init__(self, weights: Path, threads: int = 1) -> None:
        """Load the weights. Raises KitError when the file is missing or is not this network."""
        self._network = LineNetwork(weights, WINDOWS, threads, BLANK_LESS)

    def read(self, patches: Sequence[Patch]) -> Lattice:
        """Two rows a patch: as it stands, and turned by half a turn. Patches must be 48 pixels high (ValueError)."""
        return self._network.lattice(self.name, patches)
