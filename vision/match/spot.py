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
    vocabulary: Vocabulary, sight: Sight, *, worth: Floats | None = None, need: Floats | None = None
) -> list[Spot]:
    """Every place where a string of the vocabulary gains enough.

    Args:
        vocabulary: the strings, prepared for the alphabet of the sight's lattice.
        sight: the rows to search.
        worth: (strings,) what each string has for itself beside its gain (a log-prior); 0 for all when None.
        need: (rows, length, length) what gain and worth together must exceed for a path from one slot of the sight to
            another; when None only the least any string must gain counts.

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
    rest = _rest(vocabulary, emissions.max(axis=(1, 2)), worth)
    rounds: list[_Round] = []
    spots: list[Spot] = []
    for depth, level in enumerate(vocabulary.levels):
        before = rounds[-1] if rounds else None
        rounds.append(_next_round(level, before, sight, emissions, rest[depth], limit))
        if not len(rounds[-1].nodes):
            break
        spots.extend(_ends(level.string[rounds[-1].nodes], rounds, sight, least))
    return spots


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
            first = np.flatnonzero(np.diff(deeper.parent, prepend=-1))
            most = np.maximum.reduceat(onward + best[deeper.label], first)
            parents = deeper.parent[first]
            ends[parents] = np.maximum(ends[parents], most)
        rest.append(ends)
        below = level, ends
    return rest[::-1]


def _next_round(
    level: Level, before: _Round | None, sight: Sight, emissions: Floats, rest: Floats, limit: Floats
) -> _Round:
    """The beginnings of a level that go on from those of the round before and can still be worth having."""
    least = limit.min()
    best = emissions.max(axis=(1, 2))
    if before is None:
        nodes = np.flatnonzero(best[level.label] + rest > least)
        parent = np.zeros(len(nodes), np.int64)
        gains = emissions[level.label[nodes]]
        start = np.broadcast_to(np.arange(gains.shape[2], dtype=np.int16), gains.shape)
        source = start
    else:
        row_of = np.full(int(level.parent.max()) + 1, -1, np.int64)
        alive = before.nodes[before.nodes < len(row_of)]
        row_of[alive] = np.arange(len(alive))
        parent = row_of[level.parent]
        most = before.gains.max(axis=(1, 2))[parent] + best[level.label] + rest
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
    fresh[:, :, 1:] = onward[:, :, 1:] > best[:, :, :-1]
    where = np.maximum.accumulate(np.where(fresh, slot, np.int16(0)), axis=2)
    gains = np.full(onward.shape, -np.inf, np.float32)
    source = np.zeros(onward.shape, np.int16)
    gains[:, :, 1:] = best[:, :, :-1] - sight.passed[:, :-1]
    source[:, :, 1:] = where[:, :, :-1]
    start = np.take_along_axis(before.start, source.astype(np.intp), axis=2)
    gains, source, start = gains[parent], source[parent], start[parent]
    doubled = np.flatnonzero(twin)
    if len(doubled):
        back = np.broadcast_to(np.maximum(slot - sight.after, 0), (len(doubled), *sight.after.shape)).astype(np.intp)
        beyond = slot < sight.after
        p = parent[doubled]
        passed = np.roll(sight.passed, 1, axis=1)
        gains[doubled] = np.where(beyond, -np.inf, np.take_along_axis(best[p], back, axis=2) - passed)
        source[doubled] = np.take_along_axis(where[p], back, axis=2)
        start[doubled] = np.take_along_axis(before.start[p], source[doubled].astype(np.intp), axis=2)
    return gains, source, start


def _ends(strings: Ints, rounds: Sequence[_Round], sight: Sight, least: Floats) -> Iterator[Spot]:
    """The spots of the strings (-1: none) that end with the last round."""
    last = rounds[-1]
    whole = np.flatnonzero(strings >= 0)
    gains = last.gains[whole]
    n, row, slot = np.nonzero(gains > least[strings[whole], None, None])
    start = last.start[whole[n], row, slot]
    # What starts in the second turn has been found in the first; there it only kept paths from going round to it.
    fresh = sight.first[row, start]
    n, row, slot, start = n[fresh], row[fresh], slot[fresh], start[fresh]
    gain = gains[n, row, slot]
    order = np.lexsort((-gain, start, row, n))
    place = np.stack([n, row, start])[:, order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (place[:, 1:] != place[:, :-1]).any(axis=0)
    order = order[fresh]
    order = order[np.lexsort((-gain[order], row[order], n[order]))]
    kept = order[_ordinal(np.stack([n[order], row[order]])) < PLACES_KEPT]
    paths = _paths(rounds, whole[n[kept]], row[kept], slot[kept])
    for string, r, g, path in zip(strings[whole[n[kept]]], row[kept], gain[kept], paths.T, strict=True):
        yield Spot(int(string), float(g), int(r), tuple(sight.index[r, path].tolist()))


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
