"""Rendered scenes and strips show what their ground truth says, where it says, and always the same."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from vision.errors import MissingError, UsageError
from vision.training.render import ElementSpec, MarkSpec, fonts, random_mark, render_scene, render_strip
from vision.training.render.camera import make_pose, outline
from vision.training.render.draw import REACH, Layers, PlacedHead, paste
from vision.training.render.grid import disc
from vision.training.render.hand import random_finger
from vision.training.render.head import HeadLook
from vision.training.render.lens import Shot
from vision.training.render.metal import Light
from vision.training.render.symbols import symbol

LIGHT = Light(0.4, (0.1, -0.1), ())
INKED = HeadLook(metal="black steel", primer_metal="black steel", light=LIGHT, fill=(1.0, 1.0, 1.0))
CLEAN = Shot(noise=0.0, jpeg=100)
MARK = MarkSpec(
    (
        ElementSpec("LC", 0.0),
        ElementSpec("T", 100.0),
        ElementSpec("06", 180.0, upside_down=True),
        ElementSpec("<star>", 270.0),
    ),
    pocket_ratio=0.4,
    fonts=("DejaVuSans", "DejaVuSans-Bold"),
)


def unrolled(rgb: np.ndarray, plane_to_photo: np.ndarray, inner: float, outer: float) -> np.ndarray:
    """Brightness (100, 1440) of a ring, sampled through the true homography: column 4 * degrees, row 0 outside."""
    angle = np.radians(np.arange(1440) / 4)[None]
    radius = np.linspace(outer, inner, 100)[:, None]
    plane = np.stack([radius * np.sin(angle), -radius * np.cos(angle), np.ones((100, 1440))], axis=-1)
    photo = plane @ plane_to_photo.T
    xy = (photo[..., :2] / photo[..., 2:]).astype(np.float32)
    return cv2.remap(rgb[..., 1], xy[..., 0], xy[..., 1], cv2.INTER_LINEAR)


def bright_span(columns: np.ndarray, angle: float, reach: float) -> tuple[float, float]:
    """Middle (degrees off angle) and width of the bright columns within reach degrees of an angle."""
    offsets = np.arange(-round(reach * 4), round(reach * 4) + 1)
    lit = offsets[columns[(round(angle * 4) + offsets) % 1440]] / 4
    return float((lit.min() + lit.max()) / 2), float(lit.max() - lit.min())


@pytest.mark.parametrize(("tilt", "toward", "at"), [(0, 0, (160, 120)), (25, 40, (150, 130)), (35, 200, (210, 90))])
def test_the_outline_is_the_edge_of_what_is_drawn(tilt: float, toward: float, at: tuple[int, int]) -> None:
    pose = make_pose(at, 70, tilt, toward, 400, (320, 240))
    picture = np.zeros((240, 320, 3), np.float32)
    paste(picture, pose, np.ones((200, 200, 3), np.float32), None)
    shape, truth = picture[..., 0].astype(np.float64), outline(pose.plane_to_photo)
    y, x = np.mgrid[:240, :320]
    center = ((shape * x).sum() / shape.sum(), (shape * y).sum() / shape.sum())
    assert center == pytest.approx(truth.center_xy, abs=0.02)
    assert shape.sum() == pytest.approx(math.pi * truth.semi_axes[0] * truth.semi_axes[1], rel=1e-3)
    # On the outline itself a pixel is half covered; a pixel further in or out it is full or empty.
    for factor, low, high in ((1.0, 0.3, 0.7), (1 - 1.6 / 57, 0.97, 1.0), (1 + 1.6 / 57, 0.0, 0.03)):
        ring = (
            pose.plane_to_photo
            @ np.array([[math.sin(t) * factor, -math.cos(t) * factor, 1] for t in np.arange(0, 6.28, 0.1)]).T
        )
        values = cv2.remap(picture[..., 0], *(ring[:2] / ring[2]).astype(np.float32), cv2.INTER_LINEAR)
        assert low <= values.mean() <= high


def test_the_pocket_is_where_the_plane_has_its_origin() -> None:
    pose = make_pose((170, 110), 80, 33, 120, 350, (320, 240))
    grid = disc(240, REACH)
    spot = np.repeat((grid.radius < 0.08).astype(np.float32)[..., None], 3, axis=2)
    picture = np.zeros((240, 320, 3), np.float32)
    paste(picture, pose, spot, None)
    y, x = np.mgrid[:240, :320]
    weight = picture[..., 0]
    drawn = ((weight * x).sum() / weight.sum(), (weight * y).sum() / weight.sum())
    truth = pose.plane_to_photo[:2, 2] / pose.plane_to_photo[2, 2]
    assert drawn == pytest.approx(tuple(truth), abs=0.15)
    assert math.dist(truth, outline(pose.plane_to_photo).center_xy) > 3, "a tilted pocket is off the outline's centre"


def test_flattening_by_the_homography_does_not_turn_the_head() -> None:
    h = make_pose((90, 200), 50, 35, 77, 300, (320, 240)).plane_to_photo
    step = 1e-6
    points = h @ np.array([[0, 0, 1], [step, 0, 1], [0, step, 1]]).T
    origin, right, down = (points[:2] / points[2]).T
    assert (right - origin)[1] == pytest.approx((down - origin)[0], rel=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_a_rim_in_a_finished_photo_lies_on_its_ellipse(seed: int) -> None:
    scene = render_scene(seed, size=(320, 320), heads=1, style="plate", look=INKED, shot=CLEAN)
    gray = scene.rgb.mean(axis=2)
    paper = gray[:6, :6].mean()
    if paper < 120:
        pytest.skip("a black card: the dark head has no edge to see")
    h = scene.heads[0].plane_to_photo
    radii = np.linspace(0.9, 1.1, 201)
    for angle in np.radians(range(0, 360, 15)):
        plane = np.stack([radii * math.sin(angle), -radii * math.cos(angle), np.ones(201)])
        photo = h @ plane
        xy = (photo[:2] / photo[2]).astype(np.float32)
        if xy.min() < 2 or xy.max() > 317:
            continue
        profile = cv2.remap(gray.astype(np.float32), xy[0], xy[1], cv2.INTER_LINEAR).ravel()
        edge = radii[np.argmax(np.gradient(profile))]
        assert abs(edge - 1) * scene.heads[0].outline.semi_axes[0] < 1.0


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_elements_stand_at_their_angles_with_their_widths(seed: int) -> None:
    scene = render_scene(seed, size=(600, 600), heads=1, style="table", marks=[MARK], look=INKED, shot=CLEAN)
    head = scene.heads[0]
    assert [e.text for e in head.elements] == ["LC", "T", "06", "<star>"]
    for element in head.elements:
        band = (element.radius - 0.5 * element.height, element.radius + 0.5 * element.height)
        columns = unrolled(scene.rgb, head.plane_to_photo, *band).max(axis=0) > 170
        off, width = bright_span(columns, element.angle_deg, element.span_deg / 2 + 15)
        assert abs(off) < 3.0
        assert width == pytest.approx(element.span_deg, abs=9)
    gaps = [(b.angle_deg - a.angle_deg) % 360 for a, b in zip(head.elements, head.elements[1:], strict=False)]
    assert gaps == pytest.approx([100, 80, 90])


@pytest.mark.parametrize("upside_down", [False, True])
def test_tops_point_outwards_unless_upside_down(upside_down: bool) -> None:
    mark = MarkSpec((ElementSpec("T", 0.0, upside_down),), 0.4, fonts=("DejaVuSans",))
    scene = render_scene(8, size=(500, 500), heads=1, style="macro", marks=[mark], look=INKED, shot=CLEAN)
    (element,) = scene.heads[0].elements
    half = 0.55 * element.height
    ring = unrolled(scene.rgb, scene.heads[0].plane_to_photo, element.radius - half, element.radius + half) > 170
    near = np.roll(ring, 720 - round(element.angle_deg * 4), axis=1)[:, 640:800]
    outer, inner = near[:30].sum(), near[70:].sum()
    assert (inner > 2 * outer) if upside_down else (outer > 2 * inner)


def test_same_seed_same_bytes_and_other_seed_other_photo() -> None:
    first, again, other = (render_scene(s, size=(200, 150)) for s in (11, 11, 12))
    assert first.rgb.tobytes() == again.rgb.tobytes()
    assert [h.outline for h in first.heads] == [h.outline for h in again.heads]
    assert first.rgb.tobytes() != other.rgb.tobytes()
    assert render_strip(5)[0].tobytes() == render_strip(5)[0].tobytes()


@pytest.mark.parametrize("style", ["phone", "hand", "table", "macro", "sorter", "plate", "low", "worn"])
def test_every_style_gives_the_size_asked_for_and_sound_truth(style: str) -> None:
    for seed in range(3):
        scene = render_scene(seed, size=(240, 180), style=style, heads=1)
        assert scene.rgb.shape == (180, 240, 3)
        assert scene.rgb.std() > 3
        (head,) = scene.heads
        assert 0.3 < head.visible <= 1
        assert 0 <= head.pocket_ratio < 0.6
        assert 0 < head.pocket_xy[0] < 240
        assert 0 < head.pocket_xy[1] < 180


def test_no_heads_means_no_heads() -> None:
    assert all(render_scene(seed, size=(160, 120), heads=0).heads == () for seed in range(5))


def test_two_heads_do_not_overlap() -> None:
    scene = render_scene(2, size=(640, 480), heads=2, style="table")
    first, second = (h.outline for h in scene.heads)
    assert math.dist(first.center_xy, second.center_xy) > first.semi_axes[1] + second.semi_axes[1]


def test_visible_is_what_frame_and_fingers_leave() -> None:
    picture = np.zeros((200, 200, 3), np.float32)
    layers = Layers(picture, LIGHT, [])
    pose = make_pose((-0.5, 100), 60, 0, 0, 2000, (200, 200))
    layers.head(PlacedHead(pose, MARK, INKED, 60, 0), np.random.default_rng(0))
    area = math.pi * outline(pose.plane_to_photo).semi_axes[0] ** 2
    assert layers.covers[0].sum() / area == pytest.approx(0.5, abs=0.02)
    layers.finger(random_finger(np.random.default_rng(1), (-40.0, 100.0), 0.0, 15.0, False), 7)
    assert layers.covers[0].sum() / area < 0.42


@pytest.mark.parametrize("turns", [1.0, 1.25])
def test_a_strip_shows_its_elements_at_their_columns(turns: float) -> None:
    mark = MarkSpec((ElementSpec("LC", 0.0), ElementSpec("06", 180.0)), 0.4, fonts=("DejaVuSans-Bold",))
    shares = []
    for seed in range(12):
        rgb, truth = render_strip(seed, mark, height=48, turn_width=720, turns=turns, style="plate")
        assert rgb.shape == (48, round(720 * turns), 3)
        assert truth.width_turn == 720
        gray = rgb[8:40, :720].astype(np.float32).mean(axis=2)
        contrast = np.abs(gray - np.median(gray, axis=1, keepdims=True)).mean(axis=0)
        inside = np.zeros(720, bool)
        for e in truth.elements:
            half = e.span_deg
            inside[np.arange(round(2 * (e.angle_deg - half / 2)), round(2 * (e.angle_deg + half / 2))) % 720] = True
        shares.append(contrast[inside].mean() / contrast[~inside].mean())
    assert np.median(shares) > 3


def test_random_marks_fit_round_the_head_and_can_be_drawn() -> None:
    rng = np.random.default_rng(0)
    texts = set()
    for seed in range(60):
        mark = random_mark(rng)
        _, truth = render_strip(seed, mark, turn_width=160, height=16)
        assert sum(e.span_deg for e in truth.elements) < 360
        texts.update("".join(e.text for e in truth.elements))
    assert texts & set("АБВГДЖИЛП")
    assert texts & set("٠١٢٣٤٥٦٧٨٩")
    assert texts & set("0123456789")


def test_enclosed_symbols_carry_their_text() -> None:
    ten, eleven = (symbol(f"<{n} in circle>", "DejaVuSans").distance for n in (10, 11))
    assert (ten > 0).sum() > 300
    assert ((ten > 0) != (eleven > 0)).sum() > 50


def test_an_unknown_symbol_or_style_is_refused() -> None:
    with pytest.raises(UsageError, match="<unicorn>"):
        symbol("<unicorn>", "DejaVuSans")
    with pytest.raises(UsageError, match="style"):
        render_scene(0, style="oil painting")
    with pytest.raises(UsageError, match="64"):
        render_scene(0, size=(10, 10))


def test_without_fonts_the_error_names_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.font_files.cache_clear()
    monkeypatch.setattr(fonts, "_listed_files", list)
    monkeypatch.setattr(fonts, "_matplotlib_files", list)
    try:
        with pytest.raises(MissingError, match="fonts-dejavu-core"):
            fonts.font_files()
    finally:
        fonts.font_files.cache_clear()
