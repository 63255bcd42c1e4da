"""Words that could stand on a mark: what the lattice says by itself, and what is spotted from a vocabulary.

A word is a string at a place, in an orientation, with its gain over nothing (see vision.lattice). Many words overlap
and contradict each other; which of them stand together is decided in explain.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from vision.lattice import Slots, row_slots
from vision.match.spot import Spot, Vocabulary, spot
from vision.types import Floats, Lattice, Word

# A slot speaks for itself when its best character gains this much over nothing.
SOLID_GAIN = 0.4
# Characters of one word stand no farther apart than this (degrees): a third of a turn, as in A - E - P.
WIDEST_GAP = 100.0
# How far (degrees) the same character may sit from its place when another row is asked about it.
SAME_PLACE = 9.0
# At one place: free readings kept, and how far behind the best a word may be.
FREE_KEPT = 5
FAR_BEHIND = 8.0
# The least a character may speak against a word in one look.
WORST_GAIN = -3.0


def find_words(lattice: Lattice, vocabulary: Vocabulary) -> list[Word]:
    """All words of a lattice: free readings of every row and spotted vocabulary, each heard in every row of its
    orientation, best first."""
    words: list[Word] = []
    ears: list[_Ear] = []
    for index in range(len(lattice.rows)):
        slots = row_slots(lattice, index)
        emissions = vocabulary.emissions(slots)
        words.extend(_free_words(slots, lattice.alphabet, circular=lattice.circular))
        for found in spot(vocabulary, slots, emissions, circular=lattice.circular):
            words.append(_word(slots, vocabulary.strings[found.string], found))
        ears.append(_Ear(lattice, index, slots, emissions))
    words = _distinct(sorted(words, key=lambda w: (-w.gain, not w.spotted)))
    characters = {c: i for i, c in enumerate(lattice.alphabet)}
    labels = {c: i for i, c in enumerate(vocabulary.label_characters)}
    heard = [_heard(word, ears, labels if word.spotted else characters) for word in words]
    return sorted(heard, key=lambda w: -w.gain)


class _Ear:
    """What one row says of a character near a place: gains spread over the steps a character may be off by."""

    def __init__(self, lattice: Lattice, index: int, slots: Slots, emissions: Floats) -> None:
        row = lattice.rows[index]
        self.upside_down, self.reader, self.row = row.upside_down, row.reader, index
        self._first = float(row.places[0]) if len(row.places) else 0.0
        self._pitch = slots.pitch * (-1.0 if row.upside_down else 1.0)
        self._circular = lattice.circular
        reach = max(1, round(SAME_PLACE / slots.pitch))
        self._characters = _spread(slots, slots.gains, reach, lattice.circular)
        self._labels = _spread(slots, emissions, reach, lattice.circular)

    def gain(self, angle: float, column: int, *, label: bool) -> float:
        """The gain of a character (of a label, with its ways) near angle."""
        away = (angle - self._first) % (360.0 if self._pitch > 0 else -360.0) if self._circular else angle - self._first
        table = self._labels if label else self._characters
        return float(table[min(max(round(away / self._pitch), 0), len(table) - 1), column])


def _spread(slots: Slots, gains: Floats, reach: int, circular: bool) -> Floats:
    """(steps, columns): the best of gains (slots, columns) within reach steps, WORST_GAIN where there is none."""
    table = np.full((max(1, slots.steps), gains.shape[1]), WORST_GAIN, np.float32)
    table[list(slots.step)] = np.maximum(gains, WORST_GAIN)
    spread = table.copy()
    for step in range(1, reach + 1):
        ahead, behind = np.roll(table, step, axis=0), np.roll(table, -step, axis=0)
        if not circular:
            ahead[:step], behind[-step:] = WORST_GAIN, WORST_GAIN
        np.maximum(spread, ahead, out=spread)
        np.maximum(spread, behind, out=spread)
    return spread


def _word(slots: Slots, text: str, found: Spot) -> Word:
    count = len(slots.step)
    where = [i % count for i in found.slots]
    return Word(
        text,
        slots.upside_down,
        tuple(float(slots.places[i]) for i in where),
        found.gain,
        slots.row,
        tuple(slots.step[i] for i in where),
        spotted=True,
    )


def _free_words(slots: Slots, alphabet: Sequence[str], *, circular: bool) -> Iterable[Word]:
    """The clusters of solid slots at every gap (the nodes of their single-linkage tree), each with its best string, its
    best string of digits, and the strings with one character changed to its runner-up."""
    solid = np.flatnonzero(slots.gains[:, 1:].max(axis=1, initial=-np.inf) > SOLID_GAIN)
    for group in _clusters(slots, solid, circular):
        yield from _readings(slots, group, alphabet)


def _clusters(slots: Slots, solid: np.ndarray, circular: bool) -> list[tuple[int, ...]]:
    """Runs of neighbouring slots no two of which are farther apart than some threshold, for every threshold."""
    count = len(solid)
    if not count:
        return []
    step = np.array(slots.step)[solid].astype(float)
    gaps = np.diff(step, append=step[0] + slots.steps if circular else np.inf) * slots.pitch
    groups: set[tuple[int, ...]] = {(int(i),) for i in solid}
    for threshold in np.unique(gaps[gaps <= WIDEST_GAP]):
        cuts = np.flatnonzero(gaps > threshold)
        if not len(cuts):
            continue
        order = np.roll(np.arange(count), -(int(cuts[0]) + 1))
        run: list[int] = []
        for i in order:
            run.append(int(solid[i]))
            if gaps[i] > threshold:
                groups.add(tuple(run))
                run = []
    return sorted(groups)


def _readings(slots: Slots, group: tuple[int, ...], alphabet: Sequence[str]) -> Iterable[Word]:
    gains = slots.gains[list(group)].copy()
    gains[:, 0] = -np.inf
    ranked = np.argsort(-gains, axis=1)[:, :3]
    best = [int(c) for c in ranked[:, 0]]
    spellings = {tuple(best)}
    for i in range(len(group)):
        for runner_up in ranked[i, 1:]:
            if gains[i, runner_up] > SOLID_GAIN:
                spellings.add((*best[:i], int(runner_up), *best[i + 1 :]))
        if len(group) > 1 and gains[i, best[i]] < 3.0:
            spellings.add((*best[:i], 0, *best[i + 1 :]))
    digits = [i for i, c in enumerate(alphabet) if len(c) == 1 and c.isdecimal()]
    if len(group) <= 6 and digits:
        spellings.add(tuple(digits[int(np.argmax(g[digits]))] for g in gains))
    for spelling in spellings:
        used = [(i, c) for i, c in zip(group, spelling, strict=True) if c]
        for part in {(0, len(used)), *_parts([alphabet[c] for _, c in used])}:
            letters = used[slice(*part)]
            yield Word(
                "".join(alphabet[c] for _, c in letters),
                slots.upside_down,
                tuple(float(slots.places[i]) for i, _ in letters),
                float(sum(slots.gains[i, c] for i, c in letters)),
                slots.row,
                tuple(slots.step[i] for i, _ in letters),
                spotted=False,
            )


def _parts(characters: Sequence[str]) -> list[tuple[int, int]]:
    """Where the pieces between hyphens, dots and quotes stand: MEN-82-23 is also MEN, 82 and 23."""
    bounds = [-1, *(i for i, c in enumerate(characters) if not c.isalnum()), len(characters)]
    pieces = [(a + 1, b) for a, b in pairwise(bounds) if b > a + 1]
    return pieces if len(pieces) > 1 else []


def _heard(word: Word, ears: Sequence[_Ear], columns: Mapping[str, int]) -> Word:
    """The word with its gain averaged over one reader's rows of its orientation, each asked near the places of its
    characters; of several readers the surest counts, so that one which saw nothing there does not veto."""
    looks = {ears[word.row].reader: [word.gain]}
    for ear in ears:
        if ear.row == word.row or ear.upside_down != word.upside_down:
            continue
        asked = zip(word.text, word.angles, strict=True)
        heard = sum(ear.gain(angle, columns.get(c, 0), label=word.spotted) for c, angle in asked)
        looks.setdefault(ear.reader, []).append(heard)
    return replace(word, gain=max(sum(gains) / len(gains) for gains in looks.values()))


def _distinct(words: Iterable[Word]) -> list[Word]:
    """One word for each string, orientation and place (within a few degrees), the best, and at one place only words
    whose gain comes near the best one's: the others are parts or misreadings of it that could never be preferred."""
    seen: set[tuple[str, bool, int]] = set()
    best_at: dict[tuple[bool, int, int], list[float]] = {}
    kept: list[Word] = []
    for word in words:
        middle = round(word.middle() / 8.0)
        if not word.text or {(word.text, word.upside_down, (middle + d) % 45) for d in (-1, 0, 1)} & seen:
            continue
        first, last = word.places()
        gains = best_at.setdefault((word.upside_down, round(first / 10.0), round(last / 10.0)), [])
        if gains and (word.gain < gains[0] - FAR_BEHIND or (not word.spotted and len(gains) >= FREE_KEPT)):
            continue
        if not word.spotted or not gains:
            gains.append(word.gain)
        seen.add((word.text, word.upside_down, middle % 45))
        kept.append(word)
    return kept
