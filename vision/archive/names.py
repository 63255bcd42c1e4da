"""File names as text that any store and any program can hold, and back to the very same bytes.

A name on Linux is bytes; a store's text is Unicode. Bytes that are no UTF-8, characters that could move a cursor and
the backslash itself are written as escapes, so that two different files never get the same text.
"""

from __future__ import annotations

import os
import re

_ESCAPE = re.compile(r"\\(?:\\|x([0-9a-f]{2}))")


def as_text(name: str | os.PathLike[str]) -> str:
    r"""A path as plain text: undecodable bytes, controls and backslashes written out.

    >>> as_text("caf\udce9/a.jpg")
    'caf\\xe9/a.jpg'
    """
    return "".join(_written(character) for character in os.fspath(name))


def as_path(text: str) -> str:
    r"""The path that as_text wrote, as the operating system takes it.

    >>> as_path("caf\\xe9/a.jpg")
    'caf\udce9/a.jpg'
    """
    return _ESCAPE.sub(lambda match: os.fsdecode(bytes([int(match[1], 16)])) if match[1] else "\\", text)


def _written(character: str) -> str:
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x20 or code == 0x7F else character
