"""Searching a store's marks: which fit a filter, in which order, page by page."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, literal_column, or_, select, text

from vision.archive.flat import folded
from vision.archive.names import as_text
from vision.archive.rows import FoundMark
from vision.archive.tables import files, marks, photos, standings
from vision.errors import UsageError

Order = Literal["number", "probability", "year"]
Facet = Literal["country", "maker", "code", "calibre", "level", "kind", "pattern", "lot", "year_from"]
_KM_A_DEGREE = 111.2
_PLAIN = ("kind", "code", "maker", "calibre", "level", "pattern", "lot")


@dataclass(frozen=True, slots=True)
class Filter:
    """What to look for; what is left out fits everything, and all that is given must fit.

    words: full text, each word or the beginning of one, anywhere in reading, code, maker, country or calibre.
    reading: the whole reading, or with * at its end how it begins. maker: any part of the name. code, calibre, pattern,
    lot, kind, level, country (ISO alpha-2): exact. year: one that the mark's years hold. folder: where the file lies.
    near: latitude, longitude, kilometres around. state: open, decided, agreed, conflict or settled.
    run: only this one; left out: each photo's newest. photo: one photo's sha256.
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
    query = _fitting(connection, select(marks.c.id, column.label("key")), wanted)
    if after is not None:
        value, number = after
        beyond = column < value if downwards else column > value
        query = query.where(or_(beyond, and_(column == value, marks.c.id > number)))
    query = query.order_by(column.desc() if downwards else column, marks.c.id).limit(limit + 1)
    keys = connection.execute(query).all()
    shown = by_numbers(connection, [row.id for row in keys[:limit]])
    more = len(keys) > limit
    return Page(shown, (float(keys[limit - 1].key), int(keys[limit - 1].id)) if more else None)


def by_numbers(connection: Connection, numbers: list[int]) -> tuple[FoundMark, ...]:
    """The marks of some numbers, in that order; numbers that no mark has are left out."""
    query = select(*_SHOWN).join_from(marks, photos).where(marks.c.id.in_(numbers))
    found = {row[0]: FoundMark(*tuple(row)) for row in connection.execute(query)}
    return tuple(found[number] for number in numbers if number in found)


def every(connection: Connection, wanted: Filter) -> Iterator[FoundMark]:
    """All marks that fit, by number, as they are read: a million of them take no memory."""
    query = _fitting(connection, select(*_SHOWN).join_from(marks, photos), wanted).order_by(marks.c.id)
    with connection.execute(query.execution_options(yield_per=1000)) as rows:
        yield from (FoundMark(*tuple(row)) for row in rows)


def count(connection: Connection, wanted: Filter) -> int:
    """How many marks fit."""
    return int(connection.execute(_fitting(connection, select(func.count(marks.c.id)), wanted)).scalar_one())


def facets(connection: Connection, by: Facet, wanted: Filter, limit: int) -> list[tuple[str, int]]:
    """How many of the marks that fit have each value, most frequent first."""
    column = marks.c[by]
    many = func.count(marks.c.id)
    query = _fitting(connection, select(column, many), wanted).group_by(column).order_by(many.desc(), column)
    return [
        ("" if value is None else str(value), int(number)) for value, number in connection.execute(query.limit(limit))
    ]


def _order(order: Order) -> tuple[ColumnElement[Any], bool]:
    if order == "number":
        return marks.c.id, False
    return (marks.c.probability, True) if order == "probability" else (func.coalesce(marks.c.year_from, 9999), False)


def _fitting(connection: Connection, query: Select[Any], wanted: Filter) -> Select[Any]:
    """The query, of marks that fit only."""
    query = query.where(marks.c.newest if wanted.run is None else marks.c.run_id == wanted.run)
    for name in _PLAIN:
        value = getattr(wanted, name)
        if value and name != "maker":
            query = query.where(marks.c[name] == value)
    if wanted.country:
        query = query.where(marks.c.country == wanted.country.upper())
    if wanted.maker:
        query = query.where(func.lower(marks.c.maker).contains(wanted.maker.lower(), autoescape=True))
    if wanted.year is not None:
        query = query.where(marks.c.year_from <= wanted.year, marks.c.year_to >= wanted.year)
    if wanted.least_probability > 0:
        query = query.where(marks.c.probability >= wanted.least_probability)
    if wanted.reading:
        query = query.where(_reads(wanted.reading))
    if wanted.words:
        query = query.where(_has_words(connection, wanted.words))
    return _of_photos(query, wanted)


def _reads(reading: str) -> ColumnElement[bool]:
    key = folded(reading)
    if not reading.rstrip().endswith("*"):
        return marks.c.folded == key
    return and_(marks.c.folded >= key, marks.c.folded < key + "\U0010ffff")


def _has_words(connection: Connection, words: str) -> ColumnElement[bool]:
    tokens = folded(words).split()
    if not tokens:
        raise UsageError("Searching for words needs a letter or a digit.")
    if connection.dialect.name == "sqlite":
        asked = " ".join(f'"{token}"*' for token in tokens)
        matching = text("SELECT rowid FROM marks_words WHERE marks_words MATCH :asked").bindparams(asked=asked)
        return marks.c.id.in_(matching.columns(literal_column("rowid")).scalar_subquery())
    asked = " & ".join(f"'{token}':*" for token in tokens)
    simple: ColumnElement[Any] = literal_column("'simple'::regconfig")
    return func.to_tsvector(simple, marks.c.words).op("@@", return_type=None)(func.to_tsquery(simple, asked))


def _of_photos(query: Select[Any], wanted: Filter) -> Select[Any]:
    """The query, of marks whose photo fits."""
    tests: list[ColumnElement[bool]] = []
    if wanted.photo:
        tests.append(photos.c.sha256 == wanted.photo)
    if wanted.near:
        tests += _near(*wanted.near)
    if wanted.folder:
        inside = as_text(wanted.folder).rstrip("/") + "/"
        lies = and_(files.c.photo_id == photos.c.id, files.c.path.startswith(inside, autoescape=True), ~files.c.gone)
        tests.append(exists().where(lies))
    if tests:
        query = query.where(marks.c.photo_id.in_(select(photos.c.id).where(*tests)))
    if wanted.state:
        same = and_(
            standings.c.photo == photos.c.sha256, standings.c.mark == marks.c.mark, photos.c.id == marks.c.photo_id
        )
        if wanted.state == "open":
            query = query.where(~exists().where(same, standings.c.state != "open"))
        else:
            query = query.where(exists().where(same, standings.c.state == wanted.state))
    return query


def _near(latitude: float, longitude: float, kilometres: float) -> list[ColumnElement[bool]]:
    """A box around a place: what a person means by near, and what an index can answer."""
    high = kilometres / _KM_A_DEGREE
    wide = high / max(0.01, math.cos(math.radians(latitude)))
    return [
        photos.c.latitude.between(latitude - high, latitude + high),
        photos.c.longitude.between(longitude - wide, longitude + wide),
    ]
