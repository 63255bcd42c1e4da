import pytest

from vision.catalogue.turns import half_turn

PAIRS = [
    ("6", "9"),
    ("61", "19"),
    ("66", "99"),
    ("68", "89"),
    ("86", "98"),
    ("16", "91"),
    ("18", "81"),
    ("611", "119"),
    ("811", "118"),
    ("661", "199"),
    ("60", "09"),
]


@pytest.mark.parametrize(("text", "turned"), PAIRS)
def test_R1_5_half_turns_of_numbers(text, turned):
    assert half_turn(text) == turned
    assert half_turn(turned) == text


@pytest.mark.parametrize("text", ["11", "69", "88", "96", "101", "111", "181", "808"])
def test_R1_5_numbers_that_turn_into_themselves(text):
    assert half_turn(text) == text


@pytest.mark.parametrize("text", ["9121", "21", "57", "FN", "", "<star>"])
def test_R1_5_what_has_no_half_turn(text):
    assert half_turn(text) is None


@pytest.mark.parametrize(("text", "turned"), [("٧٨", "٧٨"), ("٧٧", "٨٨"), ("٨٨", "٧٧")])
def test_R1_6_arabic_seven_and_eight(text, turned):
    assert half_turn(text) == turned


@pytest.mark.parametrize(
    ("text", "turned"), [("M", "W"), ("W", "M"), ("u", "n"), ("SOS", "SOS"), ("HIOX", "XOIH"), ("NZ", "ZN")]
)
def test_R1_7_half_turns_of_letters(text, turned):
    assert half_turn(text) == turned
