"""Symbols are found beside text and alone, named, outlined where they stand in the photo; letters are none."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from vision.manifest import models_folder
from vision.match.symbols import SHARE, SIDE, UNKNOWN, Naming
from vision.photo import OpenPhoto, open_photo
from vision.symbols import Seen, Square, Symbols, _said, cut_out, load_namer
from vision.training.symbols.drawing import draw, load_symbols
from vision.types import Element, TextLine

ROWS, PARTS = load_symbols()
TRIANGLE = next(row for row in ROWS if row.name == "<arrow in triangle>")
TEXT = "1986 4048"


@pytest.fixture(scope="module")
def symbols() -> Symbols:
    return Symbols(load_namer(models_folder()))


def plate(*, symbol: bool = True, text: bool = True, times: int = 1) -> np.ndarray:
    """A mottled grey plate (480, 640, 3), times as large, struck with a triangle before a line of text."""
    rng = np.random.default_rng(4)
    ink = np.zeros((480, 640), np.float32)
    if symbol:
        mask = draw(TRIANGLE.drawings[0], 90, PARTS)
        ink[195:285, 95:185] = mask
    if text:
        letters = np.zeros((480, 640), np.uint8)
        cv2.putText(letters, TEXT, (210, 262), cv2.FONT_HERSHEY_SIMPLEX, 1.7, 255, 5, cv2.LINE_AA)
        ink = np.maximum(ink, letters.astype(np.float32) / 255)
    ground = 130 + cv2.resize(rng.normal(0, 9, (8, 10)).astype(np.float32), (640, 480), interpolation=cv2.INTER_CUBIC)
    grey = ground * (1 - 0.5 * cv2.GaussianBlur(ink, (0, 0), 1)) + rng.normal(0, 3, ink.shape)
    rgb = np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return cv2.resize(rgb, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC) if times > 1 else rgb


def line(turned: bool = False) -> TextLine:
    """The line of text of a plate."""
    corners = ((205.0, 218.0), (490.0, 218.0), (490.0, 268.0), (205.0, 268.0))
    return TextLine(tuple((639.0 - x, 479.0 - y) for x, y in corners) if turned else corners, 0.9)


def opened(rgb: np.ndarray) -> OpenPhoto:
    return open_photo(cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes())


def named(found: list[Element]) -> list[str]:
    return [element.text for element in found if element.text != UNKNOWN]


@pytest.mark.parametrize("turned", [False, True])
def test_a_symbol_before_a_line_is_named_where_it_stands(symbols: Symbols, turned: bool) -> None:
    rgb = np.ascontiguousarray(np.rot90(plate(), 2)) if turned else plate()
    found = symbols.find_symbols(opened(rgb), rgb, 1.0, [line(turned)])
    assert named(found) == [TRIANGLE.name]
    element = found[[e.text for e in found].index(TRIANGLE.name)]
    x, y = np.mean(element.outline_xy, axis=0)
    assert math.dist((x, y), (499.0, 236.0) if turned else (140.0, 243.0)) < 14
    assert 0.5 < element.confidence <= 1.0
    assert [character.text for character in element.characters] == [TRIANGLE.name]


def test_a_symbol_without_any_text_is_found(symbols: Symbols) -> None:
    rgb = plate(text=False)
    found = symbols.find_symbols(opened(rgb), rgb, 1.0, [])
    assert named(found) == [TRIANGLE.name]


def test_letters_alone_are_no_symbols(symbols: Symbols) -> None:
    rgb = plate(symbol=False)
    assert named(symbols.find_symbols(opened(rgb), rgb, 1.0, [line()])) == []


def test_a_bare_plate_has_no_symbols(symbols: Symbols) -> None:
    rgb = plate(symbol=False, text=False)
    assert symbols.find_symbols(opened(rgb), rgb, 1.0, []) == []


def test_outlines_are_in_the_photo_at_full_size(symbols: Symbols) -> None:
    photo = opened(plate(times=4))
    small, scale = photo.reduced_rgb(640)
    found = symbols.find_symbols(photo, small, scale, [line()])
    (element,) = [e for e in found if e.text == TRIANGLE.name]
    assert math.dist(np.mean(element.outline_xy, axis=0), (561.0, 973.0)) < 56


def test_the_same_photo_shows_the_same_symbols(symbols: Symbols) -> None:
    rgb = plate()
    first, again = (symbols.find_symbols(opened(rgb), rgb, 1.0, [line()]) for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("margin", "second", "whole", "told"),
    [
        (0.4, 0.1, 0.999, TRIANGLE.name),
        (0.4, 0.3, 0.999, UNKNOWN),  # which of two, nobody can tell
        (0.3, 0.0, 0.999, UNKNOWN),
        (0.4, 0.1, 0.98, None),
        (0.6, 0.1, 0.98, None),
    ],
)
def test_a_symbol_is_named_where_it_is_sure_and_no_other_nearly_so(
    margin: float, second: float, whole: float, told: str | None
) -> None:
    beside = Square((140.0, 243.0), 80.0, 0.0)
    seen = Seen(beside, False, Naming(((TRIANGLE.name, margin), ("<star>", second)), whole))
    assert _said(seen, [line()]) == told


@pytest.mark.parametrize(("margin", "told"), [(0.45, None), (0.6, TRIANGLE.name)])
def test_away_from_text_a_symbol_must_be_surer_and_none_is_unknown(margin: float, told: str | None) -> None:
    far = Square((600.0, 40.0), 30.0, 0.0)
    assert _said(Seen(far, False, Naming(((TRIANGLE.name, margin),), 0.999)), [line()]) == told


@pytest.mark.parametrize("side", [30.0, 60.0, 300.0])
@pytest.mark.parametrize("angle_deg", [0.0, 30.0, 180.0])
def test_what_stands_in_a_square_is_cut_out_upright(side: float, angle_deg: float) -> None:
    square = Square((400.0, 300.0), side, angle_deg)
    rgb = np.zeros((640, 800, 3), np.uint8)
    cv2.fillPoly(rgb, [np.round(np.array(square.corners()) * 16).astype(np.int32)], (255, 255, 255), cv2.LINE_AA, 4)
    cv2.circle(rgb, tuple(round(v) for v in square.moved(-0.25, -0.25, 1.0).middle_xy), max(2, round(side / 8)), 0, -1)
    picture = cut_out(rgb, square)[..., 0]
    bright = picture > 127
    assert picture.shape == (SIDE, SIDE)
    assert np.sqrt(bright.sum() / SHARE**2) == pytest.approx(SIDE, abs=4)
    dark = np.argwhere(~bright[12:-12, 12:-12]).mean(axis=0) + 12
    assert dark == pytest.approx((SIDE / 2 - SHARE * SIDE / 4,) * 2, abs=2.5)


def test_a_square_beyond_the_picture_shows_its_border() -> None:
    assert cut_out(np.full((50, 50, 3), 9, np.uint8), Square((48.0, 48.0), 30.0, 10.0)).max() == 9
