"""Counting a store's marks: one pass over them, in batches, adds up everything that the report shows.

The database joins and filters; the adding up happens here, since every question groups the same rows another way and a
database would sort them anew for each. Memory grows with how many different things the marks say, not with the marks.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, func, select

from vision.archive.mark_pages import Floats, Integers
from vision.archive.tables import files, marks, photos
from vision.report.intervals import Sums

NOTHING = Sums(0, 0.0, 0.0, 0.0)
_AT_ONCE = 400


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


class PhotoFacts(NamedTuple):
    """What the report asks of one photo: a file that holds it, and where and when it was taken."""

    path: str
    latitude: float | None
    longitude: float | None
    taken_at: str | None


_FACTS = (
    marks.c.id, marks.c.level, marks.c.country, marks.c.maker, marks.c.code, marks.c.pattern, marks.c.year_from,
    marks.c.year_to, marks.c.calibre, marks.c.risk, marks.c.probability, marks.c.sharpness, marks.c.glare,
    marks.c.reading,
)  # fmt: skip


def decided_marks(
    connection: Connection, decided: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, str, MarkFacts]]:
    """The marks that people decided on and that are shown, given as mark ids by photo sha256, each with both."""
    rest = iter(sorted(decided))
    query = select(photos.c.sha256, marks.c.mark, *_FACTS).join_from(marks, photos).where(marks.c.newest)
    while some := list(islice(rest, _AT_ONCE)):
        for photo, mark, *facts in connection.execute(query.where(photos.c.sha256.in_(some)).order_by(marks.c.id)):
            if mark in decided[photo]:
                yield photo, mark, MarkFacts(*facts)


def decided_photos(connection: Connection, names: Iterable[str]) -> Iterator[tuple[str, PhotoFacts]]:
    """Those of some photos, by their sha256, that a file holds, each with what the report asks of it."""
    rest = iter(sorted(names))
    path = func.min(files.c.path)
    query = select(photos.c.sha256, path, photos.c.latitude, photos.c.longitude, photos.c.taken_at).join_from(
        photos, files
    )
    query = query.where(~files.c.gone).group_by(photos.c.id)
    while some := list(islice(rest, _AT_ONCE)):
        for photo, *facts in connection.execute(query.where(photos.c.sha256.in_(some))):
            yield photo, PhotoFacts(*facts)


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
