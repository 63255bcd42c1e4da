"""What speaks against a candidate: impossibilities and misfits, each with the id of its rule.

Only what rules.md states, and the dates and calibres of the pattern's own row. A misfit with a row's dates is
"unlikely", since most of them are approximate (rules.md, section 0); "impossible" is kept for cartridges that did not
exist, evacuated plants (R2.4) and digits of another script (R9.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vision.catalogue.calibres import same_case
from vision.catalogue.schema import Calibre, Pattern
from vision.catalogue.years import YearReading

Weight = Literal["impossible", "unlikely", "caution"]

# R9.1: who strikes which digits. The Arab states are the members of the Arab League.
ARAB_STATES = frozenset(
    {"AE", "BH", "DJ", "DZ", "EG", "IQ", "JO", "KM", "KW", "LB", "LY", "MA", "MR", "OM", "PS", "QA", "SA", "SD", "SO"}
    | {"SY", "TN", "YE"}
)
PERSIAN_DIGIT_STATES = frozenset({"IR", "AF"})
EVACUATED = frozenset({"17", "38", "60", "188"})  # R2.4
_BIATHLON_CODES = frozenset({"539", "711"})  # R2.7: both occur on the biathlon round
_KENYAN_LACK = frozenset({"7.62x39mm", "5.45x39mm", "7.62x54mmR"})  # R10.2: no calibre of the Kalashnikov family


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a person should weigh: the rule's id, a sentence, and how much it weighs."""

    rule: str
    text: str
    weight: Weight


def contradictions(
    pattern: Pattern, years: YearReading | None = None, calibre: Calibre | None = None
) -> tuple[Finding, ...]:
    """What speaks against this pattern, given one reading of the year and a calibre; empty when nothing does."""
    found: list[Finding | None] = [_calibre_listed(pattern, calibre), _kenyan_calibre(pattern, calibre)]
    if years is not None:
        found += [
            _cartridge_existed(years, calibre),
            _before_opening(pattern, years),
            _after_closing(pattern, years),
            _digits_fit(pattern, years),
            _remington_or_raufoss(pattern, years),
        ]
    return tuple(finding for finding in found if finding is not None)


def _cartridge_existed(years: YearReading, calibre: Calibre | None) -> Finding | None:
    if calibre is None or calibre.first_year is None or years.last >= calibre.first_year:
        return None
    text = f"the year {years.last} is before the {calibre.name} cartridge existed (not before {calibre.first_year})"
    return Finding("R1.9", text, "impossible")


def _before_opening(pattern: Pattern, years: YearReading) -> Finding | None:
    first = pattern.years_from
    if first is None or years.last >= first:
        return None
    rule, weight = _dating_rule(pattern, years)
    return Finding(rule, f"the year {years.last} is before this mark was used ({_about(pattern)}{first} on)", weight)


def _after_closing(pattern: Pattern, years: YearReading) -> Finding | None:
    last = pattern.years_to
    if last is None or years.first <= last:
        return None
    rule, weight = _dating_rule(pattern, years)
    return Finding(rule, f"the year {years.first} is after this mark was used (to {_about(pattern)}{last})", weight)


def _about(pattern: Pattern) -> str:
    """Dates are approximate unless the row's source gives them; rows say so in their notes or by their grade."""
    return "" if pattern.grade == "A" and "approximate" not in pattern.notes else "about "


def _dating_rule(pattern: Pattern, years: YearReading) -> tuple[str, Weight]:
    """The rule that dates this pattern, or "years" for the row's own, approximate dates."""
    if pattern.code in EVACUATED and "1952-56 letter" in pattern.layout:
        return "R2.4", "impossible"
    if pattern.script == "latin" and pattern.code.islower() and len(pattern.code) == 3:
        german = pattern.layout.startswith("maker code")
        if (german and years.first >= 1950) or (not german and years.first >= 1940 and years.last <= 1945):
            return "R4.9", "unlikely"
    if pattern.layout.startswith("P-number"):
        return "R5.2", "unlikely"
    if pattern.layout.startswith("maker code"):
        return "R5.3", "unlikely"
    if pattern.code in ("ج ع م", "UAR"):
        return "R9.3", "unlikely"
    if pattern.code == "CAC":
        return "R6.7", "unlikely"
    return "years", "unlikely"


def _digits_fit(pattern: Pattern, years: YearReading) -> Finding | None:
    if years.digits == "arabic-indic" and pattern.country in PERSIAN_DIGIT_STATES:
        return Finding("R9.1", "4, 5 or 6 has its Arabic form, which Iran and Afghanistan do not strike", "impossible")
    if years.digits == "persian" and pattern.country in ARAB_STATES:
        return Finding("R9.1", "4, 5 or 6 has its Persian form, which Arab states do not strike", "impossible")
    return None


def _remington_or_raufoss(pattern: Pattern, years: YearReading) -> Finding | None:
    if pattern.code != "RA" or pattern.country != "US" or years.figures != 4:
        return None
    return Finding("R7.3", "RA with a four-digit year points to Raufoss in Norway rather than to Remington", "unlikely")


def _calibre_listed(pattern: Pattern, calibre: Calibre | None) -> Finding | None:
    if calibre is None or not pattern.calibres or calibre.name in same_case(pattern.calibres):
        return None
    if pattern.code in _BIATHLON_CODES and calibre.name == "5.6x46mm Biathlon":
        return None
    listed = ", ".join(pattern.calibres)
    return Finding("calibres", f"{calibre.name} is not among the calibres known for this mark ({listed})", "unlikely")


def _kenyan_calibre(pattern: Pattern, calibre: Calibre | None) -> Finding | None:
    if pattern.country != "KE" or calibre is None or calibre.name not in _KENYAN_LACK:
        return None
    return Finding("R10.2", "the Eldoret plant makes 9x19, 7.62x51 and 5.56 and no Kalashnikov calibre", "unlikely")
