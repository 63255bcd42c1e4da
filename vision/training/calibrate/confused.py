"""What is taken for what: characters by where they stand on the head, codes by what the first candidate bears."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from vision.catalogue.lookalikes import fold
from vision.catalogue.schema import MarkingSet
from vision.training.calibrate.examples import Example
from vision.training.render import ElementTruth
from vision.types import Explanation

# A character read this near (degrees) to one that is struck, tops the same way, is a reading of it.
NEAR_DEG = 8.0
MISSED = "nothing"
_TOKENS = re.compile(r"<[^>]*>|\S")


def characters(examples: Sequence[Example]) -> Counter[tuple[str, str]]:
    """How often each character struck was read as each (MISSED where nothing was), shapes folded across scripts."""
    pairs: Counter[tuple[str, str]] = Counter()
    for one in examples:
        best = max(one.explanations, key=lambda e: e.score)
        read = list(_read(best))
        for element in one.struck:
            for text, angle in _struck(element):
                near = [
                    (abs((angle - at + 180.0) % 360.0 - 180.0), other)
                    for other, at, turned in read
                    if turned == element.upside_down
                ]
                away, other = min(near, default=(360.0, MISSED))
                pairs[fold(text), fold(other) if away <= NEAR_DEG else MISSED] += 1
    return pairs


def codes(examples: Sequence[Example], markings: MarkingSet) -> Counter[tuple[str, str]]:
    """How often a code ("none": no code of the marking set) was explained best by another pattern's (or by none)."""
    pairs: Counter[tuple[str, str]] = Counter()
    for one in examples:
        best = max(one.explanations, key=lambda e: e.score)
        true = markings.by_id[one.truth].code if one.truth else "none"
        named = markings.by_id[best.pattern].code if best.pattern else "none"
        if named != true:
            pairs[true, named] += 1
    return pairs


def _read(explanation: Explanation) -> Iterator[tuple[str, float, bool]]:
    """(character, degrees, tops inwards) of everything an explanation reads."""
    for placed in explanation.placed:
        word = placed.word
        for text, angle in zip(_TOKENS.findall(word.text), word.angles, strict=False):
            yield text, angle, word.upside_down


def _struck(element: ElementTruth) -> Iterator[tuple[str, float]]:
    """(character, degrees) of an element, its characters taken to be of one width; spaces take theirs."""
    texts = re.findall(r"<[^>]*>|.", element.text)
    step = element.span_deg / len(texts) * (-1.0 if element.upside_down else 1.0)
    for n, text in enumerate(texts):
        if not text.isspace():
            yield text, element.angle_deg + (n - (len(texts) - 1) / 2.0) * step


def rows(pairs: Counter[tuple[str, str]], most: int) -> list[str]:
    """A table of the commonest pairs that are no match; what was merely missed is no pair."""
    wrong = [(pair, n) for pair, n in sorted(pairs.items(), key=lambda p: (-p[1], p[0]))
             if pair[0] != pair[1] and pair[1] != MISSED]  # fmt: skip
    cells = ["| struck | taken for | times |", "|---|---|---|"]
    return [*cells, *(f"| {_cell(true)} | {_cell(read)} | {n} |" for (true, read), n in wrong[:most])]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
