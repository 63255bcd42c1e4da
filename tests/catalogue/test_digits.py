import pytest

from vision.catalogue.digits import digit_form, latin_digits


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
        ("۰۱۲۳۴۵۶۷۸۹", "0123456789"),
        ("๒๕๑๘", "2518"),
        ("२०३०", "2030"),
        ("၅၇", "57"),
        ("57", "57"),
        ("٥a", "5a"),
    ],
)
def test_digits_of_every_script_have_a_value(text, latin):
    assert latin_digits(text) == latin


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("٤", "arabic-indic"),
        ("٥", "arabic-indic"),
        ("٦", "arabic-indic"),
        ("۴", "persian"),
        ("۵", "persian"),
        ("۶", "persian"),
        ("٠١٢٣٧٨٩", "arabic or persian"),
        ("۰۱۲۳۷۸۹", "arabic or persian"),
        ("۱۳۲٦", "arabic-indic"),
        ("٤۵", "arabic or persian"),
        ("57", "latin"),
        ("๒", "other"),
        ("FN", "none"),
    ],
)
def test_R9_1_only_4_5_and_6_tell_arabic_from_persian(text, form):
    assert digit_form(text) == form


def test_other_characters_stay():
    assert latin_digits("٦-٦٢ FN") == "6-62 FN"
