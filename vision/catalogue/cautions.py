"""What a person must know before trusting a pattern at all: each caution with the id of its rule in rules.md."""

from __future__ import annotations

from dataclasses import dataclass

from vision.catalogue.evidence import Finding
from vision.catalogue.lookalikes import fold
from vision.catalogue.schema import Pattern
from vision.catalogue.years import YearReading

_SINGLE_LETTERS = frozenset("ABCDEGHKNPRSTUW")  # R11.1, by shape: Cyrillic Т counts as T
_BUYERS_BRANDS = frozenset({"WOLF", "WPA", "BROWN BEAR", "RED ARMY STANDARD", "MONARCH", "HERTER'S"})  # R2.8
_COMPONENT_MAKERS = frozenset({"STARLINE", "<two stars>", "JAG", "CHEDDITE"})  # R11.4
_NO_KNOWN_MAKER = frozenset({"LY", "TD", "ML", "NE", "SO", "CG", "CD"})  # R10.4


@dataclass(frozen=True, slots=True)
class _CodeCaution:
    """A rule about named codes; countries limits it to plants there, empty means all."""

    rule: str
    codes: frozenset[str]
    countries: frozenset[str]
    text: str


def _about(rule: str, codes: str, countries: str, text: str) -> _CodeCaution:
    return _CodeCaution(rule, frozenset(codes.split(";")), frozenset(countries.split()), text)


_CODES = (
    _about("R2.3", "38", "RU", "38 was Tula until October 1941 and Yuryuzan after"),
    _about("R2.4", "17;60;188", "RU UA KG", "this number moved with its plant in 1941: the date decides"),
    _about(
        "R4.1", "21;<21 in oval>", "PL HU RO", "21 is Polish, Hungarian or Romanian: the number alone can never decide"
    ),
    _about(
        "R4.2",
        "10;١٠;<circled 10>",
        "BG EG",
        "a circled 10 is Arsenal Kazanlak; a plain 10 may also be Egypt's Factory 10",
    ),
    _about("R4.5", "nny", "RS", "nny is how readers give Cyrillic ппу"),
    _about("R4.6", "IK;ИК;nk", "BA", "before 1992 this was Yugoslav production"),
    _about("R4.8", "aym;bxn", "CZ SK", "lists swap aym and bxn between Vlašim and Považská Bystrica"),
    _about("R6.7", "CAC", "AU NZ", "CAC is Footscray or Auckland: calibre mark, date and case decide"),
    _about("R7.3", "RA", "US NO", "RA is Remington or Raufoss; a hyphen and a four-digit year point to Norway"),
    _about("R9.8", "<palm and crossed swords>", "SA", "the emblem is also on foreign contract rounds"),
    _about(
        "R9.11",
        "<ottoman legend>;<tughra>",
        "TR",
        "German-made, German-supplied and local rounds carry one style of legend",
    ),
    _about("R10.3", "13", "CU ZA", "13 at 12 o'clock is a Cuban maker or a South African load number"),
)


def cautions(pattern: Pattern, years: YearReading | None = None) -> tuple[Finding, ...]:
    """What to know about this pattern, and with a year what that adds, in the order a person should read it."""
    found = [*_standing(pattern), *_role(pattern), *_codes(pattern), *_country(pattern)]
    if years is not None and _soviet_made(pattern, years):
        found.append(("R2.5", "a date up to 1991 means made in the Soviet Union, whatever today's country"))
    return tuple(Finding(rule, text, "caution") for rule, text in found)


def _standing(pattern: Pattern) -> list[tuple[str, str]]:
    found = []
    if pattern.inferred:
        found.append(("R0", "the mark is inferred from a name and has not been seen on a case: a lead, never more"))
    if pattern.grade == "C":
        found.append(("grade C", "this row is plausible but unsure: a lead, never more"))
    return found


def _role(pattern: Pattern) -> list[tuple[str, str]]:
    if pattern.role == "feature":
        rule = "R8.1" if pattern.code == "<nato cross>" else "R0"
        return [(rule, "this is a feature of the case and names no maker")]
    if pattern.role == "brand":
        rule = "R2.8" if pattern.code in _BUYERS_BRANDS else "R11.3"
        return [(rule, "a trade name that does not fix the plant")]
    if pattern.role == "unmarked":
        rule = "R9.5" if pattern.country == "IR" else "R11.5"
        return [(rule, "the absence of a maker proves nothing by itself: packing must confirm")]
    if pattern.code in _COMPONENT_MAKERS or "component" in pattern.notes:
        return [("R11.4", "names the maker of the case or hull, not the loader")]
    return []


def _codes(pattern: Pattern) -> list[tuple[str, str]]:
    found = [
        (caution.rule, caution.text)
        for caution in _CODES
        if pattern.code in caution.codes and (not caution.countries or pattern.country in caution.countries)
    ]
    if pattern.role == "maker" and fold(pattern.code) in _SINGLE_LETTERS:
        found.append(
            (
                "R11.1",
                "a single letter is shared by several makers: no more than possible without year, calibre and layout",
            )
        )
    return found


def _country(pattern: Pattern) -> list[tuple[str, str]]:
    found = []
    if pattern.layout.startswith("maker code") and pattern.country != "DE":
        found.append(("R5.5", "a German wartime code of a plant in an occupied or annexed territory"))
    if pattern.country == "GB" and "7.62x51mm" in pattern.calibres:
        found.append(("R3.6", "Chinese 7.62x51 copies British legends: a corrosive Berdan primer contradicts Britain"))
    if pattern.country == "SD":
        found.append(("R10.1", "39, 54, 51 and 108 are calibre figures on Sudanese cases, never plants"))
    if pattern.country in _NO_KNOWN_MAKER:
        found.append(
            ("R10.4", "no military case maker is known in this country: a military mark is foreign or a reload")
        )
    return found


def _soviet_made(pattern: Pattern, years: YearReading) -> bool:
    return "1952-56 letter" in pattern.layout and years.first >= 1923 and years.last <= 1991
