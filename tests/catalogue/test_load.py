import csv
import io
import time
from collections import Counter
from pathlib import Path

import pytest

from vision.catalogue import check_markings, load_marking_set
from vision.catalogue.load import markings_folder
from vision.errors import KitError


def test_the_shipped_set_has_no_faults():
    assert check_markings() == []


def test_every_fact_is_there_with_its_grade(markings):
    assert len(markings.patterns) == 819  # the 818 facts and the legend USA
    assert Counter(p.grade for p in markings.patterns) == {"A": 158, "B": 376, "C": 285}
    assert all(p.source for p in markings.patterns)


def test_a_row_keeps_what_the_facts_say(markings):
    row = markings.by_id["ru-188-novosibirsk"]
    assert (row.code, row.script, row.country, row.state_then) == ("188", "digits", "RU", "Soviet Union")
    assert (row.years_from, row.years_to, row.grade, row.role) == (1941, None, row.grade, "maker")
    assert row.manufacturer_native == "Новосибирский завод низковольтной аппаратуры"
    assert "12.7x108mm" in row.calibres


def test_rows_of_one_code_all_stay(markings):
    rows = [p for p in markings.patterns if p.code == "21"]
    assert sorted(p.country for p in rows) == ["CN", "HU", "PL", "RO"]


def test_R0_signs_legends_and_unmarked_cases_are_no_makers(markings):
    roles = {p.code: p.role for p in markings.patterns if p.role != "maker"}
    for code in ("<nato cross>", "<broad arrow>", "St+", "Z", "VII", "Г", "67", "CDN1"):
        assert roles[code] == "feature"
    assert roles["<unmarked>"] == "unmarked"
    assert {"WOLF", "WPA", "BROWN BEAR", "RED ARMY STANDARD", "MONARCH", "HERTER'S"} <= {
        code for code, role in roles.items() if role == "brand"
    }
    for pattern in markings.patterns:
        if "not a maker" in pattern.manufacturer + pattern.notes:
            assert pattern.role == "feature", pattern.id


def test_R0_marks_inferred_and_not_seen_are_leads_only(markings):
    inferred = [p for p in markings.patterns if "mark inferred from the maker or place name, not seen" in p.notes]
    assert len(inferred) == 49
    assert all(p.inferred and p.lead_only for p in inferred)
    assert sum(p.inferred for p in markings.patterns) == 49


@pytest.mark.parametrize(
    "rule_code", ["R5.4:S*", "R5.4:St", "R5.4:St+", "R5.6:X", "R6.3:Z", "R6.3:VII", "R8.1:<nato cross>"]
)
def test_signs_of_the_rules_are_features(markings, rule_code):
    code = rule_code.split(":")[1]
    assert "feature" in {p.role for p in markings.patterns if p.code == code and p.country == "ZZ"}


@pytest.mark.parametrize(
    ("code", "years"),
    [
        ("→SAAF←", (1921, 1924)),
        ("A↑F", (1924, 1925)),
        ("↑F", (1925, 1926)),
        ("MF", (1926, 1945)),
        ("AFF", (1948, 1994)),
    ],
)
def test_R6_5_footscray_marks_have_their_years(markings, code, years):
    assert years in {(p.years_from, p.years_to) for p in markings.patterns if p.code == code and p.country == "AU"}


def test_R4_10_ddr_numbers_keep_their_zero(markings):
    assert {p.code for p in markings.patterns if p.state_then == "German Democratic Republic"} == {"04", "05"}
    assert not [p for p in markings.patterns if p.country == "DE" and p.code in ("4", "5")]


def test_the_id_of_the_set_changes_with_any_edit(markings, edited):
    changed = load_marking_set(edited("headstamps.csv", "Plant no. 544 (later", "Plant no. 544 (then"))
    assert len(changed.sha256) == 64
    assert changed.sha256 != markings.sha256


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("headstamps.csv", "ru-17-barnaul,", "ru-3-ulyanovsk,", "id ru-3-ulyanovsk stands twice"),
        ("headstamps.csv", "ru-17-barnaul,", "RU 17,", "id must be small letters"),
        ("headstamps.csv", ",Kattakurgan,UZ,", ",Kattakurgan,XX,", "country 'XX' is not an ISO"),
        (
            "headstamps.csv",
            "Soviet Union,1967,1968,",
            "Soviet Union,1968,1967,",
            "years_from 1968 is after years_to 1967",
        ),
        ("headstamps.csv", "Soviet Union,1967,1968,", "Soviet Union,67,1968,", "years_from must be a whole number"),
        ("headstamps.csv", "1968,5.6x46mm Biathlon,", "1968,5.6x47mm,", "calibre '5.6x47mm' is not in calibres.csv"),
        ("headstamps.csv", "ua-lcw-luhansk,LCW,latin,", "ua-lcw-luhansk,LCW,roman,", "script must be one of"),
        ("headstamps.csv", "ua-lcw-luhansk,LCW,latin,maker", "ua-lcw-luhansk,LCW,latin,plant", "role must be one of"),
        ("headstamps.csv", "ua-lcw-luhansk,LCW,", "ua-lcw-luhansk,,", "code is missing"),
        ("headstamps.csv", "ua-lcw-luhansk,LCW,", "ua-lcw-luhansk,<LCW,", "a symbol in code must be closed"),
        ("headstamps.csv", "ua-lcw-luhansk,LCW,", "ua-lcw-luhansk,LC\u202eW,", "hidden character U+202E"),
        ("headstamps.csv", "ua-lcw-luhansk,LCW,", "ua-lcw-luhansk,LC\x00W,", "hidden character U+0000"),
        ("headstamps.csv", "ua-lcw-luhansk,LCW,", "ua-lcw-luhansk,LC\u200dW,", "code has a hidden joiner"),
        ("headstamps.csv", "ua-lcw-luhansk,LCW,", "ua-lcw-luhansk,LCW ,", "code begins or ends with a blank"),
        ("headstamps.csv", "ua-lcw-luhansk,LCW,", "ua-lcw-luhansk," + "L" * 401 + ",", "code has 401 characters"),
        ("headstamps.csv", "ua-lcw-luhansk,LCW,", "ua-lcw-luhansk,LCW,extra,", "20 fields, expected 19"),
        ("headstamps.csv", "ua-lcw-luhansk,LCW,", "ua-lcw-luhansk,e\u0301,", "not in Unicode normal form NFC"),
        ("headstamps.csv", "id,code,script,", "id,code,scripts,", "the columns must be id, code, script"),
        (
            "headstamps.csv",
            "independence,general knowledge,B\nua-lpz",
            "independence,general knowledge,D\nua-lpz",
            "grade must be",
        ),
        ("headstamps.csv", "independence,general knowledge,B\nua-lpz", "independence,,B\nua-lpz", "source is missing"),
        ("calibres.csv", ",11.20,5.06,CZ,", ",-11.20,5.06,CZ,", "head_diameter_mm must be millimetres"),
        ("calibres.csv", "5.8x42mm,5.8x42;", "5.45x39mm,5.8x42;", "calibre 5.45x39mm stands twice"),
        ("states.csv", "RU,1923,1991,", "RU,1917,1991,", "RU 1917-1991 overlaps Russian Empire 1800-1917"),
        ("states.csv", "IE,1922,", "IE,1952,", "first 1952 is after last 1936"),
        ("states.csv", "IE,1922,", "XX,1922,", "country 'XX' is not in countries.csv"),
        ("countries.csv", "AE,United", "AEX,United", "code must be two capital letters"),
        ("lookalikes.csv", "Ф,same", "Ф,alike", "kind must be one of"),
        ("lookalikes.csv", "nny,ппу,misread", "nny,nny,misread", "stands for itself"),
    ],
)
def test_a_fault_names_file_line_and_what_is_wrong(edited, name, old, new, message):
    before = (markings_folder() / name).read_text(encoding="utf-8")
    line = before[: before.index(old)].count("\n") + 1
    folder = edited(name, old, new)
    faults = [f for f in check_markings(folder) if message in f.message]
    assert [(f.file, f.line) for f in faults[:1]] == [(name, line)]
    with pytest.raises(KitError, match=f"{name}:"):
        load_marking_set(folder)


def test_a_missing_table_is_named(tmp_path: Path):
    with pytest.raises(KitError, match=r"countries\.csv cannot be read"):
        load_marking_set(tmp_path)


def test_a_table_that_is_not_utf8_is_a_fault(edited):
    folder = edited("states.csv", "Siam", "Siam")
    (folder / "states.csv").write_bytes(
        "country,first,last,state,source,grade\nRU,1800,1917,\xe9,x,A\n".encode("latin-1")
    )
    assert str(check_markings(folder)[0]).startswith("states.csv:2: not UTF-8")


def test_windows_line_ends_are_fine(edited):
    folder = edited("states.csv", "Siam", "Siam")
    table = folder / "states.csv"
    table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    assert check_markings(folder) == []


def test_loading_costs_little_more_than_reading_the_table():
    def seconds(work):
        times = []
        for _ in range(5):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
        return min(times)

    text = (markings_folder() / "headstamps.csv").read_text(encoding="utf-8")
    assert seconds(load_marking_set) < 20 * seconds(lambda: list(csv.DictReader(io.StringIO(text))))
