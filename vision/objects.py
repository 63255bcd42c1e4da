"""The straight marks of one photo taken together: decoded, told apart by kind, and attributed as those of one object.

1. kinds    A mark with a text that only packaging bears is packaging; one with a serial number is a serial; others are
            a factory's. Weapon and packaging are two objects: a crate may be of another state than what lies in it.
2. roles    What was read is told apart by whom it names: maker, model, state, and, never an origin, proof house, owner,
            importer. All of it becomes fields of the mark it stands on, with source and doubt.
3. origin   What names makers or states is weighed together (vision.attribute_object), with the serial's form. An
            importer's mark speaks against its own state; owner's and proof marks speak for nobody.

All marks that hold a part of the evidence carry the object's attribution; the others say nothing of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vision import packages
from vision.attribute_object import NOTHING, Evidence, attribute_object
from vision.catalogue.arms import ArmsTables
from vision.catalogue.schema import MarkingSet
from vision.catalogue.states import state_in
from vision.catalogue.weapons import MarkKind
from vision.match.forms import Found, packaging
from vision.match.marks import MarkFinder, Sighting
from vision.numbers import NumberRole, Serial, date_field, dates, find_serial, serial_field, year_of
from vision.origins import doubt_of, evidence_of, in_years, is_surely_read, serial_doubts, struck_year
from vision.types import Attribution, Candidate, Element, Field, Mark

SILENT = Attribution("unknown", NOTHING, 0.0, 1.0)
FIELD_OF: dict[MarkKind, str] = {
    "factory text": "maker",
    "factory symbol": "maker",
    "model": "model",
    "origin text": "country of origin",
    "selector": "selector",
    "property": "owner",
    "proof": "proof house",
    "import": "importer",
    "calibre": "calibre",
}


@dataclass(frozen=True, slots=True)
class _Object:
    """The elements of some marks in one row: own[k] are the numbers of the k-th mark's elements."""

    elements: tuple[Element, ...]
    own: tuple[tuple[int, ...], ...]

    @property
    def groups(self) -> list[int]:
        return [k for k, numbers in enumerate(self.own) for _ in numbers]


class ObjectAttributor:
    """Decodes and attributes the straight marks of a photo. Keeps the tables prepared; one serves a whole batch."""

    def __init__(self, arms: ArmsTables, markings: MarkingSet, *, this_year: int) -> None:
        self._arms = arms
        self._markings = markings
        self._finder = MarkFinder(arms.weapons)
        self._this_year = this_year

    def attribute_marks(self, marks: Sequence[Mark]) -> list[Mark]:
        """The marks in the same order with their kinds, fields and attributions settled."""
        thing = _object(marks)
        found = [packaging(thing.elements, numbers, self._arms.packaging) for numbers in thing.own]
        packed = [any(self._is_packaging(one) for one in some) for some in found]
        boxes = [i for i, is_box in enumerate(packed) if is_box]
        arms = [i for i, is_box in enumerate(packed) if not is_box]
        settled = dict(zip(arms, self._weapon([marks[i] for i in arms]), strict=True))
        settled |= dict(zip(boxes, self._box([marks[i] for i in boxes]), strict=True))
        return [settled[i] for i in range(len(marks))]

    def _is_packaging(self, found: Found) -> bool:
        """Whether what was found stands on packaging alone; a lot line must name a factory that is known."""
        if found.mark.says == "lot" and found.mark.alone:
            return bool(packages.plants(found, self._markings, self._this_year))
        return found.mark.alone

    def _box(self, marks: Sequence[Mark]) -> list[Mark]:
        """The marks of packaging, decoded and attributed."""
        thing = _object(marks)
        found = [packaging(thing.elements, numbers, self._arms.packaging) for numbers in thing.own]
        evidence = [
            e for some in found for one in some for e in packages.evidence(one, self._markings, self._this_year)
        ]
        told = attribute_object(evidence)
        used = {i for one in evidence for i in one.elements}
        return [
            replace(
                mark,
                kind="packaging",
                fields=packages.fields(some, self._arms.issuers, self._markings, self._this_year),
                attribution=told if used & set(numbers) else SILENT,
            )
            for mark, numbers, some in zip(marks, thing.own, found, strict=True)
        ]

    def _weapon(self, marks: Sequence[Mark]) -> list[Mark]:
        """The marks of a weapon, decoded and attributed."""
        thing = _object(marks)
        sightings = self._finder.find(thing.elements, thing.groups)
        struck = struck_year(thing.elements, self._this_year)
        taken = frozenset(i for s in sightings if not s.bare for i in s.elements)
        named = [s.text for s in sightings if s.mark.kind == "model"]
        serial = find_serial(thing.elements, thing.own, taken, self._arms.serials, named, this_year=self._this_year)
        evidence = evidence_of(sightings, thing.elements, serial, self._arms.serials, self._markings, struck)
        doubts = [d for s in sightings if is_surely_read(s, thing.elements) and (d := doubt_of(s)) is not None]
        doubts += serial_doubts(serial, {e.country for e in evidence}, self._arms.serials, self._markings)
        years = {
            country: span
            for country in {e.country for e in evidence}
            if (span := self._years(thing, serial, country, struck, sightings)) is not None
        }
        states = {country: state_in(self._markings, country, *span) for country, span in years.items()}
        told = attribute_object(evidence, doubts, years=years, states=states)
        return self._with_fields(marks, thing, sightings, serial, evidence, told)

    def _years(
        self,
        thing: _Object,
        serial: Serial | None,
        country: str,
        struck: int | None,
        sightings: Sequence[Sighting],
    ) -> tuple[int, int] | None:
        """When the object was made if it is of this state: the year struck apart, else what its serial says, as far as
        the state's marks on it are known from then."""
        numbers = range(len(thing.elements))
        if country == "IR":
            solar = dates(
                thing.elements,
                numbers,
                self._arms.serials,
                "year",
                countries=frozenset({"IR"}),
                this_year=self._this_year,
            )
            if solar:
                return solar[0][1].years[0], solar[0][1].years[-1]
        if struck is not None:
            return struck, struck
        found = sorted({year for one in (serial.of(country) if serial else ()) for year in one.years})
        fits = all(
            any(in_years(year, s) for year in found)
            for s in sightings
            if s.mark.country == country and s.mark.is_origin and is_surely_read(s, thing.elements)
        )
        return (found[0], found[-1]) if found and fits else None

    def _with_fields(
        self,
        marks: Sequence[Mark],
        thing: _Object,
        sightings: Sequence[Sighting],
        serial: Serial | None,
        evidence: Sequence[Evidence],
        told: Attribution,
    ) -> list[Mark]:
        """Each mark with what was decoded on it, its kind, and the object's attribution where it bears on that."""
        first = told.candidates[0] if told.candidates else None
        placed = [(s.elements[0], _field(s)) for s in sightings if _is_told(s, thing, bool(evidence))]
        placed += self._dates(thing, sightings, first)
        placed += [
            (i, Field("year", e.text, str(year), "year in full", "general knowledge", "B", "", (year, year)))
            for i, e in enumerate(thing.elements)
            if (year := year_of(e.text, self._this_year)) is not None
        ]
        if serial is not None:
            fits = first is not None and first.year is not None
            state = first.country if first else None
            number = serial_field(serial, thing.elements, state, self._arms.serials, years_fit=fits)
            placed.append((serial.core, number))
        used = {i for one in evidence for i in one.elements} | ({serial.core} if serial else set())
        settled = []
        for mark, numbers in zip(marks, thing.own, strict=True):
            own = tuple(dict.fromkeys(field for i, field in sorted(placed, key=lambda p: p[0]) if i in numbers))
            is_serial = serial is not None and serial.core in numbers
            settled.append(
                replace(
                    mark,
                    kind="serial" if is_serial else "factory_mark",
                    fields=own,
                    attribution=told if used & set(numbers) else SILENT,
                )
            )
        return settled

    def _dates(self, thing: _Object, sightings: Sequence[Sighting], first: Candidate | None) -> list[tuple[int, Field]]:
        """Dates in forms of the first candidate's maker, of proof where a proof house was seen, and owners' numbers."""
        taken = {i for s in sightings if not s.bare for i in s.elements}
        numbers = [i for i in range(len(thing.elements)) if i not in taken]
        proofs = [s for s in sightings if s.mark.kind == "proof" and is_surely_read(s, thing.elements)]
        proved = frozenset(s.mark.country for s in proofs)
        named: frozenset[str] = frozenset({first.country}) if first is not None else frozenset()
        makers = {s.mark.manufacturer for s in sightings}
        asked: tuple[tuple[NumberRole, frozenset[str], str], ...] = (
            ("date", named, "date"),
            ("proof", proved, "date of proof"),
            ("owner", frozenset(), "owner"),
        )
        found = []
        for role, countries, name in asked:
            some = dates(
                thing.elements, numbers, self._arms.serials, role, countries=countries, this_year=self._this_year
            )
            found += [
                (elements[0], date_field(name, decoded))
                for elements, decoded in some
                if role != "date" or decoded.format.manufacturer in makers
            ]
        return found


def _object(marks: Sequence[Mark]) -> _Object:
    elements: list[Element] = []
    own = []
    for mark in marks:
        some = mark.reading.elements if mark.reading else ()
        own.append(tuple(range(len(elements), len(elements) + len(some))))
        elements.extend(some)
    return _Object(tuple(elements), tuple(own))


def _is_told(seen: Sighting, thing: _Object, has_origin: bool) -> bool:
    """Whether a sighting becomes a field: surely read, and, of a letter or two, beside something that is more."""
    letters = sum(c.isalnum() for c in seen.text)
    if seen.bare or not is_surely_read(seen, thing.elements):
        return False
    return letters > 2 or seen.text.startswith("<") or has_origin


def _field(seen: Sighting) -> Field:
    mark = seen.mark
    role = FIELD_OF[mark.kind]
    value = mark.mark if role in ("model", "calibre", "selector") else mark.manufacturer
    where = "" if mark.country == "ZZ" or role in ("model", "calibre", "selector") else f" ({mark.country})"
    return Field(role, seen.text, value + where, mark.id, mark.source, mark.grade, mark.notes)
