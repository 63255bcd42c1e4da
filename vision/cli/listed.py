"""What `marktrace search` lists instead of marks: files that failed, groups of photos, lost decisions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from vision.text import visible

if TYPE_CHECKING:
    from vision.archive import Store

Row = dict[str, object]


def failed_files(store: Store) -> Iterator[Row]:
    """The files that failed and that nothing as new has read."""
    return ({"path": one.path, **asdict(one.failure)} for one in store.failures())


def groups(store: Store, kind: str, json_lines: bool) -> Iterator[Row]:
    """Groups of photos: as JSON a row a group, else a row a photo with its group's number."""
    from vision.archive.names import as_text

    for number, group in enumerate(store.groups(kind), 1):
        first = {photo: as_text(store.paths(photo)[0]) for photo in group}
        if json_lines:
            yield {"photos": list(first), "paths": list(first.values())}
        else:
            yield from ({"group": number, "path": path, "photo": photo} for photo, path in first.items())


def without_file(store: Store) -> Iterator[Row]:
    """What people decided on marks of photos whose file was changed or is gone; path is where the photo lay."""
    from vision.archive.exports.stored import without_file as left
    from vision.cli.stores import ledger_of
    from vision.review.spoken import words

    for photo, some in sorted(left(store, words(ledger_of(store))).items()):
        stored = store.record(photo)
        path = str(stored.record["photo"]["path"]) if stored else ""
        for mark, word in sorted(some.items()):
            said = {"mark": mark, "status": word.status, "by": ", ".join(word.by), "reading": word.reading}
            named = {"maker": word.maker, "country": word.country, "at": word.at}
            yield {"path": path, "photo": photo, **said, **named}


def put_lines(rows: Iterable[Row], json_lines: bool) -> None:
    """One line each on standard output, as UTF-8 whatever the locale."""
    stream = typer.get_binary_stream("stdout")
    for row in rows:
        line = json.dumps(row) if json_lines else "\t".join(visible(str(value)) for value in row.values())
        stream.write(line.encode("utf-8") + b"\n")
    stream.flush()
