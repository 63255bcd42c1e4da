"""What is struck on a head: marks given by hand, and random ones in the field's layouts.

Layouts follow what headstamp references describe (maker at 12 and year at 6 o'clock, four elements at the quarters,
legends around the whole head, calibre below with its tops to the centre); the codes are random strings, so that a
reader learns characters and not a list of makers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vision.training.render.fonts import drawable
from vision.training.render.texts import (
    ARABIC_DIGITS,
    CHINESE,
    CYRILLIC,
    DIGITS,
    HEBREW,
    LATIN,
    PERSIAN_DIGITS,
    ROMAN,
    SEPARATORS,
    SYMBOLS,
    arabic,
    calibre,
    code,
    one_of,
    small,
    string,
    word,
    year,
)


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


Placed = list[tuple[str, float]]  # texts and the angles of their middles


def _opposite(rng: np.random.Generator) -> Placed:
    return [(code(rng), 0.0), (year(rng) if rng.random() < 0.75 else small(rng), 180.0)]


def _thirds(rng: np.random.Generator) -> Placed:
    return [(code(rng), 0.0), (small(rng), 120.0), (small(rng), 240.0)]


def _quarters(rng: np.random.Generator) -> Placed:
    return [(code(rng), 0.0), *((small(rng), a) for a in (90.0, 180.0, 270.0) if rng.random() < 0.9)]


def _clock(rng: np.random.Generator) -> Placed:
    """One letter each at 9, 12 and 3 o'clock or close beside 12, a year at 6."""
    alphabet = CYRILLIC if rng.random() < 0.2 else HEBREW if rng.random() < 0.06 else LATIN
    step = float(rng.choice([25, 40, 60, 90]))
    letters = string(rng, alphabet, 2, 3)
    letters = letters[::-1] if alphabet is HEBREW else letters
    start = -step * (len(letters) - 1) / 2
    return [*((c, start + i * step) for i, c in enumerate(letters)), (year(rng), 180.0)]


def _legend(rng: np.random.Generator) -> Placed:
    """Long words around: maker above, calibre below, dots or stars between."""
    kind = rng.random()
    maker = word(rng) if kind < 0.6 else string(rng, LATIN, 4, 8) if kind < 0.8 else string(rng, CYRILLIC, 4, 8)
    out = [(maker, 0.0), (calibre(rng), 180.0)]
    if rng.random() < 0.5:
        mark = one_of(rng, SEPARATORS)
        out += [(mark, 92.0), (mark, 268.0)]
    return out


def _commercial(rng: np.random.Generator) -> Placed:
    out = [(string(rng, LATIN, 2, 4) if rng.random() < 0.7 else word(rng, 1, 3), 0.0), (calibre(rng), 180.0)]
    return [*out, (small(rng), 90.0)] if rng.random() < 0.2 else out


def _full_turn(rng: np.random.Generator) -> Placed:
    """Single letters and digits spread over the whole turn with dots between, as on military bunters."""
    text = [*string(rng, LATIN + DIGITS, 2, 5), one_of(rng, SYMBOLS)]
    step = 360 / len(text)
    out = [(t, i * step) for i, t in enumerate(text)]
    return [*out, *((one_of(rng, SEPARATORS), (i + 0.5) * step) for i in range(len(text)) if rng.random() < 0.4)]


def _dense(rng: np.random.Generator) -> Placed:
    """Words all the way round with signs between them, each given room after its length."""
    words: list[str] = []
    for _ in range(int(rng.integers(2, 5))):
        draw = (word, calibre, code, small)[int(rng.integers(4))]
        words.append(draw(rng))
        words += [one_of(rng, SEPARATORS)] * int(rng.choice([0, 1, 2], p=[0.35, 0.5, 0.15]))
    rooms = np.array([1.5 if w.startswith("<") else 1.0 + len(w) for w in words])
    middles = (np.cumsum(rooms) - rooms / 2) * 360 / rooms.sum()
    return list(zip(words, (float(a) for a in middles), strict=True))


def _sparse(rng: np.random.Generator) -> Placed:
    return [(code(rng), 0.0)]


def _crown(rng: np.random.Generator) -> Placed:
    """A broad arrow or another sign between two letters, year, calibre and a mark numeral below."""
    sign = one_of(rng, ("<broad arrow>", "<broad arrow>", "<arrow>", "<star>", "<crown>"))
    first, last = string(rng, LATIN, 1, 1), string(rng, LATIN, 1, 1)
    out = [(first, -22.0), (sign, 0.0), (last, 22.0), (year(rng), 75.0)]
    numeral = one_of(rng, ROMAN) + (string(rng, LATIN + LATIN.lower(), 1, 1) if rng.random() < 0.4 else "")
    return [*out, (numeral if rng.random() < 0.5 else calibre(rng), 180.0)]


def _other_script(rng: np.random.Generator) -> Placed:
    """A whole head in one of the other scripts."""
    kind = rng.random()
    if kind < 0.6:
        digits = ARABIC_DIGITS if rng.random() < 0.55 else PERSIAN_DIGITS
        out = [(arabic(rng), 0.0), (string(rng, digits, 2, 4), 180.0)]
        return [*out, *((string(rng, digits, 1, 2), a) for a in (90.0, 270.0))] if rng.random() < 0.4 else out
    if kind < 0.85:
        return [(string(rng, HEBREW, 2, 5), 0.0), (year(rng), 180.0)]
    return [(string(rng, CHINESE, 2, 4), 0.0), (string(rng, CHINESE, 1, 3), 180.0)]


LAYOUTS = (_opposite, _thirds, _quarters, _clock, _legend, _commercial, _full_turn, _dense, _sparse, _crown,
           _other_script)  # fmt: skip
_ODDS = (0.24, 0.06, 0.17, 0.07, 0.11, 0.09, 0.07, 0.07, 0.03, 0.04, 0.05)
_SMALLER = {"<dot>": 0.6, "<dash>": 0.8, "<small circle>": 0.8, "<broad arrow>": 1.0}


def random_mark(rng: np.random.Generator) -> MarkSpec:
    """A random mark in one of the field's layouts; the same state of rng gives the same mark."""
    placed = LAYOUTS[int(rng.choice(len(LAYOUTS), p=_ODDS))](rng)
    pocket = float(rng.uniform(0.34, 0.56)) if rng.random() < 0.85 else float(rng.uniform(0.22, 0.34))
    height = float(np.clip((0.95 - pocket) * rng.uniform(0.35, 0.72), 0.12, 0.3))
    # All tops outwards; the lower half's inwards; all inwards; each as it came.
    flip = int(rng.choice(4, p=[0.43, 0.37, 0.13, 0.07]))
    uneven_sizes, sideways = rng.random() < 0.25, rng.random() < 0.08
    tracking = float(rng.choice([0.06, 0.14, 0.3, 0.6], p=[0.35, 0.4, 0.18, 0.07]))
    elements = []
    for text, angle in placed:
        if not text.startswith("<") and not drawable(text.replace(" ", "")):
            text = string(rng, LATIN, 1, 3)  # a script that no installed font has
        lower = 90 < angle % 360 < 270
        inwards = flip == 2 or (flip == 1 and lower) or (flip == 3 and rng.random() < 0.5)
        size = float(rng.uniform(0.62, 1.1)) if uneven_sizes else float(rng.uniform(0.94, 1.04))
        # Single characters at the sides are sometimes struck upright, as the whole head is held.
        side = len(text) == 1 and 45 < min(angle % 360, 360 - angle % 360) < 135
        upright = -90.0 if angle % 360 < 180 else 90.0
        elements.append(
            ElementSpec(
                text=text,
                angle_deg=angle + float(rng.normal(0, 4)),
                upside_down=inwards,
                height=height * size * _SMALLER.get(text, 1.0),
                tracking=tracking if rng.random() < 0.8 else float(rng.uniform(0.05, 0.7)),
                turn_deg=(upright + 180 * inwards + 180) % 360 - 180 if side and sideways else 0.0,
            )
        )
    condense = float(np.clip(np.exp(rng.normal(-0.1, 0.28)), 0.5, 1.7))
    radius = (pocket + 0.95) / 2 + float(rng.uniform(-0.03, 0.02))
    return MarkSpec(tuple(elements), pocket, height, radius, condense)


def random_serial(rng: np.random.Generator) -> ElementSpec:
    """A serial number or model line as stamped in a receiver: one line of random letters and figures, perhaps with a
    year, a dash, a shape or a star. It stands at 12 o'clock of whatever circle it is drawn on; height and radius are
    left to the mark."""
    kind = rng.random()
    if kind < 0.45:
        text = string(rng, LATIN, 0, 3) + string(rng, DIGITS, 3, 8)
    elif kind < 0.6:
        text = string(rng, DIGITS, 2, 6) + one_of(rng, ("-", " ", "/", "")) + string(rng, LATIN + DIGITS, 1, 5)
    elif kind < 0.72:
        text = string(rng, CYRILLIC, 1, 2) + one_of(rng, (" ", "-", "")) + string(rng, DIGITS, 3, 6)
    elif kind < 0.8:
        text = string(rng, ARABIC_DIGITS if rng.random() < 0.5 else PERSIAN_DIGITS, 3, 8)
    elif kind < 0.9:
        text = one_of(rng, ("MOD ", "MOD. ", "Cal. ", "No ", "TYPE ", "Mk ")) + string(rng, LATIN + DIGITS, 1, 5)
    else:
        text = word(rng) if rng.random() < 0.6 else calibre(rng)
    return ElementSpec(text, 0.0, tracking=float(rng.uniform(0.05, 0.45)))
