"""Searching a store's marks: which fit a filter, in which order, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    func,
    or_,
    select,
)

from vision.archive.conditions import fitting
from vision.archive.connect import among
from vision.archive.leading import paged
from vision.archive.rows import FoundMark
from vision.archive.tables import files, marks, photos, standings

_AT_ONCE = 10_000  # a database takes only so many values with a statement
Order = Literal["number", "probability", "year"]
Facet = Literal["country", "maker", "code", "calibre", "level", "kind", "pattern", "lot", "year_from"]


@dataclass(frozen=True, slots=True)
class Filter:
    """What to look for; what is left out fits everything, and all that is given must fit.

    words: full text, each word or the beginning of one, anywhere in reading, code, maker, country or calibre.
    reading: the whole reading, or with * at its end how it begins. maker: any part of the name, calibre: its name, both
    in capitals or not. code, pattern, lot, kind, level, country (ISO alpha-2): exact. year: one that the mark's years
    hold. folder: where the file lies, as the store names it. near: latitude, longitude, kilometres around. state: open,
    decided, agreed, conflict or settled. run: only this one; left out: each photo's newest. photo: one photo's sha256.
    """

    words: str = ""
    reading: str = ""
    code: str = ""
    maker: str = ""
    country: str = ""
    year: int | None = None
    calibre: str = ""
    level: str = ""
    kind: str = ""
    pattern: str = ""
    lot: str = ""
    folder: str = ""
    near: tuple[float, float, float] | None = None
    state: str = ""
    least_probability: float = 0.0
    run: int | None = None
    photo: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Marks in order, and what to give as after for those that follow (None: there are none)."""

    marks: tuple[FoundMark, ...]
    after: tuple[float, int] | None


_file = (
    select(files.c.path)
    .where(files.c.photo_id == photos.c.id, ~files.c.gone)
    .order_by(files.c.path)
    .limit(1)
    .correlate(photos)
    .scalar_subquery()
)
_state = func.coalesce(
    select(standings.c.state)
    .where(standings.c.photo == photos.c.sha256, standings.c.mark == marks.c.mark)
    .correlate(photos, marks)
    .scalar_subquery(),
    "open",
)
_SHOWN = (
    marks.c.id, photos.c.sha256, func.coalesce(_file, ""), marks.c.mark, marks.c.kind, marks.c.reading,
    marks.c.pattern, marks.c.code, marks.c.maker, marks.c.country, marks.c.state_then, marks.c.year_from,
    marks.c.year_to, marks.c.calibre, marks.c.lot, marks.c.serial, marks.c.level, marks.c.probability,
    marks.c.unknown_probability, marks.c.risk, marks.c.sharpness, marks.c.glare, photos.c.taken_at,
    photos.c.latitude, photos.c.longitude, _state,
)  # fmt: skip


def find(
    connection: Connection, wanted: Filter, order: Order, limit: int, after: tuple[float, int] | None = None
) -> Page:
    """One page of the marks that fit, at most limit of them, beyond after."""
    column, downwards = _order(order)
    query, led = paged(connection, select(marks.c.id, column.label("key")), wanted, column, downwards)
    if led:
        column = column + 0  # no index has this order: one that has would be walked along, and not the few sorted
    if after is not None:
        value, number = after
        beyond = column < value if downwards else column > value
        query = query.where(or_(beyond, and_(column == value, marks.c.id > number)))
    query = query.order_by(column.desc() if downwards else column, marks.c.id + 0 if led else marks.c.id).limit(
        limit + 1
    )
    keys = connection.execute(query).all()
    shown = by_numbers(connection, [row.id for row in keys[:limit]])
    more = len(keys) > limit
    return Page(shown, (float(keys[limit - 1].key), int(keys[limit - 1].id)) if more else None)


def by_numbers(connection: Connection, numbers: list[int]) -> tuple[FoundMark, ...]:
    """The marks of some numbers, in that order; numbers that no mark has are left out."""
    query = select(*_SHOWN).join_from(marks, photos)
    found: dict[int, FoundMark] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        some = query.where(among(connection, marks.c.id, numbers[start : start + _AT_ONCE]))
        found |= {row[0]: FoundMark(*tuple(row)) for row in connection.execute(some)}
    return tuple(found[number] for number in numbers if number in found)


def every(connection: Connection, wanted: Filter) -> Iterator[FoundMark]:
    """All marks that fit, by number, as they are read: a million of them take no memory."""
    query = fitting(connection, select(*_SHOWN).join_from(marks, photos), wanted).order_by(marks.c.id)
    with connection.execute(query.execution_options(yield_per=1000)) as rows:
        yield from (FoundMark(*tuple(row)) for row in rows)


def count(connection: Connection, wanted: Filter) -> int:
    """How many marks fit."""
    return int(connection.execute(fitting(connection, select(func.count(marks.c.id)), wanted)).scalar_one())


def facets(connection: Connection, by: Facet, wanted: Filter, limit: int) -> list[tuple[str, int]]:
    """How many of the marks that fit have each value, most frequent first."""
    column = marks.c[by]
    many = func.count(marks.c.id)
    query = fitting(connection, select(column, many), wanted).group_by(column).order_by(many.desc(), column)
    return [
        ("" if value is None else str(value), int(number)) for value, number in connection.execute(query.limit(limit))
    ]


def _order(order: Order) -> tuple[ColumnElement[Any], bool]:
    if order == "number":
        return marks.c.id, False
    return (marks.c.probability, True) if order == "probability" else (func.coalesce(marks.c.year_from, 9999), False)
