"""The serial number of an object: which elements are it, what forms it fits, and what that says of states and years.

A form never decides by itself: most numbers fit many makers'. How much a fit says follows from the table: a form that
few states use says more than six plain digits, and a state whose known forms do not fit is a little less likely.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vision.catalogue.digits import latin_digits
from vision.catalogue.lookalikes import confusable
from vision.catalogue.serials import Decoded, SerialFormat
from vision.match.forms import Window, decodings, windows
from vision.types import Element, Field

NumberRole = Literal["date", "proof", "year", "owner", "part"]
# How often the serial of a maker's gun fits one of the forms known for its state, how often one of another state does
# by chance is counted; a state without any form in the table is taken to be as likely as not.
FITS, MISSES, UNKNOWN_FORMS = 0.8, 0.15, 0.4
# Nats that a fit may add or a misfit take away: the table is far from whole.
MOST_LIFT, MOST_DROP = 1.5, -0.5
# Digits from which a number is taken for a serial; with letters beside it, or a form, fewer do.
SERIAL_DIGITS, LEAST_DIGITS = 5, 4
FIRST_YEAR = 1850
# Below this a character's confusable ones are tried where the number fits no form of its maker.
DOUBTFUL = 0.9
NO_FORM = "a long number"
OTHER_YEARS = "its year would be outside those that the marks beside it are known from"
_NUMBERS = re.compile(r"\d{2,}")
_GROUPS = {
    "prefix": "series",
    "series": "series",
    "block": "block",
    "suffix": "suffix",
    "number": "number",
    "model": "model code",
    "maker": "maker code",
    "logo": "maker code",
    "type": "type code",
    "code": "date code",
}


@dataclass(frozen=True, slots=True)
class Serial:
    """What is taken for the serial number: the element with most of its digits, every run of elements with it, and the
    numbers of the models that were read beside it."""

    core: int
    windows: tuple[Window, ...]
    decoded: tuple[Decoded, ...]

    models: frozenset[str] = frozenset()

    def of(self, country: str) -> list[Decoded]:
        """What it says by the forms of one state, the longest text first; by those of a model that was read alone where
        there are any."""
        own = [one for one in self.decoded if one.format.country == country and one.format.role == "maker"]
        named = [one for one in own if self.models & set(_NUMBERS.findall(one.format.model))]
        return sorted(named or own, key=lambda one: -len(one.text))

    def fitting(self) -> set[str]:
        """The states whose forms fit as much of it as any form does: letters beside the digits are part of the number,
        a year in full may be or not."""
        makers = [one for one in self.decoded if one.format.role == "maker"]
        lengths = [sum(c.isalnum() for c in one.text) - 4 * (len(one.groups.get("year", "")) == 4) for one in makers]
        most = max(lengths, default=0)
        return {one.format.country for one, length in zip(makers, lengths, strict=True) if length == most}


def year_of(text: str, this_year: int) -> int | None:
    """The Gregorian year that a number of four digits stands for, None if it cannot."""
    plain = latin_digits(text)
    if not re.fullmatch("[12][0-9]{3}", plain):
        return None
    return int(plain) if FIRST_YEAR <= int(plain) <= this_year else None


def find_serial(
    elements: Sequence[Element],
    groups: Sequence[Sequence[int]],
    taken: frozenset[int],
    forms: Sequence[SerialFormat],
    models: Sequence[str] = (),
    *,
    this_year: int,
) -> Serial | None:
    """The serial number among the elements of an object; groups are the elements of each mark in reading order, taken
    those that are other marks, models the model names that were read. None where no number is long enough."""
    cores = [i for group in groups for i in group if i not in taken and _is_core(elements[i].text, this_year)]
    if not cores:
        return None
    core = max(cores, key=lambda i: (_digits(elements[i].text), -i))
    own = next(group for group in groups if core in group)
    beside = [i for i in own if i not in taken or i == core]
    # Only neighbours in reading order make one number: what is taken parts it.
    runs = [
        window for window in windows(elements, own) if core in window.elements and set(window.elements) <= set(beside)
    ]
    decoded = [one for run in runs for one in decodings(run, forms, this_year=this_year)]
    found = Serial(core, tuple(runs), tuple(decoded), frozenset(n for model in models for n in _NUMBERS.findall(model)))
    if _digits(elements[core].text) < SERIAL_DIGITS and not any(one.format.role == "maker" for one in decoded):
        return None
    return found


def lifts(serial: Serial, forms: Iterable[SerialFormat]) -> tuple[dict[str, float], float]:
    """(nats that the serial's form adds to each state that has forms, nats for a state without)."""
    states = {form.country for form in forms if form.role == "maker" and form.country != "ZZ"}
    fitting = serial.fitting()
    if not states:
        return {}, 0.0
    chances = {country: FITS if country in fitting else MISSES for country in sorted(states)}
    usual = sum(chances.values()) / len(chances)
    clipped = {c: min(MOST_LIFT, max(MOST_DROP, math.log(p / usual))) for c, p in chances.items()}
    return clipped, min(0.0, max(MOST_DROP, math.log(UNKNOWN_FORMS / usual)))


def serial_field(
    serial: Serial,
    elements: Sequence[Element],
    country: str | None,
    forms: Sequence[SerialFormat],
    *,
    years_fit: bool,
) -> Field:
    """The serial number as a field, decoded by a form of the state given where one fits; without its years where they
    do not fit what stands beside it."""
    found = serial.of(country) if country else []
    if not found:
        text = elements[serial.core].text
        settled = _settled(elements[serial.core], [f for f in forms if f.country == country and f.role == "maker"])
        doubt = "of no form known for its state" if country else "no maker is named whose forms it could have"
        return Field("serial", text, settled or text, NO_FORM, "general knowledge", "B", doubt)
    best = found[0]
    alike = [one for one in found if one.text == best.text and one.format.year_rule == best.format.year_rule]
    years = tuple(sorted({year for one in alike for year in one.years}))
    doubts = [best.format.doubt] if best.format.doubt else []
    if years and not years_fit:
        best, years = replace(best, years=()), ()
        doubts.append(OTHER_YEARS)
    if len(alike) > 1:
        doubts.append(f"also of the form of {', '.join(dict.fromkeys(one.format.model for one in alike[1:]))}")
    if best.format.grade == "C":
        doubts.append("the form is plausible, unsure")
    return Field(
        "serial",
        best.text,
        _told(best),
        best.format.id,
        best.format.source,
        best.format.grade,
        "; ".join(doubts),
        (years[0], years[-1]) if years else None,
    )


def dates(
    elements: Sequence[Element],
    numbers: Sequence[int],
    forms: Sequence[SerialFormat],
    role: NumberRole,
    *,
    countries: frozenset[str],
    this_year: int,
) -> list[tuple[tuple[int, ...], Decoded]]:
    """What elements say by forms of a role and of these states that are no serials, with the elements each rests on."""
    chosen = [form for form in forms if form.role == role and (form.country in countries or form.alone)]
    found: list[tuple[tuple[int, ...], Decoded]] = []
    used: set[int] = set()
    for window in windows(elements, numbers):
        decoded = decodings(window, chosen, this_year=this_year)
        if decoded and not used & set(window.elements):
            found.append((window.elements, decoded[0]))
            used |= set(window.elements)
    return found


def date_field(name: str, decoded: Decoded) -> Field:
    """A date or another number that is no serial, as a field."""
    years = (decoded.years[0], decoded.years[-1]) if decoded.years else None
    form = decoded.format
    return Field(name, decoded.text, _told(decoded), form.id, form.source, form.grade, form.doubt, years)


def _told(decoded: Decoded) -> str:
    """What a number says, in words: its parts, year and month."""
    if "year" in decoded.groups and not decoded.years:
        return decoded.text
    parts = [f"{_GROUPS[name]} {text}" for name, text in decoded.groups.items() if name in _GROUPS]
    if decoded.years:
        first, last = decoded.years[0], decoded.years[-1]
        parts.append(f"year {first}" if first == last else f"year {first} to {last}")
    if decoded.month is not None:
        parts.append(f"month {decoded.month}")
    return ", ".join(parts) or decoded.text


def _settled(element: Element, forms: Sequence[SerialFormat]) -> str | None:
    """The number with one doubtful character read as one it is confused with, where that alone gives it a form."""
    for i, character in enumerate(element.characters):
        if len(element.characters) != len(element.text) or character.probability >= DOUBTFUL:
            continue
        others = [text for text, _ in character.alternatives] + sorted(confusable(character.text))
        for other in dict.fromkeys(text for text in others if len(text) == 1):
            text = element.text[:i] + other + element.text[i + 1 :]
            if any(form.pattern.fullmatch(text) for form in forms):
                return text
    return None


def _is_core(text: str, this_year: int) -> bool:
    if text.startswith("<") or year_of(text, this_year) is not None or re.search(r"[.,x×/]", text):
        return False
    return _digits(text) >= LEAST_DIGITS


def _digits(text: str) -> int:
    return sum(c.isdecimal() for c in text)
