"""The conditions of a search as a database tests them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Select,
    and_,
    column,
    exists,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)

from vision.archive.flat import folded
from vision.archive.lying import is_held
from vision.archive.tables import files, marks, photos, standings
from vision.errors import UsageError

if TYPE_CHECKING:
    from vision.archive.search import Filter

_KM_A_DEGREE = 111.2
_NAMES = 300
_SHORT = 2
_INDEXED = ("code", "country", "pattern", "lot")
_WORDS = table("marks_words", column("rowid"))
_PLAIN = ("kind", "code", "level", "pattern", "lot")


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One condition on marks: leading is found by an index, walking is tested mark by mark and uses none.

    reach selects what the index has of it; None where there is no index. dear: counting reach takes long.
    """

    leading: ColumnElement[bool]
    walking: ColumnElement[bool]
    reach: Select[Any] | None = None
    dear: bool = False


def fitting(connection: Connection, query: Select[Any], wanted: Filter) -> Select[Any]:
    """The query, of marks that fit only."""
    return query.where(of_run(wanted), *(one.leading for one in conditions(connection, wanted)))


def testing(connection: Connection, query: Select[Any], wanted: Filter) -> Select[Any]:
    """The query, of marks that fit only, where what it asks besides leaves few to test."""
    return query.where(of_run(wanted), *(one.walking for one in conditions(connection, wanted)))


def of_run(wanted: Filter) -> ColumnElement[bool]:
    """Marks of the run that is wanted, of photos that a file holds."""
    if wanted.run is None:
        return marks.c.newest
    return and_(marks.c.run_id == wanted.run, is_held(marks.c.photo_id))


def conditions(connection: Connection, wanted: Filter) -> Iterator[Condition]:
    """What a filter asks, one condition after the other."""
    for name in _PLAIN:
        value = getattr(wanted, name)
        if value:
            yield _equal(name, value)
    if wanted.country:
        yield _equal("country", wanted.country.upper())
    if wanted.maker:
        part = wanted.maker.casefold()
        yield _named(connection, "maker", lambda name: part in name.casefold())
    if wanted.calibre:
        calibre = wanted.calibre.casefold()
        yield _named(connection, "calibre", lambda name: name.casefold() == calibre)
    if wanted.year is not None:
        yield _plain(and_(marks.c.year_from + 0 <= wanted.year, marks.c.year_to >= wanted.year))
    if wanted.least_probability > 0:
        yield _plain(marks.c.probability >= wanted.least_probability)
    if wanted.reading:
        yield _reads(wanted.reading)
    if wanted.words:
        yield _has_words(connection, wanted.words)
    if wanted.photo:
        yield _of_photos(connection, photos.c.sha256 == wanted.photo)
    if wanted.near:
        yield _of_photos(connection, and_(*_near(*wanted.near)))
    if wanted.folder:
        yield _lies_in(connection, wanted.folder)
    if wanted.state:
        yield _stands(wanted.state)


def _plain(test: ColumnElement[bool]) -> Condition:
    return Condition(test, test)


def _equal(name: str, value: str) -> Condition:
    column = marks.c[name]
    reach = select(marks.c.id).where(column == value) if name in _INDEXED else None
    return Condition(column == value, func.coalesce(column, "") == value, reach)


def _named(connection: Connection, name: str, fits: Callable[[str], bool]) -> Condition:
    """Marks whose maker or calibre fits. There are few of these: their index is gone through from one to the next, and
    each is tested here, since SQLite knows capitals of ASCII only."""
    column = marks.c[name]
    names = select(func.min(column).label("name")).cte("names", recursive=True)
    following = select(func.min(column)).where(column > names.c.name).correlate(names).scalar_subquery()
    names = names.union_all(select(following).where(names.c.name.is_not(None)))
    every = connection.execute(select(names.c.name).where(names.c.name.is_not(None))).scalars()
    found = [one for one in every if fits(one)]
    named, walking = column.in_(found), func.coalesce(column, "").in_(found)
    if len(found) >= _NAMES:
        return _plain(walking)
    return Condition(named, walking, select(marks.c.id).where(named))


def _reads(reading: str) -> Condition:
    key, column = folded(reading), marks.c.folded
    plain = func.coalesce(column, "")
    if not reading.rstrip().endswith("*"):
        return Condition(column == key, plain == key, select(marks.c.id).where(column == key))
    last = key + "\U0010ffff"
    begins = and_(column >= key, column < last)
    return Condition(begins, and_(plain >= key, plain < last), select(marks.c.id).where(begins))


def _has_words(connection: Connection, words: str) -> Condition:
    tokens = folded(words).split()
    if not tokens:
        raise UsageError("Searching for words needs a letter or a digit.")
    sqlite = connection.dialect.name == "sqlite"
    found_at, spaced = func.instr if sqlite else func.strpos, literal(" ").concat(marks.c.words)
    these = and_(*(found_at(spaced, f" {token}") > 0 for token in tokens))
    if sqlite:
        asked = " ".join(f'"{token}"*' for token in tokens)
        says = text("SELECT rowid FROM marks_words WHERE marks_words MATCH :asked").bindparams(asked=asked)
        having = select(_WORDS.c.rowid).where(literal_column("marks_words").op("MATCH")(asked))
        found = marks.c.id.in_(says.columns(literal_column("rowid")).scalar_subquery())
        return Condition(found, these, having, dear=True)
    # What begins with one or two letters is most of the index: longer words are looked up, those are tested.
    asked = " & ".join(f"'{token}':*" for token in [one for one in tokens if len(one) > _SHORT] or tokens)
    simple: ColumnElement[Any] = literal_column("'simple'::regconfig")
    vector = func.to_tsvector(simple, marks.c.words)
    lists: ColumnElement[bool] = vector.op("@@", return_type=Boolean())(func.to_tsquery(simple, asked))
    return Condition(and_(lists, these), these, select(marks.c.id).where(lists), dear=True)


def _one_of(connection: Connection, some: Select[Any]) -> ColumnElement[bool]:
    """Marks of some photos, found first."""
    if connection.dialect.name == "sqlite":
        return marks.c.photo_id.in_(some)
    return marks.c.photo_id == func.any(func.array(some.scalar_subquery()))


def _there_is(connection: Connection, some: Select[Any]) -> ColumnElement[bool]:
    """Whether there is any, asked mark by mark: PostgreSQL would look for all of them first, and join."""
    if connection.dialect.name == "sqlite":
        return some.exists()
    return func.coalesce(some.with_only_columns(literal(True)).limit(1).scalar_subquery(), False)


def _of_photos(connection: Connection, test: ColumnElement[bool]) -> Condition:
    """Marks whose photo fits."""
    fits = select(photos.c.id).where(test)
    this = fits.where(photos.c.id == marks.c.photo_id).correlate(marks)
    return Condition(_one_of(connection, fits), _there_is(connection, this), fits, dear=True)


def _lies_in(connection: Connection, folder: str) -> Condition:
    """Marks of photos with a file in a folder, as the store names it, or below it."""
    inside = folder.rstrip("/") + "/"
    if connection.dialect.name == "sqlite":  # whose LIKE uses no index; its order of text is that of the code points
        below = and_(files.c.path >= inside, files.c.path < inside[:-1] + chr(ord("/") + 1))
    else:
        below = files.c.path.startswith(inside, autoescape=True)
    lying = select(files.c.photo_id).where(below, ~files.c.gone, files.c.photo_id.is_not(None))
    this = lying.where(files.c.photo_id == marks.c.photo_id).correlate(marks)
    dear = connection.dialect.name != "sqlite"
    return Condition(_one_of(connection, lying), _there_is(connection, this), lying, dear=dear)


def _stands(state: str) -> Condition:
    """Marks by what people's decisions come to: open are also those on which nobody decided."""
    same = and_(standings.c.photo == photos.c.sha256, standings.c.mark == marks.c.mark, photos.c.id == marks.c.photo_id)
    if state == "open":
        return _plain(~exists().where(same, standings.c.state != "open"))
    this = exists().where(same, standings.c.state == state)
    decided = (
        select(photos.c.id).join(standings, standings.c.photo == photos.c.sha256).where(standings.c.state == state)
    )
    return Condition(and_(marks.c.photo_id.in_(decided), this), this, decided)


def _near(latitude: float, longitude: float, kilometres: float) -> list[ColumnElement[bool]]:
    """A box around a place: what a person means by near, and what an index can answer."""
    high = kilometres / _KM_A_DEGREE
    wide = high / max(0.01, math.cos(math.radians(latitude)))
    return [
        photos.c.latitude.between(latitude - high, latitude + high),
        photos.c.longitude.between(longitude - wide, longitude + wide),
    ]
