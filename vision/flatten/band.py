"""Where on a head's face its text stands: a small net looks at the face unrolled, and says at which radius the text
begins and ends.

Letters are told from rust, dents, turning marks and glints by what they look like, which no measure of how busy a row
is can do: on renders such a measure gave a wrong band for one head in six, and hardly any of these was read.
Trained by vision/training/band on renders only.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vision.contrast import even_contrast
from vision.errors import KitError
from vision.flatten.ring import Strip
from vision.types import Floats, Rgb
from vision.weights import open_weights

Bytes = npt.NDArray[np.uint8]
# What the net sees a face at, whatever its own size.
ROWS, COLUMNS = 64, 512
# The fewest rows a band has, and how many rows to each side of an edge's likeliest row have a say in where it lies.
LEAST_ROWS = 6
NEAR_ROWS = 2


class BandFinder:
    """The net of models/weights/band.onnx."""

    def __init__(self, weights: Path, threads: int = 1) -> None:
        """Load the weights. Raises KitError when the file is missing or is not this net."""
        self._session = open_weights(weights, threads)
        try:
            (shape,) = (i.shape for i in self._session.get_inputs() if i.name == "faces")
        except ValueError as error:
            raise KitError(f"The weights {weights.name} do not find text on heads: reinstall marktrace.") from error
        if shape[1:] != [2, ROWS, COLUMNS]:
            raise KitError(f"The weights {weights.name} look at {shape[1:]}, not at this version's faces.")

    def text_band(self, face: Strip) -> tuple[float, float]:
        """The part of the radius (outer, inner) that the text of a head takes; face is at least one turn of it from
        the rim to the pocket."""
        seen = face_of(face.rgb[:, : face.turn_px])
        outer, inner = edges(np.asarray(self._session.run(["edges"], {"faces": seen[None]})[0][0], np.float32))
        depth = (face.inner - face.outer) / (ROWS - 1)
        return face.outer + depth * outer, face.outer + depth * inner


def face_of(rgb: Rgb) -> Bytes:
    """What the net sees of one turn of a face (H, W, 3): gray, and gray of evened contrast, (2, ROWS, COLUMNS)."""
    smaller = rgb.shape[1] > COLUMNS
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    sized: Bytes = np.asarray(cv2.resize(rgb, (COLUMNS, ROWS), interpolation=way), np.uint8)
    return np.stack([cv2.cvtColor(sized, cv2.COLOR_RGB2GRAY), even_contrast(sized, circular=True)])


def edges(log_probs: Floats) -> tuple[float, float]:
    """The rows (fractions) on which text begins and ends, from the log-probabilities (2, ROWS) of either: the likeliest
    two at least LEAST_ROWS apart, each the mean of the rows near it."""
    row = np.arange(ROWS)
    both = log_probs[0][:, None] + log_probs[1][None]
    both[row[None] - row[:, None] < LEAST_ROWS] = -np.inf
    first, last = np.unravel_index(int(both.argmax()), both.shape)
    return _mean_near(log_probs[0], int(first)), _mean_near(log_probs[1], int(last))


def _mean_near(log_probs: Floats, row: int) -> float:
    near = np.arange(max(0, row - NEAR_ROWS), min(ROWS, row + NEAR_ROWS + 1))
    share = np.exp(log_probs[near] - log_probs[near].max())
    return float((share * near).sum() / share.sum())
