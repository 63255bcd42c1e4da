"""Searching a store's marks: which fit a filter, in which order, page by page."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
)

from vision.archive.flat import folded
from vision.archive.names import as_text
from vision.archive.rows import FoundMark
from vision.archive.tables import files, marks, photos, standings
from vision.errors import UsageError

Order = Literal["number", "probability", "year"]
Facet = Literal["country", "maker", "code", "calibre", "level", "kind", "pattern", "lot", "year_from"]
_KM_A_DEGREE = 111.2
# So many marks of a condition are counted, more are as many.
MANY = 100_000
_A_PAGE = 50
_INDEXED = ("code", "calibre", "country", "pattern", "lot")
_WORDS = table("marks_words", column("rowid"))
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
    query = _fitting(connection, select(marks.c.id, column.label("key")), wanted, paged=order != "year")
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


@dataclass(frozen=True, slots=True)
class _Condition:
    """One condition on marks: leading is found by an index, walking is tested mark by mark and uses none.

    reach selects what the index has of it; None where there is no index, and share is a guess of how many fulfil it.
    """

    leading: ColumnElement[bool]
    walking: ColumnElement[bool]
    reach: Select[Any] | None = None
    share: float = 0.3


def _fitting(connection: Connection, query: Select[Any], wanted: Filter, *, paged: bool = False) -> Select[Any]:
    """The query, of marks that fit only. paged: a few of them, in an order that an index has.

    A condition that few marks fulfil should lead; one that many do is better tested while walking along the order until
    the page is full. PostgreSQL knows from its statistics; for SQLite the conditions are counted, up to MANY each.
    """
    query = query.where(marks.c.newest if wanted.run is None else marks.c.run_id == wanted.run)
    conditions = list(_conditions(connection, wanted))
    if not paged or connection.dialect.name != "sqlite":
        return query.where(*(one.leading for one in conditions))
    lead = _lead(connection, conditions)
    return query.where(*(one.leading if one is lead else one.walking for one in conditions))


def _lead(connection: Connection, conditions: list[_Condition]) -> _Condition | None:
    """The condition that the fewest marks fulfil, None where walking will fill a page sooner.

    How far that walk is follows from the share of marks that fulfil each, as if these were independent.
    """
    total = max(1, int(connection.execute(select(func.max(marks.c.id))).scalar() or 0))
    fewest, lead, share = total, None, 1.0
    for one in conditions:
        if one.reach is None:
            share *= one.share
            continue
        counted = select(func.count()).select_from(one.reach.limit(MANY).subquery())
        reached = int(connection.execute(counted).scalar_one())
        share *= max(1, reached) / total
        if reached < fewest:
            fewest, lead = reached, one
    return lead if fewest < _A_PAGE / share else None


def _conditions(connection: Connection, wanted: Filter) -> Iterator[_Condition]:
    for name in _PLAIN:
        value = getattr(wanted, name)
        if value and name != "maker":
            yield _equal(name, value)
    if wanted.country:
        yield _equal("country", wanted.country.upper())
    if wanted.maker:
        yield _plain(func.lower(marks.c.maker).contains(wanted.maker.lower(), autoescape=True))
    if wanted.year is not None:
        yield _plain(and_(marks.c.year_from + 0 <= wanted.year, marks.c.year_to >= wanted.year), share=0.03)
    if wanted.least_probability > 0:
        yield _plain(marks.c.probability >= wanted.least_probability)
    if wanted.reading:
        yield _reads(wanted.reading)
    if wanted.words:
        yield _has_words(connection, wanted.words)
    if wanted.photo:
        yield _of_photos(photos.c.sha256 == wanted.photo)
    if wanted.near:
        yield _of_photos(and_(*_near(*wanted.near)))
    if wanted.folder:
        yield _lies_in(connection, wanted.folder)
    if wanted.state:
        yield _stands(wanted.state)


def _plain(test: ColumnElement[bool], share: float = 0.3) -> _Condition:
    return _Condition(test, test, share=share)


def _equal(name: str, value: str) -> _Condition:
    column = marks.c[name]
    reach = select(marks.c.id).where(column == value) if name in _INDEXED else None
    return _Condition(column == value, func.coalesce(column, "") == value, reach)


def _reads(reading: str) -> _Condition:
    key, column = folded(reading), marks.c.folded
    plain = func.coalesce(column, "")
    if not reading.rstrip().endswith("*"):
        return _Condition(column == key, plain == key, select(marks.c.id).where(column == key))
    last = key + "\U0010ffff"
    begins = and_(column >= key, column < last)
    return _Condition(begins, and_(plain >= key, plain < last), select(marks.c.id).where(begins))


def _has_words(connection: Connection, words: str) -> _Condition:
    tokens = folded(words).split()
    if not tokens:
        raise UsageError("Searching for words needs a letter or a digit.")
    if connection.dialect.name == "sqlite":
        asked = " ".join(f'"{token}"*' for token in tokens)
        says = text("SELECT rowid FROM marks_words WHERE marks_words MATCH :asked").bindparams(asked=asked)
        having = select(_WORDS.c.rowid).where(literal_column("marks_words").op("MATCH")(asked))
        this = having.where(_WORDS.c.rowid == marks.c.id).correlate(marks)
        found = marks.c.id.in_(says.columns(literal_column("rowid")).scalar_subquery())
        return _Condition(found, this.exists(), having)
    asked = " & ".join(f"'{token}':*" for token in tokens)
    simple: ColumnElement[Any] = literal_column("'simple'::regconfig")
    return _plain(func.to_tsvector(simple, marks.c.words).op("@@", return_type=None)(func.to_tsquery(simple, asked)))


def _of_photos(test: ColumnElement[bool]) -> _Condition:
    """Marks whose photo fits."""
    fits = select(photos.c.id).where(test)
    this = fits.where(photos.c.id == marks.c.photo_id).correlate(marks)
    return _Condition(marks.c.photo_id.in_(fits), this.exists(), fits)


def _lies_in(connection: Connection, folder: str) -> _Condition:
    """Marks of photos with a file in a folder or below it."""
    inside = as_text(folder).rstrip("/") + "/"
    if connection.dialect.name == "sqlite":  # whose LIKE uses no index; its order of text is that of the code points
        below = and_(files.c.path >= inside, files.c.path < inside[:-1] + chr(ord("/") + 1))
    else:
        below = files.c.path.startswith(inside, autoescape=True)
    lying = select(files.c.photo_id).where(below, ~files.c.gone, files.c.photo_id.is_not(None))
    this = lying.where(files.c.photo_id == marks.c.photo_id).correlate(marks)
    return _Condition(marks.c.photo_id.in_(lying), this.exists(), lying)


def _stands(state: str) -> _Condition:
    """Marks by what people's decisions come to: open are also those on which nobody decided."""
    same = and_(standings.c.photo == photos.c.sha256, standings.c.mark == marks.c.mark, photos.c.id == marks.c.photo_id)
    if state == "open":
        return _plain(~exists().where(same, standings.c.state != "open"))
    this = exists().where(same, standings.c.state == state)
    decided = (
        select(photos.c.id).join(standings, standings.c.photo == photos.c.sha256).where(standings.c.state == state)
    )
    return _Condition(and_(marks.c.photo_id.in_(decided), this), this, decided)


def _near(latitude: float, longitude: float, kilometres: float) -> list[ColumnElement[bool]]:
    """A box around a place: what a person means by near, and what an index can answer."""
    high = kilometres / _KM_A_DEGREE
    wide = high / max(0.01, math.cos(math.radians(latitude)))
    return [
        photos.c.latitude.between(latitude - high, latitude + high),
        photos.c.longitude.between(longitude - wide, longitude + wide),
    ]
