"""The bars of the report: by country, maker, calibre and year, the longest first or in order of time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from vision.archive.exports.behind import Photos
from vision.archive.exports.counted import Counted
from vision.archive.exports.decided import Decided, confirmed
from vision.archive.exports.tally import Tally
from vision.report.archive import Bar, Chart
from vision.report.content import NO_COUNTRY
from vision.report.countries import country_name
from vision.report.intervals import Sums, estimate
from vision.text import so_many

_MOST_BARS, _MOST_YEARS = 25, 80


@dataclass(slots=True)
class Draft:
    """What a bar is to show: the marks that people confirmed, the sums of those that the machine states, and some."""

    sure: list[Decided] = field(default_factory=list)
    sums: Sums = field(default_factory=lambda: Sums(0, 0.0, 0.0, 0.0))
    samples: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.sure) + self.sums.count

    @property
    def length(self) -> float:
        return len(self.sure) + self.sums.p1

    @property
    def numbers(self) -> list[int]:
        """The marks behind it, as far as they are kept, people's first."""
        return [one.number for one in self.sure] + self.samples

    def take(self, other: Draft) -> None:
        """Count another draft's marks in as well."""
        self.sure = self.sure + other.sure
        self.sums += other.sums
        self.samples = self.samples + other.samples

    def bar(self, key: str, name: str, photos: Photos) -> Bar:
        """The bar."""
        shown = photos.of_marks(self.numbers)
        return Bar(key, name, len(self.sure), estimate(self.sums), self.sums.count, shown)


def drafts(
    tally: Tally, sure: Iterable[Decided], key_of: Callable[[Decided], Any], to: Callable[[Any], Any] = lambda key: key
) -> dict[Any, Draft]:
    """Drafts by key: to turns a tally's keys into the drafts', key_of gives a confirmed mark's (None: not counted)."""
    found: dict[Hashable, Draft] = {}
    for key, sums, samples in tally:
        draft = found.setdefault(to(key), Draft())
        draft.sums += sums
        draft.samples += samples
    for one in sure:
        key = key_of(one)
        if key is not None:
            found.setdefault(key, Draft()).sure.append(one)
    return found


def country(code: str) -> str:
    """A country's name as bars have it."""
    return "no country can be told" if code == NO_COUNTRY else country_name(code)


def charts(counted: Counted, photos: Photos) -> tuple[Chart, ...]:
    """By country, by maker and by calibre."""
    sure, tallies = confirmed(counted.decided), counted.tallies
    unknown = sum(sums.count for _, sums, _ in tallies["unread"])
    by_country = drafts(tallies["origins"], sure, lambda one: one.finding.country or None)
    by_maker = drafts(tallies["makers"], sure, _maker)
    by_calibre = drafts(tallies["calibres"], sure, lambda one: one.finding.calibre or None)
    named = {
        "By country": f"Where the marked objects were made. Of {unknown} more marks no state can be named.",
        "By maker": "Who made them. Marks whose state is known and whose maker is not are left out.",
        "By calibre": "As the marking set has it for the first candidate, or for the marking that a person named.",
    }
    notes = iter(named.items())
    return (
        _chart("country", *next(notes), by_country, country, photos),
        _chart("maker", *next(notes), by_maker, lambda key: f"{key[1]} ({key[0]})", photos),
        _chart("calibre", *next(notes), by_calibre, str, photos),
    )


def _maker(one: Decided) -> tuple[str, str] | None:
    return (one.finding.country, one.finding.manufacturer) if one.finding.manufacturer else None


def _chart(
    key: str, title: str, note: str, found: dict[Any, Draft], name: Callable[[Any], str], photos: Photos
) -> Chart:
    ranked = sorted(found.items(), key=lambda pair: (-pair[1].length, name(pair[0])))
    rest = [draft for _, draft in ranked[_MOST_BARS:]]
    together = so_many(sum(draft.total for draft in rest), "mark")
    said = f"Not shown: {len(rest)} more, with {together} together." if rest else ""
    shown = ranked[:_MOST_BARS]
    bars = tuple(draft.bar(f"{key}-{i}", name(what), photos) for i, (what, draft) in enumerate(shown, 1))
    return Chart(key, title, note, bars, said)


def years(counted: Counted, photos: Photos) -> Chart:
    """By year or, where they span more than 80 years, by decade; what is dated less finely is told apart."""
    sure = [one for one in confirmed(counted.decided) if one.finding.year_from is not None]
    found = drafts(counted.tallies["years"], sure, lambda one: (one.finding.year_from, one.finding.year_to))
    exact = [first for first, last in found if first == last]
    wide = not exact or max(exact) - min(exact) >= _MOST_YEARS
    unit = 10 if wide else 1
    columns: dict[int, Draft] = {}
    left = 0
    for (first, last), draft in found.items():
        if first // unit != last // unit:
            left += draft.total
            continue
        columns.setdefault(first // unit * unit, Draft()).take(draft)
    span = range(min(columns), max(columns) + 1, unit) if columns else range(0)
    bars = tuple(
        columns.get(year, Draft()).bar(f"year-{year}", f"{year}s" if wide else str(year), photos) for year in span
    )
    note = "When the marked objects were made, by the year on the mark or the one that its code stands for."
    less = f"Not shown: {so_many(left, 'mark')} dated to a span of years that no column holds." if left else ""
    return Chart("year", "By decade" if wide else "By year", note, bars, less)
