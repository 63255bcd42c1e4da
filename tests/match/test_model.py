"""What a word can mean under a pattern, and in which ways a reader may read the characters of a code."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from match.markings import (
    BRAND,
    CYRILLIC,
    LATER,
    P108,
    P188,
    SMALL,
    STAR,
    UNDATED,
    UNMARKED,
    calibre,
    marking_set,
    pattern,
)
from match.seen import ALPHABET, find_words, lattice, word

from vision.match.explain import other_cost
from vision.match.model import (
    SIGN,
    SIGN_ABROAD,
    SIGN_AT_HOME,
    SYMBOL_FITTING,
    SYMBOL_OUT_OF_PLACE,
    YEAR_OTHER_FORM,
    Model,
    is_year,
)
from vision.types import Word


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(SMALL, ALPHABET)


def a_word(text: str) -> Word:
    return Word(text, False, tuple(15.0 * i for i in range(len(text))), 20.0, 0, tuple(range(len(text))), True)


def role(model: Model, text: str, within: object) -> str:
    """The role of a text that was seen beyond doubt, in its best place."""
    return max(model.place(a_word(text), 50.0, within), key=lambda p: p.value).role  # type: ignore[arg-type]


def test_codes_lead_to_their_patterns_without_symbols(model: Model) -> None:
    assert [code.pattern.id for code in model.codes["188"]] == [P188.id]
    assert {code.pattern.id for code in model.codes["PJ"]} == {STAR.id}
    assert {code.pattern.id for code in model.codes["ZED"]} == {BRAND.id}
    assert "AP" not in model.codes
    assert "AP" in model.signs


def test_priors_are_probabilities_that_leave_room_for_no_pattern(model: Model) -> None:
    assert 0.3 < sum(map(math.exp, model.priors.values())) < 1.0
    assert UNMARKED.id not in model.priors


def test_weak_rows_are_less_likely_than_others() -> None:
    weak = [replace(P108, grade="C"), replace(P188, inferred=True)]
    for changed in weak:
        others = [p for p in (P188, P108) if p.id != changed.id]
        model = Model(marking_set(*others, changed), ALPHABET)
        assert model.priors[changed.id] < model.priors[others[0].id]


def test_plants_of_many_calibres_are_likelier_than_plants_of_one() -> None:
    several = replace(P108, calibres=("7.62x39mm", "9x19mm", "7.62x51mm", "5.56x45mm"))
    model = Model(marking_set(P188, several), ALPHABET)
    assert model.priors[P108.id] - model.priors[P188.id] == pytest.approx(math.log(2.0))


def test_a_year_in_another_form_than_the_pattern_strikes_counts_less(model: Model) -> None:
    full = replace(P188, year_style="four-digit")
    for usual, unusual, text in ((P188, full, "86"), (full, P188, "1986")):
        as_usual, otherwise = model._year_value(usual, text), model._year_value(unusual, text)
        assert as_usual - otherwise == pytest.approx(-YEAR_OTHER_FORM), text


def test_a_year_counts_most_where_the_pattern_was_in_use(model: Model) -> None:
    inside, outside = model.year_value(P188, "86"), model.year_value(LATER, "86")
    nowhere, unusual = model.year_value(None, "86"), model.year_value(UNDATED, "86")
    assert inside is not None
    assert outside is not None
    assert nowhere is not None
    assert unusual is not None
    assert inside > nowhere > outside
    assert inside > unusual > outside


@pytest.mark.parametrize("text", ["8", "862", "LC", "1786", "2186", "8A", ""])
def test_what_is_no_year_has_no_value_as_one(model: Model, text: str) -> None:
    assert model.year_value(P188, text) is None


@pytest.mark.parametrize("text", ["86", "1986", "5-86", "12-86"])
def test_years_come_in_these_forms(model: Model, text: str) -> None:
    assert model.year_value(P188, text) is not None
    assert model.varies(text)


@pytest.mark.parametrize("text", ["٥٧", "١٩٥٧", "۲۰۰۶", "1385", "۱۳۸۵", "2518", "012"])
def test_years_of_other_calendars_and_figures_come_in_these_forms(text: str) -> None:
    assert is_year(text)


def test_a_calibre_counts_most_where_the_pattern_was_used_in_it(model: Model) -> None:
    own, foreign = model.calibre_value(P188, "7.62x39"), model.calibre_value(LATER, "7.62x39")
    nowhere = model.calibre_value(None, "7.62x39")
    assert own is not None
    assert foreign is not None
    assert nowhere is not None
    assert own > foreign
    assert own > nowhere
    assert model.calibre_value(P188, "8x57") is None


def test_legends_are_known_without_spaces_and_in_capitals(model: Model) -> None:
    assert model.legends["9mmLuger"] == model.legends["9MMLUGER"] == ("9x19mm",)
    assert model.legends["9.mm.Luger"] == ("9x19mm",)  # points where the spaces are
    assert "9 mm Luger" not in model.legends


def test_a_legend_of_capital_millimetres_stands_in_small_letters_too() -> None:
    old = replace(SMALL, calibres=(calibre("9x19mm", "9 M/M", "9 MM"),))
    legends = Model(old, ALPHABET).legends
    assert legends["9M/M"] == legends["9m/m"] == ("9x19mm",)
    assert "9mm" not in legends  # 9 MM is not parted by a stroke, and has its own spellings


def test_words_take_the_role_that_suits_them_under_the_pattern(model: Model) -> None:
    assert role(model, "86", P188) == "year"
    assert role(model, "7.62x39", P188) == "calibre"
    assert role(model, "AP", P188) == "sign"
    assert role(model, "QXZ", P188) == "other"
    assert role(model, "188", P188) == "other"


def test_numbers_are_lots_and_months_where_the_layout_has_them(model: Model) -> None:
    lots = replace(P188, layout="maker code 12 o'clock, case material 3 o'clock, lot 6 o'clock", years_to=1955)
    months = replace(P188, layout="maker letter 12 o'clock, month and year at 4 and 8 o'clock", years_to=1955)
    assert [role(model, text, lots) for text in ("7", "77", "100", "07")] == ["lot", "lot", "other", "other"]
    assert [role(model, text, months) for text in ("7", "12", "13", "0")] == ["month", "month", "other", "other"]
    assert role(model, "7", P188) == "other"
    assert all(model.meaning(p, t)[2] <= model.at_best(t) for p in (lots, months) for t in ("7", "12"))
    # One number is the year, another the lot: a year may be either.
    assert {p.role for p in model.place(a_word("52"), 50.0, lots)} == {"year", "lot"}


def test_the_sign_of_a_case_is_expected_where_the_layout_has_one() -> None:
    steel = pattern("St", "ZZ", role="feature", years_from=1938, years_to=1945, calibres=("9x19mm",))
    layout = "maker code 12 o'clock, case material 3 o'clock, lot 6 o'clock, two-digit year 9 o'clock"
    german = pattern("emp", "DE", years_from=1940, years_to=1945, calibres=("9x19mm",), layout=layout)
    later = replace(german, id="de-late", years_from=1950, years_to=1990)
    silent = replace(german, id="de-silent", layout="")
    model = Model(marking_set(steel, german, later, silent), (*ALPHABET, "t"))
    costs = [model.meaning(p, "St")[2] for p in (german, later, silent, None)]
    assert costs == [SIGN_AT_HOME, SIGN_ABROAD, SIGN, SIGN]


def test_a_symbol_anyone_strikes_fits_marks_of_its_calibres_and_years() -> None:
    cross = pattern("<nato cross>", "ZZ", role="feature", years_from=1955, years_to=None, calibres=("9x19mm",),
                    stampings=(("<nato cross>",),))  # fmt: skip
    early = pattern("OLD", "US", years_to=1940, calibres=("9x19mm",))
    anything = pattern("ANY", "US", calibres=())
    model = Model(marking_set(cross, LATER, P188, early, anything), (*ALPHABET, "<nato cross>"))
    costs = {p.code: model.meaning(p, "<nato cross>")[2] for p in (LATER, P188, early, anything)}
    nobody = model.meaning(None, "<nato cross>")[2]
    assert costs == {"LC": SYMBOL_FITTING, "ANY": nobody, "188": SYMBOL_OUT_OF_PLACE, "OLD": SYMBOL_OUT_OF_PLACE}
    assert SYMBOL_FITTING > nobody > other_cost("<nato cross>") > SYMBOL_OUT_OF_PLACE
    assert all(cost <= model.at_best("<nato cross>") for cost in costs.values())


def test_a_year_the_pattern_cannot_bear_is_something_else_rather(model: Model) -> None:
    assert role(model, "86", LATER) == "other"


def test_a_year_may_also_be_something_else(model: Model) -> None:
    roles = {p.role: p.value for p in model.place(a_word("86"), 50.0, P188)}
    assert set(roles) == {"year", "other"}
    assert roles["year"] > roles["other"] == pytest.approx(50.0 + other_cost("86"))


def test_words_that_explain_less_than_nothing_does_are_not_placed(model: Model) -> None:
    assert model.place(a_word("QXZ"), 1.0, P188) == []


def test_roles_do_not_depend_on_what_was_asked_before() -> None:
    first, second = Model(SMALL, ALPHABET), Model(SMALL, ALPHABET)
    questions = [("86", P188), ("86", LATER), ("86", None), ("7.62x39", P188), ("7.62x39", None)]
    forward = {(t, p and p.id): first.place(a_word(t), 50.0, p) for t, p in questions}
    backward = {(t, p and p.id): second.place(a_word(t), 50.0, p) for t, p in reversed(questions)}
    assert forward == backward


def test_text_that_no_rule_explains_varies_with_no_pattern(model: Model) -> None:
    assert not model.varies("QXZ")
    assert model.varies("7.62x39")


def test_a_cyrillic_code_is_read_through_the_latin_shapes() -> None:
    """The reader knows no Cyrillic: Т is struck as T, and З is read as the figure it is mistaken for."""
    model = Model(SMALL, ALPHABET)
    texts = {w.text for w in find_words(lattice(word("T3", 10)), model.vocabulary) if w.spotted}
    assert CYRILLIC.code in texts


def test_a_look_alike_costs_and_the_own_shape_does_not() -> None:
    model = Model(marking_set(pattern("OD", "RU"), pattern("0D", "CZ")), ALPHABET)
    gains = {w.text: w.gain for w in find_words(lattice(word("0D", 10)), model.vocabulary)}
    assert gains["0D"] > gains["OD"] > 0.0


def test_a_character_the_reader_knows_is_not_given_up_lightly() -> None:
    """З read as 3 costs little for a reader without Cyrillic, and more for one that would have said З."""
    vocabulary = Model(SMALL, ALPHABET).vocabulary
    knowing = Model(SMALL, (*ALPHABET, "З")).vocabulary

    unknown, known = (dict(one.readings["З"])[ALPHABET.index("3")] for one in (vocabulary, knowing))
    assert 0.0 > unknown > known
