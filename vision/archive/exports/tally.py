"""Counting a store's marks: one pass over them, in batches, adds up everything that the report shows.

The database joins and filters; the adding up happens here, since every question groups the same rows another way and a
database would sort them anew for each. Memory grows with how many different things the marks say, not with the marks.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from vision.archive.tables import marks, photos
from vision.report.intervals import Sums

NOTHING = Sums(0, 0.0, 0.0, 0.0)
_AT_ONCE, _BATCH = 400, 20_000
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Batch = Mapping[str, tuple[Any, ...]]


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


def every_mark(connection: Connection, without: Collection[int]) -> Iterator[Batch]:
    """The newest marks in batches, but for those with the numbers given; in a batch, each fact's values in order."""
    query = select(*_FACTS).join_from(marks, photos).where(marks.c.newest)
    result = connection.execute(query.execution_options(yield_per=_BATCH))
    for some in result.partitions():
        rows = [row for row in some if row[0] not in without] if without else some
        if rows:
            yield dict(zip(MarkFacts._fields, zip(*rows, strict=True), strict=True))


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


class Tally:
    """Marks added up by a key: how many, the sums over their probabilities, and the numbers of the first few."""

    def __init__(self, samples: int) -> None:
        self._codes: dict[Hashable, int] = {}
        self._sums: Floats = np.zeros((0, 4))
        self._samples: list[list[int]] = []
        self._most = samples

    def add(self, keys: Sequence[Hashable], chances: Floats, numbers: Integers) -> None:
        """Count marks: a key, the probability that it holds, and a number for each. The key None is not counted."""
        codes = self._codes
        which = np.fromiter(
            (-1 if key is None else codes.setdefault(key, len(codes)) for key in keys), np.int64, len(keys)
        )
        known = which >= 0
        which, chances, numbers = which[known], chances[known], numbers[known]
        self._sums = np.vstack([self._sums, np.zeros((len(codes) - len(self._sums), 4))])
        for power in range(4):
            self._sums[:, power] += np.bincount(which, chances**power, minlength=len(codes))
        self._keep(which, numbers)

    def _keep(self, which: Integers, numbers: Integers) -> None:
        self._samples += [[] for _ in range(len(self._codes) - len(self._samples))]
        lacking = np.array([len(some) < self._most for some in self._samples], bool)
        for code, number in zip(which[lacking[which]].tolist(), numbers[lacking[which]].tolist(), strict=True):
            if len(self._samples[code]) < self._most:
                self._samples[code].append(number)

    def __iter__(self) -> Iterator[tuple[Any, Sums, list[int]]]:
        """Every key with its sums and samples."""
        for key, code in self._codes.items():
            count, p1, p2, p3 = self._sums[code].tolist()
            yield key, Sums(round(count), p1, p2, p3), self._samples[code]
