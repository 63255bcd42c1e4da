"""What an export starts from: a photo's record and people's words on its marks, and the one finding a mark comes to.

A finding never mixes the two: where a person decided, it says what the person said; where none did, what the machine
proposes, no finer than the level that is safe to state, and only for those who ask for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Status = Literal["confirmed", "rejected", "undetermined", "conflict", "unconfirmed"]
DECIDED: tuple[Status, ...] = ("confirmed", "rejected", "undetermined")
Record = Mapping[str, Any]

_STATED = {"unknown": 0, "state": 1, "maker": 2, "pattern": 3}


@dataclass(frozen=True, slots=True)
class Word:
    """What people's decisions on one mark come to; names and times of those whose words stand, oldest first.

    country is ISO alpha-2, maker "name (country)", as far as level goes. outline and kind are set for a mark that a
    person drew and the machine had not seen.
    """

    status: Status
    by: tuple[str, ...]
    at: str
    level: str = ""
    pattern: str = ""
    maker: str = ""
    country: str = ""
    reading: str = ""
    note: str = ""
    kind: str = ""
    outline: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One photo of an archive: its record, people's words by mark id, where it lies, and the paths of its copies."""

    record: Record
    words: Mapping[str, Word] = field(default_factory=dict)
    file: Path | None = None
    copies: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return str(self.record["photo"]["path"])


@dataclass(frozen=True, slots=True)
class Finding:
    """One mark of one photo, flat: what is said of it and who says so.

    outline is in pixels of the turned photo. method is "human" where a person decided, else "machine"; probability is
    the machine's and None where a person decided. candidates are the record's, only where the machine's are asked for.
    """

    mark: str
    kind: str
    status: Status
    outline: tuple[tuple[float, float], ...]
    method: Literal["human", "machine"]
    by: str
    at: str
    reading: str = ""
    level: str = ""
    country: str = ""
    state_then: str = ""
    manufacturer: str = ""
    code: str = ""
    pattern: str = ""
    year_from: int | None = None
    year_to: int | None = None
    calibre: str = ""
    probability: float | None = None
    risk: float | None = None
    unknown_probability: float | None = None
    note: str = ""
    quality: Mapping[str, float] | None = None
    candidates: tuple[Mapping[str, Any], ...] = ()


def leaves(status: Status, include_unconfirmed: bool) -> bool:
    """Whether a mark of this status may leave the archive."""
    return include_unconfirmed or status in DECIDED


def shown(items: Iterable[Item], include_unconfirmed: bool) -> Iterator[tuple[Item, tuple[Finding, ...]]]:
    """The items that leave, each with its findings: all of them where asked, else those a person has decided on."""
    for item in items:
        found = findings(item, include_unconfirmed)
        if found or include_unconfirmed:
            yield item, found


def findings(item: Item, include_unconfirmed: bool) -> tuple[Finding, ...]:
    """The findings of a photo that may leave: the record's marks in order, then those that people drew."""
    marks = list(item.record["marks"])
    known = {mark["id"] for mark in marks}
    marks += [_drawn(name, word) for name, word in item.words.items() if name not in known and word.outline]
    found = (_finding(mark, item.words.get(mark["id"]), item.record, include_unconfirmed) for mark in marks)
    return tuple(one for one in found if leaves(one.status, include_unconfirmed))


def _drawn(name: str, word: Word) -> dict[str, Any]:
    facts = {"id": name, "kind": word.kind, "outline": word.outline}
    return facts | {"quality": None, "reading": None, "attribution": None}


def _finding(mark: Mapping[str, Any], word: Word | None, record: Record, with_machine: bool) -> Finding:
    attribution = mark["attribution"]
    candidates = tuple(attribution["candidates"]) if attribution else ()
    common: dict[str, Any] = {
        "mark": mark["id"],
        "kind": mark["kind"],
        "outline": tuple((float(x), float(y)) for x, y in mark["outline"]),
        "quality": mark["quality"],
        "candidates": candidates if with_machine else (),
    }
    if word is None or word.status == "conflict":
        reading = mark["reading"]["text"] if mark["reading"] else ""
        return Finding(**common, **_proposed(attribution, candidates), **_source(word, record), reading=reading)
    return Finding(**common, **_said(word, mark, candidates))


def _source(word: Word | None, record: Record) -> dict[str, Any]:
    """Who stands behind what is proposed: the machine, also where people contradict each other."""
    run = record["run"]
    return {
        "status": word.status if word else "unconfirmed",
        "method": "machine",
        "by": f"marktrace {run['version']} {run['kit']}",
        "at": "",
        "note": f"contradicting decisions of {', '.join(word.by)}" if word else "",
    }


def _proposed(attribution: Mapping[str, Any] | None, candidates: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    """What the machine states of a mark, no finer than the level it holds safe."""
    if attribution is None:
        return {}
    level = str(attribution["level"])
    doubt = {"risk": attribution["risk"], "unknown_probability": attribution["unknown_probability"], "level": level}
    if not candidates or not _STATED[level]:
        return doubt
    return doubt | _named(candidates[0], level) | {"probability": candidates[0]["probability"]}


def _said(word: Word, mark: Mapping[str, Any], candidates: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    """What a person said of a mark; the pattern that they named brings its code, year and calibre."""
    read = mark["reading"]["text"] if mark["reading"] and word.status == "confirmed" else ""
    said: dict[str, Any] = {
        "status": word.status,
        "method": "human",
        "by": ", ".join(word.by),
        "at": word.at,
        "note": word.note,
        "reading": word.reading or read,
        "level": word.level,
        "country": word.country,
        "manufacturer": word.maker.removesuffix(f" ({word.country})"),
        "pattern": word.pattern,
    }
    named = next((one for one in candidates if word.pattern and one["pattern"] == word.pattern), None)
    return said | (_named(named, "pattern") if named else {})


def _named(candidate: Mapping[str, Any], level: str) -> dict[str, Any]:
    """A candidate's words down to a level."""
    depth = _STATED[level]
    named: dict[str, Any] = {"country": candidate["country"]}
    if depth >= _STATED["maker"]:
        named |= {"manufacturer": candidate["manufacturer"], "state_then": candidate["state_then"]}
    if depth >= _STATED["pattern"]:
        year = candidate["year"] or {"from": None, "to": None}
        named |= {"code": candidate["code"], "pattern": candidate["pattern"], "calibre": candidate["calibre"] or ""}
        named |= {"year_from": year["from"], "year_to": year["to"]}
    return named
