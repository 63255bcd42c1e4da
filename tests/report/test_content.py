"""The words of a sheet say no more than the attribution does."""

from __future__ import annotations

import dataclasses

import drawn
import pytest

from vision.report import content
from vision.types import Level


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "0%"),
        (0.0004, "under 1%"),
        (0.0099, "under 1%"),
        (0.01, "1%"),
        (0.832, "83%"),
        (0.99, "99%"),
        (0.9901, "over 99%"),
        (1.0, "100%"),
    ],
)
def test_a_probability_is_never_shown_as_a_certainty_it_is_not(share: float, shown: str) -> None:
    assert content.percent(share) == shown


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(1.0, "sure"), (0.9, "sure"), (0.8999, "likely"), (0.6, "likely"), (0.5999, "doubtful"), (0.0, "doubtful")],
)
def test_doubt_has_two_bars(probability: float, expected: str) -> None:
    assert content.doubt(probability) == expected


@pytest.mark.parametrize(
    ("level", "headline"),
    [
        ("pattern", "Perhaps made by Novosibirsk Cartridge Plant, Russia, then Soviet Union"),
        ("maker", "Perhaps made by Novosibirsk Cartridge Plant, Russia, then Soviet Union"),
        ("state", "Perhaps made in Russia"),
        ("unknown", "Unknown origin"),
    ],
)
def test_the_headline_states_the_level_and_no_more(level: Level, headline: str) -> None:
    attribution = dataclasses.replace(drawn.attribution(), level=level)
    assert content.answer(attribution).headline == headline


def test_a_sign_without_a_country_is_not_called_a_maker() -> None:
    sign = dataclasses.replace(drawn.candidates()[0], country="ZZ", manufacturer="NATO sign", state_then="")
    answer = content.answer(dataclasses.replace(drawn.attribution(), candidates=(sign,)))
    assert answer.headline == "NATO sign: no maker or state to name"


def test_the_chance_of_being_wrong_is_the_risk() -> None:
    assert content.answer(drawn.attribution()).detail.endswith("Chance that this is wrong: 24%.")


def test_an_unknown_origin_is_not_turned_into_an_answer() -> None:
    worn = drawn.unknown_result().marks[0].attribution
    assert worn is not None
    assert "not an answer" in content.answer(worn).detail


def test_the_effect_of_the_context_is_shown_where_there_is_one() -> None:
    moved = content.row(drawn.candidates()[0], 1)
    assert moved.context.startswith("54% by the photo alone")
    still = dataclasses.replace(drawn.candidates()[0], probability_without_context=0.6241)
    assert content.row(still, 1).context == ""


def test_grade_c_is_a_lead() -> None:
    assert [row.lead for row in content.rows(drawn.attribution(), 5)] == [False, False, True]


def test_what_a_limit_leaves_out_is_counted() -> None:
    assert len(content.rows(drawn.attribution(), 1)) == 1
    count, share = content.left_over(drawn.attribution(), 1)
    assert count == 2
    assert share == pytest.approx(0.1417 + 0.0812)


def test_the_same_state_is_not_named_twice() -> None:
    today = dataclasses.replace(drawn.candidates()[0], state_then="Russia")
    assert content.row(today, 1).state_then == ""
    assert content.row(drawn.candidates()[0], 1).state_then == "Soviet Union"


@pytest.mark.parametrize(("angle", "hour"), [(0.0, 12), (90.0, 3), (179.0, 6), (270.0, 9), (350.0, 12), (14.0, 12)])
def test_places_are_told_by_the_clock(angle: float, hour: int) -> None:
    element = dataclasses.replace(drawn.elements()[0], angle_deg=angle)
    assert content.element_note(element) == f"at {hour} o'clock"


def test_states_are_named_as_people_say_them() -> None:
    first = dataclasses.replace(drawn.candidates()[0], country="US", state_then="")
    answer = content.answer(dataclasses.replace(drawn.attribution(), level="state", candidates=(first,)))
    assert answer.headline == "Perhaps made in the United States"


@pytest.mark.parametrize(
    ("czech", "slovak", "headline"),
    [
        (0.52, 0.45, "Perhaps made in Czechoslovakia (today Czech Republic or Slovakia)"),
        (0.969, 0.01, "Perhaps made in the Czech Republic"),
    ],
)
def test_a_state_that_is_no_more_is_not_told_as_one_of_its_successors(
    czech: float, slovak: float, headline: str
) -> None:
    first = dataclasses.replace(
        drawn.candidates()[0], country="CZ", state_then="Czechoslovakia", probability=czech, strength="lead"
    )
    other = dataclasses.replace(first, pattern="sk", country="SK", probability=slovak)
    both = dataclasses.replace(drawn.attribution(), level="state", risk=0.03, candidates=(first, other))
    assert content.answer(both).headline == headline
    assert "a lead. Chance that this is wrong: 3%." in content.answer(both).detail


@pytest.mark.parametrize(
    ("names", "which"),
    [
        ((), None),
        (("head.jpg", "head2.jpg"), 0),
        (("wall.jpg", "worn.jpg", "head.jpg", "head2.jpg"), 2),
        (("wall.jpg", "worn.jpg"), 1),
        (("wall.jpg",), 0),
    ],
)
def test_the_first_joined_photo_stands_for_the_object(names: tuple[str, ...], which: int | None) -> None:
    assert content.lead(dataclasses.replace(drawn.result(), object_photos=drawn.object_photos(*names))) == which


def test_turns_are_told_the_shorter_way_round() -> None:
    photos = drawn.object_photos(*(f"{i}.jpg" for i in range(7)))
    lines = content.object_lines(dataclasses.replace(drawn.result(), object_photos=photos))
    assert lines[0] == "7 photos of one object, read together:"
    assert lines[1:3] == ("0.jpg, the one shown", "1.jpg, turned 35° clockwise")
    assert lines[-1] == "6.jpg, turned 150° anticlockwise"


def test_a_photo_turned_as_the_first_is_called_not_turned() -> None:
    first = drawn.object_photos("a.jpg")[0]
    photos = (first, dataclasses.replace(first, path="b.jpg", turned_deg=359.8))
    lines = content.object_lines(dataclasses.replace(drawn.result(), object_photos=photos))
    assert lines[-1] == "b.jpg, not turned"
