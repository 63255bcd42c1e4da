"""The photo with its marks and characters drawn on it."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from vision.errors import PhotoError
from vision.report import content
from vision.report.canvas import ACCENT, DOUBT_COLOURS, drawable, font
from vision.text import visible
from vision.types import Character, CloseUp, Element, Mark, Result

Polygon = list[tuple[float, float]]

_PLOT_SIDE = 1600


def plot(result: Result) -> Image.Image:
    """The photo of a result, read again from its path, with everything found drawn on it; 1600 px at most.

    Raises: PhotoError when the photo was refused, is gone, or is no longer the file that was examined.
    """
    from vision.photo import open_photo

    if result.photo is None:
        detail = result.failure.detail if result.failure else "There is no photo to draw."
        raise PhotoError(result.failure.code if result.failure else "missing", detail)
    photo = open_photo(result.path)
    if photo.photo.sha256 != result.photo.sha256:
        raise PhotoError("changed", "The photo was changed since it was examined; identify it again.")
    rgb, scale = photo.reduced_rgb(_PLOT_SIDE)
    return draw_marks(CloseUp(rgb, scale), result.marks, (rgb.shape[1], rgb.shape[0]))


def draw_marks(crop: CloseUp, marks: Sequence[Mark], size_wh: tuple[int, int]) -> Image.Image:
    """A crop of the photo at a size, with outlines and characters drawn on it."""
    fine = (size_wh[0] * 2, size_wh[1] * 2)
    image = Image.fromarray(crop.rgb).resize(fine, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(image)
    factor, unit = fine[0] / crop.rgb.shape[1], max(fine) / 500

    def place(points: Sequence[tuple[float, float]]) -> Polygon:
        return [((x + 0.5) * factor, (y + 0.5) * factor) for x, y in points]

    for mark in marks:
        outline = place(crop.place(mark.outline_xy))
        if not outline:
            continue
        frame(draw, outline, ACCENT, unit * 1.6)
        middle = _middle(outline)
        for element in mark.reading.elements if mark.reading else ():
            for character in element.characters:
                if character.outline_xy:
                    points = place(crop.place(character.outline_xy))
                    frame(draw, points, DOUBT_COLOURS[content.doubt(character.probability)], unit * 1.4)
                    if has_letters(element):
                        _letter(draw, points, character, middle, unit)
    return image.resize(size_wh, Image.Resampling.LANCZOS)


def has_letters(element: Element) -> bool:
    """Whether letters are written beside an element's characters: round a head only, where there is room outside it.
    Those of a line would stand on the photo's own text."""
    return element.angle_deg is not None


def _letter(
    draw: ImageDraw.ImageDraw, points: Polygon, character: Character, middle: tuple[float, float], unit: float
) -> None:
    """A character's letter, on the side of its place that is away from the middle of the mark."""
    label = letter(character)
    if not label:
        return
    x, y = _middle(points)
    dx, dy = x - middle[0], y - middle[1]
    length = max(1.0, (dx * dx + dy * dy) ** 0.5)
    reach = max(((px - x) * dx + (py - y) * dy) / length for px, py in points) + unit * 11
    draw.text(
        (x + dx / length * reach, y + dy / length * reach),
        label,
        font=font(round(unit * 17), "bold"),
        fill=DOUBT_COLOURS[content.doubt(character.probability)],
        anchor="mm",
        stroke_width=round(unit * 2),
        stroke_fill="white",
    )


def letter(character: Character) -> str:
    """What is written beside a character's place: nothing for a symbol, or for a character that the font lacks."""
    shown = drawable(visible(character.text))
    return shown if len(shown) == 1 else ""


def frame(draw: ImageDraw.ImageDraw, points: Polygon, colour: str, width: float) -> None:
    """A closed outline with a white edge, so that it shows on any ground."""
    closed = [*points, points[0]]
    draw.line(closed, fill="white", width=round(width * 2.2), joint="curve")
    draw.line(closed, fill=colour, width=max(1, round(width)), joint="curve")


def _middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)
