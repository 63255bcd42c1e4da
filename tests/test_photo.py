"""Opening photos: which way up, how large, where exactly, and what the camera wrote."""

from __future__ import annotations

import hashlib
import io
import math
import os
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hostile_photos import encode, picture, seeds
from PIL import Image

from vision import photo as photo_module
from vision.errors import PhotoError
from vision.photo import Limits, OpenPhoto, open_photo
from vision.types import Ellipse, Place

EVERYTHING = (-0.5, -0.5, 1e6, 1e6)
# How a picture must be stored so that the EXIF orientation brings it back (EXIF 2.32, table of tag 274).
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,  # anticlockwise
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def turned_file(upright: Image.Image, orientation: int, form: str, **options: object) -> bytes:
    """The file a camera held at this orientation would write."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    way = STORED_AS[orientation]
    return encode(upright.transpose(way) if way is not None else upright, form, exif=exif.tobytes(), **options)


def odd_picture() -> Image.Image:
    """61 x 43 pixels, no two alike."""
    values = np.random.default_rng(5).permutation(256**2)[: 61 * 43].reshape(43, 61)
    return Image.fromarray(np.stack([values // 256, values % 256, values % 7], axis=2).astype(np.uint8))


# Which way up


@pytest.mark.parametrize("orientation", STORED_AS)
@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True, "exact": True})])
def test_the_eight_orientations_give_the_same_pixels(form: str, options: dict[str, object], orientation: int) -> None:
    upright = odd_picture()
    photo = open_photo(turned_file(upright, orientation, form, **options))
    assert (photo.photo.width, photo.photo.height) == (61, 43)
    rgb, scale = photo.reduced_rgb(100)
    assert scale == 1.0
    np.testing.assert_array_equal(rgb, np.asarray(upright))
    crop, scale, corner = photo.crop_rgb((7, 11, 29, 40), 100)
    assert (scale, corner) == (1.0, (7.0, 11.0))
    np.testing.assert_array_equal(crop, np.asarray(upright)[11:41, 7:30])


@pytest.mark.parametrize("orientation", STORED_AS)
def test_the_eight_orientations_of_a_jpeg_look_alike(orientation: int) -> None:
    upright = picture()
    photo = open_photo(turned_file(upright, orientation, "JPEG", quality=95, subsampling=0))
    rgb, _ = photo.reduced_rgb(160)
    assert rgb.shape == (120, 160, 3)
    assert np.abs(rgb.astype(int) - np.asarray(upright)).mean() < 4


def test_a_tiff_is_not_turned_by_its_xmp() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"/></x:xmpmeta>'
    upright = odd_picture()
    rgb, _ = open_photo(encode(upright, "TIFF", tiffinfo={700: xmp})).reduced_rgb(100)
    np.testing.assert_array_equal(rgb, np.asarray(upright))


def test_a_heic_is_turned_once() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    wide = Image.new("RGB", (64, 48), (0, 0, 200))
    wide.paste((220, 0, 0), (0, 0, 64, 24))  # red on top as stored: on the right when turned clockwise
    photo = open_photo(encode(wide, "HEIF", exif=exif.tobytes(), quality=95))
    rgb, _ = photo.reduced_rgb(100)
    assert (photo.photo.width, photo.photo.height) == (48, 64)
    assert rgb.shape == (64, 48, 3)
    assert rgb[32, 40, 0] > 180
    assert rgb[32, 8, 2] > 160


# Exactly where


def dotted(size_wh: tuple[int, int], dot_xy: tuple[int, int]) -> Image.Image:
    """White paper with a soft black dot around a pixel."""
    y, x = np.mgrid[: size_wh[1], : size_wh[0]]
    dark = 255 * np.exp(-((x - dot_xy[0]) ** 2 + (y - dot_xy[1]) ** 2) / (2 * 12.0**2))
    return Image.fromarray(np.repeat((255 - dark).astype(np.uint8)[..., None], 3, axis=2))


def dot_place(rgb: npt.NDArray[np.uint8]) -> tuple[float, float]:
    """Centre of mass of what is dark."""
    dark = 255.0 - rgb[..., 1]
    dark[dark < 8] = 0  # JPEG's ripples
    y, x = np.mgrid[: rgb.shape[0], : rgb.shape[1]]
    return float((x * dark).sum() / dark.sum()), float((y * dark).sum() / dark.sum())


@pytest.mark.parametrize("orientation", STORED_AS)
@pytest.mark.parametrize("size_wh", [(480, 320), (487, 331)])
@pytest.mark.parametrize("max_side", [1000, 230, 113, 61, 31])
def test_a_dot_is_found_where_it_was_drawn(orientation: int, size_wh: tuple[int, int], max_side: int) -> None:
    dot = (301, 148)
    data = turned_file(dotted(size_wh, dot), orientation, "JPEG", quality=95)
    crop, scale, (x0, y0) = open_photo(data).crop_rgb((140.2, 60.7, 420.9, 281.4), max_side)
    assert max(crop.shape[:2]) <= max_side
    circle = Ellipse((dot[0] - x0, dot[1] - y0), (12.0, 12.0), 0.0).scaled(scale)
    assert dot_place(crop) == pytest.approx(circle.center_xy, abs=0.12)


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_dot_is_found_in_the_reduced_photo(orientation: int) -> None:
    for max_side in (1000, 333, 120, 60):
        data = turned_file(dotted((487, 331), (301, 148)), orientation, "JPEG", quality=95)
        rgb, scale = open_photo(data).reduced_rgb(max_side)
        assert max(rgb.shape[:2]) == min(487, max_side)
        assert dot_place(rgb) == pytest.approx(((301.5) * scale - 0.5, 148.5 * scale - 0.5), abs=0.12)


def test_a_crop_holds_every_pixel_the_box_touches_and_no_other() -> None:
    photo = open_photo(encode(odd_picture(), "PNG"))
    whole = np.asarray(odd_picture())
    for box, (x0, y0, x1, y1) in {
        (3.0, 4.0, 3.0, 4.0): (3, 4, 4, 5),  # a point is the pixel it lies in
        (2.5, 3.5, 9.5, 8.5): (3, 4, 10, 9),  # edges lie half-way between centres
        (2.4, 3.4, 9.6, 8.6): (2, 3, 11, 10),
        (-50.0, -50.0, 5.0, 5.0): (0, 0, 6, 6),
        (58.0, 40.0, 500.0, 500.0): (58, 40, 61, 43),
    }.items():
        crop, _, corner = photo.crop_rgb(box, 100)
        assert corner == (x0, y0)
        np.testing.assert_array_equal(crop, whole[y0:y1, x0:x1])


@pytest.mark.parametrize(
    "box", [(61, 0, 90, 20), (-9, 0, -2, 20), (9, 9, 3, 12), (math.nan, 0, 9, 9), (0, 0, math.inf, 9)]
)
def test_a_box_outside_the_photo_is_the_callers_mistake(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="box"):
        open_photo(encode(odd_picture(), "PNG")).crop_rgb(box, 100)


def test_a_small_photo_is_never_enlarged() -> None:
    rgb, scale = open_photo(seeds()["bmp"]).reduced_rgb(5000)
    assert scale == 1.0
    np.testing.assert_array_equal(rgb, np.asarray(picture()))


def test_a_thread_thin_photo_keeps_a_pixel_of_width() -> None:
    rgb, _ = open_photo(encode(Image.new("RGB", (4000, 2), (9, 9, 9)), "PNG")).reduced_rgb(100)
    assert rgb.shape == (1, 100, 3)


# No more decoding than asked


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The shape of every picture OpenCV decodes."""
    shapes: list[tuple[int, ...]] = []
    real = cv2.imdecode

    def watched(data: object, flags: int) -> object:
        picture = real(data, flags)
        shapes.append(picture.shape)
        return picture

    monkeypatch.setattr(photo_module.cv2, "imdecode", watched)
    return shapes


def test_a_big_head_needs_no_full_decode_and_shares_the_finders(decodes: list[tuple[int, ...]]) -> None:
    photo = open_photo(encode(Image.new("L", (1600, 1200), 128).convert("RGB"), "JPEG"))
    assert decodes == []
    photo.reduced_rgb(640)
    crop, scale, _ = photo.crop_rgb((100, 100, 1500, 1100), 700)
    assert decodes == [(600, 800, 3)]
    assert max(crop.shape) == 700
    assert scale == pytest.approx(0.5, abs=0.002)
    photo.crop_rgb((100, 100, 400, 400), 700)
    assert decodes == [(600, 800, 3), (1200, 1600, 3)]


def test_a_small_picture_is_kept_beside_a_large_one(decodes: list[tuple[int, ...]]) -> None:
    photo = open_photo(encode(Image.new("L", (1600, 1200), 128).convert("RGB"), "JPEG"))
    photo.reduced_rgb(400)
    photo.crop_rgb((100, 100, 400, 400), 300)
    photo.reduced_rgb(400)
    assert decodes == [(300, 400, 3), (1200, 1600, 3)]


def test_what_is_fine_enough_is_not_decoded_finer(decodes: list[tuple[int, ...]]) -> None:
    photo = open_photo(encode(Image.new("L", (1600, 1200), 128).convert("RGB"), "JPEG"))
    crop, scale, _ = photo.crop_rgb((100, 100, 900, 700), 300, 200)
    assert (max(crop.shape), scale) == (201, pytest.approx(0.25, abs=0.002))
    crop, scale, _ = photo.crop_rgb((100, 100, 900, 700), 300, 210)
    assert (max(crop.shape), scale) == (300, pytest.approx(0.375, abs=0.002))
    assert decodes == [(300, 400, 3), (600, 800, 3)]


def test_what_is_decoded_ahead_is_the_same_and_is_decoded_once(decodes: list[tuple[int, ...]]) -> None:
    picture = Image.effect_noise((1600, 1200), 80).convert("RGB")
    plain, ahead = (open_photo(encode(picture, "JPEG")) for _ in range(2))
    box = (100.0, 100.0, 1300.0, 1000.0)
    expected = plain.crop_rgb(box, 500)[0]
    ahead.reduced_rgb(400)
    ahead.look_ahead(400)
    np.testing.assert_array_equal(ahead.crop_rgb(box, 500)[0], expected)
    assert decodes == [(600, 800, 3), (300, 400, 3), (600, 800, 3)]
    ahead.look_ahead(400)  # is there already
    ahead.look_ahead(800)  # would be the whole picture: too much to be made for nothing
    ahead.crop_rgb((100, 100, 300, 300), 200)
    assert decodes[3:] == [(1200, 1600, 3)]


def test_what_cannot_be_decoded_ahead_is_told_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = open_photo(encode(Image.new("RGB", (1600, 1200)), "JPEG"))
    photo.reduced_rgb(400)
    monkeypatch.setattr(photo_module.cv2, "imdecode", lambda data, flags: None)
    photo.look_ahead(400)
    assert photo.reduced_rgb(400)[0].shape == (300, 400, 3)
    with pytest.raises(PhotoError, match="damaged"):
        photo.crop_rgb((100, 100, 1300, 1000), 500)


def test_the_same_question_has_the_same_answer_in_any_order() -> None:
    first, second = (open_photo(seeds()["jpeg"]) for _ in range(2))
    crop_before = first.crop_rgb((10, 10, 90, 90), 40)[0]
    second.reduced_rgb(160)
    np.testing.assert_array_equal(second.crop_rgb((10, 10, 90, 90), 40)[0], crop_before)


def test_a_jpeg_that_would_take_too_much_memory_is_decoded_coarser(monkeypatch: pytest.MonkeyPatch) -> None:
    data = seeds()["jpeg"]
    monkeypatch.setattr(photo_module, "_DECODE_BYTES", len(data) + 6 * 160 * 120 // 4)
    rgb, scale = open_photo(data).reduced_rgb(160)
    assert rgb.shape == (80, 60, 3)
    assert scale == 0.5


# Colours


def first_pixel(data: bytes) -> list[int]:
    """The upper left pixel of a photo."""
    return [int(v) for v in open_photo(data).crop_rgb((0, 0, 9, 9), 100)[0][0, 0]]


@pytest.mark.parametrize(
    ("image", "form", "options", "rgb"),
    [
        (Image.new("RGBA", (10, 10), (200, 0, 0, 0)), "PNG", {}, [255, 255, 255]),
        (Image.new("RGBA", (10, 10), (200, 0, 100, 128)), "PNG", {}, [227, 127, 177]),
        (Image.new("LA", (10, 10), (0, 51)), "PNG", {}, [204, 204, 204]),
        (Image.new("P", (10, 10), 0), "PNG", {"transparency": 0}, [255, 255, 255]),
        (Image.new("1", (10, 10), 1), "PNG", {}, [255, 255, 255]),
        (Image.fromarray(np.full((10, 10), 0x80FF, np.uint16)), "PNG", {}, [128, 128, 128]),
        (Image.fromarray(np.full((10, 10), 0x80FF, np.uint16)), "TIFF", {}, [128, 128, 128]),
        (Image.new("CMYK", (10, 10), (0, 255, 255, 0)), "TIFF", {}, [255, 0, 0]),
        (Image.new("RGB", (10, 10), (10, 20, 30)), "BMP", {}, [10, 20, 30]),
        (Image.new("RGBA", (10, 10), (200, 0, 100, 0)), "WEBP", {"lossless": True, "exact": True}, [255, 255, 255]),
        (Image.new("RGB", (10, 10), (10, 20, 30)), "WEBP", {"lossless": True}, [10, 20, 30]),
    ],
)
def test_every_kind_of_pixel_becomes_rgb_on_white(
    image: Image.Image, form: str, options: dict[str, object], rgb: list[int]
) -> None:
    assert first_pixel(encode(image, form, **options)) == rgb


@pytest.mark.parametrize(
    ("image", "options", "rgb"),
    [
        (Image.new("RGB", (16, 16), (200, 40, 90)), {"quality": 95, "subsampling": 0}, (200, 40, 90)),
        (Image.new("RGB", (16, 16), (200, 40, 90)), {"progressive": True, "quality": 95}, (200, 40, 90)),
        (Image.new("L", (16, 16), 77), {}, (77, 77, 77)),
        (Image.new("CMYK", (16, 16), (0, 255, 255, 0)), {"quality": 95}, (255, 0, 0)),
    ],
)
def test_every_kind_of_jpeg_has_its_colours(
    image: Image.Image, options: dict[str, object], rgb: tuple[int, int, int]
) -> None:
    assert first_pixel(encode(image, "JPEG", **options)) == pytest.approx(rgb, abs=4)


# The file


def test_a_photo_knows_its_file_time_and_place(tmp_path: Path) -> None:
    data = seeds()["jpeg"]
    file = tmp_path / "Гильза ٤٥ 弾.png"  # the name lies: the first bytes decide
    file.write_bytes(data)
    link = tmp_path / "link"
    link.symlink_to(file)
    for source in (file, str(file), link):
        photo = open_photo(source).photo
        assert photo.path == str(source)
        assert photo.sha256 == hashlib.sha256(data).hexdigest()
        assert (photo.width, photo.height) == (120, 160)
        assert photo.taken_at == "2024-05-01T12:34:56+03:00"
        assert photo.place == Place(48.2, -16.5)
        assert photo.quality is None
    assert open_photo(data, path="in/the/archive.jpg").photo.path == "in/the/archive.jpg"
    assert file.read_bytes() == data


@pytest.mark.parametrize("name", ["png", "tiff", "webp", "heic"])
def test_time_and_place_are_read_from_every_container(name: str) -> None:
    photo = open_photo(seeds()[name]).photo
    assert photo.taken_at == "2024-05-01T12:34:56+03:00"
    assert photo.place == Place(48.2, -16.5)
    assert (photo.width, photo.height) == (120, 160)


def test_what_phones_append_does_not_matter() -> None:
    whole = seeds()["jpeg"]
    alone, _ = open_photo(whole).reduced_rgb(160)
    video = b"\0\0\0\x18ftypmp42" + np.random.default_rng(1).bytes(5000)
    for tail in (seeds()["jpeg_grey"], video, bytes(100), b"SEFT" + video):
        rgb, _ = open_photo(whole + tail).reduced_rgb(160)
        np.testing.assert_array_equal(rgb, alone)


def test_a_photo_that_runs_on_into_another_file_is_refused() -> None:
    first, second = seeds()["jpeg"], seeds()["jpeg_grey"]
    with pytest.raises(PhotoError, match="another file"):
        open_photo(first[: len(first) * 3 // 4] + second)


def test_a_smaller_copy_in_a_tiff_is_no_second_picture() -> None:
    def two_pages(second_is_a_copy: bool) -> bytes:
        second = odd_picture().resize((20, 20))
        second.encoderinfo = {"tiffinfo": {254: int(second_is_a_copy)}}
        out = io.BytesIO()
        odd_picture().save(out, "TIFF", save_all=True, append_images=[second])
        return out.getvalue()

    assert open_photo(two_pages(True)).reduced_rgb(99)[0].shape == (43, 61, 3)
    with pytest.raises(PhotoError) as refusal:
        open_photo(two_pages(False))
    assert refusal.value.code == "several_pictures"
    assert open_photo(two_pages(False), limits=Limits(frames=2)).reduced_rgb(99)[0].shape == (43, 61, 3)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(pixels=160 * 120 - 1), "too_many_pixels"),
        (Limits(side=159), "too_many_pixels"),
        (Limits(file_bytes=1000), "file_too_large"),
    ],
)
@pytest.mark.parametrize("name", ["jpeg", "png", "tiff", "webp", "heic", "bmp"])
def test_each_limit_holds_for_each_format(limits: Limits, code: str, name: str, tmp_path: Path) -> None:
    data = seeds()[name]
    file = tmp_path / "photo"
    file.write_bytes(data)
    for source in (data, file):
        with pytest.raises(PhotoError) as refusal:
            open_photo(source, limits=limits)
        assert refusal.value.code == code
    just_enough = Limits(file_bytes=len(data), pixels=160 * 120, side=160)
    assert isinstance(open_photo(data, limits=just_enough), OpenPhoto)


@pytest.mark.photos
def test_every_measuring_photo_opens() -> None:
    folder = Path(os.environ.get("MARKTRACE_PHOTOS", Path(__file__).parents[2] / "shared" / "photos"))
    files = sorted(folder.glob("*/*.jpg")) + sorted(folder.glob("*/*.png"))
    if not files:
        pytest.skip("the measuring photos are not here: set MARKTRACE_PHOTOS")
    for file in files:
        rgb, _ = open_photo(file).reduced_rgb(64)
        assert rgb.size, file.name
