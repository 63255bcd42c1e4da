import pytest

from vision.catalogue.years import read_years


def meanings(markings, text, row=None, calibre=None):
    pattern = markings.by_id[row] if row else None
    cartridge = markings.calibre_by_name[calibre] if calibre else None
    readings = read_years(text, pattern, cartridge, this_year=2026)
    return {(r.first, r.last, r.calendar, r.rule) for r in readings}


@pytest.mark.parametrize(
    ("text", "row", "calibre", "first"),
    [
        ("17", None, "7.62x39mm", 2017),  # R1.9: no 7.62x39 in 1917
        ("20", None, "5.45x39mm", 2020),
        ("43", "ru-188-novosibirsk", None, 1943),
        ("17", "us-lc-independence", None, 2017),
        ("12", "us-lc-independence", None, 2012),
        ("77", "cn-501", None, 1977),
        ("10", "cn-945", None, 2010),
        ("35", "ru-188-novosibirsk", None, 1935),  # before its opening: kept, evidence.py speaks
        ("88", "us-umc-bridgeport", None, 1888),
        ("60", "ua-fort-vinnytsia", None, 1960),  # no century fits, and 2060 is to come
    ],
)
def test_R1_9_the_century_fits_cartridge_and_mark(markings, text, row, calibre, first):
    found = [m for m in meanings(markings, text, row, calibre) if m[2] == "gregorian"]
    assert found == [(first, first, "gregorian", "R1.9")]


def test_R1_9_a_mark_struck_in_two_centuries_keeps_both(markings):
    assert {m[0] for m in meanings(markings, "14", "us-ra-bridgeport")} == {1914, 2014}
    assert {1917, 2017} <= {m[0] for m in meanings(markings, "17", None, "7.62x54mmR")}


@pytest.mark.parametrize(("letter", "year"), [("Г", 1952), ("Д", 1953), ("Е", 1954), ("И", 1955), ("К", 1956)])
def test_R2_2_cyrillic_year_letters(markings, letter, year):
    assert meanings(markings, letter, "ru-188-novosibirsk") == {(year, year, "gregorian", "R2.2")}
    assert meanings(markings, letter) == {(year, year, "gregorian", "R2.2")}


@pytest.mark.parametrize(("letter", "year"), [("E", 1954), ("K", 1956), ("N", 1955)])
def test_R2_2_latin_look_alikes_count_on_soviet_heads_only(markings, letter, year):
    assert meanings(markings, letter, "ru-17-barnaul") == {(year, year, "gregorian", "R2.2")}
    assert meanings(markings, letter, "us-lc-independence") == set()
    assert meanings(markings, letter) == set()


@pytest.mark.parametrize("letter", ["Б", "Ж", "З", "Л", "П", "Т"])
def test_R2_2_other_letters_are_no_year(markings, letter):
    assert meanings(markings, letter, "ru-188-novosibirsk") == set()


def test_R2_6_short_wartime_dates_on_soviet_heads(markings):
    assert meanings(markings, "3", "ru-188-novosibirsk") == {(1943, 1943, "gregorian", "R2.6")}
    assert meanings(markings, "6", "ru-188-novosibirsk") == set()


@pytest.mark.parametrize(
    ("code", "text", "year"),
    [
        ("501", "77", 1977),
        ("311", "86", 1986),
        ("71", "89", 1989),
        ("31", "90", 1990),
        ("351", "92", 1992),
        ("945", "06", 2006),
    ],
)
def test_R3_1_chinese_factory_numbers_with_their_years(markings, code, text, year):
    pattern = next(p for p in markings.patterns if p.code == code and p.country == "CN")
    assert {m[:2] for m in meanings(markings, text, pattern.id)} == {(year, year)}


@pytest.mark.parametrize(
    ("text", "year"), [("19", 1930), ("十九", 1930), ("二十", 1931), ("廿一", 1932), ("民国十九年", 1930)]
)
def test_R3_5_minguo_counts_from_1911(markings, text, year):
    assert (year, year, "minguo", "R3.5") in meanings(markings, text, "cn-sichuan-chengdu")


def test_R3_5_minguo_39_is_1950(markings):
    assert meanings(markings, "39", "cn-flower-like-sign-arsenal") == {(1950, 1950, "minguo", "R3.5")}


def test_R4_7_split_century_and_roman_month(markings):
    assert (1946, 1946, "gregorian", "R4.7") in meanings(markings, "19 46", "sk-ps-povazska-bystrica")
    assert (1946, 1946, "gregorian", "R4.7") in meanings(markings, "XI 46", "sk-ps-povazska-bystrica")


def test_R4_11_67_is_brass_on_a_polish_head_before_1939(markings):
    assert meanings(markings, "67", "pl-n-warsaw") == set()
    assert meanings(markings, "36", "pl-n-warsaw") == {(1936, 1936, "gregorian", "R1.9")}
    assert meanings(markings, "67", "pl-21-skarzysko-kamienna") == {(1967, 1967, "gregorian", "R1.9")}


@pytest.mark.parametrize(
    ("text", "row", "year"),
    [("2 17", "de-c-kassel", 1917), ("18 10", "de-mw-schonebeck", 1918), ("12 16", "de-rm-sommerda", 1916)],
)
def test_R5_1_month_and_year_before_1918(markings, text, row, year):
    assert (year, year, "gregorian", "R5.1") in meanings(markings, text, row)


@pytest.mark.parametrize(("text", "row", "year"), [("79-4", "de-dag-furth", 1979), ("82-23", "de-men-nassau", 1982)])
def test_R5_7_year_and_lot_after_the_war(markings, text, row, year):
    assert (year, year, "gregorian", "R5.7") in meanings(markings, text, row)


def test_R6_2_canadian_date_split_over_two_elements(markings):
    assert (1918, 1918, "gregorian", "R6.2") in meanings(markings, "19 18", "ca-dc-brownsburg")


@pytest.mark.parametrize(("text", "year"), [("4", 1944), ("3", 1943)])
def test_R7_1_one_figure_of_1943_and_1944(markings, text, year):
    assert meanings(markings, text, "us-lc-independence") == {(year, year, "gregorian", "R7.1")}
    assert meanings(markings, text, "us-starline-sedalia") == set()


@pytest.mark.parametrize("text", ["3 14", "314"])
def test_R7_2_frankford_struck_month_and_year(markings, text):
    assert meanings(markings, text, "us-fa-philadelphia") == {(1914, 1914, "gregorian", "R7.2")}


def test_R9_3_egypt_counts_gregorian_years_in_arabic_digits(markings):
    assert meanings(markings, "٥٧", "eg-misr-cairo") == {(1957, 1957, "gregorian", "R1.9")}


def test_R9_7_month_and_year_on_israeli_heads(markings):
    assert (1962, 1962, "gregorian", "R9.7") in meanings(markings, "6-62", "il-taas-ramat-hasharon")


def test_R9_8_saudi_years_are_lunar_or_gregorian(markings):
    assert (1950, 1951, "hijri", "R9.8") in meanings(markings, "١٣٧٠", "sa-palm-and-crossed-swords-al-kharj")
    assert (1970, 1970, "gregorian", "R1.9") in meanings(markings, "70", "sa-palm-and-crossed-swords-al-kharj")


def test_R9_10_a_short_year_gives_one_candidate_a_calendar(markings):
    assert meanings(markings, "85") == {
        (1985, 1985, "gregorian", "R1.9"),
        (2006, 2007, "solar hijri", "R9.10"),
        (1965, 1966, "hijri", "R9.10"),
    }


def test_R9_11_ottoman_years_are_lunar_or_fiscal(markings):
    assert meanings(markings, "۱۳۲٦", "tr-ottoman-legend-istanbul") == {
        (1908, 1909, "hijri", "R9.11"),
        (1910, 1911, "rumi", "R9.11"),
    }


@pytest.mark.parametrize("text", ["012", "12"])
def test_R10_1_sudanese_years_of_two_or_three_figures(markings, text):
    assert {m[:2] for m in meanings(markings, text, "sd-1-39-khartoum")} == {(2012, 2012)}


@pytest.mark.parametrize("text", ["39", "54", "51", "108"])
def test_R10_1_sudanese_calibre_figures_are_no_year(markings, text):
    assert meanings(markings, text, "sd-1-39-khartoum") == set()


def test_iranian_years_are_solar_imperial_or_gregorian(markings):
    assert meanings(markings, "35", "ir-crown-or-lion-and-sun-tehran") == {
        (1935, 1935, "gregorian", "R1.9"),
        (1956, 1957, "solar hijri", "R9.10"),
        (1976, 1977, "imperial", "R9 calendars"),
    }


def test_thai_and_japanese_years(markings):
    assert meanings(markings, "18", "th-rta-bangkok") == {(1975, 1975, "buddhist", "R9 calendars")}
    assert meanings(markings, "2518", "th-rta-bangkok") == {(1975, 1975, "buddhist", "R9 calendars")}
    assert meanings(markings, "17", "jp-to-toyokawa") == {(1942, 1942, "showa", "R9 calendars")}


def test_a_four_figure_year_stands_for_itself(markings):
    assert meanings(markings, "1952", "no-r-a-raufoss") == {(1952, 1952, "gregorian", "full year")}


@pytest.mark.parametrize("text", ["", "FN", "<nato cross>", "1?8", "7.62", "98765", "2031"])
def test_what_is_no_year_gives_nothing(markings, text):
    assert meanings(markings, text, "us-lc-independence") == set()


def test_no_reading_lies_in_the_future(markings):
    for row in markings.patterns:
        for year in range(100):
            assert all(r.first <= 2026 for r in read_years(f"{year:02}", row, this_year=2026))


@pytest.mark.parametrize(
    ("text", "form"), [("٥٧", "arabic-indic"), ("۵۷", "persian"), ("٧٧", "arabic or persian"), ("57", "latin")]
)
def test_R9_1_a_reading_says_which_digits_were_struck(text, form):
    assert {r.digits for r in read_years(text, this_year=2026)} == {form}
