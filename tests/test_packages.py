"""Packaging: lots, codes and labels become fields; whose code it is never becomes an origin."""

from __future__ import annotations

import pytest
from test_objects import ARMS, ATTRIBUTOR, fields, mark

from vision.types import Mark


def told(*lines: str) -> Mark:
    return ATTRIBUTOR.attribute_marks([mark(*lines)])[0]


def test_a_crates_stencil_decodes_line_by_line() -> None:
    found = told("7,62 ПС гж", "А12-84-17", "1320 ШТ", "БРУТТО 29 КГ")
    got = fields(found)
    assert found.kind == "packaging"
    assert (got["lot"], got["year"], got["factory"]) == ("А12", "84", "17")
    assert (got["quantity"], got["weight in kg"], got["calibre"]) == ("1320", "29", "7,62")
    year = next(field for field in found.fields if field.name == "year")
    assert year.years == (1984, 1984)
    assert found.attribution is not None
    assert found.attribution.candidates[0].country == "RU"
    assert any("may be the buyer" in reason for reason in found.attribution.candidates[0].reasons_for)


@pytest.mark.parametrize(
    ("text", "name", "value", "words"),
    [
        ("1305-12-123-4567", "stock number", "1305-12-123-4567", "codified by Germany: not the country of making"),
        ("1305-44-123-4567", "stock number", "1305-44-123-4567", "United Nations"),
        ("UN 0012", "UN number", "cartridges for weapons, inert projectile, or cartridges, small arms; 1.4S", ""),
        ("UN 0999", "UN number", "0999", ""),
        ("UN 1942", "UN number", "1942", ""),
        ("CSQU 3054383", "container", "CSQU 3054383", ""),
        ("CAS NO. 6484-52-2", "CAS number", "6484-52-2", ""),
        ("BATCH NO: 2011/0457", "batch", "2011/0457", ""),
        ("DISTRIBUTED BY ACME TRADING FZE", "distributor", "ACME TRADING FZE", ""),
        ("MANUFACTURED BY ACME CHEMICALS LTD", "maker", "ACME CHEMICALS LTD", ""),
        ("IMPORTED BY ACME IMPORT LLC", "importer", "ACME IMPORT LLC", ""),
        ("CONTRACT NO. AB/CD-123/2010", "contract", "AB/CD-123/2010", ""),
        ("NEQ 4.5 KG", "weight in kg", "4.5", ""),
        ("4C1/Y40/S/09/BG/1234", "issued in", "BG", "not who made the goods"),
        ("BG - 1234 HT", "issued in", "BG", "not who made the goods"),
    ],
)
def test_codes_and_labels_become_fields(text: str, name: str, value: str, words: str) -> None:
    found = told(text)
    assert found.kind == "packaging"
    field = next(one for one in found.fields if one.name == name)
    assert field.value == value
    assert words in field.doubt
    assert field.source
    assert found.attribution is not None
    assert (found.attribution.level, found.attribution.candidates) == ("unknown", ())


@pytest.mark.parametrize("text", ["CSQU 3054384", "CAS NO. 6484-52-3"])
def test_a_code_whose_check_digit_fails_is_no_field(text: str) -> None:
    assert not any(field.name in ("container", "CAS number") for field in told(text).fields)


def test_a_bar_code_is_told_beside_other_packaging_with_its_issuer() -> None:
    found = told("LOT NO. 05A", "4006381333931")
    code = next(field for field in found.fields if field.name == "bar code")
    assert "GS1 office of Germany: not the country of making" in code.doubt
    assert not any(field.name == "bar code" for field in told("LOT NO. 05A", "4006381333932").fields)
    assert ATTRIBUTOR.attribute_marks([mark("12345670")])[0].kind == "serial"  # eight digits alone are a serial


def test_hazard_and_dates_of_labels() -> None:
    found = told("UN 0012", "1.4S", "MFG DATE: 05.2011", "EXP: 05/2031")
    got = fields(found)
    assert (got["hazard division"], got["compatibility group"]) == ("1.4", "S")
    assert [f.years for f in found.fields if f.name in ("date", "expiry date")] == [(2011, 2011), (2031, 2031)]


def test_a_us_lot_names_its_plant_month_and_year() -> None:
    found = told("LC-84F123-456")
    got = fields(found)
    assert (got["maker"], got["year"], got["month"], got["sequence"]) == ("LC", "84", "6", "456")
    assert found.attribution is not None
    assert found.attribution.candidates[0].country == "US"
    assert "Lake City" in found.attribution.candidates[0].manufacturer


def test_a_factory_number_of_several_states_settles_none() -> None:
    """21 is Poland, Hungary and Romania (R4.1)."""
    found = told("НЕТТО 12 КГ", "12-75-21")
    assert found.attribution is not None
    assert found.attribution.level == "unknown"
    assert len({c.country for c in found.attribution.candidates}) >= 2
    assert any("fits plants of" in r for c in found.attribution.candidates for r in c.reasons_against)


def test_two_calendar_centuries_stay_two() -> None:
    year = next(field for field in told("LOT 1", "LC-12F123-456").fields if field.name == "year")
    assert year.years == (1912, 2012)


def test_made_in_is_the_consignors_word() -> None:
    found = told("QTY 1500", "MADE IN CHINA")
    assert found.attribution is not None
    assert found.attribution.candidates[0].country == "CN"
    assert fields(found)["country of origin"] == "CHINA"


def test_packaging_and_weapon_of_one_photo_are_two_objects() -> None:
    weapon, box = ATTRIBUTOR.attribute_marks([mark("<11 in oval>", "1957"), mark("1320 ШТ", "7,62 ПС гж")])
    assert weapon.attribution is not None
    assert box.attribution is not None
    assert [c.country for c in weapon.attribution.candidates] == ["PL"]
    assert [c.country for c in box.attribution.candidates] == ["RU"]
    assert (weapon.kind, box.kind) == ("factory_mark", "packaging")


def test_a_label_does_not_speak_for_its_makers_state() -> None:
    found = told("MANUFACTURED BY ACME GERMANY", "DISTRIBUTED BY ACME TRADING FZE")
    assert found.attribution is not None
    assert found.attribution.candidates == ()


def test_a_country_of_origin_line_names_a_state_and_no_maker() -> None:
    found = told("LOT NO. 05-02-01", "MADE IN SERBIA")
    assert found.attribution is not None
    first = found.attribution.candidates[0]
    assert (first.country, first.manufacturer) == ("RS", "makers in Serbia")
    assert any("the consignor's own words" in reason for reason in first.reasons_for)


@pytest.mark.parametrize(
    "lines",
    [
        ("1320 ШТ",),
        ("7.62X39MM", "1500发"),
        ("LOT 05-02", "LAPUA 75"),
        ("LOT 05-02", "مصنع ٢٧"),
        ("LOT 05-02", "aym 12-72"),
    ],
)
def test_no_row_of_the_table_is_told_as_a_maker(lines: tuple[str, ...]) -> None:
    found = told(*lines)
    assert found.attribution is not None
    assert found.attribution.candidates
    for candidate in found.attribution.candidates:
        assert candidate.manufacturer not in {mark.what for mark in ARMS.packaging}
        assert "need a table" not in candidate.manufacturer


def test_letters_that_a_row_explains_name_their_maker() -> None:
    for text, maker in (("bxn 12-72", "Sellier & Bellot Vlašim"), ("PPU 1986", "Prvi partizan, Užice")):
        found = told("LOT 05-02", text)
        assert found.attribution is not None
        assert [c.manufacturer for c in found.attribution.candidates] == [maker], text


def test_letters_alone_are_no_lot() -> None:
    assert "lot" not in fields(told("LOT PPU", "1320 ШТ"))
    assert fields(told("LOT PPU 8402", "1320 ШТ"))["lot"] == "PPU 8402"
    assert fields(told("LOT PPU-8402"))["lot"] == "PPU-8402"


def test_of_two_plants_that_a_lot_may_be_of_none_is_the_maker() -> None:
    """38 of 1941 is Tula's until October and Yuryuzan's after (R2.3)."""
    found = told("А12-41-38", "MADE IN USSR").attribution
    assert found is not None
    shares = {c.manufacturer: c.probability for c in found.candidates if c.code == "38"}
    assert len(shares) == 2
    assert max(shares.values()) == pytest.approx(min(shares.values()))
    assert found.level == "state"


def test_a_plant_of_a_lot_worked_in_a_year_that_has_been() -> None:
    """60 of 1938 is Luhansk's, not Bishkek's, which may work in 2038 (R2.4)."""
    found = told("А12-38-60").attribution
    assert found is not None
    assert {c.country for c in found.candidates if c.code == "60"} == {"UA"}


@pytest.mark.parametrize(
    ("line", "country", "then"),
    [
        ("MADE IN USSR", "RU", "Soviet Union"),
        ("ORIGIN: YUGOSLAVIA", "RS", "Yugoslavia"),
        ("MADE IN RUSSIAN FEDERATION", "RU", "Russia"),
        ("MADE IN SERBIA", "RS", "Serbia"),
    ],
)
def test_an_origin_line_names_the_state_that_it_says(line: str, country: str, then: str) -> None:
    found = told("LOT 05-02", line).attribution
    assert found is not None
    first = found.candidates[0]
    assert (first.country, first.state_then) == (country, then)
    assert any(then in reason for reason in first.reasons_for)
