"""Reading the CSV tables of a marking set, with the file and line of everything that is wrong."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vision.catalogue.schema import Fault
from vision.errors import KitError

# Control, format and bidirectional characters: they make a row look like another one. Line feeds part the rows; the
# joiners U+200C and U+200D belong to Persian and Indic spelling and are allowed in native names alone.
_HIDDEN = re.compile(
    "[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
_JOINERS = re.compile("[\u200c\u200d]")
# In a row joined by \x00 (itself a hidden character): what has to be looked at field by field.
_SUSPECT = re.compile("\x00\\s|\\s\x00|[\n\u200c\u200d]")
_MAX_BYTES = 16 * 1024 * 1024
_MAX_FIELD = 400


@dataclass(slots=True)
class Faults:
    """Faults found while reading one file, in the order found."""

    file: str
    found: list[Fault] = field(default_factory=list)

    def add(self, line: int, message: str) -> None:
        """Note a fault at a line of this file."""
        self.found.append(Fault(self.file, line, message))


def table_bytes(folder: Path, name: str) -> bytes:
    """The bytes of one table. Raises KitError when it is missing or unreasonably large."""
    path = folder / name
    try:
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise KitError(f"{name} has {size} bytes; a marking set's table has at most {_MAX_BYTES}")
        return path.read_bytes()
    except OSError as error:
        raise KitError(f"{name} cannot be read in the marking set's folder: {error.strerror}") from error


def read_rows(data: bytes, columns: tuple[str, ...], faults: Faults) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a UTF-8 CSV file as (line, row). Rows that cannot be told apart into columns are faults and left out.

    Fields are checked for hidden characters, surrounding blanks, length and Unicode normal form (NFC).
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        faults.add(data[: error.start].count(b"\n") + 1, "not UTF-8; save the table as UTF-8 without a byte order mark")
        return
    text = text.replace("\r\n", "\n")
    normal = unicodedata.is_normalized("NFC", text)
    for hit in _HIDDEN.finditer(text):
        line = text.count("\n", 0, hit.start()) + 1
        faults.add(line, f"hidden character U+{ord(hit[0]):04X}; remove it")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != columns:
            faults.add(1, f"the columns must be {', '.join(columns)}; found {', '.join(header) or 'none'}")
            return
        for values in reader:
            row = _row(values, columns, reader.line_num, faults, normal)
            if row is not None:
                yield reader.line_num, row
    except csv.Error as error:
        faults.add(reader.line_num, f"not a CSV row: {error}")


def _row(values: list[str], columns: tuple[str, ...], line: int, faults: Faults, normal: bool) -> dict[str, str] | None:
    """The row by column; normal says that the whole file is in NFC, so that no field need be asked."""
    if len(values) != len(columns):
        faults.add(line, f"{len(values)} fields, expected {len(columns)}; quote fields that contain commas")
        return None
    row = dict(zip(columns, values, strict=True))
    if normal and max(map(len, values)) <= _MAX_FIELD and not _SUSPECT.search("\x00".join(("", *values, ""))):
        return row
    for name, value in row.items():
        if len(value) > _MAX_FIELD:
            faults.add(line, f"{name} has {len(value)} characters; at most {_MAX_FIELD}")
        if not value.isascii() and _JOINERS.search(value) and not name.endswith("_native"):
            faults.add(line, f"{name} has a hidden joiner (U+200C or U+200D); only native names may")
        if value != value.strip():
            faults.add(line, f"{name} begins or ends with a blank")
        if "\n" in value:
            faults.add(line, f"{name} runs over several lines")
        if not normal and not unicodedata.is_normalized("NFC", value):
            faults.add(line, f"{name} is not in Unicode normal form NFC")
    return row


def whole_number(row: Mapping[str, str], name: str, line: int, faults: Faults, span: tuple[int, int]) -> int | None:
    """A whole number in span (both ends included), or None when the field is empty or faulty."""
    text = row[name]
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text) or not span[0] <= int(text) <= span[1]:
        faults.add(line, f"{name} must be a whole number from {span[0]} to {span[1]}, got {text!r}")
        return None
    return int(text)


def length_mm(row: dict[str, str], name: str, line: int, faults: Faults) -> float | None:
    """A length in millimetres over 0 and up to 60, or None when the field is empty or faulty."""
    text = row[name]
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", text) or not 0 < float(text) <= 60:
        faults.add(line, f"{name} must be millimetres between 0 and 60, got {text!r}")
        return None
    return float(text)


def one_of(row: Mapping[str, str], name: str, line: int, faults: Faults, allowed: tuple[str, ...]) -> None:
    """A fault unless the field is one of the allowed words."""
    if row[name] not in allowed:
        faults.add(line, f"{name} must be one of {', '.join(allowed)}; got {row[name]!r}")


def needed(row: Mapping[str, str], names: tuple[str, ...], line: int, faults: Faults) -> None:
    """A fault for each of the named fields that is empty."""
    for name in names:
        if not row[name]:
            faults.add(line, f"{name} is missing")
