"""Symbols a marking set was taught by pictures: taught_symbols.json beside its tables.

Kept are the pictures themselves, small and as plain pixels, not what a network makes of them: they stay good when the
network is trained anew, and reading them needs no decoder. Threat: a file from a stranger. Its size and every field are
bounded before use; what remains is that a well-formed picture may be of something else, which a person must look at.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vision.errors import KitError, OutputError, UsageError
from vision.types import Rgb

NAME = "taught_symbols.json"
SCHEMA = "marktrace-symbols/1"
SIDE = 64  # pixels of a kept picture
MOST_EXAMPLES = 5
MOST_SYMBOLS = 300
_MOST_BYTES = 32 * 2**20
_MOST_NAME = 60
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, eq=False)
class TaughtSymbol:
    """A symbol by its name in angle brackets, and one to five pictures (SIDE, SIDE, 3) of it, each with the sha256 of
    the file it came from."""

    name: str
    pictures: tuple[Rgb, ...]
    sha256: tuple[str, ...]


def symbol_name(text: str) -> str:
    """A symbol's name in angle brackets. Raises UsageError for one that is empty, too long or holds hidden signs."""
    inner = " ".join(text.strip().removeprefix("<").removesuffix(">").split())
    strange = [c for c in inner if c in "<>" or unicodedata.category(c)[0] == "C" or not c.isprintable()]
    if not inner or len(inner) > _MOST_NAME or strange:
        raise UsageError(f"A symbol's name has 1 to {_MOST_NAME} visible characters, such as 'lion in shield'.")
    return f"<{unicodedata.normalize('NFC', inner)}>"


def load_taught(folder: Path) -> tuple[TaughtSymbol, ...]:
    """The symbols that the marking set in folder was taught, none where it has no such file.

    Raises: KitError naming the file when it is not what save_taught writes.
    """
    path = folder / NAME
    try:
        if not path.exists():
            return ()
        if path.stat().st_size > _MOST_BYTES:
            raise KitError(f"{NAME} has more than {_MOST_BYTES} bytes: it was not written by marktrace catalogue add.")
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise KitError(f"{NAME} cannot be read ({type(error).__name__}).") from error
    try:
        if content["schema"] != SCHEMA or len(content["symbols"]) > MOST_SYMBOLS:
            raise KitError(f"{NAME} is not of the schema {SCHEMA}, or holds more than {MOST_SYMBOLS} symbols.")
        symbols = tuple(_symbol(entry) for entry in content["symbols"])
    except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
        raise KitError(f"{NAME} is not what marktrace catalogue add writes ({type(error).__name__}).") from error
    if len({symbol.name for symbol in symbols}) < len(symbols):
        raise KitError(f"{NAME} names a symbol twice.")
    return symbols


def save_taught(folder: Path, symbols: tuple[TaughtSymbol, ...]) -> Path:
    """Write the symbols into the marking set's folder, to a temporary file first, and return the file's path.

    Raises: OutputError when it cannot be written; UsageError for more than MOST_SYMBOLS.
    """
    if len(symbols) > MOST_SYMBOLS:
        raise UsageError(f"A marking set is taught at most {MOST_SYMBOLS} symbols.")
    entries = [{"name": s.name, "examples": [_entry(*e) for e in zip(s.pictures, s.sha256, strict=True)]}
               for s in sorted(symbols, key=lambda s: s.name)]  # fmt: skip
    target, partial = folder / NAME, folder / f".{NAME}.partial"
    text = json.dumps({"schema": SCHEMA, "symbols": entries}, ensure_ascii=False, indent=1) + "\n"
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        os.replace(partial, target)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}.") from error
    return target


def _entry(picture: Rgb, sha256: str) -> dict[str, str]:
    return {"sha256": sha256, "pixels": base64.b64encode(picture.tobytes()).decode("ascii")}


def _symbol(entry: dict[str, Any]) -> TaughtSymbol:
    """One symbol of the file. Raises KeyError, TypeError, ValueError or UsageError for what is not right."""
    name, examples = symbol_name(entry["name"]), entry["examples"]
    if name != entry["name"] or not 1 <= len(examples) <= MOST_EXAMPLES:
        raise ValueError(f"{name} has {len(examples)} examples")
    digests = tuple(str(example["sha256"]) for example in examples)
    if not all(_DIGEST.fullmatch(digest) for digest in digests):
        raise ValueError("a sha256 has 64 hex digits")
    return TaughtSymbol(name, tuple(_picture(example["pixels"]) for example in examples), digests)


def _picture(text: str) -> Rgb:
    try:
        pixels = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("pixels are base64") from error
    return np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE, 3)
