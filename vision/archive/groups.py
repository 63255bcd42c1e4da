"""Groups of photos: near-duplicates, and several photos of one object.

Near-duplicates (another size, another compression, a slight crop) have perceptual hashes that differ in few of their 64
bits. Photos of one object lie in one folder, were taken within a minute of each other, and look roughly alike. Groups
are hints for people: nothing is ever left out or joined because of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, bindparam, func, select, update

from vision.archive.connect import reading, writing
from vision.archive.store import Store
from vision.archive.tables import files, photos

# Bits of 64 that may differ. Unrelated pictures differ in 32 on average; 6 bits keep chance pairs rare in 10^5 photos.
NEAR_BITS = 6
OBJECT_BITS = 24
OBJECT_S = 60.0
_AT_ONCE = 2048  # so many hashes are compared each with each at once
_CHUNKS = NEAR_BITS + 1  # with so many pieces, two hashes that differ in NEAR_BITS bits agree on one piece at least

Hashes = npt.NDArray[np.uint64]


def regroup(store: Store, *, objects: bool = False) -> None:
    """Group all photos of a store anew: near-duplicates, and photos of one object where asked."""
    with reading(store.engine) as connection:
        found = connection.execute(select(photos.c.id, photos.c.phash).where(photos.c.phash.is_not(None))).all()
    numbers = [int(row.id) for row in found]
    hashes = np.array([int(row.phash, 16) for row in found], np.uint64)
    _store_groups(store, "near_group", grouped(numbers, near_pairs(hashes)))
    if objects:
        _store_groups(store, "object_group", _objects(store, dict(zip(numbers, hashes.tolist(), strict=True))))


def near_pairs(hashes: Hashes) -> Iterator[tuple[int, int]]:
    """Pairs of places in hashes (n,) that connect all whose values differ in at most NEAR_BITS bits, directly or by way
    of others: a few of all such pairs, since of a thousand near-duplicates there are half a million.

    By the pigeonhole principle such a pair agrees on at least one of NEAR_BITS + 1 pieces of the hash, so only hashes
    with an equal piece are compared.
    """
    distinct, first, same = np.unique(hashes, return_index=True, return_inverse=True)
    again = np.flatnonzero(first[same] != np.arange(len(hashes)))
    yield from zip(first[same[again]].tolist(), again.tolist(), strict=True)
    edges = np.linspace(0, 64, _CHUNKS + 1).astype(int)
    for low, high in pairwise(edges.tolist()):
        pieces = (distinct >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)
        order = np.argsort(pieces, kind="stable")
        starts = np.flatnonzero(np.diff(pieces[order], prepend=pieces[order][:1] + np.uint64(1)))
        for bucket in np.split(order, starts[1:]) if len(order) else ():
            for one, other in _pairs_within(distinct[bucket]):
                yield int(first[bucket[one]]), int(first[bucket[other]])


def _pairs_within(hashes: Hashes) -> Iterator[tuple[int, int]]:
    """Pairs of places that connect near hashes (n,): each place is reached once, from the first found that is near."""
    if len(hashes) <= _AT_ONCE and np.count_nonzero(_near(hashes[:, None], hashes)) == len(hashes):
        return  # each is near itself alone, as it is with most
    left = np.arange(len(hashes))
    reached: list[int] = []
    while len(left):
        if not reached:
            reached, left = [int(left[0])], left[1:]
        one = reached.pop()
        near = _near(hashes[one], hashes[left])
        if near.any():
            found = left[near].tolist()
            yield from ((one, other) for other in found)
            reached += found
            left = left[~near]


def _near(one: Hashes | np.uint64, others: Hashes) -> npt.NDArray[np.bool_]:
    return np.asarray(np.bitwise_count(one ^ others) <= NEAR_BITS)


def grouped(numbers: Sequence[int], pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each grouped number with its group's: the smallest number in it. Groups are what pairs connect."""
    above = list(range(len(numbers)))

    def top(place: int) -> int:
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    some = set()
    for one, other in pairs:
        some |= {one, other}
        a, b = top(one), top(other)
        above[max(a, b)] = min(a, b)
    return {numbers[place]: numbers[top(place)] for place in some}


def _store_groups(store: Store, column: str, groups: dict[int, int]) -> None:
    """Make the column of photos say groups, changing only rows that say something else."""
    with writing(store.engine) as connection:
        old = dict(_grouped(connection, column))
        wrong = [n for n in old.keys() | groups.keys() if old.get(n) != groups.get(n)]
        if wrong:
            change = update(photos).where(photos.c.id == bindparam("number")).values({column: bindparam("group")})
            connection.execute(change, [{"number": n, "group": groups.get(n)} for n in sorted(wrong)])


def _grouped(connection: Connection, column: str) -> Iterator[tuple[int, int]]:
    query = select(photos.c.id, photos.c[column]).where(photos.c[column].is_not(None))
    for number, group in connection.execute(query):
        yield int(number), int(group)


def _objects(store: Store, hashes: dict[int, int]) -> dict[int, int]:
    """Photos that follow each other in a folder within OBJECT_S seconds and differ in at most OBJECT_BITS bits."""
    first = (
        select(files.c.photo_id, func.min(files.c.path).label("path")).where(~files.c.gone).group_by(files.c.photo_id)
    )
    where = first.subquery()
    query = select(photos.c.id, photos.c.taken_at, where.c.path).join(where, where.c.photo_id == photos.c.id)
    with reading(store.engine) as connection:
        found = connection.execute(query.where(photos.c.taken_at.is_not(None))).all()
    shots = sorted((path.rpartition("/")[0], _seconds(taken), int(number)) for number, taken, path in found)
    numbers = [number for *_, number in shots]
    return grouped(numbers, _neighbours(shots, hashes))


def _neighbours(shots: Sequence[tuple[str, float, int]], hashes: dict[int, int]) -> Iterator[tuple[int, int]]:
    for place in range(1, len(shots)):
        (folder, before, one), (same, after, other) = shots[place - 1 : place + 1]
        if folder != same or after - before > OBJECT_S or not {one, other} <= hashes.keys():
            continue
        if (hashes[one] ^ hashes[other]).bit_count() <= OBJECT_BITS:
            yield place - 1, place


def _seconds(taken_at: str) -> float:
    """A moment by the camera's clock, in seconds of a clock without zones: only differences are used."""
    return datetime.fromisoformat(taken_at).replace(tzinfo=None).timestamp()
