"""Lattices made by hand: which characters stand where, and how sure a perfect reader is of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vision.lattice import Slots, row_slots
from vision.match.free import free_words
from vision.match.listen import Listener
from vision.match.sight import Sight
from vision.match.spot import spot
from vision.match.vocabulary import Vocabulary
from vision.match.words import distinct, spotted_words
from vision.types import Lattice, LatticeRow, Word

ALPHABET = ("", *"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-/*")
STEPS = 80
PITCH = 360.0 / STEPS

# What stands on one step: character to probability; the rest is blank.
Step = Mapping[str, float]


def row(seen: Mapping[int, str | Step], *, upside_down: bool = False) -> LatticeRow:
    """One turn of STEPS steps; seen says what stands on a step. Step 0 looks at 12 o'clock, the others follow in
    reading order: clockwise, or anticlockwise where tops point to the centre."""
    probability = np.full((STEPS, len(ALPHABET)), 1e-7)
    probability[:, 0] = 1.0
    for step, what in seen.items():
        doubts = {what: 0.999} if isinstance(what, str) else what
        probability[step % STEPS, 0] = max(1e-7, 1.0 - sum(doubts.values()))
        for character, p in doubts.items():
            probability[step % STEPS, ALPHABET.index(character)] = p
    places = np.arange(STEPS, dtype=np.float32) * np.float32(PITCH)
    if upside_down:
        places = np.mod(-places, 360.0)
    return LatticeRow(np.log(probability).astype(np.float32), places, upside_down, (0.9, 0.6))


def lattice(upright: Mapping[int, str | Step], inwards: Mapping[int, str | Step] | None = None) -> Lattice:
    """A head seen once: what reads with tops out, and what with tops to the centre."""
    return Lattice("drawn", ALPHABET, (row(upright), row(inwards or {}, upside_down=True)))


def word(text: str, step: int, apart: int = 3) -> dict[int, str]:
    """A word whose first character stands on a step, the others each so many steps further."""
    return {(step + i * apart) % STEPS: character for i, character in enumerate(text)}


def slots(seen: Mapping[int, str | Step]) -> Slots:
    """The slots of one upright row."""
    return row_slots(lattice(seen), 0)


def doubtful(characters: Sequence[str], share: float = 0.998) -> Step:
    """A place where several characters are equally likely."""
    return {character: share / len(characters) for character in characters}


def find_words(seen: Lattice, vocabulary: Vocabulary) -> list[Word]:
    """All words of a lattice: free readings of every row and spotted vocabulary, each heard in every row of its
    orientation, best first."""
    sight = Sight(seen)
    words = [*free_words(seen, sight), *spotted_words(vocabulary, sight, spot(vocabulary, sight))]
    return Listener(seen, sight, vocabulary.readings).heard(distinct(words))
