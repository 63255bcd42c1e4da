"""A page that grows downwards, drawn with Pillow and the fonts that come with marktrace."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Weight = Literal["plain", "bold"]
Points = list[tuple[float, float]]

PAPER, CARD, WASH = "#fbfaf6", "#ffffff", "#f3efe5"
INK, SOFT, LINE = "#22201c", "#6a655b", "#ddd7ca"
ACCENT, GREY = "#2b4a6f", "#8d8676"
DOUBT_COLOURS = {"sure": "#1c6b5a", "likely": "#a86400", "doubtful": "#b02a1f"}

_FILES = {"plain": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}
_MISSING = "\U0010fffe"  # a noncharacter: what the font draws for it is its sign for "no such character"


@cache
def font(size: int, weight: Weight = "plain") -> ImageFont.FreeTypeFont:
    """DejaVu Sans at a size in pixels."""
    with resources.as_file(resources.files("vision.report") / "fonts" / _FILES[weight]) as path:
        return ImageFont.truetype(str(path), size)


@cache
def _has(character: str) -> bool:
    face = font(20)
    return character.isspace() or bytes(face.getmask(character)) != bytes(face.getmask(_MISSING))


def drawable(text: str) -> str:
    """text with the characters that the font lacks (such as Chinese ones) as their code points, U+5175."""
    return "".join(c if _has(c) else f"U+{ord(c):04X}" for c in text)


class Page:
    """A picture of fixed width with a cursor y that moves down as things are drawn."""

    def __init__(self, width: int, margin: int) -> None:
        self.margin, self.y = margin, float(margin)
        self.image = Image.new("RGB", (width, 2000), PAPER)
        self.draw = ImageDraw.Draw(self.image)

    @property
    def inner_width(self) -> int:
        return self.image.width - 2 * self.margin

    def need(self, bottom: float) -> None:
        """Make the page reach down to bottom."""
        if bottom + self.margin > self.image.height:
            taller = Image.new("RGB", (self.image.width, int(bottom) + 2000), PAPER)
            taller.paste(self.image)
            self.image, self.draw = taller, ImageDraw.Draw(taller)

    def lines(self, text: str, width: float, size: int, weight: Weight = "plain") -> list[str]:
        """text broken into lines of at most width pixels, words longer than a line cut."""
        face, found, line = font(size, weight), [], ""
        for word in drawable(text).split():
            while face.getlength(word) > width:
                cut = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or face.getlength(word[:n]) <= width)
                found += [line, word[:cut]] if line else [word[:cut]]
                line, word = "", word[cut:]
            longer = f"{line} {word}" if line else word
            if face.getlength(longer) <= width:
                line = longer
            else:
                found.append(line)
                line = word
        return [*found, line] if line else found

    def text(
        self, x: float, y: float, text: str, size: int, *, width: float, fill: str = INK, weight: Weight = "plain"
    ) -> float:
        """Draw text with its top left corner at (x, y), wrapped at width, and return where the next line would be."""
        step = round(size * 1.36)
        for line in self.lines(text, width, size, weight):
            self.need(y + step)
            self.draw.text((x, y), line, font=font(size, weight), fill=fill)
            y += step
        return y

    def bar(self, x: float, y: float, width: float, share: float, fill: str) -> None:
        """A horizontal bar, filled to share of its width."""
        self.draw.rounded_rectangle([x, y, x + width, y + 14], 7, fill=WASH, outline=LINE)
        if share * width >= 2:
            self.draw.rounded_rectangle([x, y, x + max(8.0, width * share), y + 14], 7, fill=fill)

    def rule(self, y: float, fill: str = LINE, weight: int = 1) -> None:
        """A line across the page."""
        self.draw.line([(self.margin, y), (self.image.width - self.margin, y)], fill=fill, width=weight)

    def finish(self) -> Image.Image:
        """The page cut off below what was drawn."""
        self.need(self.y)
        return self.image.crop((0, 0, self.image.width, int(self.y) + self.margin))
