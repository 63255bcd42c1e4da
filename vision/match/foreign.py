"""Words in letters that the first reader does not know: Cyrillic, Arabic, Hebrew, their figures.

The first reader makes Latin letters or nothing of them. Where a further reader is sure of several such letters in one
word, its word stands there instead. What is written from right to left is put in the order it is read in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from vision.lattice import UNKNOWN
from vision.match.scripts import as_read
from vision.types import Lattice, Word

# Of a word's characters, the share at least that the first reader does not know; a single one must be as much as half
# of them, since a worn 3 is taken for a Cyrillic letter now and then. How sure the further reader must be of those, on
# the average.
LEAST_SHARE, LEAST_ALONE, LEAST_SURE = 0.2, 0.5, 0.5
# Pixels by which readers put one character at different places.
OFF_PX = 16.0


def unknown_to(lattice: Lattice, rows: Iterable[int]) -> frozenset[str]:
    """The letters and figures of a lattice that the reader of these rows does not know."""
    known = np.ones(len(lattice.alphabet), bool)
    for i in rows:
        known &= (lattice.rows[i].log_probs == UNKNOWN).all(axis=0)
    return frozenset(
        c for c, never in zip(lattice.alphabet, known, strict=True) if never and len(c) == 1 and c.isalnum()
    )


def foreign_weight(word: Word, lattice: Lattice, unknown: Collection[str]) -> float:
    """The probabilities, added up, of a further reader's letters that the first does not know; 0 where they are too few
    or too doubtful for the word to stand in the place of the first reader's."""
    if "<" in word.text:
        return 0.0
    seen = lattice.rows[word.row].log_probs[list(word.steps)]
    best = seen[:, 1:].argmax(axis=1) + 1
    sure = [float(np.exp(row[i])) for row, i in zip(seen, best, strict=True) if lattice.alphabet[i] in unknown]
    least = LEAST_SHARE if len(sure) > 1 else LEAST_ALONE
    return sum(sure) if len(sure) >= least * len(word.steps) and sum(sure) >= LEAST_SURE * len(sure) else 0.0


def with_foreign(words: Sequence[Word], further: Sequence[Word], foreign: Collection[int]) -> list[Word]:
    """The words of a line in reading order, those of a further reader in the place of the first one's wherever they
    overlap and one of them is foreign; foreign are their numbers."""
    line: list[Word] = []
    for ours, theirs in _together(words, further):
        line += [further[i] for i in theirs] if any(i in foreign for i in theirs) else [words[i] for i in ours]
    line.sort(key=lambda w: -w.angles[0] if w.upside_down else w.angles[0])
    return [as_read(word) for word in line]


def _together(words: Sequence[Word], further: Sequence[Word]) -> list[tuple[list[int], list[int]]]:
    """The numbers of the words on either side that overlap one another, in groups that overlap no other."""
    spans = [
        (min(w.angles), max(w.angles), side, i)
        for side, all_ in enumerate((words, further))
        for i, w in enumerate(all_)
    ]
    groups: list[tuple[list[int], list[int]]] = []
    end = -np.inf
    for first, last, side, i in sorted(spans):
        if first > end + OFF_PX:
            groups.append(([], []))
        groups[-1][side].append(i)
        end = max(end, last)
    return groups
