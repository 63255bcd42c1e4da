"""A line-reading network run along a patch: the part that its readers share.

The network sees the patch through windows of one width, and only each window's middle is kept: what it says of a place
then never depends on how long the patch is, and a ring has no ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vision.contrast import even_contrast
from vision.errors import KitError
from vision.read.protocol import Patch
from vision.types import Floats, Lattice, LatticeRow
from vision.weights import open_weights

Gray = npt.NDArray[np.uint8]

HEIGHT_PX = 48
STEP_PX = 8


@dataclass(frozen=True, slots=True)
class Windows:
    """How wide the windows are and how far apart (pixels); between them lie the margins that are not kept. at_once of
    them are looked at together."""

    width: int
    stride: int
    at_once: int

    @property
    def margin(self) -> int:
        return (self.width - self.stride) // 2


class LineNetwork:
    """An ONNX network from (N, channels, 48, width) in -1..1 to (N, steps, labels) log-probabilities, one step for 8
    columns; its labels stand in the file's metadata, the blank "" first and not named there."""

    def __init__(self, weights: Path, windows: Windows, threads: int, blank_less: float = 0.0) -> None:
        """Load the weights; blank_less (nats) is taken from the blank's log-probability before the others share it.

        Raises KitError when the file is missing or is not such a network.
        """
        self._session = open_weights(weights, threads)
        kept = self._session.get_modelmeta().custom_metadata_map.get("alphabet")
        if not kept:
            raise KitError(f"The weights {weights.name} carry no alphabet: they are not this reader's.")
        self.alphabet = ("", *kept.split("\n"))
        self._channels = int(self._session.get_inputs()[0].shape[1])
        self._windows = windows
        self._blank_less = blank_less

    def lattice(self, name: str, patches: Sequence[Patch]) -> Lattice:
        """Two rows a patch: as it stands, and turned by half a turn. Patches must be 48 pixels high (ValueError)."""
        for patch in patches:
            if patch.rgb.shape[0] != HEIGHT_PX:
                raise ValueError(f"a patch for this reader is {HEIGHT_PX} pixels high, got {patch.rgb.shape[0]}")
        rings = [patch.turn_px is not None for patch in patches]
        evens = [
            even_contrast(patch.rgb[:, : patch.turn_px], circular=ring)
            for patch, ring in zip(patches, rings, strict=True)
        ]
        ways = [(n, way) for n in range(len(patches)) for way in (False, True)]
        seen = [evens[n][::-1, ::-1] if way else evens[n] for n, way in ways]
        straight = iter(self._lines([gray for gray, (n, _) in zip(seen, ways, strict=True) if not rings[n]]))
        round_ = iter(self._rings([gray for gray, (n, _) in zip(seen, ways, strict=True) if rings[n]]))
        rows: list[LatticeRow] = []
        for gray, (n, upside_down) in zip(seen, ways, strict=True):
            log_probs = next(round_ if rings[n] else straight)
            columns = (np.arange(len(log_probs)) + 0.5) * STEP_PX - 0.5
            places = patches[n].places(gray.shape[1] - 1 - columns if upside_down else columns)
            rows.append(LatticeRow(log_probs, places, upside_down, patches[n].band))
        return Lattice(name, self.alphabet, tuple(rows), not patches or rings[0])

    def _lines(self, grays: Sequence[Gray]) -> list[Floats]:
        """(steps, labels) each: straight lines, which are text from end to end, whole; those of one length at once."""
        of_width: dict[int, list[int]] = {}
        for n, gray in enumerate(grays):
            of_width.setdefault(gray.shape[1], []).append(n)
        said: dict[int, Floats] = {}
        for width, some in of_width.items():
            whole = [np.pad(grays[n], ((0, 0), (0, -width % STEP_PX)), mode="edge") for n in some]
            for n, log_probs in zip(some, self._log_probs(whole), strict=True):
                said[n] = np.ascontiguousarray(log_probs[: width // STEP_PX])
        return [said[n] for n in range(len(grays))]

    def _rings(self, grays: Sequence[Gray]) -> list[Floats]:
        """(steps, labels) each: rings, seen a window at a time, the middles of a ring's windows joined."""
        if not grays:
            return []
        seen = self._windows
        windows = [self._round(gray) for gray in grays]
        every = [window for ring in windows for window in ring]
        first = seen.margin // STEP_PX
        middles = [
            self._log_probs(every[k : k + seen.at_once])[:, first : first + seen.stride // STEP_PX]
            for k in range(0, len(every), seen.at_once)
        ]
        ends = np.cumsum([len(ring) for ring in windows])[:-1]
        return [
            np.ascontiguousarray(ring.reshape(-1, ring.shape[-1])[: gray.shape[1] // STEP_PX])
            for gray, ring in zip(grays, np.split(np.concatenate(middles), ends), strict=True)
        ]

    def _round(self, gray: Gray) -> list[Gray]:
        """The windows of a ring, their margins from beyond its seam where they reach so far."""
        width, seen = gray.shape[1], self._windows
        count = -(-width // seen.stride)
        padded = np.pad(gray, ((0, 0), (seen.margin, seen.margin + count * seen.stride - width)), mode="wrap")
        return [padded[:, k * seen.stride : k * seen.stride + seen.width] for k in range(count)]

    def _log_probs(self, windows: Sequence[Gray]) -> Floats:
        """Windows of one size (48, width) to (n, steps, labels)."""
        batch = np.stack(windows).astype(np.float32)[:, None] / np.float32(127.5) - np.float32(1.0)
        batch = np.repeat(batch, self._channels, axis=1)
        said = np.asarray(self._session.run(None, {self._session.get_inputs()[0].name: batch})[0], np.float32)
        return with_less_blank(said, self._blank_less) if self._blank_less else said


def with_less_blank(log_probs: Floats, nats: float) -> Floats:
    """(..., labels) log-probabilities of which the first label, the blank, has so many nats less, normalised again."""
    less = log_probs.copy()
    less[..., 0] -= nats
    # What is missing from the blank would say the same much quicker, but differs in the last bits (1.5e-5), and with
    # those went what explains ten of 173 labelled photos, far down their lists.
    return np.asarray(less - np.logaddexp.reduce(less, axis=-1, keepdims=True), np.float32)
