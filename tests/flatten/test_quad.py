"""A line set upright: letters fill their share, the way back to the picture is exact, nothing is turned or mirrored."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from vision.flatten.quad import MARGIN, flatten_line
from vision.types import Points, TextLine


def corners(middle: tuple[float, float], length: float, height: float, angle_deg: float) -> Points:
    c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    places = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
    return tuple(
        (middle[0] + u * length * c - v * height * s, middle[1] + u * length * s + v * height * c) for u, v in places
    )


def ramps(size: int = 400) -> np.ndarray:
    """A picture whose red is its column and green its row, each divided by two."""
    y, x = np.mgrid[0:size, 0:size] / 2.0
    return np.dstack([x, y, np.zeros_like(x)]).astype(np.uint8)


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 135.0, 180.0, -45.0])
@pytest.mark.parametrize("height", [20.0, 34.0, 90.0])
def test_every_pixel_of_a_patch_is_the_pictures_where_the_way_back_says(angle: float, height: float) -> None:
    flat = flatten_line(ramps(), TextLine(corners((200.0, 210.0), 3 * height, height, angle), 1.0))
    rows, columns = flat.rgb.shape[:2]
    x, y = np.meshgrid(np.arange(4, columns - 4, 7), np.arange(4, rows - 4, 7))
    where = flat.to_picture(np.stack([x.ravel(), y.ravel()], axis=1))
    seen = flat.rgb[y.ravel(), x.ravel(), :2].astype(float) * 2.0
    inside = ((where > 12) & (where < 385)).all(axis=1)
    assert inside.sum() > 20
    assert np.abs(seen - where)[inside].max() < 2.5


@pytest.mark.parametrize(("length", "height"), [(300.0, 40.0), (90.0, 60.0), (25.0, 50.0)])
def test_letters_fill_their_share_keep_their_aspect_and_have_margins(length: float, height: float) -> None:
    flat = flatten_line(ramps(), TextLine(corners((200.0, 200.0), length, height, 17.0), 1.0))
    left, top, right, bottom = flat.box
    assert flat.rgb.shape[0] == 48
    assert bottom - top == pytest.approx(0.72 * 48)
    assert (right - left) / (bottom - top) == pytest.approx(length / height)
    assert left == pytest.approx(MARGIN * 0.72 * 48, abs=0.8)
    assert flat.rgb.shape[1] - 1 - right == pytest.approx(left)
    assert top == pytest.approx(47 - bottom)


def test_the_box_in_the_patch_is_the_line_in_the_picture() -> None:
    line = TextLine(((50.0, 60.0), (250.0, 90.0), (240.0, 140.0), (45.0, 100.0)), 1.0)
    flat = flatten_line(ramps(), line)
    assert np.array(flat.outline_xy(flat.box[0], flat.box[2])) == pytest.approx(np.array(line.corners_xy), abs=1e-3)


def test_letters_come_out_upright_and_not_mirrored() -> None:
    page = np.full((300, 300, 3), 255, np.uint8)
    cv2.putText(page, "F7", (110, 170), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (0, 0, 0), 5)
    upright = flatten_line(page, TextLine(((105.0, 125.0), (190.0, 125.0), (190.0, 172.0), (105.0, 172.0)), 1.0)).rgb
    turned = np.ascontiguousarray(np.rot90(page))  # anticlockwise: what led to +x leads to -y
    side = TextLine(((125.0, 194.0), (125.0, 109.0), (172.0, 109.0), (172.0, 194.0)), 1.0)
    assert upright.min() < 60
    assert np.abs(flatten_line(turned, side).rgb.astype(int) - upright).mean() < 2.0


def test_fine_patterns_of_a_large_line_are_averaged_not_sampled() -> None:
    stripes = np.zeros((600, 600, 3), np.uint8)
    stripes[:, ::2] = 255
    flat = flatten_line(stripes, TextLine(corners((300.0, 300.0), 400.0, 200.0, 0.0), 1.0))
    assert np.abs(flat.rgb.astype(int) - 127).max() <= 12


def test_an_absurdly_long_line_costs_no_absurd_memory() -> None:
    flat = flatten_line(ramps(), TextLine(corners((200.0, 200.0), 390.0, 0.5, 0.0), 1.0))
    assert flat.rgb.shape[1] <= 64 * 48
