"""What calibration renders are struck with: marks of the marking set, marks that are in no row, and none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vision.catalogue.lookalikes import fold
from vision.catalogue.schema import MarkingSet, Pattern
from vision.training.render import ElementSpec, MarkSpec, random_mark

# Shares of the renders: a code of no row beside a year, a whole random mark, a bare head, a photo without any head.
# The rest bears a pattern of the marking set.
UNKNOWN_CODE, UNKNOWN_MARK, BARE, NO_HEAD = 0.09, 0.09, 0.06, 0.06
LETTERS = "ABCDEFGHIKLMNOPRSTUVWXZ"


@dataclass(frozen=True, slots=True)
class Struck:
    """What one render shows: the pattern (None: none of the marking set), and the mark (None: no head at all)."""

    pattern: Pattern | None
    mark: MarkSpec | None


class Marks:
    """Draws marks of one marking set; priors are the log-probabilities by pattern id that the matcher expects."""

    def __init__(self, markings: MarkingSet, priors: Mapping[str, float]) -> None:
        self._patterns = [markings.by_id[i] for i in sorted(priors) if _plain_ways(markings.by_id[i])]
        weights = np.exp([priors[p.id] for p in self._patterns])
        self._weights = weights / weights.sum()
        self._codes = {_shape("".join(way)) for p in markings.patterns for way in p.stampings}
        self._legends = {c.name: [text for text in c.legends if text.isascii()] for c in markings.calibres}

    def draw(self, rng: np.random.Generator) -> Struck:
        """What the next render shows; the same state of rng gives the same."""
        share = rng.random()
        if share < UNKNOWN_CODE:
            return Struck(None, self.unknown_code(rng))
        if share < UNKNOWN_CODE + UNKNOWN_MARK:
            return Struck(None, self._unknown_mark(rng))
        if share < UNKNOWN_CODE + UNKNOWN_MARK + BARE:
            return Struck(None, MarkSpec(()))
        if share < UNKNOWN_CODE + UNKNOWN_MARK + BARE + NO_HEAD:
            return Struck(None, None)
        pattern = self._patterns[int(rng.choice(len(self._patterns), p=self._weights))]
        code = " ".join(_plain_ways(pattern)[0])
        if pattern.script == "hebrew":
            code = code[::-1]  # text is struck from left to right
        return Struck(pattern, spread(rng, [code, *self._companions(rng, pattern)]))

    def _companions(self, rng: np.random.Generator, pattern: Pattern) -> list[str]:
        """The year and the calibre that stand beside the code, where the pattern's row has them."""
        beside: list[str] = []
        if pattern.year_style != "none":
            first, last = pattern.years_from or 1930, min(pattern.years_to or 2020, 2025)
            year = int(rng.integers(first, max(first, last) + 1))
            beside = [str(year) if pattern.year_style == "four-digit" else f"{year % 100:02d}"]
        if pattern.calibres and (not beside or rng.random() < 0.3):
            legends = self._legends.get(str(rng.choice(pattern.calibres)))
            beside += [str(rng.choice(legends))] if legends else []
        return beside

    def unknown_code(self, rng: np.random.Generator) -> MarkSpec:
        """A code of two to four letters that stands in no row, beside a year."""
        while True:
            code = "".join(rng.choice(list(LETTERS), int(rng.integers(2, 5))))
            if _shape(code) not in self._codes:
                return spread(rng, [code, f"{int(rng.integers(40, 100)):02d}"])

    def _unknown_mark(self, rng: np.random.Generator) -> MarkSpec:
        while True:
            mark = random_mark(rng)
            if _shape(mark.elements[0].text) not in self._codes:
                return mark


def spread(rng: np.random.Generator, texts: Sequence[str]) -> MarkSpec:
    """The elements evenly round the head, the first at 12 o'clock, the others upside down half the time."""
    step, turned = 360.0 / len(texts), bool(rng.random() < 0.5)
    elements = [ElementSpec(t, i * step, upside_down=turned and i > 0) for i, t in enumerate(texts)]
    return MarkSpec(tuple(elements), pocket_ratio=float(rng.uniform(0.4, 0.52)), height=float(rng.uniform(0.16, 0.26)))


def _plain_ways(pattern: Pattern) -> list[tuple[str, ...]]:
    """The ways a pattern's code is struck in characters alone."""
    return [way for way in pattern.stampings if not any(e.startswith("<") for e in way)]


def _shape(text: str) -> str:
    """What is left of a code when scripts, cases and spaces are not told apart."""
    return "".join(fold(c) for c in text if not c.isspace()).upper()
