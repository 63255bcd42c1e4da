"""The ways a code can stand on metal.

A code is written in the table as people write it down ("P.M.P.", "K↑F", "BROWN BEAR"); on a head its letters may be
struck together, spread round the primer, or separated by dots and hyphens. Each way is a tuple of elements, clockwise.
A row whose code does not follow these rules carries its own ways in the column "stampings".
"""

from __future__ import annotations

import re
from itertools import product

# Codes that describe a case instead of naming what is struck on it: nothing to look for.
_DESCRIPTIONS = ("unmarked", "no maker code", "imitated", "local", "single figure", "legend", "digits", "numerals")
_SIGNS = {"<two broad arrows>": ("<broad arrow>", "<broad arrow>"), "<two stars>": ("<star>", "<star>")}
_SPREAD = 3  # codes of up to this many letters are also struck as single letters round the head
_MOST = 8  # ways a code; no code of the shipped set needs more
_RTL = re.compile(r"[\u0590-\u06ff]")  # Hebrew and Arabic: the first letter of a spread code stands at the right (R9.2)
_CURSIVE = re.compile(r"[\u0600-\u06ff]")  # Arabic words are joined and never spread letter by letter
_ARROWS = {"↑": "<broad arrow>", "→": "<arrow>", "←": "<arrow>"}


def stampings(code: str, declared: str = "") -> tuple[tuple[str, ...], ...]:
    """Every way code can be struck, the way it is written first.

    Args:
        code: as in the table, Unicode; symbols are names in angle brackets.
        declared: the row's own ways, elements parted by spaces and ways by " | "; replaces the rules when not empty.

    Returns:
        Ways without repeats; empty when the code only describes the case ("<unmarked>").

    >>> stampings("FN")
    (('FN',), ('F', 'N'))
    >>> stampings("P.M.P.")
    (('P.M.P.',), ('PMP',), ('P', 'M', 'P'))
    """
    if not declared and code.isascii() and code.isalnum():
        return tuple(_token_ways(code))
    if declared:
        return tuple(tuple(_split(way)) for way in declared.split("|"))
    if code.startswith("<") and any(word in code for word in _DESCRIPTIONS):
        return ()
    code = code.removesuffix(" (rimfire)")
    tokens = _split(code)
    ways = [tuple(e for part in choice for e in part) for choice in product(*(_token_ways(t) for t in tokens))]
    joined = _letters_joined(tokens)
    if len(joined) < len(tokens):
        ways.append(joined)
    if _RTL.search(code):
        ways += [way[::-1] for way in ways if len(way) > 1]
    return tuple(dict.fromkeys(ways))[:_MOST]


def _letters_joined(tokens: list[str]) -> tuple[str, ...]:
    """Runs of single letters as one element: L C 4 -> LC 4."""
    joined: list[str] = []
    for before, token in zip(["", *tokens], tokens, strict=False):
        if len(before) == len(token) == 1 and before.isalpha() and token.isalpha():
            joined[-1] += token
        else:
            joined.append(token)
    return tuple(joined)


def _split(text: str) -> list[str]:
    """Elements parted by spaces, except inside angle brackets."""
    return re.findall(r"<[^>]*>|[^\s<]+", text)


def _token_ways(token: str) -> list[tuple[str, ...]]:
    if token.startswith("<"):
        return _sign_ways(token)
    if any(arrow in token for arrow in _ARROWS):
        return [tuple(_ARROWS.get(part, part) for part in re.findall(r"[↑→←]|[^↑→←]+", token))]
    bare = re.sub(r"[.'\"]", "", token)
    ways: list[tuple[str, ...]] = [(token,), (bare,)]
    parts = tuple(part for part in re.split(r"[.\-]", token.strip("\"'")) if part)
    if len(parts) > 1:
        ways.append(parts)
    elif bare.isalpha() and 1 < len(bare) <= _SPREAD and bare == bare.upper() and not _CURSIVE.search(bare):
        ways.append(tuple(bare))
    return list(dict.fromkeys(ways))


def _sign_ways(sign: str) -> list[tuple[str, ...]]:
    """A sign, and for a framed number the number alone: the frame is the first thing wear takes."""
    if sign in _SIGNS:
        return [_SIGNS[sign]]
    if sign == "<FN star>":
        return [("FN", "<star>"), ("F", "N", "<star>")]
    framed = re.fullmatch(r"<(?:circled )?(\d+)(?: in (?:double circle|oval))?>", sign)
    return [(sign,), (framed[1],)] if framed else [(sign,)]
