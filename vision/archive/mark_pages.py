"""The columns of marks that a report counts, packed in pages of the store itself, so that a million are read at once.

A row of a database costs a dozen Python values; a page is one row with the columns of PAGE marks as arrays. A page is
written once and stays true: of a mark's row nothing changes but whether it is its photo's newest (asked for beside the
pages), and what photos say changes only as newer marks come in. Whether the pages hold all marks up to the last of
them, and each what was written, is tested whenever they are read; where not, or there are none, rows are read instead.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, delete, func, select

from vision.archive.batch import upsert
from vision.archive.connect import in_binary, reading, writing
from vision.archive.store import Store
from vision.archive.tables import mark_pages, marks, photos

UNKNOWN = -1000  # for a year, a place or a quality that nobody noted
PAGE = 50_000
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def _known(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(column, UNKNOWN)


# What is asked of every mark, its number first. Numbers that are not known are UNKNOWN.
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "number": marks.c.id,
    "level": marks.c.level,
    "country": marks.c.country,
    "maker": marks.c.maker,
    "code": marks.c.code,
    "calibre": marks.c.calibre,
    "month": func.coalesce(func.substr(photos.c.taken_at, 1, 7), ""),
    "year_from": _known(marks.c.year_from),
    "year_to": _known(marks.c.year_to),
    "risk": marks.c.risk,
    "probability": marks.c.probability,
    "sharpness": _known(marks.c.sharpness),
    "glare": _known(marks.c.glare),
    "read": func.length(marks.c.reading),
    "latitude": _known(photos.c.latitude),
    "longitude": _known(photos.c.longitude),
}
TEXTS = ("level", "country", "maker", "code", "calibre", "month")
_WHOLE = ("number", "year_from", "year_to", "read")
_ROW = np.dtype([(name, "O" if name in TEXTS else "i8" if name in _WHOLE else "f8") for name in _COLUMNS])
# A row as a page has it, little-endian whatever the machine; texts are the numbers of texts that stand beside the rows.
_PACKED = np.dtype([(name, "<u4" if name in TEXTS else "<i8" if name in _WHOLE else "<f8") for name in _COLUMNS])


class Codes:
    """Numbers for values, from 0 in the order in which they come up."""

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}
        self.values: list[Any] = []

    def of(self, values: Sequence[Hashable]) -> Integers:
        """The numbers of some values."""
        for value in dict.fromkeys(values):
            if value not in self._codes:
                self._codes[value] = len(self.values)
                self.values.append(value)
        return np.fromiter(map(self._codes.__getitem__, values), np.int64, len(values))

    def find(self, value: Hashable) -> int | None:
        """The number of a value, None where it never came up."""
        return self._codes.get(value)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some marks, column by column: their numbers in order, texts as the codes that Codes gave them, values."""

    numbers: Integers
    text: Mapping[str, Integers]
    value: Mapping[str, Any]

    def only(self, which: npt.NDArray[np.bool_]) -> Batch:
        """Those of the marks that which says."""
        text = {name: column[which] for name, column in self.text.items()}
        return Batch(self.numbers[which], text, {name: column[which] for name, column in self.value.items()})


def every_mark(connection: Connection, without: Collection[int], codes: Mapping[str, Codes]) -> Iterator[Batch]:
    """The newest marks in batches, by number, but for those with the numbers given.

    codes: for each of TEXTS, of which new values become part.
    """
    last = _whole_until(connection)
    left_out = np.union1d(np.array(sorted(without), np.int64), _older(connection, last))
    pages = select(mark_pages.c.first).where(mark_pages.c.last <= last).order_by(mark_pages.c.first)
    for first in connection.execute(pages).scalars().all():  # one after the other, so that one is held at a time
        page = connection.execute(select(mark_pages).where(mark_pages.c.first == first)).one()
        whole = _crc(page.texts, page.rows) == page.crc
        batch = _unpacked(page.texts, page.rows, codes) if whole else _batch(_rows(connection, first - 1), codes)
        yield batch.only(~np.isin(batch.numbers, left_out)) if len(left_out) else batch
    while some := _rows(connection, last, marks.c.newest):
        last = some[-1][0]
        rows = [row for row in some if row[0] not in without] if without else some
        yield _batch(rows, codes)


def _rows(connection: Connection, after: int, *which: ColumnElement[bool]) -> Sequence[tuple[Any, ...]]:
    """The next marks by number as the driver has them: wrapping each in a Row takes as long as all the counting."""
    query = select(*_COLUMNS.values()).join_from(marks, photos).where(marks.c.id > after, *which)
    with connection.execute(query.order_by(marks.c.id).limit(PAGE)) as result:
        return result.cursor.fetchall() if result.cursor is not None else []


def _batch(rows: Sequence[tuple[Any, ...]], codes: Mapping[str, Codes]) -> Batch:
    table = np.fromiter(rows, _ROW, len(rows))
    text = {name: codes[name].of(table[name].tolist()) for name in TEXTS}
    return Batch(table["number"], text, {name: table[name] for name in _ROW.names or () if name not in TEXTS})


def _whole_until(connection: Connection) -> int:
    """The number of the last mark in pages, 0 where these do not hold every mark until there."""
    last, size = connection.execute(select(func.max(mark_pages.c.last), func.sum(mark_pages.c.size))).one()
    if last is None:
        return 0
    here = connection.execute(select(func.count()).select_from(marks).where(marks.c.id <= last)).scalar_one()
    return int(last) if here == size else 0


def _older(connection: Connection, last: int) -> Integers:
    """The numbers of marks, up to the last, that are not of their photos' newest runs."""
    query = select(marks.c.id).where(~marks.c.newest, marks.c.id <= last)
    return np.array(connection.execute(query).scalars().all() if last else [], np.int64)


def _unpacked(texts: str, rows: bytes, codes: Mapping[str, Codes]) -> Batch:
    table, said = np.frombuffer(rows, _PACKED), json.loads(texts)
    text = {name: codes[name].of(said[name])[table[name]] for name in TEXTS}
    value = {name: np.ascontiguousarray(table[name]) for name in _PACKED.names or () if name not in TEXTS}
    return Batch(value["number"], text, value)


def _crc(texts: str, rows: bytes) -> int:
    """By which a page that a failing disk changed is told."""
    return zlib.crc32(rows, zlib.crc32(texts.encode()))


def _packed(batch: Batch) -> bytes:
    table = np.empty(len(batch.numbers), _PACKED)
    for name in _PACKED.names or ():
        table[name] = (batch.text if name in TEXTS else batch.value)[name]
    return table.tobytes()


def page_marks(store: Store) -> None:
    """Write pages of the marks that are in none and fill one, each in a transaction of its own; without such marks,
    nothing is written."""
    with reading(store.engine) as connection:
        last = _whole_until(connection)
        wrong = not last and connection.execute(select(mark_pages.c.first).limit(1)).first() is not None
    if wrong:
        with writing(store.engine) as connection:
            connection.execute(delete(mark_pages))
    while page := _next_page(store, last):
        with writing(store.engine) as connection:
            connection.execute(upsert(connection)(mark_pages).values(**page).on_conflict_do_nothing())
        last = page["last"]


def _next_page(store: Store, after: int) -> dict[str, Any] | None:
    """The row of the page of the marks behind a number, None where they do not fill one."""
    enough = select(marks.c.id).where(marks.c.id > after).order_by(marks.c.id).offset(PAGE - 1).limit(1)
    with reading(store.engine) as connection, in_binary(connection):
        if connection.execute(enough).first() is None:
            return None
        rows = _rows(connection, after)
    codes = {name: Codes() for name in TEXTS}
    batch = _batch(rows, codes)
    texts = json.dumps({name: coded.values for name, coded in codes.items()})
    packed = _packed(batch)
    page = {"first": rows[0][0], "last": rows[-1][0], "size": len(rows), "crc": _crc(texts, packed)}
    return page | {"texts": texts, "rows": packed}
