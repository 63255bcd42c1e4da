import pytest

from vision.catalogue.lookalikes import confusable, fold, misread_word, same_shape, table


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Т", "T"),
        ("ТЕХКРИМ", "TEXKPИM"),
        ("П", "П"),
        ("Π", "П"),
        ("ΕΠΚ", "EПK"),
        ("СКМ", "CKM"),
        ("٢٧", "٢٧"),
        ("۷۸", "٧٨"),
        ("۴", "۴"),
        ("0O", "0O"),
        ("<five-pointed star>", "<star>"),
        ("<nato cross>", "<nato cross>"),
        ("FN", "FN"),
    ],
)
def test_one_shape_folds_to_one_character(text, folded):
    assert fold(text) == folded


def test_folding_is_done_in_one_step():
    for seen, target in table().folds.items():
        assert fold(target) == target, seen


def test_same_shape_holds_for_every_member_of_a_class():
    assert same_shape("T") == same_shape("Т") == same_shape("Τ") == {"T", "Т", "Τ"}
    assert same_shape("Q") == {"Q"}


@pytest.mark.parametrize(
    ("a", "b"), [("0", "O"), ("И", "N"), ("П", "N"), ("1", "I"), ("٥", "0"), ("٢", "٣"), ("ע", "Y"), ("ת", "П")]
)
def test_confusable_characters_are_doubts_both_ways_and_never_folded(a, b):
    assert b in confusable(a)
    assert a in confusable(b)
    assert fold(a) != fold(b)


def test_confusable_goes_by_shape():
    assert confusable("О") == confusable("O")


@pytest.mark.parametrize("text", ["nny", "NNY", "nnу", "ппy", "ппу"])
def test_R4_5_every_misreading_of_prvi_partizan_is_mapped(text):
    assert misread_word(text) == "ппу"


def test_other_words_are_no_misreading():
    assert misread_word("FN") is None
