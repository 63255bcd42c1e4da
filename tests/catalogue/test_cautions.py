import pytest

from vision.catalogue.cautions import cautions
from vision.catalogue.years import YearReading


def rules(markings, row, year=None):
    years = YearReading(year, year, "gregorian", "R1.9") if year else None
    return {f.rule for f in cautions(markings.by_id[row], years)}


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("zz-z-nitrocellulose-powder", "R0"),
        ("ua-fort-vinnytsia", "R0"),
        ("ru-335", "grade C"),
        ("ru-38-tula", "R2.3"),
        ("kg-60-bishkek", "R2.4"),
        ("ru-wolf-tula", "R2.8"),
        ("gb-rg-radway-green", "R3.6"),
        ("hu-21-sirok", "R4.1"),
        ("eg-10-alexandria", "R4.2"),
        ("rs-nny-uzice", "R4.5"),
        ("ba-ik-konjic", "R4.6"),
        ("cz-aym-vlasim", "R4.8"),
        ("pl-kam-skarzysko-kamienna", "R5.5"),
        ("nz-cac-auckland", "R6.7"),
        ("us-ra-bridgeport", "R7.3"),
        ("zz-nato-cross-interchangeability-sign", "R8.1"),
        ("ir-no-maker-code-calibre-and-year-tehran", "R9.5"),
        ("sa-palm-and-crossed-swords-al-kharj", "R9.8"),
        ("tr-ottoman-legend-istanbul", "R9.11"),
        ("sd-1-39-khartoum", "R10.1"),
        ("cu-13-cuban", "R10.3"),
        ("cd-afridex-likasi", "R10.4"),
        ("ru-t-tula", "R11.1"),
        ("no-rano-raufoss", "R11.3"),
        ("us-starline-sedalia", "R11.4"),
        ("zz-unmarked-headstamp-origin", "R11.5"),
    ],
)
def test_a_caution_is_given_with_its_rule(markings, row, rule):
    assert rule in rules(markings, row)


def test_a_plain_maker_has_no_caution(markings):
    assert rules(markings, "us-lc-independence") == set()


def test_R2_5_a_date_up_to_1991_means_made_in_the_soviet_union(markings):
    assert "R2.5" in rules(markings, "ua-270-luhansk", 1991)
    assert "R2.5" not in rules(markings, "ua-270-luhansk", 1992)
    assert "R2.5" not in rules(markings, "us-lc-independence", 1980)


def test_R11_1_every_single_letter_of_the_list_is_cautioned(markings):
    for pattern in markings.patterns:
        if pattern.role == "maker" and pattern.code in set("ABCDEGHKNPRSTUW"):
            assert "R11.1" in rules(markings, pattern.id)
