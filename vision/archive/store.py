"""A store: everything said about the photos of an archive, in SQLite or PostgreSQL.

Reading is here; what a run writes goes through intake.py, what people say through people.py.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from types import TracebackType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    Row,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    inspect,
    select,
    text,
)

from vision.archive import search
from vision.archive.conditions import testing
from vision.archive.connect import beneath, connect, reading, writing
from vision.archive.lying import failing, held_among, is_held
from vision.archive.names import as_path
from vision.archive.people import People, decision_log
from vision.archive.rows import Counts, FoundMark, PhotoFailure, RunInfo, StoredRecord
from vision.archive.search import Facet, Filter, Order, Page
from vision.archive.tables import facts, failures, files, marks, photos, results, runs, standings
from vision.errors import OutputError, UsageError
from vision.types import Failure

ANY = Filter()
_HASH = 8  # characters of a sha256 that are enough to mean one
_COUNTED = "standings counted until"


def open_store(url: str, *, create: bool = False) -> Store:
    """The store at a URL or file name; create makes one where there is none.

    Raises: UsageError, MissingError or OutputError with a sentence that says what to do.
    """
    return Store(connect(url, create=create))


class Store:
    """An open store. Every method raises OutputError, with a sentence, where the database cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the database back."""
        self.engine.dispose()

    def people(self) -> People:
        """People's part of the store: the decision log, accounts, sessions."""
        return People(self.engine)

    # Runs

    def runs(self) -> list[RunInfo]:
        """Every run, oldest first."""
        with reading(self.engine) as connection:
            return [RunInfo(*row) for row in connection.execute(select(runs).order_by(runs.c.id))]

    def counts(self, run: int, *, under: Sequence[str] = ()) -> Counts:
        """How far a run is, of all files or those under folders."""
        with reading(self.engine) as connection:
            here = and_(files.c.gone.is_(False), beneath(files.c.path, under))
            seen = connection.execute(select(func.count()).select_from(files).where(here)).scalar_one()
            whose = exists().where(results.c.photo_id == files.c.photo_id, results.c.run_id == run)
            done = connection.execute(select(func.count()).select_from(files).where(here, whose)).scalar_one()
            lost = exists().where(failures.c.file_id == files.c.id, failures.c.run_id == run)
            failed = connection.execute(select(func.count()).select_from(files).where(here, lost, ~whose)).scalar_one()
            held = select(func.count(files.c.photo_id.distinct())).where(here)
            known = select(func.count(files.c.photo_id)).where(here)
            copies = connection.execute(known).scalar_one() - connection.execute(held).scalar_one()
        return Counts(seen, done, failed, copies)

    def failures(
        self, run: int | None = None, *, unread: bool = False, under: Sequence[str] = ()
    ) -> Iterator[PhotoFailure]:
        """Files that could not be tagged, by path, of all or those under folders: in a run or, where none is named,
        each in the newest that it failed in, unless one as new has read its photo. unread: only those that no run has
        read."""
        which = failing(unread=unread) if run is None else failures.c.run_id == run
        query = (
            select(files.c.path, failures.c.stage, failures.c.code, failures.c.detail, failures.c.run_id)
            .join_from(failures, files)
            .where(which, ~files.c.gone, beneath(files.c.path, under))
            .order_by(files.c.path)
        )
        with reading(self.engine) as connection:
            for path, stage, code, detail, number in connection.execute(query):
                yield PhotoFailure(path, Failure(stage, code, detail), number)

    # Records

    def records(self, run: int | None = None) -> Iterator[StoredRecord]:
        """The record of every photo, in the order of the photos' sha256: the same order in every store.

        run: only this one; left out: each photo's newest. Raises OutputError at a record that is not what was stored.
        """
        wanted = results.c.newest if run is None else results.c.run_id == run
        query = _records(wanted).order_by(photos.c.sha256).execution_options(yield_per=500)
        with reading(self.engine) as connection, connection.execute(query) as rows:
            for row in rows:
                yield _stored(row)

    def record(self, photo: str, run: int | None = None) -> StoredRecord | None:
        """The record of the photo with this sha256, None where there is none: the newest, or that of a run."""
        wanted = results.c.newest if run is None else results.c.run_id == run
        with reading(self.engine) as connection:
            row = connection.execute(_records(and_(wanted, photos.c.sha256 == photo))).one_or_none()
        return _stored(row) if row else None

    def paths(self, photo: str) -> list[str]:
        """Where the photo with this sha256 was found, as the operating system takes it, in order."""
        query = select(files.c.path).join_from(files, photos).where(photos.c.sha256 == photo, ~files.c.gone)
        with reading(self.engine) as connection:
            return [as_path(path) for path in connection.execute(query.order_by(files.c.path)).scalars()]

    def held(self, photos: Iterable[str]) -> set[str]:
        """Those of some photos, by their sha256, that a file of the archive still holds."""
        with reading(self.engine) as connection:
            return set(held_among(connection, photos))

    def called(self, name: str) -> set[str]:
        """The sha256 of the photos with a result that a name means: the path of a file or the last part of one, as the
        store has it, or the sha256's first eight characters or more. Files that are gone count where no other is meant.
        """
        examined = exists().where(results.c.photo_id == photos.c.id)
        by_hash = select(photos.c.sha256).where(photos.c.sha256.startswith(name.lower(), autoescape=True), examined)
        ending = files.c.path.endswith(name, autoescape=True)
        by_path = select(photos.c.sha256, files.c.path, files.c.gone).join_from(photos, files).where(ending, examined)
        with reading(self.engine) as connection:
            found = set(connection.execute(by_hash).scalars()) if len(name) >= _HASH else set()
            named = [row for row in connection.execute(by_path) if f"/{row.path}".endswith(f"/{name}")]
        return found or {row.sha256 for row in named if not row.gone} or {row.sha256 for row in named}

    def groups(self, kind: str = "near") -> Iterator[tuple[str, ...]]:
        """Groups of photos that files hold, by their sha256: "near" are near-duplicates, "object" are of one object."""
        if kind not in ("near", "object"):
            raise UsageError(f"Photos are grouped as near or object, not as {kind!r}.")
        column = photos.c[f"{kind}_group"]
        query = select(column, photos.c.sha256).where(column.is_not(None), is_held(photos.c.id))
        with reading(self.engine) as connection:
            rows = connection.execute(query.order_by(column, photos.c.sha256))
            for _, some in groupby(rows, key=itemgetter(0)):
                group = tuple(str(sha256) for _, sha256 in some)
                if len(group) > 1:
                    yield group

    # Marks

    def marks(
        self,
        wanted: Filter = ANY,
        *,
        order: Order = "number",
        limit: int = 50,
        after: tuple[float, int] | None = None,
    ) -> Page:
        """One page of the marks that fit; give a page's after for the next one."""
        with reading(self.engine) as connection:
            return search.find(connection, wanted, order, limit, after)

    def all_marks(self, wanted: Filter = ANY) -> Iterator[FoundMark]:
        """All marks that fit, by number, as they are read."""
        with reading(self.engine) as connection:
            yield from search.every(connection, wanted)

    def mark(self, number: int) -> FoundMark | None:
        """The mark of a number."""
        with reading(self.engine) as connection:
            return next(iter(search.by_numbers(connection, [number])), None)

    def count_marks(self, wanted: Filter = ANY) -> int:
        """How many marks fit."""
        with reading(self.engine) as connection:
            return search.count(connection, wanted)

    def facets(self, by: Facet, wanted: Filter = ANY, *, limit: int = 100) -> list[tuple[str, int]]:
        """How many of the marks that fit have each value of a column, most frequent first."""
        with reading(self.engine) as connection:
            return search.facets(connection, by, wanted, limit)

    def put_standings(self, states: Iterable[tuple[str, str, str]], until: int = 0) -> None:
        """Make marks searchable by what people's log comes to: (photo sha256, mark id, state), all there are.

        until: the number of the log's last entry that is counted in, where that is known.
        """
        rows = [{"photo": photo, "mark": mark, "state": state} for photo, mark, state in states]
        with writing(self.engine) as connection:
            if connection.dialect.name == "postgresql":  # where two could else count at the same time
                connection.execute(text("LOCK TABLE standings IN SHARE ROW EXCLUSIVE MODE"))
            connection.execute(delete(standings))
            connection.execute(delete(facts).where(facts.c.name == _COUNTED))
            if rows:
                connection.execute(insert(standings), rows)
            connection.execute(insert(facts).values(name=_COUNTED, value=str(until)))

    def log_has_grown(self) -> bool:
        """Whether people's log has entries that put_standings was not told of."""
        with reading(self.engine) as connection:
            if not inspect(connection).has_table(decision_log.name):  # nobody ever decided anything
                return False
            until = connection.execute(select(facts.c.value).where(facts.c.name == _COUNTED)).scalar() or 0
            return connection.execute(select(exists().where(decision_log.c.seq > int(until)))).scalar_one()

    def linked(
        self, number: int, wanted: Filter = ANY, *, serials_within: int = 100, limit: int = 100
    ) -> Sequence[FoundMark]:
        """Marks that may belong with one and fit: same code, year and calibre; same lot; or serials close together.

        What they share is for the caller to see in them: links.py says it in words.
        """
        one = self.mark(number)
        if one is None:
            return ()
        with reading(self.engine) as connection:
            found: set[int] = set()
            for same in _shared(one, serials_within):  # one by one, since no index answers them together
                query = testing(connection, select(marks.c.id), wanted).where(same, marks.c.id != number)
                found |= set(connection.execute(query.order_by(marks.c.id + 0).limit(limit)).scalars())
            return search.by_numbers(connection, sorted(found)[:limit])


def _shared(one: FoundMark, serials_within: int) -> list[ColumnElement[bool]]:
    same: list[ColumnElement[bool]] = []
    if one.code and one.year_from is not None:
        years = and_(marks.c.year_from == one.year_from, marks.c.year_to == one.year_to)
        same.append(and_(marks.c.code == one.code, years, marks.c.calibre == one.calibre))
    if one.lot:
        same.append(and_(marks.c.lot == one.lot, marks.c.country == one.country))
    if one.serial is not None:
        same.append(marks.c.serial.between(one.serial - serials_within, one.serial + serials_within))
    return same


def _records(wanted: ColumnElement[bool]) -> Select[Any]:
    columns = (results.c.photo_id, photos.c.sha256, results.c.run_id, results.c.record, results.c.sha256)
    return select(*columns).join_from(results, photos).where(wanted)


def _stored(row: Row[Any]) -> StoredRecord:
    photo_id, photo, run, packed, sha256 = tuple(row)
    try:
        data = zlib.decompress(packed)
    except zlib.error:
        data = b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise OutputError(f"The record of photo {photo[:12]} is damaged in the store: tag it again into a new store.")
    return StoredRecord(int(photo_id), str(photo), int(run), data.decode("utf-8"), str(sha256))
