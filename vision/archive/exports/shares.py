"""How what was found differs by place and date of the find, and which marks are alike at several places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import zip_longest
from typing import Any

from vision.archive.exports.bars import Draft, country, drafts
from vision.archive.exports.behind import Photos
from vision.archive.exports.counted import Cell, Counted, Like, cell
from vision.archive.exports.decided import Decided, confirmed
from vision.report.archive import Cluster, ShareRow, ShareTable
from vision.report.intervals import Estimate, estimate
from vision.text import so_many

_MOST_COUNTRIES, _MOST_PLACES, _MOST_MONTHS, _MOST_CLUSTERS = 6, 14, 24, 30
_OTHERS, _NONE = "others", "none stated"


def by_place(counted: Counted, behind: Photos) -> ShareTable:
    """Shares by country for each square of one degree, those with the most marks first, those without a place last."""
    found = drafts(counted.tallies["places"], confirmed(counted.decided), lambda one: (_cell(one), one.finding.country))
    where: set[Cell | None] = {place for place, _ in found}
    weight = {place: sum(draft.total for (at, _), draft in found.items() if at == place) for place in where}
    ranked = sorted((place for place in where if place), key=lambda place: (-weight[place], place))
    note = (
        "Places are squares of one degree around where the camera says it was. Shares are of all marks there, with the "
        "range that the readings leave."
    )
    if len(ranked) > _MOST_PLACES:
        note += f" Not shown: {so_many(len(ranked) - _MOST_PLACES, 'more place')}."
    shown: list[Any] = [*ranked[:_MOST_PLACES], *([None] if None in where else [])]
    rows = [(_place_name(place), [place]) for place in shown]
    return _table("place", "By place of the find", note, found, rows, behind)


def by_month(counted: Counted, behind: Photos) -> ShareTable:
    """Shares by country for each month, or each year where there are more than 24 months, in order of time."""
    found = drafts(
        counted.tallies["months"], confirmed(counted.decided), lambda one: (_month(one), one.finding.country)
    )
    months = sorted({month for month, _ in found})
    length = 7 if len(months) <= _MOST_MONTHS else 4
    times = sorted({month[:length] for month in months if month}) + ([""] if "" in months else [])
    rows = [(time or "not noted", [m for m in months if m[:length] == time]) for time in times]
    note = "When the photos were taken, by the camera's clock."
    return _table("date", "By date of the find", note, found, rows, behind)


def _table(
    key: str,
    title: str,
    note: str,
    found: dict[tuple[Any, str], Draft],
    rows: Sequence[tuple[str, Collection[Any]]],
    behind: Photos,
) -> ShareTable:
    """A table from drafts by (place or time, country); a row is its name and the places or times it joins."""
    total: dict[str, float] = defaultdict(float)
    for (_, code), draft in found.items():
        total[code] += draft.length
    first = sorted((code for code in total if code), key=lambda code: (-total[code], code))[:_MOST_COUNTRIES]
    made = []
    for number, (name, joined) in enumerate(rows, 1):
        columns = [Draft() for _ in range(len(first) + 2)]
        for (at, code), draft in found.items():
            if at in joined:
                columns[first.index(code) if code in first else len(first) + (not code)].take(draft)
        made.append(_row(f"{key}-{number}", name, columns, behind))
    return ShareTable(key, title, note, (*map(country, first), _OTHERS, _NONE), tuple(row for row in made if row.marks))


def _row(key: str, name: str, columns: Sequence[Draft], behind: Photos) -> ShareRow:
    shown = behind.of_marks([number for draft in columns for number in draft.numbers])
    confirmed_each = tuple(len(draft.sure) for draft in columns)
    stated = (*(estimate(draft.sums) for draft in columns[:-1]), _none_stated(columns[-1]))
    return ShareRow(key, name, sum(draft.total for draft in columns), confirmed_each, stated, shown)


def _none_stated(draft: Draft) -> Estimate:
    """Marks of which nothing is stated, of which there is no doubt."""
    return Estimate(float(draft.sums.count), draft.sums.count, draft.sums.count)


def _cell(one: Decided) -> Cell | None:
    return cell(one.where.latitude, one.where.longitude)


def _month(one: Decided) -> str:
    return (one.where.taken_at or "")[:7]


def _place_name(place: Cell | None) -> str:
    """
    >>> _place_name((13, -22)), _place_name(None)
    ('13° N 22° W', 'not noted')
    """
    if place is None:
        return "not noted"
    latitude, longitude = place
    return f"{abs(latitude)}° {'S' if latitude < 0 else 'N'} {abs(longitude)}° {'W' if longitude < 0 else 'E'}"


# Alike at several places


def likes(counted: Counted, behind: Photos) -> tuple[Cluster, ...]:
    """Marks with one code, year and calibre that lie at more than one place, the most places first."""
    found: dict[Like, dict[Cell, Draft]] = {}
    months = {}
    for kind in counted.alike(3 * _MOST_CLUSTERS):
        found[kind.like] = {where: Draft([], sums, samples) for where, (sums, samples) in kind.at.items()}
        months[kind.like] = kind.months
    for one in confirmed(counted.decided):
        said, where = one.finding, _cell(one)
        like = (said.code, said.year_from, said.year_to, said.calibre)
        if where and said.code and said.year_from is not None:
            found.setdefault(like, {}).setdefault(where, Draft()).sure.append(one)
    several = [(like, at) for like, at in found.items() if len(at) > 1]
    several.sort(key=lambda pair: (-len(pair[1]), -sum(draft.total for draft in pair[1].values()), str(pair[0])))
    return tuple(
        _cluster(f"alike-{number}", like, at, months.get(like, ("", "")), behind)
        for number, (like, at) in enumerate(several[:_MOST_CLUSTERS], 1)
    )


def _cluster(key: str, like: Like, at: dict[Cell, Draft], months: tuple[str, str], behind: Photos) -> Cluster:
    code, first, last, calibre = like
    years = "" if first is None else str(first) if first == last else f"{first} to {last}"
    ranked = sorted(at, key=lambda where: (-at[where].total, where))
    numbers = [number for turn in zip_longest(*(at[where].numbers for where in ranked)) for number in turn if number]
    sure = [_month(one) for draft in at.values() for one in draft.sure]
    seen = sorted({month for month in (*months, *sure) if month})
    return Cluster(
        key,
        ", ".join(part for part in (code, years, calibre) if part),
        sum(draft.total for draft in at.values()),
        tuple(_place_name(where) for where in ranked),
        " to ".join(dict.fromkeys((seen[0], seen[-1]))) if seen else "",
        behind.of_marks(numbers),
    )
