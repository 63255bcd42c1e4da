"""Comparing what was struck with what was read, wherever on the ring reading began.

Text counts without case and without . , -; single letters in a row may be read joined or not, whichever fits; words
with an unreadable "?" are left out. Symbols compare by name, in any order of its words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_NO_MATTER = ("in", "enclosing", "double", "two")


@dataclass(frozen=True, slots=True)
class ReadingScore:
    """How a reading fits a label: words and symbols right of those there, the share of characters right (0..1), whether
    all is right and nothing made up, and the pairs (struck, read) of characters that differ ("" for none)."""

    words_right: int
    words: int
    characters: float
    exact: bool
    symbols_right: int
    symbols: int
    confusions: tuple[tuple[str, str], ...] = ()


def score_reading(true: Sequence[str], read: Sequence[str]) -> ReadingScore:
    """The score of one mark."""
    symbols = [symbol_key(t) for t in true if t.startswith("<")]
    left_symbols = [symbol_key(r) for r in read if r.startswith("<")]
    named = 0
    for symbol in symbols:
        if symbol in left_symbols:
            left_symbols.remove(symbol)
            named += 1
    best = max((_matched(words(true, j), words(read, k)) for j in (True, False) for k in (True, False)),
               key=lambda one: one[:2])  # fmt: skip
    _, _, right, wanted, got, left = best
    joined = "".join(wanted)
    turns = [got[i:] + got[:i] for i in range(len(got))] or [[]]
    nearest = min(("".join(turn) for turn in turns), key=lambda text: edits(joined, text)[0])
    wrong, pairs = edits(joined, nearest)
    share = max(0.0, 1 - wrong / max(1, len(joined)))
    return ReadingScore(right, len(wanted), share, right == len(wanted) and not left, named, len(symbols), tuple(pairs))


def _matched(wanted: list[str], got: list[str]) -> tuple[float, int, int, list[str], list[str], list[str]]:
    left, right = list(got), 0
    for word in wanted:
        if word in left:
            left.remove(word)
            right += 1
    return right / max(1, len(wanted)), -len(left), right, wanted, got, left


def plain(text: str) -> str:
    """text without case, blanks and points.

    >>> plain("P.M.P. 75")
    'pmp75'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum() or c == "&")


def symbol_key(name: str) -> str:
    """A symbol's name so that names of one shape are equal.

    >>> symbol_key("<10 in double circle>") == symbol_key("<circled 10>")
    True
    """
    parts = name.strip("<>").casefold().replace("circled", "circle").replace("five-pointed", "").split()
    return " ".join(sorted(part for part in parts if part not in _NO_MATTER))


def words(elements: Sequence[str], join: bool) -> list[str]:
    """The text of elements as plain words in order; with join, runs of single letters become one word."""
    found: list[str] = []
    open_run = False
    for word in (w for e in elements if not e.startswith("<") for w in e.split() if "?" not in w):
        text = plain(word)
        if not text:
            continue
        single = len(text) == 1 and text.isalpha()
        if join and single and open_run:
            found[-1] += text
        else:
            found.append(text)
        open_run = single
    return found


def edits(true: str, read: str) -> tuple[int, list[tuple[str, str]]]:
    """(the fewest insertions, deletions and exchanges that turn true into read, what they are).

    >>> edits("188", "108")
    (1, [('8', '0')])
    """
    table = [list(range(len(read) + 1))]
    for i, a in enumerate(true, 1):
        row = [i]
        for j, b in enumerate(read, 1):
            row.append(min(table[-1][j] + 1, row[j - 1] + 1, table[-1][j - 1] + (a != b)))
        table.append(row)
    pairs, i, j = [], len(true), len(read)
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + (true[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            if true[i] != read[j]:
                pairs.append((true[i], read[j]))
        elif i and table[i][j] == table[i - 1][j] + 1:
            i -= 1
            pairs.append((true[i], ""))
        else:
            j -= 1
            pairs.append(("", read[j]))
    return table[-1][-1], pairs[::-1]
