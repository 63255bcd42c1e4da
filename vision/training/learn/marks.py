"""What is struck on the heads that are rendered for training: the set's marks, and what the model knew before.

Of every two strips one bears a mark of the set, in the layouts of heads; in a third of these the letters of the set are
shuffled into other words, so that characters are learnt and not a list. The other strip bears a random mark of every
script the renderer knows, so that nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vision.catalogue.lookalikes import fold
from vision.catalogue.schema import Pattern
from vision.training.render import MarkSpec, random_mark
from vision.training.render.fonts import drawable
from vision.training.render.marks import ElementSpec
from vision.training.render.symbols import ENCLOSED, STROKES

SHUFFLED = 0.33
_LONGEST = 6


@dataclass(frozen=True, slots=True)
class Struck:
    """What of a set can be rendered. ways are the marks as elements, letters the characters its words are made of;
    left_out are elements that no font and no drawing shows."""

    ways: tuple[tuple[str, ...], ...]
    letters: tuple[str, ...]
    left_out: tuple[str, ...]

    def mark(self, seed: int) -> MarkSpec | None:
        """The mark of a strip: the set's on every other seed, None (a random one) on the rest."""
        if seed % 2 or not self.ways:
            return None
        rng = np.random.default_rng([seed, 2])
        way = self.ways[int(rng.integers(len(self.ways)))]
        if self.letters and rng.random() < SHUFFLED:
            count = int(rng.integers(1, min(_LONGEST, 2 + len(self.letters))))
            word = "".join(self.letters[int(rng.integers(len(self.letters)))] for _ in range(count))
            # No font may have letters of all the set's scripts.
            way = (word,) if drawable(word) else way
        return placed(way, rng)


def struck(patterns: Sequence[Pattern]) -> Struck:
    """The marks of patterns that can be rendered."""
    ways = list(dict.fromkeys(way for pattern in patterns for way in pattern.stampings[:3]))
    elements = list(dict.fromkeys(element for way in ways for element in way))
    able = {element for element in elements if _can_draw(element)}
    letters = {c for element in able if not element.startswith("<") for c in element if c.isalnum()}
    return Struck(
        tuple(way for way in ways if able.issuperset(way)),
        tuple(sorted(letters)),
        tuple(element for element in elements if element not in able),
    )


def _can_draw(element: str) -> bool:
    if element.startswith("<"):
        return element in STROKES or bool(ENCLOSED.fullmatch(element))
    return drawable(element.replace(" ", ""))


def new_labels(known: Sequence[str], what: Struck) -> tuple[str, ...]:
    """known and, after them, the shapes of the set that it lacks."""
    shapes = [fold(letter) for way in what.ways for element in way for letter in _cells(element)]
    return tuple(dict.fromkeys((*known, *shapes)))


def _cells(element: str) -> list[str]:
    return [element] if element in STROKES else [] if element.startswith("<") else [c for c in element if c != " "]


def placed(way: Sequence[str], rng: np.random.Generator) -> MarkSpec:
    """A random mark with the elements of way in the place of its first one."""
    mark = random_mark(rng)
    first, *others = mark.elements
    apart = float(rng.uniform(28, 60))
    start = first.angle_deg - apart * (len(way) - 1) / 2
    turned = [replace(first, text=text, angle_deg=start + i * apart, turn_deg=0.0) for i, text in enumerate(way)]
    if first.upside_down:
        turned = [replace(e, text=text) for e, text in zip(turned, reversed(way), strict=True)]
    reach = apart * len(way) / 2 + 20
    kept = [e for e in others if len(way) == 1 or _away(e, first) > reach]
    return replace(mark, elements=(*turned, *kept))


def _away(one: ElementSpec, other: ElementSpec) -> float:
    return abs((one.angle_deg - other.angle_deg + 180) % 360 - 180)
