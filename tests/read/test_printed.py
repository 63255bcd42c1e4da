"""The recogniser on straight lines: colours and spaces are read, both ways up, at the places where they stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from vision.errors import KitError
from vision.manifest import models_folder
from vision.match.line import read_lines
from vision.read.printed import PrintedReader, clear_way, in_one_colour, leaves_no_doubt
from vision.read.protocol import Patch
from vision.types import Lattice, Rgb

WEIGHTS = models_folder() / "weights"
FONT = Path(__file__).parents[2] / "vision/report/fonts/DejaVuSans-Bold.ttf"


@pytest.fixture(scope="module")
def reader() -> PrintedReader:
    return PrintedReader(WEIGHTS / "ppocr.onnx")


def drawn(text: str, ink: tuple[int, int, int] = (30, 30, 30), ground: tuple[int, int, int] = (190, 190, 190)) -> Rgb:
    """A patch 48 high with letters of about three quarters of that, from column 20 on."""
    font = ImageFont.truetype(str(FONT), 44)
    picture = Image.new("RGB", (round(font.getlength(text)) + 40, 48), ground)
    ImageDraw.Draw(picture).text((20, -2), text, font=font, fill=ink)
    return np.asarray(picture)


def words(reader: PrintedReader, rgb: Rgb) -> list[str]:
    return [word.text for word in read_lines([reader.read([Patch(rgb)])])[0]]


@pytest.mark.parametrize("text", ["CAL 7.62 MM", "MADE IN ITALY", "FÉG 1937", "12/80"])
def test_words_are_read_with_the_spaces_between_them(reader: PrintedReader, text: str) -> None:
    assert words(reader, drawn(text)) == text.split()


def test_the_same_is_read_upside_down(reader: PrintedReader) -> None:
    assert words(reader, drawn("CAL 7.62 MM")[::-1, ::-1]) == ["CAL", "7.62", "MM"]


def test_the_sign_between_calibre_and_length_is_an_x(reader: PrintedReader) -> None:
    assert words(reader, drawn("7.62\N{MULTIPLICATION SIGN}39")) == ["7.62x39"]


def test_paint_no_darker_than_its_ground_is_read(reader: PrintedReader) -> None:
    red, green = (152, 134, 134), (134, 141, 139)  # of one brightness
    assert words(reader, drawn("KN 4821", red, green)) == ["KN", "4821"]
    gray = in_one_colour(drawn("KN 4821", red, green))
    assert np.ptp(gray.astype(int)) > 80
    assert (gray[..., 0] == gray[..., 2]).all()


def test_places_are_columns_of_the_patch_in_every_look_both_ways_up(reader: PrintedReader) -> None:
    rgb = np.full((48, 400, 3), 190, np.uint8)
    letter = drawn("H")
    rgb[:, 260 : 260 + letter.shape[1]] = letter
    middle = 260 + (letter.shape[1] - 1) / 2
    for turned in (False, True):
        lattice = reader.read([Patch(rgb[::-1, ::-1] if turned else rgb)])
        column = lattice.alphabet.index("H")
        own = [row for row in lattice.rows if row.upside_down == turned]
        assert len(own) == 3
        for row in own:
            place = row.places[int(row.log_probs[:, column].argmax())]
            assert place == pytest.approx(399 - middle if turned else middle, abs=9)


def ways(reader: PrintedReader, rgb: Rgb) -> list[bool]:
    return [row.upside_down for row in reader.read([Patch(rgb)]).rows]


def test_a_line_that_leaves_no_doubt_is_looked_at_once(reader: PrintedReader) -> None:
    assert ways(reader, drawn("CAL 7.62 MM")) == [False]
    assert ways(reader, drawn("CAL 7.62 MM")[::-1, ::-1]) == [False, True]


def test_a_line_is_looked_at_only_the_ways_up_that_are_asked_about(reader: PrintedReader) -> None:
    for way in (False, True):
        rows = reader.read([Patch(drawn("HIHOXH"), ways=(way,))]).rows
        assert {row.upside_down for row in rows} == {way}


@pytest.mark.parametrize(
    ("text", "clear"), [("CAL 7.62 MM", True), ("RABEUNAL", True), ("HIHOXH", False), ("906690", False), ("801", False)]
)
def test_letters_that_look_like_none_the_other_way_up_tell_how_a_line_stands(
    reader: PrintedReader, text: str, clear: bool
) -> None:
    rgb = drawn(text)
    for turned in (False, True):
        lattice = reader.read([Patch(rgb[::-1, ::-1] if turned else rgb)])
        assert clear_way(lattice) is (turned if clear else None)


def test_a_line_in_which_too_much_is_in_doubt_does_not_tell_how_it_stands(reader: PrintedReader) -> None:
    lattice = reader.read([Patch(drawn("CAL 7.62 MM"))])
    (row,) = lattice.rows
    log_probs = row.log_probs.copy()
    shown = [step for step in range(len(log_probs)) if log_probs[step].argmax() > 0]
    log_probs[shown[:4]] = log_probs[shown[:4]] * 0.01  # as good as any other there
    assert clear_way(replace(lattice, rows=(replace(row, log_probs=log_probs),))) is None


def test_a_line_that_stands_both_ways_up_is_looked_at_three_times_both_ways(reader: PrintedReader) -> None:
    assert ways(reader, drawn("HIHOXH")) == [False, True] * 3


def test_a_faint_line_is_looked_at_again_only_the_way_up_that_it_clearly_stands(reader: PrintedReader) -> None:
    faint = drawn("RABEUNAL 5", (176, 176, 176)).astype(int) + np.random.default_rng(1).normal(0, 7, (48, 1, 1)).astype(
        int
    )
    looks = ways(reader, np.asarray(faint.clip(0, 255), np.uint8))
    assert set(looks) == {False}
    assert len(looks) > 1


def rows_of(reader: PrintedReader, rgb: Rgb) -> Lattice:
    """The first look only, upright and turned by half."""
    lattice = reader.read([Patch(rgb)])
    return replace(lattice, rows=lattice.rows[:2])


def test_what_leaves_no_doubt_is_sure_of_every_character_and_of_every_gap(reader: PrintedReader) -> None:
    assert leaves_no_doubt(rows_of(reader, drawn("704652")))
    assert not leaves_no_doubt(rows_of(reader, drawn("906690")))  # 069906 the other way up
    wide = np.full((48, 620, 3), 190, np.uint8)
    one, other = drawn("KN"), drawn("4821")
    wide[:, 20 : 20 + one.shape[1]], wide[:, 300 : 300 + other.shape[1]] = one, other
    assert not leaves_no_doubt(without_spaces(rows_of(reader, wide)))


def test_a_space_in_doubt_leaves_no_letter_in_doubt(reader: PrintedReader) -> None:
    lattice = rows_of(reader, drawn("CAL 7.62 MM"))
    column = lattice.alphabet.index(" ")
    rows = []
    for row in lattice.rows:
        log_probs = row.log_probs.copy()
        log_probs[:, column] = np.minimum(log_probs[:, column], log_probs[:, 0] + 1.0)  # a little more than nothing
        rows.append(replace(row, log_probs=log_probs))
    lattice = replace(lattice, rows=tuple(rows))
    assert not leaves_no_doubt(lattice)
    assert leaves_no_doubt(lattice, spaces=False)


def without_spaces(lattice: Lattice) -> Lattice:
    """The same as seen by one who takes no gap for a space."""
    column = lattice.alphabet.index(" ")
    rows = []
    for row in lattice.rows:
        log_probs = row.log_probs.copy()
        log_probs[:, column] = -12.0
        rows.append(replace(row, log_probs=log_probs))
    return replace(lattice, rows=tuple(rows))


def test_rings_and_other_heights_are_refused(reader: PrintedReader) -> None:
    with pytest.raises(ValueError, match="straight"):
        reader.read([Patch(np.zeros((48, 80, 3), np.uint8), turn_px=64)])
    with pytest.raises(ValueError, match="48"):
        reader.read([Patch(np.zeros((40, 80, 3), np.uint8))])


def test_a_sliver_and_nothing_are_read_as_nothing(reader: PrintedReader) -> None:
    assert read_lines([reader.read([Patch(np.zeros((48, 3, 3), np.uint8))])]) == [[]]
    assert reader.read([]).rows == ()


def test_weights_without_spaces_are_named() -> None:
    with pytest.raises(KitError, match=r"heads\.onnx"):
        PrintedReader(WEIGHTS / "heads.onnx")
