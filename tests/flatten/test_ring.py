"""Heads become strips with the exact way back: every place on the strip is the place on the photo it came from."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from vision.errors import MissingError
from vision.flatten.ring import Ring, Strip, natural_turn_px, unroll
from vision.training.render import HeadTruth, Scene, render_scene
from vision.types import Ellipse, Head

TILTS = [(0.0, 0.0), (12.0, 70.0), (25.0, 160.0), (35.0, 20.0)]


def a_head(
    tilt_deg: float = 0.0, toward_deg: float = 0.0, shift: tuple[float, float] = (0.0, 0.0), pocket: float = 0.45
) -> Head:
    """A head of radius 100 px round (150.3, 140.7), its pocket's centre shifted by shift."""
    center = (150.3, 140.7)
    outline = Ellipse(center, (100.0, 100.0 * math.cos(math.radians(tilt_deg))), toward_deg)
    return Head(outline, (center[0] + shift[0], center[1] + shift[1]), pocket, 1.0)


def paint(ring: Ring, inside: object, size: tuple[int, int] = (300, 300)) -> np.ndarray:
    """A grey picture of size (width, height), white where inside(angles, radii) holds, drawn through the way back."""
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    angle, radius = ring.places(np.stack([x, y], axis=-1))
    white = inside(angle, radius)  # type: ignore[operator]
    return np.repeat(np.where(white, 250, 90).astype(np.uint8)[..., None], 3, axis=2)


def white_middle(strip: Strip) -> tuple[float, float]:
    """The middle (column, row) of what is white on the first turn of a strip."""
    first = strip.rgb[:, : strip.turn_px, 0].astype(float)
    weight = np.maximum(first - 120.0, 0.0)
    y, x = np.mgrid[: first.shape[0], : first.shape[1]]
    return float((weight * x).sum() / weight.sum()), float((weight * y).sum() / weight.sum())


@pytest.mark.parametrize(("tilt", "toward"), TILTS)
@pytest.mark.parametrize("shift", [(0.0, 0.0), (9.0, -6.0), (-14.0, 11.0)])
def test_points_lead_back_to_their_places(tilt: float, toward: float, shift: tuple[float, float]) -> None:
    ring = Ring(a_head(tilt, toward, shift))
    angle, radius = np.meshgrid(np.arange(0.0, 360.0, 7.5), np.linspace(0.3, 1.1, 17))
    points = ring.points_xy(angle, radius)
    back_angle, back_radius = ring.places(points)
    assert np.abs(ring.points_xy(back_angle, back_radius) - points).max() < 1e-3
    assert np.abs((back_angle - angle + 180.0) % 360.0 - 180.0).max() < 1e-2
    assert np.abs(back_radius - radius).max() < 1e-4


@pytest.mark.parametrize(("tilt", "toward"), TILTS)
def test_the_rim_is_the_outline_and_the_pocket_is_round_its_centre(tilt: float, toward: float) -> None:
    head = a_head(tilt, toward, (8.0, 5.0))
    ring = Ring(head)
    turn = np.radians(head.outline.angle_deg)
    away = ring.points_xy(np.arange(0, 360, 5.0), 1.0) - np.array(head.outline.center_xy)
    along = away @ np.array([np.cos(turn), np.sin(turn)])
    across = away @ np.array([-np.sin(turn), np.cos(turn)])
    a, b = head.outline.semi_axes
    assert (along / a) ** 2 + (across / b) ** 2 == pytest.approx(np.ones(72), abs=1e-4)
    around = ring.points_xy(np.arange(0, 360, 5.0), head.pocket_ratio)
    assert around.mean(axis=0) == pytest.approx(head.pocket_xy, abs=1e-3)


def test_an_untilted_head_is_a_clock() -> None:
    ring = Ring(a_head())
    for angle, dx, dy in ((0, 0, -50), (90, 50, 0), (180, 0, 50), (270, -50, 0)):
        assert ring.points_xy(angle, 0.5) == pytest.approx((150.3 + dx, 140.7 + dy), abs=1e-3)


@pytest.mark.parametrize("toward", range(0, 180, 15))
def test_twelve_oclock_stays_up_under_tilt(toward: int) -> None:
    """The symmetric map does not turn the head: what it turns one way on one side, it turns back on the other."""
    ring = Ring(a_head(35.0, float(toward)))
    matrix = ring.matrix()
    assert matrix == pytest.approx(matrix.T)
    assert np.linalg.eigvalsh(matrix) == pytest.approx([100.0 * math.cos(math.radians(35.0)), 100.0])
    up = ring.points_xy(0.0, 1.0) - np.array(ring.head.outline.center_xy)
    lean = math.degrees(math.atan2(up[0], -up[1]))
    assert abs(lean) < 6.0  # (1 - cos 35) / (1 + cos 35) is the sine of the most a direction can lean
    assert lean == pytest.approx(0.0, abs=1e-3) or toward % 90


@pytest.mark.parametrize(("tilt", "toward"), TILTS)
@pytest.mark.parametrize("place", [(0.0, 0.72), (123.0, 0.6), (300.0, 0.85)])
def test_a_drawn_mark_appears_at_its_column_and_row(tilt: float, toward: float, place: tuple[float, float]) -> None:
    ring = Ring(a_head(tilt, toward, (7.0, -4.0)))
    spot = ring.points_xy(*place)
    picture = np.full((300, 300, 3), 90, np.uint8)
    sixteenths = tuple(int(v) for v in np.round(spot * 16.0))
    cv2.circle(picture, sixteenths, 3 * 16, (250, 250, 250), -1, cv2.LINE_AA, shift=4)
    strip = unroll(picture, ring, height=60, turn_px=640, outer=1.0, inner=0.45)
    x, y = white_middle(strip) if place[0] else _middle_round_zero(strip)
    expected_y = (1.0 - place[1]) / 0.55 * 59
    assert (x - place[0] / 360.0 * 640 + 320) % 640 - 320 == pytest.approx(0.0, abs=1.0)
    assert y == pytest.approx(expected_y, abs=1.0)
    back = strip.to_photo([[x, y]])[0]
    assert back == pytest.approx(spot, abs=1.0)


def _middle_round_zero(strip: Strip) -> tuple[float, float]:
    """As white_middle, for a mark that column 0 cuts: the turn is cut half a turn further on."""
    rolled = np.roll(strip.rgb[:, : strip.turn_px], strip.turn_px // 2, axis=1)
    x, y = white_middle(Strip(rolled, strip.ring, strip.turn_px, strip.outer, strip.inner))
    return x - strip.turn_px // 2, y


def test_a_strip_goes_on_past_the_turn_with_the_same_pixels() -> None:
    ring = Ring(a_head(20.0, 50.0, (5.0, 5.0)))
    picture = paint(ring, lambda angle, radius: (angle % 40.0 < 17.0) & (radius < 0.9))
    strip = unroll(picture, ring, height=48, turn_px=480, overlap=0.25)
    assert strip.rgb.shape == (48, 600, 3)
    beyond, start = strip.rgb[:, 480:].astype(int), strip.rgb[:, :120].astype(int)
    assert np.abs(beyond - start).mean() < 0.5
    assert strip.angles_deg([0, 120, 480]) == pytest.approx([0.0, 90.0, 360.0])


def test_the_first_row_is_the_outer_edge_and_the_last_the_inner() -> None:
    ring = Ring(a_head(20.0, 50.0, (5.0, 5.0)))
    strip = unroll(np.zeros((300, 300, 3), np.uint8), ring, height=48, turn_px=480, outer=0.95, inner=0.5)
    found = strip.to_photo([[0, 0], [120, 47]])
    assert found == pytest.approx(np.stack([ring.points_xy(0.0, 0.95), ring.points_xy(90.0, 0.5)]), abs=1e-3)


def test_a_picture_shrunk_first_gives_the_same_places() -> None:
    """A spot on a head eight times as large as the strip: its middle is found to a tenth of a column."""
    center = (400.0, 400.0)
    ring = Ring(Head(Ellipse(center, (390.0, 390.0), 0.0), center, 0.45, 1.0))
    picture = np.full((800, 800, 3), 90, np.uint8)
    spot = ring.points_xy(90.0, 0.72)
    cv2.circle(picture, tuple(int(v) for v in np.round(spot * 16)), 40 * 16, (250, 250, 250), -1, cv2.LINE_AA, shift=4)
    x, y = white_middle(unroll(picture, ring, height=24, turn_px=240, inner=0.45))
    assert x == pytest.approx(60.0, abs=0.1)
    assert y == pytest.approx((1.0 - 0.72) / 0.55 * 23, abs=0.15)


def test_a_large_head_is_averaged_not_sampled() -> None:
    """Fine rings of one pixel in the photo come out grey, not as stripes."""
    outline = Ellipse((400.0, 400.0), (390.0, 390.0), 0.0)
    ring = Ring(Head(outline, (400.0, 400.0), 0.45, 1.0))
    y, x = np.mgrid[:800, :800]
    fine = np.where((x + y) % 2, 255, 0).astype(np.uint8)
    strip = unroll(np.repeat(fine[..., None], 3, axis=2), ring, height=32, turn_px=512)
    assert np.abs(strip.rgb.astype(float) - 127.5).max() < 12.0


@pytest.mark.parametrize("center", [(150.3, 35.0), (10.0, 140.7), (280.0, 270.0)])
def test_heads_cut_off_by_the_frame_still_unroll(center: tuple[float, float]) -> None:
    """The part in the frame is where it belongs; the rest repeats the frame's edge."""
    ring = Ring(Head(Ellipse(center, (100.0, 90.0), 30.0), center, 0.45, 1.0))
    picture = paint(ring, lambda angle, radius: (angle % 60.0 < 20.0) & (radius > 0.6) & (radius < 0.8))
    strip = unroll(picture, ring, height=48, turn_px=720, inner=0.45)
    where = strip.to_photo(np.stack(np.meshgrid(np.arange(720), np.arange(48)), axis=-1))
    seen = ((where > 2) & (where < 297)).all(axis=-1)
    angle = np.arange(720) / 2.0 % 60.0
    radius = 1.0 - 0.55 * np.arange(48) / 47
    struck = (np.abs(angle - 10.0) < 7.0)[None] & (np.abs(radius - 0.7) < 0.07)[:, None]
    plain = ((np.abs(angle - 40.0) < 17.0)[None] & np.ones((48, 1), bool)) | (np.abs(radius - 0.7) > 0.14)[:, None]
    value = strip.rgb[:, :720, 0]
    assert seen.mean() > 0.3
    assert (seen & struck).sum() > 100
    assert value[seen & struck].min() > 200
    assert value[seen & plain].max() < 140


@pytest.mark.parametrize(("height", "outer", "inner"), [(48, 1.0, 0.45), (48, 0.9, 0.65), (64, 0.8, 0.5)])
def test_the_natural_turn_keeps_the_aspect(height: int, outer: float, inner: float) -> None:
    ring = Ring(a_head())
    turn = natural_turn_px(ring, height, outer, inner)
    assert turn % 8 == 0
    middle = (outer + inner) / 2.0
    across = (outer - inner) * 100.0 / height  # photo pixels a strip row ...
    along = 2.0 * math.pi * middle * 100.0 / turn  # ... and a strip column, in the middle of the band
    assert along / across == pytest.approx(1.0, abs=4.5 / turn)


def test_an_outline_goes_round_its_piece_of_the_ring() -> None:
    ring = Ring(a_head(25.0, 40.0, (6.0, 2.0)))
    outline = np.array(ring.outline_xy(350.0, 374.0, 0.9, 0.6))
    assert outline[0] == pytest.approx(ring.points_xy(350.0, 0.9), abs=1e-3)
    inside = ring.points_xy(2.0, 0.75)
    outside = ring.points_xy([345.0, 20.0, 2.0, 2.0], [0.75, 0.75, 0.95, 0.55])
    polygon = outline.astype(np.float32).reshape(-1, 1, 2)
    assert cv2.pointPolygonTest(polygon, tuple(map(float, inside)), False) > 0
    assert all(cv2.pointPolygonTest(polygon, tuple(map(float, p)), False) < 0 for p in outside)
    x, y = outline.T
    assert float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) > 0  # clockwise where y points down


def test_without_a_pocket_the_usual_one_is_taken() -> None:
    assert Ring(a_head(pocket=0.0)).pocket_ratio == pytest.approx(0.45)
    strip = unroll(np.zeros((300, 300, 3), np.uint8), Ring(a_head(pocket=0.0)), height=32, turn_px=320)
    assert strip.inner == pytest.approx(0.45)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    """Rendered photos with their exact truth."""
    try:
        return [render_scene(seed, size=(480, 360)) for seed in range(40, 52)]
    except MissingError as fault:
        pytest.skip(str(fault))


def rings(scenes: list[Scene]) -> list[tuple[HeadTruth, Ring]]:
    heads = [head for scene in scenes for head in scene.heads]
    return [(h, Ring(Head(h.outline, h.pocket_xy, h.pocket_ratio, 1.0))) for h in heads]


def test_rendered_elements_land_at_their_angles(scenes: list[Scene]) -> None:
    """The renderer's perspective is exact, ours an affine map with a drift: they agree to three degrees."""
    compared = 0
    for truth, ring in rings(scenes):
        for element in truth.elements:
            t = math.radians(element.angle_deg)
            plane = np.array([element.radius * math.sin(t), -element.radius * math.cos(t), 1.0])
            photo = truth.plane_to_photo @ plane
            angle, radius = ring.places(photo[:2] / photo[2])
            assert abs((float(angle) - element.angle_deg + 180.0) % 360.0 - 180.0) < 3.0
            assert float(radius) == pytest.approx(element.radius, abs=0.04)
            compared += 1
    assert compared >= 15
