"""The tables of marks that are no headstamps: whole as they come, refused with file and line where they are not."""

from __future__ import annotations

import csv
import random
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from vision.catalogue.arms import TABLES, ArmsTables, load_arms_tables
from vision.catalogue.codes import cas_holds, container_holds, gtin_holds, issuer, waybill_holds
from vision.catalogue.load import check_markings, load_marking_set, markings_folder
from vision.catalogue.regexes import MOST_TEXT, fault_of
from vision.catalogue.serials import decode
from vision.errors import KitError

COUNTRIES = load_marking_set().countries
ARMS = load_arms_tables(markings_folder(), COUNTRIES)
SERIALS = {form.id: form for form in ARMS.serials}
ROWS = [*ARMS.serials, *ARMS.packaging]
# Groups whose text is the writer's own: there other characters are no mistake.
FREE = frozenset(
    {"lot", "contract", "cert", "maker", "state", "importer", "distributor", "batch", "city", "rest", "serial", "reg"}
)
LATIN, CYRILLIC = "ABEKMHOPCTX", "АВЕКМНОРСТХ"


def test_the_tables_that_come_with_marktrace_have_no_faults() -> None:
    assert check_markings() == []
    assert len([m for m in ARMS.weapons if not m.id.startswith("wm-zz")]) >= 440
    assert (len(ARMS.serials), len(ARMS.packaging) > 110, len(ARMS.issuers) > 100) == (96, True, True)


def test_every_row_has_a_source_and_a_grade() -> None:
    assert all(row.source and row.grade in "ABC" for row in [*ARMS.weapons, *ROWS, *ARMS.issuers])


def test_who_proves_owns_or_imports_names_no_origin() -> None:
    for mark in ARMS.weapons:
        if mark.kind in ("property", "proof", "import", "calibre"):
            assert not mark.is_origin, mark.id


def test_descriptions_and_templates_are_never_matched() -> None:
    kept = [mark for mark in ARMS.weapons if mark.form in ("description", "template")]
    assert len(kept) == 16
    assert not any(mark.is_origin for mark in kept)


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_every_pattern_takes_its_example_and_refuses_near_misses(row: object) -> None:
    pattern, example = row.pattern, row.example  # type: ignore[attr-defined]
    assert pattern.fullmatch(example)
    misses = list(near_misses(pattern, example, seed=row.id))  # type: ignore[attr-defined]
    assert len(misses) == 20
    assert [miss for miss in misses if pattern.fullmatch(miss)] == []


def near_misses(pattern: re.Pattern[str], example: str, seed: str) -> Iterator[str]:
    """20 texts that a reader or a careless writer makes of an example: a sign that no such mark has put in or in
    another's place, a letter inside a number, a letter of the other script where the form has one script."""
    rng = random.Random(seed)
    match = pattern.fullmatch(example)
    assert match is not None
    free = {i for name in pattern.groupindex if name in FREE for i in range(*match.span(name))}
    fixed = [i for i in range(len(example)) if i not in free and example[i] != " "]
    digits = [
        i for i in fixed if 0 < i < len(example) - 1 and example[i - 1 : i + 2].isdecimal() and example[i].isascii()
    ]
    scripts = {"latin": bool(re.search("[A-Z]", example)), "cyrillic": bool(re.search("[А-Я]", example))}
    one_script = sum(scripts.values()) == 1 and not (re.search("[А-Я]", pattern.pattern) and scripts["latin"])
    letters = [i for i in fixed if one_script and example[i] in LATIN + CYRILLIC]
    if "A-Z" in pattern.pattern and scripts["cyrillic"]:
        letters = []
    for _ in range(18):
        kind = rng.choice(["sign", "added", "number" if digits else "sign", "script" if letters else "added"])
        if not fixed or kind == "added":
            place = rng.choice(fixed) if fixed else 0
            yield example[:place] + rng.choice("#§=~") + example[place:]
        elif kind == "sign":
            yield _put(example, rng.choice(fixed), rng.choice("#§=~"))
        elif kind == "number":
            yield _put(example, rng.choice(digits), rng.choice("OISZ" if not scripts["cyrillic"] else "ОЗЧБ"))
        else:
            place = rng.choice(letters)
            yield _put(example, place, example[place].translate(str.maketrans(LATIN + CYRILLIC, CYRILLIC + LATIN)))
    yield example + "#"
    yield "#" + example


def _put(text: str, place: int, sign: str) -> str:
    return text[:place] + sign + text[place + 1 :]


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_no_pattern_runs_for_long(row: object) -> None:
    pattern = row.pattern  # type: ignore[attr-defined]
    assert fault_of(pattern.pattern) is None
    started = time.process_time()
    for filler in {*row.example, "A", "1", " ", "-", "А"}:  # type: ignore[attr-defined]
        text = (filler * MOST_TEXT)[: MOST_TEXT - 1] + "\u0007"
        pattern.fullmatch(text)
        for start in range(0, MOST_TEXT, 8):
            pattern.match(text, start)
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(a+)+b", "run for ever"),
        ("(?:[a-z]*){2,9}", "run for ever"),
        ("((a|b)+)*", "run for ever"),
        (r"(a)\1", "refer back"),
        ("(?=a)b", "lookarounds"),
        ("(?<!a)b", "lookarounds"),
        ("a+b+c+d+", "run for ever"),
        ("(?:a|a)*b", "run for ever"),
        ("(?:[0-9]{1,40}){1,40}X", "run for ever"),
        ("(?:[0-9]?[0-9]?)*X", "run for ever"),
        ("a?" * 30 + "a" * 30, "run for ever"),
        ("a{301}" + "b" * 300, "at most 300"),
        ("(unclosed", "not a regular expression"),
    ],
)
def test_patterns_that_could_run_for_long_are_refused(pattern: str, words: str) -> None:
    fault = fault_of(pattern)
    assert fault is not None
    assert words in fault


@pytest.mark.parametrize(
    "pattern", [r"[)+*]+(?P<a>\d{2})\)?", "(?i)(?:ab|c)d{2,}?", "[^]a]+", r"\(\+{2}", "(a{2,3}){1,4}"]
)
def test_patterns_that_cannot_are_taken(pattern: str) -> None:
    assert fault_of(pattern) is None


@pytest.mark.parametrize(
    ("form", "text", "years", "month"),
    [
        ("sf-cn-chinese-state-type-56-carbine", "12000001", (1968, 1969), None),
        ("sf-cn-chinese-state-type-56-rifle", "10000001", (1966, 1967), None),
        ("sf-cn-chinese-state-type-54-pistol", "18000001", (1972, 1973, 1974), None),
        ("sf-cn-chinese-state-type-56-rifle", "47417241", (), None),
        ("sf-bg-arsenal-kazanlak-makarov", "AB 27 1234", (1987,), None),
        ("sf-ro-cugir-pm-md-63", "1975 AB-1234", (1975,), None),
        ("sf-al-gramsh-sks-july-10", "12345-78", (1978,), None),
        ("sf-ir-iran-all-solar-hijri-year", "1370", (1991, 1992), None),
        ("sf-de-heckler-koch-army-rifles-date", "HK 5/86", (1986,), 5),
        ("sf-de-heckler-koch-army-rifles-date", "12/80", (1980,), 12),
        ("sf-de-heckler-koch-pistols-and-others", "IA", (1980,), None),
        ("sf-de-heckler-koch-pistols-and-others", "AB", (2001,), None),
        ("sf-de-german-proof-proof-date-letters", "HE", (1974,), None),
        ("sf-at-austrian-proof-date-code-three", "EKO", (2020,), 1),
        ("sf-be-fn-browning-browning-from-1976", "245PZ12345", (1981,), None),
        ("sf-it-gardone-proof-year-code-boxed", "XXVI", (1970,), None),
        ("sf-it-gardone-proof-year-code-boxed", "AU", (1989,), None),
        ("sf-it-gardone-proof-year-code-boxed", "BN", (2000,), None),
        ("sf-it-gardone-proof-year-code-boxed", "CS", (2017,), None),
        ("sf-it-gardone-proof-year-code-after", "DA", (2021,), None),
        ("sf-es-eibar-proof-year-letter", "CH", (1930,), None),
        ("sf-es-eibar-proof-year-letter", "Z", (1954,), None),
        ("sf-es-eibar-proof-year-letter", "Z1", (1980,), None),
        ("sf-es-eibar-proof-year-letter", "T2", (2001,), None),
        ("sf-us-remington-barrel-date-code", "BK", (), 1),
        ("sf-au-lithgow-l1a1", "AD7012345", (1970,), None),
        ("sf-by-belarusian-makers-all", "RB-X-12-2005", (2005,), None),
    ],
)
def test_numbers_decode_to_every_year_they_can_stand_for(
    form: str, text: str, years: tuple[int, ...], month: int | None
) -> None:
    found = decode(text, SERIALS[form], this_year=2026)
    assert found is not None
    assert (found.years, found.month) == (years, month)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("sf-it-gardone-proof-year-code-boxed", "AG"),  # no code of the table
        ("sf-cn-norinco-export-rifles-with", "8012345"),  # 1980, before the row's years
        ("sf-al-gramsh-sks-july-10", "12345-85"),  # after them
        ("sf-de-heckler-koch-army-rifles-date", "HK 13/86"),
        ("sf-be-fn-browning-browning-from-1976", "245PQ12345"),
    ],
)
def test_a_date_that_cannot_be_decodes_to_nothing(form: str, text: str) -> None:
    assert decode(text, SERIALS[form], this_year=2026) is None


def test_disputed_bases_never_give_one_year() -> None:
    disputed = [form for form in ARMS.serials if form.year_rule == "count" and form.bases[0] < form.bases[1]]
    assert len(disputed) == 3
    for form in disputed:
        found = decode(form.example, form, this_year=2026)
        assert found is not None
        assert len(found.years) >= 2
        assert form.doubt


def test_check_digits() -> None:
    assert all(map(gtin_holds, ("4006381333931", "96385074", "036000291452")))
    assert not any(map(gtin_holds, ("4006381333930", "400638133393", "40063813339٣1", "")))
    assert container_holds("CSQU3054383")
    assert not any(map(container_holds, ("CSQU3054384", "CSQ3054383", "csqu3054383")))
    assert waybill_holds("123-12345675")
    assert not any(map(waybill_holds, ("123-12345670", "12345675")))
    assert cas_holds("7732-18-5")
    assert not any(map(cas_holds, ("7732-18-6", "1-2")))


def test_issuers_of_codes_are_found_by_their_first_digits() -> None:
    def country(scheme: str, code: str) -> str | None:
        found = issuer(scheme, code, ARMS.issuers)  # type: ignore[arg-type]
        return found.country if found else None

    assert [country("ncb", code) for code in ("12", "99", "50", "01", "65")] == ["DE", "GB", "BG", "US", None]
    assert [country("gs1", code) for code in ("380", "4006381333931", "698", "200")] == ["BG", "DE", "CN", None]
    assert country("ncb", "44") == "ZZ"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(markings_folder(), tmp_path / "markings")
    return tmp_path / "markings"


def changed(folder: Path, table: str, line: int, **fields: str) -> None:
    """Write other fields into one line (2 is the first row) of a table."""
    with (folder / table).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[line - 2].update(fields)
    with (folder / table).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    ("table", "line", "fields", "words"),
    [
        ("weapon_marks.csv", 2, {"id": "X"}, "id must be like"),
        ("weapon_marks.csv", 3, {"country": "XX"}, "country 'XX'"),
        ("weapon_marks.csv", 2, {"form": "literal"}, "is a symbol"),
        ("weapon_marks.csv", 7, {"form": "symbol"}, "angle brackets"),
        ("weapon_marks.csv", 2, {"kind": "property"}, "nobody's origin"),
        ("weapon_marks.csv", 2, {"strength": ""}, "how far the mark settles"),
        ("weapon_marks.csv", 2, {"strength": "sure"}, "strength must be one of"),
        ("weapon_marks.csv", 15, {"mark": "АВ"}, "two or more texts"),
        ("weapon_marks.csv", 4, {"years_from": "1990", "years_to": "1980"}, "is after"),
        ("weapon_marks.csv", 5, {"source": ""}, "source is missing"),
        ("serial_formats.csv", 2, {"pattern": "(a+)+"}, "run for ever"),
        ("serial_formats.csv", 2, {"example": "nothing"}, "is not of the form"),
        ("serial_formats.csv", 3, {"year": "count 1957"}, "first and last base"),
        ("serial_formats.csv", 3, {"year": "guess"}, "year must be one of"),
        ("serial_formats.csv", 2, {"year": "short"}, "group named year"),
        ("serial_formats.csv", 2, {"year": "code"}, "table of letters"),
        ("serial_formats.csv", 2, {"letters": "A B"}, "is like"),
        ("serial_formats.csv", 2, {"letters": "0: A A"}, "stands twice"),
        ("serial_formats.csv", 2, {"grade": "D"}, "grade must be one of"),
        ("packaging_marks.csv", 2, {"pattern": "(?=a)"}, "lookarounds"),
        ("packaging_marks.csv", 2, {"says": "much"}, "says must be one of"),
        ("packaging_marks.csv", 4, {"country": "ZZ"}, "has a country"),
        ("code_countries.csv", 2, {"first": "0"}, "2 digits"),
        ("code_countries.csv", 3, {"first": "00", "last": "01"}, "overlaps"),
        ("code_countries.csv", 2, {"country": "ZZ"}, "has a name"),
    ],
)
def test_every_fault_is_named_with_file_and_line(
    copied: Path, table: str, line: int, fields: dict[str, str], words: str
) -> None:
    changed(copied, table, line, **fields)
    faults = [fault for fault in check_markings(copied) if (fault.file, fault.line) == (table, line)]
    assert any(words in fault.message for fault in faults), check_markings(copied)
    with pytest.raises(KitError, match=f"{table}:"):
        load_arms_tables(copied, COUNTRIES)


def test_ids_stand_once(copied: Path) -> None:
    first = ARMS.weapons[0].id
    changed(copied, "weapon_marks.csv", 3, id=first)
    assert [str(fault) for fault in check_markings(copied)] == [f"weapon_marks.csv:3: id {first} stands twice"]


def test_a_set_may_be_without_all_tables_but_not_without_one(copied: Path) -> None:
    (copied / TABLES[0]).unlink()
    with pytest.raises(KitError, match=TABLES[0]):
        load_arms_tables(copied, COUNTRIES)
    for table in TABLES[1:]:
        (copied / table).unlink()
    assert load_arms_tables(copied, COUNTRIES) == ArmsTables()
    assert check_markings(copied) == []


@pytest.mark.parametrize(("change", "text"), [({"year": "[0-9A-F]{2}"}, "5B-1"), ({"month": "[A-Z]"}, "86-C")])
def test_a_date_group_that_is_no_number_decodes_to_no_date(change: dict[str, str], text: str) -> None:
    """A stranger's table may say so, and the loader cannot see what a pattern lets through."""
    groups = {"year": "[0-9]{2}", "month": "[0-9]"} | change
    pattern = re.compile(f"(?P<year>{groups['year']})-(?P<month>{groups['month']})")
    form = replace(
        next(iter(ARMS.serials)), pattern=pattern, year_rule="short", months={}, years_from=None, years_to=None
    )
    found = decode(text, form, this_year=2026)
    assert (found.years, found.month) == ((1886, 1986), None) if found else "year" in change
