"""Words that straight marks are known to bear: they part what is struck without spaces, and settle one doubtful letter.

MADEINITALY is three words on many a slide, and a worn Q looks like an O. A word of letters that is not known is parted
where all its parts are, or takes one other letter where that makes it known and the reader saw that letter too. Numbers
are never touched: nothing says what a serial should be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from vision.catalogue.schema import MarkingSet
from vision.lattice import FLOOR
from vision.types import Lattice, Word

# Words of no table that stand on arms, crates and tins of many makers.
COMMON = """
    MADE IN BY OF THE FOR AND MODEL MOD MODELE MODELLO CAL CALIBER CALIBRE AUTO AUTOMATIC PISTOL RIFLE ALARM POWER
    ARMS FACTORY COMPANY PATENT PATENTED BREVET BREVETE LOT BATCH BALL TRACER CARTRIDGES ROUNDS GRENADE ROCKET MORTAR
    FUZE SHOTS DATE GROSS NET WEIGHT EXPLOSIVE DANGER POLICE ARMY MILITARY PROPERTY GOVERNMENT USA USSR UK PAK
"""
# Letters from which a part may be joined to others, and a word may have one of its letters changed.
LEAST_PARTED, LEAST_SETTLED = 6, 6
# Short parts that are words: others of two letters would part anything.
SHORT = frozenset({"IN", "BY", "OF", "DE"})
# What the reader must have given the other letter at least, at its place.
LEAST_SEEN = 1e-3
_WORDS = re.compile(r"[^\W\d_]{2,}")


def known_words(markings: MarkingSet) -> frozenset[str]:
    """The words of a marking set's makers, cities and countries, and COMMON, in capitals."""
    texts = [text for p in markings.patterns for text in (p.manufacturer, p.manufacturer_native, p.city, p.code)]
    found = {word.upper() for text in [*texts, *markings.countries.values()] for word in _WORDS.findall(text)}
    return frozenset({word for word in found if len(word) > 3} | set(COMMON.split()))


def as_known(words: Iterable[Word], lattice: Lattice, known: frozenset[str]) -> list[Word]:
    """The words of one line, each parted or settled where the known words say so."""
    return [part for word in words for part in _parted(_settled(word, lattice, known), known)]


def _plain(word: Word) -> str:
    """The word in capitals when it is letters alone, else nothing."""
    return word.text.upper() if word.text.isalpha() and len(word.text) == len(word.steps) else ""


def _settled(word: Word, lattice: Lattice, known: frozenset[str]) -> Word:
    """The word with the one letter changed that makes it known, of several the one that was seen most."""
    text = _plain(word)
    if len(text) < LEAST_SETTLED or text in known or _parts(text, known):
        return word
    best, settled = LEAST_SEEN, word
    for i, step in enumerate(word.steps):
        seen = np.exp(lattice.rows[word.row].log_probs[step]) * (1.0 - FLOOR)
        for column in map(int, np.flatnonzero(seen > best)):
            letter = lattice.alphabet[column]
            changed = text[:i] + letter.upper() + text[i + 1 :]
            if len(letter) == 1 and letter.upper() != text[i] and (changed in known or _parts(changed, known)):
                best, settled = float(seen[column]), replace(word, text=word.text[:i] + letter + word.text[i + 1 :])
    return settled


def _parted(word: Word, known: frozenset[str]) -> list[Word]:
    """The word as the known words it consists of; as it is where it is known, or is none."""
    text = _plain(word)
    lengths = [len(part) for part in _parts(text, known)] if len(text) >= LEAST_PARTED and text not in known else []
    cuts = [0, *np.cumsum(lengths).tolist()]
    if len(cuts) < 3:
        return [word]
    return [
        replace(
            word,
            text=word.text[a:b],
            angles=word.angles[a:b],
            steps=word.steps[a:b],
            gain=word.gain * (b - a) / len(text),
        )
        for a, b in pairwise(cuts)
    ]


def _parts(text: str, known: frozenset[str]) -> list[str]:
    """Two or more known words that make up the text, as few as possible; none where that cannot be done."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(text) + 1):
        ways = [
            [*before, text[start:end]]
            for start in range(end)
            if (before := best[start]) is not None
            and (text[start:end] in SHORT or (end - start > 2 and text[start:end] in known))
        ]
        best.append(min(ways, key=len, default=None))
    found = best[-1] or []
    return found if len(found) > 1 else []
