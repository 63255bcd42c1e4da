"""What an archive shows, as one self-contained HTML page that prints: counts with their doubt, and the photos of each.

What people confirmed and what the machine only proposes stand beside each other and are never added up. The page has no
script and loads nothing; links lead within it, and to the photos where they lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined

from vision.report import archive_words as words
from vision.report import content
from vision.report.archive_charts import columns, ladder
from vision.report.intervals import Estimate
from vision.text import visible


@dataclass(frozen=True, slots=True)
class Shown:
    """One photo behind a bar: path as the store has it, href where it lies ("" when that cannot be told), and what is
    said of its mark. thumbnail is a data URI, or empty."""

    path: str
    href: str = ""
    reading: str = ""
    says: str = ""
    confirmed: bool = False
    thumbnail: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A kind of mark: how many people confirmed, and how many more the machine states, as a number with its doubt.

    marks is how many the machine states it of; photos are some of those behind the bar, the surest first.
    """

    key: str
    name: str
    confirmed: int
    stated: Estimate
    marks: int
    photos: tuple[Shown, ...] = ()

    @property
    def total(self) -> int:
        return self.confirmed + self.marks


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of one question, the longest first or in order of time; rest says what is not shown."""

    key: str
    title: str
    note: str
    bars: tuple[Bar, ...]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class ShareRow:
    """The marks of one place or time: how many, and by country (in the order of the table's names) confirmed and
    stated."""

    key: str
    name: str
    marks: int
    confirmed: tuple[int, ...]
    stated: tuple[Estimate, ...]
    photos: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class ShareTable:
    """How shares by country differ along one axis."""

    key: str
    title: str
    note: str
    names: tuple[str, ...]
    rows: tuple[ShareRow, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Marks that are alike and lie at several places."""

    key: str
    says: str
    marks: int
    places: tuple[str, ...]
    dates: str
    photos: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One column of a histogram: how many marks were stated, and how many were not."""

    key: str
    name: str
    stated: int
    unknown: int
    photos: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Histogram:
    """How good the photos were, in steps."""

    key: str
    title: str
    note: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something could not be read, and how often."""

    key: str
    says: str
    count: int
    photos: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Archive:
    """All that the page shows."""

    name: str
    made_at: str
    totals: Mapping[str, int]
    runs: tuple[str, ...]
    charts: tuple[Chart, ...] = ()
    years: Chart | None = None
    shares: tuple[ShareTable, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    histograms: tuple[Histogram, ...] = ()
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class PhotoList:
    """The photos behind one bar, as the end of the page lists them."""

    key: str
    title: str
    total: int
    photos: Sequence[Shown]


def page(archive: Archive) -> str:
    """The report as HTML."""
    environment = Environment(
        loader=PackageLoader("vision.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    environment.filters["number"] = words.number
    environment.filters["range"] = words.between
    environment.filters["share"] = words.share
    return environment.get_template("archive.html.j2").render(
        archive=archive,
        words=words,
        content=content,
        ladders={chart.key: ladder(chart.bars) for chart in archive.charts},
        years=columns(archive.years.bars) if archive.years else None,
        lists=photo_lists(archive),
    )


def photo_lists(archive: Archive) -> list[PhotoList]:
    """Every list of photos that the page ends with, in the order of its bars."""
    charts = [*archive.charts, *([archive.years] if archive.years else [])]
    lists = [PhotoList(b.key, f"{c.title}: {b.name}", b.total, b.photos) for c in charts for b in c.bars]
    lists += [PhotoList(r.key, f"{t.title}: {r.name}", r.marks, r.photos) for t in archive.shares for r in t.rows]
    lists += [PhotoList(c.key, f"Alike: {c.says}", c.marks, c.photos) for c in archive.clusters]
    steps = [(chart, step) for chart in archive.histograms for step in chart.steps]
    lists += [PhotoList(s.key, f"{c.title}: {s.name}", s.stated + s.unknown, s.photos) for c, s in steps]
    lists += [PhotoList(r.key, r.says, r.count, r.photos) for r in archive.reasons]
    return [one for one in lists if one.total]
