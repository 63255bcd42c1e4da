"""A straight mark close up: letters large enough to read, and every place of its patches back in the photo."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from vision.lines import look_close, outlined, patches
from vision.photo import OpenPhoto, open_photo
from vision.types import Character, Element, TextLine, Word

SIZE = (1200, 900)
SCALE = 0.5  # the lines were found in a picture half the photo's size


def photo() -> OpenPhoto:
    """Red tells a photo's column, green its row, each divided by five."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    target = io.BytesIO()
    Image.fromarray(np.dstack([x / 5, y / 5, 0 * x]).astype(np.uint8)).save(target, "PNG")
    return open_photo(target.getvalue())


def line_at(x: float, y: float, length: float, height: float) -> TextLine:
    return TextLine(((x, y), (x + length, y), (x + length, y + height), (x, y + height)), 0.9)


@pytest.mark.parametrize("height", [8.0, 30.0, 80.0])
def test_patches_show_the_photo_where_their_way_back_says(height: float) -> None:
    group = (line_at(100, 90, 4 * height, height), line_at(110, 100 + 1.5 * height, 3 * height, height))
    close = look_close(photo(), group, SCALE)
    for number, patch in enumerate(patches(close)):
        assert patch.rgb.shape[0] == 48
        assert patch.turn_px is None
        left, top, right, bottom = close.flat[number].box
        inside = [(left + 9.0, top + 6.0), (right - 9.0, bottom - 6.0)]
        for (column, row), (x, y) in zip(inside, close.to_photo(close.flat[number].to_picture(inside)), strict=True):
            red, green, _ = patch.rgb[round(row), round(column)].astype(float)
            assert (x, y) == pytest.approx((red * 5, green * 5), abs=9)


def test_a_marks_outline_is_round_its_lines_in_the_photo() -> None:
    close = look_close(photo(), (line_at(100, 90, 200, 30), line_at(120, 140, 100, 20)), SCALE)
    corners = np.array(close.outline_xy())
    assert corners.min(axis=0) == pytest.approx([200.5 - 18, 180.5 - 18], abs=2)
    assert corners.max(axis=0) == pytest.approx([600.5 + 18, 320.5 + 18], abs=2)


def test_a_line_at_the_photos_edge_is_cut_there() -> None:
    close = look_close(photo(), (line_at(-5, -5, 200, 30),), SCALE)
    assert close.corner_xy == (0.0, 0.0)
    assert patches(close)[0].rgb.shape[0] == 48


def test_characters_are_outlined_side_by_side_where_they_stand() -> None:
    close = look_close(photo(), (line_at(100, 90, 200, 40),), SCALE)
    left, _, right, _ = close.flat[0].box
    third = (right - left) / 3
    places = tuple(left + third * (k + 0.5) for k in range(3))
    word = Word("AB1", False, places, 3.0, 0, (0, 1, 2), spotted=False)
    element = outlined(Element("AB1", False, 0.9, tuple(Character(c, 0.9) for c in "AB1")), word, close, 0)
    middles = [np.mean(c.outline_xy, axis=0) for c in element.characters]
    assert [m[0] for m in middles] == pytest.approx([200 + 400 / 6 * (2 * k + 1) for k in range(3)], abs=4)
    assert [m[1] for m in middles] == pytest.approx([220.5] * 3, abs=2)
    edges = [(min(x for x, _ in c.outline_xy), max(x for x, _ in c.outline_xy)) for c in element.characters]
    assert all(a[1] <= b[0] + 1 for a, b in pairwise(edges))
    assert min(x for x, _ in element.outline_xy) == pytest.approx(edges[0][0], abs=1)
