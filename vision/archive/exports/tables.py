"""CSV that a spreadsheet can open without running anything, and Parquet.

Threat: a cell that a spreadsheet takes for a formula. Text that begins like one gets a leading apostrophe, and
characters that hide or reorder text are written out; so a CSV is for people, and JSON Lines is the export that loses
nothing. Numbers stay numbers: a negative longitude is not text. Accepted: programs that strip the apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from vision.archive.exports.columns import FLAT, flat_rows
from vision.archive.exports.items import Item
from vision.errors import MissingError
from vision.text import visible

if TYPE_CHECKING:
    import pyarrow as pa

# What spreadsheets start a formula with, their full-width twins included, and what they skip before looking.
_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")
_ROWS_A_BATCH = 10_000


def safe_cell(value: str | int | float | None) -> str | int | float | None:
    """A cell as a spreadsheet may have it.

    >>> safe_cell("=1+1"), safe_cell(-33.9), safe_cell("188 43")
    ("'=1+1", -33.9, '188 43')
    """
    if not isinstance(value, str):
        return value
    text = visible(value)
    return "'" + text if value.startswith(_FORMULA) or value.lstrip().startswith(_FORMULA) else text


def csv_line(row: Iterable[str | int | float | None]) -> bytes:
    """A row as a line of CSV in UTF-8: every cell safe, text quoted, nothing as an empty cell."""
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n").writerow([safe_cell(cell) for cell in row])
    return buffer.getvalue().encode("utf-8")


def spreadsheet(items: Iterable[Item], include_unconfirmed: bool) -> Iterator[bytes]:
    """The export as lines of CSV, with the byte order mark that spreadsheets need to read Cyrillic and Arabic."""
    yield b"\xef\xbb\xbf" + csv_line(column.name for column in FLAT)
    yield from map(csv_line, flat_rows(items, include_unconfirmed))


def write_parquet(items: Iterable[Item], include_unconfirmed: bool, stream: BinaryIO) -> None:
    """The export as Parquet, the same columns as the CSV, text as it is. Raises MissingError without pyarrow."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as fault:
        raise MissingError("Parquet needs pyarrow: pip install 'marktrace[export]'.") from fault
    schema = _schema(pa)
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        rows = flat_rows(items, include_unconfirmed)
        while batch := list(islice(rows, _ROWS_A_BATCH)):
            cells = zip(schema, zip(*batch, strict=True), strict=True)
            arrays = [pa.array([_storable(cell) for cell in column], type=kind.type) for kind, column in cells]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _schema(pa: Any) -> pa.Schema:
    types = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64()}
    fields = [pa.field(c.name, types[c.type], metadata={"description": c.says}) for c in FLAT]
    return pa.schema(fields, metadata={"schema": "marktrace-export/1"})


def _storable(cell: str | int | float | None) -> str | int | float | None:
    """A cell that UTF-8 can hold: halves of surrogate pairs, from odd file names, are written out."""
    return cell.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(cell, str) else cell
