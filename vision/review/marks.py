"""The marks that wait for people: where they come from, in which order they are shown, and which fit a filter.

The order is what helps most first: a mark's doubt (what its first candidate leaves open) times how many marks were read
like it, on a logarithmic scale, since deciding one of many alike helps with all of them. All is held in memory, so
that the next mark of a store of 100,000 is found in milliseconds.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from vision.review.filters import Filter
from vision.review.ledger import Ledger, MarkKey

# Marks for which no candidate is named, or on which nothing was read, come after those that are hard to tell.
NO_CANDIDATE, NOTHING_READ = 0.5, 0.25
SMALLEST_GROUP = 5
MOST_IN_GROUP = 200
_FILTERS_KEPT = 64
HELD_S = 180.0


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One mark of the store's newest records. number is its own in the store; first is the first candidate's pattern.

    probability is the first candidate's; years are its year range, None where it has none; level is what the machine
    states. taken_at is the photo's ISO time, "" where it has none; place is degrees north and east.
    """

    number: int
    photo: str
    mark: str
    path: str
    kind: str
    reading: str
    level: str
    first: str
    maker: str
    country: str
    calibre: str
    years: tuple[int, int] | None
    probability: float
    code: str = ""
    state_then: str = ""
    lot: str = ""
    taken_at: str = ""
    place: tuple[float, float] | None = None

    @property
    def key(self) -> MarkKey:
        return self.photo, self.mark

    @property
    def like(self) -> tuple[str, str]:
        """Marks with the same value are alike: read alike, with the same first candidate."""
        return self.reading, self.first


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """A photo's record as the store holds it: text is the line of JSON whose sha256 decisions name."""

    sha256: str
    path: str
    text: str
    record_sha256: str
    kit: str


class Source(Protocol):
    """Where marks come from: the archive's store, or a few records in a test."""

    def rows(self) -> Iterable[MarkRow]:
        """Every mark of the newest records."""

    def photo(self, sha256: str) -> PhotoRecord | None:
        """A photo's newest record."""

    def locate(self, sha256: str) -> str | None:
        """Where a photo's file is."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the marks that fit a filter are: total, of which done are decided by somebody."""

    total: int
    done: int


class Marks:
    """All marks in the order in which they are shown."""

    def __init__(
        self, rows: Iterable[MarkRow], *, second_share: float = 0.0, controls: frozenset[MarkKey] = frozenset()
    ) -> None:
        """second_share is the share of marks that two people look at, 0 to 1; which ones is drawn by their names.
        controls are shown to everybody."""
        read = list(rows)
        alike = Counter(row.like for row in read)
        self.ordered = sorted(read, key=lambda row: (-_worth(row, alike[row.like]), row.number))
        self.by_number = {row.number: row for row in read}
        self.by_key = {row.key: row for row in read}
        self._place = {row.number: place for place, row in enumerate(self.ordered)}
        self._by_first: dict[str, list[MarkRow]] = defaultdict(list)
        for row in self.ordered:
            self._by_first[row.first or row.reading].append(row)
        self._second_share, self._controls = second_share, controls
        self._fitting: OrderedDict[Filter, Sequence[MarkRow]] = OrderedDict()
        self._done: dict[Filter, tuple[int, int]] = {}
        self._progress: dict[Filter, tuple[int, Progress]] = {}
        self._held: dict[int, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def fitting(self, wanted: Filter) -> Sequence[MarkRow]:
        """The marks that fit a filter, its state of review apart, in order."""
        bare = Filter(**{**wanted.words(), "state": ""})
        if bare == Filter():
            return self.ordered
        with self._lock:
            if bare not in self._fitting:
                self._fitting[bare] = [row for row in self.ordered if bare.fits(row)]
                while len(self._fitting) > _FILTERS_KEPT:
                    self._fitting.popitem(last=False)
            return self._fitting[bare]

    def next(
        self, wanted: Filter, ledger: Ledger, person: str, skipped: frozenset[int], moment: float
    ) -> MarkRow | None:
        """The next mark for a person, who then holds it for a while so that others get another one.

        moment is in seconds of any steady clock. None when nothing is left that fits.
        """
        rows = self.fitting(wanted)
        with self._lock:
            spare = None
            for place in range(self._first_open(wanted, rows, ledger), len(rows)):
                row = rows[place]
                if row.number in skipped or not self._waits(row, wanted, ledger, person):
                    continue
                holder, until = self._held.get(row.number, ("", 0.0))
                if holder in ("", person) or until < moment:
                    self._held[row.number] = (person, moment + HELD_S)
                    return row
                spare = spare or row
            return spare

    def _first_open(self, wanted: Filter, rows: Sequence[MarkRow], ledger: Ledger) -> int:
        """Where the first mark stands that anybody could still be shown: those before it are done for good, as long
        as nothing is taken back."""
        undone, place = self._done.get(wanted, (ledger.undone, 0))
        place = place if undone == ledger.undone else 0
        while place < len(rows) and self._is_done(rows[place], wanted, ledger):
            place += 1
        if len(self._done) > _FILTERS_KEPT:
            self._done.clear()
        self._done[wanted] = (ledger.undone, place)
        return place

    def _is_done(self, row: MarkRow, wanted: Filter, ledger: Ledger) -> bool:
        standing = ledger.marks.get(row.key)
        if wanted.state or standing is None or standing.state == "open" or row.key in self._controls:
            return False
        return standing.state != "decided" or not self.wants_second(row)

    def _waits(self, row: MarkRow, wanted: Filter, ledger: Ledger, person: str) -> bool:
        """Whether a mark waits for this person."""
        standing = ledger.marks.get(row.key)
        state = standing.state if standing else "open"
        if wanted.state:
            return state == wanted.state and (standing is None or person not in standing.by_person)
        if standing is None or state == "open":
            return True
        if row.key in self._controls:
            return person not in standing.by_person
        return state == "decided" and person not in standing.by_person and self.wants_second(row)

    def wants_second(self, row: MarkRow) -> bool:
        """Whether more than one person is to look at a mark, each by themselves: the same answer every time."""
        if row.key in self._controls:
            return True
        drawn = int.from_bytes(hashlib.sha256(f"second {row.photo} {row.mark}".encode()).digest()[:4], "big")
        return drawn < self._second_share * 2**32

    def wait_for_second(self, ledger: Ledger) -> int:
        """How many marks one person has decided on that another is to look at."""
        decided = (key for key, standing in list(ledger.marks.items()) if standing.state == "decided")
        waiting = (key for key in decided if key in self.by_key)
        return sum(1 for key in waiting if self.wants_second(self.by_key[key]))

    def progress(self, wanted: Filter, ledger: Ledger) -> Progress:
        """How many of the marks that fit a filter have been decided."""
        seq, known = self._progress.get(wanted, (-1, Progress(0, 0)))
        if seq != ledger.seq:
            rows = self.fitting(wanted)
            touched = list(ledger.marks) if not wanted.words() else [row.key for row in rows if row.key in ledger.marks]
            done = sum(1 for key in touched if key in self.by_key and ledger.marks[key].state != "open")
            known = Progress(len(rows), done)
            if len(self._progress) > _FILTERS_KEPT:
                self._progress.clear()
            self._progress[wanted] = (ledger.seq, known)
        return known

    def like_decided(self, row: MarkRow, ledger: Ledger, limit: int = 6) -> list[MarkRow]:
        """Marks with the same first candidate, or read alike, on which people agree, at most limit."""
        same = self._by_first.get(row.first or row.reading, ()) if (row.first or row.reading) else ()
        if len(ledger.marks) < len(same):  # early in an archive few are decided, and tens of thousands are alike
            first = row.first or row.reading
            rows = (self.by_key[key] for key in list(ledger.marks) if key in self.by_key)
            same = sorted((r for r in rows if (r.first or r.reading) == first), key=lambda r: self._place[r.number])
        found: list[MarkRow] = []
        for other in same:
            if other.number != row.number and other.key in ledger.marks and ledger.marks[other.key].verdict:
                found.append(other)
                if len(found) == limit:
                    break
        return found

    def like_open(self, row: MarkRow, ledger: Ledger) -> Iterator[MarkRow]:
        """The open marks that are like row, itself included where it is open, in order."""
        for other in self._by_first[row.first or row.reading]:
            if other.like == row.like and ledger.standing(*other.key).state == "open":
                yield other

    def groups(self, ledger: Ledger) -> Iterator[list[MarkRow]]:
        """Groups of open marks that are alike, largest first, each at least SMALLEST_GROUP strong."""
        alike: dict[tuple[str, str], list[MarkRow]] = defaultdict(list)
        for row in self.ordered:
            if row.first and row.reading and (row.key not in ledger.marks or ledger.standing(*row.key).state == "open"):
                alike[row.like].append(row)
        yield from sorted((g for g in alike.values() if len(g) >= SMALLEST_GROUP), key=lambda g: (-len(g), g[0].number))


def _worth(row: MarkRow, alike: int) -> float:
    doubt = 1.0 - row.probability if row.reading and row.first else NO_CANDIDATE if row.reading else NOTHING_READ
    return doubt * math.log2(1 + alike)


def years_of(candidate: dict[str, Any]) -> tuple[int, int] | None:
    """The year range of a record's candidate."""
    year = candidate.get("year")
    return (int(year["from"]), int(year["to"])) if year else None
