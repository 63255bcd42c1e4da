"""What stands on the page of one mark: its reading, candidates, strips and drawn references, ready for the template."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from vision.catalogue import MarkingSet, Pattern
from vision.report import places
from vision.report.content import GRADES, doubt
from vision.report.countries import country_name, state_then
from vision.review.marks import MarkRow, PhotoRecord
from vision.text import visible
from vision.types import Character, Element, Mark, Reading, StripView

MOST_CANDIDATES = 9
# Candidates whose probabilities differ by less are shown in an order drawn anew for every page.
TIE = 0.005
_STRIP_UNITS = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """One mark and the photo it is on, as a record holds them; others are the outlines of the photo's other marks."""

    number: int
    name: str
    path: str
    photo: Mapping[str, Any]
    mark: Mapping[str, Any]
    others: tuple[Any, ...]

    @property
    def reading(self) -> str:
        reading = self.mark.get("reading")
        return str(reading["text"]) if reading else ""

    @property
    def candidates(self) -> Sequence[Mapping[str, Any]]:
        attribution = self.mark.get("attribution")
        return attribution["candidates"] if attribution else ()

    @property
    def unknown(self) -> float:
        attribution = self.mark.get("attribution")
        return float(attribution["unknown_probability"]) if attribution else 1.0


def item(row: MarkRow, photo: PhotoRecord) -> Item | None:
    """A row's mark out of its photo's record; None when the record has no such mark (it was read anew)."""
    record = json.loads(photo.text)
    mark = next((mark for mark in record["marks"] if mark["id"] == row.mark), None)
    if mark is None:
        return None
    others = tuple(other["outline"] for other in record["marks"] if other["id"] != row.mark)
    facts = {**record["photo"], "sha256": photo.sha256}
    return Item(row.number, PurePath(photo.path).name, photo.path, facts, mark, others)


def order_of(candidates: Sequence[Mapping[str, Any]], seed: str) -> list[Mapping[str, Any]]:
    """The first MOST_CANDIDATES candidates, most probable first, ties shuffled by the page's own key."""
    dice = random.Random(seed)
    ordered: list[Mapping[str, Any]] = []
    tied: list[Mapping[str, Any]] = []
    for candidate in [*candidates[:MOST_CANDIDATES], None]:
        if tied and (candidate is None or tied[0]["probability"] - candidate["probability"] >= TIE):
            dice.shuffle(tied)
            ordered += tied
            tied = []
        if candidate is not None:
            tied.append(candidate)
    return ordered


def candidate_row(candidate: Mapping[str, Any], markings: MarkingSet) -> dict[str, Any]:
    """A candidate as the page shows it, with what the marking set knows of its pattern."""
    pattern = markings.by_id.get(str(candidate["pattern"]))
    years = candidate.get("year")
    span = "" if not years else str(years["from"]) if years["from"] == years["to"] else f"{years['from']}–{years['to']}"
    marking = (candidate["code"], span, candidate.get("calibre") or "", pattern.layout if pattern else "")
    country = str(candidate["country"])
    return {
        "pattern": str(candidate["pattern"]),
        "manufacturer": str(candidate["manufacturer"]),
        "place": f"{country_name(country)} ({country})",
        "state_then": state_then(country, str(candidate["state_then"])),
        "marking": " · ".join(part for part in marking if part),
        "probability": float(candidate["probability"]),
        "reasons_for": tuple(candidate["for"]),
        "reasons_against": tuple(candidate["against"]),
        "sources": tuple(candidate["sources"]),
        "lead": pattern.lead_only if pattern else False,
        "grade": GRADES[pattern.grade] if pattern else "",
        "reference": reference(pattern) if pattern else (),
    }


def reference(pattern: Pattern) -> tuple[dict[str, Any], ...]:
    """The characters of a pattern drawn round a head of radius 56 about (0, 0): its first stamping, spread evenly
    clockwise from 12 o'clock. A drawing for the eye, not a template."""
    parts = pattern.stampings[0] if pattern.stampings else ()
    letters: list[dict[str, Any]] = []
    size = 17 if sum(map(len, parts)) <= 10 else 11
    for place, part in enumerate(parts):
        middle = 360.0 * place / len(parts)
        shown = ["◆"] if part.startswith("<") else list(part[:16])
        step = math.degrees(size * 0.72 / 40.0)
        for k, letter in enumerate(shown):
            angle = middle + (k - (len(shown) - 1) / 2.0) * step
            x, y = 40.0 * math.sin(math.radians(angle)), -40.0 * math.cos(math.radians(angle))
            spot = {"text": letter, "x": round(x, 1), "y": round(y, 1), "turn": round(angle, 1)}
            letters.append(spot | {"size": size})
    return tuple(letters)


def glyphs(element: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The characters of a record's element left to right as they stand, each with its class of doubt."""
    return [
        {
            "text": character.text,
            "probability": character.probability,
            "doubt": doubt(character.probability),
            "alternatives": character.alternatives[:2],
        }
        for character in places.in_sight_order(_element(element))
    ]


def strips(found: Item) -> list[dict[str, Any]]:
    """Where the strips' pictures are, and the letters above them in units of a thousandth of the width. A head is shown
    both ways up, as what was not read may stand either way."""
    elements = found.mark["reading"]["elements"] if found.mark.get("reading") else []
    if found.mark["kind"] != "headstamp":
        return [
            {
                "source": f"/marks/{found.number}/line/{place}.jpg",
                "text": element["text"],
                "letters": (),
                "clock": (),
                "turned": False,
                "note": "strip_note_line",
            }
            for place, element in enumerate(elements)
            if len(element.get("outline", ())) == 4
        ]
    if len(found.mark["outline"]) < 5:
        return []
    view = StripView(np.zeros((1, _STRIP_UNITS, 3), np.uint8), float(_STRIP_UNITS))
    drawn = [
        {
            "source": f"/marks/{found.number}/strip/{int(strip.half_turned)}.jpg",
            "text": " ".join(word.element.text for word in strip.words),
            "letters": tuple(_letter(slot) for word in strip.words for slot in word.slots),
            "clock": tuple((hour, round(x, 1)) for hour, x in strip.clock),
            "turned": strip.half_turned,
            "note": "strip_turned" if strip.half_turned else "strip_note_ring",
        }
        for strip in places.strips(_mark(found.mark), view)
    ]
    return drawn if any(strip["turned"] for strip in drawn) else [*drawn, *blind_strips(found)[len(drawn) :]]


def blind_strips(found: Item) -> list[dict[str, Any]]:
    """The strips as somebody sees them who is to read the mark without help: a head both ways up, nothing over it."""
    if found.mark["kind"] != "headstamp" or len(found.mark["outline"]) < 5:
        return strips(found)
    bare = {"text": "", "letters": (), "clock": (), "turned": False}
    return [
        bare | {"source": f"/marks/{found.number}/strip/{half}.jpg", "note": note}
        for half, note in enumerate(("strip_note_ring", "strip_both"))
    ]


def strip_start(mark: Mapping[str, Any]) -> float:
    """Where the strips of a head begin: in the widest gap between its elements, degrees clockwise from 12 o'clock."""
    view = StripView(np.zeros((1, _STRIP_UNITS, 3), np.uint8), float(_STRIP_UNITS))
    twelve = dict(places.strips(_mark(mark), view)[0].clock)[12]
    return (360.0 - twelve / _STRIP_UNITS * 360.0) % 360.0


def _letter(slot: places.Slot) -> dict[str, Any]:
    text = "◆" if slot.character.text.startswith("<") else visible(slot.character.text)
    return {
        "text": text,
        "x": round((slot.left + slot.right) / 2.0, 1),
        "left": round(slot.left, 1),
        "width": round(max(1.0, slot.right - slot.left), 1),
        "doubt": doubt(slot.character.probability),
    }


def _mark(mark: Mapping[str, Any]) -> Mark:
    elements = mark["reading"]["elements"] if mark.get("reading") else []
    reading = Reading("", tuple(_element(element) for element in elements))
    return Mark(str(mark["id"]), "headstamp", (), 0.0, reading=reading)


def _element(element: Mapping[str, Any]) -> Element:
    characters = tuple(
        Character(c["text"], c["probability"], tuple((text, p) for text, p in c["alternatives"]))
        for c in element["characters"]
    )
    return Element(element["text"], element["upside_down"], element["confidence"], characters, element.get("angle_deg"))
