"""Find this mark again: marks of a store whose look is like one's, likest first.

Up to EXACT looks every one is compared. Beyond that their signatures are gone through first, 96 bytes a mark in pages
of the store itself, and the looks of the BEST nearest are compared: the same with SQLite and PostgreSQL, with nothing
beside the database that could grow stale. What was tagged after the pages were written is compared in full.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from vision.archive import look, search
from vision.archive.conditions import testing
from vision.archive.connect import among, in_binary, one_by_one, reading, writing
from vision.archive.rows import FoundMark
from vision.archive.search import Filter
from vision.archive.store import ANY, Store
from vision.archive.tables import facts, look_pages, looks, marks
from vision.errors import UsageError

EXACT = 50_000
BEST = 2000
PAGE = 8192
_AT_ONCE = 500
_USUAL = "usual look"
# So many marks are thought to have shown nothing, so that two alone are not opposites.
_DOUBT = 1.0

Numbers = npt.NDArray[np.int64]


def alike(store: Store, number: int, limit: int = 50, wanted: Filter = ANY) -> list[tuple[FoundMark, float]]:
    """At most limit other marks that fit and look like the one of a number, each with how like: 1 is the same picture.

    Heads are compared with heads, straight marks with straight ones. Raises UsageError where that mark has no look.
    """
    with reading(store.engine) as connection, in_binary(connection):
        one, is_head = _one(connection, number)
        usual = _stored_usual(connection)
        if usual is None:
            others = list(_after(connection, 0))
            usual = _usual_of(others)
            nearest: Numbers = np.zeros(0, np.int64)
        else:
            nearest, last = _nearest(connection, look.signatures(one[None], usual)[0])
            others = [*_looks_of(connection, nearest), *_after(connection, last)]
        found = _likest(others, one, usual)
        return list(_shown(connection, found, number, is_head, limit, wanted))


def _one(connection: Connection, number: int) -> tuple[look.Vectors, bool]:
    query = select(looks.c.vector, marks.c.kind).join_from(looks, marks).where(looks.c.mark_id == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UsageError(
            f"There is no mark {number} whose look is stored: marktrace search shows the numbers there are."
        )
    return look.vectors([row.vector])[0], row.kind == "headstamp"


def _likest(
    others: Sequence[tuple[Numbers, look.Vectors]], one: look.Vectors, usual: look.Vectors
) -> list[tuple[float, int]]:
    """Closeness and number, likest first, then by number."""
    found: list[tuple[float, int]] = []
    for numbers, vectors in others:
        found += zip((-look.alike(one, vectors, usual)).tolist(), numbers.tolist(), strict=True)
    return [(-less, number) for less, number in sorted(found)]


def _shown(
    connection: Connection,
    found: Sequence[tuple[float, int]],
    number: int,
    is_head: bool,
    limit: int,
    wanted: Filter,
) -> Iterator[tuple[FoundMark, float]]:
    """The first of found that fit, are of the same shape, and not the one that was asked for."""
    fits = marks.c.kind == "headstamp" if is_head else marks.c.kind != "headstamp"
    left, fitting = limit, testing(connection, select(marks.c.id), wanted)
    for start in range(0, len(found), _AT_ONCE):
        some = {n: closeness for closeness, n in found[start : start + _AT_ONCE] if n != number}
        query = fitting.where(among(connection, marks.c.id, list(some)), fits)
        here = set(connection.execute(query).scalars())
        chosen = [n for n in some if n in here][:left]
        left -= len(chosen)
        yield from ((mark, some[mark.number]) for mark in search.by_numbers(connection, chosen))
        if not left:
            return


# Looks


def _after(connection: Connection, last: int) -> Iterator[tuple[Numbers, look.Vectors]]:
    """The looks of all marks beyond a number, page by page."""
    while page := _page(connection, looks.c.mark_id > last, PAGE):
        yield page
        last = int(page[0][-1])


def _looks_of(connection: Connection, numbers: Numbers) -> Iterator[tuple[Numbers, look.Vectors]]:
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE].tolist()
        page = _page(connection, among(connection, looks.c.mark_id, some), _AT_ONCE)
        if page:
            yield page


def _page(connection: Connection, which: ColumnElement[bool], most: int) -> tuple[Numbers, look.Vectors] | None:
    query = select(looks.c.mark_id, looks.c.vector).where(which).order_by(looks.c.mark_id).limit(most)
    rows = connection.execute(query).all()
    if not rows:
        return None
    return np.array([row.mark_id for row in rows], np.int64), look.vectors([row.vector for row in rows])


def _usual_of(some: Sequence[tuple[Numbers, look.Vectors]]) -> look.Vectors:
    """What all looks have in common."""
    total = sum((vectors.sum(axis=0, dtype=np.float64) for _, vectors in some), np.zeros(look.SIZE))
    return np.asarray(total / (sum(len(numbers) for numbers, _ in some) + _DOUBT), np.float32)


# Signatures


def _nearest(connection: Connection, signature: npt.NDArray[np.uint64]) -> tuple[Numbers, int]:
    """The numbers of the marks whose signatures differ in the fewest bits, ascending, and the last number paged."""
    numbers, away = [], []
    pages = select(look_pages.c.numbers, look_pages.c.signatures).order_by(look_pages.c.first)
    for some, signatures in one_by_one(connection, pages):
        numbers.append(np.frombuffer(some, np.int64))
        differing = np.frombuffer(signatures, np.uint64).reshape(-1, len(signature)) ^ signature
        away.append(_bits_of(differing))
    every = np.concatenate(numbers)
    return np.sort(every[_least(np.concatenate(away), BEST)]), int(every[-1])


def _bits_of(signatures: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    """(n,): how many bits of signatures (n, 12) are set. Four counts of at most 64 are added at once, in the four bytes
    of a number: adding up short rows one by one takes longer than all else."""
    counts = np.bitwise_count(signatures).view(np.uint32)
    four = counts[:, 0] + counts[:, 1] + counts[:, 2]  # at most 192 a byte
    two = (four & 0x00FF00FF) + (four >> 8 & 0x00FF00FF)
    return np.asarray((two & 0xFFFF) + (two >> 16), np.uint32)


def _least(distances: npt.NDArray[np.uint32], most: int) -> npt.NDArray[np.intp]:
    """The places of the least distances, at most so many; of equal ones the first."""
    until = np.cumsum(np.bincount(distances))
    edge = int(np.searchsorted(until, most, side="right"))
    below = np.flatnonzero(distances < edge)
    return np.concatenate([below, np.flatnonzero(distances == edge)[: most - len(below)]])


def index(store: Store) -> None:
    """Bring the pages of signatures up to date; below EXACT looks there are none.

    What is usual is counted anew, and every page written anew, when there are twice as many looks as when it was.
    """
    with reading(store.engine) as connection:
        total = connection.execute(select(func.count()).select_from(looks)).scalar_one()
        paged = connection.execute(select(func.sum(look_pages.c.size), func.max(look_pages.c.first))).one()
        known, usual = _counted(connection), _stored_usual(connection)
    if total <= EXACT or total == paged[0]:
        return
    if usual is None or total >= 2 * known:
        _index_anew(store, total)
    else:
        _write_pages(store, usual, int(paged[1] or 0))


def _index_anew(store: Store, total: int) -> None:
    """Count what is usual over all looks, and write every page."""
    with reading(store.engine) as connection:
        sums = [(n, v.sum(axis=0, keepdims=True)) for n, v in _after(connection, 0)]
    usual = _usual_of(sums)
    said = base64.b64encode(np.array([total], "<f8").tobytes() + usual.astype("<f4").tobytes()).decode()
    with writing(store.engine) as connection:
        connection.execute(delete(look_pages))
        connection.execute(delete(facts).where(facts.c.name == _USUAL))
        connection.execute(insert(facts).values(name=_USUAL, value=said))
    _write_pages(store, usual, 0)


def _write_pages(store: Store, usual: look.Vectors, first: int) -> None:
    """Write the pages from the one that begins with a number on, each in a transaction of its own."""
    last = first - 1
    while True:
        with writing(store.engine) as connection:
            page = _page(connection, looks.c.mark_id > last, PAGE)
            if page is None:
                return
            numbers, vectors = page
            connection.execute(delete(look_pages).where(look_pages.c.first >= int(numbers[0])))
            signed = look.signatures(vectors, usual).tobytes()
            row = {"first": int(numbers[0]), "size": len(numbers), "numbers": numbers.tobytes(), "signatures": signed}
            connection.execute(insert(look_pages).values(**row))
        last = int(numbers[-1])


def _fact(connection: Connection) -> bytes:
    found = connection.execute(select(facts.c.value).where(facts.c.name == _USUAL)).scalar()
    return base64.b64decode(found) if found else b""


def _counted(connection: Connection) -> float:
    """Of how many looks the usual one was counted; 0 where it never was."""
    said = _fact(connection)
    return float(np.frombuffer(said[:8], "<f8")[0]) if said else 0.0


def _stored_usual(connection: Connection) -> look.Vectors | None:
    """The usual look that the pages were written with, None where there are no pages."""
    said = _fact(connection)
    pages = connection.execute(select(look_pages.c.first).limit(1)).scalar()
    return np.frombuffer(said[8:], "<f4").astype(np.float32) if said and pages is not None else None
