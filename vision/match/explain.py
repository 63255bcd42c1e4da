"""What a word is worth, and which words stand together on a mark.

An explanation is a choice of words that do not overlap, each in a role: the pattern's code, a year, a calibre, a sign,
or something else. Its score is the log-likelihood of what the lattice saw (the words' gains) plus the log-probability
of striking just these words given the pattern: a known code costs nothing once its pattern is chosen, a year the
pattern can bear little, words that no rule explains as much as guessing their characters one by one. The explanation
without any pattern pays for everything that way, and is what a mark outside the marking set looks like.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from vision.match.tokens import is_symbol, tokens
from vision.types import Placed, Role, Word

# Evidence counts less than the network claims: its steps see each other, and it was trained on ink.
EVIDENCE = 0.8
# Log-probabilities of striking a word that no rule explains: to have one, and each character of it.
OTHER_WORD = -2.5
OTHER_DIGIT = -2.4
OTHER_CAPITAL = -3.1
OTHER_SMALL = -3.7
OTHER_SIGN = -4.2
# A symbol, by itself or round a number: dots and stars are decoration and stand on many heads.
OTHER_SYMBOL = -3.0
# Degrees two neighbouring words keep between their nearest characters.
APART = 7.0
# Wide gaps inside a word are rare, uneven ones rarer (nats a doubling beyond the usual, nats a degree beyond 45).
UNEVEN = 3.0
WIDE = 0.03
# How many times the usual gap, or a part of it, is nothing uneven.
AS_USUAL = 2.0**0.8

Values = npt.NDArray[np.float64]


@lru_cache(maxsize=1 << 16)
def other_cost(text: str) -> float:
    """Log-probability of a word no rule explains."""
    if is_symbol(text):
        return OTHER_SYMBOL
    return OTHER_WORD + sum(map(character_cost, tokens(text)))


@lru_cache(maxsize=2048)
def character_cost(character: str) -> float:
    """Log-probability of one character of such a word."""
    if len(character) > 1:
        return OTHER_SYMBOL
    if character.isdecimal():
        return OTHER_DIGIT
    if character.isupper() or not character.isascii():
        return OTHER_CAPITAL
    return OTHER_SMALL if character.islower() else OTHER_SIGN


def evidence(word: Word) -> float:
    """What a word's place on the metal says for it, in nats: its gain and its spacing, before what it may mean."""
    return EVIDENCE * word.gain + spacing_cost(word)


def spacing_cost(word: Word) -> float:
    """Log-probability of the word's spacing: letters stand about evenly, and rarely a long way apart. A frame stands
    wherever its number does."""
    angles = word.angles
    if "<" in word.text:
        angles = tuple(a for a, c in zip(angles, tokens(word.text), strict=True) if len(c) == 1)
    if len(angles) < 2:
        return 0.0
    if word.upside_down:
        angles = angles[::-1]
    gaps = [(b - a) % 360.0 for a, b in pairwise(angles)]
    usual = gaps[0] if len(gaps) == 1 else sorted(gaps)[len(gaps) // 2]
    least = max(usual, 1.0)
    uneven = 0.0
    for gap in gaps:
        share = max(gap, 1.0) / least
        if share > AS_USUAL or share * AS_USUAL < 1.0:
            uneven += abs(math.log2(share)) - 0.8
    return -UNEVEN * uneven - WIDE * max(0.0, usual - 45.0)


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A word that may stand in one role, with what it adds in each of the cases looked at: values (cases,), or one
    for all."""

    word: Word
    role: Role
    values: Values


class Arranged:
    """The best choice of words in many cases at once. Each case has one word that stands for sure; the ring is cut open
    there, and the rest is weighted interval scheduling over (words by their end, years used).

    totals (cases,) is the best sum of values, the sure word's own not included; dated (cases,) says whether the sure
    word is the one year a head bears at most.
    """

    def __init__(self, choices: Sequence[Choice], sure: Sequence[Word], dated: npt.NDArray[np.bool_]) -> None:
        self._dated = dated
        spans = [choice.word.places() for choice in choices]
        self._order = sorted(
            (last + turn, first + turn, choice.word.text, i)
            for i, (choice, (first, last)) in enumerate(zip(choices, spans, strict=True))
            for turn in (0.0, 360.0)
        )
        self._choices = [choices[o[3]] for o in self._order]
        last, first = np.array([o[:2] for o in self._order]).reshape(-1, 2).T
        self._before = np.searchsorted(last, first - APART, side="right").tolist()
        self._totals = self._schedule(np.array([w.places() for w in sure]).reshape(-1, 2))
        # (cases, 2, words): where one more word adds something.
        self._rises = np.ascontiguousarray((self._totals[1:] > self._totals[:-1]).transpose(2, 1, 0))
        self.totals: Values = np.where(dated, self._totals[-1, 0], self._totals[-1, 1])

    def _schedule(self, sure: Values) -> Values:
        """(words + 1, 2, cases): the best sum of the words so far with no year, and with at most one."""
        count = len(self._order)
        totals = np.zeros((count + 1, 2, len(sure)))
        if not count or not len(sure):
            return totals
        last, first = np.array([o[:2] for o in self._order]).T
        room = (first[:, None] >= sure[:, 1] + APART) & (last[:, None] <= sure[:, 0] + 360.0 - APART)
        values = np.empty(room.shape)
        for row, choice in zip(values, self._choices, strict=True):
            row[:] = choice.values
        values[~room | (values <= 0.0)] = -np.inf
        for i, choice in enumerate(self._choices):
            with_it = totals[self._before[i]] + values[i]
            if choice.role == "year":
                totals[i + 1, 0] = totals[i, 0]
                np.maximum(totals[i, 1], with_it[0], out=totals[i + 1, 1])
            else:
                np.maximum(totals[i], with_it, out=totals[i + 1])
        return totals

    def chosen(self, case: int) -> list[Placed]:
        """The words of the best choice of one case, the sure one left out."""
        worth = [np.flatnonzero(rises).tolist() for rises in self._rises[case]]
        placed = []
        i, used = len(self._order), 0 if self._dated[case] else 1
        while (at := bisect_left(worth[used], i)) > 0:
            i = worth[used][at - 1]
            choice = self._choices[i]
            value = choice.values[case] if len(choice.values) > 1 else choice.values[0]
            placed.append(Placed(choice.word, choice.role, float(value)))
            i, used = self._before[i], used - (choice.role == "year")
        return placed


def clockwise(placed: Sequence[Placed]) -> tuple[Placed, ...]:
    """Placed words from 12 o'clock on."""
    return tuple(sorted(placed, key=lambda p: p.word.places()[0] % 360.0))


def best_together(choices: Sequence[Placed], forced: Placed | None = None) -> tuple[float, tuple[Placed, ...]]:
    """The best sum of values of choices that do not overlap each other nor the forced one, and that choice, clockwise.

    At most one of them is a year.
    """
    useful = worth_placing(choices)
    sure = [forced] if forced is not None else useful
    if not sure:
        return 0.0, ()
    arranged = Arranged(
        [Choice(c.word, c.role, np.array([c.value])) for c in useful],
        [s.word for s in sure],
        np.array([s.role == "year" for s in sure]),
    )
    totals = arranged.totals + [s.value for s in sure]
    best = int(np.argmax(totals))
    return float(totals[best]), clockwise([*arranged.chosen(best), sure[best]])


def worth_placing(choices: Sequence[Placed], beside: Sequence[Placed] | None = None) -> list[Placed]:
    """The choices that add something and are not beaten by another (of beside, when given) that takes less room: such
    a one could stand in their stead everywhere. A year does not stand in for another word."""
    some = sorted((c for c in choices if c.value > 0.0), key=lambda c: -c.value)
    others = some if beside is None else beside
    if not some or not others:
        return some
    first, last, value = np.array([(*c.word.places(), c.value) for c in some]).T[:, :, None]
    inner, outer, better = np.array([(*c.word.places(), c.value) for c in others]).T
    inside = (inner - first) % 360.0 + (outer - inner) <= last - first
    year = np.array([c.role == "year" for c in some])[:, None] | np.array([c.role != "year" for c in others])
    beats = inside & year & (better >= value)
    if beside is None:
        beats = np.tril(beats, -1)
    return [c for c, beaten in zip(some, beats.any(axis=1), strict=True) if not beaten]


# Cells of the ring that Reach counts in, each 5 degrees: less than words keep apart.
CELLS = 72
CELL = 360.0 / CELLS


class Reach:
    """No less than what words can add in every stretch of the ring, in cells of 5 degrees: quick to ask for thousands
    of stretches, and a bound, since words are counted where they touch a stretch's first cell and years are not."""

    def __init__(self, choices: Sequence[Placed]) -> None:
        best: dict[tuple[int, int], float] = {}
        for choice in choices:
            first, last = choice.word.places()
            span = int(first // CELL), int((last + APART) // CELL)
            best[span] = max(best.get(span, 0.0), choice.value)
        ending: dict[int, list[tuple[int, float]]] = {}
        for (start, end), value in best.items():
            for turn in (0, CELLS):
                ending.setdefault(end + turn, []).append((start + turn, value))
        # [x, c]: the best sum of words that stand from cell c on and have ended, room kept, by cell x.
        table = np.full((2 * CELLS + 2, CELLS), -np.inf)
        for x in range(len(table)):
            if x < CELLS:
                table[x, x] = 0.0
            if x:
                np.maximum(table[x], table[x - 1], out=table[x])
            for start, value in ending.get(x, ()):
                np.maximum(table[x], table[start] + value, out=table[x])
        self._table = np.maximum(table, 0.0)

    def beside(self, first: npt.ArrayLike, last: npt.ArrayLike) -> Values:
        """The most that words can add beside one that stands from first to last (degrees, first in 0..360)."""
        first, last = np.asarray(first, np.float64), np.asarray(last, np.float64)
        start = ((last + APART) // CELL).astype(np.int64)
        end = ((first + 360.0) // CELL).astype(np.int64)
        turn = np.where(start >= CELLS, CELLS, 0)
        return np.asarray(self._table[np.maximum(end - turn, 0), (start - turn) % CELLS])
