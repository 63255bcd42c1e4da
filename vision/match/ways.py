"""In which ways a reader may read the characters of a code: the declared look-alikes."""

from __future__ import annotations

from collections.abc import Collection

from vision.catalogue.lookalikes import confusable, fold, same_shape

# Log-probabilities of reading one character for another: the same shape in another size, a look-alike, and a look-alike
# of a character that the reader does not know and so cannot give. On 2,500 rendered strips our reader takes a character
# for a declared look-alike e^-3.6 as often as for itself, but mostly says so: its lattice has both. Where it has one
# alone, less than that is left of the other; with 3.5 nats three times as many unknown codes are stated as known ones,
# and a cost of its own for every pair it confuses reads worse (docs/measurements.md).
OTHER_CASE = -0.5
SAME_STROKES = -0.7
LOOKALIKE = -5.5
ONLY_LOOKALIKE = -1.2
# Capitals and small letters of one shape, and letters and digits that are struck with the same strokes.
ONE_SHAPE = "CKOPSUVWXZ"
STROKES = ("0Oo", "1Il")
# What a reader makes of a broad arrow between letters.
ARROW = "↑"
ARROW_WAYS = {
    "<broad arrow>": 0.0, "↑": 0.0, "A": -1.0, "+": -1.0, "1": -1.5, "T": -1.5, "4": -1.5, "†": -1.0, "^": -1.0,
    "M": -2.0,
}  # fmt: skip


def ways(character: str, known: Collection[str]) -> dict[str, float]:
    """The characters of a reader's alphabet (known) that may be read for this one, with the log-probability of it."""
    if character == ARROW:
        return {c: cost for c, cost in ARROW_WAYS.items() if c in known}
    found = {c: 0.0 for c in same_shape(character) if c in known}
    if character in known:
        found[character] = 0.0
    for other, cost in _declared(character, known, bool(found)).items():
        if other in known:
            found.setdefault(other, cost)
    return found


def _declared(character: str, known: Collection[str], readable: bool) -> dict[str, float]:
    """The look-alikes of the declared table; they cost less where the character itself cannot be read."""
    shape = fold(character)
    found: dict[str, float] = {}
    if shape.upper() in ONE_SHAPE:
        found |= dict.fromkeys((shape.upper(), shape.lower()), OTHER_CASE)
    for strokes in STROKES:
        if shape in strokes:
            found |= {c: SAME_STROKES for c in strokes if c not in found}
    cost = LOOKALIKE if readable or any(c in known for c in found) else ONLY_LOOKALIKE
    for other in confusable(character):
        for c in same_shape(other):
            found.setdefault(c, cost)
    return found
