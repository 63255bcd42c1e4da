"""Beginning a marking set, comparing two, and merging one into the tables that serve."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, fields, replace
from itertools import count
from pathlib import Path

from vision.catalogue.load import HEADSTAMP_COLUMNS
from vision.catalogue.schema import Pattern
from vision.errors import OutputError
from vision.training.sets.schema import MARKINGS, PHOTOS, SCHEMA, SET, SYMBOLS
from vision.training.sets.table import NEEDED, as_csv

_COLUMNS = (*NEEDED[:4], "years_from", "years_to", "calibres", "notes", *NEEDED[4:])
_ABOUT = """\
schema = "{schema}"
name = "{name}"
version = "0.1"
licence = "CC-BY-4.0"
# Where the marks are from: books, pages, museums, your own finds.
sources = ["write here what the marks are from"]
"""
# Where rows of two sets differ only in these, they say the same.
_NOT_SAID = ("source", "notes", "grade", "layout")
_LONGEST = 400  # characters of a field


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sets say different things of one id: the field, and what each says."""

    id: str
    field: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        ours, theirs = (repr(said) if said else "not given" for said in (self.ours, self.theirs))
        return f"{self.id}: {self.field} is {ours} here and {theirs} there"


@dataclass(frozen=True, slots=True)
class Difference:
    """What another state of a set has that this one has not, and the other way round, and what both say differently."""

    added: tuple[Pattern, ...]
    removed: tuple[Pattern, ...]
    changed: tuple[Conflict, ...]


def set_name(text: str) -> str:
    """The name a set may have that is nearest to a text.

    >>> set_name("My Finds é"), set_name("Находки")
    ('my-finds-e', 'my-set')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9_-]+", "-", plain).strip("-_")[:60] or "my-set"


def new_set(folder: Path, name: str) -> list[Path]:
    """Begin a marking set in a folder that does not exist or is empty; the files made.

    Raises OutputError where the folder holds something or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} holds something already: name a new folder.")
    try:
        for part in (folder, folder / SYMBOLS, folder / PHOTOS):
            part.mkdir(parents=True, exist_ok=True)
        about, table = folder / SET, folder / MARKINGS
        about.write_text(_ABOUT.format(schema=SCHEMA, name=name), "utf-8")
        table.write_text(",".join(_COLUMNS) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"Cannot write {folder}: {error.strerror}.") from error
    return [about, table]


def difference(ours: Sequence[Pattern], theirs: Sequence[Pattern]) -> Difference:
    """What changes from ours to theirs, by id."""
    before, after = ({p.id: p for p in patterns} for patterns in (ours, theirs))
    changed = [c for id_, p in after.items() if id_ in before for c in conflicts(before[id_], p, every=True)]
    added = tuple(p for id_, p in after.items() if id_ not in before)
    return Difference(added, tuple(p for id_, p in before.items() if id_ not in after), tuple(changed))


def conflicts(ours: Pattern, theirs: Pattern, *, every: bool = False) -> list[Conflict]:
    """The fields in which two rows of one id contradict each other; with every, all in which they differ."""
    found = []
    for field in fields(Pattern):
        one, other = getattr(ours, field.name), getattr(theirs, field.name)
        said = every or (field.name not in _NOT_SAID and one not in ("", None, ()) and other not in ("", None, ()))
        if one != other and said:
            found.append(Conflict(ours.id, field.name, _text(one), _text(other)))
    return found


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(" ".join(v) if isinstance(v, tuple) else str(v) for v in value)
    return "" if value is None else str(value)


def merged(ours: Sequence[Pattern], theirs: Sequence[Pattern], name: str) -> tuple[list[Pattern], list[Conflict]]:
    """Every mark of both sets. Rows of one id that agree become one with both sources; rows that contradict each other
    are both kept, theirs under an id with the set's name that no other row has, and shown as conflicts."""
    rows = {pattern.id: pattern for pattern in ours}
    taken = {pattern.id for pattern in theirs}
    found: list[Conflict] = []
    for pattern in theirs:
        own = rows.get(pattern.id)
        against = conflicts(own, pattern) if own else []
        found += against
        kept = replace(pattern, id=_free_id(pattern, name, rows, taken)) if against else pattern
        rows[kept.id] = _joined(rows[kept.id], kept) if kept.id in rows else kept
    return list(rows.values()), found


def _free_id(pattern: Pattern, name: str, rows: Mapping[str, Pattern], taken: Set[str]) -> str:
    """An id for a row whose own stands for another mark: one that is free, or under which the same row was kept when
    the set was merged before."""
    begin = f"{pattern.id}-{re.sub(r'[^a-z0-9]+', '-', name).strip('-')}"
    ids = (begin if number == 1 else f"{begin}-{number}" for number in count(1))
    free = (one for one in ids if one not in taken)
    return next(one for one in free if one not in rows or not conflicts(rows[one], replace(pattern, id=one)))


def _joined(own: Pattern, other: Pattern) -> Pattern:
    """One row for two that agree: what either leaves open is taken from the other, both sources and notes are named."""
    filled = {f.name: getattr(own, f.name) or getattr(other, f.name) for f in fields(Pattern) if f.name != "inferred"}
    filled["years_from"] = own.years_from if own.years_from is not None else other.years_from
    filled["years_to"] = own.years_to if own.years_to is not None else other.years_to
    said = {name: _both(getattr(own, name), getattr(other, name)) for name in ("source", "notes")}
    return replace(own, **filled | said)


def _both(ours: str, theirs: str) -> str:
    """Two texts of parts, each part once; as long as a field may be.

    >>> _both("a book, p. 1; own finds", "own finds; a museum")
    'a book, p. 1; own finds; a museum'
    """
    parts = dict.fromkeys(part.strip() for part in f"{ours}; {theirs}".split("; "))
    return "; ".join(part for part in parts if part)[:_LONGEST].rstrip(" ;")


def merge_table(base: bytes, theirs: Sequence[Pattern], kept: Sequence[Pattern]) -> str:
    """The base's headstamps table with the marks of theirs: rows of the base that did not change stay byte by byte."""
    before = {row["id"]: row for row in csv.DictReader(io.StringIO(base.decode("utf-8"), newline=""))}
    new = {row["id"]: row for row in csv.DictReader(io.StringIO(as_csv(tuple(kept)), newline=""))}
    touched = tuple(p.id for p in theirs)  # and the longer ids, under which rows that contradict are kept
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADSTAMP_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for id_, row in new.items():
        writer.writerow(before[id_] if id_ in before and not id_.startswith(touched) else row)
    return out.getvalue()
