"""Characters that look alike, decided by the forms that serials have: in B1O45 the O is a 0.

A word that is of no form takes other characters of the same look where that makes it of one, provided that the reader
saw something of each; letters of two scripts that are struck alike need not have been seen. What is taken for what
stands in the catalogue's lookalikes. The reader's own
probabilities stay with the characters, so what was read first is their first alternative. Numbers of digits alone, and
words without any, are never touched; but a short word before a number is also asked what it is together with that: 3Д
before 4048 is ЗД.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise, product

import numpy as np

from vision.catalogue.lookalikes import confusable, same_shape
from vision.catalogue.serials import SerialFormat
from vision.lattice import FLOOR
from vision.match.scripts import in_one_script
from vision.match.tokens import tokens
from vision.types import Lattice, Word

Fits = Callable[[str], bool]

# Characters of a word from which its form says something, and how many of them may be doubtful; and how
# many texts are tried.
LEAST_FORMED, MOST_DOUBTFUL, MOST_TEXTS = 5, 6, 512
# What the reader must have given a character at least, at its place.
LEAST_SEEN = 3e-3
# A prefix that stands apart from its number: so many characters at most, before as many digits at least.
LONGEST_PREFIX, LEAST_DIGITS = 3, 3


def of_any(forms: Iterable[SerialFormat]) -> Fits:
    """Whether a text is of one of these forms, those of dates, proofs and the like left out."""
    patterns = tuple(dict.fromkeys(form.pattern for form in forms if form.role in ("maker", "part")))
    return lambda text: any(pattern.fullmatch(text) for pattern in patterns)


def as_formed(words: Sequence[Word], lattice: Lattice, fits: Fits) -> list[Word]:
    """The words of one line in reading order, each as the likeliest text of a form where what was read is of none."""
    found = [_formed(word, lattice, fits) for word in words]
    for i, (word, number) in enumerate(pairwise(found)):
        found[i] = _before_number(word, number.text, lattice, fits)
    return found


def _formed(word: Word, lattice: Lattice, fits: Fits) -> Word:
    characters = tokens(word.text)
    mixed = any(c.isdecimal() for c in characters) and any(c.isalpha() for c in characters)
    if len(characters) < LEAST_FORMED or not mixed or fits(word.text):
        return word
    return next((replace(word, text=text) for text in _texts(word, lattice) if fits(text)), word)


def _before_number(word: Word, number: str, lattice: Lattice, fits: Fits) -> Word:
    """A short word before a number of digits, as the likeliest text that makes the two of one form."""
    short = len(tokens(word.text)) <= LONGEST_PREFIX and not word.text.isdecimal()
    if not short or len(number) < LEAST_DIGITS or not number.isdecimal() or fits(word.text + number):
        return word
    return next((replace(word, text=text) for text in _texts(word, lattice) if fits(text + number)), word)


def _texts(word: Word, lattice: Lattice) -> list[str]:
    """What a word may be beside what was read, each in one script, the likeliest first."""
    characters = tokens(word.text)
    ways = [_ways(c, step, word, lattice) for c, step in zip(characters, word.steps, strict=True)]
    if sum(len(way) > 1 for way in ways) > MOST_DOUBTFUL:
        return []
    texts = sorted((-sum(gain for _, gain in one), "".join(c for c, _ in one)) for one in product(*ways))
    return [text for _, text in texts[:MOST_TEXTS] if in_one_script(text) == text]


def _ways(character: str, step: int, word: Word, lattice: Lattice) -> list[tuple[str, float]]:
    """What may stand for a character, with its log-probability: itself, what is struck alike, what was seen there."""
    seen = np.exp(lattice.rows[word.row].log_probs[step]) * (1.0 - FLOOR)
    column = {c: i for i, c in enumerate(lattice.alphabet)}
    own = float(seen[column[character]]) if character in column else 0.0
    found = {character: own, **dict.fromkeys(sorted(same_shape(character)), own)}
    for other in sorted(confusable(character)):
        if other in column and seen[column[other]] >= LEAST_SEEN:
            found.setdefault(other, float(seen[column[other]]))
    return [(c, float(np.log(max(p, 1e-6)))) for c, p in found.items()]
