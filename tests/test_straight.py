"""Straight marks of a photo without a head: read, outlined where they stand, never attributed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest

from vision.find.text import TextFinder
from vision.manifest import models_folder
from vision.photo import OpenPhoto, open_photo
from vision.pipeline import Pipeline
from vision.read.ppocr import PpocrReader
from vision.read.printed import PrintedReader
from vision.read.protocol import Patch
from vision.straight import StraightMarks
from vision.types import Element, Lattice, Mark, Rgb, TextLine

WEIGHTS = models_folder() / "weights"
PRINTED = PrintedReader(WEIGHTS / "ppocr.onnx")
EXAMPLES = models_folder().parent / "docs" / "examples"


@pytest.fixture(scope="module")
def straight() -> StraightMarks:
    return StraightMarks(TextFinder(WEIGHTS / "lines.onnx"), [PpocrReader(WEIGHTS / "ppocr.onnx")])


def drawn(texts: Sequence[str]) -> OpenPhoto:
    """Lines of dark text on light gray, the first with its letters from row 90 to 130."""
    page = np.full((80 * len(texts) + 120, 640, 3), 190, np.uint8)
    for number, text in enumerate(texts):
        cv2.putText(page, text, (100, 130 + 70 * number), cv2.FONT_HERSHEY_SIMPLEX, 1.7, (40, 40, 40), 4, cv2.LINE_AA)
    return open_photo(io.BytesIO(cv2.imencode(".png", page)[1].tobytes()).getvalue())


def upside_down(texts: Sequence[str]) -> OpenPhoto:
    """The same turned by half."""
    page = np.asarray(drawn(texts).reduced_rgb(1000)[0])[::-1, ::-1, ::-1]
    return open_photo(io.BytesIO(cv2.imencode(".png", np.ascontiguousarray(page))[1].tobytes()).getvalue())


def marks_of(straight: StraightMarks, photo: OpenPhoto) -> list[Mark]:
    small, scale = photo.reduced_rgb(1000)
    return [mark for _, mark in straight.read(photo, small, scale)]


def words_of(mark: Mark) -> list[str]:
    assert mark.reading is not None
    return [element.text for element in mark.reading.elements]


def test_a_serial_is_read_where_it_stands_and_has_no_origin(straight: StraightMarks) -> None:
    (mark,) = marks_of(straight, drawn(["704652"]))
    assert words_of(mark) == ["704652"]
    assert (mark.id, mark.kind) == ("t1", "serial")
    assert mark.attribution is not None
    assert (mark.attribution.level, mark.attribution.unknown_probability) == ("unknown", 1.0)
    assert mark.attribution.candidates == ()
    x, y = np.array(mark.outline_xy).T
    assert 60 < x.min() < 110 < 270 < x.max() < 360
    assert 60 < y.min() < 100 < 120 < y.max() < 160


def test_lines_near_each_other_are_one_mark_read_from_top_to_bottom(straight: StraightMarks) -> None:
    (mark,) = marks_of(straight, drawn(["MODEL", "704652"]))
    assert words_of(mark) == ["MODEL", "704652"]


def test_a_plain_picture_has_no_straight_mark(straight: StraightMarks) -> None:
    assert marks_of(straight, drawn([""])) == []


def test_straight_marks_are_sought_where_there_is_no_head_or_only_small_ones() -> None:
    asked: list[int] = []

    class Watched(StraightMarks):
        def read(self, opened, small, scale, taken=()):  # type: ignore[no-untyped-def]
            asked.append(len(taken))
            return []

    kit = Pipeline.load(readers=("ppocr",))
    kit._make_straight = lambda: Watched(TextFinder(WEIGHTS / "lines.onnx"), [])
    head = EXAMPLES / "winchester.jpg"
    list(kit.identify([head]))
    assert asked == []
    list(kit.identify([EXAMPLES / "coin.jpg"]))
    assert asked == [0]
    photo = cv2.imread(str(head))
    around = np.full((photo.shape[0] * 5, photo.shape[1] * 5, 3), 128, np.uint8)
    around[: photo.shape[0], : photo.shape[1]] = photo
    found = kit.survey(cv2.imencode(".jpg", around)[1].tobytes(), "beside.jpg")[0]
    assert [mark.kind for mark in found.marks] == ["headstamp"]
    assert asked == [0, 1]


def test_what_lies_inside_a_head_is_not_read_as_a_line(straight: StraightMarks) -> None:
    photo = drawn(["704652", "MODEL"])
    small, scale = photo.reduced_rgb(1000)
    head = ((90.0, 80.0), (420.0, 80.0), (420.0, 140.0), (90.0, 140.0))
    assert [words_of(mark) for _, mark in straight.read(photo, small, scale, [head])] == [["MODEL"]]


def test_a_serial_that_stands_twice_is_on_two_parts(straight: StraightMarks) -> None:
    page = np.full((520, 640, 3), 190, np.uint8)
    for row, text in ((90, "STEEL 75"), (160, "704652"), (360, "704652"), (430, "USED")):
        cv2.putText(page, text, (100, row), cv2.FONT_HERSHEY_SIMPLEX, 1.7, (40, 40, 40), 4, cv2.LINE_AA)
    marks = marks_of(straight, open_photo(cv2.imencode(".png", page)[1].tobytes()))
    assert [words_of(mark) for mark in marks] == [["STEEL", "75", "704652"], ["704652", "USED"]]
    assert [mark.id for mark in marks] == ["t1", "t2"]
    bottom, top = (max(y for _, y in marks[0].outline_xy), min(y for _, y in marks[1].outline_xy))
    assert 160 < bottom < top < 330


def test_forms_of_serials_decide_what_looks_alike() -> None:
    """Between O and 0 the drawn letter tells nothing: a form that allows only one of them does."""
    finder, readers = TextFinder(WEIGHTS / "lines.onnx"), [PpocrReader(WEIGHTS / "ppocr.onnx")]
    asked: list[str] = []

    def fits(text: str) -> bool:
        asked.append(text)
        return False

    (plain,) = marks_of(StraightMarks(finder, readers), drawn(["KN7O4652"]))
    (mark,) = marks_of(StraightMarks(finder, readers, fits=fits), drawn(["KN7O4652"]))
    assert asked[0] == words_of(plain)[0] == words_of(mark)[0]
    other = next(text for text in asked if text != asked[0])
    (mark,) = marks_of(StraightMarks(finder, readers, fits=lambda text: text == other), drawn(["KN7O4652"]))
    assert words_of(mark) == [other]


class Seen:
    """A symbol finder that says what it is told to, and remembers the lines it was given."""

    def __init__(self, *symbols: tuple[str, tuple[float, float, float, float]]) -> None:
        self.elements = [
            Element(text, False, 0.9, outline_xy=((a, b), (c, b), (c, d), (a, d))) for text, (a, b, c, d) in symbols
        ]
        self.lines = 0

    def find_symbols(self, opened: OpenPhoto, small: Rgb, scale: float, found: Sequence[TextLine]) -> Sequence[Element]:
        self.lines = len(found)
        return self.elements


def with_symbols(seen: Seen) -> StraightMarks:
    return StraightMarks(TextFinder(WEIGHTS / "lines.onnx"), [PpocrReader(WEIGHTS / "ppocr.onnx")], seen)


def test_a_symbol_stands_in_its_place_among_the_text() -> None:
    seen = Seen(("<star>", (30, 90, 70, 130)), ("<crown>", (390, 90, 430, 130)))
    (mark,) = marks_of(with_symbols(seen), drawn(["MODEL", "704652"]))
    assert words_of(mark) == ["<star>", "MODEL", "<crown>", "704652"]
    assert seen.lines == 2
    x = [x for x, _ in mark.outline_xy]
    assert min(x) < 30 < 430 < max(x)


def test_a_symbol_beside_text_upside_down_stands_in_its_place_too() -> None:
    photo = upside_down(["MODEL", "704652"])
    (mark,) = marks_of(with_symbols(Seen(("<star>", (545, 145, 585, 190)))), photo)
    assert words_of(mark) == ["<star>", "MODEL", "704652"]
    (mark,) = marks_of(with_symbols(Seen(("<star>", (545, 75, 585, 120)))), photo)
    assert words_of(mark) == ["MODEL", "<star>", "704652"]


def test_a_symbol_far_from_all_text_is_a_mark_of_its_own() -> None:
    first, second = marks_of(with_symbols(Seen(("<star>", (590, 10, 610, 30)))), drawn(["70465"]))
    assert (words_of(first), words_of(second)) == (["70465"], ["<star>"])
    assert np.allclose(np.mean(second.outline_xy, axis=0), (600, 20), atol=1)


def test_an_unknown_symbol_is_told_only_beside_text() -> None:
    (mark,) = marks_of(with_symbols(Seen(("<unknown symbol>", (590, 10, 610, 30)))), drawn(["70465"]))
    assert words_of(mark) == ["70465"]
    (mark,) = marks_of(with_symbols(Seen(("<unknown symbol>", (30, 90, 70, 130)))), drawn(["70465"]))
    assert words_of(mark) == ["<unknown symbol>", "70465"]
    assert min(x for x, _ in mark.outline_xy) < 30


def test_what_stands_inside_a_symbol_is_not_read_as_text_too() -> None:
    (mark,) = marks_of(with_symbols(Seen(("<66 in triangle>", (60, 70, 320, 150)))), drawn(["704652"]))
    assert words_of(mark) == ["<66 in triangle>"]


def test_a_character_read_in_a_named_symbol_is_no_text_of_its_own() -> None:
    (mark,) = marks_of(with_symbols(Seen(("<11 in oval>", (90, 80, 135, 140)))), drawn(["X 70465"]))
    assert words_of(mark) == ["<11 in oval>", "70465"]
    (mark,) = marks_of(with_symbols(Seen(("<unknown symbol>", (90, 80, 135, 140)))), drawn(["X 70465"]))
    assert sorted(words_of(mark), key=len) == ["X", "70465", "<unknown symbol>"]


class Counting:
    """The reader of straight lines, and how many lines it was asked for."""

    def __init__(self, name: str) -> None:
        self.reader, self.name, self.looks = PRINTED, name, ((0,), (), ())
        self.alphabet, self.asked = PRINTED.alphabet, 0

    def read(self, patches: Sequence[Patch]) -> Lattice:
        self.asked += len(patches)
        return replace(self.reader.read(patches), reader=self.name)


def test_a_second_reader_is_asked_only_where_the_first_leaves_a_doubt() -> None:
    first, second = Counting("ppocr"), Counting("other")
    both = StraightMarks(TextFinder(WEIGHTS / "lines.onnx"), [first, second])
    marks_of(both, drawn(["704652"]))
    assert (first.asked, second.asked) == (1, 0)
    marks_of(both, drawn(["906690"]))
    assert (first.asked, second.asked) == (2, 1)


class Asking(Counting):
    """The reader of straight lines, and which ways up it was asked about, line by line."""

    def __init__(self) -> None:
        super().__init__("ppocr")
        self.ways: list[tuple[bool, ...]] = []

    def read(self, patches: Sequence[Patch]) -> Lattice:
        self.ways += [patch.ways for patch in patches]
        return super().read(patches)


def test_the_longest_line_tells_which_way_up_the_others_are_looked_at() -> None:
    asking = Asking()
    straight = StraightMarks(TextFinder(WEIGHTS / "lines.onnx"), [asking])
    both, texts = (False, True), ["906690", "CALIBRE 7.62"]
    (mark,) = marks_of(straight, drawn(texts))
    assert words_of(mark) == ["906690", "CALIBRE", "7.62"]
    (mark,) = marks_of(straight, upside_down(texts))
    assert words_of(mark) == ["906690", "CALIBRE", "7.62"]
    (mark,) = marks_of(straight, drawn(["906690", "8880"]))
    assert words_of(mark) == ["906690", "8880"]
    assert asking.ways == [both, (False,), both, (True,), both, both]


def test_what_attributes_is_given_all_marks_of_a_photo_at_once() -> None:
    asked: list[int] = []

    class Attributor:
        def attribute_marks(self, marks: Sequence[Mark]) -> Sequence[Mark]:
            asked.append(len(marks))
            return [replace(mark, kind="packaging") for mark in marks]

    made = StraightMarks(
        TextFinder(WEIGHTS / "lines.onnx"),
        [PpocrReader(WEIGHTS / "ppocr.onnx")],
        Seen(("<star>", (590, 10, 610, 30))),
        Attributor(),
    )
    assert [mark.kind for mark in marks_of(made, drawn(["70465"]))] == ["packaging", "packaging"]
    assert asked == [2]


def test_lines_are_parted_in_the_order_they_stand_whatever_hashes_are() -> None:
    """Two serials that stand on two lines each: the one that stands first parts them, in every process."""
    code = (
        "from vision.straight import parts_of\n"
        "from vision.types import TextLine\n"
        "from types import SimpleNamespace\n"
        "box = lambda y: ((0.0, y), (90.0, y), (90.0, y + 20.0), (0.0, y + 20.0))\n"
        "lines = tuple(TextLine(box(y), 0.9) for y in (0.0, 40.0, 80.0, 120.0))\n"
        "texts = [['12345678', '87654321'], ['x'], ['87654321', '12345678'], ['y']]\n"
        "print(parts_of(SimpleNamespace(lines=lines), texts))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(5)
    }
    assert len(said) == 1
