"""Weighing the evidence of one object: every rule and both sides of every bar."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from vision.attribute_object import (
    BASE,
    MAKER_BAR,
    MOST,
    STATE_BAR,
    Doubt,
    Evidence,
    attribute_object,
    worth_of,
)

ONE = Evidence("wm-xx-a", "A", "Works A", "PL", "Poland", "maker", "A", "a book", 4.0, "'A' is a mark of Works A", (0,))


def worth_for(probability: float) -> float:
    """The nats by which a state alone reaches a probability."""
    share = probability / MOST
    return math.log(share / (1.0 - share)) - BASE


def test_without_evidence_nothing_is_known() -> None:
    said = attribute_object([])
    assert (said.level, said.unknown_probability, said.candidates) == ("unknown", 1.0, ())


@pytest.mark.parametrize(
    ("probability", "names", "level"),
    [
        (MAKER_BAR + 0.01, "maker", "maker"),
        (MAKER_BAR - 0.01, "maker", "state"),
        (MAKER_BAR + 0.01, "state", "state"),
        (STATE_BAR + 0.01, "maker", "state"),
        (STATE_BAR - 0.01, "maker", "unknown"),
        (STATE_BAR - 0.01, "state", "unknown"),
        (STATE_BAR + 0.01, "form", "state"),
    ],
)
def test_both_sides_of_every_bar(probability: float, names: str, level: str) -> None:
    said = attribute_object([replace(ONE, worth=worth_for(probability), names=names)])  # type: ignore[arg-type]
    assert said.level == level
    assert said.candidates[0].probability == pytest.approx(probability)
    assert said.risk == pytest.approx(0.0 if level == "unknown" else 1.0 - probability)


def test_nothing_is_surer_than_the_most() -> None:
    said = attribute_object([replace(ONE, worth=40.0)])
    assert said.candidates[0].probability == pytest.approx(MOST)
    assert said.unknown_probability == pytest.approx(1.0 - MOST)


def test_strengths_alone_come_to_what_the_guide_says() -> None:
    def alone(strength: str, grade: str) -> float:
        said = attribute_object([replace(ONE, worth=worth_of(strength, grade))])  # type: ignore[arg-type]
        return said.candidates[0].probability

    assert 0.83 < alone("strong", "B") < alone("strong", "A") < 0.86
    assert 0.55 < alone("fair", "B") < alone("fair", "A") < STATE_BAR
    assert 0.25 < alone("weak", "B") < alone("weak", "A") < 0.27
    assert alone("strong", "C") < STATE_BAR


def test_evidence_on_the_same_elements_counts_once() -> None:
    other = replace(ONE, pattern="wm-xx-b", worth=3.0)
    assert attribute_object([ONE, other]).candidates == attribute_object([ONE]).candidates
    apart = attribute_object([ONE, replace(other, elements=(1,))])
    assert apart.candidates[0].probability > attribute_object([ONE]).candidates[0].probability


def test_states_compete_and_neither_is_stated() -> None:
    rival = replace(ONE, pattern="wm-yy", manufacturer="Works Y", country="HU", elements=(1,))
    said = attribute_object([ONE, rival])
    assert said.level == "unknown"
    assert {c.country for c in said.candidates} == {"PL", "HU"}
    assert "several states" in said.decided_by
    assert any("another origin" in reason for reason in said.candidates[0].reasons_against)


def test_another_meaning_of_the_same_element_is_a_rival_and_no_reason() -> None:
    rival = replace(ONE, pattern="wm-yy", manufacturer="Works Y", country="HU")
    for elements, as_read, told in (((1,), True, True), ((0,), True, False), ((1,), False, False)):
        said = attribute_object([ONE, replace(rival, elements=elements, as_read=as_read, worth=3.0)])
        assert {c.country for c in said.candidates} == {"PL", "HU"}
        assert any("another origin" in reason for reason in said.candidates[0].reasons_against) == told


def test_makers_of_one_state_share_it_and_the_state_is_stated() -> None:
    rival = replace(ONE, pattern="wm-xx-b", manufacturer="Works B", elements=(1,))
    said = attribute_object([ONE, rival])
    assert said.level == "state"
    assert [c.country for c in said.candidates] == ["PL", "PL"]
    assert said.candidates[0].probability == pytest.approx(said.candidates[1].probability)


def test_a_row_of_the_state_leaves_a_little_to_makers_nobody_named() -> None:
    said = attribute_object(
        [ONE, replace(ONE, pattern="wm-xx-any", manufacturer="any maker", names="state", elements=(1,))]
    )
    assert [c.manufacturer for c in said.candidates] == ["Works A", "any maker"]
    assert said.candidates[1].probability < 0.1


def test_a_form_supports_a_named_maker_and_is_no_candidate_beside_it() -> None:
    form = replace(ONE, pattern="sf", manufacturer="Works A and B", names="form", worth=0.7, elements=(1,), lead=True)
    said = attribute_object([ONE, form])
    assert [c.pattern for c in said.candidates] == ["wm-xx-a"]
    assert len(said.candidates[0].reasons_for) == 2
    assert said.candidates[0].strength == "candidate"
    assert attribute_object([form]).candidates[0].strength == "lead"


def test_a_doubt_lowers_its_own_state_alone() -> None:
    rival = replace(ONE, pattern="wm-yy", manufacturer="Works Y", country="US", elements=(1,))
    said = attribute_object([ONE, rival], [Doubt("US", -1.0, "brought in")])
    assert said.candidates[0].country == "PL"
    assert "brought in" in said.candidates[1].reasons_against
    assert "brought in" not in said.candidates[0].reasons_against


def test_years_and_states_of_a_country_stand_on_its_candidates() -> None:
    said = attribute_object([ONE], years={"PL": (1957, 1958)}, states={"PL": "Polish People's Republic"})
    first = said.candidates[0]
    assert first.year is not None
    assert (first.year.first, first.year.last, first.year.probability) == (1957, 1958, first.probability)
    assert first.state_then == "Polish People's Republic"


def test_a_reading_in_doubt_is_worth_its_share() -> None:
    full, half = worth_of("strong", "A"), worth_of("strong", "A", 0.5)
    assert (full, worth_of("strong", "A", 0.0)) == (pytest.approx(4.0), 0.0)
    assert 0.0 < half < full
    assert worth_of("strong", "A", in_years=False) == pytest.approx(full / 2.0)
