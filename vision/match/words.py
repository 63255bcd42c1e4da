"""Words that could stand on a mark: what is spotted from a vocabulary, at its place, and which of many words differ.

A word is a string at a place, in an orientation, with its gain over nothing (see vision.lattice). Many words overlap
and contradict each other; which of them stand together is decided in explain.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from vision.match.sight import Sight
from vision.match.spot import Spot
from vision.match.vocabulary import Vocabulary
from vision.types import Word

# At one place: free readings kept, and how far behind the best a word may be.
FREE_KEPT = 5
FAR_BEHIND = 8.0


def spotted_words(vocabulary: Vocabulary, sight: Sight, spots: Iterable[Spot]) -> list[Word]:
    """Spots as words."""
    rows = [(slots, slots.places.tolist()) for slots in sight.slots]
    words = []
    for found in spots:
        slots, places = rows[found.row]
        angles = tuple([places[i] for i in found.slots])
        steps = tuple([slots.step[i] for i in found.slots])
        text = vocabulary.strings[found.string]
        words.append(Word(text, slots.upside_down, angles, found.gain, slots.row, steps, spotted=True))
    return words


def distinct(words: Iterable[Word]) -> list[Word]:
    """One word for each string, orientation and place (within a few degrees), the best, and at one place only words
    whose gain comes near the best one's: the others are parts or misreadings of it that could never be preferred."""
    seen: set[tuple[str, bool, int]] = set()
    best_at: dict[tuple[bool, bool, int, int], list[float]] = {}
    kept: list[Word] = []
    for word in sorted(words, key=lambda w: (-w.gain, not w.spotted)):
        text, way = word.text, word.upside_down
        first, last = word.places()
        middle = round((first + last) / 2.0 % 360.0 / 8.0)
        here = (text, way, middle % 45)
        if not text or here in seen or (text, way, (middle - 1) % 45) in seen or (text, way, (middle + 1) % 45) in seen:
            continue
        # Spotted words only against spotted ones: a free reading that counts one letter twice gains more than is there.
        gains = best_at.setdefault((word.spotted, way, round(first / 10.0), round(last / 10.0)), [])
        if gains and (word.gain < gains[0] - FAR_BEHIND or (not word.spotted and len(gains) >= FREE_KEPT)):
            continue
        gains.append(word.gain)
        seen.add(here)
        kept.append(word)
    return kept
