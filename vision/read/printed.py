"""The PP-OCRv6 recogniser on straight lines: in colour as it was trained, with spaces and all that such lines bear.

On a ring contrast is evened and colour left out, which is right for metal unrolled; straight lines may be painted,
printed or stamped. They are looked at three times: as they stand; in the one direction of colour space in which they
differ most from what is around them, pressed together a little, so that wide spacing looks more like that of print;
and as a ring is, which shows worn strokes on bare metal best.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from vision.errors import KitError
from vision.lattice import UNKNOWN, Slots, row_gains, row_slots
from vision.read.contrast import even_contrast
from vision.read.network import HEIGHT_PX, STEP_PX
from vision.read.protocol import Patch
from vision.types import Floats, Lattice, LatticeRow, Rgb
from vision.weights import open_weights

OUTPUT = "line_log_probs"
SPACE = " "
# Widths of the second look, as a share of the first (measured: 0.85 reads the labelled lines' spaces best).
PRESSED = 0.85
# Characters that are one shape on metal: what is seen of the first is counted for the second.
SAME = (("×", "x"),)
# A way up that gains less than this share of the other is not looked at again after the first look (a third of the
# time; no labelled line is read worse for it).
CLEAR = 0.6
# A first look is enough where one way up is clearer than this, and every place shows either hardly anything or one
# character, so many nats before any other and before nothing; between two of them is a space, or no gap wider than so
# many usual ones.
CLEARER, SURE, HARDLY, WIDE = 0.45, 3.0, -0.7, 1.45
EVEN_PX, EVEN_DEVIATION, LEAST_DEVIATION = 20.0, 45.0, 4.0


class PrintedReader:
    """The recogniser of models/weights/ppocr.onnx with its second output; a Reader, for straight patches only."""

    name = "ppocr"
    looks: tuple[int, ...] = (0,)
    further_looks: tuple[int, ...] = ()

    def __init__(self, weights: Path, threads: int = 1) -> None:
        """Load the weights. Raises KitError when the file is missing or has no such output."""
        self._session = open_weights(weights, threads)
        kept = self._session.get_modelmeta().custom_metadata_map.get("line_alphabet")
        if not kept:
            raise KitError(f"The weights {weights.name} do not read straight lines: reinstall marktrace.")
        self.alphabet = ("", *kept.split("\n"))
        self._same = [(self.alphabet.index(a), self.alphabet.index(b)) for a, b in SAME]
        self._input = self._session.get_inputs()[0].name

    def read(self, patches: Sequence[Patch]) -> Lattice:
        """Three looks a patch, or one where that leaves no doubt; the first both ways up, the others so too where the
        first does not clearly show one of them. Places are pixels of the patch. Patches are 48 pixels high."""
        rows: list[LatticeRow] = []
        for patch in patches:
            if patch.rgb.shape[0] != HEIGHT_PX or patch.turn_px is not None:
                raise ValueError(f"a patch for this reader is straight and {HEIGHT_PX} pixels high")
            rows += self._looks_at(patch)
        return Lattice(self.name, self.alphabet, tuple(rows), circular=False)

    def _looks_at(self, patch: Patch) -> list[LatticeRow]:
        """The rows of as many looks as it takes: one that leaves no doubt, two that say the same, or all three."""
        first = self._look(patch, patch.rgb, (False, True))
        if leaves_no_doubt(Lattice(self.name, self.alphabet, tuple(first), circular=False)):
            return first
        upright, turned = map(_speaks, first)
        ways = [way for way, own, other in ((False, upright, turned), (True, turned, upright)) if own >= CLEAR * other]
        pressed = max(STEP_PX, round(patch.rgb.shape[1] * PRESSED))
        seen = cv2.resize(in_one_colour(patch.rgb), (pressed, HEIGHT_PX), interpolation=cv2.INTER_AREA)
        second = self._look(patch, np.asarray(seen, np.uint8), ways)
        if len(ways) == 1 and self._agree(first[int(ways[0])], second[0]):
            return first + second
        even = np.repeat(even_contrast(patch.rgb)[..., None], 3, axis=2)
        return first + second + self._look(patch, even, ways)

    def _agree(self, row: LatticeRow, other: LatticeRow) -> bool:
        """Whether two looks show the same characters, and none of them too far apart."""
        looks = Lattice(self.name, self.alphabet, (row, other), circular=False)
        first, second = (_shown(row_slots(looks, n), self.alphabet) for n in (0, 1))
        return [c for c, _ in first] == [c for c, _ in second] and not _wide_gap(second)

    def _look(self, patch: Patch, rgb: Rgb, ways: Sequence[bool]) -> list[LatticeRow]:
        """The rows of one look at a patch, (48, any width, 3): upright (False), turned by half a turn (True)."""
        width = rgb.shape[1]
        batch = np.stack([_padded(rgb[::-1, ::-1] if turned else rgb) for turned in ways])
        log_probs = np.asarray(self._session.run([OUTPUT], {self._input: batch})[0], np.float32)
        log_probs = log_probs[:, : max(1, width // STEP_PX)]
        for same, other in self._same:
            log_probs[..., other] = np.logaddexp(log_probs[..., same], log_probs[..., other])
            log_probs[..., same] = UNKNOWN
        middles = (np.arange(log_probs.shape[1]) + 0.5) * STEP_PX
        scale = patch.rgb.shape[1] / width
        rows = []
        for own, turned in zip(log_probs, ways, strict=True):
            columns = (width - middles if turned else middles) * scale - 0.5
            rows.append(LatticeRow(np.ascontiguousarray(own), patch.places(columns), turned, patch.band, self.name))
        return rows


def leaves_no_doubt(lattice: Lattice, *, spaces: bool = True) -> bool:
    """Whether the first look at a straight line, upright and turned by half, shows so surely what stands there that no
    other can say more; without spaces, what letters stand there."""
    said = [_speaks(row) for row in lattice.rows[:2]]
    index = int(np.argmax(said))
    if said[1 - index] >= CLEARER * said[index]:
        return False
    slots = row_slots(lattice, index)
    gains = slots.gains
    if not spaces and SPACE in lattice.alphabet:
        gains = np.delete(gains, lattice.alphabet.index(SPACE), axis=1)
    ordered = np.sort(gains, axis=1)
    best, ahead = ordered[:, -1], ordered[:, -1] - ordered[:, -2]
    sure = np.all(np.where(best > 0.0, ahead >= SURE, -ahead <= HARDLY))
    return bool(sure) and not _wide_gap(_shown(slots, lattice.alphabet))


def _shown(slots: Slots, alphabet: Sequence[str]) -> list[tuple[str, int]]:
    """The characters that a row shows at a glance, with their steps."""
    best = slots.gains.argmax(axis=1)
    return [(alphabet[n], step) for n, step in zip(best, slots.step, strict=True) if n]


def _wide_gap(shown: Sequence[tuple[str, int]]) -> bool:
    """Whether two characters with no space between them stand so far apart that another look may see one there."""
    gaps = [b - a for (first, a), (second, b) in pairwise(shown) if SPACE not in (first, second)]
    return bool(gaps) and max(gaps) > WIDE * float(np.median(gaps))


def _speaks(row: LatticeRow) -> float:
    """What the characters of a row gain over nothing, added up."""
    return float(np.maximum(row_gains(row)[:, 1:].max(axis=1), 0.0).sum())


def in_one_colour(rgb: Rgb) -> Rgb:
    """(H, W, 3) to the same in gray: along the colour direction of most contrast within 20 pixels, that contrast made
    the same everywhere."""
    away = rgb.astype(np.float32)
    away -= cv2.GaussianBlur(away, (0, 0), EVEN_PX)
    direction = np.linalg.eigh(np.cov(away.reshape(-1, 3).T))[1][:, 2].astype(np.float32)
    along = away @ (direction if direction.sum() >= 0 else -direction)
    deviation = np.sqrt(cv2.GaussianBlur(along * along, (0, 0), EVEN_PX)) + np.float32(LEAST_DEVIATION)
    gray = np.clip(128.0 + along / deviation * EVEN_DEVIATION, 0.0, 255.0).astype(np.uint8)
    return np.repeat(gray[..., None], 3, axis=2)


def _padded(rgb: Rgb) -> Floats:
    """(48, width, 3) RGB to the network's (3, 48, width rounded up to a step) BGR in -1..1."""
    whole = np.pad(rgb[..., ::-1], ((0, 0), (0, -rgb.shape[1] % STEP_PX), (0, 0)), mode="edge")
    return np.ascontiguousarray(whole.transpose(2, 0, 1), dtype=np.float32) / np.float32(127.5) - np.float32(1.0)
