"""Lines of drawn text are found where they stand, at any angle, up to half a turn; what is no text is not."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from vision.errors import KitError
from vision.find.text import TextFinder, group_lines
from vision.types import Rgb, TextLine

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "models/weights/lines.onnx"
FONT = ROOT / "vision/report/fonts/DejaVuSans-Bold.ttf"


@cache
def finder() -> TextFinder:
    return TextFinder(WEIGHTS)


def page(
    texts: list[tuple[str, tuple[int, int], int]], size: tuple[int, int] = (640, 480), relief: bool = False
) -> Rgb:
    """Grey metal with texts at (x, y) of their upper left corner, so many pixels large: ink, or relief."""
    mask = Image.new("L", size)
    for text, place, height in texts:
        ImageDraw.Draw(mask).text(place, text, font=ImageFont.truetype(str(FONT), height), fill=255)
    depth = cv2.GaussianBlur(np.asarray(mask, np.float32) / 255.0, (0, 0), 1.2)
    light = (np.roll(depth, 1, 0) - np.roll(depth, -1, 0)) * 150.0 if relief else -100.0 * depth
    grain = np.random.default_rng(3).normal(0.0, 6.0, depth.shape)
    grey = np.clip(150.0 + light + grain, 0, 255).astype(np.uint8)
    return np.dstack([grey, grey, grey])


def turned(rgb: Rgb, angle_deg: float) -> tuple[Rgb, np.ndarray]:
    """The picture turned clockwise round its middle, and the (2, 3) matrix of its points."""
    height, width = rgb.shape[:2]
    side = math.ceil(math.hypot(width, height))
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -angle_deg, 1.0)
    matrix[:, 2] += ((side - width) / 2, (side - height) / 2)
    return cv2.warpAffine(rgb, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE), matrix


def box_of(text: str, place: tuple[int, int], height: int) -> np.ndarray:
    left, top, right, bottom = ImageFont.truetype(str(FONT), height).getbbox(text)
    x, y = place
    return np.array(
        [(x + left, y + top), (x + right, y + top), (x + right, y + bottom), (x + left, y + bottom)], np.float32
    )


def overlap(line: TextLine, box: np.ndarray) -> float:
    """Intersection over union."""
    own = np.array(line.corners_xy, np.float32)
    area, _ = cv2.intersectConvexConvex(own, box.astype(np.float32))
    return area / (cv2.contourArea(own) + cv2.contourArea(box.astype(np.float32)) - area)


@pytest.mark.parametrize("angle", [0, 20, -40, 90, 130, 180, 270])
@pytest.mark.parametrize("relief", [False, True])
def test_a_line_is_found_at_any_angle_and_leads_along_its_text(angle: int, relief: bool) -> None:
    text, place, height = "K7 481502", (150, 200), 46
    rgb, matrix = turned(page([(text, place, height)], relief=relief), angle)
    lines = finder().find_lines(rgb)
    box = box_of(text, place, height) @ matrix[:, :2].T + matrix[:, 2]
    best = max(lines, key=lambda line: overlap(line, box))
    assert overlap(best, box) > 0.6
    assert abs((best.angle_deg - angle + 90) % 180 - 90) < 4
    assert best.score > 0.6


def test_a_tiny_crop_of_one_number_is_one_line() -> None:
    text, place, height = "628875", (12, 4), 27
    rgb = page([(text, place, height)], (144, 42), relief=True)
    (line,) = finder().find_lines(rgb)
    assert overlap(line, box_of(text, place, height)) > 0.55


@pytest.mark.parametrize("text", ["1", "I", "l7"])
def test_a_single_tall_character_stands_as_the_photo_stands(text: str) -> None:
    lines = finder().find_lines(page([(text, (300, 190), 70)]))
    assert lines
    assert all(abs((line.angle_deg + 90) % 180 - 90) < 20 for line in lines)


def test_a_lone_character_follows_the_long_line_beside_it() -> None:
    rgb, _ = turned(page([("4496277", (150, 150), 46), ("H", (240, 240), 46)]), 70)
    lines = finder().find_lines(rgb)
    assert len(lines) == 2
    assert all(abs((line.angle_deg - 70 + 90) % 180 - 90) < 8 for line in lines)


def test_no_text_no_lines() -> None:
    assert finder().find_lines(page([])) == ()
    assert finder().find_lines(np.zeros((1, 1, 3), np.uint8)) == ()


def test_lines_are_the_surest_first_and_no_more_than_asked_for() -> None:
    rgb = page([("4496277", (60, 40 + 60 * k), 12 + 8 * k) for k in range(5)])
    lines = finder().find_lines(rgb)
    assert len(lines) == 5
    assert [line.score for line in lines] == sorted((line.score for line in lines), reverse=True)
    assert finder().find_lines(rgb, max_lines=2) == lines[:2]


def line_at(x: float, y: float, length: float, height: float, score: float = 0.9) -> TextLine:
    return TextLine(((x, y), (x + length, y), (x + length, y + height), (x, y + height)), score)


def test_lines_near_each_other_are_one_mark_in_reading_order() -> None:
    right, left, below = line_at(300, 102, 80, 20), line_at(100, 100, 120, 22), line_at(90, 150, 200, 30)
    far = line_at(100, 900, 120, 22, score=0.7)
    assert group_lines([right, below, far, left]) == ((left, right, below), (far,))


def test_lines_at_right_angles_are_two_marks() -> None:
    across = TextLine(((310.0, 80.0), (310.0, 200.0), (290.0, 200.0), (290.0, 80.0)), 0.8)
    assert len(group_lines([line_at(100, 100, 120, 22), across])) == 2


@pytest.mark.parametrize("name", ["no-such.onnx", "lines.md", "heads.onnx"])
def test_weights_that_are_not_the_text_finders_are_named(name: str) -> None:
    with pytest.raises(KitError, match=name):
        TextFinder(WEIGHTS.with_name(name))


def test_faint_paint_on_blotched_metal_is_found() -> None:
    text, place, height = "VX59713", (150, 200), 60
    blotches = cv2.GaussianBlur(np.random.default_rng(5).normal(0.0, 1.0, (480, 640)), (0, 0), 14) * 800.0
    faint = (150.0 - page([(text, place, height)])[..., :1].astype(np.float32)) * 0.12
    rgb = np.clip(150.0 + blotches[..., None] - faint, 0, 255).astype(np.uint8).repeat(3, axis=2)
    best = max((overlap(line, box_of(text, place, height)) for line in finder().find_lines(rgb)), default=0.0)
    assert best > 0.6
