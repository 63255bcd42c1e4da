"""Drawings are drawn as SVG says, and become symbols that can be named."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from training.sets.made import good_set

from vision.catalogue.taught import load_taught
from vision.manifest import shipped_folder
from vision.training.learn.symbols import teach
from vision.training.sets import load_set
from vision.training.sets.svg import MARGIN_PX, SIDE_PX, drawn


def svg(inside: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{inside}</svg>'.encode()


def ink(inside: str) -> float:
    """The share of the drawn square that is ink."""
    inner = drawn(svg(inside))[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX, 0]
    return float((inner < 128).mean())


@pytest.mark.parametrize(
    ("inside", "share"),
    [
        ('<rect x="1" y="1" width="4" height="4"/>', 1.0),
        ('<circle cx="5" cy="5" r="3"/>', np.pi / 4),
        ('<path d="M2 5 A3 3 0 1 1 8 5 A3 3 0 0 1 2 5 Z"/>', np.pi / 4),
        ('<path d="m2 5a3 3 0 016 0a3 3 0 01-6 0z"/>', np.pi / 4),  # flags without blanks
        ('<path d="M0 0 H8 V8 H0 Z M2 2 H6 V6 H2 Z"/>', 0.75),  # a hole
        ('<polygon points="0,0 8,0 0,8"/>', 0.5),
        ('<g transform="rotate(45)"><rect x="1" y="1" width="4" height="4"/></g>', 0.5),
        ('<g transform="translate(3 1) scale(2)"><circle cx="1" cy="1" r="1"/></g>', np.pi / 4),
        ('<path d="M0 8 Q4 -8 8 8 Z"/>', 2 / 3),  # under a parabola
        ('<g fill="none" stroke="black" stroke-width="1"><path d="M0 0 L8 0 L8 8 L0 8 Z"/></g>', 1 - (7 / 8) ** 2),
        ('<defs><circle cx="50" cy="5" r="30"/></defs><rect x="1" y="1" width="4" height="4"/>', 1.0),
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
     '<path d="M0 0 L1e300 4"/>', '<circle r="big"/>', '<g transform="scale()"><circle r="3"/></g>'],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said(inside: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        drawn(svg(inside))


def test_a_sets_drawings_become_symbols_of_the_package(tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    (folder / "symbols/lion.svg").write_bytes(svg('<path d="M1 1 L9 1 L5 9 Z M4 3 H6 V5 H4 Z"/>'))
    models = tmp_path / "models"
    shutil.copytree(shipped_folder(), models)
    found = load_set(folder)
    assert teach(found, models) == ("<lion>",)
    assert "<lion>" in {one.name for one in load_taught(models / "markings")}
    assert teach(found, models) == ()
