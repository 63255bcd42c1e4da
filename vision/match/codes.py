"""The codes of a marking set as they are struck, and how likely each pattern is before anything is read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vision.catalogue.schema import Pattern
from vision.match.tokens import FRAMES, is_symbol, tokens, unframed
from vision.match.ways import ARROW

# Grade C rows and marks inferred but never seen are rarer on real heads than rows somebody has read.
GRADE_C = -0.7
INFERRED = -1.5
# A single letter is never more than possible by itself (R11.1), and old: few finds bear one.
SINGLE_LETTER = -1.0


@dataclass(frozen=True, slots=True)
class Code:
    """One way one pattern's code can be struck: text is its letters, without symbols other than arrows and frames
    round numbers; a code of symbols only is those symbols."""

    pattern: Pattern
    text: str

    @property
    def origin(self) -> str:
        """The same for every row that spells one mark of one plant: letters and digits of the code, country, city."""
        letters = "".join(c for c in self.pattern.code.upper() if c.isalnum())
        letters = re.sub(r"CIRCLED|INDOUBLECIRCLE|INOVAL", "", letters)
        return f"{letters or self.pattern.id} {self.pattern.country} {self.pattern.city}"


def struck_texts(pattern: Pattern) -> set[str]:
    """The pattern's stampings as strings: symbols left out; once more with its arrows, which readers may take for
    letters, and with the frames of its numbers; symbols only where there is nothing else."""
    texts = set()
    for way in pattern.stampings:
        shapes = [unframed(e) if e.startswith("<") else e for e in way]
        plain = "".join(e for e in way if not e.startswith("<"))
        texts.add(plain)
        texts.add("".join(ARROW if e == "<broad arrow>" else "" if e.startswith("<") else e for e in way))
        if not plain or any(not is_symbol(e) and e.startswith(FRAMES) for e in shapes):
            texts.add("".join(shapes))
    return {text for text in texts if text and text.strip(ARROW)}


def own_symbols(pattern: Pattern) -> frozenset[str]:
    """The symbols that stand somewhere in the pattern's stampings, folded."""
    shapes = (unframed(e) for way in pattern.stampings for e in way if e.startswith("<"))
    return frozenset(c for shape in shapes for c in tokens(shape) if len(c) > 1)


def spelled(codes: Mapping[str, Sequence[Code]]) -> list[str]:
    """Every code as its row writes it where that has the same letters ("BROWN BEAR"), else without spaces."""
    found = []
    for text, rows in codes.items():
        written = [c.pattern.code for c in rows if c.pattern.code.replace(" ", "") == text]
        found.extend(written or ([] if "<" in text else [text]))
    return found


def weight(pattern: Pattern, this_year: int) -> float:
    """How much of what is found bears this pattern, before anything is read: long-lived marks more than short-lived,
    and those of plants that load many calibres more than of those that load one."""
    years = (pattern.years_to or this_year) - (pattern.years_from or 1950)
    found = math.sqrt(max(4.0, float(years)) * max(1, len(pattern.calibres)))
    if pattern.grade == "C":
        found *= math.exp(GRADE_C)
    if pattern.inferred:
        found *= math.exp(INFERRED)
    if len(pattern.code) == 1 and pattern.code.isalpha():
        found *= math.exp(SINGLE_LETTER)
    return found
