"""What was decoded on a mark that is no headstamp, as lines for a sheet."""

from __future__ import annotations

from vision.text import visible
from vision.types import Field, Mark


def decoded_lines(mark: Mark) -> tuple[str, ...]:
    """One line a field: what it is, what it means, what is uncertain, and what decoded it."""
    return tuple(visible(_line(field)) for field in mark.fields)


def _line(field: Field) -> str:
    read = "" if field.text == field.value else f" (read as {field.text})"
    doubt = f"; {field.doubt}" if field.doubt else ""
    return f"{field.name}: {field.value}{read}{doubt} [{field.rule}, grade {field.grade}]"
