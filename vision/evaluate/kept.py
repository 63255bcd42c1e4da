"""Records of photos in a file, taken up again by a later run: those of the very same photos, by what is in them.

Names do not tell photos apart: two folders may each have an a.jpg, and a photo may be replaced under its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vision.errors import OutputError
from vision.evaluate.labels import Record, read_records
from vision.manifest import file_sha256


def taken_up(kept: Path, photos: Mapping[str, Path]) -> dict[str, Record]:
    """The records in kept of photos, under the names the photos have here.

    A last line that was cut short is cut off the file, so that the next record does not go on in it. Raises UsageError
    with a line that is no record, OutputError where the file cannot be cut.
    """
    if not kept.is_file():
        return {}
    _cut_torn_line(kept)
    by_content = {one["photo"].get("sha256"): one for one in read_records(kept)}
    found = {name: by_content.get(file_sha256(path)) for name, path in photos.items()}
    return {name: record for name, record in found.items() if record is not None}


def _cut_torn_line(path: Path) -> None:
    try:
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            with path.open("r+b") as stream:
                stream.truncate(whole)
    except OSError as error:
        raise OutputError(f"Cannot write {path}: {error.strerror}.") from error
