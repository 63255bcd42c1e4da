"""Text from outside (file names, metadata, marking sets) made safe to show to a person."""

from __future__ import annotations

import unicodedata

# Cc controls, Cf format characters (bidi overrides, zero-width joins), Cs surrogate halves, Co private use,
# Zl and Zp line and paragraph separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def visible(text: str, limit: int | None = None) -> str:
    """text with every character that could move the cursor, reorder or hide text written out.

    >>> visible("a\\u202egpj.exe")
    'a\\\\u202egpj.exe'

    Args:
        text: anything, surrogate halves of undecodable file names included.
        limit: cut to this many characters, with an ellipsis, so that a name cannot flood the screen.
    """
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():  # nothing hidden in it, and quick to know
        return text
    return "".join(_written_out(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def so_many(number: int, one: str, more: str = "") -> str:
    """A number of things in words; more is their plural where it is no mere s.

    >>> so_many(1, "photo"), so_many(2, "photo"), so_many(0, "copy", "copies")
    ('1 photo', '2 photos', '0 copies')
    """
    return f"{number} {one if number == 1 else more or one + 's'}"


def _written_out(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
