"""Words that could stand on a mark: what is spotted from a vocabulary, at its place, heard in every look.

A word is a string at a place, in an orientation, with its gain over nothing (see vision.lattice). Many words overlap
and contradict each other; which of them stand together is decided in explain.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from vision.catalogue.lookalikes import fold
from vision.lattice import Slots
from vision.match.free import free_words
from vision.match.sight import Sight
from vision.match.spot import Spot, spot
from vision.match.tokens import tokens
from vision.match.vocabulary import Vocabulary
from vision.types import Floats, Lattice, LatticeRow, Word

# How far (degrees) the same character may sit from its place when another row is asked about it.
SAME_PLACE = 9.0
# At one place: free readings kept, and how far behind the best a word may be.
FREE_KEPT = 5
FAR_BEHIND = 8.0
# The least a character may speak against a word in one look.
WORST_GAIN = -3.0

# For a character what it may be read as: numbers in the alphabet, each with its log-probability.
Readings = Mapping[str, Sequence[tuple[int, float]]]


def find_words(lattice: Lattice, vocabulary: Vocabulary) -> list[Word]:
    """All words of a lattice: free readings of every row and spotted vocabulary, each heard in every row of its
    orientation, best first."""
    sight = Sight(lattice)
    words = [*free_words(lattice, sight), *spotted_words(vocabulary, sight, spot(vocabulary, sight))]
    return Listener(lattice, sight, vocabulary.readings).heard(distinct(words))


def spotted_words(vocabulary: Vocabulary, sight: Sight, spots: Iterable[Spot]) -> list[Word]:
    """Spots as words."""
    places = [slots.places.tolist() for slots in sight.slots]
    words = []
    for found in spots:
        slots = sight.slots[found.row]
        angles = tuple(places[found.row][i] for i in found.slots)
        steps = tuple(slots.step[i] for i in found.slots)
        text = vocabulary.strings[found.string]
        words.append(Word(text, slots.upside_down, angles, found.gain, slots.row, steps, spotted=True))
    return words


def _near(characters: Sequence[str], angles: Sequence[float], *, circular: bool) -> list[float]:
    """How far from its place each character may be heard: less than half way to a neighbour that is the same, or one
    character would be heard as two."""
    near = [SAME_PLACE] * len(angles)
    for i, ((one, a), (other, b)) in enumerate(pairwise(zip(characters, angles, strict=True))):
        if fold(one) == fold(other):
            half = abs((b - a + 180.0) % 360.0 - 180.0 if circular else b - a) / 2.0
            near[i], near[i + 1] = min(near[i], half), min(near[i + 1], half)
    return near


class Listener:
    """Asks the other looks of an orientation about the words that one look gave. readings must know every character
    of the spotted words."""

    def __init__(self, lattice: Lattice, sight: Sight, readings: Readings) -> None:
        self._rows, self._sight, self._readings = lattice.rows, sight, readings
        self._circular = lattice.circular
        ways = [row.upside_down for row in lattice.rows]
        self._asks = {way for way in (False, True) if ways.count(way) > 1}
        self._characters = {c: i for i, c in enumerate(lattice.alphabet)}
        self._ears: dict[int, _Ear] = {}

    def heard(self, words: Iterable[Word]) -> list[Word]:
        """The words, best first, each with its gain averaged over one reader's rows of its orientation, each asked near
        the places of its characters; of several readers the surest counts, so that one which saw nothing there does not
        veto."""
        heard = [self._heard(w) if w.upside_down in self._asks else w for w in words]
        return sorted(heard, key=lambda w: -w.gain)

    def _heard(self, word: Word) -> Word:
        looks = {self._rows[word.row].reader: [word.gain]}
        spelled = tokens(word.text)
        known = [self._known(c, word) for c in spelled]
        near = _near(spelled, word.angles, circular=self._circular)
        for index, row in enumerate(self._rows):
            if index != word.row and row.upside_down == word.upside_down:
                ear = self._ear(index)
                asked = zip(word.angles, known, near, strict=True)
                looks.setdefault(row.reader, []).append(sum(ear.gain(angle, some, off) for angle, some, off in asked))
        return replace(word, gain=max(sum(gains) / len(gains) for gains in looks.values()))

    def _known(self, character: str, word: Word) -> Sequence[tuple[int, float]]:
        if word.spotted:
            return self._readings[character]
        return ((self._characters.get(character, self._characters.get(fold(character), 0)), 0.0),)

    def _ear(self, index: int) -> _Ear:
        if index not in self._ears:
            self._ears[index] = _Ear(self._rows[index], self._sight.slots[index], self._circular)
        return self._ears[index]


class _Ear:
    """What one row says of a character near a place: gains spread over the steps a character may be off by."""

    def __init__(self, row: LatticeRow, slots: Slots, circular: bool) -> None:
        self._first = float(row.places[0]) if len(row.places) else 0.0
        self._pitch = slots.pitch * (-1.0 if row.upside_down else 1.0)
        self._circular = circular
        self._slots = slots
        self._tables: dict[int, list[list[float]]] = {}

    def gain(self, angle: float, readings: Sequence[tuple[int, float]], off: float) -> float:
        """The best gain of what a character may be read as within off (degrees) of angle."""
        pitch = self._slots.pitch
        table = self._table(
            max(1, round(SAME_PLACE / pitch)) if off >= SAME_PLACE else max(0, math.ceil(off / pitch - 1e-3) - 1)
        )
        away = (angle - self._first) % (360.0 if self._pitch > 0 else -360.0) if self._circular else angle - self._first
        near = table[min(max(round(away / self._pitch), 0), len(table) - 1)]
        return max(WORST_GAIN, max(near[i] + cost for i, cost in readings))

    def _table(self, reach: int) -> list[list[float]]:
        if reach not in self._tables:
            self._tables[reach] = _spread(self._slots, reach, self._circular).tolist()
        return self._tables[reach]


def _spread(slots: Slots, reach: int, circular: bool) -> Floats:
    """(steps, characters): the best gains within reach steps, -inf where nothing stands."""
    table = np.full((max(1, slots.steps), slots.gains.shape[1]), -np.inf, np.float32)
    table[list(slots.step)] = slots.gains
    spread = table.copy()
    for step in range(1, reach + 1):
        ahead, behind = np.roll(table, step, axis=0), np.roll(table, -step, axis=0)
        if not circular:
            ahead[:step], behind[-step:] = -np.inf, -np.inf
        np.maximum(spread, ahead, out=spread)
        np.maximum(spread, behind, out=spread)
    return spread


def distinct(words: Iterable[Word]) -> list[Word]:
    """One word for each string, orientation and place (within a few degrees), the best, and at one place only words
    whose gain comes near the best one's: the others are parts or misreadings of it that could never be preferred."""
    seen: set[tuple[str, bool, int]] = set()
    best_at: dict[tuple[bool, bool, int, int], list[float]] = {}
    kept: list[Word] = []
    for word in sorted(words, key=lambda w: (-w.gain, not w.spotted)):
        text, way = word.text, word.upside_down
        first, last = word.places()
        middle = round((first + last) / 2.0 % 360.0 / 8.0)
        if not text or any((text, way, (middle + d) % 45) in seen for d in (0, -1, 1)):
            continue
        # Spotted words only against spotted ones: a free reading that counts one letter twice gains more than is there.
        gains = best_at.setdefault((word.spotted, way, round(first / 10.0), round(last / 10.0)), [])
        if gains and (word.gain < gains[0] - FAR_BEHIND or (not word.spotted and len(gains) >= FREE_KEPT)):
            continue
        gains.append(word.gain)
        seen.add((text, way, middle % 45))
        kept.append(word)
    return kept
