"""Tesseract, an optional second reader that knows scripts the others do not (Cyrillic, Arabic, Hebrew).

Threat: a photo from a stranger goes to another program. Only pixels go there, in a file that pytesseract names; the
command line is made of the constants below, never of a file name or of anything read in the photo; every run has a
timeout. What remains: a fault in Tesseract's or Leptonica's own reading of that PNG. A run that fails, hangs or answers
nonsense is a patch on which nothing was read.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vision.errors import MissingError
from vision.read.protocol import Patch
from vision.types import Floats, Lattice, LatticeRow, Rgb

STEP_PX = 8
TIMEOUT_S = 10
# Those of the wanted languages that are installed, in this order.
LANGUAGES = ("eng", "rus", "ara", "fas", "heb", "chi_sim")
# One line of text, the neural recogniser, and the box of every character in the answer.
CONFIG = "--psm 7 --oem 1 -c hocr_char_boxes=1"
# What this reader can say: fixed, whatever languages are installed, since patterns are prepared for one alphabet.
ALPHABET = (
    "",
    *"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-/&*+'\",:()_=×·•°",
    *"АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁІЇЄЂЈЉЊЋЏабвгдежзийклмнопрстуфхцчшщъыьэюяёіїєђјљњћџ",
    *"ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژکگی٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹",
    *"אבגדהוזחטיךכלםמןנסעףפץצקרשת",
    *"四川造金汉粤晋巩奉",
)
# Log-probability of what Tesseract did not say.
UNSAID = float(np.log(1e-6))

_DEBIAN = "on Debian, sudo apt-get install tesseract-ocr tesseract-ocr-eng tesseract-ocr-rus tesseract-ocr-ara"
_WORD_OR_CHARACTER = re.compile(
    r"<span class='ocrx_word'[^>]*\bx_wconf (\d+)"
    r"|<span class='ocrx_cinfo' title='x_bboxes (\d+) \d+ (\d+) \d+;[^>]*>([^<]*)</span>"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One character Tesseract gave: the column of its middle, and how sure it is of the word (0..1)."""

    text: str
    column: float
    score: float


class TesseractReader:
    """The installed tesseract program, run through pytesseract, one run for each way up of each patch."""

    name = "tesseract"
    looks: tuple[tuple[int, ...], ...] = ((0, 1), (), ())

    def __init__(self) -> None:
        """Look for the program. Raises MissingError, with what to install, where it or pytesseract is not there."""
        try:
            import pytesseract
        except ImportError as fault:
            raise MissingError(
                "The reader tesseract needs pytesseract: pip install pytesseract (Debian: python3-pytesseract)."
            ) from fault
        self._pytesseract = pytesseract
        self._languages = "+".join(_installed_languages())
        # Its threads would fight with our own; only programs built with OpenMP heed this, and none of our libraries is.
        os.environ["OMP_THREAD_LIMIT"] = "1"

    def read(self, patches: Sequence[Patch]) -> Lattice:
        """Two rows a patch: as it stands, and turned by half a turn. Patches may have any height."""
        rows: list[LatticeRow] = []
        for patch in patches:
            width = patch.turn_px or patch.rgb.shape[1]
            columns = (np.arange(width // STEP_PX) + 0.5) * STEP_PX - 0.5
            for upside_down in (False, True):
                seen = self._seen(patch.rgb[::-1, ::-1] if upside_down else patch.rgb)
                if upside_down:
                    seen = [Seen(s.text, patch.rgb.shape[1] - 1 - s.column, s.score) for s in seen]
                log_probs = _row(seen, width, len(columns), upside_down=upside_down)
                places = patch.places(width - 1 - columns if upside_down else columns)
                rows.append(LatticeRow(log_probs, places, upside_down, patch.band))
        circular = not patches or patches[0].turn_px is not None
        return Lattice(self.name, ALPHABET, tuple(rows), circular)

    def _seen(self, rgb: Rgb) -> list[Seen]:
        """The characters of one picture, left to right; none where the program fails."""
        try:
            answer = self._pytesseract.image_to_pdf_or_hocr(
                np.ascontiguousarray(rgb), lang=self._languages, config=CONFIG, extension="hocr", timeout=TIMEOUT_S
            )
            return list(parse_hocr(answer.decode("utf-8")))
        # A failed run and a timeout are RuntimeErrors, a missing answer or program an OSError, bad text a UnicodeError.
        except (RuntimeError, OSError, UnicodeError):
            return []


def parse_hocr(text: str) -> Iterator[Seen]:
    """The characters of an hOCR page made with hocr_char_boxes, with their word's confidence.

    The characters' own confidences are not used: on metal they are 0.88 and more even in words Tesseract gives 0.1.
    """
    score = 0.0
    for found in _WORD_OR_CHARACTER.finditer(text):
        confidence, left, right, character = found.groups()
        if confidence is not None:
            score = min(1.0, int(confidence) / 100.0)
        else:
            # Boxes are between pixels: a box from 0 to 1 is the first pixel, whose centre is at 0.
            yield Seen(html.unescape(character), (int(left) + int(right) - 1) / 2.0, score)


def _row(seen: Sequence[Seen], width: int, steps: int, *, upside_down: bool) -> Floats:
    """(steps, characters): each character at the step of its middle, the likelier one where two meet.

    On a ring the patch goes on past the first turn, so that words its end would cut are seen whole; width is one turn,
    and characters beyond it are left to where they stand at the beginning.
    """
    log_probs = np.full((steps, len(ALPHABET)), UNSAID, dtype=np.float32)
    log_probs[:, 0] = 0.0
    best = np.zeros(steps)
    for one in seen:
        along = width - 1 - one.column if upside_down else one.column
        step = int(np.floor((along + 0.5) / STEP_PX))
        if one.text not in _INDEX or not 0 <= step < steps or one.score <= best[step]:
            continue
        best[step] = one.score
        log_probs[step] = UNSAID
        log_probs[step, _INDEX[one.text]] = max(UNSAID, float(np.log(one.score)))
        log_probs[step, 0] = max(UNSAID, float(np.log1p(-min(one.score, 1.0 - 1e-6))))
    return log_probs


_INDEX = {character: index for index, character in enumerate(ALPHABET) if character}


def _installed_languages() -> list[str]:
    """The wanted languages the program has. pytesseract would ask without a timeout, so the program is asked here."""
    if shutil.which("tesseract") is None:
        raise MissingError(f"The reader tesseract needs the program tesseract: {_DEBIAN}.")
    try:
        asked = subprocess.run(
            ["tesseract", "--list-langs"], capture_output=True, timeout=TIMEOUT_S, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError) as fault:
        raise MissingError(f"The program tesseract does not answer; install it again: {_DEBIAN}.") from fault
    have = asked.stdout.decode("utf-8", "replace").split()
    languages = [language for language in LANGUAGES if language in have]
    if not languages:
        raise MissingError(f"The program tesseract has none of {', '.join(LANGUAGES)}: {_DEBIAN}.")
    return languages
