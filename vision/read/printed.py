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
import numpy.typing as npt

from vision.contrast import even_contrast
from vision.errors import KitError
from vision.lattice import UNKNOWN, Slots, row_gains, row_slots
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
# Characters that look like none the other way up, as others do (5, 8, H, N, 6 and 9). A line stands clearly one way
# where so many of them are seen surely and, for each place in doubt, so many again: of 104 lines of plates, weapons and
# stamped serials none shows more than two of them the wrong way up, and those beside as many in doubt.
ONE_WAY = frozenset("ABCDEFGJKLPQRTUYabcdefghjkqrty2347É")
CLEAR_SEEN, CLEAR_A_DOUBT = 2, 3
EVEN_PX, EVEN_DEVIATION, LEAST_DEVIATION = 20.0, 45.0, 4.0


class PrintedReader:
    """The recogniser of models/weights/ppocr.onnx with its second output; a Reader, for straight patches only."""

    name = "ppocr"
    looks: tuple[tuple[int, ...], ...] = ((0,), (), ())

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
        """Three looks a patch, or one where that leaves no doubt, as it stands and turned by half where the first look
        does not clearly show one of them. Places are pixels of the patch. Patches are 48 pixels high."""
        rows: list[LatticeRow] = []
        for patch in patches:
            if patch.rgb.shape[0] != HEIGHT_PX or patch.turn_px is not None:
                raise ValueError(f"a patch for this reader is straight and {HEIGHT_PX} pixels high")
            rows += self._looks_at(patch)
        return self._lattice(rows)

    def _looks_at(self, patch: Patch) -> list[LatticeRow]:
        """The rows of as many looks as it takes: one that leaves no doubt, two that say the same, or all three."""
        first = self._look(patch, patch.rgb, patch.ways[:1])
        if len(patch.ways) > 1 and clear_way(self._lattice(first)) is None:
            first += self._look(patch, patch.rgb, patch.ways[1:])
        if leaves_no_doubt(self._lattice(first)):
            return first
        most = max(map(_speaks, first))
        ways = [row.upside_down for row in first if _speaks(row) >= CLEAR * most]
        pressed = max(STEP_PX, round(patch.rgb.shape[1] * PRESSED))
        seen = cv2.resize(in_one_colour(patch.rgb), (pressed, HEIGHT_PX), interpolation=cv2.INTER_AREA)
        second = self._look(patch, np.asarray(seen, np.uint8), ways)
        own = [row for row in first if row.upside_down in ways]
        if len(ways) == 1 and self._agree(own[0], second[0]):
            return first + second
        even = np.repeat(even_contrast(patch.rgb)[..., None], 3, axis=2)
        return first + second + self._look(patch, even, ways)

    def _lattice(self, rows: Sequence[LatticeRow]) -> Lattice:
        return Lattice(self.name, self.alphabet, tuple(rows), circular=False)

    def _agree(self, row: LatticeRow, other: LatticeRow) -> bool:
        """Whether two looks show the same characters, and none of them too far apart."""
        looks = self._lattice((row, other))
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


def clear_way(lattice: Lattice) -> bool | None:
    """Which way up the first look at a straight line clearly shows it, upright (False) or turned by half (True); None
    where it does not say."""
    shown = [row.upside_down for n, row in enumerate(_first_look(lattice)) if _is_clear(lattice, n)]
    return shown[0] if len(shown) == 1 else None


def _is_clear(lattice: Lattice, index: int) -> bool:
    """Whether a row shows characters so surely that its line can only stand this way up."""
    slots, gains = _letters(lattice, index)
    ordered = np.sort(gains, axis=1)
    sure = _sure(ordered)
    best = slots.gains.argmax(axis=1)
    seen = sum(bool(s) and lattice.alphabet[n] in ONE_WAY for n, s in zip(best, sure, strict=True))
    return seen >= CLEAR_SEEN and seen >= CLEAR_A_DOUBT * int((~sure).sum())


def leaves_no_doubt(lattice: Lattice, *, spaces: bool = True) -> bool:
    """Whether the first look at a straight line, upright and turned by half or one of them, shows so surely what stands
    there that no other can say more; without spaces, what letters stand there."""
    said = [_speaks(row) for row in _first_look(lattice)]
    index = int(np.argmax(said))
    if any(other >= CLEARER * said[index] for n, other in enumerate(said) if n != index):
        return False
    slots, letters = _letters(lattice, index)
    sure = _sure(np.sort(slots.gains if spaces else letters, axis=1))
    return bool(np.all(sure)) and not _wide_gap(_shown(slots, lattice.alphabet))


def _first_look(lattice: Lattice) -> tuple[LatticeRow, ...]:
    """The rows of the first look: two where it went both ways up."""
    first, *others = lattice.rows
    return (first, *(row for row in others[:1] if row.upside_down != first.upside_down))


def _letters(lattice: Lattice, index: int) -> tuple[Slots, Floats]:
    """The slots of a row, and what characters other than the space gain there."""
    slots = row_slots(lattice, index)
    if SPACE not in lattice.alphabet:
        return slots, slots.gains
    return slots, np.delete(slots.gains, lattice.alphabet.index(SPACE), axis=1)


def _sure(ordered: Floats) -> npt.NDArray[np.bool_]:
    """Which slots surely show one character or none, by what characters gain there, the least first."""
    best, ahead = ordered[:, -1], ordered[:, -1] - ordered[:, -2]
    return np.asarray(np.where(best > 0.0, ahead >= SURE, -ahead <= HARDLY), np.bool_)


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
