import pytest

from vision.catalogue.states import country_name, state_in, state_then


@pytest.mark.parametrize(
    ("country", "year", "state"),
    [
        ("RU", 1975, "Soviet Union"),
        ("RU", 1916, "Russian Empire"),
        ("RU", 1992, "Russia"),
        ("KG", 1980, "Soviet Union"),
        ("BA", 1985, "Yugoslavia"),
        ("RS", 1930, "Kingdom of Yugoslavia"),
        ("RS", 2010, "Serbia"),
        ("CZ", 1950, "Czechoslovakia"),
        ("SK", 1993, "Slovakia"),
        ("AT", 1910, "Austria-Hungary"),
        ("US", 1950, "United States"),
        ("ZW", 1970, "Rhodesia"),
    ],
)
def test_the_state_of_a_year(markings, country, year, state):
    assert state_in(markings, country, year, year) == state


def test_a_range_over_a_change_names_both(markings):
    assert state_in(markings, "UA", 1991, 1992) == "Soviet Union / Ukraine"


@pytest.mark.parametrize(
    ("row", "year", "state"),
    [
        ("ua-270-luhansk", 1991, "Soviet Union"),
        ("ua-270-luhansk", 1992, "Ukraine"),
        ("kg-60-bishkek", 1992, "Kyrgyzstan"),
    ],
)
def test_R2_5_a_number_that_stayed_changes_its_state_in_1992(markings, row, year, state):
    assert state_then(markings, markings.by_id[row], (year, year)) == state


def test_R4_6_igman_was_yugoslav_before_1992(markings):
    pattern = markings.by_id["ba-ik-konjic"]
    assert pattern.country == "BA"
    assert state_then(markings, pattern, (1985, 1985)) == "Yugoslavia"


@pytest.mark.parametrize(("code", "country"), [("kam", "PL"), ("ak", "CZ"), ("oyj", "FR"), ("pjj", "DK"), ("ch", "BE")])
def test_R5_5_a_plant_in_occupied_territory_keeps_both_its_place_and_its_owner(markings, code, country):
    pattern = next(p for p in markings.patterns if p.code == code)
    assert pattern.country == country
    assert state_then(markings, pattern, (1943, 1943)).startswith("German Reich")


def test_a_row_that_names_no_country_names_no_state(markings):
    assert state_then(markings, markings.by_id["zz-nato-cross-interchangeability-sign"]) == ""


def test_country_names(markings):
    assert country_name(markings, "CZ") == "Czech Republic"
    assert country_name(markings, "QQ") == "QQ"


def test_a_range_names_every_state_between(markings):
    assert state_in(markings, "EE", 1930, 1995) == "Estonia / Soviet Union"
    assert state_in(markings, "AT", 1930, 1950) == "Austria / German Reich"
