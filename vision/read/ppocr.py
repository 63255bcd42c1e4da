"""The PP-OCRv6 recogniser (Apache-2.0, see NOTICE), run directly for its probabilities at every step.

Its network looks at pictures 48 pixels high, one step for 8 columns, and was trained on ink; on unrolled metal its
features carry (docs/reading.md has the figures). It is run without its detector, on the whole strip, both ways up.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf

from vision.errors import KitError
from vision.read.protocol import Patch
from vision.types import Floats, Lattice, LatticeRow, Rgb

Gray = npt.NDArray[np.uint8]

HEIGHT_PX = 48
STEP_PX = 8
# The network sees the strip through short windows, and only each window's middle is kept: alone between blank metal a
# character is read far more surely than in a long line (docs/reading.md: measured on every labelled set).
WINDOW_PX = 160
STRIDE_PX = 80
# Contrast is evened over about a character's height: metal shades from white to black within one word.
EVEN_PX = 20.0
EVEN_DEVIATION = 45.0
LEAST_DEVIATION = 4.0


class PpocrReader:
    """The recogniser of models/weights/ppocr.onnx (made by vision/training/ppocr.py)."""

    name = "ppocr"

    def __init__(self, weights: Path, threads: int = 1) -> None:
        """Load the weights. Raises KitError when the file is missing or is not this network."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        if not weights.is_file():
            raise KitError(f"The weights {weights.name} are missing: reinstall marktrace.")
        try:
            self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        except (Fail, InvalidGraph, InvalidProtobuf) as error:
            raise KitError(f"The weights {weights.name} cannot be loaded: reinstall marktrace.") from error
        kept = self._session.get_modelmeta().custom_metadata_map.get("alphabet")
        if not kept:
            raise KitError(f"The weights {weights.name} carry no alphabet: they are not this reader's.")
        self._alphabet = ("", *kept.split("\n"))

    def read(self, patches: Sequence[Patch]) -> Lattice:
        """Two rows a patch: as it stands, and turned by half a turn. Patches must be 48 pixels high (ValueError)."""
        rows: list[LatticeRow] = []
        for patch in patches:
            if patch.rgb.shape[0] != HEIGHT_PX:
                raise ValueError(f"a patch for this reader is {HEIGHT_PX} pixels high, got {patch.rgb.shape[0]}")
            even = even_contrast(patch.rgb)
            if patch.turn_px is not None:
                even = even[:, : patch.turn_px]
            for upside_down in (False, True):
                log_probs = self._row(even[::-1, ::-1] if upside_down else even, circular=patch.turn_px is not None)
                columns = (np.arange(len(log_probs)) + 0.5) * STEP_PX - 0.5
                places = patch.places(even.shape[1] - 1 - columns if upside_down else columns)
                rows.append(LatticeRow(log_probs, places, upside_down, patch.band))
        circular = not patches or patches[0].turn_px is not None
        return Lattice(self.name, self._alphabet, tuple(rows), circular)

    def _row(self, gray: Gray, *, circular: bool) -> Floats:
        """(steps, characters): one pass along gray, a window at a time, the middles of the windows joined."""
        width = gray.shape[1]
        margin = (WINDOW_PX - STRIDE_PX) // 2
        count = -(-width // STRIDE_PX)
        edge: Literal["wrap", "edge"] = "wrap" if circular and width >= WINDOW_PX else "edge"
        padded = np.pad(gray, ((0, 0), (margin, margin + count * STRIDE_PX - width)), mode=edge)
        windows = [padded[:, k * STRIDE_PX : k * STRIDE_PX + WINDOW_PX] for k in range(count)]
        seen = self._log_probs(np.stack(windows))
        middle = seen[:, margin // STEP_PX : (margin + STRIDE_PX) // STEP_PX]
        return np.ascontiguousarray(middle.reshape(-1, seen.shape[-1])[: width // STEP_PX])

    def _log_probs(self, windows: Gray) -> Floats:
        """(n, 48, width) gray to (n, steps, characters). The network wants three channels in -1..1."""
        batch = windows.astype(np.float32)[:, None] / np.float32(127.5) - np.float32(1.0)
        batch = np.repeat(batch, 3, axis=1)
        return np.asarray(self._session.run(None, {"x": batch})[0], dtype=np.float32)


def even_contrast(rgb: Rgb) -> Gray:
    """(H, W, 3) to (H, W) gray with the local mean taken away and the local deviation made the same everywhere."""
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    away = gray - cv2.GaussianBlur(gray, (0, 0), EVEN_PX)
    deviation = np.sqrt(cv2.GaussianBlur(away * away, (0, 0), EVEN_PX)) + np.float32(LEAST_DEVIATION)
    return np.asarray(np.rint(np.clip(128.0 + away / deviation * EVEN_DEVIATION, 0.0, 255.0)), dtype=np.uint8)
