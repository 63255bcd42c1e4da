"""Which free fonts can stand in for a punch cutter's letters, and their glyphs as signed distance fields.

Only training needs fonts. Families with hand-cut, stencil, routed, typewriter or condensed looks come first; DejaVu
(inside matplotlib's wheel, or fonts-dejavu-core) is enough for everything to work.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vision.errors import MissingError
from vision.training.render.truth import Array

CAP_PX = 64  # pixels per capital height in a glyph's distance field
PAD_PX = 24
PACKAGES = "fonts-dejavu-core fonts-liberation2 fonts-freefont-ttf fonts-routed-gothic fonts-osifont"

# File name stems, as fontconfig or matplotlib list them: plain gothic and routed ones weigh more (they come twice).
FAMILIES = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansCondensed", "DejaVuSansCondensed-Bold", "DejaVuSansMono",
    "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerifCondensed", "LiberationSans-Regular", "LiberationSans-Bold",
    "LiberationSansNarrow-Regular", "LiberationSansNarrow-Bold", "LiberationSerif-Bold", "LiberationMono-Bold",
    "FreeSans", "FreeSansBold", "FreeMonoBold", "FreeSerifBold", "routed-gothic", "routed-gothic-narrow",
    "routed-gothic-wide", "osifont-lgpl3fe", "osifont", "OSP-DIN", "BebasNeue-Regular", "BebasNeue-Bold",
    "CourierPrime-Bold", "CourierPrimeSans-Bold", "gnutypewriter", "Play-Regular", "Play-Bold", "Jura-Medium",
    "Jura-SemiBold", "OCRB", "Roboto-Regular", "Roboto-Medium", "RobotoCondensed-Bold", "Inconsolata", "B612-Bold",
    "LeagueSpartan-Medium", "NotoSans-Regular", "NotoSans-Bold", "Amiri-Bold", "NotoNaskhArabic-Bold",
    "NotoSansArabic-Bold", "NotoSansArabic-Regular", "MiriamCLM-Bold", "NachlieliCLM-Bold", "SimpleCLM-Bold",
    "NotoSansHebrew-Regular", "NotoSansHebrew-Bold", "Isabella",
)  # fmt: skip


class Glyph(NamedTuple):
    """A character: distance (h, w) in capital heights, positive inside the stroke; advance and centre likewise."""

    distance: Array
    advance: float
    center_px: tuple[float, float]


def _listed_files() -> list[Path]:
    """Font files fontconfig knows, or none where it is not installed."""
    if shutil.which("fc-list") is None:
        return []
    done = subprocess.run(["fc-list", "--format=%{file}\n"], capture_output=True, text=True, timeout=20, check=False)
    return [Path(line) for line in done.stdout.splitlines() if line.endswith((".ttf", ".otf"))]


def _matplotlib_files() -> list[Path]:
    """The DejaVu fonts inside matplotlib's wheel; matplotlib itself is not imported."""
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        return []
    return sorted((Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf").glob("DejaVu*.ttf"))


@lru_cache(maxsize=1)
def font_files() -> dict[str, Path]:
    """Usable fonts by file stem, in FAMILIES' order. Raises MissingError naming packages when there is none."""
    found = {path.stem: path for path in (*_matplotlib_files(), *_listed_files())}
    usable = {stem: found[stem] for stem in FAMILIES if stem in found}
    if not usable:
        raise MissingError(f"no font to render marks with: install one of {PACKAGES}, or pip install matplotlib")
    return usable


@lru_cache(maxsize=256)
def _face(path: str) -> tuple[ImageFont.FreeTypeFont, float]:
    """A face scaled so that its capital H is CAP_PX high, and the row of the capital's middle below the anchor."""
    probe = ImageFont.truetype(path, 200)
    top, bottom = probe.getbbox("H", anchor="ls")[1::2]
    face = ImageFont.truetype(path, max(8, round(200 * CAP_PX / max(1.0, bottom - top))))
    return face, -CAP_PX / 2


@lru_cache(maxsize=256)
def _missing(stem: str) -> tuple[tuple[int, int], bytes]:
    """What a font shows for a character it does not have."""
    mask = _face(str(font_files()[stem]))[0].getmask("\U0010fffe")
    return mask.size, bytes(mask)


@lru_cache(maxsize=65536)
def covers(stem: str, char: str) -> bool:
    """Whether a font has an own, non-empty shape for a character."""
    mask = _face(str(font_files()[stem]))[0].getmask(char)
    return 0 not in mask.size and (mask.size, bytes(mask)) != _missing(stem)


@lru_cache(maxsize=4096)
def fonts_for(text: str, only: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Stems of the fonts that can draw text, of those in only when given. Raises MissingError when none can."""
    stems = [stem for stem in font_files() if not only or stem in only]
    able = tuple(stem for stem in stems if all(covers(stem, c) for c in set(text) - {" "}))
    if not able:
        raise MissingError(f"no installed font draws {text!r}: install fonts-freefont-ttf or fonts-noto-core")
    return able


def signed_distance(mask: Array) -> Array:
    """Distance to a shape's edge in capital heights, positive inside; mask (H, W) from 0 up."""
    inside = (mask > 0.5 * mask.max()).astype(np.uint8)
    near_in = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    near_out = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    distance = cv2.GaussianBlur(np.where(inside > 0, near_in - 0.5, 0.5 - near_out), (0, 0), 0.8)
    return np.asarray(distance / CAP_PX, np.float32)


@lru_cache(maxsize=2048)
def glyph(stem: str, text: str) -> Glyph:
    """A character, or a whole joined word, as a distance field."""
    face, middle = _face(str(font_files()[stem]))
    left, top, right, bottom = face.getbbox(text, anchor="ls")
    width, height = int(right - left) + 2 * PAD_PX, int(bottom - top) + 2 * PAD_PX
    canvas = Image.new("L", (width, height), 0)
    ImageDraw.Draw(canvas).text((PAD_PX - left, PAD_PX - top), text, fill=255, font=face, anchor="ls")
    mask = np.asarray(canvas, np.float32)
    advance = max(face.getlength(text), right - left)
    # Arabic and Hebrew letters have no capital: their own middle is what sits in the middle of the band.
    row = PAD_PX - top + middle if text.isascii() or "\u0400" <= text[0] <= "\u04ff" else height / 2
    return Glyph(signed_distance(mask), float(advance) / CAP_PX, (width / 2, float(row)))
