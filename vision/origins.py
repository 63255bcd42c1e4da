"""What the marks of a weapon say of its origin: sightings, model names and the serial's form turned into evidence.

Each piece says in words what it rests on. Marks of proof and property become none, an import mark only a doubt about
its own state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from vision.attribute_object import Doubt, Evidence, worth_of
from vision.catalogue.schema import MarkingSet
from vision.catalogue.serials import SerialFormat
from vision.catalogue.states import country_name
from vision.catalogue.weapons import Strength
from vision.match.marks import Sighting
from vision.numbers import Serial, lifts, year_of
from vision.types import Element

# Nats from which a form of serials alone brings a state up, and what an import mark takes from its own state.
ALONE_LIFT = 1.0
IMPORTED, NOT_MADE_HERE = -1.0, -2.5
# Marks that say in words that the thing is not of their state.
NOT_OF_HERE = frozenset({"wm-gb-not-english-make"})
# Years by which a struck year may lie outside those of a row: most are approximate.
SLACK = 2
# How surely a mark must be read to be told, and for what it says against a state.
LEAST_TOLD = 0.5
# How likely a symbol must be another one to speak for an origin: a state is likelier than that without evidence.
LEAST_HEARD = 0.05


def evidence_of(
    sightings: Sequence[Sighting],
    elements: Sequence[Element],
    serial: Serial | None,
    forms: Sequence[SerialFormat],
    markings: MarkingSet,
    struck: int | None,
) -> list[Evidence]:
    """All that speaks for an origin; struck is the year in full on the object, where there is one."""
    evidence = _by_models(sightings, elements, forms, markings)
    models = {e.country for e in evidence} | {s.mark.country for s in sightings if s.mark.kind == "model"}
    evidence += [
        _by_mark(s, elements, struck, models, markings)
        for s in sightings
        if s.mark.is_origin and (is_as_read(s, elements) or s.fidelity >= LEAST_HEARD)
    ]
    return evidence + _by_serial(serial, {e.country for e in evidence}, forms, markings)


def is_as_read(seen: Sighting, elements: Sequence[Element]) -> bool:
    """Whether a mark is what its elements were read as: of a symbol it may be what that is less likely."""
    return not seen.text.startswith("<") or seen.text == elements[seen.elements[0]].text


def is_surely_read(seen: Sighting, elements: Sequence[Element]) -> bool:
    """Whether a mark may be told: it was read surely enough, and as nothing likelier."""
    return seen.fidelity >= LEAST_TOLD and is_as_read(seen, elements)


def doubt_of(seen: Sighting) -> Doubt | None:
    """What speaks against the state of a mark: an importer's (brought in, so made elsewhere), or its own words."""
    if seen.mark.kind == "import":
        reason = f"'{seen.text}' is the import mark of {seen.mark.manufacturer}: brought in, so made elsewhere"
        return Doubt(seen.mark.country, IMPORTED, reason)
    if seen.mark.id in NOT_OF_HERE:
        return Doubt(seen.mark.country, NOT_MADE_HERE, f"'{seen.text}' says that it was made elsewhere")
    return None


def struck_year(elements: Sequence[Element], this_year: int) -> int | None:
    """The one year in full among the elements; None where there is none, or several that differ."""
    years = {year for e in elements if (year := year_of(e.text, this_year)) is not None}
    return years.pop() if len(years) == 1 else None


def in_years(year: int, seen: Sighting) -> bool:
    """Whether a mark is known from about a year."""
    first, last = seen.mark.years_from, seen.mark.years_to
    return (first is None or year >= first - SLACK) and (last is None or year <= last + SLACK)


def _by_mark(
    seen: Sighting, elements: Sequence[Element], struck: int | None, models: set[str], markings: MarkingSet
) -> Evidence:
    """What a mark that was seen says. A factory's bare number says more beside a model of its state (models)."""
    mark = seen.mark
    fits = struck is None or in_years(struck, seen)
    against = [] if fits else [f"the year {struck} is outside those this mark is known from"]
    if mark.grade == "C":
        against.append("a lead only: the row is plausible, unsure")
    what = {"model": "a model of", "selector": "selector letters of"}.get(mark.kind, "a mark of")
    where = country_name(markings, mark.country)
    bare = ", the factory's number, without the outline it stands in" if seen.bare else ""
    as_read = is_as_read(seen, elements)
    instead = "" if as_read else f"; the symbol was read as '{elements[seen.elements[0]].text}'"
    strength: Strength = "fair" if seen.bare and mark.country in models else seen.strength
    return Evidence(
        pattern=mark.id,
        code=mark.mark,
        manufacturer=mark.manufacturer,
        country=mark.country,
        state_then=mark.state_then or where,
        names="maker" if mark.names == "maker" else "state",
        grade=mark.grade,
        source=mark.source,
        worth=worth_of(strength, mark.grade, seen.fidelity, in_years=fits),
        reason=f"'{seen.text}' is {what} {mark.manufacturer} ({where}){bare}{instead}",
        elements=seen.elements,
        against=tuple(against),
        lead=mark.grade == "C",
        as_read=as_read,
    )


def _by_models(
    sightings: Sequence[Sighting], elements: Sequence[Element], forms: Sequence[SerialFormat], markings: MarkingSet
) -> list[Evidence]:
    """Model names that only the forms of serials know: the states that made a weapon of that name."""
    taken = {i for s in sightings for i in s.elements}
    found = []
    for i, element in enumerate(elements):
        if i in taken or len(element.text) < 3 or not element.text[0].isalpha():
            continue
        named = [f for f in forms if f.role == "maker" and element.text in _model_names(f)]
        for form in {form.country: form for form in named}.values():
            reason = f"'{element.text}' is a model made by"
            found.append(_by_form(form, "weak", reason, (i,), markings, element.confidence))
    return found


def _by_serial(
    serial: Serial | None, states: set[str], forms: Iterable[SerialFormat], markings: MarkingSet
) -> list[Evidence]:
    """What the form of the serial number adds to states already named, and states that it brings up by itself: by a
    form of its own, or by letters other than Latin ones."""
    if serial is None:
        return []
    worth, without = lifts(serial, list(forms))
    found = []
    for country in sorted(states | {c for c, lift in worth.items() if lift >= ALONE_LIFT}):
        fitting = serial.of(country)
        lift = worth.get(country, without)
        if not fitting or not (country in states or fitting[0].format.alone or _is_foreign(fitting[0].text)):
            continue
        form = fitting[0].format
        if form.alone:
            found.append(_by_form(form, "fair", "the serial number is of the form of", (serial.core,), markings))
        elif lift > 0.0:
            one = _by_form(form, "trace", "the serial number is of a form known from", (serial.core,), markings)
            found.append(replace(one, worth=lift))
    return found


def serial_doubts(
    serial: Serial | None, states: Iterable[str], forms: Iterable[SerialFormat], markings: MarkingSet
) -> list[Doubt]:
    """States of which forms are known, none of which the serial number has."""
    if serial is None:
        return []
    worth, _ = lifts(serial, list(forms))
    reason = "the serial number is of no form known from"
    return [
        Doubt(country, worth[country], f"{reason} {country_name(markings, country)}")
        for country in states
        if worth.get(country, 0.0) < 0.0 and not serial.of(country)
    ]


def _by_form(
    form: SerialFormat,
    strength: Strength,
    reason: str,
    elements: tuple[int, ...],
    markings: MarkingSet,
    fidelity: float = 1.0,
) -> Evidence:
    """Evidence that rests on a row of the forms of serial numbers."""
    where = country_name(markings, form.country)
    return Evidence(
        pattern=form.id,
        code=form.model,
        manufacturer=form.manufacturer,
        country=form.country,
        state_then=where,
        names="form",
        grade=form.grade,
        source=form.source,
        worth=worth_of(strength, form.grade, fidelity),
        reason=f"{reason} {form.manufacturer} ({where})",
        elements=elements,
        lead=True,
    )


def _is_foreign(text: str) -> bool:
    return any(c.isalpha() and not c.isascii() for c in text)


def _model_names(form: SerialFormat) -> list[str]:
    return [word for word in form.model.replace(",", " ").split() if word.isupper() or any(map(str.isdecimal, word))]
