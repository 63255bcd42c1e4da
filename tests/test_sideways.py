"""Numbers across a head are read where they stand, once or twice, and nothing else is taken for one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from ringed import lattice

from vision.catalogue.load import load_marking_set
from vision.close import Close, patches
from vision.manifest import models_folder
from vision.read.ppocr import PpocrReader
from vision.sideways import Sideways, among, best_number, busy_places, gauges, of_several, sideways, where_free
from vision.types import Character, Element, Ellipse, Head, Lattice, LatticeRow, Reading

SIDE, MIDDLE, RADIUS = 440, 220.0, 190.0
NUMBERS = ("12", "16", "20")


@pytest.fixture(scope="module")
def reader() -> PpocrReader:
    return PpocrReader(models_folder() / "weights" / "ppocr.onnx")


def head(*texts: tuple[str, float]) -> Close:
    """A brass disc with dark texts that stand upright in the photo, each at an angle clockwise from 12 o'clock."""
    rgb = np.full((SIDE, SIDE, 3), 70, np.uint8)
    cv2.circle(rgb, (220, 220), 190, (200, 170, 90), -1, cv2.LINE_AA)
    cv2.circle(rgb, (220, 220), 70, (150, 110, 60), -1, cv2.LINE_AA)
    for text, angle in texts:
        at = 130.0 * np.array([np.sin(np.radians(angle)), -np.cos(np.radians(angle))]) + MIDDLE
        (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, 1.5, 3)
        origin = (round(at[0] - wide / 2), round(at[1] + high / 2))
        cv2.putText(rgb, text, origin, cv2.FONT_HERSHEY_DUPLEX, 1.5, (60, 45, 20), 3, cv2.LINE_AA)
    face = Head(Ellipse((MIDDLE, MIDDLE), (RADIUS, RADIUS), 0.0), (MIDDLE, MIDDLE), 0.37, 1.0)
    return Close(rgb, face, 1.0, (0.0, 0.0), (0.84, 0.53))


def read(close: Close, reader: PpocrReader) -> tuple[Element, ...]:
    (strip,) = patches(close, (0,))
    return tuple(one.on(close, strip.band) for one in sideways(close, strip, Reading("none"), [reader], NUMBERS))


def test_a_gauge_on_both_sides_is_read_twice_at_its_places(reader: PpocrReader) -> None:
    found = read(head(("16", 90.0), ("16", 270.0)), reader)
    assert sorted((e.text, round((e.angle_deg or 0.0) / 90.0)) for e in found) == [("16", 1), ("16", 3)]


def test_its_outlines_lie_on_the_digits_in_reading_order(reader: PpocrReader) -> None:
    for element in read(head(("16", 90.0), ("16", 270.0)), reader):
        middles = [np.mean(c.outline_xy, axis=0) for c in element.characters]
        side = 130.0 if (element.angle_deg or 0.0) < 180.0 else -130.0
        assert middles[0][0] < middles[1][0]  # the photo shows both upright
        assert np.abs((middles[0] + middles[1]) / 2 - (MIDDLE + side, MIDDLE)).max() < 12.0
        assert min(x for x, _ in element.outline_xy) < middles[0][0] < max(x for x, _ in element.outline_xy)


def test_what_is_no_gauge_is_not_told(reader: PpocrReader) -> None:
    assert read(head(("47", 90.0), ("WX", 270.0)), reader) == ()


def test_a_bare_head_has_none(reader: PpocrReader) -> None:
    assert read(head(), reader) == ()


def test_where_the_reading_has_something_nothing_is_sought() -> None:
    close = head(("16", 90.0), ("16", 270.0))
    strip = patches(close, (0,))[0]
    taken = Reading("r", (Element("E", False, 0.9, (Character("E", 0.9, (), 90.0),), 90.0, 0.0),))
    assert any(abs(a - 90.0) < 15.0 for a in busy_places(strip, Reading("r")))
    assert not any(abs(a - 90.0) < 25.0 for a in busy_places(strip, taken))


def test_elements_stand_clockwise_from_the_first_that_was_read(reader: PpocrReader) -> None:
    close = head(("16", 90.0), ("16", 270.0))
    words = [Element(text, False, 0.9, (Character(text, 0.9, (), angle),), angle, 0.0)
             for text, angle in (("N", 180.0), ("K", 355.0))]  # fmt: skip
    told = among(Reading("r", tuple(words)), read(close, reader))
    assert [e.text for e in told.elements] == ["N", "16", "K", "16"]


def straight(*seen: tuple[int, str, float]) -> Lattice:
    """A line's lattice of one row: at each step a character, so surely."""
    ring = lattice(())
    probability = np.full((20, len(ring.alphabet)), 1e-6)
    probability[:, 0] = 1.0
    for step, character, sure in seen:
        probability[step, [0, ring.alphabet.index(character)]] = 1.0 - sure, sure
    row = LatticeRow(np.log(probability).astype(np.float32), np.arange(20, dtype=np.float32), False, (0.0, 0.0))
    return Lattice("drawn", ring.alphabet, (row,), circular=False)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        pytest.param(0.9999, 0.96, [90, 270], id="faint beside a sure one"),
        pytest.param(0.9999, 0.9, [90], id="too faint"),
        pytest.param(0.96, 0.96, [], id="two faint ones"),
    ],
)
def test_where_one_place_shows_a_gauge_surely_a_second_may_show_it_less_so(
    first: float, second: float, told: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    close = head(("16", 90.0), ("16", 270.0))

    def seen(angle_deg: float) -> Lattice:
        sure = first if abs(angle_deg - 90.0) < 20.0 else second if abs(angle_deg - 270.0) < 20.0 else 0.001
        return straight((4, "1", sure), (9, "6", sure))

    monkeypatch.setattr("vision.sideways.read_places", lambda close, band, places, *rest: [seen(a) for a in places])
    found = sideways(close, patches(close, (0,))[0], Reading("none"), [], NUMBERS)
    assert sorted(round(one.angle_deg / 90.0) * 90 for one in found) == told
    assert {one.element.text for one in found} <= {"16"}


def beside(text: str, angle_deg: float, confidence: float) -> Sideways:
    letters = tuple(Character(c, confidence, (), None) for c in text)
    return Sideways(Element(text, False, confidence, letters), angle_deg, (0.75, 0.65))


def test_of_several_photos_the_number_seen_surest_in_all_stands_where_the_surest_has_it() -> None:
    seen = [
        [beside("12", 90.0, 0.95)],
        [beside("16", 92.0, 0.6)],
        [beside("16", 88.0, 0.9), beside("16", 270.0, 0.5)],
    ]
    assert [(one.element.text, one.angle_deg) for one in of_several(seen)] == [("16", 88.0), ("16", 270.0)]
    assert of_several([[], []]) == ()


def test_what_stands_sideways_is_told_only_where_the_reading_has_nothing() -> None:
    taken = Reading("r", (Element("E", False, 0.9, (Character("E", 0.9, (), 350.0),), 350.0, 0.0),))
    gauges_ = [beside("16", angle, 0.9) for angle in (5.0, 90.0, 340.0)]
    assert [one.angle_deg for one in where_free(gauges_, taken, (0.84, 0.53))] == [90.0]


def test_a_number_seen_on_one_photo_lies_on_its_digits_on_a_turned_one(reader: PpocrReader) -> None:
    first, second = head(("16", 90.0)), head(("16", 120.0))
    (strip,) = patches(first, (0,))
    (seen,) = sideways(first, strip, Reading("none"), [reader], NUMBERS)
    element = seen.turned(30.0).on(second, strip.band)
    angle = np.radians(120.0)
    middle = MIDDLE + 130.0 * np.array([np.sin(angle), -np.cos(angle)])
    assert np.abs(np.mean(element.outline_xy, axis=0) - middle).max() < 12.0
    assert element.angle_deg == pytest.approx(120.0, abs=5.0)


def test_the_number_that_gains_most_is_told_with_its_steps() -> None:
    word = best_number(straight((4, "1", 0.999), (9, "6", 0.999)), NUMBERS)
    assert word is not None
    assert (word.text, word.steps) == ("16", (4, 9))


def test_a_number_with_more_beside_it_or_in_the_wrong_order_is_none() -> None:
    assert best_number(straight((4, "1", 0.999), (9, "6", 0.999), (14, "X", 0.999)), NUMBERS) is None
    assert best_number(straight((4, "6", 0.999), (9, "1", 0.999)), NUMBERS) is None


def test_the_gauges_are_those_of_the_marking_set() -> None:
    assert gauges(load_marking_set(models_folder() / "markings").calibres) == NUMBERS
