"""Heads are found where they were drawn, with the rim and not the pocket's edge, and nothing else is sold as a head."""

from __future__ import annotations

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from find.drawn_heads import flat_coin, flat_head, ground, laid
from PIL import Image, ImageOps

from vision.errors import KitError
from vision.find.heads import HeadFinder, refine_head
from vision.training.finder.overlap import overlap
from vision.training.render import render_scene
from vision.types import Ellipse, Head, Rgb

WEIGHTS = Path(__file__).parents[2] / "models/weights/heads.onnx"
SURE = 0.5


@pytest.fixture(scope="module")
def finder() -> HeadFinder:
    return HeadFinder(WEIGHTS)


def sure(finder: HeadFinder, rgb: Rgb) -> list[Head]:
    return [head for head in finder.find_heads(rgb) if head.score >= SURE]


@pytest.mark.parametrize("tilt_deg", [0, 20, 35])
@pytest.mark.parametrize("primer", [True, False])
@pytest.mark.parametrize(("at", "radius"), [((500, 300), 60), ((380, 420), 190)])
def test_a_drawn_head_is_found_with_its_rim(
    finder: HeadFinder, tilt_deg: float, primer: bool, at: tuple[float, float], radius: float
) -> None:
    rgb, true = laid(ground((1000, 760)), flat_head(primer=primer), at, radius, tilt_deg)
    (head,) = sure(finder, rgb)
    assert overlap(head.outline, true) > 0.9
    assert math.dist(head.pocket_xy, at) < 0.06 * radius
    assert 0.4 < head.pocket_ratio < 0.6


def test_a_head_that_fills_a_small_picture_is_found_by_its_rim_not_its_pocket(finder: HeadFinder) -> None:
    white = np.full((118, 120, 3), 255, np.uint8)
    rgb, true = laid(white, flat_head(), (60, 58), 57)
    (head,) = sure(finder, rgb)
    assert overlap(head.outline, true) > 0.93


def test_a_head_cut_off_by_the_frame_keeps_its_whole_ellipse(finder: HeadFinder) -> None:
    rgb, true = laid(ground((900, 700)), flat_head(), (130, 350), 200, 15)
    (head,) = sure(finder, rgb)
    assert overlap(head.outline, true) > 0.88
    assert min(x for x, _ in head.outline.points()) < -40


def test_several_heads_are_found_apart_and_surest_first(finder: HeadFinder) -> None:
    rgb = ground((1000, 760))
    places = [((230, 250), 120.0), ((520, 300), 110.0), ((780, 560), 90.0)]
    true = []
    for at, radius in places:
        rgb, ellipse = laid(rgb, flat_head(), at, radius, 10)
        true.append(ellipse)
    heads = sure(finder, rgb)
    assert len(heads) == 3
    assert all(max(overlap(head.outline, t) for head in heads) > 0.9 for t in true)
    assert [h.score for h in heads] == sorted((h.score for h in heads), reverse=True)
    assert len(finder.find_heads(rgb, max_heads=2)) == 2


def _gradient() -> Rgb:
    return np.broadcast_to(np.linspace(0, 255, 640).astype(np.uint8)[None, :, None], (480, 640, 3)).copy()


def _boxes() -> Rgb:
    rgb = ground((800, 600))
    for x in range(40, 700, 130):
        cv2.rectangle(rgb, (x, 100), (x + 90, 400), (200, 190, 150), -1)
    return rgb


@pytest.mark.parametrize(
    "rgb",
    [ground((900, 700)), np.zeros((400, 500, 3), np.uint8), _gradient(), _boxes(), np.full((30, 30, 3), 7, np.uint8)],
    ids=["cloth", "black", "gradient", "boxes", "tiny"],
)
def test_no_head_no_sure_head(finder: HeadFinder, rgb: Rgb) -> None:
    assert sure(finder, rgb) == []


def test_a_coin_and_a_plain_disc_are_no_heads(finder: HeadFinder) -> None:
    coin, _ = laid(ground((800, 600)), flat_coin(), (400, 300), 180, 10)
    disc, _ = laid(ground((800, 600)), np.full((480, 480, 3), 170, np.uint8), (400, 300), 180, 10)
    assert sure(finder, coin) == []
    assert sure(finder, disc) == []


def test_the_answer_is_in_the_pictures_own_pixels(finder: HeadFinder) -> None:
    small, _ = laid(ground((500, 400)), flat_head(), (260, 190), 110)
    large = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    one, two = sure(finder, small)[0], sure(finder, large)[0]
    assert overlap(one.outline.scaled(2), two.outline) > 0.97


def test_a_picture_too_small_for_a_head_gives_none(finder: HeadFinder) -> None:
    assert finder.find_heads(np.zeros((9, 200, 3), np.uint8)) == ()


@pytest.mark.parametrize("tilt_deg", [0, 15, 35])
@pytest.mark.parametrize("shift", [(-0.04, 0.03), (0.05, 0.0)])
def test_refining_brings_a_rough_head_to_its_rim_and_pocket(tilt_deg: float, shift: tuple[float, float]) -> None:
    rgb, true = laid(ground((700, 700)), flat_head(), (352, 340), 260, tilt_deg)
    x, y = true.center_xy
    a, b = true.semi_axes
    rough = Ellipse((x + 260 * shift[0], y + 260 * shift[1]), (a * 1.03, b * 0.97), true.angle_deg)
    refined = refine_head(rgb, Head(rough, rough.center_xy, 0.4, 0.8))
    assert math.dist(refined.outline.center_xy, true.center_xy) < 0.01 * a
    assert refined.outline.semi_axes == pytest.approx(true.semi_axes, rel=0.015)
    assert math.dist(refined.pocket_xy, true.center_xy) < 0.02 * a
    assert 0.44 < refined.pocket_ratio < 0.51  # the primer fills nine tenths of the drawn pocket: either edge will do
    assert refined.score == 0.8


@pytest.mark.parametrize("seed", [900_001, 900_002, 900_003, 900_004, 900_005, 900_006])
def test_a_rendered_head_is_found(finder: HeadFinder, seed: int) -> None:
    scene = render_scene(seed, heads=1)
    (true,) = scene.heads
    assert max((overlap(head.outline, true.outline) for head in sure(finder, scene.rgb)), default=0) > 0.8


def test_weights_that_are_missing_or_not_the_finders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KitError, match=r"nowhere\.onnx"):
        HeadFinder(tmp_path / "nowhere.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(KitError, match=r"broken\.onnx"):
        HeadFinder(broken)


@pytest.mark.photos
def test_nine_of_ten_labelled_phone_heads_are_found(finder: HeadFinder, measuring_photos: Path) -> None:
    folder = measuring_photos / "real"
    labels = [json.loads(line) for line in (folder / "labels.jsonl").read_text("utf-8").splitlines()]
    boxed = [label for label in labels if label.get("stratum") == "phone" and label.get("box")]
    assert sum(_found(finder, folder / label["file"], label["box"]) for label in boxed) >= 0.9 * len(boxed)


def _found(finder: HeadFinder, path: Path, box: list[float]) -> bool:
    with Image.open(path) as image:
        longer = max(image.size)
        image.draft("RGB", (1024, 1024))
        turned = ImageOps.exif_transpose(image).convert("RGB")
    turned.thumbnail((1024, 1024))
    outlines = [h.outline.scaled(longer / max(turned.size)) for h in sure(finder, np.asarray(turned))]
    side, middle = max(box[2] - box[0], box[3] - box[1]), ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    return any(math.dist(o.center_xy, middle) < side / 4 and 0.5 < 2 * o.semi_axes[0] / side < 1.5 for o in outlines)
