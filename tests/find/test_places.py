"""Places where a symbol may stand: squares beside lines of text and round shapes."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from vision.find.symbols import Square, beside_line, candidate_squares, overlap
from vision.types import TextLine


def line(x: float, y: float, length: float, height: float, angle_deg: float) -> TextLine:
    c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    ends = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
    return TextLine(
        tuple((x + u * length * c - v * height * s, y + u * length * s + v * height * c) for u, v in ends), 0.9
    )


def plate(angle_deg: float = 0.0) -> tuple[np.ndarray, TextLine, Square]:
    """A grey plate with a triangle 42 pixels high before a line of text 30 pixels high, turned about its middle."""
    canvas = np.full((400, 400, 3), 128, np.uint8)
    cv2.polylines(canvas, [np.array([(80, 179), (104, 221), (56, 221)])], True, (60, 60, 60), 3, cv2.LINE_AA)
    cv2.putText(canvas, "1986 ZT", (120, 215), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (60, 60, 60), 3, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((200.0, 200.0), -angle_deg, 1.0)
    turned = cv2.warpAffine(canvas, turn, (400, 400), borderMode=cv2.BORDER_REPLICATE)
    (tx, ty), (sx, sy) = turn @ (205.0, 200.0, 1.0), turn @ (80.0, 200.0, 1.0)
    return np.asarray(turned), line(tx, ty, 170.0, 30.0, angle_deg), Square((float(sx), float(sy)), 48.0, angle_deg)


@pytest.mark.parametrize("angle_deg", [0.0, 31.0, 90.0, 180.0, -140.0])
def test_a_triangle_before_a_line_is_among_the_places(angle_deg: float) -> None:
    rgb, text, wanted = plate(angle_deg)
    places = candidate_squares(rgb, [text])
    assert max(overlap(place, wanted) for place in places) > 0.7
    assert len(places) < 120


def test_places_beside_a_line_reach_both_ends_and_stand_on_its_axis() -> None:
    places = list(beside_line(line(200, 100, 160, 20, 0)))
    xs = [place.middle_xy[0] for place in places]
    assert min(xs) < 120 - 1.5 * 20
    assert max(xs) > 280 + 1.5 * 20
    assert all(place.middle_xy[1] == pytest.approx(100) for place in places)
    assert all(1.0 < place.side / 20 < 2.0 for place in places)


def test_a_shape_without_any_text_is_found() -> None:
    canvas = np.full((300, 300, 3), 90, np.uint8)
    cv2.circle(canvas, (210, 80), 30, (190, 190, 190), 4, cv2.LINE_AA)
    best = max(candidate_squares(canvas, ()), key=lambda q: overlap(q, Square((210.0, 80.0), 62.0, 0.0)))
    assert overlap(best, Square((210.0, 80.0), 62.0, 0.0)) > 0.75


def test_an_empty_picture_has_no_shapes() -> None:
    assert candidate_squares(np.full((200, 300, 3), 77, np.uint8), ()) == ()


def test_a_shape_of_a_few_pixels_is_no_place() -> None:
    canvas = np.full((60, 80, 3), 90, np.uint8)
    for x, y in ((20, 20), (50, 30), (60, 50)):
        canvas[y : y + 2, x : x + 2] = 255
    assert all(square.side >= 6 for square in candidate_squares(canvas, ()))


def test_bare_ground_beside_a_line_is_not_looked_at() -> None:
    rgb, text, _ = plate()
    rng = np.random.default_rng(2)
    noisy = np.clip(rgb.astype(np.int16) + rng.integers(-6, 7, rgb.shape), 0, 255).astype(np.uint8)
    looked_at = candidate_squares(noisy, [text])
    assert len(looked_at) < 0.85 * len(list(beside_line(text)))
    assert max(overlap(place, Square((80.0, 200.0), 48.0, 0.0)) for place in looked_at) > 0.7


def test_places_of_a_picture_stay_inside_it() -> None:
    rgb, text, _ = plate()
    places = candidate_squares(rgb[:, :180], [text])
    assert places
    assert all(0 <= place.middle_xy[0] < 180 for place in places)


def test_overlap_of_squares() -> None:
    a = Square((0.0, 0.0), 2.0, 0.0)
    assert overlap(a, a) == pytest.approx(1.0)
    assert overlap(a, Square((1.0, 0.0), 2.0, 0.0)) == pytest.approx(1 / 3)
    assert overlap(a, Square((5.0, 0.0), 2.0, 0.0)) == 0.0


def test_a_square_moves_along_its_own_axes() -> None:
    moved = Square((10.0, 10.0), 4.0, 90.0).moved(0.5, 0.0, 2.0)
    assert moved.middle_xy == pytest.approx((10.0, 12.0))
    assert moved.side == 8.0


@pytest.mark.parametrize(("width", "height"), [(2000, 1), (1, 2000), (700, 1), (5000, 7), (1, 1)])
def test_a_picture_of_a_pixel_s_height_is_looked_at_as_it_is(width: int, height: int) -> None:
    flat = np.full((height, width, 3), 120, np.uint8)
    assert candidate_squares(flat, ()) == ()
