"""Sheets of marks along straight lines: told, framed and shown as they stand on a receiver, a slide or a crate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import drawn
import numpy as np
import pytest
from PIL import Image, ImageDraw

from vision.report import content, picture, sheet
from vision.report.canvas import ACCENT
from vision.report.overlay import draw_marks
from vision.types import Character, CloseUp, Element, Field, Mark, Points, Reading, Result, Views

GROUND = 128
MODEL = Field("model", "56", "Type 56", "wm-cn-56", "a book", "A", "made from 1956")


def box(left: float, top: float, right: float, bottom: float) -> Points:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def word(text: str, left: float, *alternatives: tuple[str, float], upside_down: bool = False) -> Element:
    place = box(left, 100.0, left + 80.0, 180.0)
    character = Character(text, 0.95, alternatives, outline_xy=place)
    return Element(text, upside_down, 0.95, (character,), outline_xy=place)


def result(*elements: Element, fields: tuple[Field, ...] = ()) -> Result:
    mark = Mark("t1", "factory_mark", box(0, 60, 590, 230), 0.9, reading=Reading("printed", elements), fields=fields)
    return replace(drawn.empty_result(), marks=(mark,))


def views() -> Views:
    """A grey photo with a black square where the element of word(..., 300) stands."""
    rgb = np.full((300, 600, 3), GROUND, np.uint8)
    rgb[110:170, 310:370] = 0
    return Views(rgb, 1.0)


def drawn_lines(monkeypatch: pytest.MonkeyPatch, of: Result) -> list[tuple[float, float, str]]:
    """The texts written on the picture of a result, with where each begins and ends."""
    written = []
    plain = ImageDraw.ImageDraw.text

    def text(draw: ImageDraw.ImageDraw, xy: tuple[float, float], said: str, *rest: object, **how: object) -> None:
        plain(draw, xy, said, *rest, **how)  # type: ignore[arg-type]
        look = {name: how[name] for name in ("font", "anchor") if name in how}
        left, _, right, _ = draw.textbbox(xy, said, **look)  # type: ignore[arg-type]
        written.append((left, right, said))

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", text)
    picture.picture(of, views())
    return written


def test_a_line_turned_by_half_is_upside_down_and_has_no_centre() -> None:
    assert content.element_note(word("A", 300.0, upside_down=True)) == "upside down"
    assert content.element_note(Element("A", True, 0.9, angle_deg=180.0)) == "at 6 o'clock, tops towards the centre"
    assert content.element_note(word("<unknown symbol>", 300.0, upside_down=True)) == ""


def test_the_dossier_tells_turned_text_as_the_sheet_does() -> None:
    template = Path(sheet.__file__).parent.joinpath("templates/dossier.html.j2").read_text("utf-8")
    assert "content.turned_note" in template
    assert "tops towards" not in template


def test_no_letters_are_drawn_over_a_straight_line() -> None:
    def over(text: str) -> bytes:
        (mark,) = result(word(text, 300.0)).marks
        return draw_marks(CloseUp(views().photo_rgb, 1.0), [mark], (600, 300)).tobytes()

    assert over("W") == over("I")  # the frame, and nothing else
    html = sheet.page([(result(word("W", 300.0)), views())], 5)
    assert 'paint-order="stroke">W</text>' not in html
    assert "its letter beside it" not in html
    assert "its letter beside it" in sheet.page([(drawn.result(), drawn.views())], 5)


def test_a_marks_number_is_wholly_in_the_picture_of_the_photo() -> None:
    found = result(word("A", 10.0))
    two = replace(found, marks=found.marks * 2)
    assert '<text x="18.0" y="60.0"' in sheet.page([(two, views())], 5)
    image = picture.picture(two, views())
    accent = np.array([int(ACCENT[i : i + 2], 16) for i in (1, 3, 5)])
    inked = np.abs(np.asarray(image).astype(int) - accent).max(axis=-1) < 24
    plain = np.abs(np.asarray(picture.picture(found, views())).astype(int) - accent).max(axis=-1) < 24
    assert inked.sum() > plain.sum()


def test_both_sheets_say_what_was_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    found = result(word("5", 300.0), fields=(MODEL,))
    said = " ".join(line for _, _, line in drawn_lines(monkeypatch, found))
    html = sheet.page([(found, views())], 5)
    for needed in ("Type 56 (read as 56)", "made from 1956", "grade A"):
        assert needed in said
        assert needed in html


def test_long_alternatives_stay_on_their_card(monkeypatch: pytest.MonkeyPatch) -> None:
    long = ("<triangle with altitude line in circle>", 0.02)
    lines = drawn_lines(monkeypatch, result(word("<lion>", 10.0, long), word("<star>", 300.0, long)))
    cards = [(left, right) for left, right, said in lines if said in ("<lion>", "<star>")]
    others = [(left, right) for left, right, said in lines if "altitude" in said]
    assert len(cards) == len(others) == 2
    for (left, right), (other_left, other_right) in zip(cards, others, strict=True):
        assert abs((left + right) - (other_left + other_right)) < 4
        assert other_right - other_left <= right - left + 20


def test_an_unknown_symbol_is_shown_as_it_stands_in_the_photo() -> None:
    unknown, known = result(word("<unknown symbol>", 300.0)), result(word("<star>", 300.0))
    assert sheet.page([(unknown, views())], 5).count('<img class="symbol"') == 1
    assert '<img class="symbol"' not in sheet.page([(known, views())], 5)
    assert '<img class="symbol"' not in sheet.page([(unknown, None)], 5)
    assert black(picture.picture(unknown, views())) > black(picture.picture(known, views())) + 1000


def black(image: Image.Image) -> int:
    return int((np.asarray(image).max(axis=-1) < 12).sum())
