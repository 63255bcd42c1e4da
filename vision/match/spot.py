"""Where along a lattice a known string fits best, for many strings at once.

A string is spotted the way keyword spotting does it with CTC: the best path through the slots that spells it, with a
free start and a free end. The gain of a path is the sum of its characters' gains, so it says how much better the string
explains those steps than nothing would; a slot that is passed over between two characters costs what its best letter or
digit would have gained, since something stands there that the string does not have (dots and hyphens may).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from vision.lattice import Slots
from vision.types import Floats

# What a spotted string must gain a character, on average, to be worth keeping.
LEAST_GAIN = 1.0
# ... and what any string must gain in all: less could not outweigh the prior of any pattern.
LEAST_IN_ALL = 3.0
# What a slot may gain and still be passed over for nothing: dots, dirt, the ends of strokes.
FREE_PASS = 0.5
# Strings a row: how many places of one string are kept.
PLACES_KEPT = 3


@dataclass(frozen=True, slots=True)
class Spot:
    """A string of the vocabulary at a place: its index, its gain, and the slots its characters stand on (in order;
    numbers past the end of the slots have gone once round the ring)."""

    string: int
    gain: float
    slots: tuple[int, ...]


class Vocabulary:
    """Strings prepared for spotting: each is a sequence of labels, a label being the ways a character can be read.

    ways maps a character to the lattice characters that may be read for it, each with the log-probability of being read
    so (0 for its own shape). A string with a character that has no way is never spotted.
    """

    def __init__(
        self, strings: Sequence[str], alphabet: Sequence[str], ways: Mapping[str, Mapping[str, float]]
    ) -> None:
        index = {c: i for i, c in enumerate(alphabet)}
        labels: dict[str, int] = {}
        rows: list[Floats] = []
        self.strings = tuple(strings)
        self.usable = np.zeros(len(self.strings), bool)
        length = max((len(s) for s in self.strings), default=1)
        self.labels = np.full((len(self.strings), length), -1, np.int64)
        self.lengths = np.array([len(s) for s in self.strings], np.int64)
        for n, string in enumerate(self.strings):
            ids = []
            for character in string:
                if character not in labels:
                    weights = np.full(len(alphabet), -np.inf, np.float32)
                    for way, cost in ways.get(character, {character: 0.0}).items():
                        if way in index:
                            weights[index[way]] = max(weights[index[way]], cost)
                    labels[character] = len(rows)
                    rows.append(weights)
                ids.append(labels[character])
            self.labels[n, : len(ids)] = ids
            self.usable[n] = bool(ids) and all(np.isfinite(rows[i]).any() for i in ids)
        self.label_characters = tuple(labels)
        self.letters = np.array([len(c) == 1 and c.isalnum() for c in alphabet])
        self.weights = np.stack(rows) if rows else np.zeros((0, len(alphabet)), np.float32)

    def emissions(self, slots: Slots) -> Floats:
        """(slots, labels): the gain of each label at each slot, its best way counted."""
        reachable = slots.gains[:, None, :] + self.weights[None, :, :]
        return np.asarray(reachable.max(axis=2, initial=-np.inf), dtype=np.float32)


def spot(
    vocabulary: Vocabulary, slots: Slots, emissions: Floats, *, circular: bool, widest: float = 220.0
) -> list[Spot]:
    """Every place where a string of the vocabulary gains enough.

    emissions are vocabulary.emissions(slots); widest is the longest stretch a string may cover, in the unit of
    slots.places (degrees on a ring).
    """
    count = len(slots.step)
    if not count or not len(vocabulary.strings):
        return []
    best = emissions.max(axis=0)
    bound = np.where(vocabulary.labels >= 0, best[vocabulary.labels], 0.0).sum(axis=1)
    chosen = np.flatnonzero(vocabulary.usable & (bound > np.maximum(LEAST_GAIN * vocabulary.lengths, LEAST_IN_ALL)))
    passing = np.maximum(slots.gains[:, vocabulary.letters].max(axis=1, initial=0.0) - FREE_PASS, 0.0)
    steps = np.array(slots.step)
    if circular:
        emissions, passing = np.concatenate([emissions, emissions]), np.concatenate([passing, passing])
        steps = np.concatenate([steps, steps + slots.steps])
    found: list[Spot] = []
    for group in _by_length(chosen, vocabulary.lengths):
        labels = vocabulary.labels[group, : int(vocabulary.lengths[group].max())]
        gains, back = _best_paths(emissions, np.cumsum(passing), steps, labels, widest / slots.pitch)
        lengths = vocabulary.lengths[group]
        ends = np.take_along_axis(gains, (lengths - 1)[None, :, None], axis=2)[..., 0].max(axis=0)
        for n in np.flatnonzero(ends > np.maximum(LEAST_GAIN * lengths, LEAST_IN_ALL)):
            length = int(lengths[n])
            found.extend(_peaks(int(group[n]), gains[:, n, :length], back[:, n, :length], count))
    return found


def _by_length(chosen: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """The chosen strings in groups of like length, so that short ones do not pay for long ones."""
    bounds = (0, 2, 4, 7, 11, int(lengths.max()))
    groups = [chosen[(lengths[chosen] > a) & (lengths[chosen] <= b)] for a, b in pairwise(bounds)]
    return [group for group in groups if len(group)]


def _best_paths(
    emissions: Floats,
    passed: Floats,
    steps: npt.NDArray[np.int64],
    labels: npt.NDArray[np.int64],
    widest: float,
) -> tuple[Floats, npt.NDArray[np.int16]]:
    """gains[t, n, j]: the best gain of the first j + 1 characters of string n with character j exactly on slot t;
    back[t, n, j]: the slot of character j - 1 on that path. passed (slots,) is the summed cost of passing slots over.
    Equal neighbours need an empty step between them."""
    count, (strings, length) = len(emissions), labels.shape
    safe = np.maximum(labels, 0)
    same = np.zeros(labels.shape, bool)
    same[:, 1:] = labels[:, 1:] == labels[:, :-1]
    gains = np.full((count, strings, length), -np.inf, np.float32)
    back = np.zeros((count, strings, length), np.int16)
    reach = np.full((strings, length), -np.inf, np.float32)  # the best gain (plus passed) up to a slot before t ...
    where = np.zeros((strings, length), np.int64)  # ... the slot it ends on ...
    first = np.zeros((strings, length), np.int64)  # ... and the slot it starts on
    for t in range(count):
        before = np.zeros((strings, length), np.float32)
        before[:, 1:] = reach[:, :-1] - passed[t - 1]
        source, start = np.full_like(where, t), np.full_like(first, t)
        source[:, 1:], start[:, 1:] = where[:, :-1], first[:, :-1]
        too_wide = steps[t] - steps[start] > widest
        touching = same & (steps[t] - steps[source] < 2)
        before[too_wide | touching] = -np.inf
        gains[t] = np.where(labels >= 0, before + emissions[t][safe], -np.inf)
        back[t] = source
        onward = gains[t] + passed[t]
        better = onward > reach
        reach = np.where(better, onward, reach)
        where = np.where(better, t, where)
        first = np.where(better, start, first)
    return gains, back


def _peaks(string: int, gains: Floats, back: npt.NDArray[np.int16], count: int) -> list[Spot]:
    """The best places of one string that do not share their first slot; gains and back are (slots, characters)."""
    found: list[Spot] = []
    taken: set[int] = set()
    length = gains.shape[1]
    enough = max(LEAST_GAIN * length, LEAST_IN_ALL)
    ends = gains[:, -1]
    worth = np.flatnonzero(ends > enough)
    for t in worth[np.argsort(-ends[worth], kind="stable")]:
        path = [int(t)]
        for j in range(length - 1, 0, -1):
            path.append(int(back[path[-1], j]))
        if path[-1] >= count or path[-1] in taken:
            continue
        taken.add(path[-1])
        found.append(Spot(string, float(ends[t]), tuple(reversed(path))))
        if len(found) == PLACES_KEPT:
            break
    return found
