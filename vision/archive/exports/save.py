"""Writing an export to its place, whole or not at all, and never over a photo or a store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from vision.archive.exports.coco import write_coco
from vision.archive.exports.datapackage import write_package
from vision.archive.exports.items import Item
from vision.archive.exports.jsonl import lines
from vision.archive.exports.labelstudio import LOCAL_FILES, write_tasks
from vision.archive.exports.tables import spreadsheet, write_parquet
from vision.whole import whole_file, whole_folder


def write_text(form: str, items: Iterable[Item], include_unconfirmed: bool, stream: BinaryIO) -> None:
    """Write jsonl or csv to a stream, line by line."""
    for line in (lines if form == "jsonl" else spreadsheet)(items, include_unconfirmed):
        stream.write(line)


def save_file(form: str, items: Iterable[Item], include_unconfirmed: bool, target: Path) -> None:
    """Write jsonl, csv or parquet to a file. Raises OutputError, UsageError where target is a photo or a store."""
    with whole_file(target) as stream:
        if form == "parquet":
            write_parquet(items, include_unconfirmed, stream)
        else:
            write_text(form, items, include_unconfirmed, stream)


def save_folder(
    form: str, items: Iterable[Item], include_unconfirmed: bool, target: Path, image_prefix: str = LOCAL_FILES
) -> None:
    """Write coco, label-studio or datapackage to a new folder. Raises OutputError where something is there."""
    with whole_folder(target) as folder:
        if form == "coco":
            write_coco(items, include_unconfirmed, folder)
        elif form == "label-studio":
            write_tasks(items, include_unconfirmed, folder, image_prefix)
        else:
            write_package(items, include_unconfirmed, folder, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
