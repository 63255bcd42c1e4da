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

from collections.abc import Sequence
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
    """The beginnings alive in one round, each in one row: their numbers in the level (n,), the row (n,), and for each
    and each slot of its row (n, length) the best gain of a path that ends there (-inf: none worth having), the slot
    that path starts on, and the one before the last; parent (n,) is where each one's beginning stands in the round
    before."""

    nodes: Ints
    row: Ints
    gains: Floats
    start: Shorts
    source: Shorts
    parent: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """What a sight says of a vocabulary's labels, and what strings must gain in it: emissions (labels, rows, length)
    the gains of each label; best (labels, rows) the most of them in a row; after (labels, rows, length) the most of
    them beyond a slot; limit (rows, length, length) what gain and worth together must exceed between two slots, least
    (rows,) between any."""

    emissions: Floats
    best: Floats
    after: Floats
    limit: Floats
    least: Floats


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
    least = np.maximum(LEAST_GAIN * vocabulary.lengths, LEAST_IN_ALL).astype(np.float32)
    if worth is None or need is None:
        worth, need = -least, np.zeros((*sight.index.shape, sight.index.shape[1]), np.float32)
    heard = _heard(vocabulary, sight, np.where(_too_wide(sight), np.float32(np.inf), need))
    rest = _rest(vocabulary, heard.best.max(axis=1), worth)
    rounds = [_first_round(vocabulary.levels[0], heard, rest[0])]
    for level, onward in zip(vocabulary.levels[1:], rest[1:], strict=True):
        if not len(rounds[-1].nodes):
            break
        rounds.append(_next_round(level, rounds[-1], sight, heard, onward))
    ends = _ends(vocabulary, rounds, sight, least)
    if most is not None:
        ends = _surest(ends, worth, heard.limit, most)
    return _spots(ends, rounds, sight)


def _heard(vocabulary: Vocabulary, sight: Sight, limit: Floats) -> _Heard:
    """What a sight says of a vocabulary's labels, with the limit given."""
    emissions = sight.laid(vocabulary.emissions(np.concatenate([slots.gains for slots in sight.slots])))
    after = np.full(emissions.shape, -np.inf, np.float32)
    np.maximum.accumulate(emissions[:, :, :0:-1], axis=2, out=after[:, :, -2::-1])
    return _Heard(emissions, emissions.max(axis=2), after, limit, limit.min(axis=(1, 2)))


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


def _first_round(level: Level, heard: _Heard, rest: Floats) -> _Round:
    """The first characters that something worth having may begin with. rest (n,) is the most that what follows each
    can add."""
    nodes, row = np.nonzero(heard.best[level.label] + rest[:, None] > heard.least)
    gains = heard.emissions[level.label[nodes], row]
    parent = np.zeros(len(nodes), np.int64)
    n, slot = np.nonzero(gains + rest[nodes, None] > heard.least[row, None])
    return _worth_having(_Paths(nodes, row, parent, n, slot, gains[n, slot], slot, slot), heard.limit, rest)


def _next_round(level: Level, before: _Round, sight: Sight, heard: _Heard, rest: Floats) -> _Round:
    """The beginnings of a level that go on from those of the round before and can still be worth having. rest (n,) is
    the most that what follows each can add."""
    parent, nodes = level.after(before.nodes)
    row, label = before.row[parent], level.label[nodes]
    least = heard.least[row] - rest[nodes]
    # Cheap first: the best path there is and the best place of the character; then the place beyond the path.
    some = np.flatnonzero(before.gains.max(axis=1, initial=-np.inf)[parent] + heard.best[label, row] > least)
    parent, nodes, row, label, least = parent[some], nodes[some], row[some], label[some], least[some]
    reached = (before.gains[parent] + heard.after[label, row]).max(axis=1, initial=-np.inf)
    some = np.flatnonzero(reached > least)
    parent, nodes, row, label, least = parent[some], nodes[some], row[some], label[some], least[some]
    gains, source = _carried(before, parent, level.twin[nodes], sight)
    gains += heard.emissions[label, row]
    n, slot = np.nonzero(gains > least[:, None])
    back = source[n, slot]
    start = before.start[parent[n], back]
    return _worth_having(_Paths(nodes, row, parent, n, slot, gains[n, slot], start, back), heard.limit, rest)


@dataclass(frozen=True, slots=True, eq=False)
class _Paths:
    """Paths of the beginnings nodes (n,), each in its row (n,), from those at parent (n,) of the round before: n
    (paths,) the number of a path's beginning, rising, slot (paths,) where it ends, with its gain, start and source."""

    nodes: Ints
    row: Ints
    parent: Ints
    n: Ints
    slot: Ints
    gain: Floats
    start: npt.NDArray[np.integer]
    source: npt.NDArray[np.integer]


def _worth_having(found: _Paths, limit: Floats, rest: Floats) -> _Round:
    """The round of the paths that may become worth having, without beginnings that have none."""
    bar = limit[found.row[found.n], found.start, found.slot]
    worth = np.flatnonzero(found.gain + rest[found.nodes[found.n]] > bar)
    n, slot = found.n[worth], found.slot[worth]
    fresh = np.ones(len(n), bool)
    fresh[1:] = n[1:] > n[:-1]
    place, kept = np.cumsum(fresh) - 1, n[fresh]
    gains = np.full((len(kept), limit.shape[1]), -np.inf, np.float32)
    start, source = np.zeros((2, *gains.shape), np.int16)
    gains[place, slot] = found.gain[worth]
    start[place, slot] = found.start[worth]
    source[place, slot] = found.source[worth]
    return _Round(found.nodes[kept], found.row[kept], gains, start, source, found.parent[kept])


def _carried(before: _Round, parent: Ints, twin: npt.NDArray[np.bool_], sight: Sight) -> tuple[Floats, Shorts]:
    """(gains, source) of the paths of the round before, carried on to every slot for each of parent: the best that ends
    on an earlier slot, less what passing over the slots between costs. Equal neighbours (twin) need an empty step
    between them."""
    used = np.zeros(len(before.nodes), bool)
    used[parent] = True
    row, own = before.row[used], (np.cumsum(used) - 1)[parent]
    onward = before.gains[used] + sight.passed[row]
    best = np.maximum.accumulate(onward, axis=1)
    slot = np.arange(onward.shape[1], dtype=np.int16)
    fresh = np.ones(onward.shape, bool)
    np.greater(onward[:, 1:], best[:, :-1], out=fresh[:, 1:])
    where = np.maximum.accumulate(np.where(fresh, slot, np.int16(0)), axis=1)
    gains = np.full(onward.shape, -np.inf, np.float32)
    source = np.zeros(onward.shape, np.int16)
    np.subtract(best[:, :-1], sight.passed[row, :-1], out=gains[:, 1:])
    source[:, 1:] = where[:, :-1]
    gains, source = gains[own], source[own]
    doubled = np.flatnonzero(twin)
    if len(doubled):
        rows, one = before.row[parent[doubled]], own[doubled, None]
        back = np.maximum(slot - sight.after[rows], 0)
        gains[doubled] = best[one, back] - sight.passed_before[rows]
        source[doubled] = where[one, back]
    return gains, source


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """Where strings end: round the number of its last round, node the beginning's place in that, string its number, row
    and slot of the sight, start the slot the path starts on, gain its gain; all (n,)."""

    round: Ints
    node: Ints
    string: Ints
    row: Ints
    slot: Ints
    start: Ints
    gain: Floats

    def some(self, which: Ints) -> _Ends:
        round_, node, string, row = self.round[which], self.node[which], self.string[which], self.row[which]
        return _Ends(round_, node, string, row, self.slot[which], self.start[which], self.gain[which])


def _ends(vocabulary: Vocabulary, rounds: Sequence[_Round], sight: Sight, least: Floats) -> _Ends:
    """The best places of the strings that end with one of the rounds: of paths from one slot only the best, and of a
    string's paths in one row the PLACES_KEPT best."""
    found, numbers = [], []
    for number, (level, last) in enumerate(zip(vocabulary.levels, rounds, strict=False)):
        string = level.string[last.nodes]
        whole = np.flatnonzero(string >= 0)
        n, slot = np.nonzero(last.gains[whole] > least[string[whole], None])
        node = whole[n]
        start, gain = last.start[node, slot], last.gains[node, slot]
        found.append((np.full(len(n), number), node, string[node], last.row[node], slot, start, gain))
        numbers.append(last.nodes[node])
    ends, beginning = _Ends(*map(np.concatenate, zip(*found, strict=True))), np.concatenate(numbers)
    # What starts in the second turn has been found in the first; there it only kept paths from going round to it.
    some = np.flatnonzero(sight.first[ends.row, ends.start])
    ends, beginning = ends.some(some), beginning[some]
    some = np.lexsort((-ends.gain, ends.start, ends.node, ends.round))
    some = some[_ordinal(np.stack([ends.round, ends.node, ends.start])[:, some]) == 0]
    ends, beginning = ends.some(some), beginning[some]
    ends = ends.some(np.lexsort((-ends.gain, ends.row, beginning, ends.round)))
    return ends.some(np.flatnonzero(_ordinal(np.stack([ends.round, ends.node])) < PLACES_KEPT))


def _ordinal(keys: Ints) -> Ints:
    """For keys (k, n), equal ones beside each other, the number of each column among its equals, from 0."""
    count = keys.shape[1]
    fresh = np.ones(count, bool)
    fresh[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    first = np.flatnonzero(fresh)
    return np.arange(count) - np.repeat(first, np.diff(first, append=count))


def _surest(ends: _Ends, worth: Floats, limit: Floats, most: int) -> _Ends:
    """The ends that exceed what is needed by most."""
    if len(ends.gain) <= most:
        return ends
    beyond = ends.gain + worth[ends.string] - limit[ends.row, ends.start, ends.slot]
    return ends.some(np.flatnonzero(beyond >= np.partition(beyond, -most)[-most]))


def _spots(ends: _Ends, rounds: Sequence[_Round], sight: Sight) -> list[Spot]:
    """The ends with the way that led to each."""
    node, slot = ends.node.copy(), ends.slot.copy()
    path = np.zeros((len(rounds), len(node)), np.int64)
    for number in range(len(rounds) - 1, -1, -1):
        some = np.flatnonzero(ends.round >= number)
        here, last = node[some], rounds[number]
        path[number, some] = slot[some]
        slot[some], node[some] = last.source[here, slot[some]], last.parent[here]
    places = sight.index[ends.row, path].T.tolist()
    count = (ends.round + 1).tolist()
    each = zip(ends.string.tolist(), ends.gain.tolist(), ends.row.tolist(), places, count, strict=True)
    return [Spot(string, gain, row, tuple(slots[:n])) for string, gain, row, slots, n in each]
