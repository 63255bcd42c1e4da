"""Characters are drawn where they are: on the crop, on the strip, and on the strip turned by half."""

from __future__ import annotations

import dataclasses

import drawn
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.report import places
from vision.types import Character, CloseUp, Element, Mark, Reading, StripView, Views


def strip_of_columns(width: int = 720) -> StripView:
    """A strip whose red value tells the column modulo 180, so that a place can be read back from pixels."""
    columns = np.arange(round(width * 1.1)) % width
    rgb = np.zeros((20, len(columns), 3), np.uint8)
    rgb[..., 0], rgb[..., 1] = columns % 180, columns // 180
    return StripView(rgb, float(width))


def test_a_tops_out_word_stands_in_order_where_its_angle_says() -> None:
    upright, _ = places.strips(drawn.mark(), strip_of_columns())
    word = next(w for w in upright.words if w.element.text == "188")
    assert [slot.character.text for slot in word.slots] == ["1", "8", "8"]
    middle = round((word.left + word.right) / 2)
    red, green, _blue = upright.rgb[10, middle].tolist()
    assert (green * 180 + red) % 720 == pytest.approx(0, abs=2)
    assert word.slots[0].left < word.slots[1].left < word.slots[2].left
    assert word.right - word.left == pytest.approx(33 / 360 * 720, abs=0.1)


def test_an_upside_down_word_stands_in_order_on_the_half_turned_strip() -> None:
    _, turned = places.strips(drawn.mark(), strip_of_columns())
    assert turned.half_turned
    (word,) = turned.words
    assert [slot.character.text for slot in word.slots] == ["4", "3"]
    red, green, _blue = turned.rgb[10, round((word.left + word.right) / 2)].tolist()
    assert green * 180 + red == pytest.approx(360, abs=2)
    first = turned.rgb[10, round((word.slots[0].left + word.slots[0].right) / 2)].tolist()
    assert first[1] * 180 + first[0] == pytest.approx((180 + 5.5) / 360 * 720, abs=3)


def test_the_letters_lie_on_the_drawn_ink() -> None:
    """On the drawn head, every character's slot holds dark ink and the gap beside the word holds none."""
    for strip in places.strips(drawn.mark(), drawn.strip_view(drawn.photo_rgb())):
        darkest = strip.rgb[20:110].min(axis=0)[:, 0]
        for word in strip.words:
            for slot in word.slots:
                assert darkest[round(slot.left) : round(slot.right)].min() < 110
            assert darkest[round(word.left) - 30 : round(word.left) - 10].min() > 150


def test_no_element_is_cut_by_the_ends_of_the_strip() -> None:
    for strip in places.strips(drawn.mark(), strip_of_columns()):
        for word in strip.words:
            assert 0 < word.left < word.right < strip.rgb.shape[1]


def test_the_clock_follows_the_strip() -> None:
    upright, turned = places.strips(drawn.mark(), strip_of_columns())
    for strip in (upright, turned):
        for hour, x in strip.clock:
            red, green, _blue = strip.rgb[10, min(round(x), strip.rgb.shape[1] - 1)].tolist()
            distance = abs(green * 180 + red - hour % 12 * 60)
            assert min(distance, 720 - distance) <= 2


def test_characters_stand_where_the_reading_puts_them() -> None:
    """Letters are not struck at even distances; without angles they are spread evenly."""
    first, *others = drawn.elements()[0].characters
    moved = dataclasses.replace(drawn.elements()[0], characters=(dataclasses.replace(first, angle_deg=340.0), *others))
    mark = dataclasses.replace(drawn.mark(), reading=Reading("ppocr", (moved,)))
    (word,) = places.strips(mark, strip_of_columns())[0].words
    middles = [(slot.left + slot.right) / 2 for slot in word.slots]
    assert middles[1] - middles[0] == pytest.approx(20 / 360 * 720)
    assert middles[2] - middles[1] == pytest.approx(11 / 360 * 720)


def test_only_upside_down_text_asks_for_the_second_strip() -> None:
    upright = tuple(element for element in drawn.elements() if not element.upside_down)
    mark = dataclasses.replace(drawn.mark(), reading=Reading("ppocr", upright))
    assert [strip.half_turned for strip in places.strips(mark, strip_of_columns())] == [False]


def test_letters_that_run_right_to_left_are_laid_out_so() -> None:
    element = dataclasses.replace(
        drawn.elements()[0],
        text="תע",
        characters=tuple(
            dataclasses.replace(c, text=t) for c, t in zip(drawn.elements()[0].characters, "תע", strict=False)
        ),
    )
    mark = dataclasses.replace(drawn.mark(), reading=Reading("tesseract", (element,)))
    (word,) = places.strips(mark, strip_of_columns())[0].words
    assert [slot.character.text for slot in word.slots] == ["ע", "ת"]


def test_numbers_among_letters_that_run_right_to_left_stand_from_left_to_right() -> None:
    characters = tuple(Character(c, 0.9) for c in "ق١٢٣")
    stands = places.in_sight_order(Element("ق١٢٣", False, 0.9, characters))
    assert "".join(c.text for c in stands) == "١٢٣ق"


def test_a_mark_without_a_reading_has_no_strip() -> None:
    assert places.strips(dataclasses.replace(drawn.mark(), reading=None), strip_of_columns()) == ()


def test_a_close_up_keeps_the_way_back_to_the_photo() -> None:
    rgb = np.zeros((300, 400, 3), np.uint8)
    rgb[150, 200] = 255
    small = Mark("m1", "headstamp", ((380.0, 280.0), (420.0, 280.0), (420.0, 320.0), (380.0, 320.0)), 1.0)
    shown = places.close_up(small, Views(rgb, 0.5))
    assert shown.rgb.shape[0] < 60
    ((x, y),) = shown.place(((400.5, 300.5),))
    assert shown.rgb[round(y), round(x)].tolist() == [255, 255, 255]


def test_a_finer_close_up_is_preferred() -> None:
    fine = CloseUp(np.ones((8, 8, 3), np.uint8), 1.0, (10.0, 10.0))
    views = Views(np.zeros((30, 40, 3), np.uint8), 0.5, {}, {"m1": fine})
    assert places.close_up(drawn.mark(), views) is fine
    assert fine.place(((12.0, 11.0),)) == [(2.0, 1.0)]


def test_the_whole_photo_is_shown_only_where_it_adds_something() -> None:
    views = drawn.views()
    assert not places.needs_overview((drawn.mark(),), views)
    tiny = dataclasses.replace(drawn.mark(), outline_xy=((10.0, 10.0), (60.0, 10.0), (60.0, 60.0)))
    assert places.needs_overview((tiny,), views)
    assert places.needs_overview((drawn.mark(), drawn.mark()), views)


def test_an_element_read_as_a_whole_is_one_character() -> None:
    star = dataclasses.replace(drawn.elements()[1], characters=())
    mark = dataclasses.replace(drawn.mark(), reading=Reading("ppocr", (star,)))
    (word,) = places.strips(mark, strip_of_columns())[0].words
    assert [(slot.character.text, slot.character.probability) for slot in word.slots] == [("<star>", star.confidence)]
    assert word.slots[0].left < word.slots[0].right


@given(
    st.lists(st.tuples(st.floats(0, 360), st.floats(0.1, 359), st.booleans()), max_size=8),
    st.integers(2, 40),
    st.floats(0.6, 40),
)
def test_whatever_was_read_every_word_lies_on_the_strip(
    marks: list[tuple[float, float, bool]], columns: int, turn: float
) -> None:
    elements = tuple(Element("AB", upside, 0.5, (), angle, wide) for angle, wide, upside in marks)
    view = StripView(np.zeros((3, columns, 3), np.uint8), turn)
    mark = dataclasses.replace(drawn.mark(), reading=Reading("ppocr", elements))
    shown = places.strips(mark, view)
    assert sum(len(strip.words) for strip in shown) == len(elements)
    for strip in shown:
        for word in strip.words:
            assert 0 <= word.left <= word.right <= strip.rgb.shape[1]


def test_the_strips_of_one_head_in_several_photos_stand_under_each_other() -> None:
    view = drawn.views().strips["m1"]
    named = [dataclasses.replace(view, name=name) for name in ("a.jpg", "b.jpg")]
    views = dataclasses.replace(drawn.views(), strips={"m1": named[0]}, aligned={"m1": (named[1],)})
    shown = places.all_strips(drawn.mark(), views)
    assert [(s.name, s.half_turned) for s in shown] == [
        ("a.jpg", False),
        ("b.jpg", False),
        ("a.jpg", True),
        ("b.jpg", True),
    ]
    assert [slot.left for word in shown[0].words for slot in word.slots] == [
        slot.left for word in shown[1].words for slot in word.slots
    ]
    assert places.all_strips(drawn.mark(), dataclasses.replace(views, strips={})) == ()
