"""The number in a frame decides between symbols of that frame, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from vision import framed
from vision.find.symbols import Square
from vision.framed import GAIN, frame_and_text, read_inside, with_text_read
from vision.manifest import models_folder
from vision.match.symbols import Naming
from vision.read.printed import PrintedReader
from vision.training.symbols.drawing import draw, load_symbols

NAMES = (
    "<66 in triangle>",
    "<26 in triangle>",
    "<arrow in triangle>",
    "<T in triangle>",
    "<11 in oval>",
    "<digits in oval>",
    "<star>",
)
PLACE = Square((50.0, 50.0), 40.0, 0.0)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("<66 in triangle>", ("triangle", "66")),
        ("<double circle enclosing 10>", ("double circle", "10")),
        ("<digits in oval>", ("oval", "digits")),
        ("<0138 in box>", ("box", "0138")),
        ("<star>", None),
        ("<star in circle>", None),
    ],
)
def test_a_name_says_its_frame_and_text(name: str, parts: tuple[str, str] | None) -> None:
    assert frame_and_text(name) == parts


@pytest.mark.parametrize(
    ("named", "text", "becomes"),
    [
        ("<26 in triangle>", "66", "<66 in triangle>"),
        ("<arrow in triangle>", "26", "<26 in triangle>"),
        ("<26 in triangle>", "", "<26 in triangle>"),
        ("<arrow in triangle>", "T", "<arrow in triangle>"),
        ("<26 in triangle>", "77", "<26 in triangle>"),
        ("<11 in oval>", "37", "<digits in oval>"),
        ("<digits in oval>", "11", "<11 in oval>"),
        ("<11 in oval>", "7", "<11 in oval>"),
        ("<star>", "66", "<star>"),
    ],
)
def test_what_is_read_decides_within_the_frame(
    named: str, text: str, becomes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framed, "read_inside", lambda *_: text)
    others = [name for name in ("<66 in triangle>", "<11 in oval>") if name != named]
    before = Naming(((named, 0.1), *((name, 0.05) for name in others)), 0.9)
    after = with_text_read(before, NAMES, None, np.zeros((9, 9, 3), np.uint8), PLACE)  # type: ignore[arg-type]
    assert after.name == becomes
    assert after.margin == pytest.approx(0.1 + GAIN if becomes != named else 0.1)
    assert len({name for name, _ in after.ranked}) == len(after.ranked)


@pytest.mark.parametrize(("margin", "becomes"), [(0.2, "<digits in oval>"), (0.05, "<11 in oval>")])
def test_a_name_far_below_the_first_is_misread(margin: float, becomes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framed, "read_inside", lambda *_: "1010")
    ranked = (("<11 in oval>", 0.42), ("<digits in oval>", margin), ("<star>", -0.2))
    for own in (ranked, (ranked[0], ranked[2], ("<66 in triangle>", margin))):
        after = with_text_read(Naming(own, 0.99), NAMES, None, np.zeros((9, 9, 3), np.uint8), PLACE)  # type: ignore[arg-type]
        assert after.name == becomes


@pytest.mark.parametrize(("name", "text"), [("<66 in triangle>", "66"), ("<double circle enclosing 25>", "25")])
@pytest.mark.parametrize("angle_deg", [0.0, 90.0])
def test_a_clear_number_in_its_frame_is_read(name: str, text: str, angle_deg: float) -> None:
    rows, parts = load_symbols()
    row = next(row for row in rows if row.name == name)
    mask = draw(row.drawings[0], 256, parts)
    y, x = (np.flatnonzero((mask > 0.5).any(axis=axis)) for axis in (1, 0))
    picture = np.repeat((200 - 150 * mask).astype(np.uint8)[..., None], 3, axis=2)
    square = Square(((x[0] + x[-1]) / 2, (y[0] + y[-1]) / 2), max(x[-1] - x[0], y[-1] - y[0]) + 1.0, 0.0)
    if angle_deg:
        picture = np.ascontiguousarray(np.rot90(picture, -1))
        square = Square((255 - square.middle_xy[1], square.middle_xy[0]), square.side, 90.0)
    reader = PrintedReader(models_folder() / "weights" / "ppocr.onnx")
    assert read_inside(frame_and_text(name)[0], reader, picture, square) == text  # type: ignore[index]


@pytest.mark.parametrize(("name", "read"), [("<26 in triangle>", False), ("<double circle enclosing 25>", True)])
def test_a_number_is_read_upside_down_only_in_a_frame_that_looks_the_same_so(name: str, read: bool) -> None:
    rows, parts = load_symbols()
    mask = draw(next(row for row in rows if row.name == name).drawings[0], 256, parts)
    y, x = (np.flatnonzero((mask > 0.5).any(axis=axis)) for axis in (1, 0))
    picture = np.repeat((200 - 150 * mask).astype(np.uint8)[..., None], 3, axis=2)
    square = Square(((x[0] + x[-1]) / 2, (y[0] + y[-1]) / 2), max(x[-1] - x[0], y[-1] - y[0]) + 1.0, 180.0)
    frame, text = frame_and_text(name) or ("", "")
    reader = PrintedReader(models_folder() / "weights" / "ppocr.onnx")
    assert (read_inside(frame, reader, picture, square) == text) == read
