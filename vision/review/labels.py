"""The loop back: what people read on marks, as the labels that training takes, with who said so and when.

Only readings that a person typed, or accepted as they stood, become labels: accepting an origin does not say that every
character was read rightly. Conflicts and what was taken back give none; a "?" in a reading leaves it out, as it says
that a character could not be made out. A label whose code is empty stands for a mark that no row of the marking set
explains: corrections.py proposes a row from it where its maker was named.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from vision.review.acts import is_box
from vision.review.ledger import Ledger, Said, Standing
from vision.review.marks import PhotoRecord, Source

_MOST_PARTS, _LONGEST_PART = 60, 200


@dataclass(frozen=True, slots=True)
class Label:
    """What people say a mark shows: facts as a line of labels.jsonl has them, pattern the row that was named ("" for
    none), people and entries of the log behind it."""

    photo: str
    facts: Mapping[str, Any]
    pattern: str
    people: tuple[str, ...]
    entries: tuple[int, ...]


def labels(source: Source, ledger: Ledger) -> Iterator[Label]:
    """One label a mark that people agree on and somebody read, in the order of the photos' sha256; marks that people
    drew are among them, but for boxes of older logs that hold nothing."""
    for (photo, mark), standing in sorted(ledger.marks.items()):
        held = standing.verdict
        reading = _reading(standing, held, ledger) if held else ""
        stored = source.photo(photo) if reading else None
        found = _mark(stored, mark) if stored else None
        if held and stored and found and _is_whole(reading):
            yield _label(stored, found, reading, held, standing)
    for photo, drawn in sorted(ledger.new_marks.items()):
        stored = source.photo(photo)
        for said in drawn:
            stands = is_box(said.body["outline"]) and not ledger.is_undone(said.seq)
            if stored and stands and _is_whole(said.body["reading"]):
                facts = _facts(stored, said.body["kind"], said.body["outline"], said.body["reading"])
                facts |= {"by": said.reviewer, "at": said.body["time"]}
                yield Label(photo, facts, "", (said.reviewer,), (said.seq,))


def as_lines(found: Iterable[Label]) -> Iterator[str]:
    """Labels as JSON Lines."""
    return (json.dumps(one.facts, ensure_ascii=False) for one in found)


def _reading(standing: Standing, held: Said, ledger: Ledger) -> str:
    """What somebody typed: corrected, or read blind before they accepted; a settlement's own reading first."""
    for said in (held, *standing.words):
        if said.verdict not in ("accepted", "corrected"):
            continue
        blind = ledger.entry(int(said.body.get("read_in_entry", 0)))
        own = str(blind.body["own_reading"]) if blind else ""
        text = str(said.body.get("reading") or own)
        if text:
            return text
    return ""


def _mark(stored: PhotoRecord, mark: str) -> Mapping[str, Any] | None:
    record = json.loads(stored.text)
    return next((one for one in record["marks"] if one["id"] == mark), None)


def _label(stored: PhotoRecord, mark: Mapping[str, Any], reading: str, held: Said, standing: Standing) -> Label:
    attribution = mark.get("attribution") or {"candidates": []}
    pattern = str(held.body.get("pattern", ""))
    named = next((c for c in attribution["candidates"] if c["pattern"] == pattern), None)
    words = standing.words if not standing.settled else (held,)
    people = tuple(said.reviewer for said in words)
    facts = _facts(stored, mark["kind"], mark["outline"], reading)
    facts |= {"code": named["code"] if named else "", "by": ", ".join(people), "at": held.body["time"]}
    country, maker = str(held.body.get("country", "")), str(held.body.get("maker", ""))
    facts |= {"country": country} if country else {}
    facts |= {"manufacturer": maker.removesuffix(f" ({country})")} if maker else {}
    return Label(stored.sha256, facts, pattern if named else "", people, tuple(said.seq for said in words))


def _facts(stored: PhotoRecord, kind: str, outline: list[list[float]], reading: str) -> dict[str, Any]:
    xs, ys = zip(*outline, strict=True)
    box = [min(xs), min(ys), max(xs), max(ys)]
    return {"file": PurePath(stored.path).name, "kind": kind, "elements": _elements(reading), "code": "", "box": box}


def _is_whole(reading: str) -> bool:
    """Whether a reading says every character, in a form that training takes."""
    parts = _elements(reading)
    closed = reading.count("<") == reading.count(">")
    return "?" not in reading and closed and 0 < len(parts) <= _MOST_PARTS and max(map(len, parts)) <= _LONGEST_PART


def _elements(reading: str) -> list[str]:
    """A reading's elements: parted by blanks, but not inside angle brackets; what cannot be seen is dropped.

    >>> _elements("188 <nato cross> 75")
    ['188', '<nato cross>', '75']
    """
    parts, inside = [""], False
    for letter in unicodedata.normalize("NFC", reading):
        inside = (inside or letter == "<") and letter != ">"
        if letter.isspace() and not inside:
            parts.append("")
        elif unicodedata.category(letter) not in ("Cc", "Cf", "Cs"):
            parts[-1] += letter
    return [part for part in parts if part]
