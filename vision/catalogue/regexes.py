"""Regular expressions that come from tables: what they may consist of, so that none can be made to run for long.

Threat: a pattern that backtracks without end, by accident or in a set from a stranger. Backreferences and lookarounds
are refused, patterns are short, and so is every text they are tried on (MOST_TEXT). In how many ways a pattern could be
laid over such a text is counted, and few are allowed: a+ and a* have as many as the text has characters, a{1,4} has
four, alternatives add theirs up, what follows one another multiplies, and a group that repeats multiplies by itself.
"""

from __future__ import annotations

import re

MOST_PATTERN = 300
MOST_TEXT = 80
# Ways in which a pattern could be laid over a text: matching takes some 50 ns for each at worst.
MOST_WAYS = 5e6
_QUANTIFIER = re.compile(r"(?:\*|\+|\?|\{(\d*)(,?)(\d*)\})\??")
_GROUP = re.compile(r"\((?:\?P<[a-z][a-z0-9_]*>|\?:)?(?!\?)")


def fault_of(pattern: str) -> str | None:
    """What is wrong with a pattern of a table, as a sentence; None when it may be used.

    >>> fault_of("(?P<lot>[0-9]+)-(?P<year>[0-9]{2})") is None
    True
    >>> fault_of("([0-9]+)+")
    'a pattern that fits a text in so many ways can run for ever'
    """
    if len(pattern) > MOST_PATTERN:
        return f"a pattern has at most {MOST_PATTERN} characters, this one {len(pattern)}"
    try:
        re.compile(pattern)
    except re.error as error:
        return f"not a regular expression: {error}"
    return _unsafe(pattern.removeprefix("(?i)"))


def _unsafe(pattern: str) -> str | None:
    """The fault of a pattern that compiles, by reading it once from the left."""
    # Of each group that is open the ways of the alternatives before this one, and of what stands in this one so far.
    groups: list[list[float]] = [[0.0, 1.0]]
    place = 0
    while place < len(pattern):
        character = pattern[place]
        inside = 1.0
        if character == "\\":
            if pattern[place + 1].isdigit():
                return "a pattern may not refer back to what it matched"
            place += 2
        elif character == "[":
            place = _class_end(pattern, place)
        elif character == "(":
            group = _GROUP.match(pattern, place)
            if group is None:
                return "groups are (...), (?:...) or (?P<name>...): no lookarounds, flags or references"
            place = group.end()
            groups.append([0.0, 1.0])
            continue
        elif character == "|":
            groups[-1] = [sum(groups[-1]), 1.0]
            place += 1
            continue
        else:
            place += 1
            if character == ")":
                inside = sum(groups.pop())
        quantifier = _QUANTIFIER.match(pattern, place)
        if quantifier is not None:
            place = quantifier.end()
            inside = _repeated(inside, *_bounds(quantifier))
        groups[-1][1] *= inside
        if sum(groups[-1]) > MOST_WAYS:
            return "a pattern that fits a text in so many ways can run for ever"
    return None


def _bounds(quantifier: re.Match[str]) -> tuple[int, int]:
    """How often a repetition matches at least and at most, no more than a text has characters."""
    text = quantifier[0][:1]
    if text in ("*", "+", "?"):
        return int(text == "+"), 1 if text == "?" else MOST_TEXT
    least = int(quantifier[1] or 0)
    most = int(quantifier[3]) if quantifier[3] else (MOST_TEXT if quantifier[2] else least)
    return min(least, MOST_TEXT), min(most, MOST_TEXT)


def _repeated(ways: float, least: int, most: int) -> float:
    """The ways of what has so many when it repeats: as many for every number of times, each time anew."""
    if ways <= 1.0:
        return float(most - least + 1)
    return float("inf") if most * len(f"{ways:.0f}") > 300 else sum(ways**n for n in range(least, most + 1))


def _class_end(pattern: str, start: int) -> int:
    """The place after the character class that begins at start."""
    place = start + 1
    if pattern[place] == "^":
        place += 1
    if pattern[place] == "]":
        place += 1
    while pattern[place] != "]":
        place += 2 if pattern[place] == "\\" else 1
    return place + 1
