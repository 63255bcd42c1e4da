"""The report's numbers, counted from a small store whose every mark is known."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from archive.exports.made import CONFIRMED, CONFLICT, REJECTED
from archive.shelves import put, record, sha

from vision.archive import mark_pages
from vision.archive.exports.counted import step
from vision.archive.exports.figures import archive_of
from vision.archive.exports.items import Word
from vision.archive.intake import Intake
from vision.archive.mark_pages import page_marks
from vision.archive.rows import FileSeen, Tagged
from vision.archive.store import Store
from vision.report.archive import Archive, Bar, Chart, Reason, page, photo_lists
from vision.types import Failure

# What differs between the marks; the first candidate is Novosibirsk's 188, Russia, 1943, 7.62x54mmR, risk 0.24.
KHARTOUM = {"latitude": 15.6, "longitude": 32.5}
GAO = {"latitude": 16.27, "longitude": -0.05}
SERBIA = {
    "pattern": "rs-ppu", "code": "ППУ", "manufacturer": "Prvi Partizan", "country": "RS",
    "year": {"from": 1980, "to": 1989, "probability": 1.0}, "calibre": "7.62x39mm",
}  # fmt: skip
MARKS = {
    "a.jpg": {"photo": {"place": KHARTOUM, "taken_at": "2024-05-03T10:00:00"}},
    "b.jpg": {"photo": {"place": GAO, "taken_at": "2024-06-03T10:00:00"}},
    "c.jpg": {"photo": {"place": KHARTOUM, "taken_at": "2024-05-09T10:00:00"}, **SERBIA},
    "d.jpg": {"photo": {"place": None, "taken_at": None}, **SERBIA},
    "e.jpg": {"photo": {"place": GAO, "taken_at": "2024-06-04T10:00:00"}},
}


@pytest.fixture(autouse=True, params=["rows", "pages"])
def _kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every figure is the same counted from rows and from pages of two marks, of which the fifth is in none."""
    if request.param == "pages":
        monkeypatch.setattr(mark_pages, "PAGE", 2)


def filled(store: Store) -> Store:
    """Five marks and a failure: e.jpg's origin is unknown, d.jpg is stated to its state only."""
    put(store, {})
    intake = Intake(store.engine, "0.1.0", "kit-1", "{}")
    intake.see([FileSeen(name, 1, 1) for name in (*MARKS, "x.jpg")])
    for waiting in intake.waiting():
        if waiting.path == "x.jpg":
            failure = Failure("photo", "damaged", "Copy it again.")
            intake.add(waiting.file, Tagged(None, 1, None, failure))
            continue

        made = record(waiting.path, **MARKS[waiting.path])
        attribution = made["marks"][0]["attribution"]
        if waiting.path == "e.jpg":
            attribution |= {"level": "unknown", "risk": 0.0}
        if waiting.path == "d.jpg":
            attribution |= {"level": "state", "risk": 0.1}
        intake.add(waiting.file, Tagged(sha(waiting.path), 1, json.dumps(made)))
    page_marks(store)
    return store


def bars(chart: Chart) -> dict[str, tuple[int, int, float]]:
    """By name: confirmed, candidates, and how many of these are expected to be right."""
    return {bar.name: (bar.confirmed, bar.marks, pytest.approx(bar.stated.expected)) for bar in chart.bars}


def chart(archive: Archive, key: str) -> Chart:
    return next(one for one in archive.charts if one.key == key)


def paths(bar: Bar | Reason) -> list[str]:
    return [photo.path for photo in bar.photos]


def test_candidates_are_counted_as_far_as_they_are_stated(store: Store) -> None:
    archive = archive_of(filled(store), {})
    assert bars(chart(archive, "country")) == {"Russia": (0, 2, 1.52), "Serbia": (0, 2, 0.76 + 0.9)}
    assert bars(chart(archive, "maker")) == {
        "Novosibirsk Cartridge Plant (RU)": (0, 2, 1.52),
        "Prvi Partizan (RS)": (0, 1, 0.76),
    }
    assert bars(chart(archive, "calibre")) == {"7.62x54mmR": (0, 2, 2 * 0.6241), "7.62x39mm": (0, 2, 2 * 0.6241)}
    assert archive.years is not None
    assert bars(archive.years) == {"1943": (0, 2, 2 * 0.6241)}
    assert archive.years.rest == "Not shown: 2 marks dated to a span of years that no column holds."
    assert archive.totals == {
        "files in the archive": 6,
        "photos examined": 5,
        "marks found": 5,
        "confirmed by people": 0,
        "candidates, not confirmed": 4,
        "rejected by people": 0,
        "people cannot tell": 0,
    }


def test_a_mark_that_a_person_decided_on_is_no_candidate_any_more(store: Store) -> None:
    words = {
        sha("a.jpg"): {"m1": CONFIRMED},
        sha("c.jpg"): {"m1": REJECTED},
        sha("b.jpg"): {"m1": CONFLICT},
        sha("e.jpg"): {"m1": replace(CONFIRMED, pattern="", level="state", maker="", country="IR")},
    }
    archive = archive_of(filled(store), words)
    assert bars(chart(archive, "country")) == {"Russia": (1, 1, 0.76), "Iran": (1, 0, 0.0), "Serbia": (0, 1, 0.9)}
    assert bars(chart(archive, "maker")) == {"Novosibirsk Cartridge Plant (RU)": (1, 1, 0.76)}
    assert archive.years is not None
    assert bars(archive.years) == {"1943": (1, 1, 0.6241)}
    assert archive.totals["confirmed by people"] == 2
    assert archive.totals["rejected by people"] == 1
    assert archive.totals["marks found"] == 5
    assert archive.notes == ("On 1 mark people contradict each other; it is shown as a candidate.",)
    assert paths(chart(archive, "country").bars[0]) == ["a.jpg", "b.jpg"]
    first = chart(archive, "country").bars[0].photos[0]
    assert (first.confirmed, first.says) == (True, "confirmed by M. Okoye: Novosibirsk Cartridge Plant, Russia")


def test_a_pattern_that_is_not_the_first_candidate_brings_its_own_year(store: Store) -> None:
    other = replace(CONFIRMED, pattern="ru-188-klimovsk", maker="Klimovsk Stamping Works (RU)")
    archive = archive_of(filled(store), {sha("a.jpg"): {"m1": other}})
    assert bars(chart(archive, "maker"))["Klimovsk Stamping Works (RU)"] == (1, 0, 0.0)
    assert archive.years is not None
    assert archive.years.rest.startswith("Not shown: 3 marks")  # 1936 to 1941, and Prvi Partizan's two


def test_a_photo_behind_a_bar_names_the_state_of_the_time_beside_that_of_today(store: Store) -> None:
    put(store, {"a.jpg": {"country": "CZ", "state_then": "Czechoslovakia"}, "b.jpg": {"state_then": "Russia"}})
    shown = {p.path: p.says for bar in chart(archive_of(store, {}), "country").bars for p in bar.photos}
    assert shown["a.jpg"].endswith("Czech Republic, then Czechoslovakia")
    assert shown["b.jpg"].endswith(", Russia")


def test_shares_by_place_and_date(store: Store) -> None:
    place, date = archive_of(filled(store), {sha("a.jpg"): {"m1": CONFIRMED}}).shares
    assert place.names == ("Serbia", "Russia", "others", "none stated") or place.names[:2] == ("Russia", "Serbia")
    rows = {row.name: row for row in place.rows}
    assert {name: row.marks for name, row in rows.items()} == {"16° N 32° E": 2, "16° N 0° E": 2, "not noted": 1}
    russia, serbia = place.names.index("Russia"), place.names.index("Serbia")
    assert (rows["16° N 32° E"].confirmed[russia], rows["16° N 32° E"].stated[russia].expected) == (1, 0.0)
    assert rows["16° N 32° E"].stated[serbia].expected == pytest.approx(0.76)
    assert rows["16° N 0° E"].stated[-1].expected == 1.0
    assert [(row.name, row.marks) for row in date.rows] == [("2024-05", 2), ("2024-06", 2), ("not noted", 1)]


def test_marks_alike_at_two_places(store: Store) -> None:
    (cluster,) = archive_of(filled(store), {}).clusters
    assert (cluster.says, cluster.marks) == ("188, 1943, 7.62x54mmR", 2)
    assert set(cluster.places) == {"16° N 32° E", "16° N 0° E"}
    assert cluster.dates == "2024-05 to 2024-06"
    assert sorted(photo.path for photo in cluster.photos) == ["a.jpg", "b.jpg"]
    (same,) = archive_of(store, {sha("a.jpg"): {"m1": CONFIRMED}}).clusters
    assert (same.marks, same.dates) == (2, "2024-05 to 2024-06")


def test_what_could_not_be_read_and_how_good_the_marks_were(store: Store) -> None:
    archive = archive_of(filled(store), {})
    assert {reason.says: reason.count for reason in archive.reasons} == {
        "file that is damaged": 1,
        "mark that was read, and no origin fits": 1,
    }
    assert [photo.path for photo in archive.reasons[0].photos] == ["x.jpg"]
    sharpness = {one.name: (one.stated, one.unknown) for one in archive.histograms[0].steps}
    assert sharpness["0.8 and more"] == (4, 1)
    assert sum(stated + unknown for stated, unknown in sharpness.values()) == 5


def test_every_bar_has_a_list_of_its_photos_that_the_page_links_to(store: Store) -> None:
    archive = archive_of(filled(store), {sha("a.jpg"): {"m1": CONFIRMED}})
    html = page(archive)
    lists = photo_lists(archive)
    assert len(lists) >= 15
    for one in lists:
        assert f'href="#{one.key}"' in html, one.title
        assert f'id="{one.key}"' in html, one.title
        assert one.photos, one.title
    for bar in (bar for some in archive.charts for bar in some.bars):
        assert bar.photos


def test_a_new_run_counts_each_photo_once(store: Store) -> None:
    filled(store)
    intake = Intake(store.engine, "0.1.0", "kit-2", "{}")
    intake.see([FileSeen("a.jpg", 1, 1)])
    (waiting,) = [one for one in intake.waiting() if one.path == "a.jpg"]
    intake.add(waiting.file, Tagged(sha("a.jpg"), 1, json.dumps(record("a.jpg", **MARKS["a.jpg"]))))
    archive = archive_of(store, {})
    assert archive.totals["marks found"] == 5
    assert archive.notes == ("The store holds 2 runs; each photo is counted once, as its newest run has it.",)


def test_an_empty_store_has_a_page(store: Store) -> None:
    archive = archive_of(store, {})
    assert archive.totals["marks found"] == 0
    assert "Every photo was read." in page(archive)


def test_a_mark_that_a_person_drew_has_its_photos_place_and_date_and_leads_to_it(store: Store) -> None:
    box = ((1.0, 1.0), (9.0, 1.0), (9.0, 5.0), (1.0, 5.0))
    drawn = Word("confirmed", ("A",), "t", level="state", country="IR", reading="1", kind="serial", outline=box)
    archive = archive_of(filled(store), {sha("a.jpg"): {"p-1": drawn, "p-2": drawn}})
    assert bars(chart(archive, "country"))["Iran"] == (2, 0, 0.0)
    (iran,) = (bar for bar in chart(archive, "country").bars if bar.name == "Iran")
    assert paths(iran) == ["a.jpg", "a.jpg"]
    assert iran.photos[0].says == "confirmed by A: Iran"
    by_place, by_month = archive.shares
    assert {row.name: sum(row.confirmed) for row in by_place.rows}["16° N 32° E"] == 2
    assert {row.name: sum(row.confirmed) for row in by_month.rows}["2024-05"] == 2


def test_photos_that_no_file_holds_any_more_are_counted_nowhere_and_what_people_said_of_them_is_told(
    store: Store,
) -> None:
    filled(store)
    other = Intake(store.engine, "0.1.0", "kit-1", "{}")
    other.see([FileSeen("/d/old.jpg", 1, 1)])
    other.add(7, Tagged(sha("old"), 1, json.dumps(record("old", **MARKS["c.jpg"]))))
    words = {sha("old"): {"m1": CONFIRMED}, sha("a.jpg"): {"m1": CONFIRMED}}
    assert archive_of(store, words).totals["confirmed by people"] == 2
    other.see([], under=["/d"])
    without = archive_of(store, {sha("a.jpg"): {"m1": CONFIRMED}})
    archive = archive_of(store, words)
    assert (archive.totals, archive.charts, archive.shares) == (without.totals, without.charts, without.shares)
    assert (archive.totals["photos examined"], archive.totals["marks found"]) == (5, 5)
    assert archive.notes == (
        "People decided on 1 mark of photos whose file was changed or is gone since. What they decided is kept, and "
        "not counted here: marktrace search --store STORE --without-file lists it.",
    )


def test_a_file_that_failed_in_an_older_run_is_told_while_nothing_has_read_it_and_only_then(store: Store) -> None:
    filled(store)
    newer = Intake(store.engine, "0.1.0", "kit-2", "{}")
    files = {one.path: one.file for one in newer.waiting()}
    newer.add(files["a.jpg"], Tagged(sha("a.jpg"), 1, None, Failure("photo", "too_large", "Too large.")))
    archive = archive_of(store, {})
    assert {one.says: paths(one) for one in archive.reasons if "file" in one.says} == {
        "file that is damaged": ["x.jpg"]
    }
    assert archive.totals["photos examined"] == 5


def test_steps_of_quality_hold_their_lower_edge() -> None:
    assert [step(value, (0.2, 0.4)) for value in (None, 0.0, 0.2, 0.39, 0.4, 1.0)] == [-1, 0, 1, 1, 2, 2]
