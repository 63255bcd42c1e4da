"""Everything that the report of an archive counts: by origin, calibre, year, place, month, likeness and quality.

What people decided on is counted apart, from their words; the tallies hold the rest, what the machine states.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vision.archive.connect import reading
from vision.archive.exports.items import Finding, Item, Word, findings
from vision.archive.exports.stored import Words
from vision.archive.exports.tally import Batch, MarkFacts, Tally, decided_marks, every_mark
from vision.archive.store import Store

SHARPNESS, GLARE = (0.2, 0.4, 0.6, 0.8), (0.05, 0.1, 0.2, 0.4)
_TO_MAKER = ("maker", "pattern")
Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Decided:
    """A mark that people decided on: what they said of it, and the store's facts (None for one that they drew)."""

    photo: str
    finding: Finding
    facts: MarkFacts | None

    @property
    def number(self) -> int | None:
        return self.facts.number if self.facts else None


@dataclass(slots=True)
class Counted:
    """The tallies of what the machine states, each by its own key, and what people decided on.

    origins: country. makers: (country, maker). calibres: name. years: (from, to). places: (cell or None, country).
    months: ("2024-05" or "", country). likes: ((code, from, to, calibre), cell). sharpness, glare: (step, whether an
    origin is stated). unread: "nothing" or "unknown". The country is empty where none is stated.
    """

    samples: int
    decided: list[Decided] = field(default_factory=list)
    conflicts: int = 0
    marks: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = ("origins", "makers", "calibres", "years", "places", "months", "likes", "sharpness", "glare", "unread")
        self.tallies = {name: Tally(self.samples) for name in names}

    def add(self, batch: Batch) -> None:
        """Count a batch of marks that nobody decided on."""
        numbers = np.array(batch["number"], np.int64)
        right = 1.0 - np.array(batch["risk"])
        fits = np.array(batch["probability"])
        self.marks += len(numbers)
        for name, keys in _keys(batch).items():
            chances = fits if name in ("calibres", "years", "likes") else right
            self.tallies[name].add(keys, chances, numbers)


def count(store: Store, words: Words, samples: int) -> Counted:
    """Count a store's newest marks; words are people's, by photo sha256 and mark id."""
    counted = Counted(samples)
    said = {photo: {m: w for m, w in some.items() if w.status != "conflict"} for photo, some in words.items()}
    counted.conflicts = sum(word.status == "conflict" for some in words.values() for word in some.values())
    with reading(store.engine) as connection:
        facts = {(photo, mark): found for photo, mark, found in decided_marks(connection, said)}
        for photo, some in said.items():
            counted.decided += [
                Decided(photo, *_finding(store, photo, m, w, facts.get((photo, m)))) for m, w in some.items()
            ]
        for batch in every_mark(connection, {found.number for found in facts.values()}):
            counted.add(batch)
    return counted


def _finding(
    store: Store, photo: str, mark: str, word: Word, facts: MarkFacts | None
) -> tuple[Finding, MarkFacts | None]:
    """What a word comes to. The record is read only where the store's columns lack the pattern that was named."""
    if facts is not None and word.pattern in ("", facts.pattern):
        return _plain(mark, word, facts), facts
    stored = store.record(photo)
    record = stored.record if stored else _no_record()
    (found,) = findings(Item(_only(record, mark), {mark: word}), False) or (_plain(mark, word, facts),)
    return found, facts


def _plain(mark: str, word: Word, facts: MarkFacts | None) -> Finding:
    same = facts is not None and word.pattern != "" and word.pattern == facts.pattern
    return Finding(
        mark=mark,
        kind=word.kind,
        status=word.status,
        outline=word.outline,
        method="human",
        by=", ".join(word.by),
        at=word.at,
        reading=word.reading or (facts.reading if facts else ""),
        level=word.level,
        country=word.country,
        manufacturer=word.maker.removesuffix(f" ({word.country})"),
        pattern=word.pattern,
        code=facts.code if same and facts else "",
        year_from=facts.year_from if same and facts else None,
        year_to=facts.year_to if same and facts else None,
        calibre=facts.calibre if same and facts else "",
    )


def _only(record: Mapping[str, Any], mark: str) -> dict[str, Any]:
    return {**record, "marks": [one for one in record["marks"] if one["id"] == mark]}


def _no_record() -> dict[str, Any]:
    return {"photo": {"path": ""}, "marks": [], "run": {"version": "", "kit": ""}}


def cell(latitude: float | None, longitude: float | None) -> Cell | None:
    """The square of one degree around a place."""
    return None if latitude is None or longitude is None else (round(latitude), round(longitude))


def step(value: float | None, edges: Sequence[float]) -> int:
    """Which step of a quality a value is on: 0 below the first edge; -1 where it was not measured.

    >>> step(0.05, (0.2, 0.4)), step(0.2, (0.2, 0.4)), step(0.9, (0.2, 0.4)), step(None, (0.2, 0.4))
    (0, 1, 2, -1)
    """
    return -1 if value is None else sum(value >= edge for edge in edges)


def _keys(batch: Batch) -> dict[str, list[Hashable]]:
    """Every tally's keys of a batch; None where a mark does not count."""
    levels, countries = batch["level"], batch["country"]
    known = [level != "unknown" for level in levels]
    stated = [country if is_known else "" for country, is_known in zip(countries, known, strict=True)]
    cells = [cell(*place) for place in zip(batch["latitude"], batch["longitude"], strict=True)]
    years = list(zip(batch["year_from"], batch["year_to"], strict=True))
    alike = zip(batch["code"], batch["year_from"], batch["year_to"], batch["calibre"], strict=True)
    makers = zip(levels, zip(countries, batch["maker"], strict=True), strict=True)
    unread = zip(batch["reading"], known, strict=True)
    return {
        "origins": [country or None for country in stated],
        "makers": [maker if level in _TO_MAKER else None for level, maker in makers],
        "calibres": [name if ok and name else None for ok, name in zip(known, batch["calibre"], strict=True)],
        "years": [year if ok and year[0] is not None else None for ok, year in zip(known, years, strict=True)],
        "places": list(zip(cells, stated, strict=True)),
        "months": [((at or "")[:7], country) for at, country in zip(batch["taken_at"], stated, strict=True)],
        "likes": [
            (like, where) if ok and like[0] and where else None
            for ok, like, where in zip(known, alike, cells, strict=True)
        ],
        "sharpness": [(step(v, SHARPNESS), ok) for v, ok in zip(batch["sharpness"], known, strict=True)],
        "glare": [(step(v, GLARE), ok) for v, ok in zip(batch["glare"], known, strict=True)],
        "unread": [None if ok else "unknown" if text else "nothing" for text, ok in unread],
    }


def confirmed(decided: Iterable[Decided]) -> list[Decided]:
    """Those that people gave an origin, or at least a reading."""
    return [one for one in decided if one.finding.status == "confirmed"]


def by_status(decided: Iterable[Decided]) -> Counter[str]:
    """How many marks people decided on, by what they said."""
    return Counter(one.finding.status for one in decided)
