"""The picture shows the marks in their places, in every script it can, and never fails on text."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import drawn
import numpy as np
import pytest
from PIL import Image

from vision.errors import PhotoError
from vision.report.canvas import DOUBT_COLOURS, Page, drawable, font
from vision.report.overlay import draw_marks, plot
from vision.report.picture import picture
from vision.types import CloseUp, Photo, Result


def near(image: Image.Image, colour: str, box: tuple[int, int, int, int]) -> int:
    """How many pixels of a box are close to a colour."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    part = np.asarray(image.crop(box)).astype(int)
    return int((np.abs(part - wanted).max(axis=-1) < 24).sum())


def test_characters_are_framed_in_the_colour_of_their_doubt() -> None:
    image = draw_marks(CloseUp(drawn.photo_rgb(), 1.0), [drawn.mark()], drawn.SIZE)
    doubtful_four = (355, 560, 425, 660)
    sure_one = (340, 100, 395, 190)
    elsewhere = (500, 200, 600, 300)
    assert near(image, DOUBT_COLOURS["doubtful"], doubtful_four) > 60
    assert near(image, DOUBT_COLOURS["sure"], sure_one) > 60
    assert near(image, DOUBT_COLOURS["doubtful"], sure_one) == 0
    assert near(image, DOUBT_COLOURS["doubtful"], elsewhere) == 0


@pytest.mark.parametrize(
    ("result", "with_views"),
    [
        (drawn.result(), True),
        (drawn.unknown_result(), True),
        (drawn.empty_result(), True),
        (drawn.failed_result(), False),
    ],
    ids=["read", "unknown", "empty", "failed"],
)
def test_every_kind_of_result_has_a_picture(result: Result, with_views: bool) -> None:
    image = picture(result, drawn.views() if with_views else None)
    assert image.width == 1600
    assert 700 < image.height < 4000
    margin = np.asarray(image)[:, :20]
    assert (margin == margin[0, 0]).all()


def test_more_candidates_make_a_taller_picture() -> None:
    views = drawn.views()
    assert picture(drawn.result(), views, limit=3).height > picture(drawn.result(), views, limit=1).height + 80


def test_the_page_grows_for_very_long_texts() -> None:
    long = dataclasses.replace(
        drawn.candidates()[0], reasons_for=tuple(f"Reason {i} " + "word " * 60 for i in range(60))
    )
    mark = dataclasses.replace(drawn.mark(), attribution=dataclasses.replace(drawn.attribution(), candidates=(long,)))
    image = picture(dataclasses.replace(drawn.result(), marks=(mark,)), drawn.views())
    assert image.height > 8000
    assert np.asarray(image)[-400:-70].std() > 5


@pytest.mark.parametrize("text", ["ABC", "ППУ", "مصر", "תע", "٧٨", "ΕΛ", "…“”−·"])
def test_the_font_has_the_scripts_of_the_field(text: str) -> None:
    assert drawable(text) == text


def test_characters_the_font_lacks_are_named() -> None:
    assert drawable("兵A") == "U+5175A"


def test_lines_are_never_wider_than_asked() -> None:
    page = Page(1600, 64)
    lines = page.lines("short words and " + "W" * 200 + " end", 300, 20)
    assert max(font(20).getlength(line) for line in lines) <= 300
    assert "".join(lines).replace(" ", "") == "shortwordsand" + "W" * 200 + "end"


def saved(path: Path) -> Result:
    """A photo on disk and its result, as the pipeline would give it."""
    import hashlib

    Image.fromarray(drawn.photo_rgb()).save(path, quality=95)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Result(Photo(str(path), digest, *drawn.SIZE), str(path), (drawn.mark(),), drawn.RUN)


def test_plot_draws_on_the_photo_itself(tmp_path: Path) -> None:
    image = saved(tmp_path / "a.jpg").plot()
    assert image.size == drawn.SIZE
    assert near(image, DOUBT_COLOURS["doubtful"], (355, 560, 425, 660)) > 60


def test_plot_refuses_a_photo_that_changed(tmp_path: Path) -> None:
    result = saved(tmp_path / "a.jpg")
    Image.new("RGB", (60, 60)).save(tmp_path / "a.jpg")
    with pytest.raises(PhotoError, match="changed"):
        result.plot()


def test_plot_of_a_refused_photo_repeats_the_reason() -> None:
    with pytest.raises(PhotoError, match="ends too early"):
        plot(drawn.failed_result())
