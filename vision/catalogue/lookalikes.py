"""Characters that look alike across scripts: one declared table, models/markings/lookalikes.csv.

Four kinds of row. "same": struck in metal the two are one shape (Cyrillic Т, Latin T); fold() brings them together.
"confusable": different shapes that wear or a reader mixes up (0 and O, И and N); never folded, only offered as doubt.
"turned": one is the other on a turned head (N and Z, rule R1.7): no doubt
of a character that stands upright; turns.py knows them. "misread": a whole word that readers make of another word (nny
for Cyrillic ппу, rule R4.5). Arabic-Indic and Persian digits are never folded to Latin shapes; digits.py gives their
value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from vision.catalogue.schema import GRADES
from vision.catalogue.tables import Faults, needed, one_of, read_rows, table_bytes
from vision.errors import KitError
from vision.manifest import models_folder

TABLE = "lookalikes.csv"
COLUMNS = ("seen", "stands_for", "kind", "source", "grade")
KINDS = ("same", "confusable", "turned", "misread")


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """The table, looked up both ways. folds maps a character or symbol to the shape it is folded to."""

    folds: Mapping[str, str]
    classes: Mapping[str, frozenset[str]]
    doubts: Mapping[str, frozenset[str]]
    misreadings: Mapping[str, str]


def fold(text: str) -> str:
    """text with every character replaced by the one its shape is folded to; a symbol name is folded as a whole.

    >>> fold("ТС"), fold("ЛПЗ"), fold("<five-pointed star>")
    ('TC', 'ЛПЗ', '<star>')
    """
    folds = table().folds
    if text.startswith("<"):
        return folds.get(text, text)
    return "".join(folds.get(character, character) for character in text)


def same_shape(character: str) -> frozenset[str]:
    """Every character (or symbol) that is struck with the same shape as this one, itself included."""
    return table().classes.get(character, frozenset({character}))


def confusable(character: str) -> frozenset[str]:
    """Characters of another shape that wear or a reader takes for this one; itself not included."""
    return table().doubts.get(fold(character), frozenset())


def misread_word(text: str) -> str | None:
    """The word that readers are known to turn into text, whatever mix of scripts they gave; None when there is none.

    >>> misread_word("nnу")
    'ппу'
    """
    return table().misreadings.get(fold(text))


@cache
def table() -> Lookalikes:
    """The table that comes with marktrace, read once. Raises KitError naming file, line and fault."""
    faults = Faults(TABLE)
    found = read_lookalikes(table_bytes(models_folder() / "markings", TABLE), faults)
    if faults.found:
        raise KitError(str(faults.found[0]))
    return found


def read_lookalikes(data: bytes, faults: Faults) -> Lookalikes:
    """The table in data; what is wrong goes to faults."""
    folds: dict[str, str] = {}
    doubts: dict[str, set[str]] = {}
    misreadings: dict[str, str] = {}
    for line, row in read_rows(data, COLUMNS, faults):
        needed(row, COLUMNS, line, faults)
        one_of(row, "kind", line, faults, KINDS)
        one_of(row, "grade", line, faults, GRADES)
        seen, target = row["seen"], row["stands_for"]
        if seen == target:
            faults.add(line, f"{seen!r} stands for itself")
        if row["kind"] == "misread":
            misreadings[seen] = target
            continue
        for text in (seen, target):
            if len(text) != 1 and not text.startswith("<"):
                faults.add(line, f"{text!r} is neither one character nor a symbol name")
        if row["kind"] == "same":
            if seen in folds:
                faults.add(line, f"{seen!r} is folded twice")
            folds[seen] = target
        elif row["kind"] == "confusable":
            doubts.setdefault(seen, set()).add(target)
            doubts.setdefault(target, set()).add(seen)
    for seen, target in folds.items():
        if target in folds:
            faults.add(1, f"{seen!r} is folded to {target!r}, which is itself folded; name the last shape")
    return Lookalikes(folds, _classes(folds), _frozen(doubts, folds), misreadings)


def _classes(folds: Mapping[str, str]) -> dict[str, frozenset[str]]:
    members: dict[str, set[str]] = {}
    for seen, target in folds.items():
        members.setdefault(target, {target}).add(seen)
    return {one: frozenset(group) for group in members.values() for one in group}


def _frozen(doubts: Mapping[str, set[str]], folds: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The doubts of every shape, gathered under what it is folded to."""
    gathered: dict[str, set[str]] = {}
    for seen, others in doubts.items():
        gathered.setdefault(folds.get(seen, seen), set()).update(others)
    return {seen: frozenset(others) for seen, others in gathered.items()}
