"""Pages of what a report counts of marks: as true as the rows, or not read."""

from __future__ import annotations

import json

import pytest
from archive.shelves import put, record, sha
from sqlalchemy import delete, func, select, update

from vision.archive import mark_pages
from vision.archive.connect import reading, writing
from vision.archive.intake import Intake
from vision.archive.mark_pages import TEXTS, Codes, every_mark, page_marks
from vision.archive.rows import FileSeen, Tagged
from vision.archive.store import Store
from vision.archive.tables import marks, tables

NAMES = {
    f"{number}.jpg": {
        "code": f"{number % 3}",
        "calibre": None if number % 4 == 0 else "7.62x39mm",
        "photo": {"place": None if number % 2 else {"latitude": number * 1.5, "longitude": -0.1}, "taken_at": None},
    }
    for number in range(11)
}


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mark_pages, "PAGE", 4)


def counted(store: Store, without: set[int] | None = None) -> list[tuple[object, ...]]:
    """Every newest mark as the report sees it."""
    codes = {name: Codes() for name in TEXTS}
    found = []
    with reading(store.engine) as connection:
        for batch in every_mark(connection, without or set(), codes):
            texts = [[codes[name].values[code] for code in batch.text[name]] for name in TEXTS]
            values = [batch.value[name].tolist() for name in sorted(batch.value)]
            found += list(zip(batch.numbers.tolist(), *texts, *values, strict=True))
    return found


def pages_of(store: Store) -> list[tuple[int, int, int]]:
    table = tables.tables["mark_pages"]
    with reading(store.engine) as connection:
        rows = connection.execute(select(table.c.first, table.c.last, table.c.size).order_by(table.c.first))
        return [tuple(row) for row in rows]


def tag_again(store: Store, name: str, **first: object) -> None:
    intake = Intake(store.engine, "0.1.0", "kit-2", "{}")
    intake.see([FileSeen(name, 1, 1)])
    (waiting,) = [one for one in intake.waiting() if one.path == name]
    intake.add(waiting.file, Tagged(sha(name), 1, json.dumps(record(name, **first))))


def test_marks_of_pages_are_those_of_the_rows(store: Store) -> None:
    put(store, NAMES)
    rows = counted(store)
    assert len(rows) == 11
    page_marks(store)
    assert pages_of(store) == [(1, 4, 4), (5, 8, 4)]
    assert counted(store) == rows
    assert counted(store, {2, 8, 9, 99}) == [row for row in rows if row[0] not in (2, 8, 9)]


def test_pages_are_read_and_not_the_rows_they_hold(store: Store) -> None:
    put(store, NAMES)
    page_marks(store)
    rows = counted(store)
    with writing(store.engine) as connection:
        connection.execute(update(marks).values(country="XX"))
    assert [row[2] for row in counted(store)] == [row[2] for row in rows[:8]] + ["XX"] * 3


def test_a_finished_page_is_never_written_again_and_later_marks_come_into_new_ones(store: Store) -> None:
    put(store, dict(list(NAMES.items())[:6]))
    page_marks(store)
    page_marks(store)
    assert pages_of(store) == [(1, 4, 4)]
    put(store, NAMES)
    page_marks(store)
    assert pages_of(store) == [(1, 4, 4), (5, 8, 4)]


def test_a_mark_of_an_older_run_is_counted_no_longer_and_its_photo_s_facts_with_it(store: Store) -> None:
    put(store, NAMES)
    page_marks(store)
    (old,) = [mark.number for mark in store.all_marks() if mark.path == "3.jpg"]
    place = {"latitude": 12.0, "longitude": 15.0}
    tag_again(store, "3.jpg", code="new", photo={"place": place, "taken_at": None})
    paged = counted(store)
    with writing(store.engine) as connection:
        connection.execute(delete(tables.tables["mark_pages"]))
    assert sorted(paged) == sorted(counted(store))
    numbers = [row[0] for row in paged]
    assert (len(numbers), 12 in numbers, old in numbers) == (11, True, False)
    assert 12.0 in paged[-1]


def test_pages_that_lack_a_mark_are_not_believed_and_are_written_anew(store: Store) -> None:
    put(store, NAMES)
    page_marks(store)
    rows = counted(store)
    with writing(store.engine) as connection:
        connection.execute(delete(tables.tables["looks"]).where(tables.tables["looks"].c.mark_id == 2))
        connection.execute(delete(marks).where(marks.c.id == 2))
    assert counted(store) == [row for row in rows if row[0] != 2]
    page_marks(store)
    assert pages_of(store) == [(1, 5, 4), (6, 9, 4)]
    assert counted(store) == [row for row in rows if row[0] != 2]


@pytest.mark.parametrize("column", ["rows", "texts"])
def test_a_damaged_page_is_not_read(store: Store, column: str) -> None:
    put(store, NAMES)
    rows = counted(store)
    page_marks(store)
    table = tables.tables["mark_pages"]
    with writing(store.engine) as connection:
        before = connection.execute(select(table.c[column]).where(table.c.first == 5)).scalar_one()
        damaged = before[:-1] + (b"\1" if column == "rows" else "x")
        connection.execute(update(table).where(table.c.first == 5).values({column: damaged}))
    assert counted(store) == rows


def test_a_store_without_a_full_page_has_none(store: Store) -> None:
    put(store, dict(list(NAMES.items())[:3]))
    page_marks(store)
    assert pages_of(store) == []
    with reading(store.engine) as connection:
        assert connection.execute(select(func.count()).select_from(marks)).scalar_one() == 3
