"""From explanations to an attribution: probabilities, evidence, and the finest level that is safe to state.

Every threshold and weight that decides what is said stands in this file, and attribute() is a pure function of its
arguments. Probabilities come from the explanations' log-scores by a calibration that was fitted on renders
(vision/calibration.py), after what contradicts a candidate has been weighed; the share of the explanation without a
pattern, of candidates too weak to list, and of what a poor reading cannot support is "unknown". What may be stated
has bars that keep wrong statements to a chosen risk, and the sets that hold the truth at that risk are given beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vision.calibration import EVEN, RISK, Bars, Calibration, legibility, likely
from vision.catalogue.calibres import CalibreReader, same_case
from vision.catalogue.cautions import cautions
from vision.catalogue.evidence import Finding, contradictions
from vision.catalogue.hyphened import hyphened_year
from vision.catalogue.schema import Calibre, MarkingSet, Pattern
from vision.catalogue.signs import ANYONE, out_of_place
from vision.catalogue.states import country_name, state_then
from vision.catalogue.years import YearReading, read_years
from vision.types import Attribution, Candidate, Context, Explanation, Level, LikelySet, Word, YearRange
from vision.writing import other_way, right_to_left

# What speaks against a candidate, in nats of its log-score, beyond what matching weighed of years and calibres.
AGAINST = {"impossible": -6.0, "unlikely": -0.7, "caution": 0.0}
# What the context of a find adds: a calibre the pattern was never used in, a mark younger than the find, and a mark of
# the country of the find itself (common: most ammunition is used where it is made or bought).
CONTEXT_CALIBRE = -2.5
CONTEXT_TOO_LATE = -6.0
CONTEXT_SAME_COUNTRY = 0.7
# Nothing less likely than this is stated, whatever the bars.
STATED = 0.5
# How a set names what no candidate is: a mark outside the marking set, or one too poorly read.
UNKNOWN = "unknown"
# Candidates below this are not listed; at most this many are.
LEAST_LISTED = 0.0005
MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Scored:
    """A pattern's explanation with what was decoded and what speaks against it. years are all readings of the year that
    are equally good, the earliest first."""

    explanation: Explanation
    pattern: Pattern
    years: tuple[YearReading, ...]
    calibre: Calibre | None
    findings: tuple[Finding, ...]
    score: float
    context: float
    context_for: tuple[str, ...]
    context_against: tuple[str, ...]


def attribute(
    explanations: Sequence[Explanation],
    markings: MarkingSet,
    *,
    context: Context | None = None,
    legible: float = 1.0,
    calibration: Calibration | None = None,
    risk: float = RISK,
    this_year: int,
) -> Attribution:
    """The attribution of one mark.

    Args:
        explanations: what match.explain gave, one of them without a pattern.
        markings: the marking set the patterns come from.
        context: what is known of the find; None changes nothing.
        legible: 0..1, how surely the mark is one (the head's score); the rest of the belief goes to unknown.
        calibration: what log-scores are worth; None takes them as they are.
        risk: how often the sets may miss the truth, one of those the calibration has bars for.
        this_year: no mark is younger.

    Returns:
        Candidates by falling probability, which with unknown_probability sum to one (to rounding); the sets; the level,
        and the rule that chose it.

    Raises:
        UsageError: there are no bars for this risk.
    """
    calibration, context = calibration or Calibration(), context or Context()
    scored, nothing, clear = weigh(explanations, markings, context=context, this_year=this_year)
    plain = [legible * p for p in calibration.shares([s.score for s in scored], nothing, clear)]
    with_context = [legible * p for p in calibration.shares([s.score + s.context for s in scored], nothing, clear)]
    order = sorted(range(len(scored)), key=lambda i: (-with_context[i], scored[i].pattern.id))
    listed = [i for i in order if with_context[i] >= LEAST_LISTED][:MOST_LISTED]
    signs = _signs([scored[i].explanation for i in listed], markings)
    candidates = tuple(_candidate(scored[i], with_context[i], plain[i], markings, signs) for i in listed)
    unknown = min(1.0, max(0.0, 1.0 - sum(c.probability for c in candidates)))
    of_sets, stated = calibration.bars_for(clear, risk)
    hints = frozenset(c.pattern for c in candidates if _is_hint(markings.by_id[c.pattern]))
    level, rule, doubt = decide_level(candidates, unknown, stated, hints)
    return Attribution(level, rule, doubt, unknown, candidates, likely_set(candidates, unknown, of_sets, risk))


def weigh(
    explanations: Sequence[Explanation], markings: MarkingSet, *, context: Context | None = None, this_year: int
) -> tuple[list[Scored], float, float]:
    """(every pattern's explanation with what speaks for and against it, the log-score of the one without a pattern, the
    legibility of the mark): what a calibration turns into probabilities."""
    legends = _legends(markings.calibres)
    scored = [
        _score(e, markings.by_id[e.pattern], legends, context or Context(), this_year)
        for e in explanations
        if e.pattern is not None
    ]
    nothing = max((e.score for e in explanations if e.pattern is None), default=0.0)
    best = max(explanations, key=lambda e: e.score, default=None)
    return scored, nothing, legibility(best) if best else 0.0


def decide_level(
    candidates: Sequence[Candidate], unknown: float, bars: Bars = EVEN, hints: Container[str] = ()
) -> tuple[Level, str, float]:
    """(level, rule, risk): the finest level at which the first candidate's own pattern, maker or state reaches the bar
    from which on such statements are safe, at that level and at every coarser one. hints are patterns on which nothing
    is stated: without them STATED must be reached too.

    #1 one pattern; #2 one maker, its patterns together; #3 one state of today, its makers together; #4 one state of
    that time (Czechoslovakia, Yugoslavia), by the bar of states; #5 otherwise unknown. The risk is the probability that
    what is stated is wrong.
    """
    if not candidates:
        return "unknown", "nothing of the marking set was read", 0.0
    first = candidates[0]
    pattern, maker, state, then = (
        _safe(candidates, node, bar, hints)
        for node, bar in (
            (_pattern, bars.pattern),
            (maker_of, bars.maker),
            (_state, bars.state),
            (lambda c: c.state_then, bars.state),
        )
    )
    if state and maker and pattern:
        return "pattern", "one pattern explains the mark", 1.0 - pattern
    if state and maker:
        return "maker", "several patterns of one maker explain the mark", 1.0 - maker
    if state and first.country != "ZZ":
        return "state", "several makers of one state explain the mark", 1.0 - state
    if then and first.country != "ZZ":
        return "state", f"several makers of one state of that time ({first.state_then}) explain the mark", 1.0 - then
    if first.pattern in hints and first.probability >= STATED:
        return "unknown", "what fits is a hint: a mark that nobody has seen, or a brand that several makers strike", 0.0
    if unknown >= max(c.probability for c in candidates):
        return "unknown", "no pattern explains the mark better than an unknown one would", 0.0
    return "unknown", "several states fit and none of them well enough", 0.0


def likely_set(candidates: Sequence[Candidate], unknown: float, bars: Bars, risk: float) -> LikelySet:
    """The patterns, makers and states that the bars leave, most probable first; UNKNOWN stands for none of them."""
    return LikelySet(
        risk,
        patterns=likely(_summed(candidates, unknown, _pattern), bars.pattern),
        makers=likely(_summed(candidates, unknown, maker_of), bars.maker),
        states=likely(_summed(candidates, unknown, _state), bars.state),
    )


def worth_telling(
    explanations: Sequence[Explanation], attribution: Attribution, calibration: Calibration | None = None
) -> Explanation:
    """The explanation whose words are told: the best one; but of a head that can be read, and of which no candidate is
    as likely as none of them, the one without a pattern. RFWS then stays RFWS, where RWS is known; of one that is
    hardly legible there would be nothing to tell without what is known."""
    best = explanations[0]
    first = max((c.probability for c in attribution.candidates), default=0.0)
    hardly_legible = (calibration or Calibration()).stratum(legibility(best)) == 0
    if best.pattern is None or hardly_legible or first >= attribution.unknown_probability:
        return best
    return next((e for e in explanations if e.pattern is None), best)


def _pattern(candidate: Candidate) -> str:
    return candidate.pattern


def maker_of(named: Candidate | Pattern) -> str:
    """A maker is its name and its country: a name in another country is another maker."""
    return f"{named.manufacturer} ({named.country})"


def _state(candidate: Candidate) -> str:
    return candidate.country


def _summed(candidates: Iterable[Candidate], unknown: float, node: Callable[[Candidate], str]) -> dict[str, float]:
    """The probability of every node of one level of the tree, and of UNKNOWN."""
    sums: defaultdict[str, float] = defaultdict(float)
    for candidate in candidates:
        sums[node(candidate)] += candidate.probability
    return {**sums, UNKNOWN: unknown}


def _is_hint(pattern: Pattern) -> bool:
    """Whether a row names no origin by itself: a mark inferred from a name, that nobody has seen (rules, section 0), or
    a buyer's brand, which fixes no plant (R2.8)."""
    return pattern.inferred or pattern.role == "brand"


def _safe(
    candidates: Sequence[Candidate], node: Callable[[Candidate], str], bar: float, hints: Container[str]
) -> float:
    """The probability of the first candidate's node where it reaches the bar, and STATED without hints, else 0."""
    own = [c for c in candidates if node(c) == node(candidates[0])]
    together = min(1.0, sum(c.probability for c in own))
    seen = sum(c.probability for c in own if c.pattern not in hints)
    return together if together >= max(bar, STATED) and seen >= STATED else 0.0


def _score(
    explanation: Explanation, pattern: Pattern, legends: CalibreReader, context: Context, this_year: int
) -> Scored:
    calibre = _calibre(explanation, legends, pattern)
    years, findings = _years(explanation, pattern, calibre, this_year)
    # Of equally good readings those stay that the find allows, if any does.
    years = tuple(y for y in years if context.year is None or y.first <= context.year) or years
    score = explanation.score + sum(AGAINST[f.weight] for f in findings)
    weight, context_for, context_against = _context(pattern, years, context, legends)
    return Scored(
        explanation,
        pattern,
        years,
        calibre,
        (*findings, *cautions(pattern, years[-1] if years else None)),
        score,
        weight,
        context_for,
        context_against,
    )


@lru_cache(maxsize=4)
def _legends(calibres: tuple[Calibre, ...]) -> CalibreReader:
    """What looks legends up in these calibres; spelling them all out takes as long as a mark's whole attribution."""
    return CalibreReader(calibres)


def _calibre(explanation: Explanation, legends: CalibreReader, pattern: Pattern) -> Calibre | None:
    """The calibre the legend names; where it names several, one this pattern was used in."""
    for placed in explanation.placed:
        if placed.role == "calibre":
            meant = legends.read(placed.word.text)
            known = [c for c in meant if c.name in same_case(pattern.calibres)]
            if meant:
                return (known or list(meant))[0]
    return None


def _years(
    explanation: Explanation, pattern: Pattern, calibre: Calibre | None, this_year: int
) -> tuple[tuple[YearReading, ...], tuple[Finding, ...]]:
    """The year element's meanings that least speak against the pattern, the earliest first (12 of a plant of 1869 on is
    1912 as well as 2012), and what does speak against them."""
    readings: list[YearReading] = []
    for placed in explanation.placed:
        text = hyphened_year(placed.word.text) if placed.role == "code" else placed.word.text
        if text is not None and placed.role in ("year", "code"):
            readings.extend(read_years(text, pattern, calibre, this_year=this_year))
    if not readings:
        return (), contradictions(pattern, None, calibre)
    against = {reading: contradictions(pattern, reading, calibre) for reading in readings}
    worth = {reading: sum(AGAINST[f.weight] for f in findings) for reading, findings in against.items()}
    best = sorted((r for r in worth if worth[r] == max(worth.values())), key=lambda r: (r.first, r.last))
    return tuple(best), against[best[-1]]


def _context(
    pattern: Pattern, years: Sequence[YearReading], context: Context, legends: CalibreReader
) -> tuple[float, tuple[str, ...], tuple[str, ...]]:
    """(nats, reasons for, reasons against) that the context of the find adds."""
    weight = 0.0
    reasons_for: list[str] = []
    against: list[str] = []
    if context.calibre is not None and pattern.calibres:
        named = {c.name for c in legends.read(context.calibre)}
        if named and not named & same_case(pattern.calibres):
            weight += CONTEXT_CALIBRE
            against.append(f"context: not known to have been used on {context.calibre}")
    if context.year is not None:
        earliest = years[0].first if years else pattern.years_from
        if earliest is not None and earliest > context.year:
            weight += CONTEXT_TOO_LATE
            certain = len(years) == 1 and years[0].first == years[0].last
            when = f"in {earliest}" if certain else f"in {earliest} or later"
            against.append(f"context: made {when}, after the find of {context.year}")
    if context.country is not None and context.country == pattern.country:
        weight += CONTEXT_SAME_COUNTRY
        reasons_for.append("context: made in the country of the find")
    return weight, tuple(reasons_for), tuple(against)


def _candidate(
    scored: Scored, probability: float, without: float, markings: MarkingSet, signs: Mapping[str, Sequence[Pattern]]
) -> Candidate:
    pattern, years = scored.pattern, scored.years
    last = years[-1] if years else None
    then = dict.fromkeys(state_then(markings, pattern, (y.first, y.last)) for y in years)
    odd = {text: why for text, rows in signs.items() if (why := _out_of_place(rows, pattern))}
    against = [f"{f.text} ({f.rule})" for f in scored.findings]
    for placed in scored.explanation.placed:
        if placed.role == "other":
            against.append(f"{_told(placed.word)!r} is not explained by this pattern")
        elif placed.role == "sign" and placed.word.text in odd:
            against.append(f"'{placed.word.text}' {odd[placed.word.text]}")
    return Candidate(
        pattern=pattern.id,
        code=pattern.code,
        manufacturer=pattern.manufacturer,
        country=pattern.country,
        state_then=" / ".join(then) if then else state_then(markings, pattern),
        probability=probability,
        probability_without_context=without,
        grade=pattern.grade,
        strength="lead" if pattern.lead_only or pattern.role == "brand" else "candidate",
        # Of several readings, equally good, the last is told, with its share.
        year=YearRange(last.first, last.last, min(1.0, probability) / len(years)) if last else None,
        calibre=scored.calibre.name if scored.calibre else None,
        reasons_for=tuple(dict.fromkeys([*_reasons_for(scored, markings, odd), *scored.context_for])),
        reasons_against=tuple(dict.fromkeys([*against, *scored.context_against])),
        sources=(pattern.source,),
    )


def _signs(explanations: Iterable[Explanation], markings: MarkingSet) -> dict[str, list[Pattern]]:
    """The rows of every symbol among the signs of some explanations that is no one state's."""
    read = {p.word.text for e in explanations for p in e.placed if p.role == "sign" and p.word.text.startswith("<")}
    found: dict[str, list[Pattern]] = {}
    for row in markings.patterns if read else ():
        if row.role == "feature" and row.country == ANYONE and row.code in read:
            found.setdefault(row.code, []).append(row)
    return found


def _out_of_place(signs: Sequence[Pattern], pattern: Pattern) -> str | None:
    """Why a symbol of these rows is not expected beside a pattern's mark; None where by one of them it may be."""
    reasons = [out_of_place(sign, pattern) for sign in signs]
    return reasons[0] if all(reasons) else None


def _reasons_for(scored: Scored, markings: MarkingSet, odd: Container[str]) -> tuple[str, ...]:
    """What was read that this pattern explains, in words; odd are signs that speak against it."""
    reasons: list[str] = []
    for placed in scored.explanation.placed:
        word = placed.word
        turned = ", tops inwards" if word.upside_down else ""
        text = _told(word)
        if placed.role == "code":
            where = country_name(markings, scored.pattern.country)
            reasons.append(f"'{text}'{turned} is a mark of {scored.pattern.manufacturer} ({where})")
            if scored.years and (year := hyphened_year(word.text)):
                reasons.append(f"'{year}' after it fits as the year {_meant(scored.years)}")
        elif placed.role == "year" and scored.years:
            reasons.append(f"'{text}'{turned} fits as the year {_meant(scored.years)}")
        elif placed.role == "calibre" and scored.calibre is not None:
            used = (
                "which this mark is known on"
                if scored.calibre.name in same_case(scored.pattern.calibres)
                else "a calibre"
            )
            reasons.append(f"'{text}'{turned} names {scored.calibre.name}, {used}")
        elif placed.role in ("lot", "month"):
            reasons.append(f"'{text}'{turned} fits as the {placed.role} that this layout has")
        elif placed.role == "sign" and word.text not in odd:
            reasons.append(f"'{text}'{turned} is a sign that names no maker")
    return tuple(reasons)


def _told(word: Word) -> str:
    """A word as it is read, whichever way its script runs."""
    return other_way(word.text) if right_to_left(word.text) else word.text


def _meant(years: Sequence[YearReading]) -> str:
    """Years with the rules that give them: "1912 or 2012 (R1.9)"."""
    spans = dict.fromkeys(str(y.first) if y.first == y.last else f"{y.first} to {y.last}" for y in years)
    rules = dict.fromkeys(y.rule for y in years)
    return f"{' or '.join(spans)} ({', '.join(rules)})"
