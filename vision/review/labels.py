"""The loop back: what people read on marks, as the labels that training takes, with who said so and when.

Only readings that a person typed, or accepted as they stood, become labels: accepting an origin does not say that every
character was read rightly. Conflicts and what was taken back give none. A label whose code is empty stands for a mark
that no row of the marking set explains: with its reading, by and at, it is what a new row can be proposed from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from vision.review.ledger import Ledger, Said, Standing
from vision.review.marks import PhotoRecord, Source


def labels(source: Source, ledger: Ledger) -> Iterator[dict[str, Any]]:
    """One label a mark that people agree on and somebody read, in the order of the photos' sha256."""
    for (photo, mark), standing in sorted(ledger.marks.items()):
        held = standing.verdict
        reading = _reading(standing, held, ledger) if held else ""
        stored = source.photo(photo) if reading else None
        found = _mark(stored, mark) if stored else None
        if held and stored and found:
            yield _label(stored, found, reading, held, standing)


def as_lines(found: Iterator[dict[str, Any]]) -> Iterator[str]:
    """Labels as JSON Lines."""
    return (json.dumps(one, ensure_ascii=False) for one in found)


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


def _label(
    stored: PhotoRecord, mark: Mapping[str, Any], reading: str, held: Said, standing: Standing
) -> dict[str, Any]:
    xs, ys = zip(*mark["outline"], strict=True)
    attribution = mark.get("attribution") or {"candidates": []}
    named = next((c for c in attribution["candidates"] if c["pattern"] == held.body.get("pattern")), None)
    words = standing.words if not standing.settled else (held,)
    label = {
        "file": PurePath(stored.path).name,
        "kind": mark["kind"],
        "elements": reading.split(),
        "code": named["code"] if named else "",
        "box": [min(xs), min(ys), max(xs), max(ys)],
        "by": ", ".join(said.reviewer for said in words),
        "at": held.body["time"],
    }
    country, maker = str(held.body.get("country", "")), str(held.body.get("maker", ""))
    label |= {"country": country} if country else {}
    return label | ({"manufacturer": maker.removesuffix(f" ({country})")} if maker else {})
