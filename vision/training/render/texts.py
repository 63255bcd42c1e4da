"""What may stand in a mark: random codes, numbers, years, calibres and words in the field's scripts.

Codes are random strings, so that a reader learns characters and not a list of makers; every letter and digit of an
alphabet is drawn equally often. Only calibre legends are real ones, and half of those are made up too.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from vision.catalogue.load import load_marking_set

DIGITS = "0123456789"
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CYRILLIC = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
HEBREW = "אבגדהוזחטיכלמנסעפצקרשתךםןףץ"
ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
PERSIAN = "پچژگکی"
CHINESE = "四川造金汉粤晋巩奉"
KANA = "トヨ"
ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"
PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
ARABIC_WORDS = ("مصر", "العراق", "سوريا", "ج ع م", "ايران", "ليبيا", "الاردن", "ساخت", "شركة", "م ع", "ج ع س",
                "ج ع", "م ع س", "ج م ع", "المغرب", "الجزائر")  # fmt: skip
# The commonest stand here more than once.
SYMBOLS = (*("<nato cross>",) * 8, *("<star>",) * 4, *("<broad arrow>",) * 3, "<dot>", "<asterisk>", "<asterisk>",
           "<open star>", "<triangle>", "<triangle>", "<diamond>", "<six-pointed star>", "<crescent>",
           "<crossed swords>", "<crown>", "<hexagon>", "<box>", "<small circle>", "<circle>", "<dash>", "<bar>",
           "<cross>", "<crescent and star>", "<star in circle>", "<anchor>", "<three crowns>", "<swastika in circle>",
           "<C broad arrow>", "<arrow>", "<arrow in triangle>", "<eagle head>", "<mosque>", "<menorah>",
           "<palm and crossed swords>", "<flower-like sign>", "<square>", "<oval>", "<double circle>")  # fmt: skip
SEPARATORS = ("<dot>", "<dot>", "<dot>", "<star>", "<open star>", "<dash>", "<small circle>", "<asterisk>", "<bar>",
              "<cross>", "<diamond>")  # fmt: skip
SHAPES = ("circle", "circle", "circle", "double circle", "triangle", "triangle", "oval", "hexagon", "diamond", "square")
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
CASES = ("MM", "MM", "mm", "m/m", " MM", " mm", "", " PARA", " LUGER", " Luger", " AUTO", " WIN", " REM", " MAG",
         " SPL", " ACP", " KURZ", " NATO", "R", " GA", " RUSSIAN", " S&W", " P")  # fmt: skip


def string(rng: np.random.Generator, alphabet: str, low: int, high: int) -> str:
    """Random characters of an alphabet, low to high of them."""
    return "".join(alphabet[i] for i in rng.integers(0, len(alphabet), int(rng.integers(low, high + 1))))


def one_of(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    """One of several texts."""
    return choices[int(rng.integers(len(choices)))]


def year(rng: np.random.Generator) -> str:
    """A year in the ways it is stamped: two digits, four, one, three, or split by a dash or a stop from a month."""
    kind = rng.random()
    if kind < 0.66:
        return string(rng, DIGITS, 2, 2)
    if kind < 0.8:
        return str(rng.integers(1880, 2030))
    if kind < 0.86:
        return string(rng, DIGITS, 1, 1)
    if kind < 0.9:
        return string(rng, DIGITS, 3, 4)
    month = one_of(rng, ROMAN) if rng.random() < 0.3 else str(rng.integers(1, 13))
    return month + one_of(rng, ("-", "-", ".", " ", "/")) + string(rng, DIGITS, 2, 2)


def word(rng: np.random.Generator, low: int = 2, high: int = 4) -> str:
    """A pronounceable word of low to high syllables, in capitals, small letters or both."""
    consonants, vowels = "BCDFGHJKLMNPQRSTVWXYZ", "AEIOU"
    parts = [string(rng, consonants, 1, 1) + string(rng, vowels, 1, 1) for _ in range(int(rng.integers(low, high + 1)))]
    text = "".join(parts) + (string(rng, consonants, 1, 2) if rng.random() < 0.6 else "")
    text = text[1:] if rng.random() < 0.25 else text
    kind = rng.random()
    return text if kind < 0.72 else text.capitalize() if kind < 0.88 else text.lower()


@lru_cache(maxsize=1)
def legends() -> tuple[str, ...]:
    """The calibre legends of the marking set that are written in Latin letters and digits."""
    texts = (text for calibre in load_marking_set().calibres for text in calibre.legends)
    return tuple(sorted({text for text in texts if text.isascii() and not set(text) - set(_LEGEND_CHARACTERS)}))


_LEGEND_CHARACTERS = DIGITS + LATIN + LATIN.lower() + ".,-/&+' "


def calibre(rng: np.random.Generator) -> str:
    """A calibre as stamped: a real legend, or one made of random figures in the same ways."""
    if rng.random() < 0.45:
        return one_of(rng, legends())
    kind = rng.random()
    if kind < 0.25:
        return string(rng, DIGITS, 1, 2) + one_of(rng, ("X", "x", " X ")) + string(rng, DIGITS, 2, 2)
    if kind < 0.5:
        middle = one_of(rng, (".", ".", ","))
        tail = one_of(rng, ("X", "x")) + string(rng, DIGITS, 2, 2) if rng.random() < 0.5 else ""
        return string(rng, DIGITS, 1, 2) + middle + string(rng, DIGITS, 1, 2) + tail
    start = "." if rng.random() < 0.12 else ""
    return start + string(rng, DIGITS, 1, 3) + one_of(rng, CASES)


def arabic(rng: np.random.Generator) -> str:
    """An Arabic or Persian word, or single letters with stops or spaces between."""
    if rng.random() < 0.35:
        return one_of(rng, ARABIC_WORDS)
    alphabet = ARABIC + PERSIAN if rng.random() < 0.25 else ARABIC
    letters = string(rng, alphabet, 1, 3)
    return one_of(rng, (" ", " ", ".", "")).join(letters)


def enclosed(rng: np.random.Generator) -> str:
    """A number, or seldom letters, in a shape."""
    inner = str(rng.integers(1, 100)) if rng.random() < 0.65 else string(rng, LATIN + DIGITS, 1, 2)
    if rng.random() < 0.06:
        inner = string(rng, ARABIC, 1, 1)
    return f"<{inner} in {one_of(rng, SHAPES)}>"


def _mixed(rng: np.random.Generator) -> str:
    """Letters and figures as in lot codes and P-numbers, perhaps with a sign between."""
    first = string(rng, LATIN, 1, 3) if rng.random() < 0.8 else string(rng, DIGITS, 1, 3)
    sign = one_of(rng, ("", "", "-", "-", "&", "/", " ", "."))
    return first + sign + string(rng, DIGITS if rng.random() < 0.6 else LATIN + DIGITS, 1, 3)


def _dotted(rng: np.random.Generator) -> str:
    letters = string(rng, LATIN, 2, 4)
    return ".".join(letters) + ("." if rng.random() < 0.6 else "")


def code(rng: np.random.Generator) -> str:
    """A maker's code: letters, a factory number, letters with stops, another script, or a mixture."""
    draw = _CODES[int(np.searchsorted(_CODE_STEPS, rng.random(), side="right"))]
    return draw(rng)


_CODES = (
    lambda rng: string(rng, LATIN, 1, 5),
    lambda rng: string(rng, DIGITS, 2, 3),
    _mixed,
    _dotted,
    lambda rng: string(rng, LATIN.lower(), 1, 4),
    lambda rng: string(rng, CYRILLIC, 1, 4),
    arabic,
    lambda rng: string(rng, ARABIC_DIGITS, 1, 3),
    lambda rng: string(rng, PERSIAN_DIGITS, 1, 3),
    enclosed,
    lambda rng: string(rng, HEBREW, 1, 4),
    lambda rng: string(rng, CHINESE if rng.random() < 0.85 else KANA, 1, 3),
    lambda rng: string(rng, GREEK, 1, 4),
    lambda rng: one_of(rng, SYMBOLS),
    lambda rng: " ".join(string(rng, LATIN, 2, 3)),
)
_CODE_STEPS = np.cumsum([0.22, 0.15, 0.07, 0.06, 0.07, 0.12, 0.06, 0.035, 0.035, 0.05, 0.03, 0.02, 0.015, 0.02])


def small(rng: np.random.Generator) -> str:
    """A short element for the quarters: year, month, lot letter, symbol, figures of another script."""
    kind = rng.random()
    if kind < 0.32:
        return year(rng)
    if kind < 0.5:
        return string(rng, DIGITS, 1, 2)
    if kind < 0.68:
        return string(rng, LATIN, 1, 2)
    if kind < 0.86:
        return one_of(rng, SYMBOLS)
    if kind < 0.9:
        return string(rng, LATIN.lower(), 1, 2)
    if kind < 0.95:
        return string(rng, ARABIC_DIGITS if rng.random() < 0.5 else PERSIAN_DIGITS, 1, 2)
    return string(rng, CYRILLIC, 1, 2)
