"""Storing what examining some photos gave, few or many in one transaction, a statement a table and not one a photo.

Which of them came together changes nothing: the same rows lie in the store whatever the batches were.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from vision.archive.flat import mark_rows, photo_row
from vision.archive.lying import show_what_lies
from vision.archive.rows import Tagged
from vision.archive.tables import failures, files, looks, marks, photos, results
from vision.record import parse
from vision.text import visible

Answers = Sequence[tuple[int, Tagged]]
Held = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class _Result:
    """A photo's result that the store has not yet: its photo's number, and its record read."""

    photo: int
    tagged: Tagged
    record: dict[str, Any]


def put(connection: Connection, run: int, answers: Answers, held: Sequence[Held] = ()) -> None:
    """Store what examining files gave in a run: each photo's result, or its file's failure. Repeating changes nothing.

    Args:
        answers: numbers of files, each with what examining it gave.
        held: files of which only this is known: the photo that each holds, by number, sha256 and size in bytes.
    """
    holding = [*((file, tagged.sha256, tagged.size) for file, tagged in answers if tagged.sha256), *held]
    numbers = _photo_numbers(connection, {sha256: size for _, sha256, size in holding})
    before = _put_photos(connection, {file: numbers[sha256] for file, sha256, _ in holding})
    good: dict[int, Tagged] = {}
    for _, tagged in answers:
        if tagged.sha256 and tagged.record is not None:
            good.setdefault(numbers[tagged.sha256], tagged)
    _put_failures(connection, run, answers)
    _put_results(connection, run, _fresh(connection, run, good))
    if holding:
        show_what_lies(connection, before | set(numbers.values()))


def _photo_numbers(connection: Connection, sizes: dict[str, int]) -> dict[str, int]:
    """The store's numbers of photos by their sha256, given their sizes by it; those it does not know are added."""
    query = select(photos.c.sha256, photos.c.id).where(photos.c.sha256.in_(list(sizes)))
    found = _by_first(connection, query)
    new = [{"sha256": sha256, "size": size} for sha256, size in sizes.items() if sha256 not in found]
    if new:
        connection.execute(upsert(connection)(photos).on_conflict_do_nothing(), new)
        found = _by_first(connection, query)
    return found


def _put_photos(connection: Connection, of: dict[int, int]) -> set[int]:
    """Note which photo each file holds. Returns those that they held before."""
    if not of:
        return set()
    query = select(files.c.photo_id).where(files.c.id.in_(list(of)), files.c.photo_id.is_not(None))
    before = set(connection.execute(query).scalars())
    change = update(files).where(files.c.id == bindparam("of")).values(photo_id=bindparam("photo"))
    connection.execute(change, [{"of": file, "photo": photo} for file, photo in of.items()])
    return before


def upsert(connection: Connection) -> Any:
    """The insert of this database that can tell what to do where a row is already there."""
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert


def _put_failures(connection: Connection, run: int, answers: Answers) -> None:
    """Note what failed, and of what was read that it has failed no longer."""
    good = [{"file": file} for file, tagged in answers if tagged.failure is None]
    any_failed = select(failures.c.file_id).where(failures.c.run_id == run).limit(1)
    if good and connection.execute(any_failed).first():
        gone = and_(failures.c.run_id == run, failures.c.file_id == bindparam("file"))
        connection.execute(delete(failures).where(gone), good)
    rows = [
        {"run_id": run, "file_id": file, "stage": said.stage, "code": said.code, "detail": visible(said.detail, 500)}
        for file, tagged in answers
        if (said := tagged.failure)
    ]
    if rows:
        add = upsert(connection)(failures)
        says = {name: add.excluded[name] for name in ("stage", "code", "detail")}
        connection.execute(add.on_conflict_do_update(index_elements=["run_id", "file_id"], set_=says), rows)


def _fresh(connection: Connection, run: int, good: dict[int, Tagged]) -> list[_Result]:
    """Those of the photos' results that the run has not yet."""
    here = select(results.c.photo_id).where(results.c.run_id == run, results.c.photo_id.in_(list(good)))
    stored = set(connection.execute(here).scalars()) if good else set()
    return [_Result(photo, t, parse(str(t.record))) for photo, t in good.items() if photo not in stored]


def _put_results(connection: Connection, run: int, fresh: list[_Result]) -> None:
    if not fresh:
        return
    last = _last_runs(connection, [one.photo for one in fresh])
    newest = {one.photo for one in fresh if last.get(one.photo, 0) <= run}
    _make_older(connection, [photo for photo in newest if photo in last])
    connection.execute(insert(results), [_result_row(run, one, one.photo in newest) for one in fresh])
    _put_facts(connection, [one for one in fresh if one.photo in newest])
    _put_marks(connection, run, fresh, newest)


def _put_facts(connection: Connection, fresh: list[_Result]) -> None:
    """Note of photos what their records say of them."""
    rows = [photo_row(one.record) | {"of": one.photo, "look": one.tagged.phash} for one in fresh]
    if rows:
        columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name not in ("of", "look")}
        change = update(photos).where(photos.c.id == bindparam("of"))
        connection.execute(change.values(**columns, phash=func.coalesce(bindparam("look"), photos.c.phash)), rows)


def _last_runs(connection: Connection, some: list[int]) -> dict[int, int]:
    """The newest run of each photo that has a result."""
    query = select(results.c.photo_id, func.max(results.c.run_id)).where(results.c.photo_id.in_(some))
    return _by_first(connection, query.group_by(results.c.photo_id))


def _by_first(connection: Connection, query: Select[Any]) -> dict[Any, int]:
    """The second column of a query by the first."""
    return {row[0]: row[1] for row in connection.execute(query)}


def _make_older(connection: Connection, some: list[int]) -> None:
    """Note of all that the store has of some photos that something newer comes."""
    for table in (results, marks):
        if some:
            older = and_(table.c.photo_id.in_(some), table.c.newest)
            connection.execute(update(table).where(older).values(newest=False))


def _result_row(run: int, one: _Result, newest: bool) -> dict[str, Any]:
    data = str(one.tagged.record).encode("utf-8")
    row = {"run_id": run, "photo_id": one.photo, "newest": newest}
    return row | {"record": zlib.compress(data), "sha256": hashlib.sha256(data).hexdigest()}


def _put_marks(connection: Connection, run: int, fresh: list[_Result], newest: set[int]) -> None:
    """Store the marks of results, and their looks under the numbers that the marks then have."""
    rows = [
        row | {"run_id": run, "photo_id": one.photo, "newest": one.photo in newest}
        for one in fresh
        for row in mark_rows(one.record)
    ]
    if rows:
        connection.execute(insert(marks), rows)
    vectors = {(one.photo, mark): look for one in fresh for mark, look in one.tagged.looks.items()}
    if vectors:
        these = and_(marks.c.run_id == run, marks.c.photo_id.in_([one.photo for one in fresh]))
        query = select(marks.c.id, marks.c.photo_id, marks.c.mark).where(these).order_by(marks.c.id)
        looked = [
            {"mark_id": number, "vector": vectors[photo, mark]}
            for number, photo, mark in connection.execute(query)
            if (photo, mark) in vectors
        ]
        if looked:
            connection.execute(insert(looks), looked)
