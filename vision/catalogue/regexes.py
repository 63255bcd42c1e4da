"""Regular expressions that come from tables: what they may consist of, so that none can be made to run for long.

Threat: a pattern that backtracks without end, by accident or in a set from a stranger. A group that repeats may not
hold a repetition without a bound, backreferences and lookarounds are refused, repetitions without a bound are few,
patterns are short, and so is every text they are tried on (MOST_TEXT). What remains is polynomial in a text of 80
characters.
"""

from __future__ import annotations

import re

MOST_PATTERN = 300
MOST_TEXT = 80
# Repetitions without a bound that a pattern may have.
MOST_OPEN = 3
_QUANTIFIER = re.compile(r"(?:\*|\+|\?|\{(\d*)(,?)(\d*)\})\??")
_GROUP = re.compile(r"\((?:\?P<[a-z][a-z0-9_]*>|\?:)?(?!\?)")


def fault_of(pattern: str) -> str | None:
    """What is wrong with a pattern of a table, as a sentence; None when it may be used.

    >>> fault_of("(?P<lot>[0-9]+)-(?P<year>[0-9]{2})") is None
    True
    >>> fault_of("([0-9]+)+")
    'a group that repeats holds a repetition without a bound: such a pattern can run for ever'
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
    open_in: list[int] = [0]  # repetitions without a bound in each group that is open
    place = total = 0
    while place < len(pattern):
        character = pattern[place]
        inside = 0
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
            open_in.append(0)
            continue
        elif character == ")":
            inside = open_in.pop()
            open_in[-1] += inside
            place += 1
        else:
            place += 1
        quantifier = _QUANTIFIER.match(pattern, place)
        if quantifier is None:
            continue
        place = quantifier.end()
        least_unbounded, repeats = _bounds(quantifier)
        if inside and repeats:
            return "a group that repeats holds a repetition without a bound: such a pattern can run for ever"
        open_in[-1] += least_unbounded
        total += least_unbounded
    return (
        f"a pattern has at most {MOST_OPEN} repetitions without a bound, this one {total}"
        if total > MOST_OPEN
        else None
    )


def _bounds(quantifier: re.Match[str]) -> tuple[bool, bool]:
    """(whether a repetition has no bound, whether it can repeat more than once)."""
    text = quantifier[0].rstrip("?") or "?"
    if text in ("*", "+"):
        return True, True
    if text == "?":
        return False, False
    unbounded = quantifier[2] == "," and not quantifier[3]
    return unbounded, unbounded or int(quantifier[3] or quantifier[1] or 0) > 1


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
