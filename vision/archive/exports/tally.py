"""Counting a store's marks: one pass over them, in batches, adds up everything that the report shows.

The database joins and filters; the adding up happens here, since every question groups the same rows another way and a
database would sort them anew for each. Memory grows with how many different things the marks say, not with the marks.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, func, select

from vision.archive.tables import marks, photos
from vision.report.intervals import Sums

NOTHING = Sums(0, 0.0, 0.0, 0.0)
UNKNOWN = -1000  # for a year, a place or a quality that nobody noted
_AT_ONCE, _BATCH = 400, 50_000
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class MarkFacts(NamedTuple):
    """What the report asks of one mark; fields as in the store's marks and photos."""

    number: int
    level: str
    country: str
    maker: str
    code: str
    pattern: str
    year_from: int | None
    year_to: int | None
    calibre: str
    risk: float
    probability: float
    sharpness: float | None
    glare: float | None
    reading: str
    latitude: float | None
    longitude: float | None
    taken_at: str | None


_FACTS = (
    marks.c.id, marks.c.level, marks.c.country, marks.c.maker, marks.c.code, marks.c.pattern, marks.c.year_from,
    marks.c.year_to, marks.c.calibre, marks.c.risk, marks.c.probability, marks.c.sharpness, marks.c.glare,
    marks.c.reading, photos.c.latitude, photos.c.longitude, photos.c.taken_at,
)  # fmt: skip


def _known(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(column, UNKNOWN)


# What is asked of every mark, its number first, and how a row lies in memory. Numbers that are not known are UNKNOWN.
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


def decided_marks(
    connection: Connection, decided: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, str, MarkFacts]]:
    """The newest marks that people decided on, given as mark ids by photo sha256, each with both."""
    rest = iter(sorted(decided))
    query = select(photos.c.sha256, marks.c.mark, *_FACTS).join_from(marks, photos).where(marks.c.newest)
    while some := list(islice(rest, _AT_ONCE)):
        for photo, mark, *facts in connection.execute(query.where(photos.c.sha256.in_(some)).order_by(marks.c.id)):
            if mark in decided[photo]:
                yield photo, mark, MarkFacts(*facts)


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


class Batch:
    """Some marks, column by column: numbers as arrays, texts as the codes that Codes gave them."""

    def __init__(self, rows: Sequence[tuple[Any, ...]], codes: Mapping[str, Codes]) -> None:
        table = np.fromiter(rows, _ROW, len(rows))
        self.numbers: Integers = table["number"]
        self.text = {name: coded.of(table[name].tolist()) for name, coded in codes.items()}
        self.value = {name: table[name] for name in _ROW.names or () if name not in (*TEXTS, "number")}


def every_mark(connection: Connection, without: Collection[int], codes: Mapping[str, Codes]) -> Iterator[Batch]:
    """The newest marks in batches, but for those with the numbers given."""
    last = 0
    while some := _page(connection, last):
        last = some[-1][0]
        rows = [row for row in some if row[0] not in without] if without else some
        yield Batch(rows, codes)


@contextmanager
def no_collecting() -> Iterator[None]:
    """Without the collector of cycles: rows make none, and it goes through them again and again as they come, for a
    quarter of the time that fetching takes."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _page(connection: Connection, after: int) -> Sequence[tuple[Any, ...]]:
    """The next marks by number as the driver has them: wrapping each in a Row takes as long as all the counting."""
    query = select(*_COLUMNS.values()).join_from(marks, photos).where(marks.c.newest, marks.c.id > after)
    with connection.execute(query.order_by(marks.c.id).limit(_BATCH)) as result:
        return result.cursor.fetchall() if result.cursor is not None else []


class Tally:
    """Marks added up by a key, a whole number: how many, the sums over their probabilities, and some of them.

    decode turns a key back into what it stands for; a key below 0 is not counted.
    """

    def __init__(self, samples: int, decode: Callable[[int], Any]) -> None:
        self._codes: dict[int, int] = {}
        self._sums: Floats = np.zeros((0, 4))
        self._kept: Integers = np.zeros(0, np.int64)
        self._samples: Integers = np.zeros((0, samples), np.int64)
        self._most, self._decode = samples, decode

    def add(self, keys: Integers, chances: Floats, numbers: Integers) -> None:
        """Count marks: a key, the probability that it holds, and a number for each."""
        known = keys >= 0
        distinct, inverse = np.unique(keys[known], return_inverse=True)
        codes = self._codes
        own = np.array([codes.setdefault(key, len(codes)) for key in distinct.tolist()], np.int64)
        which, chances = own[inverse], chances[known]
        self._grow(len(codes))
        power = np.ones(len(chances))
        for column in range(4):
            self._sums[:, column] += np.bincount(which, power, minlength=len(self._sums))
            power = power * chances
        self._keep(which, numbers[known])

    def _grow(self, size: int) -> None:
        """Room for so many keys, and as much again, so that it is not made anew for each batch."""
        if size <= len(self._kept):
            return
        more = 2 * size - len(self._kept)
        self._sums = np.concatenate([self._sums, np.zeros((more, 4))])
        self._kept = np.concatenate([self._kept, np.zeros(more, np.int64)])
        self._samples = np.concatenate([self._samples, np.zeros((more, self._most), np.int64)])

    def _keep(self, which: Integers, numbers: Integers) -> None:
        """Keep the first numbers of each key, in their order."""
        lacking = np.flatnonzero(self._kept[which] < self._most)
        order = lacking[np.argsort(which[lacking], kind="stable")]
        code = which[order]
        place = self._kept[code] + np.arange(len(code)) - np.searchsorted(code, code)
        fits = place < self._most
        self._samples[code[fits], place[fits]] = numbers[order[fits]]
        self._kept += np.bincount(code[fits], minlength=len(self._kept))

    def keys(self) -> tuple[Integers, Integers]:
        """The keys, and how many marks each has."""
        size = len(self._codes)
        return np.fromiter(self._codes, np.int64, size), self._sums[:size, 0].astype(np.int64)

    def of(self, keys: Integers) -> Iterator[tuple[Any, Sums, list[int]]]:
        """Some of the keys, decoded, with their sums and samples."""
        codes = [self._codes[key] for key in keys.tolist()]
        kept = zip(self._sums[codes].tolist(), self._samples[codes].tolist(), self._kept[codes].tolist(), strict=True)
        for key, ((count, p1, p2, p3), samples, number) in zip(keys.tolist(), kept, strict=True):
            yield self._decode(key), Sums(round(count), p1, p2, p3), samples[:number]

    def __iter__(self) -> Iterator[tuple[Any, Sums, list[int]]]:
        """Every key, decoded, with its sums and samples."""
        return self.of(self.keys()[0])
