"""Which condition of a search leads: one that few marks fulfil, found by its index, or none, where a page fills sooner
by walking along the order and testing mark by mark.

SQLite does not know which it is. So a sample of marks spread over all tells how far a walk would go, and the marks of
each condition are counted, as far as that is quick. PostgreSQL knows of each condition, but not of several together,
nor of words, places and folders, whose marks it takes for spread over all numbers: it is told whether to walk.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from vision.archive.conditions import Condition, conditions, of_run
from vision.archive.connect import among
from vision.archive.tables import marks

if TYPE_CHECKING:
    from vision.archive.search import Filter

# So many marks of a condition are counted; how many more there are is said by the sample.
MANY = 10_000
# A walk no longer than so many, or a condition that no more fulfil, needs no better one.
FEW = 2000
_SAMPLE = 500
_DEARER = 2  # how much longer it takes where rows must be read, not entries of an index that holds all that is tested
_A_PAGE = 50


def paged(
    connection: Connection, query: Select[Any], wanted: Filter, order: ColumnElement[Any], downwards: bool
) -> tuple[Select[Any], bool]:
    """The query, of marks that fit only, for a page of them in an order; and whether a condition must lead."""
    asked = list(conditions(connection, wanted))
    helped = [one for one in asked if one.dear or connection.dialect.name == "sqlite"]
    if not helped and len(asked) < 2:
        return query.where(of_run(wanted), *(one.leading for one in asked)), False
    sample = _sample(connection, asked, wanted, order.desc() if downwards else order)
    lead, walks = _lead(connection, asked, helped, sample)
    tests = (one.walking if one in helped and one is not lead else one.leading for one in asked)
    return query.where(of_run(wanted), *tests), not walks


@dataclass(frozen=True, slots=True)
class _Sample:
    """What marks spread over all tell: how many a walk meets before a page is full, and how many fulfil each condition.
    From some on that number is not mere chance."""

    walk: float
    fulfil: Mapping[Condition, float]
    some: float


def _sample(connection: Connection, asked: list[Condition], wanted: Filter, order: ColumnElement[Any]) -> _Sample:
    """Where no mark of the sample fits, the walk follows from the shares of the conditions, as if independent."""
    total = max(1, int(connection.execute(select(func.max(marks.c.id))).scalar() or 0))
    step = max(1, total // _SAMPLE)
    tests = [of_run(wanted), *(one.walking for one in asked)]
    each = [case((test, 1), else_=0) for test in tests]
    query = select(*each).where(among(connection, marks.c.id, range(1, total + 1, step))).order_by(order, marks.c.id)
    rows = [tuple(row) for row in connection.execute(query)]
    shares = [(sum(row[place] for row in rows) + 1) / (len(rows) + 2) for place in range(len(tests))]
    independent = _A_PAGE / min(float(math.prod(shares)), 1.0 / _SAMPLE)
    fits = [all(row) for row in rows]
    fulfil = {one: share * total for one, share in zip(asked, shares[1:], strict=True)}
    return _Sample(walk(fits, step) if any(fits) else independent, fulfil, 4.0 * step)


def walk(fits: list[bool], step: int) -> float:
    """About how many marks a walk meets before a page is full, from which of a sample fit, in the walk's order.

    That lies between what it would be if those that fit were spread evenly and what it is if none comes before the
    first of the sample, since they may lie together.

    Args:
        fits: of each mark of the sample; one at least does.
        step: of how many marks each of the sample is one.

    >>> round(walk([True, False] * 250, 2000)), round(walk([False] * 400 + [True] * 100, 2000))
    (100, 14142)
    """
    evenly = _A_PAGE * len(fits) / sum(fits)
    return math.sqrt(evenly * max(evenly, fits.index(True) * float(step)))


def _lead(
    connection: Connection, asked: list[Condition], helped: list[Condition], sample: _Sample
) -> tuple[Condition | None, bool]:
    """The condition of those to help that finds its marks soonest, None where one that the database chooses by itself
    does, or a walk fills a page sooner; and whether it does."""
    others = (_DEARER * sample.fulfil[one] for one in asked if one not in helped and one.reach is not None)
    least, lead = min([sample.walk, *others]), None
    for one in sorted(helped, key=lambda one: one.dear):
        if least <= FEW or one.reach is None:
            continue
        cost = _DEARER * _dear(connection, one, sample, least) if one.dear else _counted(connection, one, sample, least)
        if cost < least:
            least, lead = cost, one
    return lead, least == sample.walk


def _dear(connection: Connection, one: Condition, sample: _Sample, most: float) -> float:
    """How many marks fulfil a condition that takes long to count: as the sample has it, if it has some."""
    known = sample.fulfil[one]
    return known if known >= sample.some else _counted(connection, one, sample, most / _DEARER)


def _counted(connection: Connection, one: Condition, sample: _Sample, most: float) -> float:
    """How many marks fulfil a condition, counted up to MANY and no further than most; beyond, as the sample has it."""
    limit = math.ceil(min(MANY, most))
    assert one.reach is not None
    counted = select(func.count()).select_from(one.reach.limit(limit).subquery())
    reached = float(connection.execute(counted).scalar_one())
    return reached if reached < limit else max(reached, sample.fulfil[one])
