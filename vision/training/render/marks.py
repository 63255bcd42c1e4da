"""What is struck on a head: marks given by hand, and random ones in the field's layouts.

Layouts follow what headstamp references describe (maker at 12 and year at 6 o'clock, four elements at the quarters,
legends around the whole head, calibre below with its tops to the centre); the codes are random strings, so that a
reader learns characters and not a list of makers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CYRILLIC = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЭЮЯ"
HEBREW = "אבגדהוזחטיכלמנסעפצקרשת"
ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"
PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
ARABIC_WORDS = ("مصر", "العراق", "سوريا", "ج ع م", "ايران", "ليبيا", "الاردن", "ساخت", "شركة", "م ع")
CALIBRES = ("9MM", "9X19", "7.62X39", "7.62", "5.56", "5.56 MM", "5.45X39", "7.62X54R", "12.7", "9 PARA", "45 AUTO",
            "308 WIN", "223 REM", "9mm LUGER", "380 AUTO", "38 SPL", "7.62X51", "7.92", "9MM P", "12 GA", "9 m/m",
            "14.5", "303", "30-06", "7.65", "6.35", "5.7X28", "40 S&W", "357 MAG", "12")  # fmt: skip
SYMBOLS = ("<nato cross>", "<star>", "<star>", "<dot>", "<broad arrow>", "<asterisk>", "<open star>", "<triangle>",
           "<diamond>", "<six-pointed star>", "<crescent>", "<crossed swords>", "<crown>", "<hexagon>", "<box>",
           "<small circle>", "<circle>", "<dash>", "<bar>", "<cross>")  # fmt: skip


@dataclass(frozen=True, slots=True)
class ElementSpec:
    """One element: text as stamped or "<symbol name>", the angle of its middle (clockwise from the mark's 12 o'clock),
    whether its tops point to the centre, its height and the radius of its middle (both shares of the head's radius,
    0 means the mark's own), tracking (extra space, in heights), turn_deg (each character turned further) and the font
    it is cut in ("" leaves it to the strike)."""

    text: str
    angle_deg: float
    upside_down: bool = False
    height: float = 0.0
    radius: float = 0.0
    tracking: float = 0.12
    turn_deg: float = 0.0
    font: str = ""


@dataclass(frozen=True, slots=True)
class MarkSpec:
    """What is struck on a head; height and radius are shares of the head's radius, as is the pocket's ratio."""

    elements: tuple[ElementSpec, ...]
    pocket_ratio: float = 0.46
    height: float = 0.22
    radius: float = 0.0
    condense: float = 1.0
    fonts: tuple[str, ...] = ()

    @property
    def band_radius(self) -> float:
        """Where the middle of the characters runs: half way between pocket and rim unless radius says otherwise."""
        return self.radius or (self.pocket_ratio + 0.95) / 2


def _string(rng: np.random.Generator, alphabet: str, low: int, high: int) -> str:
    return "".join(alphabet[i] for i in rng.integers(0, len(alphabet), int(rng.integers(low, high + 1))))


def _digits(rng: np.random.Generator, low: int, high: int) -> str:
    return _string(rng, "0123456789", low, high)


def _year(rng: np.random.Generator) -> str:
    year = str(rng.integers(1910, 2026))
    return year if rng.random() < 0.15 else year[2:] if rng.random() < 0.9 else year[3:]


def _code(rng: np.random.Generator) -> str:
    """A maker's code: letters, a factory number, letters with stops, another script, or a mixture."""
    kind = rng.choice(10, p=[0.3, 0.2, 0.08, 0.08, 0.12, 0.05, 0.05, 0.06, 0.03, 0.03])
    if kind == 0:
        return _string(rng, LATIN, 2, 4)
    if kind == 1:
        return _digits(rng, 2, 3)
    if kind == 2:
        return ".".join(_string(rng, LATIN, 2, 3)) + "."
    if kind == 3:
        return _string(rng, LATIN.lower(), 2, 4)
    if kind == 4:
        return _string(rng, CYRILLIC, 1, 4)
    if kind == 5:
        return str(rng.choice(ARABIC_WORDS))
    if kind == 6:
        return _string(rng, ARABIC_DIGITS if rng.random() < 0.6 else PERSIAN_DIGITS, 2, 3)
    if kind == 7:
        return f"<{rng.integers(1, 99)} in {rng.choice(['circle', 'circle', 'triangle', 'oval', 'hexagon'])}>"
    if kind == 8:
        return _string(rng, HEBREW, 2, 4)
    return _string(rng, LATIN, 1, 2) + str(rng.choice(["-", "&", " ", "/"])) + _string(rng, LATIN + "0123456789", 1, 3)


def _small(rng: np.random.Generator) -> str:
    """A short element for the quarters: year, month, lot letter, symbol."""
    kind = rng.choice(5, p=[0.35, 0.2, 0.15, 0.2, 0.1])
    if kind == 0:
        return _year(rng)
    if kind == 1:
        return _digits(rng, 1, 2)
    if kind == 2:
        return _string(rng, LATIN, 1, 2)
    return str(rng.choice(SYMBOLS)) if kind == 3 else _string(rng, ARABIC_DIGITS, 1, 2)


def _opposite(rng: np.random.Generator) -> list[tuple[str, float]]:
    return [(_code(rng), 0.0), (_year(rng) if rng.random() < 0.7 else _small(rng), 180.0)]


def _thirds(rng: np.random.Generator) -> list[tuple[str, float]]:
    return [(_code(rng), 0.0), (_small(rng), 120.0), (_small(rng), 240.0)]


def _quarters(rng: np.random.Generator) -> list[tuple[str, float]]:
    return [(_code(rng), 0.0), (_small(rng), 90.0), (_small(rng), 180.0), (_small(rng), 270.0)]


def _legend(rng: np.random.Generator) -> list[tuple[str, float]]:
    """Long words around: maker above, calibre below, dots or stars between."""
    maker = _string(rng, LATIN, 4, 9) if rng.random() < 0.8 else _string(rng, CYRILLIC, 4, 8)
    out = [(maker, 0.0), (str(rng.choice(CALIBRES)), 180.0)]
    if rng.random() < 0.5:
        mark = str(rng.choice(["<dot>", "<star>", "<open star>", "<dash>", "<small circle>"]))
        out += [(mark, 92.0), (mark, 268.0)]
    return out


def _commercial(rng: np.random.Generator) -> list[tuple[str, float]]:
    maker = _string(rng, LATIN, 2, 4)
    return [(maker, 0.0), (str(rng.choice(CALIBRES)), 180.0)]


def _full_turn(rng: np.random.Generator) -> list[tuple[str, float]]:
    """Single letters and digits spread over the whole turn with dots between, as on military bunters."""
    text = [*_string(rng, LATIN + "0123456789", 3, 5), str(rng.choice(SYMBOLS))]
    step = 360 / len(text)
    out = [(t, i * step) for i, t in enumerate(text)]
    return [*out, *(("<dot>", (i + 0.5) * step) for i in range(len(text)) if rng.random() < 0.4)]


LAYOUTS = (_opposite, _opposite, _opposite, _thirds, _quarters, _quarters, _legend, _legend, _commercial, _full_turn)


def random_mark(rng: np.random.Generator) -> MarkSpec:
    """A random mark in one of the field's layouts; the same state of rng gives the same mark."""
    layout = LAYOUTS[int(rng.integers(len(LAYOUTS)))]
    pocket = float(rng.uniform(0.34, 0.56)) if rng.random() < 0.85 else float(rng.uniform(0.22, 0.34))
    height = float(np.clip((0.95 - pocket) * rng.uniform(0.35, 0.72), 0.12, 0.3))
    flip = rng.choice(3, p=[0.45, 0.4, 0.15])  # all tops outwards; the lower half inwards; all inwards
    elements = []
    for text, angle in layout(rng):
        lower = 90 < angle < 270
        elements.append(
            ElementSpec(
                text=text,
                angle_deg=angle + float(rng.normal(0, 4)),
                upside_down=bool(flip == 2 or (flip == 1 and lower)),
                height=height * float(rng.uniform(0.9, 1.05)) * (0.6 if text == "<dot>" else 1.0),
                tracking=float(rng.choice([0.08, 0.15, 0.3], p=[0.4, 0.4, 0.2])),
                turn_deg=float(rng.choice([90, -90])) if len(text) <= 2 and rng.random() < 0.06 else 0.0,
            )
        )
    condense = float(rng.uniform(0.72, 1.15))
    radius = (pocket + 0.95) / 2 + float(rng.uniform(-0.03, 0.02))
    return MarkSpec(tuple(elements), pocket, height, radius, condense)
