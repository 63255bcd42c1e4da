"""The marks of one object together: what each says, in its role, and what may be stated of the origin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vision.catalogue.arms import load_arms_tables
from vision.catalogue.load import load_marking_set, markings_folder
from vision.objects import ObjectAttributor
from vision.types import Attribution, Character, Element, Mark, Reading

MARKINGS = load_marking_set()
ARMS = load_arms_tables(markings_folder(), MARKINGS.countries)
ATTRIBUTOR = ObjectAttributor(ARMS, MARKINGS, this_year=2026)
BOX = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))


def element(text: str, confidence: float = 0.99, line: int = 0) -> Element:
    letters = [text] if text.startswith("<") else list(text)
    y = 50.0 * line
    outline = ((0.0, y), (90.0, y), (90.0, y + 20.0), (0.0, y + 20.0))
    return Element(text, False, confidence, tuple(Character(c, confidence) for c in letters), outline_xy=outline)


def mark(*lines: str | tuple[str, float]) -> Mark:
    """A mark with the words of each line; a symbol is a line of its own."""
    elements: list[Element] = []
    for number, line in enumerate(lines):
        text, confidence = line if isinstance(line, tuple) else (line, 0.99)
        words = [text] if text.startswith("<") else text.split()
        elements += [element(word, confidence, number) for word in words]
    return Mark("t1", "factory_mark", BOX, 0.9, reading=Reading("printed", tuple(elements)))


def told(*marks: Mark) -> list[Mark]:
    return ATTRIBUTOR.attribute_marks(marks)


def attribution(*marks: Mark) -> Attribution:
    """The object's attribution: that of the first mark that bears evidence."""
    found = [m.attribution for m in told(*marks) if m.attribution]
    return next((a for a in found if a.candidates), found[0])


def fields(found: Mark) -> dict[str, str]:
    return {field.name: field.value for field in found.fields}


def test_a_symbol_and_a_model_of_one_state_name_the_maker() -> None:
    said = attribution(mark("<66 in triangle>", "56式", "12000001"))
    first = said.candidates[0]
    assert (said.level, first.country, first.pattern) == ("maker", "CN", "wm-cn-66-in-triangle")
    assert first.manufacturer == "State Factory 66"
    assert first.year is not None
    assert (first.year.first, first.year.last) == (1968, 1969)
    assert first.probability <= 0.97
    assert said.unknown_probability + sum(c.probability for c in said.candidates) == pytest.approx(1.0)


def test_candidates_say_what_speaks_for_and_against_them_with_sources() -> None:
    said = attribution(mark("<66 in triangle>", "56式"), mark("<arrow in triangle>"))
    chinese = next(c for c in said.candidates if c.country == "CN")
    assert any("'<66 in triangle>'" in reason for reason in chinese.reasons_for)
    assert any("'<arrow in triangle>' is a mark of Izhevsk" in reason for reason in chinese.reasons_against)
    assert all(c.sources and c.reasons_for for c in said.candidates)


def symbol(text: str, confidence: float, *alternatives: tuple[str, float], beside: str = "56式") -> Mark:
    """A mark of one symbol that may be others, beside a text, such as the model of a Chinese rifle."""
    plain = mark(text, beside)
    assert plain.reading
    first, *rest = plain.reading.elements
    first = replace(first, confidence=confidence, characters=(Character(text, confidence, alternatives),))
    return replace(plain, reading=Reading("printed", (first, *rest)))


def test_what_a_symbol_may_be_instead_is_no_reason_against_what_it_was_read_as() -> None:
    said = attribution(symbol("<66 in triangle>", 0.99, ("<FB in triangle>", 0.6), beside="1234a"))
    chinese = [c for c in said.candidates if c.country == "CN"]
    (polish,) = (c for c in said.candidates if c.country == "PL")
    assert not any("FB in triangle" in reason for c in chinese for reason in c.reasons_against)
    assert not any("66 in triangle" in reason for reason in polish.reasons_against)
    assert any("the symbol was read as '<66 in triangle>'" in reason for reason in polish.reasons_for)


def test_a_symbol_that_is_not_known_speaks_for_nobody_by_what_it_hardly_is() -> None:
    said = attribution(symbol("<unknown symbol>", 0.98, ("<star in circle>", 0.01)))
    assert {c.country for c in said.candidates} == {"CN"}
    assert not any("star in circle" in reason for c in said.candidates for reason in c.reasons_against)


def test_no_field_is_decoded_from_what_a_symbol_may_be_instead() -> None:
    (found,) = told(symbol("<66 in triangle>", 0.99, ("<FB in triangle>", 0.6)))
    assert [field.text for field in found.fields if field.name == "maker"] == ["<66 in triangle>"]
    (found,) = told(symbol("<unknown symbol>", 0.98, ("<FB in triangle>", 0.6)))
    assert "maker" not in fields(found)


def test_marks_of_two_states_leave_the_origin_open() -> None:
    """First Bulgarian rifles can carry Izhevsk's mark beside the Bulgarian 10."""
    said = attribution(mark("<double circle enclosing 10>", "1960"), mark("<arrow in triangle>"))
    assert {c.country for c in said.candidates[:2]} == {"BG", "RU"}
    assert said.level == "unknown"
    assert "several states" in said.decided_by


def test_a_number_alone_names_nobody() -> None:
    for number in ("704652", "AB12345", "12000001", "1234a", "47417241"):
        (found,) = told(mark(number))
        assert found.attribution is not None
        assert found.attribution.level == "unknown"
        assert (found.attribution.candidates or [None])[0] is None, number


def test_letters_of_another_script_bring_up_a_state_but_state_none() -> None:
    said = attribution(mark("ЗД 4048"))
    assert said.candidates[0].country == "RU"
    assert said.level == "unknown"
    assert said.candidates[0].strength == "lead"


@pytest.mark.parametrize(
    "text",
    [
        "CENTURY ARMS INC GEORGIA VT",
        "INTERARMS ALEXANDRIA VA",
        "KFS ATL GA",
        "PW ARMS REDMOND WA",
        "PROPERTY OF U.S. GOVT.",
    ],
)
def test_importers_and_owners_are_never_the_maker(text: str) -> None:
    (found,) = told(mark(text, "123456"))
    assert found.attribution is not None
    assert found.attribution.level == "unknown"
    assert not any(c.country == "US" for c in found.attribution.candidates)
    role = "owner" if text.startswith("PROPERTY") else "importer"
    assert "(US)" in fields(found)[role]
    assert "maker" not in fields(found)


def test_an_importer_leaves_the_maker_what_it_is() -> None:
    alone = attribution(mark("<arrow crossing triangle>", "1964"))
    imported = attribution(mark("<arrow crossing triangle>", "1964"), mark("CENTURY ARMS INC GEORGIA VT"))
    assert (imported.level, imported.candidates[0].country) == ("maker", "RO")
    assert imported.candidates[0].probability == pytest.approx(alone.candidates[0].probability)


def test_an_import_mark_speaks_against_its_own_state() -> None:
    alone = attribution(mark("COLT AR-15"))
    imported = attribution(mark("COLT AR-15"), mark("CENTURY ARMS INC GEORGIA VT"))
    assert imported.candidates[0].probability < alone.candidates[0].probability
    assert any("brought in, so made elsewhere" in reason for reason in imported.candidates[0].reasons_against)


@pytest.mark.parametrize(
    "symbol", ["<Ulm antler>", "<stag antler>", "<perron>", "<broad arrow>", "<crescent and star>"]
)
def test_proof_and_property_symbols_alone_name_nobody(symbol: str) -> None:
    (found,) = told(mark(symbol))
    assert found.attribution is not None
    assert (found.attribution.level, found.attribution.candidates) == ("unknown", ())
    assert set(fields(found)) <= {"proof house", "owner"}


def test_roles_are_told_apart_as_fields() -> None:
    (found,) = told(mark("<arrow in triangle>", "<SA in box>", "1943", "BNP", "7,62x39", "C.A.I. ST. ALB. VT."))
    got = fields(found)
    assert "Izhevsk" in got["maker"]
    assert got["owner"] == "Finnish army (FI)"
    assert "Birmingham" in got["proof house"]
    assert "Century" in got["importer"]
    assert got["calibre"] == "7,62x39"
    assert got["year"] == "1943"


def test_descriptions_are_never_matched_as_text() -> None:
    for row in ARMS.weapons:
        if row.form in ("description", "template"):
            (found,) = told(mark(row.mark))
            assert not any(field.rule == row.id for field in found.fields)
            assert found.attribution is not None
            assert not any(c.pattern == row.id for c in found.attribution.candidates)


def test_a_licensed_model_is_outweighed_by_the_maker_who_struck_it() -> None:
    said = attribution(mark("POF", "G3A3"))
    assert said.candidates[0].country == "PK"
    assert any("G3A3" in reason for reason in said.candidates[0].reasons_against)


def test_a_model_made_under_licence_alone_states_nothing() -> None:
    assert attribution(mark("G3A3")).level == "unknown"


def test_a_year_outside_a_rows_years_speaks_against_it() -> None:
    fitting, late = attribution(mark("T.R.Z.", "PREDUZEĆE 44", "1950")), attribution(mark("PREDUZEĆE 44", "1985"))
    assert late.candidates[0].probability < fitting.candidates[0].probability
    assert "the year 1985 is outside those this mark is known from" in late.candidates[0].reasons_against


def test_doubtful_readings_state_less() -> None:
    sure, doubtful = attribution(mark("<11 in oval>")), attribution(mark(("<11 in oval>", 0.4)))
    assert sure.level == "maker"
    assert doubtful.level == "unknown"
    assert doubtful.candidates[0].country == "PL"


@pytest.mark.parametrize("text", ["BYF", "She", "AC"])
def test_codes_in_small_letters_are_only_themselves(text: str) -> None:
    assert attribution(mark(text)).candidates == ()


def test_words_parted_or_joined_or_one_letter_off_are_seen() -> None:
    for text in ("MADE IN ITALY", "MADEIN ITALY", "MADEINITALY"):
        assert attribution(mark(text)).candidates[0].country == "IT", text
    assert attribution(mark("FABRIOUE NATIONALE HERSTAL")).candidates[0].country == "BE"
    assert attribution(mark("MADE IN")).candidates == ()


def test_a_factorys_bare_number_is_weak_alone_and_more_beside_its_model() -> None:
    assert attribution(mark("66")).level == "unknown"
    beside = attribution(mark("54", "AKM"))
    assert beside.candidates[0].country == "EG"
    assert any("without the outline" in reason for reason in beside.candidates[0].reasons_for)


def test_selector_letters_count_where_all_of_them_stand() -> None:
    assert attribution(mark("АВ"), mark("ОД")).candidates[0].country == "RU"
    assert attribution(mark("АВ")).candidates == ()


def test_serials_decode_by_the_forms_of_the_maker_that_was_read() -> None:
    (found,) = told(mark("<66 in triangle>", "56式", "12000001"))
    serial = next(field for field in found.fields if field.name == "serial")
    assert found.kind == "serial"
    assert (serial.value, serial.years) == ("number 000001, year 1968 to 1969", (1968, 1969))
    assert "disputed" in serial.doubt
    assert serial.rule.startswith("sf-cn-")
    (other,) = told(mark("12000001"))
    assert next(field for field in other.fields if field.name == "serial").years is None


def test_a_serials_years_that_its_mark_is_not_known_from_are_not_told() -> None:
    (found,) = told(mark("NORINCO", "MADE IN CHINA", "1846828"))
    assert found.attribution is not None
    assert found.attribution.candidates[0].year is None
    assert next(field for field in found.fields if field.name == "serial").years is None


def test_dates_are_decoded_by_the_maker_that_was_read() -> None:
    (found,) = told(mark("HK G3A3", "3653059", "12/80"))
    date = next(field for field in found.fields if field.name == "date")
    assert (date.value, date.years) == ("year 1980, month 12", (1980, 1980))
    assert not any(field.name == "date" for field in told(mark("12/80"))[0].fields)


def test_proof_codes_are_decoded_only_beside_their_proof_house() -> None:
    (found,) = told(mark("P. BERETTA GARDONE V.T.", "PSF", "AU"))
    assert [f.years for f in found.fields if f.name == "date of proof"] == [(1989, 1989)]
    (bare,) = told(mark("P. BERETTA GARDONE V.T.", "AU"))
    assert not any(f.name == "date of proof" for f in bare.fields)


def test_solar_years_are_told_for_iran() -> None:
    said = attribution(mark("KLS 7.62 mm", "1370"))
    first = said.candidates[0]
    assert first.country == "IR"
    assert first.year is not None
    assert (first.year.first, first.year.last) == (1991, 1992)


def test_owners_numbers_are_no_serials_of_the_maker() -> None:
    (found,) = told(mark("LITHGOW", "SPF 1234"))
    assert "owner" in fields(found)


def test_marks_that_bear_no_evidence_say_nothing() -> None:
    first, second = told(mark("<11 in oval>", "1957"), mark("XYZ"))
    assert first.attribution is not None
    assert second.attribution is not None
    assert first.attribution.level == "maker"
    assert (second.attribution.level, second.attribution.candidates) == ("unknown", ())


def test_marks_come_back_in_order_with_or_without_readings() -> None:
    empty = Mark("t9", "serial", BOX, 0.9)
    found = told(empty, mark("<11 in oval>"))
    assert [m.id for m in found] == ["t9", "t1"]
    assert told() == []


def test_the_same_marks_give_the_same_answer_in_any_order_of_evidence() -> None:
    one = attribution(mark("<66 in triangle>"), mark("56式"))
    other = attribution(mark("56式"), mark("<66 in triangle>"))
    assert [(c.pattern, round(c.probability, 9)) for c in one.candidates] == [
        (c.pattern, round(c.probability, 9)) for c in other.candidates
    ]


@pytest.mark.parametrize("text", ["Сделано в СССР", "СДЕЛАНО В СССР", "сделано в ссср"])
def test_a_mark_of_the_table_is_known_in_capitals_and_small_letters_of_any_script(text: str) -> None:
    said = attribution(mark(text))
    assert said.candidates[0].state_then == "Soviet Union"
