"""The marks of a store that people decided on, for the report: what they said of each, and what the store has of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from vision.archive.exports.items import Finding, Item, Word, findings
from vision.archive.exports.stored import Words
from vision.archive.exports.tally import MarkFacts, PhotoFacts, decided_marks, decided_photos
from vision.archive.store import Store


@dataclass(frozen=True, slots=True)
class Decided:
    """A mark that people decided on: what they said of it, and the store's facts (None for one that they drew).

    number is the store's or, where it has none, one below 0 that no other mark here has.
    """

    photo: str
    number: int
    finding: Finding
    facts: MarkFacts | None
    where: PhotoFacts


def decided_in(store: Store, connection: Connection, words: Words) -> list[Decided]:
    """What people decided on, in the order of the photos' sha256: contradictions, and photos that no file holds, are
    left out."""
    held = dict(decided_photos(connection, words))
    said = {photo: {m: w for m, w in words[photo].items() if w.status != "conflict"} for photo in sorted(held)}
    facts = {(photo, mark): found for photo, mark, found in decided_marks(connection, said)}
    made: list[Decided] = []
    for photo, some in said.items():
        for mark, word in some.items():
            known = facts.get((photo, mark))
            number = known.number if known else -len(made) - 1
            made.append(Decided(photo, number, _finding(store, photo, mark, word, known), known, held[photo]))
    return made


def confirmed(decided: Iterable[Decided]) -> list[Decided]:
    """Those that people gave an origin, or at least a reading."""
    return [one for one in decided if one.finding.status == "confirmed"]


def by_status(decided: Iterable[Decided]) -> Counter[str]:
    """How many marks people decided on, by what they said."""
    return Counter(one.finding.status for one in decided)


def _finding(store: Store, photo: str, mark: str, word: Word, facts: MarkFacts | None) -> Finding:
    """What a word comes to. The record is read only where the store's columns lack the pattern that was named."""
    if facts is not None and word.pattern in ("", facts.pattern):
        return _plain(mark, word, facts)
    stored = store.record(photo)
    record = stored.record if stored else _no_record()
    found = findings(Item(_only(record, mark), {mark: word}), False)
    return found[0] if found else _plain(mark, word, facts)


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
