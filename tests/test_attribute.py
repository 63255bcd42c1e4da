"""What is said of a mark and why: levels, probabilities, what context and contradictions weigh, and what is listed."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import replace

import drawn
import jsonschema
import pytest

from vision.attribute import (
    AGAINST,
    CONTEXT_CALIBRE,
    CONTEXT_SAME_COUNTRY,
    CONTEXT_TOO_LATE,
    LEAST_LISTED,
    MOST_LISTED,
    STATED,
    UNKNOWN,
    attribute,
    decide_level,
    likely_set,
    worth_telling,
)
from vision.calibration import Bars, Calibration
from vision.catalogue import MarkingSet, load_marking_set
from vision.errors import UsageError
from vision.record import schema, to_record
from vision.types import Attribution, Candidate, Context, Explanation, LikelySet, Placed, Role, Word, YearRange

THIS_YEAR = 2026
NOVOSIBIRSK, BARNAUL, PODOLSK = "ru-188-novosibirsk", "ru-17-barnaul", "ru-17-podolsk"
ULYANOVSK, LUHANSK, LAKE_CITY = "ru-3-ulyanovsk", "ua-270-luhansk", "us-lc-independence"

# decide_level: a candidate is (manufacturer, country, state of that time, probability).
Row = tuple[str, str, str, float]
HALF, LESS = STATED / 2, STATED / 2 - 0.01
ONE = "one pattern explains the mark"
MAKER = "several patterns of one maker explain the mark"
STATE = "several makers of one state explain the mark"
THEN = "several makers of one state of that time (Czechoslovakia) explain the mark"
NONE = "no pattern explains the mark better than an unknown one would"
SEVERAL = "several states fit and none of them well enough"


@pytest.fixture(scope="session")
def shipped() -> MarkingSet:
    return load_marking_set()


def candidate(number: int, manufacturer: str, country: str, then: str, probability: float) -> Candidate:
    return Candidate(
        pattern=f"p{number}", code="1", manufacturer=manufacturer, country=country, state_then=then,
        probability=probability, probability_without_context=probability, grade="A", strength="candidate",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "unknown", "level", "rule", "supported"),
    [
        pytest.param([], 1.0, "unknown", "nothing of the marking set was read", 1.0, id="nothing read"),
        pytest.param([("A", "RU", "", STATED)], 0.0, "pattern", ONE, STATED, id="#1 pattern at the bar"),
        pytest.param([("A", "RU", "", STATED - 0.01)], 0.0, "unknown", SEVERAL, 1.0, id="#1 pattern below it"),
        pytest.param(
            [("A", "RU", "", HALF), ("A", "RU", "", HALF)], 0.0, "maker", MAKER, STATED, id="#2 maker at the bar"
        ),
        pytest.param(
            [("A", "RU", "", HALF), ("A", "RU", "", LESS)], 0.0, "unknown", SEVERAL, 1.0, id="#2 maker below it"
        ),
        pytest.param(
            [("A", "RU", "", HALF), ("A", "UA", "", HALF), ("B", "RU", "", HALF)], 0.0, "state", STATE, STATED,
            id="#2 a name in another country is another maker",
        ),
        pytest.param(
            [("A", "RU", "x", HALF), ("B", "RU", "y", HALF)], 0.0, "state", STATE, STATED, id="#3 state at the bar"
        ),
        pytest.param(
            [("A", "RU", "x", HALF), ("B", "RU", "y", LESS)], 0.0, "unknown", SEVERAL, 1.0, id="#3 state below it"
        ),
        pytest.param(
            [("A", "CZ", "Czechoslovakia", HALF), ("B", "SK", "Czechoslovakia", HALF)], 0.0, "state", THEN, STATED,
            id="#4 state of that time at the bar",
        ),
        pytest.param(
            [("A", "CZ", "Czechoslovakia", HALF), ("B", "SK", "Czechoslovakia", LESS)], 0.0, "unknown", SEVERAL, 1.0,
            id="#4 state of that time below it",
        ),
        pytest.param(
            [("A", "US", "u", 0.2), ("B", "RU", "r", 0.19)], 0.2, "unknown", NONE, 1.0, id="#5 unknown fits as well"
        ),
        pytest.param(
            [("A", "US", "u", 0.2), ("B", "RU", "r", 0.19)], 0.199, "unknown", SEVERAL, 1.0, id="#5 unknown fits less"
        ),
        pytest.param(
            [("A", "ZZ", "", HALF), ("B", "ZZ", "", HALF)], 0.0, "unknown", SEVERAL, 1.0, id="ZZ is never a state"
        ),
        pytest.param(
            [("A", "US", "u", HALF), ("B", "RU", "r", LESS), ("C", "RU", "r", LESS)], 0.0, "unknown", SEVERAL, 1.0,
            id="only the first candidate's state is stated",
        ),
    ],
)  # fmt: skip
def test_the_level_is_the_finest_that_enough_supports(
    rows: Sequence[Row], unknown: float, level: str, rule: str, supported: float
) -> None:
    said, why, risk = decide_level([candidate(n, *row) for n, row in enumerate(rows)], unknown)
    assert (said, why) == (level, rule)
    assert risk == pytest.approx(1.0 - supported)


def word(text: str, *, upside_down: bool = False) -> Word:
    angles = tuple(10.0 * i for i in range(len(text)))
    return Word(text, upside_down, angles, 8.0, 0, tuple(range(len(text))), spotted=True)


def read(pattern: str | None, *words: tuple[Role, str], score: float = 0.0) -> Explanation:
    """An explanation in which each word stands in its role."""
    return Explanation(pattern, tuple(Placed(word(text), role, 5.0) for role, text in words), score)


def said(
    explanations: Sequence[Explanation], markings: MarkingSet, context: Context | None = None, legible: float = 1.0
) -> Attribution:
    return attribute(explanations, markings, context=context, legible=legible, this_year=THIS_YEAR)


def of(attribution: Attribution, pattern: str) -> Candidate:
    return next(c for c in attribution.candidates if c.pattern == pattern)


def nats(attribution: Attribution, pattern: str) -> float:
    """The log-score by which a pattern leads the explanation without one (scores are taken as they are here)."""
    return math.log(of(attribution, pattern).probability / attribution.unknown_probability)


MIXED = (
    read(NOVOSIBIRSK, ("code", "188"), ("year", "86"), score=2.0),
    read(LAKE_CITY, ("code", "LC"), score=1.0),
    read(BARNAUL, ("code", "17"), ("calibre", "5.45x39"), ("other", "8"), score=0.5),
    read(None, ("other", "188"), score=0.0),
)


@pytest.mark.parametrize("legible", [1.0, 0.6, 0.0])
@pytest.mark.parametrize("context", [None, Context(country="RU", year=1980, calibre="9x19mm")])
def test_candidates_and_unknown_sum_to_one(shipped: MarkingSet, context: Context | None, legible: float) -> None:
    got = said(MIXED, shipped, context, legible)
    assert sum(c.probability for c in got.candidates) + got.unknown_probability == pytest.approx(1.0)
    assert [c.probability for c in got.candidates] == sorted((c.probability for c in got.candidates), reverse=True)


def test_log_scores_become_probabilities_as_the_calibration_of_this_legibility_says(shipped: MarkingSet) -> None:
    calibration = Calibration(usual=(5.0, 2.0), temperature=(0.5, -0.3), outside=(1.0, 0.4), missed=0.1)
    explanations = [read(LAKE_CITY, ("code", "LC"), score=3.0), read(None)]
    got = attribute(explanations, shipped, calibration=calibration, this_year=THIS_YEAR)
    # "LC" gains 8 nats with two characters: 4 a character, half a spread below the usual legibility.
    lead = (3.0 - (1.0 + 0.4 * -0.5)) / math.exp(0.5 - 0.3 * -0.5)
    assert of(got, LAKE_CITY).probability == pytest.approx(0.9 / (1.0 + math.exp(-lead)))
    assert got.unknown_probability == pytest.approx(1.0 - 0.9 / (1.0 + math.exp(-lead)))


def test_the_sets_and_the_level_go_by_the_bars_of_the_mark_s_own_stratum(shipped: MarkingSet) -> None:
    wide, narrow = Bars(0.05, 0.05, 0.05), Bars(0.4, 0.4, 0.4)
    high, low = Bars(0.95, 0.95, 0.95), Bars(0.5, 0.5, 0.5)
    calibration = Calibration(strata=(3.0,), bars={0.1: (wide, narrow)}, stated={0.1: (high, low)})
    clear = [read(LAKE_CITY, ("code", "LC"), score=2.0), read(None)]
    worn = [read(LAKE_CITY, ("code", "LC"), ("other", "XQJVWZYXQ"), score=2.0), read(None)]
    known, doubted = (attribute(e, shipped, calibration=calibration, this_year=THIS_YEAR) for e in (clear, worn))
    assert known.candidates[0].probability == doubted.candidates[0].probability
    assert (known.level, doubted.level) == ("pattern", "unknown")
    maker = f"{shipped.by_id[LAKE_CITY].manufacturer} (US)"
    assert known.likely == LikelySet(0.1, (LAKE_CITY,), (maker,), ("US",))
    assert doubted.likely == LikelySet(0.1, (LAKE_CITY, UNKNOWN), (maker, UNKNOWN), ("US", UNKNOWN))


def test_the_record_tells_the_set(shipped: MarkingSet) -> None:
    got = said([read(LAKE_CITY, ("code", "LC"), score=2.0), read(None)], shipped)
    result = drawn.result()
    record = to_record(replace(result, marks=(replace(result.marks[0], attribution=got),)))
    jsonschema.validate(record, schema())
    maker = f"{shipped.by_id[LAKE_CITY].manufacturer} (US)"
    told = {"risk": 0.1, "patterns": [LAKE_CITY], "makers": [maker], "states": ["US"]}
    assert record["marks"][0]["attribution"]["set"] == told


def test_sets_sum_a_maker_s_and_a_state_s_patterns() -> None:
    rows = [("A", "RU", "r", 0.3), ("A", "RU", "r", 0.25), ("B", "RU", "r", 0.2), ("A", "UA", "u", 0.15)]
    got = likely_set([candidate(n, *row) for n, row in enumerate(rows)], 0.1, Bars(0.22, 0.18, 0.12), 0.2)
    assert got == LikelySet(0.2, ("p0", "p1"), ("A (RU)", "B (RU)"), ("RU", "UA"))


def test_a_risk_nobody_fitted_bars_for_is_refused(shipped: MarkingSet) -> None:
    with pytest.raises(UsageError, match=r"risk of 0\.3: choose from 0\.1"):
        attribute([read(None)], shipped, risk=0.3, this_year=THIS_YEAR)


@pytest.mark.parametrize(
    ("bars", "level"),
    [
        (Bars(0.6, 0.8, 0.9), "pattern"),
        (Bars(0.61, 0.8, 0.9), "maker"),
        (Bars(0.61, 0.81, 0.9), "state"),
        (Bars(0.61, 0.81, 0.91), "unknown"),
        (Bars(0.1, 0.1, 0.91), "unknown"),
        (Bars(0.1, 0.81, 0.1), "state"),
    ],
)
def test_a_level_is_stated_from_its_bar_on_where_every_coarser_one_is_too(bars: Bars, level: str) -> None:
    rows = [("A", "RU", "r", 0.6), ("A", "RU", "r", 0.2), ("B", "RU", "r", 0.1)]
    assert decide_level([candidate(n, *row) for n, row in enumerate(rows)], 0.1, bars)[0] == level


@pytest.mark.parametrize("explanations", [[], [read(None, ("other", "XQJ"))]])
def test_without_a_pattern_all_is_unknown(shipped: MarkingSet, explanations: list[Explanation]) -> None:
    got = said(explanations, shipped)
    assert (got.level, got.unknown_probability, got.candidates) == ("unknown", 1.0, ())
    assert got.decided_by == "nothing of the marking set was read"


def test_a_poor_reading_takes_the_same_share_from_every_candidate(shipped: MarkingSet) -> None:
    full, poor = said(MIXED, shipped), said(MIXED, shipped, legible=0.6)
    assert {c.pattern for c in poor.candidates} == {NOVOSIBIRSK, LAKE_CITY, BARNAUL}
    for one in poor.candidates:
        assert one.probability == pytest.approx(0.6 * of(full, one.pattern).probability)
        assert one.probability_without_context == pytest.approx(0.6 * of(full, one.pattern).probability)
    assert poor.unknown_probability == pytest.approx(0.4 + 0.6 * full.unknown_probability)


# Context: (what is known, the pattern it bears on, its words, nats, where the reason stands).
@pytest.mark.parametrize(
    ("context", "pattern", "words", "weight", "reason"),
    [
        pytest.param(
            Context(calibre="5.45x39mm"), NOVOSIBIRSK, [("code", "188")], CONTEXT_CALIBRE,
            "context: not known to have been used on 5.45x39mm", id="a calibre never used",
        ),
        pytest.param(
            Context(calibre="5.45"), NOVOSIBIRSK, [("code", "188")], CONTEXT_CALIBRE,
            "context: not known to have been used on 5.45", id="a calibre by its legend",
        ),
        pytest.param(Context(calibre="7.62x54R"), NOVOSIBIRSK, [("code", "188")], 0.0, None, id="a calibre used"),
        pytest.param(
            Context(year=1985), NOVOSIBIRSK, [("code", "188"), ("year", "86")], CONTEXT_TOO_LATE,
            "after the find of 1985", id="a mark younger than the find",
        ),
        pytest.param(
            Context(year=1986), NOVOSIBIRSK, [("code", "188"), ("year", "86")], 0.0, None, id="as old as the find"
        ),
        pytest.param(
            Context(year=1940), NOVOSIBIRSK, [("code", "188")], CONTEXT_TOO_LATE, "after the find of 1940",
            id="undated, a plant that opened after the find",
        ),
        pytest.param(
            Context(year=1941), NOVOSIBIRSK, [("code", "188")], 0.0, None, id="undated, a plant that opened that year"
        ),
        pytest.param(
            Context(country="RU"), NOVOSIBIRSK, [("code", "188")], CONTEXT_SAME_COUNTRY,
            "context: made in the country of the find", id="found where it was made",
        ),
        pytest.param(Context(country="UA"), NOVOSIBIRSK, [("code", "188")], 0.0, None, id="found elsewhere"),
    ],
)  # fmt: skip
def test_context_moves_the_probability_and_never_what_the_photo_supports(
    shipped: MarkingSet,
    context: Context,
    pattern: str,
    words: list[tuple[Role, str]],
    weight: float,
    reason: str | None,
) -> None:
    explanations = [read(pattern, *words, score=2.0), read(None)]
    plain, known = said(explanations, shipped), said(explanations, shipped, context)
    assert nats(known, pattern) - nats(plain, pattern) == pytest.approx(weight)
    assert of(known, pattern).probability_without_context == pytest.approx(of(plain, pattern).probability)
    one = of(known, pattern)
    stated = [r for r in (*one.reasons_for, *one.reasons_against) if r.startswith("context:")]
    assert (reason is None and not stated) or (len(stated) == 1 and reason is not None and reason in stated[0])
    assert [r for r in one.reasons_for if r.startswith("context:")] == (stated if weight > 0 else [])


def test_context_weights_point_the_right_way() -> None:
    assert CONTEXT_TOO_LATE < CONTEXT_CALIBRE < 0.0 < CONTEXT_SAME_COUNTRY
    assert AGAINST["impossible"] < AGAINST["unlikely"] < AGAINST["caution"] == 0.0


def test_context_turns_the_order_but_not_what_the_photo_supports(shipped: MarkingSet) -> None:
    explanations = [read(NOVOSIBIRSK, ("code", "188"), score=2.0), read(BARNAUL, ("code", "17"), score=1.5), read(None)]
    plain = said(explanations, shipped)
    known = said(explanations, shipped, Context(calibre="5.45x39"))
    assert [c.pattern for c in plain.candidates] == [NOVOSIBIRSK, BARNAUL]
    assert [c.pattern for c in known.candidates] == [BARNAUL, NOVOSIBIRSK]
    assert of(known, BARNAUL).probability > of(plain, BARNAUL).probability
    for one in known.candidates:
        assert one.probability_without_context == of(plain, one.pattern).probability_without_context


def misfits(one: Candidate) -> list[str]:
    """The rules by which the year speaks against a candidate."""
    return [r.rpartition("(")[2].rstrip(")") for r in one.reasons_against if r.startswith("the year")]


@pytest.mark.parametrize(
    ("pattern", "words", "fitting", "rule", "weight"),
    [
        pytest.param(
            ULYANOVSK, [("code", "3"), ("calibre", "7.62x39"), ("year", "38")],
            [("code", "3"), ("calibre", "7.62x39"), ("year", "48")], "R1.9", "impossible", id="before the cartridge",
        ),
        pytest.param(
            BARNAUL, [("code", "17"), ("year", "38")], [("code", "17"), ("year", "44")], "R2.4", "impossible",
            id="before the plant came",
        ),
        pytest.param(
            PODOLSK, [("code", "17"), ("year", "44")], [("code", "17"), ("year", "38")], "R2.4", "impossible",
            id="after the plant left",
        ),
        pytest.param(
            LUHANSK, [("code", "270"), ("year", "38")], [("code", "270"), ("year", "48")], "years", "unlikely",
            id="before the row's own dates",
        ),
    ],
)  # fmt: skip
def test_a_year_that_cannot_be_weighs_against_and_is_listed(
    shipped: MarkingSet, pattern: str, words: list[tuple[Role, str]], fitting: list[tuple[Role, str]],
    rule: str, weight: str,
) -> None:  # fmt: skip
    against = said([read(pattern, *words, score=3.0), read(None)], shipped)
    fits = said([read(pattern, *fitting, score=3.0), read(None)], shipped)
    assert misfits(of(fits, pattern)) == []
    assert misfits(of(against, pattern)) == [rule]
    assert nats(against, pattern) - nats(fits, pattern) == pytest.approx(AGAINST[weight])


def test_the_date_tells_an_evacuated_number_s_two_plants_apart(shipped: MarkingSet) -> None:
    for year, place in (("38", PODOLSK), ("44", BARNAUL)):
        both = [read(p, ("code", "17"), ("year", year), score=1.0) for p in (BARNAUL, PODOLSK)]
        assert said([*both, read(None)], shipped).candidates[0].pattern == place


def test_a_calibre_the_mark_was_never_used_in_weighs_against_and_is_listed(shipped: MarkingSet) -> None:
    used, unused = (
        said([read(NOVOSIBIRSK, ("code", "188"), ("calibre", c), score=3.0), read(None)], shipped)
        for c in ("9x18", "5.45x39")
    )
    assert nats(unused, NOVOSIBIRSK) - nats(used, NOVOSIBIRSK) == pytest.approx(AGAINST["unlikely"])
    assert any(r.startswith("5.45x39mm is not among") for r in of(unused, NOVOSIBIRSK).reasons_against)
    assert not any("is not among" in r for r in of(used, NOVOSIBIRSK).reasons_against)
    assert "'9x18' names 9x18mm, which this mark is known on" in of(used, NOVOSIBIRSK).reasons_for


@pytest.mark.parametrize(
    ("pattern", "code", "strength", "rules"),
    [
        (LAKE_CITY, "LC", "candidate", []),
        ("ru-179-novosibirsk", "179", "lead", ["grade C"]),
        ("ba-ptg-gorazde", "PTG", "lead", ["R0", "grade C"]),
    ],
)
def test_rows_that_are_unsure_are_leads_and_say_each_reason_once(
    shipped: MarkingSet, pattern: str, code: str, strength: str, rules: list[str]
) -> None:
    one = of(said([read(pattern, ("code", code), score=2.0), read(None)], shipped), pattern)
    assert (one.strength, one.grade) == (strength, shipped.by_id[pattern].grade)
    leads = [r for r in one.reasons_against if "lead" in r]
    assert [r.rpartition("(")[2].rstrip(")") for r in leads] == rules


@pytest.mark.parametrize(
    ("pattern", "words", "year", "calibre", "then"),
    [
        (NOVOSIBIRSK, [("code", "188"), ("year", "86")], (1986, 1986), None, "Soviet Union"),
        (NOVOSIBIRSK, [("code", "188"), ("calibre", "9x19")], None, "9x19mm", "Soviet Union"),
        (LUHANSK, [("code", "270"), ("year", "86"), ("calibre", "5.45")], (1986, 1986), "5.45x39mm", "Soviet Union"),
        (LUHANSK, [("code", "270"), ("year", "94")], (1994, 1994), None, "Ukraine"),
        (NOVOSIBIRSK, [("code", "188"), ("year", "05")], (2005, 2005), None, "Russia"),
        (LAKE_CITY, [("code", "LC"), ("year", "12")], (2012, 2012), None, "United States"),
        ("de-men-nassau", [("code", "MEN-82-23")], (1982, 1982), None, "Germany"),
        # Of several calendars and of several calibres one legend can name, what suits the pattern.
        ("tw-60a-kaohsiung", [("code", "60A"), ("year", "39")], (1950, 1950), None, "Taiwan"),
        ("ir-dio-tehran", [("code", "DIO"), ("year", "06")], (2006, 2006), None, "Iran"),
        ("bg-vdf-kazanlak", [("code", "ВДФ"), ("calibre", "8x50R")], None, "8x50mmR Mannlicher", "Kingdom of Bulgaria"),
    ],
)
def test_year_and_calibre_are_decoded_and_the_state_is_of_that_year(
    shipped: MarkingSet, pattern: str, words: list[tuple[Role, str]], year: tuple[int, int] | None, calibre: str | None,
    then: str,
) -> None:  # fmt: skip
    got = of(said([read(pattern, *words, score=2.0), read(None)], shipped), pattern)
    assert got.year == (YearRange(*year, probability=got.probability) if year else None)
    assert (got.calibre, got.state_then) == (calibre, then)


def test_reasons_name_what_was_read_and_what_was_not_explained(shipped: MarkingSet) -> None:
    inwards = Placed(word("188", upside_down=True), "code", 5.0)
    rest = read(NOVOSIBIRSK, ("year", "86"), ("other", "Q7"), score=3.0).placed
    got = of(said([Explanation(NOVOSIBIRSK, (inwards, *rest), 3.0), read(None)], shipped), NOVOSIBIRSK)
    assert got.reasons_for[0].startswith("'188', tops inwards is a mark of Novosibirsk")
    assert got.reasons_for[1] == "'86' fits as the year 1986 (R1.9)"
    assert "'Q7' is not explained by this pattern" in got.reasons_against


@pytest.mark.parametrize("role", ["other", "sign"])
def test_what_stands_on_a_head_twice_is_one_reason(role: Role, shipped: MarkingSet) -> None:
    dots = read(NOVOSIBIRSK, ("code", "188"), (role, "<dot>"), (role, "<dot>"), score=3.0)
    got = of(said([dots, read(None)], shipped), NOVOSIBIRSK)
    assert [reason.startswith("'<dot>'") for reason in (*got.reasons_for, *got.reasons_against)].count(True) == 1
    joined = of(said([read("de-men-nassau", ("code", "MEN-82-23"), score=2.0), read(None)], shipped), "de-men-nassau")
    assert joined.reasons_for[1].startswith("'82' after it fits as the year 1982")
    assert got.sources == (shipped.by_id[NOVOSIBIRSK].source,)
    emp = read("de-emp-empelde", ("code", "emp"), ("lot", "3"), ("year", "41"), score=2.0)
    german = of(said([emp, read(None)], shipped), "de-emp-empelde")
    assert german.reasons_for[1] == "'3' fits as the lot that this layout has"
    assert not any("'3'" in reason for reason in german.reasons_against)


def test_reasons_give_hebrew_in_the_order_it_is_read_in(shipped: MarkingSet) -> None:
    explanation = read("il-taas-ramat-hasharon", ("code", "עת"), ("other", "בא"), score=3.0)
    got = of(said([explanation, read(None)], shipped), "il-taas-ramat-hasharon")
    assert got.reasons_for[0].startswith("'תע' is a mark of")
    assert "'אב' is not explained by this pattern" in got.reasons_against


def test_a_sign_out_of_place_speaks_against_a_mark_and_one_in_place_for_it(shipped: MarkingSet) -> None:
    words: tuple[tuple[Role, str], ...] = (("sign", "<nato cross>"), ("year", "17"))
    found = said([read(LAKE_CITY, ("code", "LC"), *words), read(BARNAUL, ("code", "17"), words[0])], shipped)
    told = {key: (of(found, key).reasons_for, of(found, key).reasons_against) for key in (LAKE_CITY, BARNAUL)}
    assert any("'<nato cross>' is a sign" in reason for reason in told[LAKE_CITY][0])
    assert not any("<nato cross>" in reason for reason in (*told[LAKE_CITY][1], *told[BARNAUL][0]))
    assert any("'<nato cross>' is struck on" in reason for reason in told[BARNAUL][1])


def test_the_same_arguments_give_the_same_answer_and_stay_as_they_were(shipped: MarkingSet) -> None:
    explanations = list(MIXED)
    kept, context = copy.deepcopy(explanations), Context(country="RU", year=1990, calibre="9x19")
    first = said(explanations, shipped, context)
    assert said(explanations, shipped, context) == first
    assert explanations == kept
    assert context == Context(country="RU", year=1990, calibre="9x19")
    turned = said(explanations[::-1], shipped, context)
    assert [c.pattern for c in turned.candidates] == [c.pattern for c in first.candidates]
    assert turned.unknown_probability == pytest.approx(first.unknown_probability)


def test_of_many_explanations_the_first_are_listed_and_the_rest_are_unknown(shipped: MarkingSet) -> None:
    makers = sorted(p.id for p in shipped.patterns if p.role == "maker")[: 3 * MOST_LISTED]
    got = said([*(read(m, score=1.0) for m in makers), read(None, score=1.0)], shipped)
    assert [c.pattern for c in got.candidates] == makers[:MOST_LISTED]
    assert got.unknown_probability == pytest.approx(1.0 - MOST_LISTED / (len(makers) + 1))


@pytest.mark.parametrize(("share", "listed"), [(LEAST_LISTED * 1.01, True), (LEAST_LISTED * 0.99, False)])
def test_what_is_hardly_possible_is_unknown(shipped: MarkingSet, share: float, listed: bool) -> None:
    weak = read(LAKE_CITY, ("code", "LC"), score=math.log(share / (1.0 - share)))
    got = said([weak, read(None)], shipped)
    assert [c.pattern for c in got.candidates] == ([LAKE_CITY] if listed else [])
    assert got.unknown_probability == pytest.approx(1.0 - share if listed else 1.0)


@pytest.mark.parametrize(
    ("likeliest", "gain", "told"),
    [
        pytest.param(0.5, 9.0, "a", id="as likely as unknown"),
        pytest.param(0.4, 9.0, None, id="less likely than unknown"),
        pytest.param(0.4, 7.9, "a", id="hardly legible"),
        pytest.param(0.4, 8.0, None, id="just legible"),
    ],
)
def test_words_of_a_legible_head_are_told_as_read_where_unknown_is_likelier_than_any_candidate(
    likeliest: float, gain: float, told: str | None
) -> None:
    placed = (Placed(Word("ELEY", False, (0.0, 10.0, 20.0, 30.0), 4.0 * gain, 0, (0, 1, 2, 3), True), "code", 5.0),)
    explanations = [Explanation("a", placed, 3.0), Explanation("b", placed, 2.5), Explanation(None, (), 2.0)]
    strata = Calibration(
        strata=(8.0,), bars={0.1: (Bars(0.5, 0.5, 0.5),) * 2}, stated={0.1: (Bars(0.5, 0.5, 0.5),) * 2}
    )
    some = (candidate(1, "A", "GB", "", likeliest), candidate(2, "B", "GB", "", 0.1))
    attribution = Attribution("unknown", "", 0.0, 0.5, some)
    assert worth_telling(explanations, attribution, strata).pattern == told
    assert worth_telling(explanations[:2], attribution, strata).pattern == "a"  # there is no other
    assert worth_telling(explanations, attribution).pattern == "a"  # without strata nothing says what is legible


HINT = "what fits is a hint: a mark that nobody has seen, or a brand that several makers strike"


@pytest.mark.parametrize(
    ("pattern", "code"),
    [("ru-wolf-tula", "WOLF"), ("us-weatherby-paso-robles", "WEATHERBY"), ("ba-ptg-gorazde", "PTG")],
)
def test_no_origin_is_stated_on_a_brand_or_an_inferred_mark_however_surely_it_is_read(
    shipped: MarkingSet, pattern: str, code: str
) -> None:
    got = said([read(pattern, ("code", code), score=12.0), read(None)], shipped)
    assert (got.level, got.decided_by, got.risk) == ("unknown", HINT, 0.0)
    assert of(got, pattern).probability > 0.9
    assert of(got, pattern).strength == "lead"


@pytest.mark.parametrize(("confirmed", "level"), [(STATED, "state"), (STATED - 0.01, "unknown")])
def test_hints_may_add_to_a_state_that_other_rows_name_and_not_replace_them(confirmed: float, level: str) -> None:
    candidates = [candidate(1, "A", "RU", "", confirmed), candidate(2, "B", "RU", "", 0.9 - confirmed)]
    assert decide_level(candidates, 0.1, Bars(1.0, 1.0, 0.8), hints={"p2"})[0] == level


def test_a_year_that_can_be_two_is_told_as_both_and_the_last_has_half(shipped: MarkingSet) -> None:
    """12 of a plant that struck from 1869 on is 1912 as well as 2012."""
    old = replace(shipped.by_id[LAKE_CITY], id="old", years_from=1869)
    markings = replace(shipped, patterns=(*shipped.patterns, old), by_id={**shipped.by_id, "old": old})
    explanations = [read("old", ("code", "LC"), ("year", "12"), score=9.0), read(None)]
    one = of(said(explanations, markings), "old")
    assert one.year == YearRange(2012, 2012, probability=one.probability / 2)
    assert "'12' fits as the year 1912 or 2012 (R1.9)" in one.reasons_for
    found = of(said(explanations, markings, Context(year=1950)), "old")
    assert found.year == YearRange(1912, 1912, probability=found.probability)
    assert not any("after the find" in reason for reason in found.reasons_against)


def test_a_calibre_that_no_table_knows_says_nothing(shipped: MarkingSet) -> None:
    explanations = [read(LAKE_CITY, ("code", "LC"), score=2.0), read(None)]
    plain, odd = (of(said(explanations, shipped, c), LAKE_CITY) for c in (None, Context(calibre="nonsense")))
    assert odd == plain


def test_a_country_of_the_find_that_is_no_code_is_refused() -> None:
    with pytest.raises(ValueError, match="such as RU"):
        Context(country="ru")
