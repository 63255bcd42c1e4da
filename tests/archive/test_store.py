"""What goes into a store comes out again, in SQLite and in PostgreSQL alike."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest
from archive.shelves import new_store, put, record, sha, tagged
from sqlalchemy import insert, select, text, update

from vision.archive import tables
from vision.archive.connect import SCHEMA, _known, one_by_one, reading, store_url, writing
from vision.archive.intake import Intake, only_writer
from vision.archive.rows import FileSeen, Tagged
from vision.archive.search import Filter
from vision.archive.store import Store, open_store
from vision.errors import OutputError, UsageError
from vision.types import Failure


def test_a_record_comes_back_as_the_very_line_it_was(store: Store) -> None:
    put(store, {"a.jpg": {}, "b.jpg": {"code": "ü\u2028"}})
    stored = {one.photo: one.record for one in store.records()}
    assert stored == {sha("a.jpg"): record("a.jpg"), sha("b.jpg"): record("b.jpg", code="ü\u2028")}
    assert store.record(sha("a.jpg")).text == json.dumps(record("a.jpg"))
    assert store.record("0" * 64) is None


def test_records_come_in_an_order_that_does_not_depend_on_when_they_were_stored(tmp_path: Path) -> None:
    names = {f"{n}.jpg": {} for n in range(8)}
    with new_store(tmp_path / ".." / tmp_path.name) as store:
        put(store, names)
        photos = [one.photo for one in store.records()]
    assert photos == sorted(map(sha, names))


def test_storing_a_result_twice_changes_nothing(store: Store) -> None:
    intake = put(store, {"a.jpg": {}})
    before = list(store.records())
    intake.add(1, tagged("a.jpg", code="other"))
    assert list(store.records()) == before
    assert store.count_marks() == 1


def test_a_changed_kit_is_a_new_run_beside_the_old_and_the_newer_one_is_shown(store: Store) -> None:
    put(store, {"a.jpg": {"code": "old"}, "b.jpg": {"code": "old"}}, kit="kit-1")
    second = Intake(store.engine, "0.1.0", "kit-2", "{}")
    first_file = second.waiting()[0]
    assert [w.path for w in second.waiting()] == ["a.jpg", "b.jpg"]
    second.add(first_file.file, tagged("a.jpg", code="new"))
    assert {m.path: m.code for m in store.all_marks()} == {"a.jpg": "new", "b.jpg": "old"}
    assert [r.kit for r in store.runs()] == ["kit-1", "kit-2"]
    first = store.runs()[0].id
    assert store.record(sha("a.jpg"), run=first).record["marks"][0]["attribution"]["candidates"][0]["code"] == "old"
    assert len(list(store.records(run=second.run.id))) == 1


def test_a_result_of_an_older_run_does_not_take_the_place_of_a_newer_one(store: Store) -> None:
    older = Intake(store.engine, "0.1.0", "kit-1", "{}")
    put(store, {"a.jpg": {"code": "new"}}, kit="kit-2")
    older.add(1, tagged("a.jpg", code="old"))
    assert [m.code for m in store.all_marks()] == ["new"]


def test_counts_add_up(store: Store) -> None:
    intake = Intake(store.engine, "0.1.0", "kit-1", "{}")
    intake.see([FileSeen(name, 5, 1) for name in ("a", "b", "c", "d")])
    files = {w.path: w.file for w in intake.waiting()}
    intake.add(files["a"], tagged("a"))
    intake.add(files["b"], Tagged(sha("b"), 5, None, Failure("photo", "damaged", "It is cut short.")))
    intake.hold(files["c"], sha("a"), 5)
    assert [w.path for w in intake.waiting()] == ["d"]
    counts = store.counts(intake.run.id)
    assert (counts.seen, counts.done, counts.failed, counts.pending, counts.copies) == (4, 2, 1, 1, 1)
    assert [(f.path, f.failure.code) for f in store.failures()] == [("b", "damaged")]
    assert store.paths(sha("a")) == ["a", "c"]


def test_failures_wait_again_when_asked_and_when_the_file_has_changed(store: Store) -> None:
    intake = Intake(store.engine, "0.1.0", "kit-1", "{}")
    intake.see([FileSeen("a", 5, 1)])
    failed = Tagged(None, 0, None, Failure("photo", "damaged", "It is cut short."))
    intake.add(1, failed)
    assert intake.waiting() == []
    assert intake.forget_failures() == 1
    assert [w.path for w in intake.waiting()] == ["a"]
    intake.add(1, failed)
    intake.see([FileSeen("a", 5, 2)])
    assert [w.path for w in intake.waiting()] == ["a"]


def test_a_file_that_is_gone_is_not_waited_for_and_comes_back_with_its_result(store: Store) -> None:
    intake = put(store, {"/d/a": {}, "/d/b": {}})
    intake.see([FileSeen("/d/a", 4, 1)], under=["/d"])
    assert store.paths(sha("/d/b")) == []
    assert store.counts(intake.run.id).seen == 1
    intake.see([FileSeen("/d/a", 4, 1), FileSeen("/d/b", 4, 1)], under=["/d"])
    assert store.paths(sha("/d/b")) == ["/d/b"]
    assert intake.waiting() == []


def test_of_a_photo_that_no_file_holds_any_more_no_mark_is_shown_until_one_is_back(store: Store) -> None:
    intake = put(store, {"/d/a": {}, "/d/b": {}})
    intake.see([FileSeen("/d/a", 4, 1)], under=["/d"])
    assert [mark.path for mark in store.all_marks()] == ["/d/a"]
    assert (store.count_marks(), store.linked(1), store.facets("country")) == (1, (), [("RU", 1)])
    assert [mark.path for mark in store.all_marks(Filter(run=intake.run.id))] == ["/d/a"]
    assert store.record(sha("/d/b")) is not None
    intake.see([FileSeen("/d/a", 4, 1), FileSeen("/d/b", 4, 1)], under=["/d"])
    assert [mark.path for mark in store.all_marks()] == ["/d/a", "/d/b"]
    assert store.held([sha("/d/a"), sha("none")]) == {sha("/d/a")}


def test_a_file_that_was_edited_has_the_marks_of_its_new_bytes_only(store: Store) -> None:
    intake = put(store, {"a": {"code": "old"}})
    intake.see([FileSeen("a", 9, 2)])
    assert store.count_marks() == 0
    intake.add(1, tagged("edited", code="new"))
    assert [(mark.path, mark.code) for mark in store.all_marks()] == [("a", "new")]
    intake.see([FileSeen("b", 1, 1)])
    intake.hold(2, sha("a"), 1)
    assert intake.waiting() == []
    assert [(mark.path, mark.code) for mark in store.all_marks()] == [("b", "old"), ("a", "new")]


def test_a_file_whose_bytes_changed_unseen_gives_up_its_old_marks(store: Store) -> None:
    put(store, {"a": {"code": "old"}}, kit="kit-1")
    newer = Intake(store.engine, "0.1.0", "kit-2", "{}")
    newer.add(1, tagged("edited", code="new"))
    assert [(mark.path, mark.code) for mark in store.all_marks()] == [("a", "new")]


def test_marks_that_an_older_marktrace_left_shown_are_hidden_by_the_next_scan(store: Store) -> None:
    intake = put(store, {"a": {}, "b": {}})
    with writing(store.engine) as connection:
        connection.execute(update(tables.files).where(tables.files.c.path == "a").values(gone=True))
    assert store.count_marks() == 2
    intake.see([FileSeen("b", 1, 1)])
    assert [mark.path for mark in store.all_marks()] == ["b"]


def test_a_failure_is_told_until_its_file_is_read_whatever_other_runs_came_since(store: Store) -> None:
    first = Intake(store.engine, "0.1.0", "kit-1", "{}")
    first.see([FileSeen("a", 1, 1), FileSeen("b", 1, 1)])
    failed = Tagged(None, 0, None, Failure("photo", "damaged", "It is cut short."))
    first.add(1, failed)
    first.add(2, tagged("b"))
    second = Intake(store.engine, "0.1.0", "kit-2", "{}")
    assert [(f.path, f.run) for f in store.failures()] == [("a", 1)]
    second.add(2, failed)
    assert [(f.path, f.run) for f in store.failures()] == [("a", 1), ("b", 2)]
    assert [f.path for f in store.failures(unread=True)] == ["a"]
    second.add(1, tagged("a"))
    assert [f.path for f in store.failures()] == ["b"]
    assert [f.path for f in store.failures(1)] == ["a"]


def test_a_store_knows_whether_all_of_the_log_is_counted_in(store: Store) -> None:
    put(store, {"a": {}})
    assert not store.log_has_grown()
    store.people().append(0, lambda _: [(1, "entry", "0" * 64)])
    assert store.log_has_grown()
    store.put_standings([(sha("a"), "m1", "decided")], until=1)
    assert not store.log_has_grown()
    assert [mark.state for mark in store.all_marks()] == ["decided"]
    store.put_standings([])
    assert store.log_has_grown()


def test_a_record_that_was_changed_in_the_store_is_refused(store: Store) -> None:
    put(store, {"a.jpg": {}})
    with writing(store.engine) as connection:
        connection.execute(update(tables.results).values(record=b"rubbish"))
    with pytest.raises(OutputError, match="damaged in the store"):
        list(store.records())


def test_what_is_raised_in_a_transaction_leaves_nothing(store: Store) -> None:
    row = {"path": "x", "size": 1, "mtime_ns": 1, "gone": False}

    def fail_halfway() -> None:
        with writing(store.engine) as connection:
            connection.execute(insert(tables.files).values(**row))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with reading(store.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM files")).scalar() == 0


def test_rows_that_come_one_by_one_are_those_of_the_query_and_what_fails_is_said(store: Store) -> None:
    put(store, {name: {} for name in ("a.jpg", "b.jpg")})
    query = select(tables.marks.c.id, tables.marks.c.words, tables.marks.c.risk).order_by(tables.marks.c.id)
    with reading(store.engine) as connection:
        assert [tuple(row) for row in one_by_one(connection, query)] == [tuple(r) for r in connection.execute(query)]
    with pytest.raises(OutputError, match="cannot be used"), reading(store.engine) as connection:
        list(one_by_one(connection, select(text("nothing"))))


def test_one_run_at_a_time_writes_to_a_store(store: Store, store_url: str) -> None:
    with (
        open_store(store_url) as other,
        only_writer(store.engine),
        pytest.raises(OutputError, match="Another marktrace"),
        only_writer(other.engine),
    ):
        pass
    with only_writer(store.engine):
        pass


def test_the_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    ours = set(tables.tables.tables)
    with reading(store.engine) as connection:
        options = {"include_name": lambda name, kind, _: kind != "table" or name in ours}
        context = MigrationContext.configure(connection, opts=options)
        found = [
            one
            for one in compare_metadata(context, tables.tables)
            if not re.search("marks_words|files_path_begins", f"{one}")
        ]
    assert found == []
    assert SCHEMA in _known()


def test_a_store_of_a_newer_schema_is_refused_and_left_alone(store: Store, store_url: str) -> None:
    with writing(store.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    for create in (True, False):
        with pytest.raises(OutputError, match=r"newer marktrace \(schema r9999\): update"):
            open_store(store_url, create=create)


def test_a_store_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no store"):
        open_store(str(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_bytes(b"Dear colleague, " * 100)
    with pytest.raises(OutputError, match="damaged or is no store"):
        open_store(str(path), create=True)
    assert path.read_bytes() == b"Dear colleague, " * 100


@pytest.mark.parametrize("name", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "ftp://a", "://", "s3://a/b"])
def test_a_url_of_no_store_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="store"):
        store_url(name)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(UsageError) as caught:
        store_url("mysql://me:hunter2@host/x")
    assert "hunter2" not in str(caught.value)


def test_a_folder_that_is_not_there_is_named_as_the_reason(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be opened"):
        open_store(str(tmp_path / "none" / "finds.db"), create=True)


def test_sqlite_writers_take_the_lock_at_once_and_readers_do_not_wait(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        put(store, {"a.jpg": {}})
        other = sqlite3.connect(tmp_path / "finds.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert store.count_marks() == 1
        other.execute("PRAGMA journal_mode").fetchone()
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        other.close()
