"""Every symbol of the marking set can be drawn, is seen on metal, and looks the same for the same seed."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from vision.errors import KitError
from vision.manifest import models_folder
from vision.training.symbols.drawing import SymbolRow, chosen, draw, load_symbols, star_points
from vision.training.symbols.invented import FRAMES, invented
from vision.training.symbols.render import SHARE, SIDE, bare, drawn, framed, photographed

ROWS, PARTS = load_symbols()


def test_the_marking_set_has_its_88_symbols() -> None:
    assert [row.id for row in ROWS] == [f"S{n:02d}" for n in range(1, 89)]
    assert len({row.name for row in ROWS}) == 88
    assert all(row.name.startswith("<") and row.name.endswith(">") for row in ROWS)
    assert {row.grade for row in ROWS} <= {"A", "B", "C"}


def test_look_alikes_are_other_symbols_of_the_set() -> None:
    ids = {row.id for row in ROWS}
    for row in ROWS:
        assert set(row.look_alikes) <= ids - {row.id}, row.id


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_every_way_of_drawing_a_symbol_leaves_ink_inside_its_sheet(row: SymbolRow) -> None:
    for drawing in row.drawings:
        mask = draw(drawing, 96, PARTS)
        assert 0.01 < float((mask > 0.5).mean()) < 0.6
        border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
        assert float(border.max()) == 0.0


def test_no_two_symbols_are_drawn_alike() -> None:
    inks = np.stack([drawn(row.drawings[0], PARTS)[..., 0].reshape(-1) < 128 for row in ROWS]).astype(np.float32)
    both = inks @ inks.T
    either = inks.sum(1)[:, None] + inks.sum(1)[None] - both
    alike = both / either
    np.fill_diagonal(alike, 0.0)
    first, second = np.unravel_index(alike.argmax(), alike.shape)
    assert alike.max() < 0.97, (ROWS[first].name, ROWS[second].name)


@pytest.mark.parametrize(
    "drawing",
    ["sphere 50,50 3", "line 1,2 x,4", "disc 50,50", "poly", "use nothing 50,50 1", "star 50,50 five 3,1", "line"],
)
def test_a_step_that_cannot_be_drawn_is_named(drawing: str) -> None:
    with pytest.raises(KitError, match=f"'{drawing}' cannot be drawn"):
        draw(f"circle 50,50 40; {drawing}", 60, PARTS)


def test_mirror_draws_both_sides_and_takes_away_from_both() -> None:
    both = draw("mirror disc 20,50 10", 128, PARTS)
    assert both[64, 35] == both[64, 92] == 1.0
    holes = draw("fill 0,30 100,30 100,70 0,70; mirror hole 20,50 10", 128, PARTS)
    assert holes[64, 35] == holes[64, 92] == 0.0
    assert holes[64, 64] == 1.0


def test_text_in_braces_is_chosen_by_chance_and_stands_first_without() -> None:
    assert chosen("{a/b}{12}", None) == "a12"
    rng = np.random.default_rng(1)
    seen = {chosen("{a/b}{12}", rng) for _ in range(40)}
    assert {text[0] for text in seen} == {"a", "b"}
    assert all(text[1:].isdecimal() and len(text) == 3 for text in seen)


def test_a_star_has_its_first_point_up() -> None:
    assert star_points(50, 50, 5, 40, 20)[0] == pytest.approx((50, 10))
    assert len(star_points(50, 50, 7, 40, 20)) == 14


def test_ink_is_framed_in_the_middle_at_its_share() -> None:
    mask = np.zeros((200, 300), np.float32)
    mask[20:60, 200:280] = 1
    out = framed(mask, 64) > 0.5
    rows, columns = np.flatnonzero(out.any(axis=1)), np.flatnonzero(out.any(axis=0))
    assert columns[-1] - columns[0] + 1 == pytest.approx(SHARE * 64, abs=2)
    assert (columns[0] + columns[-1]) / 2 == pytest.approx(31.5, abs=1)
    assert (rows[0] + rows[-1]) / 2 == pytest.approx(31.5, abs=1)
    assert not framed(np.zeros((9, 9), np.float32), 64).any()


def test_a_picture_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first, again, other = (photographed(ROWS[0].drawings[0], PARTS, np.random.default_rng(n)) for n in (3, 3, 4))
    assert first.shape == (SIDE, SIDE, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.array_equal(bare(np.random.default_rng(5), PARTS), bare(np.random.default_rng(5), PARTS))


def test_most_pictures_show_strokes_where_the_drawing_has_them() -> None:
    edges = []
    for n in range(24):
        picture = photographed("circle 50,50 45", PARTS, np.random.default_rng(n)).astype(np.float32).mean(axis=2)
        steep = np.hypot(*np.gradient(picture))
        y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
        ring = np.abs(np.hypot(x, y) - SHARE * SIDE / 2 * 0.95) < 5
        edges.append(steep[ring].mean() / steep[np.hypot(x, y) < 12].mean())
    assert np.mean(np.array(edges) > 1.2) > 0.8


def test_invented_symbols_are_none_of_ours_and_never_end() -> None:
    ours = {drawing for row in ROWS for drawing in row.drawings}
    made = [invented(family, member) for family in range(40) for member in range(4)]
    assert len(set(made)) > 0.97 * len(made)
    assert not ours.intersection(made)
    assert made[0].split(";")[0] in FRAMES or made[0].split()[0] in ("sign", "mirror", "line", "circle", "disc")
    for drawing in made[:15]:
        assert draw(drawing, 64, PARTS).max() > 0.5


def test_unseen_invented_symbols_share_no_sign_with_those_that_training_sees() -> None:
    def signs(unseen: bool) -> set[str]:
        made = [invented(family, member, unseen) for family in range(60) for member in range(4)]
        steps = [step.split() for drawing in made for step in drawing.split(";")]
        return {step[-1] for step in steps if step[0] in ("sign", "text")}

    assert not signs(True) & signs(False)


def test_the_table_names_its_columns() -> None:
    path = Path(models_folder()) / "markings" / "symbols.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        assert csv.DictReader(stream).fieldnames == ["id", "name", "drawings", "look_alikes", "grade"]
