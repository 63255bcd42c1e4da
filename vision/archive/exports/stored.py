"""The items of a store: every photo's newest record, people's words on it, and where its files lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import select

from vision.archive.connect import reading
from vision.archive.exports.items import Item, Word
from vision.archive.names import as_path, as_text
from vision.archive.rows import PhotoFailure, RunInfo
from vision.archive.store import Store
from vision.archive.tables import files, photos
from vision.record import to_record
from vision.types import Result, Run

Words = Mapping[str, Mapping[str, Word]]


def stored_items(store: Store, words: Words, *, every_file: bool = False) -> Iterator[Item]:
    """Every photo of a store, in the order of their sha256, then the files that no run could read, by path.

    Args:
        words: people's words by photo sha256 and mark id.
        every_file: one item a file, where several files hold the same photo; else one a photo, which counts its copies.
    """
    lying = _paths(store)
    here = next(lying, None)
    for stored in store.records():
        while here is not None and here[0] < stored.photo:
            here = next(lying, None)
        paths = here[1] if here is not None and here[0] == stored.photo else []
        if paths:
            yield from _items(stored.record, paths, words.get(stored.photo, {}), every_file)
    runs = {run.id: run for run in store.runs()}
    yield from (_failed(failure, runs[failure.run]) for failure in store.failures(unread=True))


def decided_items(store: Store, words: Words) -> Iterator[Item]:
    """The photos of a store that people said something of and that a file holds, in the order of their sha256."""
    for photo in sorted(words):
        stored = store.record(photo)
        paths = [as_text(path) for path in store.paths(photo)]
        if stored and paths:
            yield from _items(stored.record, paths, words[photo], every_file=False)


def without_file(store: Store, words: Words) -> Words:
    """People's words on photos whose file was changed or is gone: no export and no count of the report has them."""
    held = store.held(words)
    return {photo: some for photo, some in words.items() if photo not in held}


def _paths(store: Store) -> Iterator[tuple[str, list[str]]]:
    """Every photo's sha256 with the paths of its files, as text, in order."""
    query = select(photos.c.sha256, files.c.path).join_from(files, photos).where(~files.c.gone)
    with reading(store.engine) as connection:
        rows = connection.execute(query.order_by(photos.c.sha256).execution_options(yield_per=1000))
        for photo, some in groupby(rows, key=itemgetter(0)):
            yield str(photo), sorted(str(path) for _, path in some)


def _items(record: Mapping[str, Any], paths: list[str], words: Mapping[str, Word], every_file: bool) -> Iterator[Item]:
    for path in paths if every_file else paths[:1]:
        named = {**record, "photo": {**record["photo"], "path": path}}
        copies = () if every_file else tuple(paths[1:])
        yield Item(named, words, Path(as_path(path)), copies)


def _failed(lost: PhotoFailure, run: RunInfo) -> Item:
    result = Result(None, lost.path, (), Run(run.version, run.kit), lost.failure)
    return Item(to_record(result), {}, Path(as_path(lost.path)))
