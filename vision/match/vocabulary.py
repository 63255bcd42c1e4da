"""Strings prepared for spotting: sorted into a tree of their beginnings, so that what they share is looked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vision.match.sight import Bools, Ints
from vision.match.tokens import tokens
from vision.types import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """All beginnings of one length, sorted: label (n,) of the last character, parent (n,) in the level before, string
    (n,) the string that ends here (-1: none does), twin (n,) whether the last two characters are one label; first are
    the numbers at which another parent begins, and those of the parent p are begin[p] up to begin[p + 1]."""

    label: Ints
    parent: Ints
    string: Ints
    twin: Bools
    first: Ints
    begin: Ints

    def after(self, parents: Ints) -> tuple[Ints, Ints]:
        """(which, nodes): every beginning that goes on from some of the level before, and from which of parents."""
        begin = self.begin[parents]
        counts = self.begin[parents + 1] - begin
        which = np.repeat(np.arange(len(parents)), counts)
        return which, np.arange(len(which)) + np.repeat(begin - np.cumsum(counts) + counts, counts)


class Vocabulary:
    """Strings to be spotted, each a sequence of labels, a label being the ways a character can be read.

    ways maps a character to the lattice characters that may be read for it, each with the log-probability of being read
    so (0 for its own shape). A string with a character that has no way is never spotted.
    """

    def __init__(
        self, strings: Sequence[str], alphabet: Sequence[str], ways: Mapping[str, Mapping[str, float]]
    ) -> None:
        self.strings = tuple(dict.fromkeys(strings))
        spelled = [tokens(s) for s in self.strings]
        self.label_characters = tuple(dict.fromkeys(c for one in spelled for c in one))
        self._set_ways(alphabet, ways)
        number = {c: i for i, c in enumerate(self.label_characters)}
        self.lengths = np.array([len(s) for s in spelled], np.int64)
        labels = np.full((len(spelled), max(self.lengths, default=0)), -1, np.int64)
        inside = np.arange(labels.shape[1]) < self.lengths[:, None]
        labels[inside] = [number[c] for one in spelled for c in one]
        readable = np.array([*(bool(np.isfinite(cost).any()) for cost in self._cost), True], bool)
        self.usable = np.asarray((self.lengths > 0) & readable[labels].all(axis=1))
        self.levels = _levels(labels, self.lengths, np.flatnonzero(self.usable))

    def _set_ways(self, alphabet: Sequence[str], ways: Mapping[str, Mapping[str, float]]) -> None:
        """readings: for each label character what it may be read as, (number in the alphabet, cost); and the same as
        _way and _cost (labels, most ways)."""
        index = {c: i for i, c in enumerate(alphabet)}
        self.readings = {
            c: tuple((index[w], cost) for w, cost in ways.get(c, {c: 0.0}).items() if w in index)
            for c in self.label_characters
        }
        most = max(map(len, self.readings.values()), default=0)
        self._way = np.zeros((len(self.readings), most), np.int64)
        self._cost = np.full((len(self.readings), most), -np.inf, np.float32)
        for n, known in enumerate(self.readings.values()):
            for k, (character, cost) in enumerate(known):
                self._way[n, k], self._cost[n, k] = character, cost

    def emissions(self, gains: Floats) -> Floats:
        """(slots, labels): the gain of each label at each slot of gains (slots, characters), its best way counted."""
        best = np.full((len(gains), len(self._way)), -np.inf, np.float32)
        for k in range(self._way.shape[1]):
            np.maximum(best, gains[:, self._way[:, k]] + self._cost[:, k], out=best)
        return best


def _levels(labels: Ints, lengths: Ints, usable: Ints) -> tuple[Level, ...]:
    """The tree of beginnings of the usable strings."""
    order = usable[np.lexsort(labels[usable].T[::-1])] if len(usable) else usable
    labels, lengths = labels[order], lengths[order]
    fresh = np.ones(labels.shape, bool)
    fresh[1:] = np.logical_or.accumulate(labels[1:] != labels[:-1], axis=1)
    above = np.zeros(len(order), np.int64)
    levels: list[Level] = []
    for depth in range(int(lengths.max(initial=0))):
        rows = np.flatnonzero(lengths > depth)
        starts = rows[fresh[rows, depth]]
        number = np.cumsum(fresh[:, depth] & (lengths > depth)) - 1
        twin = labels[starts, depth] == labels[starts, depth - 1] if depth else np.zeros(len(starts), bool)
        string = np.where(lengths[starts] == depth + 1, order[starts], -1)
        parent = above[starts]
        first = np.flatnonzero(np.diff(parent, prepend=-1))
        begin = np.searchsorted(parent, np.arange((len(levels[-1].label) if levels else 1) + 1))
        levels.append(Level(labels[starts, depth], parent, string, twin, first, begin))
        above = number
    return tuple(levels)
