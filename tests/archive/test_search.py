"""Searching finds what fits and nothing else, page by page, in SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from archive.shelves import put, sha

from vision.archive.flat import folded, lot_of, serial_of
from vision.archive.search import Filter
from vision.archive.source import root_of
from vision.archive.store import Store
from vision.errors import UsageError

SHELF = {
    "/d/prvi/a.jpg": {
        "code": "PPU", "manufacturer": "Prvi Partizan", "country": "RS", "calibre": "7.62x39mm", "reading": "ППУ 71",
        "year": {"from": 1971, "to": 1971, "probability": 0.9}, "probability": 0.9, "pattern": "rs-ppu",
        "photo": {"place": {"latitude": 43.85, "longitude": 19.84}},
    },
    "/d/prvi/b.jpg": {
        "code": "PPU", "manufacturer": "Prvi Partizan", "country": "RS", "calibre": "7.62x39mm", "reading": "PPU 71",
        "year": {"from": 1971, "to": 1971, "probability": 0.9}, "probability": 0.6, "pattern": "rs-ppu",
        "photo": {"place": {"latitude": 43.9, "longitude": 19.9}},
    },
    "/d/lc/c.jpg": {
        "code": "LC", "manufacturer": "Škoda City 100%_", "country": "US", "calibre": "5.56x45mm", "reading": "L C 76",
        "year": {"from": 1976, "to": 1977, "probability": 0.9}, "probability": 0.7, "pattern": "us-lc",
        "photo": {"place": None},
    },
    "/dx/s.jpg": {
        "kind": "serial", "reading": "AK 1234567", "code": "", "manufacturer": "", "country": "", "calibre": None,
        "year": None, "probability": 0.1, "pattern": "", "photo": {"place": None},
    },
    "/dx/t.jpg": {
        "kind": "serial", "reading": "AK 1234601", "code": "", "manufacturer": "", "country": "", "calibre": None,
        "year": None, "probability": 0.1, "pattern": "", "photo": {"place": None},
    },
    "/dx/u.jpg": {
        "kind": "packaging", "reading": "LOT 12-A QTY 700", "code": "", "manufacturer": "", "country": "RS",
        "calibre": None, "year": None, "probability": 0.1, "pattern": "", "photo": {"place": None},
    },
}  # fmt: skip

CASES = [
    (Filter(), "abcstu"),
    (Filter(country="rs"), "abu"),
    (Filter(code="PPU"), "ab"),
    (Filter(code="ppu"), ""),
    (Filter(maker="partizan"), "ab"),
    (Filter(maker="100%_"), "c"),
    (Filter(maker="%"), "c"),
    (Filter(maker="škoda"), "c"),
    (Filter(maker="ŠKODA c"), "c"),
    (Filter(year=1977), "c"),
    (Filter(year=1971, country="US"), ""),
    (Filter(calibre="5.56x45mm"), "c"),
    (Filter(calibre="7.62X39MM"), "ab"),
    (Filter(calibre="7.62"), ""),
    (Filter(kind="serial"), "st"),
    (Filter(lot="12-A"), "u"),
    (Filter(reading="L C 76"), "c"),
    (Filter(reading="l c"), ""),
    (Filter(reading="l c*"), "c"),
    (Filter(reading="ак*"), ""),
    (Filter(words="prvi 71"), "ab"),
    (Filter(words="ппу"), "a"),
    (Filter(words="parti"), "ab"),
    (Filter(words="7.62x39"), "ab"),
    (Filter(words="'; DROP TABLE marks; --"), ""),
    (Filter(words='lake" OR "x'), ""),
    (Filter(folder="/d"), "abc"),
    (Filter(folder="/d/prvi/"), "ab"),
    (Filter(folder="/d/pr"), ""),
    (Filter(near=(43.85, 19.84, 1.0)), "a"),
    (Filter(near=(43.85, 19.84, 10.0)), "ab"),
    (Filter(least_probability=0.7), "ac"),
    (Filter(level="pattern", country="US"), "c"),
    (Filter(photo=sha("/d/lc/c.jpg")), "c"),
    (Filter(state="conflict"), "b"),
    (Filter(state="open", country="RS"), "u"),
]


@pytest.fixture(scope="module")
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Store]:
    """The shelf in a store of either kind, made once."""
    from vision.archive.store import open_store

    made: dict[str, Store] = {}

    def filled(kind: str) -> Store:
        if kind not in made:
            sqlite = str(tmp_path_factory.mktemp("shelf") / "finds.db")
            url = sqlite if kind == "sqlite" else request.getfixturevalue("cluster").new_url()
            made[kind] = open_store(url, create=True)
            put(made[kind], SHELF)
            states = (("a", "decided"), ("b", "conflict"))
            made[kind].put_standings((sha(f"/d/prvi/{name}.jpg"), "m1", state) for name, state in states)
            request.addfinalizer(made[kind].close)
        return made[kind]

    return filled


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("wanted", "names"), CASES, ids=lambda value: repr(value) if isinstance(value, str) else "")
def test_marks_that_fit_are_found_and_no_others(
    shelf: Callable[[str], Store], kind: str, wanted: Filter, names: str
) -> None:
    store = shelf(kind)
    assert "".join(sorted(mark.path[-5] for mark in store.all_marks(wanted))) == names
    assert store.count_marks(wanted) == len(names)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("order", "names"), [("number", "cabstu"), ("probability", "acbstu"), ("year", "abcstu")])
def test_pages_follow_each_other_without_gaps(shelf: Callable[[str], Store], kind: str, order: str, names: str) -> None:
    store, seen, after = shelf(kind), "", None
    while True:
        page = store.marks(order=order, limit=2, after=after)
        seen += "".join(mark.path[-5] for mark in page.marks)
        assert len(page.marks) <= 2
        if page.after is None:
            break
        after = page.after
    assert seen == names


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_facets_count_what_fits(shelf: Callable[[str], Store], kind: str) -> None:
    assert shelf(kind).facets("country") == [("RS", 3), ("", 2), ("US", 1)]
    assert shelf(kind).facets("year_from", Filter(country="RS")) == [("1971", 2), ("", 1)]
    assert shelf(kind).facets("kind", limit=1) == [("headstamp", 3)]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_marks_are_linked_by_what_they_share(shelf: Callable[[str], Store], kind: str) -> None:
    store = shelf(kind)
    numbers = {mark.path[-5]: mark.number for mark in store.all_marks()}
    linked = {name: [m.path[-5] for m in store.linked(number)] for name, number in numbers.items()}
    assert linked == {"a": ["b"], "b": ["a"], "c": [], "s": ["t"], "t": ["s"], "u": []}
    assert store.linked(numbers["s"], serials_within=33) == ()
    assert store.linked(10**9) == ()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_mark_shows_what_people_said_of_it(shelf: Callable[[str], Store], kind: str) -> None:
    states = {mark.path[-5]: mark.state for mark in shelf(kind).all_marks()}
    assert states == {"a": "decided", "b": "conflict", "c": "open", "s": "open", "t": "open", "u": "open"}


def test_marks_of_a_store_of_the_second_schema_are_found_after_it_was_brought_up_to_date(store_url: str) -> None:
    from alembic import command

    from vision.archive.connect import _engine, _script, writing
    from vision.archive.connect import store_url as url_of
    from vision.archive.store import open_store

    engine = _engine(url_of(store_url), 1000)
    with writing(engine) as connection:
        config = _script()
        config.attributes["connection"] = connection
        command.upgrade(config, "r0002")
    put(Store(engine), SHELF)
    engine.dispose()
    with open_store(store_url) as store:
        for wanted, names in [*CASES, (Filter(words="l c"), "c"), (Filter(words="7 p"), "ab")]:
            if not wanted.state:
                assert "".join(sorted(mark.path[-5] for mark in store.marks(wanted).marks)) == names, wanted


def test_words_without_a_letter_are_refused(shelf: Callable[[str], Store]) -> None:
    with pytest.raises(UsageError, match="needs a letter"):
        shelf("sqlite").count_marks(Filter(words="--"))


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Prvi  Partizán-76 <star>", "prvi partizan 76 star"), ("７６", "76"), ("ППУ", "ппу"), ("…", ""), ("٢٧", "٢٧")],
)
def test_folding_keeps_letters_and_digits_of_every_script(text: str, plain: str) -> None:
    assert folded(text) == plain


LOTS = {"LOT 12-A QTY": "12-A", "lot: b7": "B7", "ПАРТИЯ Б-12": "Б-12", "LOTUS": "", "LOT7": "7", "批号 9": "9", "": ""}


@pytest.mark.parametrize(("reading", "lot"), LOTS.items())
def test_lots_are_read_behind_their_word(reading: str, lot: str) -> None:
    assert lot_of(reading) == lot


@pytest.mark.parametrize(("reading", "serial"), [("AK 0123456 A", 123456), ("12 ab", None), ("7 1234 56789", 56789)])
def test_serials_are_the_longest_run_of_digits(reading: str, serial: int | None) -> None:
    assert serial_of(reading) == serial


def test_a_folder_whose_name_is_not_utf_8_is_found(store: Store) -> None:
    put(store, {"/d/caf\\xe9/a.jpg": {}, "/d/cafe/a.jpg": {}})
    wanted = Filter(folder=root_of("/d/caf\udce9"))
    assert [mark.path for mark in store.all_marks(wanted)] == ["/d/caf\\xe9/a.jpg"]
