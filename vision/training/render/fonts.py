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
from typing import Any, NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vision.errors import MissingError
from vision.training.render.punches import SETS, punch_characters, punch_distance
from vision.training.render.truth import Array

CAP_PX = 64  # pixels per capital height in a glyph's distance field
PAD_PX = 24
PACKAGES = (
    "fonts-dejavu-core fonts-liberation2 fonts-freefont-ttf fonts-routed-gothic fonts-osifont fonts-opendin "
    "fonts-bebas-neue fonts-courier-prime fonts-gnutypewriter fonts-play fonts-jura fonts-ocr-a fonts-ocr-b "
    "fonts-roboto fonts-inconsolata fonts-b612 fonts-league-spartan fonts-noto-core fonts-hosny-amiri culmus "
    "fonts-roadgeek fonts-national-park fonts-tuffy fonts-cabin fonts-yanone-kaffeesatz fonts-urw-base35 "
    "fonts-oldstandard fonts-paratype fonts-gfs-didot fonts-gfs-neohellenic fonts-century-catalogue "
    "fonts-compagnon fonts-arabeyes fonts-kacst fonts-farsiweb fonts-freefarsi fonts-sil-scheherazade "
    "fonts-hosny-thabit fonts-wqy-zenhei fonts-wqy-microhei fonts-arphic-uming fonts-arphic-ukai fonts-ipafont-gothic "
    "fonts-sil-andika fonts-averia-sans-gwf fonts-averia-serif-gwf fonts-beteckna fonts-cantarell "
    "fonts-crosextra-carlito fonts-sil-charis fonts-comfortaa fonts-dosis fonts-dustin fonts-fantasque-sans fonts-hack "
    "fonts-humor-sans fonts-jetbrains-mono fonts-junction fonts-karla fonts-lato fonts-linuxlibertine fonts-open-sans "
    "fonts-oxygen fonts-quattrocento fonts-quicksand fonts-radisnoir fonts-vollkorn fonts-dkg-handwriting "
    "fonts-monofur fonts-mononoki fonts-tiresias fonts-adf-baskervald fonts-adf-berenis fonts-adf-gillius "
    "fonts-adf-ikarius fonts-adf-irianis fonts-adf-libris fonts-adf-mekanus fonts-adf-oldania fonts-adf-romande "
    "fonts-adf-solothurn fonts-adf-tribun fonts-adf-universalis fonts-adf-verana"
)

# File name stems, as fontconfig or matplotlib list them.
LATIN = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansCondensed", "DejaVuSansCondensed-Bold", "DejaVuSansMono",
    "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerifCondensed", "LiberationSans-Regular", "LiberationSans-Bold",
    "LiberationSansNarrow-Regular", "LiberationSansNarrow-Bold", "LiberationSerif-Bold", "LiberationMono-Bold",
    "FreeSans", "FreeSansBold", "FreeMonoBold", "FreeSerifBold", "routed-gothic", "routed-gothic-narrow",
    "routed-gothic-wide", "osifont", "OSP-DIN", "BebasNeue-Regular", "BebasNeue-Bold",
    "Courier Prime Bold", "Courier Prime Sans Bold", "GNUTypewriter", "Play-Regular", "Play-Bold", "Jura-Medium",
    "Jura-SemiBold", "OCRB", "OCRA", "Roboto-Regular", "Roboto-Medium", "RobotoCondensed-Bold", "Inconsolata",
    "B612-Bold", "LeagueSpartan-Medium", "NotoSans-Regular", "NotoSans-Bold",
    "RG2014B", "RG2014C", "RG2014D", "RG2014E", "RG2014F", "NationalPark-Regular", "NationalPark-Heavy", "Tuffy",
    "Cabin-Regular", "Cabin-Bold", "YanoneKaffeesatz-Regular", "YanoneKaffeesatz-Bold", "NimbusSans-Regular",
    "NimbusSans-Bold", "NimbusSansNarrow-Regular", "NimbusSansNarrow-Bold", "NimbusMonoPS-Bold", "C059-Roman",
    "C059-Bold", "URWBookman-Light", "URWBookman-Demi", "URWGothic-Book", "URWGothic-Demi", "P052-Bold",
    "OldStandard-Bold", "OldStandard-Regular", "Century-Catalogue", "Compagnon-Roman",
    "PTS55F", "PTS75F", "PTN57F", "PTN77F", "PTC55F", "PTC75F", "PTF55F", "PTF75F",
    "PTM55F", "PTM75F", "GFSDidot", "GFSDidotBold", "GFSNeohellenic", "GFSNeohellenicBold",
    "Andika-Regular", "AveriaSansGWF-Bold", "AveriaSansGWF-Regular", "AveriaSerifGWF-Regular", "BaskervaldADFStd-Bold",
    "BerenisADFPro-Bold", "Beteckna", "BetecknaGS-Bold", "Cantarell-Bold", "Carlito-Regular", "CharisSIL-Bold",
    "Comfortaa-Bold", "Comfortaa-Regular", "Dosis-Bold", "Dustismo", "FantasqueSansMono-Bold", "GilliusADF-Bold",
    "GilliusADF-Cond", "Hack-Regular", "Humor-Sans", "IkariusADFStd-Bold", "IrianisADFStd-Regular", "It_wasn_t_me",
    "JetBrainsMono-Bold", "Junction", "Karla-Bold", "Lato-Bold", "Lato-Regular", "LibrisADFStd-Bold", "LinBiolinum_RB",
    "LinLibertine_RB", "MekanusADFStd-Bold", "MekanusADFStd-Regular", "OldaniaADFStd-Bold", "OpenSans-Regular",
    "Oxygen-Sans", "OxygenMono-Regular", "Quattrocento-Regular", "Quicksand-Bold", "Quicksand-Regular",
    "RadisSans-medium", "RomandeADFStd-DemiBold", "Solothurn-Bold", "TribunADFStd-BoldCond", "TribunADFStd-Regular",
    "Tuffy_Bold", "UniversalisADFStd-Bold", "UniversalisADFStd-Cond", "Verana-Bold", "VeranaSans-Regular",
    "Vollkorn-Bold", "dkg", "dkgBd", "monof55", "mononoki-Bold", "tiresias_infofont", "tiresias_lpfont_bold",
    "tiresias_pcfont", "tiresias_signfontz",
)  # fmt: skip
# For Arabic, Hebrew and Chinese; never for ASCII.
OTHERS = (
    "Amiri-Regular", "Amiri-Bold", "NotoNaskhArabic-Regular", "NotoNaskhArabic-Bold", "NotoSansArabic-Regular",
    "NotoSansArabic-Bold", "NotoKufiArabic-Regular", "NotoKufiArabic-Bold", "Scheherazade-Regular",
    "Scheherazade-Bold", "Thabit", "Thabit-Bold", "KacstOffice", "KacstBook", "KacstTitle", "KacstNaskh",
    "KacstDigital", "KacstPoster", "KacstLetter", "ae_AlArabiya", "ae_Furat", "ae_Khalid", "ae_Cortoba", "ae_Graph",
    "ae_Salem", "ae_Arab", "ae_Hor", "ae_Nice", "ae_Petra", "ae_Tarablus", "ae_Granada", "nazli", "nazlib", "titr",
    "homa", "FreeFarsi", "FreeFarsi-Bold",
    "MiriamCLM-Book", "MiriamCLM-Bold", "MiriamMonoCLM-Bold", "NachlieliCLM-Light", "NachlieliCLM-Bold",
    "SimpleCLM-Medium", "SimpleCLM-Bold", "FrankRuehlCLM-Medium", "FrankRuehlCLM-Bold", "DavidCLM-Medium",
    "DavidCLM-Bold", "KeterYG-Medium", "KeterYG-Bold", "HadasimCLM-Bold", "ShofarDemi-Bold", "NotoSansHebrew-Regular",
    "NotoSansHebrew-Bold", "NotoSerifHebrew-Regular", "NotoSerifHebrew-Bold",
    "wqy-zenhei", "wqy-microhei", "uming", "ukai", "ipag",
)  # fmt: skip
# Stencils: a plain font with its strokes cut by a bridge.
STENCIL = "+stencil"
_CLOSED = "0ABDOPQR4689abdegopqСФБВРЮЯ"
STENCILS = tuple(stem + STENCIL for stem in ("LiberationSansNarrow-Bold", "NimbusSans-Bold", "C059-Bold"))
FAMILIES = (*LATIN, *OTHERS, *STENCILS)
# Ranges of characters that some fonts draw with another tradition's shapes: Arabic 4 to 6 as Persian ones and so on.
_OTHER_SHAPES = (
    ("\u0660", "\u0669", ("nazli", "nazlib", "titr")),
    ("\u06f0", "\u06f9", ("NotoNaskhArabic-Regular", "NotoNaskhArabic-Bold")),
)
_OWN_DIGITS = frozenset(OTHERS)
# Sets of punches of our own drawing, beside the fonts.
PUNCHES = tuple(f"punch {number}" for number in range(SETS))
_PUNCHES = frozenset(PUNCHES)


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
    return [Path(line) for line in done.stdout.splitlines() if line.endswith((".ttf", ".otf", ".ttc"))]


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
    plain = {stem: stem.removesuffix(STENCIL) for stem in FAMILIES}
    usable = {stem: found[file] for stem, file in plain.items() if file in found}
    if not usable:
        raise MissingError(f"no font to render marks with: install one of {PACKAGES}, or pip install matplotlib")
    return usable


def few_fonts() -> str | None:
    """A sentence that says so where less than half of FAMILIES are installed: what is trained on few letterforms reads
    the others worse than before, and renders differ from those of a machine that has more."""
    installed = len(font_files())
    if installed >= len(FAMILIES) / 2:
        return None
    return (
        f"Only {installed} of {len(FAMILIES)} letterforms are installed; a reader trained on these forgets the others. "
        f"On Debian: apt-get install {PACKAGES}"
    )


def _reference(char: str) -> str:
    """A character whose height stands for that of all its script, as the capitals' does in Latin."""
    for low, high, reference in (
        ("\u0590", "\u05ff", "\u05d4"),  # Hebrew: he
        ("\u0660", "\u0669", "\u0661"),  # Arabic-Indic digits: one
        ("\u06f0", "\u06f9", "\u06f1"),  # Persian digits: one
        ("\u0600", "\u06ff", "\u0644"),  # Arabic letters: lam
        ("\u3040", "\u30ff", "\u30c8"),  # kana
        ("\u3400", "\u9fff", "\u56db"),  # Chinese
    ):
        if low <= char <= high:
            return reference
    return "H"


@lru_cache(maxsize=512)
def _face(path: str, reference: str = "H") -> ImageFont.FreeTypeFont:
    """A face scaled so that its reference character is CAP_PX high; without it, a font is taken at its usual size."""
    probe = ImageFont.truetype(path, 200)
    top, bottom = probe.getbbox(reference, anchor="ls")[1::2]
    high = bottom - top if bottom - top > 60 else 140
    return ImageFont.truetype(path, max(8, round(200 * CAP_PX / high)))


@lru_cache(maxsize=512)
def _missing(stem: str, reference: str) -> tuple[tuple[int, int], bytes]:
    """What a font shows for a character it does not have."""
    mask = _face(str(font_files()[stem]), reference).getmask("\U0010fffe")
    return mask.size, bytes(mask)


@lru_cache(maxsize=65536)
def covers(stem: str, char: str) -> bool:
    """Whether a font has an own, non-empty shape for a character."""
    if any(low <= char <= high and stem in stems for low, high, stems in _OTHER_SHAPES):
        return False
    reference = _reference(char)
    face = _face(str(font_files()[stem]), reference)
    mask = face.getmask(char)
    if (
        0 in mask.size
        or (mask.size, bytes(mask)) == _missing(stem, reference)
        or _is_block(mask.getbbox(), bytes(mask))
    ):
        return False
    if char.islower() and char.upper() != char and len(char.upper()) == 1:
        return not _is_drawn_as(mask, face.getmask(char.upper()))  # as some fonts draw small letters
    return True


def _is_drawn_as(small: Any, capital: Any) -> bool:
    """Whether a small letter's mask (from FreeTypeFont.getmask) is its capital's, but for a twentieth of its ink."""
    if small.size != capital.size:
        return False
    one, other = (np.frombuffer(bytes(mask), np.uint8).astype(np.int64) for mask in (small, capital))
    return bool(np.abs(one - other).sum() < 0.05 * other.sum())


def _is_block(box: tuple[int, int, int, int] | None, ink: bytes) -> bool:
    """Whether a shape is a filled box, which some fonts show for what they lack; dots, dashes and I are narrower."""
    left, top, right, bottom = box or (0, 0, 0, 0)
    wide, high = right - left, bottom - top
    return min(wide, high) > 0.25 * CAP_PX and max(wide, high) > 0.5 * CAP_PX and ink.count(255) > 0.95 * wide * high


@lru_cache(maxsize=4096)
def _fonts_with(char: str) -> frozenset[str]:
    """Stems of the fonts that have a character. Arabic and Hebrew fonts may show their own digits for ASCII ones."""
    plain = char.isascii() and char.isalnum()
    fonts = frozenset(stem for stem in font_files() if not (plain and stem in _OWN_DIGITS) and covers(stem, char))
    return fonts | _PUNCHES if char in punch_characters() else fonts


def drawable(text: str) -> bool:
    """Whether some installed font can draw the whole text."""
    return bool(_able(text, ()))


def _able(text: str, only: tuple[str, ...]) -> tuple[str, ...]:
    able = set(only) if only else {*font_files(), *PUNCHES}
    for char in set(text) - {" "}:
        able &= _fonts_with(char) if not only else {stem for stem in only if covers(stem, char)}
    return tuple(stem for stem in (*font_files(), *PUNCHES) if stem in able)


def fonts_for(text: str, only: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Stems of the fonts that can draw text, of those in only when given. Raises MissingError when none can."""
    able = _able(text, only)
    if not able:
        raise MissingError(f"no installed font draws {text!r}: install some of {PACKAGES}")
    return able


def signed_distance(mask: Array) -> Array:
    """Distance to a shape's edge in capital heights, positive inside; mask (H, W) from 0 up."""
    inside = (mask > 0.5 * mask.max()).astype(np.uint8)
    near_in = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    near_out = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    distance = cv2.GaussianBlur(np.where(inside > 0, near_in - 0.5, 0.5 - near_out), (0, 0), 0.8)
    return np.asarray(distance / CAP_PX, np.float32)


@lru_cache(maxsize=1024)
def stroke_widths(stem: str, char: str) -> tuple[float, float]:
    """(thinnest, usual) half width of a font's strokes in capital heights, measured along the middle of the strokes of
    a character."""
    distance = glyph(stem, char).distance
    ridge = distance[(distance > 0.012) & (distance >= cv2.dilate(distance, np.ones((3, 3))) - 1e-6)]
    if ridge.size < 4:
        return 0.04, 0.06
    return float(np.quantile(ridge, 0.15)), float(np.median(ridge))


def _bridged(distance: Array, half_width: float = 0.05) -> Array:
    """A glyph cut by an upright bridge through its middle, as a stencil's closed letters are."""
    columns = np.arange(distance.shape[1], dtype=np.float32)
    from_bridge = np.abs(columns - (distance.shape[1] - 1) / 2) / CAP_PX - np.float32(half_width)
    return np.asarray(np.minimum(distance, from_bridge[None]), np.float32)


@lru_cache(maxsize=4096)
def glyph(stem: str, text: str) -> Glyph:
    """A character, or a whole joined word, as a distance field."""
    if stem in _PUNCHES:
        return Glyph(*punch_distance(int(stem.split()[1]), text, CAP_PX, PAD_PX))
    reference = _reference(text[0])
    face = _face(str(font_files()[stem]), reference)
    left, top, right, bottom = face.getbbox(text, anchor="ls")
    width, height = int(right - left) + 2 * PAD_PX, int(bottom - top) + 2 * PAD_PX
    canvas = Image.new("L", (width, height), 0)
    ImageDraw.Draw(canvas).text((PAD_PX - left, PAD_PX - top), text, fill=255, font=face, anchor="ls")
    mask = np.asarray(canvas, np.float32)
    advance = max(face.getlength(text), right - left)
    # Arabic and Chinese letters have no capital: their own middle is what sits in the middle of the band.
    row = PAD_PX - top - CAP_PX / 2 if reference in ("H", "\u05d4") else height / 2
    distance = signed_distance(mask)
    if stem.endswith(STENCIL) and text in _CLOSED:
        distance = _bridged(distance)
    return Glyph(distance, float(advance) / CAP_PX, (width / 2, float(row)))
