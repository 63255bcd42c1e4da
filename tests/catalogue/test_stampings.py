import pytest

from vision.catalogue.stampings import stampings


@pytest.mark.parametrize(
    ("code", "ways"),
    [
        ("FN", [("FN",), ("F", "N")]),
        ("AEP", [("AEP",), ("A", "E", "P")]),
        ("188", [("188",)]),
        ("aux", [("aux",)]),
        ("TULAMMO", [("TULAMMO",)]),
        ("ВДФ", [("ВДФ",), ("В", "Д", "Ф")]),
        ("K↑F", [("K", "<broad arrow>", "F")]),
        ("→CAC←", [("<arrow>", "CAC", "<arrow>")]),
        ("P.M.P.", [("P.M.P.",), ("PMP",), ("P", "M", "P")]),
        ("R-A", [("R-A",), ("R", "A")]),
        ("REM-UMC", [("REM-UMC",), ("REM", "UMC")]),
        ("F C", [("F", "C"), ("FC",)]),
        ("L C 4", [("L", "C", "4"), ("LC", "4")]),
        ("BROWN BEAR", [("BROWN", "BEAR")]),
        ('FMMAP "B"', [("FMMAP", '"B"'), ("FMMAP", "B")]),
        ("HERTER'S", [("HERTER'S",), ("HERTERS",)]),
        ("<circled 10>", [("<circled 10>",), ("10",)]),
        ("<21 in oval>", [("<21 in oval>",), ("21",)]),
        ("<two stars>", [("<star>", "<star>")]),
        ("RG <nato cross>", [("RG", "<nato cross>"), ("R", "G", "<nato cross>")]),
        ("CBC (rimfire)", [("CBC",), ("C", "B", "C")]),
        ("مصر", [("مصر",)]),
        ("<unmarked>", []),
        ("<Ge'ez numerals>", []),
    ],
)
def test_a_code_stands_on_metal_in_these_ways(code, ways):
    assert list(stampings(code)) == ways


@pytest.mark.parametrize("code", ["תע", "ج ع م"])
def test_R9_2_spread_letters_of_right_to_left_scripts_run_both_ways(code):
    ways = stampings(code)
    spread = tuple(code.replace(" ", ""))
    assert spread in ways
    assert spread[::-1] in ways


def test_declared_ways_replace_the_rules():
    assert stampings("X", "<lion and sun>|K <broad arrow> F") == (("<lion and sun>",), ("K", "<broad arrow>", "F"))


def test_only_what_cannot_be_read_has_no_way(markings):
    without = {p.code for p in markings.patterns if not p.stampings}
    assert {"<unmarked>", "<no maker code: calibre and year only>"} <= without
    assert all(code.startswith("<") for code in without)
    assert len(without) == 11


def test_no_element_is_empty_or_holds_a_blank(markings):
    elements = [e for p in markings.patterns for way in p.stampings for e in way]
    assert all(e and (e.startswith("<") or " " not in e) for e in elements)
