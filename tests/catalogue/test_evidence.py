import pytest

from vision.catalogue.evidence import contradictions
from vision.catalogue.years import YearReading, read_years


def against(markings, row, year=None, calibre=None, **reading):
    years = YearReading(year, year, "gregorian", "R1.9", **reading) if year else None
    cartridge = markings.calibre_by_name[calibre] if calibre else None
    return {(f.rule, f.weight) for f in contradictions(markings.by_id[row], years, cartridge)}


@pytest.mark.parametrize(
    ("calibre", "row", "last_impossible"),
    [
        ("7.62x39mm", "ru-17-barnaul", 1942),
        ("5.45x39mm", "ru-17-barnaul", 1969),
        ("5.56x45mm", "us-ra-bridgeport", 1956),
        ("7.62x51mm", "us-ra-bridgeport", 1949),
        ("9x18mm", "ru-3-ulyanovsk", 1947),
        ("12.7x108mm", "ru-3-ulyanovsk", 1933),
        ("14.5x114mm", "ru-3-ulyanovsk", 1938),
    ],
)
def test_R1_9_no_case_is_older_than_its_cartridge(markings, calibre, row, last_impossible):
    assert ("R1.9", "impossible") in against(markings, row, last_impossible, calibre)
    assert against(markings, row, last_impossible + 1, calibre) == set()


@pytest.mark.parametrize(
    ("row", "fits", "misfits"),
    [
        ("ua-60-luhansk", 1941, 1942),
        ("kg-60-bishkek", 1942, 1941),
        ("ru-17-podolsk", 1941, 1942),
        ("ru-17-barnaul", 1942, 1940),
        ("ru-188-klimovsk", 1941, 1942),
        ("ru-188-novosibirsk", 1942, 1940),
        ("ru-38-tula", 1941, 1942),
        ("ru-38-yuryuzan", 1942, 1940),
    ],
)
def test_R2_4_the_date_decides_between_the_plants_of_one_number(markings, row, fits, misfits):
    assert against(markings, row, fits) == set()
    assert against(markings, row, misfits) == {("R2.4", "impossible")}


def test_a_year_outside_the_rows_dates_is_unlikely(markings):
    assert against(markings, "gb-gbf-farnham", 1939) == {("years", "unlikely")}
    assert against(markings, "gb-gbf-farnham", 1946) == {("years", "unlikely")}
    assert against(markings, "gb-gbf-farnham", 1943) == set()


def test_R4_9_small_letter_codes_are_german_to_1945_and_czechoslovak_from_1950(markings):
    assert against(markings, "de-aux-magdeburg", 1953) == {("R4.9", "unlikely")}
    assert against(markings, "de-aux-magdeburg", 1943) == set()
    assert against(markings, "cz-aym-vlasim", 1943) == {("R4.9", "unlikely")}
    assert against(markings, "cz-aym-vlasim", 1953) == set()


def test_R5_2_and_R5_3_the_two_german_code_systems_have_their_years(markings):
    assert against(markings, "de-p131-berlin-borsigwalde", 1943) == {("R5.2", "unlikely")}
    assert against(markings, "at-be-berndorf", 1936) == {("R5.3", "unlikely")}


def test_R6_7_dates_part_the_two_colonial_ammunition_companies(markings):
    assert against(markings, "au-cac-melbourne", 1950) == {("R6.7", "unlikely")}
    assert against(markings, "nz-cac-auckland", 1950) == set()


def test_R7_3_a_full_year_points_from_remington_to_raufoss(markings):
    assert against(markings, "us-ra-bridgeport", 1952, figures=4) == {("R7.3", "unlikely")}
    assert against(markings, "us-ra-bridgeport", 1968) == set()
    assert against(markings, "no-ra-raufoss", 1952, figures=4) == set()


@pytest.mark.parametrize(
    ("text", "row", "excluded"),
    [
        ("٥٧", "ir-dio-tehran", True),
        ("۵۷", "eg-misr-cairo", True),
        ("٥٧", "eg-misr-cairo", False),
        ("۶۵", "ir-dio-tehran", False),
        ("٧٨", "ir-dio-tehran", False),
        ("۷۸", "eg-misr-cairo", False),
        ("۶۵", "sa-palm-and-crossed-swords-al-kharj", True),
    ],
)
def test_R9_1_forms_of_4_5_and_6_exclude_iran_or_the_arab_states(markings, text, row, excluded):
    pattern = markings.by_id[row]
    found = {f.rule for r in read_years(text, pattern, this_year=2026) for f in contradictions(pattern, r)}
    assert ("R9.1" in found) is excluded


def test_R9_3_the_united_arab_republic_lasted_from_1958_to_1971(markings):
    row = "eg-jim-ain-mim-united-arab"
    assert against(markings, row, 1957) == against(markings, row, 1972) == {("R9.3", "unlikely")}
    assert against(markings, row, 1965) == set()


def test_R10_2_eldoret_makes_no_kalashnikov_calibre(markings):
    assert ("R10.2", "unlikely") in against(markings, "ke-kofc-eldoret", calibre="7.62x39mm")
    assert against(markings, "ke-kofc-eldoret", calibre="9x19mm") == set()


def test_a_calibre_unknown_for_the_mark_is_unlikely(markings):
    assert against(markings, "de-aux-magdeburg", calibre="5.56x45mm") == {("calibres", "unlikely")}


@pytest.mark.parametrize("row", ["ru-539-tula", "ru-711-klimovsk"])
def test_R2_7_tula_and_klimovsk_made_the_biathlon_round(markings, row):
    row = next(i for i in markings.by_id if i.startswith(row))
    assert against(markings, row, calibre="5.6x46mm Biathlon") == set()
    assert against(markings, "ru-17-barnaul", calibre="5.6x46mm Biathlon") == {("calibres", "unlikely")}


def test_a_finding_says_when_the_rows_dates_are_approximate(markings):
    before = contradictions(markings.by_id["us-lc-independence"], YearReading(1930, 1930, "gregorian", "R1.9"))
    assert [f.text for f in before] == ["the year 1930 is before this mark was used (about 1941 on)"]
    after = contradictions(markings.by_id["au-aff-melbourne"], YearReading(1999, 1999, "gregorian", "R1.9"))
    assert [f.text for f in after] == ["the year 1999 is after this mark was used (to 1994)"]


def test_without_year_and_calibre_nothing_speaks_against(markings):
    assert all(contradictions(p) == () for p in markings.patterns)
