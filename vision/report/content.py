"""What stands on a sheet, in words and shares: the same for the HTML page, the picture and the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from vision.report.countries import country_name, state_then
from vision.text import visible
from vision.types import Attribution, Candidate, Element, Mark, ObjectPhoto, Result

Doubt = Literal["sure", "likely", "doubtful"]

# A character at or above the first bar is drawn as sure, at or above the second as likely, below as doubtful.
SURE, LIKELY = 0.9, 0.6

UNKNOWN_SYMBOL = "<unknown symbol>"  # one that nobody taught: which way up it stands cannot be told either
NO_COUNTRY = "ZZ"  # in the marking set: a sign or legend that is not a maker's mark, or no country can be told

STAMP = "CANDIDATE"
STAMP_NOTE = "not confirmed by a person"

SAYS = (
    "Who may have made this object, judged by the marks on it, with the probability of each candidate.",
    "How surely each character was read, and which reasons and sources stand behind each candidate.",
)
SAYS_NOT = (
    "Who supplied, sold, diverted, carried or fired it: the maker is not the supplier, and the nationality of a user "
    "never follows from the origin of a round.",
    "When it was loaded, sold or used: a year on a case is the year of the case, and a case can be reloaded.",
    "That two finds with the same mark are linked: states buy, lose and give away the same lots.",
    "That the mark is genuine: marks are copied, struck again, made under contract, or left out. The calibre legend "
    "may be wrong for the case as it is now, and packing may come from another state than the case.",
)
TITLE = "marktrace · what the marks in one photo suggest"
LEAD = "lead only: a hint, not evidence"
UNKNOWN_NOTE = "A marking that is not in the marking set, or a mark that was not read rightly."
NOTHING_READ = "Nothing could be read on this mark."
NO_MARK = (
    "No cartridge head was found in this photo. Photograph the head square on, filling most of the frame, with light "
    "from the side."
)
KEY = "Green: read surely (90% or more). Amber: likely. Red: doubtful, under 60%. Names in angle brackets are symbols."
MUST_CONFIRM = "Every attribution here is a candidate until a person has confirmed it."

GRADES = {
    "A": "grade A: read in a named source",
    "B": "grade B: general knowledge held to be sure",
    "C": "grade C: plausible, unsure",
}

# Probabilities of a record that was read back are rounded to four figures.
ROUNDING = 0.005
_WITH_ARTICLE = frozenset(
    {"AE", "BS", "CD", "CF", "CK", "CZ", "DO", "FK", "GB", "GM", "KM", "MH", "MV", "NL", "PH", "SB", "US"}
)

_KINDS = {
    "headstamp": "Headstamp",
    "serial": "Serial number",
    "factory_mark": "Factory mark",
    "packaging": "Packaging",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The one sentence a mark's attribution comes to, and the sentences that qualify it."""

    headline: str
    detail: str
    rule: str


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate ready to show."""

    rank: int
    place: str
    state_then: str
    manufacturer: str
    marking: str
    probability: float
    context: str
    lead: bool
    grade: str
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]
    sources: tuple[str, ...]


def percent(share: float) -> str:
    """A probability for people: whole per cents, never a false 0 or 100.

    >>> percent(0.832), percent(0.0004), percent(0.9996)
    ('83%', 'under 1%', 'over 99%')
    """
    if 0.0 < share < 0.01:
        return "under 1%"
    if 0.99 < share < 1.0:
        return "over 99%"
    return f"{share * 100:.0f}%"


def doubt(probability: float) -> Doubt:
    """The class a character is coloured by."""
    return "sure" if probability >= SURE else "likely" if probability >= LIKELY else "doubtful"


def kind_name(mark: Mark) -> str:
    """The kind of a mark in words."""
    return _KINDS[mark.kind]


def years(candidate: Candidate) -> str:
    """The years a candidate's mark can stand for, with their probability, or an empty string."""
    year = candidate.year
    if year is None:
        return ""
    span = f"{year.first}" if year.first == year.last else f"{year.first} to {year.last}"
    return f"{span} ({percent(year.probability)})"


def row(candidate: Candidate, rank: int) -> Row:
    """A candidate as a row of the sheet."""
    moved = abs(candidate.probability - candidate.probability_without_context) >= 0.005
    alone = percent(candidate.probability_without_context)
    context = f"{alone} by the photo alone, the rest is what is known of the find" if moved else ""
    return Row(
        rank=rank,
        place=f"{country_name(candidate.country)} ({visible(candidate.country)})",
        state_then=visible(state_then(candidate.country, candidate.state_then)),
        manufacturer=visible(candidate.manufacturer),
        marking=_marking(candidate),
        probability=candidate.probability,
        context=context,
        lead=candidate.strength == "lead",
        grade=GRADES[candidate.grade],
        reasons_for=tuple(visible(reason) for reason in candidate.reasons_for),
        reasons_against=tuple(visible(reason) for reason in candidate.reasons_against),
        sources=tuple(visible(source) for source in candidate.sources),
    )


def _marking(candidate: Candidate) -> str:
    spans = years(candidate)
    parts = (f"marking {candidate.code}", f"year {spans}" if spans else "", candidate.calibre or "")
    return " · ".join(visible(part) for part in parts if part)


def rows(attribution: Attribution, limit: int) -> tuple[Row, ...]:
    """The first limit candidates as rows."""
    return tuple(row(candidate, rank) for rank, candidate in enumerate(attribution.candidates[:limit], 1))


def left_over(attribution: Attribution, limit: int) -> tuple[int, float]:
    """How many candidates a limit leaves out, and their probability together."""
    rest = attribution.candidates[limit:]
    return len(rest), sum(candidate.probability for candidate in rest)


def answer(attribution: Attribution) -> Answer:
    """What the attribution comes to, in plain words."""
    if attribution.level == "unknown" or not attribution.candidates:
        return Answer(
            "Unknown origin",
            "The mark does not support naming a maker or a state."
            + (" The rows below are what came closest, not an answer." if attribution.candidates else ""),
            rule_in_words(attribution.decided_by),
        )
    stated = attribution.candidates[0]  # a level is only ever stated of the first candidate's group
    if stated.country == NO_COUNTRY:
        return Answer(
            f"{visible(stated.manufacturer)}: no maker or state to name",
            f"The mark fits {visible(stated.code)}. Chance that this is wrong: {percent(attribution.risk)}.",
            rule_in_words(attribution.decided_by),
        )
    country = country_name(stated.country)
    then = visible(state_then(stated.country, stated.state_then))
    where = f"{country}, then {then}" if then else country
    heads = {
        "pattern": f"Perhaps made by {visible(stated.manufacturer)}, {where}",
        "maker": f"Perhaps made by {visible(stated.manufacturer)}, {where}",
        "state": f"Perhaps made in {_stated_state(attribution)}",
    }
    details = {
        "pattern": f"The marking {visible(stated.code)} is known of this maker.",
        "maker": "The maker can be named, which of its markings this is cannot.",
        "state": "The state can be named, the maker within it cannot.",
    }
    lead = " It rests on a row that is plausible but unsure: a lead." if stated.strength == "lead" else ""
    return Answer(
        heads[attribution.level],
        f"{details[attribution.level]}{lead} Chance that this is wrong: {percent(attribution.risk)}.",
        rule_in_words(attribution.decided_by),
    )


def _stated_state(attribution: Attribution) -> str:
    """The state that is stated, by its name of today; by that of the time, with those of today, where only all of them
    together are as probable as is said (Czechoslovakia)."""
    first = attribution.candidates[0]
    alone = sum(c.probability for c in attribution.candidates if c.country == first.country)
    successors = [c.country for c in attribution.candidates if c.state_then == first.state_then]
    today = list(dict.fromkeys(successors))
    if len(today) > 1 and alone < 1.0 - attribution.risk - ROUNDING:
        return f"{visible(first.state_then)} (today {' or '.join(map(country_name, today))})"
    return f"{'the ' if first.country in _WITH_ARTICLE else ''}{country_name(first.country)}"


def rule_in_words(decided_by: str) -> str:
    """The name of the rule that decided, spelled as words."""
    return visible(decided_by).replace("_", " ")


def photo_facts(result: Result) -> str:
    """What is known of the photo itself, in one line."""
    photo = result.photo
    if photo is None:
        return ""
    facts = [f"{photo.width} × {photo.height} pixels"]
    if photo.taken_at:
        facts.append(f"taken {visible(photo.taken_at)} by the camera's clock")
    if photo.place:
        facts.append(f"at {photo.place.latitude:.4f}, {photo.place.longitude:.4f} by the camera")
    if photo.quality:
        facts.append(f"sharpness {percent(photo.quality.sharpness)}, glare {percent(photo.quality.glare)}")
    return " · ".join(facts)


def lead(result: Result) -> int | None:
    """Which of an object's photos stands for all of them: the first that was joined, else the first with a mark, else
    the first; None for a photo by itself."""
    photos = result.object_photos
    joined = [i for i, photo in enumerate(photos) if photo.turned_deg is not None]
    marked = [i for i, photo in enumerate(photos) if photo.mark is not None]
    return next(iter([*joined, *marked, *range(len(photos))]), None)


def object_lines(result: Result) -> tuple[str, ...]:
    """Which photos of an object were read together, how far each is turned, and which were left out and why."""
    photos = result.object_photos
    joined = [photo for photo in photos if photo.turned_deg is not None]
    lines = [f"{len(joined)} photos of one object, read together:"] if joined else []
    lines += [f"{_name(photo)}, {_turn(photo, joined[0])}" for photo in joined]
    lines += [f"{_name(photo)}, left out: {visible(photo.left_out.detail)}" for photo in photos if photo.left_out]
    return tuple(lines)


def _name(photo: ObjectPhoto) -> str:
    return visible(Path(photo.path).name, 60)


def _turn(photo: ObjectPhoto, first: ObjectPhoto) -> str:
    turned = round(((photo.turned_deg or 0.0) + 180.0) % 360.0 - 180.0)
    if photo is first:
        return "the one shown"
    return f"turned {abs(turned)}° {'anticlockwise' if turned < 0 else 'clockwise'}" if turned else "not turned"


def provenance(result: Result) -> str:
    """Which photo and which version of everything this sheet was made from."""
    photo = [f"photo sha256 {result.photo.sha256}"] if result.photo else []
    made = [
        f"marktrace {visible(result.run.version)}",
        f"kit {visible(result.run.kit)} (weights, marking set and thresholds)",
        f"sheet made {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "the photo itself was not changed",
    ]
    return " · ".join(photo + made)


def strip_note(half_turned: bool, name: str = "") -> str:
    """What an unrolled strip shows, for people who have not seen one; the photo's name where there are several."""
    if name:
        return f"{visible(Path(name).name, 60)}{': the same turned by half' if half_turned else ''}"
    if half_turned:
        return "The same strip turned by half, for the text whose tops point to the centre."
    return "Once round the head, clockwise, as if cut at one place and laid flat: the rim is at the top."


def reading_text(mark: Mark) -> str:
    """The elements of a mark in order, separated as people write them."""
    return " · ".join(visible(element.text) for element in mark.reading.elements) if mark.reading else ""


def element_note(element: Element) -> str:
    """Where an element stands, in words."""
    where = "" if element.angle_deg is None else f"at {_oclock(element.angle_deg)} o'clock"
    is_turned = element.upside_down and element.text != UNKNOWN_SYMBOL
    turned = turned_note(straight=element.angle_deg is None) if is_turned else ""
    return ", ".join(part for part in (where, turned) if part)


def turned_note(*, straight: bool) -> str:
    """How text stands that is turned by half, along a straight line or round a head."""
    return "upside down" if straight else "tops towards the centre"


def _oclock(angle_deg: float) -> int:
    return round(angle_deg / 30.0) % 12 or 12


def why(attribution: Attribution) -> str:
    """The first reason for and the first against the leading candidate, for a narrow table."""
    if not attribution.candidates:
        return ""
    first = attribution.candidates[0]
    good = [f"+ {visible(reason)}" for reason in first.reasons_for[:2]]
    return "\n".join(good + [f"- {visible(reason)}" for reason in first.reasons_against[:1]])


def readable(result: Result) -> bool:
    """Whether anything was read in a photo."""
    return any(mark.reading and mark.reading.elements for mark in result.marks)
