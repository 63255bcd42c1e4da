"""From the words an explanation chose to a reading: elements, characters, and how sure each character is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from vision.catalogue.lookalikes import same_shape
from vision.lattice import FLOOR
from vision.match.scripts import as_read
from vision.match.tokens import framed_name, tokens
from vision.match.ways import ARROW, ARROW_WAYS
from vision.types import Character, Element, Explanation, Lattice, Reading, Word
from vision.writing import other_way

# A gap this many times the word's usual one parts it in two on the metal.
PART_GAP = 1.75
ALTERNATIVES = 4
BROAD_ARROW = "<broad arrow>"
LEAST_ALTERNATIVE = 0.02


def reading_of(explanation: Explanation, lattice: Lattice, spellings: Sequence[str]) -> Reading:
    """The reading an explanation stands on, elements clockwise; a sign between letters is an element of its own, and
    what is written from right to left has the letter first that is read first. spellings are legends as people write
    them, with spaces."""
    parted = _parted(tuple(spellings))
    words = [piece for placed in explanation.placed for piece in _pieces(placed.word)]
    return Reading(lattice.reader, tuple(_element(word, lattice, parted.get(word.text)) for word in words))


def _pieces(word: Word) -> list[Word]:
    """A word cut before and after every arrow in it, clockwise: B, a broad arrow and E are three strikes."""
    if ARROW not in word.text or len(word.text) == 1:
        return [word]
    characters = tokens(word.text)
    cuts = sorted({0, len(characters), *(i + d for i, c in enumerate(characters) if c == ARROW for d in (0, 1))})
    pieces = [
        replace(word, text="".join(characters[a:b]), angles=word.angles[a:b], steps=word.steps[a:b])
        for a, b in pairwise(cuts)
    ]
    return pieces[::-1] if word.upside_down else pieces


@lru_cache(maxsize=4)
def _parted(spellings: tuple[str, ...]) -> dict[str, str]:
    """Texts as they are struck to how people write them; of several ways the one with the fewest spaces."""
    parted: dict[str, str] = {}
    for spelling in sorted(spellings, key=lambda s: (-s.count(" "), s)):
        for text in (spelling.replace(" ", ""), spelling.replace(" ", "").upper()):
            parted[text] = spelling
    return parted


def _element(word: Word, lattice: Lattice, spelling: str | None) -> Element:
    written = as_read(word)
    characters = [
        character_of(c, step, angle, word, lattice)
        for c, step, angle in zip(tokens(written.text), written.steps, written.angles, strict=True)
    ]
    first, last = word.places()
    confidence = float(np.exp(np.mean([np.log(max(c.probability, 1e-6)) for c in characters])))
    text = _with_spaces(word, spelling)
    return Element(
        text=text if written is word else other_way(text),
        upside_down=word.upside_down,
        confidence=confidence,
        characters=tuple(characters),
        angle_deg=((first + last) / 2.0) % 360.0 if lattice.circular else None,
        span_deg=last - first if lattice.circular else None,
    )


def character_of(text: str, step: int, angle: float, word: Word, lattice: Lattice) -> Character:
    """One character with the reader's own probabilities at its step: that of its shape, whatever script it stands
    for."""
    probability = np.exp(lattice.rows[word.row].log_probs[step]) * (1.0 - FLOOR)
    own, index = 0.0, -1
    for shape in sorted(ARROW_WAYS if text == ARROW else {text, *same_shape(text)}):
        i = lattice.alphabet.index(shape) if shape in lattice.alphabet else -1
        if i > 0 and probability[i] >= own:
            own, index = float(probability[i]), i
    ranked = [int(i) for i in np.argsort(-probability, kind="stable") if i and i != index][:ALTERNATIVES]
    others = tuple((lattice.alphabet[i], float(probability[i])) for i in ranked if probability[i] >= LEAST_ALTERNATIVE)
    return Character(text, min(1.0, max(own, 0.0)), others, angle_deg=angle if lattice.circular else None)


def _with_spaces(word: Word, spelling: str | None) -> str:
    """The word's text with spaces: those of its spelling where it is a known legend, else wherever the gap is wide."""
    if word.text == ARROW:
        return BROAD_ARROW
    if "<" in word.text:
        return framed_name(word.text) or word.text
    if spelling is not None:
        places = _space_places(spelling)
        return "".join((" " if i in places else "") + c for i, c in enumerate(word.text))
    angles = word.angles[::-1] if word.upside_down else word.angles
    gaps = [(b - a) % 360.0 for a, b in pairwise(angles)]
    if word.upside_down:
        gaps = gaps[::-1]
    if len(gaps) < 2:
        return word.text
    usual = sorted(gaps)[len(gaps) // 2]
    text = word.text[0]
    for i, gap in enumerate(gaps, start=1):
        ends = word.text[i] == "." and not word.text[i + 1 : i + 2].isdecimal()  # a point belongs to what it ends
        text += (" " if gap > PART_GAP * usual and not ends else "") + word.text[i]
    return text


def _space_places(spelling: str) -> frozenset[int]:
    places, count = set(), 0
    for c in spelling:
        if c == " ":
            places.add(count)
        else:
            count += 1
    return frozenset(places)
