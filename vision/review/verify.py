"""Is a decision log whole? One short file that needs nothing but Python, so that anybody can read and run it.

An entry is a line of JSON text with its sha256 beside it. The text names its number ("seq") and the sha256 of the entry
before it ("prev", 64 zeros for the first), so a change breaks the chain. A head, kept elsewhere, notes how many entries
there were and the last's sha256: it shows cut ends and logs written anew. This runs alone: python verify.py LOG [HEAD],
where LOG is a store in SQLite or what `marktrace log export` wrote.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

START = "0" * 64
Row = tuple[int, str, str]  # the number in the store, the entry's text, its sha256


class Verdict(NamedTuple):
    """What was found: how many entries, the sha256 of the last, where the log first breaks, what is left open."""

    entries: int
    sha256: str
    first_bad: int | None
    fault: str
    cannot_exclude: tuple[str, ...]

    def __str__(self) -> str:
        state = f"BROKEN at entry {self.first_bad}: {self.fault}" if self.fault else "whole"
        found = f"{self.entries} entries, {state}\nnewest entry: {self.sha256}\n"
        return found + "\n".join(f"cannot exclude: {one}" for one in self.cannot_exclude)


def verify(rows: Iterable[Row], head: tuple[int, str] | None = None) -> Verdict:
    """Walk the log in order; stop judging at the first break, but count to the end. head: how many, the last sha256."""
    count, before, at_head, first_bad, fault = 0, START, START, None, ""
    for count, (number, text, sha256) in enumerate(rows, start=1):
        if first_bad is None and (fault := _fault(count, number, text, sha256, before)):
            first_bad = count
        before = sha256
        at_head = sha256 if head and count == head[0] else at_head
    if first_bad is None and head:
        first_bad, fault = _against_head(count, at_head, head)
    return Verdict(count, before, first_bad, fault, _cannot_exclude(count, head))


def _fault(count: int, number: int, text: str, sha256: str, before: str) -> str:
    """What is wrong with the count-th entry, or nothing."""
    if hashlib.sha256(str(text).encode("utf-8", "surrogatepass")).hexdigest() != sha256:
        return "its text is not the one its sha256 was taken of; it was edited."
    try:
        entry = json.loads(text)
        seq, prev = entry["seq"], entry["prev"]
    except (ValueError, KeyError, TypeError):
        return "its text is not an entry of a log."
    if (seq, number) != (count, count):
        return f"it stands at place {number} and calls itself number {seq}; entries were removed, added or moved."
    return "" if prev == before else f"it does not follow on entry {count - 1}: one of the two was edited or replaced."


def _against_head(count: int, at_head: str, head: tuple[int, str]) -> tuple[int | None, str]:
    if count < head[0]:
        return count + 1, f"the head counts {head[0]} entries; the newest {head[0] - count} are gone."
    anew = "it is not the one the head names; the log was written anew at or before it."
    return (head[0], anew) if at_head != head[1] else (None, "")


def _cannot_exclude(count: int, head: tuple[int, str] | None) -> tuple[str, ...]:
    who = "who decided, if a reviewer's account or the machine was in other hands when an entry was made"
    if head is None:
        return "removal of the newest entries (give a head)", "a log rewritten from its first entry (give a head)", who
    cut = f"removal or rewriting of entries made after the head's {head[0]} ({max(0, count - head[0])} are here)"
    return cut, "a head that was changed together with the log; keep it where the store's keeper cannot write", who


def rows_of(path: Path) -> Iterator[Row]:
    """The entries in a SQLite store, or in a file with one line {"number", "entry", "sha256"} for each."""
    with path.open("rb") as stream:
        if stream.read(15) == b"SQLite format 3":
            store = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
            yield from store.execute("SELECT seq, entry, sha256 FROM decision_log ORDER BY seq")
            return
        stream.seek(0)
        for line in stream:
            try:
                yield tuple(map(json.loads(line).get, ("number", "entry", "sha256")))
            except (ValueError, AttributeError):  # a line that was cut or edited: the log breaks at it
                yield 0, "", ""


if __name__ == "__main__":
    _head = json.loads(Path(sys.argv[2]).read_text("utf-8")) if len(sys.argv) > 2 else None
    _verdict = verify(rows_of(Path(sys.argv[1])), (_head["count"], _head["sha256"]) if _head else None)
    sys.stdout.write(f"{_verdict}\n")
    sys.exit(7 if _verdict.fault else 0)
