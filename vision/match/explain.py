"""Which words stand together on a mark, under each pattern and under none.

An explanation is a choice of words that do not overlap, each in a role: the pattern's code, a year, a calibre, a sign,
or something else. Its score is the log-likelihood of what the lattice saw (the words' gains) plus the log-probability
of striking just these words given the pattern: a known code costs nothing once its pattern is chosen, a year the
pattern can bear little, words that no rule explains as much as guessing their characters one by one. The explanation
without any pattern pays for everything that way, and is what a mark outside the marking set looks like.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from vision.types import Placed, Word

# Evidence counts less than the network claims: its steps see each other, and it was trained on ink.
EVIDENCE = 0.8
# Log-probabilities of striking a word that no rule explains: to have one, and each character of it.
OTHER_WORD = -2.5
OTHER_DIGIT = -2.4
OTHER_CAPITAL = -3.1
OTHER_SMALL = -3.7
OTHER_SIGN = -4.2
# Degrees two neighbouring words keep between their nearest characters.
APART = 7.0
# Wide gaps inside a word are rare, uneven ones rarer (nats a doubling beyond the usual, nats a degree beyond 45).
UNEVEN = 1.2
WIDE = 0.02


def other_cost(text: str) -> float:
    """Log-probability of a word no rule explains."""
    total = OTHER_WORD
    for c in text:
        if c.isdecimal():
            total += OTHER_DIGIT
        elif c.isupper() or not c.isascii():
            total += OTHER_CAPITAL
        elif c.islower():
            total += OTHER_SMALL
        else:
            total += OTHER_SIGN
    return total


def evidence(word: Word) -> float:
    """What a word's place on the metal says for it, in nats: its gain and its spacing, before what it may mean."""
    return EVIDENCE * word.gain + spacing_cost(word)


def spacing_cost(word: Word) -> float:
    """Log-probability of the word's spacing: letters stand about evenly, and rarely a long way apart."""
    if len(word.angles) < 2:
        return 0.0
    angles = word.angles[::-1] if word.upside_down else word.angles
    gaps = [(b - a) % 360.0 for a, b in pairwise(angles)]
    usual = sorted(gaps)[len(gaps) // 2]
    uneven = sum(max(0.0, abs(math.log2(max(g, 1.0) / max(usual, 1.0))) - 0.8) for g in gaps)
    return -UNEVEN * uneven - WIDE * max(0.0, usual - 45.0)


def best_together(choices: Sequence[Placed], forced: Placed | None = None) -> tuple[float, tuple[Placed, ...]]:
    """The best sum of values of choices that do not overlap each other nor the forced one, and that choice, clockwise.

    At most one of them is a year. The ring is cut at the forced word's start (without one, at each of the best choices
    in turn).
    """
    if forced is not None:
        return _cut_at(choices, forced)
    best: tuple[float, tuple[Placed, ...]] = (0.0, ())
    for seed in sorted(choices, key=lambda c: -c.value)[:6]:
        found = _cut_at(choices, seed)
        if found[0] > best[0]:
            best = found
    return best


def _cut_at(choices: Sequence[Placed], forced: Placed) -> tuple[float, tuple[Placed, ...]]:
    """Weighted interval scheduling on the ring cut open at forced, over (intervals, years used)."""
    start, last = forced.word.places()
    after = last - start + APART
    usable: list[tuple[float, float, Placed]] = []
    for choice in choices:
        first, end = choice.word.places()
        begin = (first - start) % 360.0
        end = begin + end - first
        if choice.value > 0.0 and begin >= after and end <= 360.0 - APART:
            usable.append((end, begin, choice))
    usable.sort(key=lambda u: (u[0], u[1], u[2].word.text))
    ends = [u[0] for u in usable]
    dated = forced.role == "year"
    totals: list[list[float]] = [[0.0, 0.0]]  # [intervals so far][years used at most]
    picks: list[list[tuple[int, int, bool]]] = [[(0, 0, False), (0, 1, False)]]
    for i, (_, begin, choice) in enumerate(usable):
        before = bisect_right(ends, begin - APART, 0, i)
        total, pick = [], []
        for used in (0, 1):
            left = used - (choice.role == "year")
            taken = totals[before][left] + choice.value if left >= 0 else -1.0
            if taken > totals[i][used]:
                total.append(taken)
                pick.append((before, left, True))
            else:
                total.append(totals[i][used])
                pick.append((i, used, False))
        totals.append(total)
        picks.append(pick)
    chosen = [forced]
    i, used = len(usable), 0 if dated else 1
    best = totals[-1][used]
    while i > 0:
        before, left, taken_it = picks[i][used]
        if taken_it:
            chosen.append(usable[i - 1][2])
        i, used = before, left
    chosen.sort(key=lambda p: p.word.places()[0] % 360.0)
    return best + forced.value, tuple(chosen)
