"""What a run writes into a store: the files it sees, the results of its photos, what failed. One writer at a time.

Whoever is killed between two transactions has lost nothing that was stored, and the same run goes on from there.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, and_, delete, exists, func, insert, select, text, update

from vision.archive.batch import Answers, Held, put, upsert
from vision.archive.connect import beneath, reading, said_plainly, writing
from vision.archive.lying import show_what_lies
from vision.archive.rows import FileSeen, RunInfo, Tagged
from vision.archive.source import Passed
from vision.archive.tables import failures, files, photos, results, runs
from vision.errors import OutputError
from vision.text import visible

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that a run has still to examine: its number, path, size, and its photo's sha256 where that is known."""

    file: int
    path: str
    size: int
    photo: str | None


@contextmanager
def only_writer(engine: Engine) -> Iterator[None]:
    """Hold the store for one run at a time; given back by the operating system however the run ends.

    Raises: OutputError when another run holds it.
    """
    if engine.dialect.name == "sqlite":
        with _file_lock(Path(str(engine.url.database) + ".tagging")):
            yield
        return
    with said_plainly(), engine.connect() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(7392)")).scalar():
            raise _held()
        connection.commit()
        try:
            yield
        finally:
            connection.invalidate()  # ends the session, and with it the lock, also when the server has gone


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    try:
        stream = path.open("w")
    except OSError as fault:
        raise OutputError(f"Cannot write beside the store ({visible(str(path))}): {fault.strerror}.") from fault
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise _held() from fault
        yield


def _held() -> OutputError:
    return OutputError("Another marktrace tag is writing to this store: wait until it is done.")


class Intake:
    """One run's way into a store."""

    def __init__(self, engine: Engine, version: str, kit: str, settings: str) -> None:
        """The run of this version, kit and settings (JSON): the one that was begun before, or a new one."""
        self._engine = engine
        key = {"version": version, "kit": kit, "settings": settings}
        with writing(engine) as connection:
            begun = datetime.now(UTC).isoformat(timespec="seconds")
            connection.execute(upsert(connection)(runs).values(**key, created_at=begun).on_conflict_do_nothing())
            row = connection.execute(select(runs).filter_by(**key)).one()
        self.run = RunInfo(*row)
        self._held: list[Held] = []

    # Files

    def see(self, found: Iterable[FileSeen], passed: Passed | None = None, *, under: Sequence[str] = ()) -> None:
        """Note the files that a scan found; those under a folder of under that it did not find are gone, unless it
        passed over where they lie without a look.

        A file whose size or time differs from what the store knows is one that nobody has read yet. The marks of photos
        that no file holds any more are shown no longer, those of photos that are back are again.
        """
        seen: set[str] = set()
        batch: list[FileSeen] = []
        for one in found:
            if one.path in seen:  # of two folders, one of which lies in the other
                continue
            seen.add(one.path)
            batch.append(one)
            if len(batch) == _AT_ONCE:
                self._see(batch)
                batch = []
        self._see(batch)
        self._miss(seen, passed or Passed(), under)

    def _see(self, batch: list[FileSeen]) -> None:
        if not batch:
            return
        with writing(self._engine) as connection:
            query = select(files).where(files.c.path.in_([one.path for one in batch]))
            known = {row.path: row for row in connection.execute(query)}
            fresh = [one for one in batch if one.path not in known]
            if fresh:
                rows = [_file_row(one) for one in fresh]
                connection.execute(insert(files), rows)
            for one in batch:
                row = known.get(one.path)
                if row and (row.size, row.mtime_ns) != (one.size, one.mtime_ns):
                    connection.execute(update(files).where(files.c.id == row.id).values(**_file_row(one)))
                    connection.execute(delete(failures).where(failures.c.file_id == row.id))
                elif row and row.gone:
                    connection.execute(update(files).where(files.c.id == row.id).values(gone=False))

    def _miss(self, seen: set[str], passed: Passed, under: Sequence[str]) -> None:
        with writing(self._engine) as connection:
            if under:
                query = select(files.c.id, files.c.path).where(beneath(files.c.path, under), ~files.c.gone)
                rows = connection.execute(query)
                missing = [row.id for row in rows if row.path not in seen and not passed.hides(row.path)]
                for start in range(0, len(missing), _AT_ONCE):
                    some = files.c.id.in_(missing[start : start + _AT_ONCE])
                    connection.execute(update(files).where(some).values(gone=True))
            show_what_lies(connection)

    def hold(self, file: int, sha256: str, size: int) -> None:
        """Note which photo a file holds: stored with what is stored next, at the latest when asked what waits."""
        self._held.append((file, sha256, size))
        if len(self._held) == _AT_ONCE:
            self.add_all([])

    def has(self, sha256: str) -> bool:
        """Whether this run has the result of a photo."""
        query = select(results.c.photo_id).join_from(results, photos).where(results.c.run_id == self.run.id)
        with reading(self._engine) as connection:
            return connection.execute(query.where(photos.c.sha256 == sha256)).first() is not None

    def waiting(self, *, under: Sequence[str] = ()) -> list[Waiting]:
        """The files that this run has neither a result nor a failure of, by path; only those under folders, if any."""
        if self._held:
            self.add_all([])
        done = exists().where(results.c.photo_id == files.c.photo_id, results.c.run_id == self.run.id)
        lost = exists().where(failures.c.file_id == files.c.id, failures.c.run_id == self.run.id)
        query = (
            select(files.c.id, files.c.path, files.c.size, photos.c.sha256)
            .join_from(files, photos, isouter=True)
            .where(~files.c.gone, ~done, ~lost, beneath(files.c.path, under))
            .order_by(files.c.path)
        )
        with reading(self._engine) as connection:
            return [Waiting(*row) for row in connection.execute(query)]

    def shared_sizes(self) -> set[int]:
        """Sizes that more than one file has: only among those can there be copies."""
        query = select(files.c.size).where(~files.c.gone).group_by(files.c.size).having(func.count() > 1)
        with reading(self._engine) as connection:
            return set(connection.execute(query).scalars())

    # Results

    def add(self, file: int, tagged: Tagged) -> None:
        """Store what examining a file gave: its photo's result, or the file's failure. Repeating it changes nothing."""
        self.add_all([(file, tagged)])

    def add_all(self, answers: Answers) -> None:
        """Store what examining some files gave, all of it or, when anything is raised, nothing."""
        with writing(self._engine) as connection:
            put(connection, self.run.id, answers, self._held)
        self._held = []

    def forget_failures(self, *, under: Sequence[str] = ()) -> int:
        """Make what failed in this run wait again, of all files or those under folders. Returns how many they are."""
        there = select(files.c.id).where(beneath(files.c.path, under))
        these = and_(failures.c.run_id == self.run.id, failures.c.file_id.in_(there))
        with writing(self._engine) as connection:
            return connection.execute(delete(failures).where(these)).rowcount


def _file_row(one: FileSeen) -> dict[str, Any]:
    return {"path": one.path, "size": one.size, "mtime_ns": one.mtime_ns, "photo_id": None, "gone": False}
