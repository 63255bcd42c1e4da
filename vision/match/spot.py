"""Where along a lattice known strings fit best, for a hundred thousand strings at once.

A string is spotted the way keyword spotting does it with CTC: the best path through the slots that spells it, with a
free start and a free end. The gain of a path is the sum of its characters' gains, so it says how much better the string
explains those steps than nothing would; a slot that is passed over between two characters costs what its best letter or
digit would have gained, since something stands there that the string does not have (dots and hyphens may).

All strings are searched together, one character a round: a round holds every beginning of that length that can still
become a string worth having, with its best path to every slot. A beginning is dropped as soon as even the best
characters of the lattice could not make up what it lacks; most strings die in the second or third round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.match.sight import Ints, Sight
from vision.match.vocabulary import Level, Vocabulary
from vision.types import Floats

# What a spotted string must gain a character, on average, to be worth keeping.
LEAST_GAIN = 1.0
# ... and what any string must gain in all: less could not outweigh the prior of any pattern.
LEAST_IN_ALL = 3.0
# Strings a row: how many places of one string are kept.
PLACES_KEPT = 3

Shorts = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Spot:
    """A string of the vocabulary at a place: its index, its gain, its row of the lattice, and the slots of that row its
    characters stand on, in order."""

    string: int
    gain: float
    row: int
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """The beginnings alive in one round: their numbers in the level (n,), and for each and each slot of the sight
    (n, rows, length) the best gain of a path that ends there (-inf: none worth having), the slot that path starts on,
    and the one before the last; parent (n,) is where each one's beginning stands in the round before."""

    nodes: Ints
    gains: Floats
    start: Shorts
    source: Shorts
    parent: Ints


def spot(
    vocabulary: Vocabulary,
    sight: Sight,
    *,
    worth: Floats | None = None,
    need: Floats | None = None,
    most: int | None = None,
) -> list[Spot]:
    """Every place where a string of the vocabulary gains enough.

    Args:
        vocabulary: the strings, prepared for the alphabet of the sight's lattice.
        sight: the rows to search.
        worth: (strings,) what each string has for itself beside its gain (a log-prior); 0 for all when None.
        need: (rows, length, length) what gain and worth together must exceed for a path from one slot of the sight to
            another; when None only the least any string must gain counts.
        most: how many spots are given, those that exceed what is needed by most; all when None.

    Returns:
        Spots in no order that means anything; at most PLACES_KEPT of a string in each row, no two from one slot.
    """
    if not sight.index.size or not vocabulary.levels:
        return []
    emissions = sight.laid([vocabulary.emissions(slots.gains) for slots in sight.slots])
    least = np.maximum(LEAST_GAIN * vocabulary.lengths, LEAST_IN_ALL).astype(np.float32)
    if worth is None or need is None:
        worth, need = -least, np.zeros((*sight.index.shape, sight.index.shape[1]), np.float32)
    limit = np.where(_too_wide(sight), np.float32(np.inf), need)
    best = emissions.max(axis=(1, 2))
    rest = _rest(vocabulary, best, worth)
    rounds: list[_Round] = []
    ends: list[_Ends] = []
    for depth, level in enumerate(vocabulary.levels):
        before = rounds[-1] if rounds else None
        rounds.append(_next_round(level, before, sight, emissions, (best[level.label], rest[depth]), limit))
        if not len(rounds[-1].nodes):
            break
        ends.append(_ends(level.string[rounds[-1].nodes], rounds[-1], sight, least))
    if most is not None:
        ends = _surest(ends, worth, limit, most)
    return [found for depth, end in enumerate(ends) for found in _spots(end, rounds[: depth + 1], sight)]


def _too_wide(sight: Sight) -> npt.NDArray[np.bool_]:
    """(rows, length, length): whether a path from one slot to another would be wider than a string may be."""
    return (sight.step[:, None, :] - sight.step[:, :, None]) > sight.reach[:, :, None]


def _rest(vocabulary: Vocabulary, best: Floats, worth: Floats) -> list[Floats]:
    """For every beginning of every level the most that what follows it can add, the string's worth included; best
    (labels,) is the most a label gains anywhere."""
    rest: list[Floats] = []
    below: tuple[Level, Floats] | None = None
    for level in reversed(vocabulary.levels):
        ends = np.where(level.string >= 0, worth[level.string], np.float32(-np.inf)).astype(np.float32)
        if below is not None:
            deeper, onward = below
            most = np.maximum.reduceat(onward + best[deeper.label], deeper.first)
            parents = deeper.parent[deeper.first]
            ends[parents] = np.maximum(ends[parents], most)
        rest.append(ends)
        below = level, ends
    return rest[::-1]


def _next_round(
    level: Level, before: _Round | None, sight: Sight, emissions: Floats, bounds: tuple[Floats, Floats], limit: Floats
) -> _Round:
    """The beginnings of a level that go on from those of the round before and can still be worth having. bounds
    (n,) are the most that the last character of each gains anywhere, and the most that all after it can add."""
    least = limit.min()
    own, rest = bounds
    if before is None:
        nodes = np.flatnonzero(own + rest > least)
        parent = np.zeros(len(nodes), np.int64)
        gains = emissions[level.label[nodes]]
        start = np.broadcast_to(np.arange(gains.shape[2], dtype=np.int16), gains.shape)
        source = start
    else:
        row_of = np.full(int(level.parent.max()) + 1, -1, np.int64)
        alive = before.nodes[before.nodes < len(row_of)]
        row_of[alive] = np.arange(len(alive))
        parent = row_of[level.parent]
        most = before.gains.max(axis=(1, 2))[parent] + own + rest
        nodes = np.flatnonzero((parent >= 0) & (most > least))
        parent = parent[nodes]
        gains, source, start = _carried(before, parent, level.twin[nodes], sight)
        gains += emissions[level.label[nodes]]
    gains = np.where(gains + rest[nodes, None, None] > _at(limit, start), gains, np.float32(-np.inf))
    kept = np.flatnonzero(np.isfinite(gains.max(axis=(1, 2))))
    return _Round(nodes[kept], gains[kept], start[kept], source[kept], parent[kept])


def _at(limit: Floats, start: Shorts) -> Floats:
    """limit (rows, length, length) from the slots start (n, rows, length) to the slots they are given for."""
    rows, length, _ = limit.shape
    place = (np.arange(rows) * length * length)[:, None] + np.arange(length)
    return np.asarray(limit.ravel()[place + start * np.int64(length)], dtype=np.float32)


def _carried(before: _Round, parent: Ints, twin: npt.NDArray[np.bool_], sight: Sight) -> tuple[Floats, Shorts, Shorts]:
    """(gains, source, start) of the paths of the round before, carried on to every slot for each of parent: the best
    that ends on an earlier slot, less what passing over the slots between costs. Equal neighbours (twin) need an empty
    step between them."""
    onward = before.gains + sight.passed
    best = np.maximum.accumulate(onward, axis=2)
    slot = np.arange(onward.shape[2], dtype=np.int16)
    fresh = np.ones(onward.shape, bool)
    np.greater(onward[:, :, 1:], best[:, :, :-1], out=fresh[:, :, 1:])
    where = np.maximum.accumulate(np.where(fresh, slot, np.int16(0)), axis=2)
    gains = np.full(onward.shape, -np.inf, np.float32)
    source = np.zeros(onward.shape, np.int16)
    np.subtract(best[:, :, :-1], sight.passed[:, :-1], out=gains[:, :, 1:])
    source[:, :, 1:] = where[:, :, :-1]
    gains, source = gains[parent], source[parent]
    doubled = np.flatnonzero(twin)
    if len(doubled):
        back = np.maximum(slot - sight.after, 0)
        row = np.arange(len(back))[:, None]
        p = parent[doubled]
        gains[doubled] = best[p[:, None, None], row, back] - sight.passed_before
        source[doubled] = where[p[:, None, None], row, back]
    place = parent[:, None] * len(sight.step) + np.arange(len(sight.step))
    start = before.start.ravel()[place[:, :, None] * len(slot) + source]
    return gains, source, start


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """Where strings end in one round: node the beginning's place in the round, string its number, row and slot of the
    sight, start the slot the path starts on, gain its gain; all (n,)."""

    node: Ints
    string: Ints
    row: Ints
    slot: Ints
    start: Ints
    gain: Floats

    def some(self, which: Ints) -> _Ends:
        node, string, row = self.node[which], self.string[which], self.row[which]
        return _Ends(node, string, row, self.slot[which], self.start[which], self.gain[which])


def _ends(strings: Ints, last: _Round, sight: Sight, least: Floats) -> _Ends:
    """The best places of the strings (-1: none) that end with a round: of paths from one slot only the best, and of a
    string's paths in one row the PLACES_KEPT best."""
    whole = np.flatnonzero(strings >= 0)
    gains = last.gains[whole]
    n, row, slot = np.nonzero(gains > least[strings[whole], None, None])
    start = last.start[whole[n], row, slot].astype(np.int64)
    # What starts in the second turn has been found in the first; there it only kept paths from going round to it.
    fresh = sight.first[row, start]
    n, row, slot, start = n[fresh], row[fresh], slot[fresh], start[fresh]
    ends = _Ends(whole[n], strings[whole[n]], row, slot, start, gains[n, row, slot])
    ends = ends.some(np.lexsort((-ends.gain, ends.start, ends.row, ends.node)))
    ends = ends.some(np.flatnonzero(_ordinal(np.stack([ends.node, ends.row, ends.start])) == 0))
    ends = ends.some(np.lexsort((-ends.gain, ends.row, ends.node)))
    return ends.some(np.flatnonzero(_ordinal(np.stack([ends.node, ends.row])) < PLACES_KEPT))


def _surest(ends: list[_Ends], worth: Floats, limit: Floats, most: int) -> list[_Ends]:
    """The ends that exceed what is needed by most."""
    beyond = [e.gain + worth[e.string] - limit[e.row, e.start, e.slot] for e in ends]
    every = np.concatenate([*beyond, np.zeros(0, np.float32)])
    if len(every) <= most:
        return ends
    bar = np.partition(every, -most)[-most]
    return [e.some(np.flatnonzero(b >= bar)) for e, b in zip(ends, beyond, strict=True)]


def _spots(ends: _Ends, rounds: Sequence[_Round], sight: Sight) -> Iterator[Spot]:
    paths = _paths(rounds, ends.node, ends.row, ends.slot)
    index = sight.index[ends.row, paths].T.tolist()
    for string, row, gain, path in zip(ends.string.tolist(), ends.row.tolist(), ends.gain.tolist(), index, strict=True):
        yield Spot(string, gain, row, tuple(path))


def _ordinal(keys: Ints) -> Ints:
    """For keys (k, n), equal ones beside each other, the number of each column among its equals, from 0."""
    count = keys.shape[1]
    fresh = np.ones(count, bool)
    fresh[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    first = np.flatnonzero(fresh)
    return np.arange(count) - np.repeat(first, np.diff(first, append=count))


def _paths(rounds: Sequence[_Round], node: Ints, row: Ints, slot: Ints) -> Ints:
    """(characters, n): the slots of the sight that the paths to these slots of the last round stand on, in order."""
    path = [slot]
    for one in reversed(rounds[1:]):
        slot = one.source[node, row, slot].astype(np.int64)
        node = one.parent[node]
        path.append(slot)
    return np.stack(path[::-1])
