"""What speaks against a word in the letters round it: one left unread right beside its own, or between them, and
letters crammed closer than the mark's letters stand.

A mark's letters stand about evenly, and words leave a gap between them. So a letter one pitch away from a word's end
says that the word goes on: XIM is no IM with an X to spare, and DKC no KC. A string that needs a letter between two
that stand no farther apart than others of the mark (B&P where BP stands) conjures it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from vision.lattice import Slots
from vision.match.sight import Sight
from vision.match.tokens import is_symbol, tokens
from vision.types import Lattice, Word

# Letters that gain this much (nats) tell a mark's pitch; two farther apart than this (degrees) don't.
STRONG_GAIN = 3.0
WIDEST_PITCH = 22.0
# How many times the pitch from a word's end the next letter of the same word would stand.
NEXT_FROM, NEXT_TO = 0.6, 1.35
# Two letters of a word have none between them nearer than this many times the pitch, and are looked between when they
# are less than so many degrees apart.
BETWEEN, BETWEEN_DEG = 0.6, 60.0
# What a letter left unread costs for each nat it gains beyond what dirt does, and at most; between letters a share of
# it, since the word's own row has paid for passing over it.
UNREAD, DIRT_GAIN, MOST_UNREAD = 0.8, 1.0, 5.0
BETWEEN_SHARE = 0.5
# Letters this many times the pitch apart are not crammed; what each halving below costs (nats). Some are narrow.
CRAMMED, CRAMMED_COST = 0.7, 3.0
NARROW = frozenset("1Iilj!'.,:-")
# Looks place a letter up to so many degrees differently; it is looked up in cells of half a degree.
SMEARED = 3.0
CELLS_DEG = 2
CELLS = 360 * CELLS_DEG

Values = npt.NDArray[np.float64]


class Beside:
    """The letters of a lattice by place, for asking what stands beside words. pitch: degrees from letter to letter, 0
    where too few stand together to tell."""

    def __init__(self, lattice: Lattice, sight: Sight) -> None:
        letters = np.array([len(c) == 1 and c.isalnum() for c in lattice.alphabet])
        gains = [slots.gains[:, letters].max(axis=1, initial=0.0) for slots in sight.slots]
        self.pitch = _pitch(sight.slots, gains)
        self._most = [_Most(self._seen(lattice, sight, gains, upside_down=way)) for way in (False, True)]
        self._told: dict[tuple[str, bool, tuple[float, ...]], float] = {}

    def _seen(self, lattice: Lattice, sight: Sight, gains: Sequence[Values], *, upside_down: bool) -> Values:
        """(CELLS,): what the best letter at each place gains on the average of one reader's looks, the surest reader's;
        as Listener hears words."""
        reach = np.arange(-round(SMEARED * CELLS_DEG), round(SMEARED * CELLS_DEG) + 1)
        by_reader: dict[str, list[Values]] = {}
        for slots, gain in zip(sight.slots, gains, strict=True):
            if slots.upside_down == upside_down:
                look = np.zeros(CELLS)
                cells = np.rint(slots.places.astype(np.float64) * CELLS_DEG).astype(np.int64)
                np.maximum.at(look, (cells[:, None] + reach) % CELLS, gain[:, None])
                by_reader.setdefault(lattice.rows[slots.row].reader, []).append(look)
        means = [np.mean(looks, axis=0) for looks in by_reader.values()]
        return np.max(means, axis=0) if means else np.zeros(CELLS)

    def costs(self, words: Sequence[Word]) -> list[float]:
        """One a word, 0 or less: how much what stands round its letters speaks against it (nats). A word at its place
        is asked about once, whatever it gains."""
        keys = [(word.text, word.upside_down, word.angles) for word in words]
        fresh = {key: word for key, word in zip(keys, words, strict=True) if key not in self._told}
        self._told.update(zip(fresh, self._costs(list(fresh.values())), strict=True))
        return [self._told[key] for key in keys]

    def _costs(self, words: Sequence[Word]) -> list[float]:
        costs = np.zeros(len(words))
        asked: tuple[list[tuple[int, float, float, float]], ...] = ([], [])
        for n, word in enumerate(words):
            places, characters = _letters(word)
            if not places:
                continue
            gaps = [b - a for a, b in pairwise(places)]
            costs[n] = -CRAMMED_COST * self._crammed(characters, gaps)
            # Of two gaps the wider: beside an I letters stand closer.
            pitch = sorted(gaps)[len(gaps) // 2] if len(gaps) > 1 else self.pitch or sum(gaps)
            if not 0.0 < pitch <= WIDEST_PITCH:
                continue
            some = asked[word.upside_down]
            some.append((n, places[-1] + NEXT_FROM * pitch, places[-1] + NEXT_TO * pitch, UNREAD))
            some.append((n, places[0] - NEXT_TO * pitch, places[0] - NEXT_FROM * pitch, UNREAD))
            aside = BETWEEN * pitch
            for first, gap in zip(places, gaps, strict=False):
                if 2.0 * aside < gap < BETWEEN_DEG:
                    some.append((n, first + aside, first + gap - aside, UNREAD * BETWEEN_SHARE))
        for one, most in zip(asked, self._most, strict=True):
            if one:
                number, begin, end, share = np.array(one).T
                unread = np.maximum(most.between(begin + SMEARED, end - SMEARED) - DIRT_GAIN, 0.0)
                cost = np.minimum(share * unread, share / UNREAD * MOST_UNREAD)
                costs -= np.bincount(number.astype(np.int64), cost, len(words))
        return [float(cost) for cost in costs]

    def _crammed(self, characters: Sequence[str], gaps: Sequence[float]) -> float:
        """How often the gaps between wide letters would have to be doubled to be as wide as letters stand."""
        least = CRAMMED * self.pitch
        return sum(
            math.log2(least / max(gap, 1.0))
            for (a, b), gap in zip(pairwise(characters), gaps, strict=True)
            if gap < least and a not in NARROW and b not in NARROW
        )


def _letters(word: Word) -> tuple[list[float], list[str]]:
    """The letters and digits of a word, clockwise: their places, rising from the first, and what they are."""
    if is_symbol(word.text):
        return [], []
    some = [(a, c) for a, c in zip(word.angles, tokens(word.text), strict=True) if c.isalnum()]
    if word.upside_down:
        some.reverse()
    first = some[0][0] if some else 0.0
    return [first + (a - first) % 360.0 for a, _ in some], [c for _, c in some]


def _pitch(rows: Sequence[Slots], gains: Sequence[Values]) -> float:
    """The median gap between neighbouring strong letters of a row; 0 where fewer than two gaps tell."""
    gaps: list[float] = []
    for slots, gain in zip(rows, gains, strict=True):
        places = np.sort(slots.places[gain > STRONG_GAIN].astype(np.float64) % 360.0)
        if len(places) > 1:
            between = np.diff(places, append=places[0] + 360.0)
            gaps += between[between <= WIDEST_PITCH].tolist()
    return sorted(gaps)[len(gaps) // 2] if len(gaps) > 1 else 0.0


class _Most:
    """The most of a ring's cells in any stretch, by tables of stretches of 1, 2, 4 ... cells."""

    def __init__(self, seen: Values) -> None:
        tables = [seen]
        while 1 << len(tables) <= int(BETWEEN_DEG) * CELLS_DEG:
            tables.append(np.maximum(tables[-1], np.roll(tables[-1], -(1 << (len(tables) - 1)))))
        self._tables = np.array(tables)

    def between(self, begin: Values, end: Values) -> Values:
        """The most from begin to end (degrees); in the middle of the two where the end comes first."""
        middle = (begin + end) / 2.0
        first, last = (
            np.rint(np.where(end < begin, middle, edge) * CELLS_DEG).astype(np.int64) for edge in (begin, end)
        )
        level = np.log2(last - first + 1).astype(np.int64)
        left, right = first % CELLS, (last + 1 - (1 << level)) % CELLS
        return np.asarray(np.maximum(self._tables[level, left], self._tables[level, right]), np.float64)
