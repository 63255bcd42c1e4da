"""From the evidence of one object's marks to an attribution: who made it, of which state, or unknown.

Every weight that decides what is said stands in this file, and attribute_object() is a pure function of its arguments.
The weights are plain and chosen, not fitted: a mark that nearly settles a state makes it 85% probable, one that settles
it more than half 58%, a weak one 26%; two independent marks add up. Evidence speaks for a state, and within it for a
maker. Marks of two states compete, and neither is stated when neither is likelier than all else. Nothing is surer than
MOST: marks are copied, struck again and forged.

Proof, property and import marks never come here as evidence for an origin; an import mark speaks against its own state.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from vision.catalogue.weapons import Strength
from vision.types import Attribution, Candidate, Grade, Level, YearRange

# Log-odds of a state before any evidence, and what evidence of each strength adds (nats), by how well the row is known.
BASE = -2.0
WORTH: dict[Strength, float] = {"strong": 4.0, "fair": 2.4, "weak": 1.0, "trace": 0.4, "": 0.0}
GRADED: dict[Grade, float] = {"A": 1.0, "B": 0.95, "C": 0.5}
MOST = 0.97
# What a mark keeps of its worth where the year struck beside it lies outside the years it is known from.
OUT_OF_YEARS = 0.5
# A state, and a maker within one, is stated from these probabilities on.
STATE_BAR, MAKER_BAR = 0.6, 0.75
# What the possibility weighs that a state's marks are of a maker nobody named (log-odds against a named one).
UNNAMED = 0.5
LEAST_LISTED, MOST_LISTED = 0.005, 12
NOTHING = "no mark of the set that names an origin was read"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for an origin: a row, what it is worth in nats, and the elements it rests on.

    names says whom the row stands for: one maker, any of its state, or (a form) no maker at all beside one that is
    named; against what speaks against this row itself; a lead is never more than a hint. as_read is not so where it
    rests on what a symbol may be instead of what it was read as.
    """

    pattern: str
    code: str
    manufacturer: str
    country: str
    state_then: str
    names: Literal["maker", "state", "form"]
    grade: Grade
    source: str
    worth: float
    reason: str
    elements: tuple[int, ...] = ()
    against: tuple[str, ...] = ()
    lead: bool = False
    as_read: bool = True


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that speaks against a state, in nats (negative), with its reason."""

    country: str
    worth: float
    reason: str


def worth_of(strength: Strength, grade: Grade, fidelity: float = 1.0, *, in_years: bool = True) -> float:
    """Nats that a mark adds to its state: by its strength, how well it is known, and how surely it was read (0..1).

    A mark that may be misread counts as it would with that probability, and as nothing else:

    >>> round(worth_of("strong", "A"), 2), round(worth_of("strong", "A", 0.5), 2), worth_of("strong", "A", 0.0)
    (4.0, 2.0, 0.0)
    """
    full = WORTH[strength] * GRADED[grade] * (1.0 if in_years else OUT_OF_YEARS)
    mixed = fidelity * _probability(BASE + full) + (1.0 - fidelity) * _probability(BASE)
    return math.log(mixed / (1.0 - mixed)) - BASE if fidelity > 0.0 else 0.0


def attribute_object(
    evidence: Sequence[Evidence],
    doubts: Sequence[Doubt] = (),
    *,
    years: dict[str, tuple[int, int]] | None = None,
    states: dict[str, str] | None = None,
) -> Attribution:
    """The attribution of one object.

    Args:
        evidence: what speaks for origins, in any order.
        doubts: what speaks against states.
        years: by country, when the object was made if it is of that country.
        states: by country, the state of that time; a row's own where it gives none.

    Returns:
        Makers as candidates by falling probability, which with unknown_probability sum to one; the level and its rule.
    """
    if not evidence:
        return Attribution("unknown", NOTHING, 0.0, 1.0)
    by_country: defaultdict[str, list[Evidence]] = defaultdict(list)
    for one in evidence:
        by_country[one.country].append(one)
    chosen = {country: _independent(some) for country, some in by_country.items()}
    scores = {
        country: BASE + sum(e.worth for e in some) + sum(d.worth for d in doubts if d.country == country)
        for country, some in chosen.items()
    }
    total = 1.0 + sum(map(math.exp, scores.values()))
    shares = {country: MOST * math.exp(score) / total for country, score in scores.items()}
    candidates = []
    for country, share in shares.items():
        others = [e for other, some in chosen.items() if other != country for e in some]
        against = (*(d.reason for d in doubts if d.country == country), *_said_by(others, chosen[country]))
        every = [*chosen[country], *_as_good(by_country[country], chosen[country])]
        for maker, part in _makers(every).items():
            year = (years or {}).get(country)
            state = (states or {}).get(country)
            candidates.append(_candidate(maker, every, share * part, against, year, state))
    candidates.sort(key=lambda c: (-c.probability, c.pattern))
    listed = tuple(c for c in candidates if c.probability >= LEAST_LISTED)[:MOST_LISTED]
    unknown = min(1.0, max(0.0, 1.0 - sum(c.probability for c in listed)))
    level, rule, risk = _level(listed, {e.pattern for e in evidence if e.names == "maker"})
    return Attribution(level, rule, risk, unknown, listed)


def _independent(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The evidence of one state, of pieces that rest on the same elements only the one worth most."""
    kept: list[Evidence] = []
    for one in sorted(evidence, key=lambda e: (-e.worth, e.names != "maker", e.pattern)):
        if not any(set(one.elements) & set(other.elements) for other in kept):
            kept.append(one)
    return kept


def _as_good(evidence: Iterable[Evidence], kept: Sequence[Evidence]) -> list[Evidence]:
    """The evidence of one state that names another maker than a piece that was kept, on the same elements and for as
    much: 38 of 1941 is Tula's as well as Yuryuzan's, and which of them it is the elements do not say."""
    named = [one for one in kept if one.names == "maker"]
    makers = {one.manufacturer for one in named}
    found: dict[str, Evidence] = {}
    for one in sorted(evidence, key=lambda e: e.pattern):
        same = any(set(one.elements) == set(k.elements) and one.worth == k.worth for k in named)
        if one.names == "maker" and same and one.manufacturer not in makers:
            found.setdefault(one.manufacturer, one)
    return list(found.values())


def _makers(evidence: Sequence[Evidence]) -> dict[Evidence, float]:
    """The share of each maker that the evidence of one state names; of rows that stand for the state the first is the
    maker that nobody named."""
    named: dict[str, Evidence] = {}
    worth: defaultdict[str, float] = defaultdict(float)
    for one in evidence:
        if one.names == "maker":
            named.setdefault(one.manufacturer, one)
            worth[one.manufacturer] += one.worth
    unnamed = next((one for one in evidence if one.names == "state"), None)
    if not named:
        return {evidence[0]: 1.0}
    weights = {named[maker]: math.exp(worth[maker]) for maker in named}
    if unnamed is not None:
        weights[unnamed] = math.exp(UNNAMED)
    return {one: weight / sum(weights.values()) for one, weight in weights.items()}


def _candidate(
    maker: Evidence,
    evidence: Sequence[Evidence],
    probability: float,
    against: Sequence[str],
    year: tuple[int, int] | None,
    state: str | None,
) -> Candidate:
    own = [e for e in evidence if "maker" not in (e.names, maker.names) or e.manufacturer == maker.manufacturer]
    own += [e for e in evidence if e.names != "maker" and maker.names == "maker"]
    rivals = [e for e in evidence if e not in own]
    ranked = sorted(dict.fromkeys(own), key=lambda e: e is not maker)
    return Candidate(
        pattern=maker.pattern,
        code=maker.code,
        manufacturer=maker.manufacturer,
        country=maker.country,
        state_then=state or maker.state_then,
        probability=probability,
        probability_without_context=probability,
        grade=maker.grade,
        strength="lead" if all(e.lead for e in own) else "candidate",
        year=YearRange(*year, probability) if year else None,
        reasons_for=tuple(e.reason for e in ranked),
        reasons_against=tuple(
            dict.fromkeys([*(a for e in ranked for a in e.against), *against, *_said_by(rivals, own)])
        ),
        sources=tuple(dict.fromkeys(e.source for e in ranked)),
    )


def _said_by(evidence: Sequence[Evidence], own: Sequence[Evidence]) -> list[str]:
    """Evidence for another origin, as reasons against one with evidence of its own: as far as it rests on other
    elements, and on what they were read as. Another meaning of the same element is a rival, no reason."""
    used = {element for one in own for element in one.elements}
    return [f"speaks for another origin: {e.reason}" for e in evidence if e.as_read and not used & set(e.elements)]


def _level(candidates: Sequence[Candidate], makers: set[str]) -> tuple[Level, str, float]:
    """(level, rule, risk): #1 one maker reaches its bar; #2 one state its own; #3 unknown, several fit; #4 unknown."""
    if not candidates:
        return "unknown", NOTHING, 0.0
    first = candidates[0]
    state = sum(c.probability for c in candidates if c.country == first.country)
    if first.probability >= MAKER_BAR and first.pattern in makers:
        return "maker", "the marks of the object name one maker", 1.0 - first.probability
    if state >= STATE_BAR:
        return "state", "the marks of the object name one state", max(0.0, 1.0 - state)
    if len({c.country for c in candidates if c.probability >= 0.2}) > 1:
        return "unknown", "marks of the object speak for several states", 0.0
    return "unknown", "the marks of the object do not settle an origin", 0.0


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))
