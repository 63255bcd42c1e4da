"""Rendered scenes and strips show what their ground truth says, where it says, and always the same."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from vision.errors import MissingError, UsageError
from vision.training.render import ElementSpec, MarkSpec, fonts, photo_size, random_mark, render_scene, render_strip
from vision.training.render.camera import make_pose, outline
from vision.training.render.draw import REACH, Layers, PlacedHead, paste
from vision.training.render.glare import DISC_PX, close_up, glaring, out_of_focus
from vision.training.render.grid import disc, strip
from vision.training.render.hand import random_finger
from vision.training.render.lens import Shot, take
from vision.training.render.looks import HeadLook, random_look
from vision.training.render.marks import random_serial
from vision.training.render.metal import Light
from vision.training.render.relief import Strike, add_mark, blank, choose_fonts
from vision.training.render.symbols import STROKES, symbol
from vision.training.render.texts import CYRILLIC, DIGITS, LATIN, SYMBOLS, code, legends

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


def test_every_digit_and_letter_is_struck_about_as_often() -> None:
    rng = np.random.default_rng(1)
    drawn = "".join(code(rng) for _ in range(12000))
    for alphabet, most in ((LATIN, 1.35), (DIGITS, 1.35), (CYRILLIC, 1.8)):
        counts = [drawn.count(c) for c in alphabet]
        assert max(counts) < most * min(counts)


def test_marks_are_random_and_their_calibres_real() -> None:
    rng = np.random.default_rng(2)
    marks = [random_mark(rng) for _ in range(400)]
    texts = [e.text for m in marks for e in m.elements]
    assert {"9MM", "45 AUTO", "7.62x39"} <= set(legends())
    assert set(texts) & set(legends())
    assert any(" in circle>" in t for t in texts)
    assert any(abs(e.turn_deg) == 90 for m in marks for e in m.elements)
    plain = [t for t in texts if t.isalpha() and t.isascii() and len(t) in (3, 4)]
    assert len(set(plain)) > 0.9 * len(plain), "codes are made up, not taken from a list"


def test_upright_side_characters_stand_upright_on_the_head() -> None:
    rng = np.random.default_rng(3)
    turned = [e for _ in range(600) for e in random_mark(rng).elements if e.turn_deg]
    assert len(turned) > 10
    for e in turned:
        own_angle = round((e.angle_deg % 360) / 90) * 90 + 180 * e.upside_down + e.turn_deg
        assert own_angle % 360 == 0


def test_a_serial_is_one_line_with_figures_or_letters() -> None:
    rng = np.random.default_rng(4)
    lines = [random_serial(rng) for _ in range(200)]
    assert all(e.angle_deg == 0.0 and not e.text.startswith("<") and len(e.text) >= 2 for e in lines)
    assert sum(any(c.isdigit() for c in e.text) for e in lines) > 150


def test_every_symbol_of_a_mark_can_be_drawn_and_looks_like_no_other() -> None:
    assert set(SYMBOLS) <= set(STROKES)
    shapes = {name: symbol(name, "DejaVuSans").distance > 0 for name in STROKES}
    names = list(shapes)
    for i, one in enumerate(names):
        assert shapes[one].sum() > 60
        assert not any((shapes[one] == shapes[other]).all() for other in names[:i])


def test_no_font_stands_for_what_it_lacks() -> None:
    stems = set(fonts.font_files())
    for char in "БЭЯ٤۴אΩ四":
        for stem in stems:
            if fonts.covers(stem, char):
                inside = fonts.glyph(stem, char).distance > 0
                rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
                assert inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].mean() < 0.95, (stem, char)
    assert not any(fonts.covers(stem, "\U0010fffd") for stem in stems)


def test_small_letters_are_never_drawn_as_capitals() -> None:
    for stem in fonts.fonts_for("ag"):
        assert fonts.glyph(stem, "a").distance.shape != fonts.glyph(stem, "A").distance.shape


def test_a_box_is_told_from_a_stroke() -> None:
    full = bytes([255]) * (40 * 60)
    assert fonts._is_block((0, 0, 40, 60), full)
    assert not fonts._is_block((0, 0, 8, 60), full[: 8 * 60]), "an I is no box"
    assert not fonts._is_block((0, 0, 40, 60), full[:1200] + bytes(1200))


def test_a_stencil_has_a_bridge() -> None:
    stencils = [stem for stem in fonts.fonts_for("O") if stem.endswith(fonts.STENCIL)]
    for stem in stencils:
        cut, plain = (fonts.glyph(s, "O").distance for s in (stem, stem.removesuffix(fonts.STENCIL)))
        middle = cut.shape[1] // 2
        assert (plain[:, middle] > 0).any()
        assert not (cut[:, middle] > 0).any()
        assert (
            fonts.glyph(stem, "T").distance.tobytes() == fonts.glyph(stem.removesuffix(fonts.STENCIL), "T")[0].tobytes()
        )


def test_strokes_are_cut_to_the_width_asked_for() -> None:
    mark = MarkSpec((ElementSpec("H", 0.0, height=0.5, radius=0.01),), fonts=("DejaVuSans",))
    areas = []
    for half in (0.035, 0.06, 0.09):
        relief = blank(disc(240))
        add_mark(relief, mark, Strike(0.03, 0.005, 0, 0, 0, 0, stroke=half), 0.0, np.random.default_rng(0))
        areas.append(float(relief.stroke.sum()))
    assert areas[1] / areas[0] > 1.3
    assert areas[2] / areas[1] > 1.2


def test_a_negative_depth_stands_out_and_a_second_blow_widens() -> None:
    mark = MarkSpec((ElementSpec("8", 0.0, height=0.5, radius=0.01),), fonts=("DejaVuSans",))
    once, raised, twice = (blank(disc(200)) for _ in range(3))
    how = Strike(0.03, 0.01, 0, 0, 0, 0)
    for relief, strike in ((once, how), (raised, replace(how, depth=-0.03)), (twice, replace(how, double=(0.04, 0.0)))):
        add_mark(relief, mark, strike, 0.0, np.random.default_rng(0))
    assert once.height.min() < -0.02
    assert raised.height.max() > 0.02
    assert twice.stroke.sum() > 1.1 * once.stroke.sum()


def test_a_wobbling_outline_keeps_its_place() -> None:
    mark = MarkSpec((ElementSpec("B", 0.0, height=0.6, radius=0.01),), fonts=("DejaVuSans-Bold",))
    plain, shaky = blank(disc(200)), blank(disc(200))
    how = Strike(0.03, 0.01, 0, 0, 0, 0)
    add_mark(plain, mark, how, 0.0, np.random.default_rng(0))
    add_mark(shaky, mark, replace(how, wobble=0.02), 0.0, np.random.default_rng(0))
    both, either = np.minimum(plain.stroke, shaky.stroke).sum(), np.maximum(plain.stroke, shaky.stroke).sum()
    assert 0.5 < both / either < 0.97


def test_a_mark_of_mixed_punches_has_several_fonts() -> None:
    mark = MarkSpec(tuple(ElementSpec(t, 90.0 * i) for i, t in enumerate(("A", "17", "LC", "9"))))
    chosen = [{e.font for e in choose_fonts(mark, np.random.default_rng(s)).elements} for s in range(300)]
    share = np.mean([len(stems) > 1 for stems in chosen])
    assert 0.05 < share < 0.2


def test_an_enlarged_photo_has_coarse_noise_and_the_same_size() -> None:
    flat = np.full((48, 400, 3), 0.25, np.float32)
    fine, coarse = (
        take(flat, Shot(noise=0.05, jpeg=100, detail=d), np.random.default_rng(0))[..., 1].astype(float)
        for d in (1, 0.4)
    )
    assert coarse.shape == fine.shape
    steps = [np.abs(np.diff(p, axis=1)).mean() / p.std() for p in (fine, coarse)]
    assert steps[1] < 0.6 * steps[0]


def test_a_lamp_mirrored_out_of_focus_is_a_burnt_out_disc() -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        lamps = glaring(INKED, rng).light.lamps
        assert 1 <= len(lamps) <= 3
        assert all(lamp.power >= 3 and lamp.direction[2] > 0.7 for lamp in lamps)
        shot = replace(out_of_focus(CLEAN, rng), defocus=4.0, sharpen=0.0)
        linear = np.full((41, 41, 3), 0.05, np.float32)
        linear[20, 20] = 50.0 * max(lamp.power for lamp in lamps)
        burnt = take(linear, shot, rng)[..., 0] > 250
        y, x = np.nonzero(burnt)
        assert np.hypot(y - 20, x - 20).max() < 5
        assert burnt.sum() > 40


def test_glare_burns_out_what_an_even_light_does_not() -> None:
    mark = MarkSpec((ElementSpec("LC", 0.0), ElementSpec("06", 180.0)), 0.4, fonts=("DejaVuSans-Bold",))
    plain = lit = 0.0
    for seed in range(8):
        rgb, truth = render_strip(seed, mark, style="sorter")
        glare, same = render_strip(seed, mark, style="sorter", glare=np.random.default_rng(seed))
        assert same.elements == truth.elements
        away = [image.astype(np.float32) - np.median(image) for image in (rgb, glare)]
        plain, lit = plain + float((away[0] > 60).mean()), lit + float((away[1] > 60).mean())
    assert lit > 1.5 * plain


def test_photos_to_read_are_as_large_as_cameras_make_them_and_small_crops_stay_small() -> None:
    for style, least, most in (("table", 480, 1800), ("phone", 1200, 3000)):
        sizes = [photo_size(seed, style) for seed in range(200)]
        shorter = np.array([min(size) for size in sizes])
        assert all(abs(max(size) / min(size) - 4 / 3) < 0.01 for size in sizes)
        assert shorter.min() >= least
        assert shorter.max() <= most
        # As many below the geometric middle as above, and upright ones as well as broad ones.
        assert 80 < (shorter < np.sqrt(least * most)).sum() < 120
        assert 70 < sum(width > height for width, height in sizes) < 130
    assert photo_size(7, "table") == photo_size(7, "table")
    assert all(112 <= photo_size(seed, "plate")[0] < 360 for seed in range(20))
    assert all(290 <= photo_size(seed, "sorter")[0] < 512 for seed in range(20))


def test_noise_is_as_coarse_on_a_strip_as_on_the_head_it_shows() -> None:
    def crossings(values: np.ndarray, length: float) -> float:
        """How often rows of values change sign, for each head radius of their length."""
        return float((np.diff(np.sign(values), axis=1) != 0).sum() / len(values) / length)

    on_disc = disc(512).noise(np.random.default_rng(1), 40.0, 1)
    unrolled = strip(96, 1500, 1500.0, 0.5, outer=0.9)
    on_strip = unrolled.noise(np.random.default_rng(2), 40.0, 1)
    assert crossings(on_strip, 2 * np.pi * 0.7) == pytest.approx(crossings(on_disc, 2 * 1.04), rel=0.15)


def test_a_close_up_is_a_head_without_primer_out_of_focus_under_bare_lamps() -> None:
    mark = MarkSpec((ElementSpec("LC", 0.0),), 0.45, fonts=("DejaVuSans-Bold",))
    for seed in range(4):
        look, shot = close_up(np.random.default_rng(seed))
        assert look.primer == "open"
        assert max(lamp.power for lamp in look.light.lamps) >= 3
        assert DISC_PX[0] <= shot.defocus <= DISC_PX[1]
        drawn = [render_scene(seed, size=(300, 300), heads=1, style="sorter", marks=[mark], look=look, shot=s)
                 for s in (shot, replace(shot, defocus=0.0))]  # fmt: skip
        assert drawn[0].heads[0].outline == drawn[1].heads[0].outline
        blurred, sharp = (cv2.Laplacian(one.rgb, cv2.CV_32F).std() for one in drawn)
        assert blurred < sharp


def test_a_cast_look_has_neither_pocket_nor_rim() -> None:
    looks = [random_look(np.random.default_rng(s), "cast") for s in range(40)]
    assert all(look.primer == "none" and look.rim == 0.0 for look in looks)
    rgb, truth = render_strip(3, MarkSpec((random_serial(np.random.default_rng(1)),)), style="cast")
    assert rgb.std() > 2
    assert len(truth.elements) == 1


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


def test_where_few_letterforms_are_installed_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    files = fonts.font_files()
    few = dict(list(files.items())[:3])
    monkeypatch.setattr(fonts, "font_files", lambda: few)
    said = fonts.few_fonts()
    assert said is not None
    assert f"{len(few)} of {len(fonts.FAMILIES)}" in said
    assert "fonts-dejavu-core" in said
    enough = dict.fromkeys(fonts.FAMILIES[: len(fonts.FAMILIES) // 2 + 1], next(iter(files.values())))
    monkeypatch.setattr(fonts, "font_files", lambda: enough)
    assert fonts.few_fonts() is None


def test_without_fonts_the_error_names_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.font_files.cache_clear()
    monkeypatch.setattr(fonts, "_listed_files", list)
    monkeypatch.setattr(fonts, "_matplotlib_files", list)
    try:
        with pytest.raises(MissingError, match="fonts-dejavu-core"):
            fonts.font_files()
    finally:
        fonts.font_files.cache_clear()
