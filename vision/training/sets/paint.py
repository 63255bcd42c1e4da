"""What the attributes of a drawing's elements say of its paint and place: ink, ground or none, and the transforms.

A drawing has two colours, black and white. What else would change what is seen, and is not drawn here, is refused: to
leave it out unsaid would teach another symbol than the one that was drawn.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import numpy as np

INK, GROUND = 0, 255
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
INHERITED = ("fill", "stroke", "stroke-width")
_PAINTS = {
    **dict.fromkeys(("none", "transparent"), None),
    **dict.fromkeys(("black", "#000", "#000000", "rgb(0,0,0)", "rgb(0%,0%,0%)", "currentcolor"), INK),
    **dict.fromkeys(("white", "#fff", "#ffffff", "rgb(255,255,255)", "rgb(100%,100%,100%)"), GROUND),
}
# Attributes that hide or change a shape, and what they say where they do neither.
_PLAIN = {
    **dict.fromkeys(("opacity", "fill-opacity", "stroke-opacity"), ("1", "1.0", "100%")),
    "visibility": ("visible",),
    **dict.fromkeys(("clip-path", "mask", "filter", "stroke-dasharray"), ("none",)),
}
_TRANSFORM = re.compile(r"([A-Za-z]+)\s*\(([^()]*)\)[\s,]*")
_FARTHEST = 1e9
Matrix = np.ndarray


def check_plain(attributes: Mapping[str, str]) -> None:
    """Raises ValueError for an attribute that would hide or change a shape in a way that is not drawn."""
    for key, harmless in _PLAIN.items():
        if key in attributes and attributes[key].strip() not in harmless:
            raise ValueError(f"{key} is not drawn; remove it, and what is not to be seen")


def paint(kept: Mapping[str, str], key: str, usual: str) -> int | None:
    """What fill or stroke says: INK, GROUND, or None for nothing. Raises ValueError for any other colour."""
    said = kept.get(key, usual)
    colour = "".join(said.lower().split())
    if colour not in _PAINTS:
        raise ValueError(f"{key} is {said[:40]!r}; draw the symbol black, white where it is cut out")
    return _PAINTS[colour]


def number(text: str) -> float:
    """A number of a drawing. Raises ValueError for one so large that it lies nowhere."""
    value = float(text)
    if not abs(value) <= _FARTHEST:
        raise ValueError(f"the number {text[:20]} is too large; draw the symbol smaller")
    return value


def length(text: str) -> float:
    """A length, its unit left out."""
    found = NUMBER.match(text.strip())
    if found is None:
        raise ValueError(f"{text[:40]!r} is no length; write a number")
    return number(found[0])


def moved(place: Matrix, transform: str) -> Matrix:
    """The place (3, 3) of what has this transform in one at place. Raises ValueError for one that is not known."""
    at, text = 0, transform.strip()
    while at < len(text):
        found = _TRANSFORM.match(text, at)
        if found is None:
            raise ValueError(f"the transform {text[at : at + 40]!r} cannot be read; remove it")
        place, at = place @ _one(found[1], [number(v) for v in NUMBER.findall(found[2])]), found.end()
        if float(np.abs(place).max()) > _FARTHEST:
            raise ValueError("the transforms move it too far; draw the symbol smaller")
    return place


def _one(kind: str, n: list[float]) -> Matrix:
    one = np.eye(3)
    if kind == "matrix" and len(n) == 6:
        one[:2] = [[n[0], n[2], n[4]], [n[1], n[3], n[5]]]
    elif kind == "translate" and len(n) in (1, 2):
        one[:2, 2] = n[0], n[1] if len(n) > 1 else 0.0
    elif kind == "scale" and len(n) in (1, 2):
        one[0, 0], one[1, 1] = n[0], n[-1]
    elif kind == "rotate" and len(n) in (1, 3):
        cos, sin = math.cos(math.radians(n[0])), math.sin(math.radians(n[0]))
        x, y = n[1:] or (0.0, 0.0)
        one[:2] = [[cos, -sin, x - cos * x + sin * y], [sin, cos, y - sin * x - cos * y]]
    elif kind in ("skewX", "skewY") and len(n) == 1 and abs(n[0]) < 89:
        one[(0, 1) if kind == "skewX" else (1, 0)] = math.tan(math.radians(n[0]))
    else:
        raise ValueError(f"the transform {kind[:20]} is not known, or has other numbers than it takes; remove it")
    return one
