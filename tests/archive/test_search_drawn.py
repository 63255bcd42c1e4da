"""Drawn searches of a crowded store find what going through all its marks in plain Python finds, page by page."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from archive.shelves import put, sha

from vision.archive import leading
from vision.archive.flat import folded
from vision.archive.rows import FoundMark
from vision.archive.search import Filter
from vision.archive.store import Store, open_store

MAKERS = [
    ("RS", "PPU", "Prvi Partizan"),
    ("RU", "188", "Novosibirsk LVE"),
    ("RU", "17", "Barnaul"),
    ("US", "LC", "Lake City"),
]
CALIBRES = ["7.62x39mm", "5.56x45mm", "9x19mm"]
PHOTOS = 300


def shelf(rng: random.Random) -> dict[str, dict[str, Any]]:
    """Files of marks that share many words, codes, years and places."""
    made = {}
    for number in range(PHOTOS):
        country, code, maker = rng.choice(MAKERS)
        year = rng.randrange(1970, 1980)
        calibre = rng.choice(CALIBRES)
        place = {"latitude": 10.0 + rng.random(), "longitude": 20.0 + rng.random()} if rng.random() < 0.7 else None
        made[f"/d/{number % 7}/{number:03}.jpg"] = {
            "country": country, "code": code, "manufacturer": maker, "calibre": calibre, "pattern": f"p-{code}",
            "year": {"from": year, "to": year + rng.choice((0, 0, 5)), "probability": 0.9},
            "probability": round(rng.random(), 3), "reading": f"{code} {year % 100} {calibre.partition('x')[0]}",
            "kind": rng.choice(("headstamp", "headstamp", "serial")), "photo": {"place": place},
        }  # fmt: skip
    return made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    sqlite = str(tmp_path_factory.mktemp("drawn") / "finds.db")
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("cluster").new_url()
    with open_store(url, create=True) as made:
        rows = shelf(random.Random(3))
        put(made, rows)
        states = [(sha(path), "m1", ("agreed", "conflict", "open")[n % 3]) for n, path in enumerate(rows) if n % 4 == 0]
        made.put_standings(states)
        yield made


def fits(mark: FoundMark, wanted: Filter) -> bool:
    """Whether a mark fits, as the filter's words say, by nothing but its own fields."""
    words = folded(
        " ".join([mark.reading, mark.pattern, mark.code, mark.maker, mark.country, mark.state_then, mark.calibre])
    ).split()
    year = wanted.year
    exact = ("code", "calibre", "level", "kind", "pattern", "country")
    tests = [getattr(mark, name) == getattr(wanted, name) for name in exact if getattr(wanted, name)]
    tests += [wanted.maker.lower() in mark.maker.lower(), mark.probability >= wanted.least_probability]
    tests += [year is None or (mark.year_from is not None and mark.year_from <= year <= (mark.year_to or 0))]
    tests += [any(word.startswith(asked) for word in words) for asked in folded(wanted.words).split()]
    if wanted.reading:
        key, read = folded(wanted.reading), folded(mark.reading)
        tests.append(read.startswith(key) if wanted.reading.endswith("*") else read == key)
    if wanted.folder:
        tests.append(mark.path.startswith(wanted.folder + "/"))
    if wanted.state:
        tests.append(mark.state == wanted.state)
    return all(tests)


def drawn(rng: random.Random, marks: list[FoundMark]) -> Filter:
    """A filter of one to four conditions, most of them true of one of the marks."""
    one, other = rng.choice(marks), rng.choice(marks)
    values: dict[str, Any] = {name: getattr(one, name) for name in ("country", "code", "calibre", "level", "pattern")}
    values |= {"kind": other.kind, "year": one.year_from, "maker": one.maker[1:4], "state": other.state}
    values |= {"words": " ".join(word[: rng.randrange(1, 6)] for word in rng.sample(folded(one.reading).split(), 2))}
    values |= {"reading": one.reading if rng.random() < 0.3 else one.reading[:4] + "*", "folder": one.path[:4]}
    values |= {"least_probability": rng.choice((0.3, 0.9))}
    return Filter(**{name: values[name] for name in rng.sample(sorted(values), rng.randrange(1, 5))})


def paged(store: Store, wanted: Filter, order: Any) -> list[int]:
    numbers: list[int] = []
    after = None
    while True:
        page = store.marks(wanted, order=order, limit=20, after=after)
        numbers += [mark.number for mark in page.marks]
        after = page.after
        if after is None:
            return numbers


ORDERS: dict[str, Callable[[FoundMark], tuple[float, int]]] = {
    "number": lambda mark: (0.0, mark.number),
    "probability": lambda mark: (-mark.probability, mark.number),
    "year": lambda mark: (9999 if mark.year_from is None else mark.year_from, mark.number),
}


# So many marks of a condition are counted, and so far a walk is thought short: where no condition leads, where one
# always does, and as in a huge store.
@pytest.mark.parametrize(("many", "few"), [(leading.MANY, leading.FEW), (leading.MANY, 0), (60, 0), (1, 0)])
def test_drawn_searches_find_what_plain_python_finds(
    store: Store, monkeypatch: pytest.MonkeyPatch, many: int, few: int
) -> None:
    monkeypatch.setattr(leading, "MANY", many)
    monkeypatch.setattr(leading, "FEW", few)
    rng = random.Random(many + few)
    marks = list(store.all_marks())
    some = 0
    for _ in range(60):
        wanted = drawn(rng, marks)
        expected = [mark for mark in marks if fits(mark, wanted)]
        some += bool(expected)
        order, key = rng.choice(list(ORDERS.items()))
        assert paged(store, wanted, order) == [mark.number for mark in sorted(expected, key=key)], (wanted, order)
        assert store.count_marks(wanted) == len(expected), wanted
    assert some > 20
