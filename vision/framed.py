"""The number in a framed symbol, read: 66, 26 and 386 in a triangle are one shape to the namer when they are small.

Only what tells symbols of one frame apart is decided here; that it is this frame, the namer has said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from vision.find.symbols import Square
from vision.match.line import read_lines
from vision.match.symbols import Naming
from vision.read.protocol import Patch, Reader
from vision.types import Rgb

_FRAMED = re.compile(r"<(?:(.+) in (triangle|oval|box)|(double circle) enclosing (.+))>")
# Where the text of a frame stands: left, top, right, bottom from the symbol's middle, in shares of its longer side.
_PLACES = {
    "triangle": (-0.3, -0.08, 0.3, 0.44),
    "oval": (-0.32, -0.2, 0.32, 0.2),
    "box": (-0.45, -0.18, 0.45, 0.18),
    "double circle": (-0.28, -0.2, 0.28, 0.2),
}
# Frames that look the same the other way up: what is in them may be read so.
_EITHER_WAY_UP = ("oval", "box", "double circle")
# How much what is read adds to the name it stands for, and how far below the first that may be: a number that the namer
# is surer of is misread (an 11 with a scratch across it as 1010).
GAIN, MOST_BELOW = 0.2, 0.3
_ROWS = 48


def frame_and_text(name: str) -> tuple[str, str] | None:
    """The frame of a symbol and the text or what else is in it ("digits" for any number); None where it has no frame.

    >>> frame_and_text("<double circle enclosing 10>")
    ('double circle', '10')
    """
    match = _FRAMED.fullmatch(name)
    if match is None:
        return None
    return (match[2], match[1]) if match[2] else (match[3], match[4])


def with_text_read(naming: Naming, names: Sequence[str], reader: Reader, rgb: Rgb, square: Square) -> Naming:
    """A naming with what stands in the frame read: the symbol of that frame and text comes first, a frame with another
    number in it is the one for any digits, where names has such."""
    frame = frame_and_text(naming.name)
    if frame is None:
        return naming
    family = {text: name for name in names if (own := frame_and_text(name)) and own[0] == frame[0] for text in [own[1]]}
    text = read_inside(frame[0], reader, rgb, square)
    if not any(c.isdecimal() for c in text):  # an arrow reads as T
        return naming
    chosen = family.get(text) or (family.get("digits") if text.isdecimal() and len(text) > 1 else None)
    if chosen is None or _below(naming, chosen) > MOST_BELOW:
        return naming
    others = tuple(one for one in naming.ranked if one[0] != chosen)
    return Naming(((chosen, naming.margin + GAIN), *others[:2]), naming.whole)


def _below(naming: Naming, name: str) -> float:
    """How far below the first a name is: at least as far as the last where it is none of the ranked."""
    margins = dict(naming.ranked)
    return naming.margin - margins.get(name, naming.ranked[-1][1])


def read_inside(frame: str, reader: Reader, rgb: Rgb, square: Square) -> str:
    """The text in a frame that stands in a square of a picture (H, W, 3): digits and capitals, as one word."""
    left, top, right, bottom = _PLACES[frame]
    wide = max(_ROWS, round(_ROWS * (right - left) / (bottom - top)))
    unit = (np.array(square.moved(1.0, 0.0, 1.0).middle_xy), np.array(square.moved(0.0, 1.0, 1.0).middle_xy))
    middle = np.array(square.middle_xy)
    along, down = unit[0] - middle, unit[1] - middle
    corners = [middle + x * along + y * down for x, y in ((left, top), (right, top), (right, bottom))]
    target = np.array([(-0.5, -0.5), (wide - 0.5, -0.5), (wide - 0.5, _ROWS - 0.5)], np.float32)
    matrix = cv2.getAffineTransform(np.array(corners, np.float32), target)
    patch = cv2.warpAffine(rgb, matrix, (wide, _ROWS), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    ways = (False, True) if frame in _EITHER_WAY_UP else (False,)
    said = reader.read([Patch(np.asarray(patch, np.uint8), ways=ways)])
    said = replace(said, rows=tuple(row for row in said.rows if row.upside_down in ways))
    (words,) = read_lines([said])
    return "".join(c for word in words for c in word.text.upper() if c.isalnum())
