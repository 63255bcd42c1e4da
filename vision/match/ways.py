"""In which ways a reader may read the characters of a code: the declared look-alikes, or its own confusions."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Mapping
from pathlib import Path

from vision.catalogue.lookalikes import confusable, fold, same_shape
from vision.errors import KitError

# Log-probabilities of reading one character for another: the same shape in another size, a look-alike, and a look-alike
# of a character that the reader does not know and so cannot give.
OTHER_CASE = -0.5
SAME_STROKES = -0.7
LOOKALIKE = -3.5
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

# What a reader was seen to take characters for: true shape to {seen shape: log-probability}.
Confusions = Mapping[str, Mapping[str, float]]
COLUMNS = ["seen", "true", "log_prob"]


def read_confusions(table: Path) -> Confusions:
    """A reader's own confusions, a CSV table of seen, true, log_prob (natural logarithm, at most 0).

    Raises KitError naming the line when the table is missing or is not of this form.
    """
    found: dict[str, dict[str, float]] = {}
    try:
        with table.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines)
            if rows.fieldnames != COLUMNS:
                raise KitError(f"{table.name}, line 1: the columns must be {', '.join(COLUMNS)}")
            for row in rows:
                found.setdefault(fold(row["true"]), {})[fold(row["seen"])] = _log_prob(row["log_prob"])
    except FileNotFoundError as error:
        raise KitError(f"The confusions {table.name} are missing: reinstall marktrace.") from error
    except ValueError as error:
        raise KitError(f"{table.name}, line {rows.line_num}: {error}") from error
    return found


def _log_prob(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or value > 0.0:
        raise ValueError(f"{text} is no log-probability")
    return value


def ways(character: str, known: Collection[str], confusions: Confusions | None = None) -> dict[str, float]:
    """The characters of a reader's alphabet (known) that may be read for this one, with the log-probability of it.

    A shape that the confusions speak of is read as they say, its own shape always; any other by the declared table.
    """
    if character == ARROW:
        return {c: cost for c, cost in ARROW_WAYS.items() if c in known}
    found = {c: 0.0 for c in same_shape(character) if c in known}
    if character in known:
        found[character] = 0.0
    learnt = (confusions or {}).get(fold(character))
    for other, cost in (_declared(character, known, bool(found)) if learnt is None else learnt).items():
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
