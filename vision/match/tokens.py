"""A struck text as its characters: letters, digits, and symbols, which are one character each ("<star>").

A number in a frame is the frame's symbol and then the number ("<circle>10"), which is how readers see it; people name
it as one thing ("<circled 10>").
"""

from __future__ import annotations

import re

from vision.catalogue.lookalikes import fold

FRAMES = ("<circle>", "<triangle>", "<oval>", "<diamond>", "<hexagon>", "<square>")

_TOKEN = re.compile(r"<[^<>]+>|.", re.DOTALL)
_FRAMED_NAME = re.compile(r"<(?:circled (\w+)|(\w+) in (?:double )?(circle|triangle|oval|diamond|hexagon|square))>")
_FRAMED_TEXT = re.compile(r"<(circle|triangle|oval|diamond|hexagon|square)>(\w+)")


def tokens(text: str) -> tuple[str, ...]:
    """The characters of a text.

    >>> tokens("<circle>10")
    ('<circle>', '1', '0')
    """
    return tuple(_TOKEN.findall(text)) if "<" in text else tuple(text)


def is_symbol(text: str) -> bool:
    """Whether a text is one symbol and nothing else."""
    return text.startswith("<") and text.find(">") == len(text) - 1


def unframed(name: str) -> str:
    """A symbol as readers see it: folded, and a framed number as its frame and the number.

    >>> unframed("<10 in double circle>"), unframed("<five-pointed star>")
    ('<circle>10', '<star>')
    """
    match = _FRAMED_NAME.fullmatch(name)
    if match is None:
        return fold(name)
    return f"<{match[3] or 'circle'}>{match[1] or match[2]}"


def framed_name(text: str) -> str | None:
    """What people call a frame with a number in it; None for any other text.

    >>> framed_name("<circle>10"), framed_name("<oval>21")
    ('<circled 10>', '<21 in oval>')
    """
    match = _FRAMED_TEXT.fullmatch(text)
    if match is None:
        return None
    return f"<circled {match[2]}>" if match[1] == "circle" else f"<{match[2]} in {match[1]}>"
