"""Words that the lattice says by itself: what stands together is read as it looks, known or not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from vision.lattice import Slots
from vision.match.explain import EVIDENCE, OTHER_WORD, character_cost
from vision.match.scripts import in_one_script
from vision.match.sight import Sight
from vision.match.tokens import FRAMES
from vision.types import Lattice, Word

# A slot speaks for itself when its best character gains this much over nothing.
SOLID_GAIN = 0.4
# A slot may be left out of a word when its best character gains less than this.
DOUBTFUL_GAIN = 3.0
# Characters of one word stand no farther apart than this (degrees): a third of a turn, as in A - E - P.
WIDEST_GAP = 100.0
# A frame stands at the place of its number: no farther before its first digit than this (degrees).
FRAME_GAP = 15.0
# Digits are asked for in groups up to this long: no number on a head is longer.
LONGEST_NUMBER = 6
# What a number must gain to be worth keeping as a year.
LEAST_YEAR_GAIN = 1.2
# Runners-up of a character that are tried.
RUNNERS_UP = 2
# Readings kept of one stretch.
KEPT = 5

_YEAR_LIKE = re.compile(r"[\d-]{1,5}")

# A character of a reading: its slot in the row, its number in the alphabet and its gain.
Letter = tuple[int, int, float]


def free_words(lattice: Lattice, sight: Sight) -> list[Word]:
    """The clusters of solid slots at every gap (the nodes of their single-linkage tree), each with its best string, its
    best string of digits, and the strings with one character changed to a runner-up or left out; of these only words
    that could be of use: a year, or worth more than guessing their characters costs."""
    return [w for slots in sight.slots for w in _Row(slots, lattice.alphabet).words(circular=lattice.circular)]


@lru_cache(maxsize=8)
def decimals(alphabet: tuple[str, ...]) -> list[int]:
    """The numbers of the digits, of every script, in an alphabet."""
    return [i for i, c in enumerate(alphabet) if len(c) == 1 and c.isdecimal()]


class _Row:
    """The solid slots of one row: what each most likely is, its runners-up, and its likeliest digit."""

    def __init__(self, slots: Slots, alphabet: Sequence[str]) -> None:
        self._slots, self._alphabet = slots, alphabet
        self._places = slots.places.tolist()
        gains = slots.gains.copy()
        gains[:, 0] = -np.inf
        self._solid = np.flatnonzero(gains.max(axis=1, initial=-np.inf) > SOLID_GAIN)
        gains = gains[self._solid]
        ranked = np.argpartition(-gains, RUNNERS_UP, axis=1)[:, : RUNNERS_UP + 1] if gains.shape[1] > 3 else None
        if ranked is None:
            ranked = np.tile(np.arange(gains.shape[1]), (len(gains), 1))
        ranked = np.take_along_axis(ranked, np.argsort(-np.take_along_axis(gains, ranked, 1), axis=1, kind="stable"), 1)
        worth = np.take_along_axis(gains, ranked, 1)
        numbers = self._solid.tolist()
        self._ranked: list[list[Letter]] = [
            [(n, c, g) for c, g in zip(cs, gs, strict=True) if c and g > SOLID_GAIN]
            for n, cs, gs in zip(numbers, ranked.tolist(), worth.tolist(), strict=True)
        ]
        digits = decimals(tuple(alphabet))
        self._digits: list[Letter] = []
        if digits:
            best = gains[:, digits].argmax(axis=1)
            self._digits = [
                (n, digits[b], float(gains[k, digits[b]]))
                for k, (n, b) in enumerate(zip(numbers, best.tolist(), strict=True))
            ]

    def words(self, *, circular: bool) -> Iterable[Word]:
        seen: set[tuple[Letter, ...]] = set()
        for group in self._groups(circular):
            for n, letters in enumerate(self._spellings(group)):
                for part in self._parts(letters):
                    if part not in seen and (n == 0 or self._is_of_use(part)):
                        seen.add(part)
                        yield self._word(part)

    def _groups(self, circular: bool) -> list[tuple[int, ...]]:
        """Runs of neighbouring solid slots no two of which are farther apart than some threshold, for every
        threshold."""
        count = len(self._solid)
        if not count:
            return []
        step = np.array(self._slots.step)[self._solid].astype(float)
        gaps = (np.diff(step, append=step[0] + self._slots.steps if circular else np.inf) * self._slots.pitch).tolist()
        groups: set[tuple[int, ...]] = {(i,) for i in range(count)}
        for threshold in {gap for gap in gaps if gap <= WIDEST_GAP}:
            cuts = [i + 1 for i, gap in enumerate(gaps) if gap > threshold]
            if cuts:
                ends = [*cuts[1:], cuts[0] + count]
                groups.update(tuple(i % count for i in range(a, b)) for a, b in zip(cuts, ends, strict=True))
        return sorted(groups)

    def _spellings(self, group: Sequence[int]) -> list[tuple[Letter, ...]]:
        """The likeliest strings of a group, and those that leave out its first or last character."""
        best = tuple(self._ranked[i][0] for i in group)
        changed: list[tuple[float, tuple[Letter, ...]]] = []
        shorter: list[tuple[Letter, ...]] = []
        for k, i in enumerate(group):
            for other in self._ranked[i][1:]:
                changed.append((best[k][2] - other[2], (*best[:k], other, *best[k + 1 :])))
            if len(group) > 1 and best[k][2] < DOUBTFUL_GAIN:
                without = (*best[:k], *best[k + 1 :])
                if k in (0, len(group) - 1):
                    shorter.append(without)
                else:
                    changed.append((best[k][2], without))
        changed.sort(key=lambda c: c[0])
        spellings = [best, *(letters for _, letters in changed[: KEPT - 1]), *shorter]
        if len(group) <= LONGEST_NUMBER and self._digits:
            spellings.append(tuple(self._digits[i] for i in group))
        return spellings

    def _parts(self, letters: tuple[Letter, ...]) -> Iterable[tuple[Letter, ...]]:
        """The whole, unless symbols stand in it, and the pieces between symbols, hyphens, dots and quotes: MEN-82-23 is
        also MEN, 82 and 23. A symbol is a piece by itself, and a frame once more with the number it is round."""
        texts = [self._alphabet[c] for _, c, _ in letters]
        if "".join(texts).isalnum() or (len(letters) == 1 and len(texts[0]) == 1):
            yield letters
            return
        bounds = [-1, *(i for i, c in enumerate(texts) if len(c) > 1 or not c.isalnum()), len(texts)]
        if all(len(c) == 1 for c in texts):
            yield letters
        for a, b in pairwise(bounds):
            symbol = a >= 0 and len(texts[a]) > 1
            if symbol:
                yield letters[a : a + 1]
            if b > a + 1:
                yield letters[a + 1 : b]
            if symbol and b > a + 1 and texts[a] in FRAMES and self._near(letters[a], letters[a + 1]):
                yield letters[a:b]

    def _near(self, frame: Letter, first: Letter) -> bool:
        gap = abs(self._places[first[0]] - self._places[frame[0]])
        return bool(min(gap, 360.0 - gap) <= FRAME_GAP)

    def _is_of_use(self, letters: tuple[Letter, ...]) -> bool:
        """Whether these letters could be a year, or gain more than guessing them costs."""
        characters = [self._alphabet[c] for _, c, _ in letters]
        gain = sum(g for _, _, g in letters)
        cost = sum(map(character_cost, characters)) + (OTHER_WORD if len(characters[-1]) == 1 else 0.0)
        if EVIDENCE * gain + cost > 0.0:
            return True
        return gain > LEAST_YEAR_GAIN and _YEAR_LIKE.fullmatch("".join(characters)) is not None

    def _word(self, letters: tuple[Letter, ...]) -> Word:
        slots = self._slots
        text = in_one_script("".join(self._alphabet[c] for _, c, _ in letters))
        angles = tuple(self._places[n] for n, _, _ in letters)
        steps = tuple(slots.step[n] for n, _, _ in letters)
        gain = sum(g for _, _, g in letters)
        return Word(text, slots.upside_down, angles, gain, slots.row, steps, spotted=False)
