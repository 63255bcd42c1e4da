"""Drawings are drawn as SVG says, and become symbols that can be named."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from training.sets.made import good_set

from vision.catalogue.taught import load_taught
from vision.manifest import shipped_folder
from vision.training.learn.symbols import teach
from vision.training.sets import check_set, load_set
from vision.training.sets.svg import MARGIN_PX, SIDE_PX, NotDrawable, drawn


def svg(inside: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{inside}</svg>'.encode()


def ink(inside: str) -> float:
    """The share of the drawn square that is ink."""
    inner = drawn(svg(inside))[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX, 0]
    return float((inner < 128).mean())


@pytest.mark.parametrize(
    ("inside", "share"),
    [
        ('<rect x="1" y="1" width="8" height="4"/>', 0.5),
        ('<circle cx="5" cy="5" r="3"/>', np.pi / 4),
        ('<path d="M2 5 A3 3 0 1 1 8 5 A3 3 0 0 1 2 5 Z"/>', np.pi / 4),
        ('<path d="m2 5a3 3 0 016 0a3 3 0 01-6 0z"/>', np.pi / 4),  # flags without blanks
        ('<path d="M0 0 H8 V8 H0 Z M2 2 H6 V6 H2 Z"/>', 0.75),  # a hole
        ('<polygon points="0,0 8,0 0,8"/>', 0.5),
        ('<g transform="rotate(45)"><rect x="1" y="1" width="4" height="4"/></g>', 0.5),
        ('<g transform="translate(3 1) scale(2)"><circle cx="1" cy="1" r="1"/></g>', np.pi / 4),
        ('<path d="M0 8 Q4 -8 8 8 Z"/>', 2 / 3),  # under a parabola
        ('<g fill="none" stroke="black" stroke-width="1"><path d="M0 0 L8 0 L8 8 L0 8 Z"/></g>', 1 - (7 / 8) ** 2),
        ('<defs><circle cx="50" cy="5" r="30"/></defs><rect x="1" y="1" width="8" height="4"/>', 0.5),
        ('<rect width="10" height="10" fill="white"/><circle cx="5" cy="5" r="3"/>', np.pi / 4),
        ('<circle cx="5" cy="5" r="4"/><circle cx="5" cy="5" r="2" fill="#FFF"/>', np.pi / 4 * 0.75),
        ('<circle cx="5" cy="5" r="4"/><path d="M1 5 H9" stroke="white" stroke-width="2"/>', np.pi / 4 - 0.25),
        ('<g display="none"><rect width="9" height="9"/></g><circle cx="5" cy="5" r="3" opacity="1"/>', np.pi / 4),
        ('<rect width="4" height="8" transform="skewX(45)"/>', 32 / 144),
        ('<g transform="scale(1,0.5) skewY(0)"><rect width="4" height="4" fill="currentColor"/></g>', 0.5),
    ],
)
def test_a_drawing_has_as_much_ink_as_its_shapes(inside: str, share: float) -> None:
    assert ink(inside) == pytest.approx(share, abs=0.02)


def test_curves_end_where_they_are_said_to() -> None:
    smooth = drawn(svg('<path d="M0 4 C1 0 3 0 4 4 S7 8 8 4 L8 8 L0 8 Z"/>'))
    assert smooth.shape == (SIDE_PX, SIDE_PX, 3)
    assert (ink('<path d="M0 4 T4 4 T8 4 L8 8 L0 8 Z"/>')) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    "inside",
    ["", '<path d="M0 0 L4 4"/>', '<path d="M0 0 L4"/>', '<path d="4 4"/>', '<path d="M0 0 B4 4"/>',
     '<path d="M0 0 L1e300 4"/>', '<circle r="big"/>', '<g transform="scale()"><circle r="3"/></g>',
     '<path d="M 10 10 L 1e400 4 L 4 4 Z"/>', '<g transform="scale(1e9)">' * 50 + '<circle r="3"/>' + "</g>" * 50,
     '<path d="M0 0 A1e-300 1e-300 0 0 1 4 4"/>', '<circle r="3" fill="white"/>'],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said(inside: str) -> None:
    with pytest.raises(NotDrawable, match=r"; "):
        drawn(svg(inside))


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ('fill="red"', "fill is 'red'; draw the symbol black"),
        ('fill="#231f20"', "fill is '#231f20'"),
        ('stroke="url(#a)"', "stroke is"),
        ('transform="perspective(3)"', "transform perspective is not known"),
        ('transform="scale(2) nonsense"', "'nonsense' cannot be read"),
        ('opacity="0.5"', "opacity is not drawn; remove it"),
        ('fill-opacity="0"', "fill-opacity is not drawn"),
        ('visibility="hidden"', "visibility is not drawn"),
        ('mask="url(#m)"', "mask is not drawn"),
    ],
)
def test_what_would_be_seen_otherwise_than_drawn_is_refused_at_its_line(attribute: str, said: str) -> None:
    inside = f'<circle r="3"/>\n\n<g><path d="M0 0 H8 V8 Z" {attribute}/></g>'
    with pytest.raises(NotDrawable, match=re.escape(said)) as refused:
        drawn(svg(inside))
    assert refused.value.line == 3


def test_a_drawing_that_is_black_all_over_is_no_symbol(tmp_path: Path) -> None:
    with pytest.raises(NotDrawable, match="nearly all of it is black; "):
        drawn(svg('<rect width="9" height="9"/><circle cx="4" cy="4" r="2"/>'))
    folder = good_set(tmp_path / "set")
    (folder / "symbols/lion.svg").unlink()
    for shade, said in ((0, "nearly all of it is black"), (255, "nothing in it stands out")):
        Image.new("L", (90, 90), shade).save(folder / "symbols/lion.png")
        (fault,) = check_set(folder)
        assert str(fault).startswith(f"symbols/lion.png:1: {said}")


def test_a_drawings_fault_stands_with_its_file_line_and_remedy(tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    (folder / "symbols/lion.svg").write_bytes(svg('\n<circle r="3"/>\n<circle r="2" fill="gold"/>'))
    assert [str(fault) for fault in check_set(folder)] == [
        "symbols/lion.svg:3: cannot be drawn: fill is 'gold'; draw the symbol black, white where it is cut out"
    ]


def test_a_sets_drawings_become_symbols_of_the_package(tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    (folder / "symbols/lion.svg").write_bytes(svg('<path d="M1 1 L9 1 L5 9 Z M4 3 H6 V5 H4 Z"/>'))
    models = tmp_path / "models"
    shutil.copytree(shipped_folder(), models)
    found = load_set(folder)
    assert teach(found, models) == ("<lion>",)
    assert "<lion>" in {one.name for one in load_taught(models / "markings")}
    assert teach(found, models) == ()
