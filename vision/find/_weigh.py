"""How surely a supposed rim is a cartridge head's: a small net looks at the picture unrolled round it.

A head is a rim, a pocket well inside it with the same shape, and between them an annulus of one piece of metal.
Unrolled these are straight lines, whatever the head's place, size, tilt and turn, so a net of fifty thousand weights is
enough.
Trained by vision/training/finder on renders only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from vision.errors import KitError
from vision.find._rings import unroll
from vision.find._votes import Pyramid
from vision.types import Floats
from vision.weights import open_weights

Bytes = npt.NDArray[np.uint8]
LOOK_RADII = np.geomspace(0.2, 1.7, 64).astype(np.float32)
LOOK_ANGLES = 24


def look(pyramid: Pyramid, frames: Floats) -> Bytes:
    """What the net sees of each frame (N, 6): its unrolled picture and where that is, (N, angles, radii, 4), 0..255."""
    rays, inside = unroll(pyramid, frames, LOOK_RADII, LOOK_ANGLES)
    return np.concatenate([rays, inside[..., None] * np.float32(255)], axis=3).astype(np.uint8)


class RimWeigher:
    """The net of models/weights/heads.onnx."""

    def __init__(self, weights: Path, threads: int = 1) -> None:
        """Load the weights. Raises KitError when the file is missing or is not this net."""
        self._session = open_weights(weights, threads)
        try:
            (shape,) = (i.shape for i in self._session.get_inputs() if i.name == "looks")
        except ValueError as error:
            raise KitError(f"The weights {weights.name} are not the head finder's: reinstall marktrace.") from error
        if shape[1:] != [LOOK_ANGLES, len(LOOK_RADII), 4]:
            raise KitError(f"The weights {weights.name} look at {shape[1:]}, not at this version's rays.")

    def scores(self, looks: Bytes) -> Floats:
        """Scores (N,) 0..1 of looks (N, angles, radii, 4)."""
        if not len(looks):
            return np.zeros(0, np.float32)
        return np.asarray(self._session.run(["scores"], {"looks": looks})[0], np.float32)
