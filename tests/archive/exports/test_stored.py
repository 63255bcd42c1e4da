"""Items as a store gives them: paths of the files, copies, failures, and people's words on the right marks."""

from __future__ import annotations

from pathlib import Path

from archive.exports.made import CONFIRMED, REJECTED
from archive.shelves import put, record, sha, tagged

from vision.archive.exports.items import findings
from vision.archive.exports.stored import decided_items, stored_items, without_file
from vision.archive.intake import Intake
from vision.archive.rows import FileSeen, Tagged
from vision.archive.store import Store
from vision.types import Failure

WORDS = {sha("b.jpg"): {"m1": CONFIRMED}, sha("gone"): {"m1": REJECTED}}


def filled(store: Store) -> Store:
    """Four photos, one of them twice, and a file that failed."""
    put(store, {name: {} for name in ("a.jpg", "b.jpg", "c.jpg")})
    intake = Intake(store.engine, "0.1.0", "kit-1", "{}")
    intake.see([FileSeen(name, 1, 1) for name in ("copies/a again.jpg", "d\\xff.jpg", "z broken.jpg")])
    for waiting in intake.waiting():
        if "again" in waiting.path:
            intake.add(waiting.file, tagged("a.jpg"))
        elif "broken" in waiting.path:
            failure = Failure("photo", "damaged", "Copy it again.")
            intake.add(waiting.file, Tagged(None, 1, None, failure))
        else:
            intake.add(waiting.file, tagged("d"))
    return store


def test_every_photo_comes_once_with_its_copies_in_one_order(store: Store) -> None:
    items = list(stored_items(filled(store), WORDS))
    photos = [item for item in items if item.record["failure"] is None]
    shas = [item.record["photo"]["sha256"] for item in photos]
    assert shas == sorted(sha(name) for name in ("a.jpg", "b.jpg", "c.jpg", "d"))
    by_path = {item.path: item for item in photos}
    assert by_path["a.jpg"].copies == ("copies/a again.jpg",)
    assert by_path["d\\xff.jpg"].file == Path("d\udcff.jpg")
    assert by_path["b.jpg"].record["marks"] == record("b.jpg")["marks"]


def test_every_file_comes_when_sidecars_are_written(store: Store) -> None:
    items = list(stored_items(filled(store), WORDS, every_file=True))
    assert sorted(item.path for item in items) == [
        "a.jpg",
        "b.jpg",
        "c.jpg",
        "copies/a again.jpg",
        "d\\xff.jpg",
        "z broken.jpg",
    ]
    assert {item.copies for item in items} == {()}


def test_a_file_that_failed_says_why(store: Store) -> None:
    (failed,) = [item for item in stored_items(filled(store), WORDS) if item.record["failure"]]
    assert failed.path == "z broken.jpg"
    assert failed.record["failure"] == {"stage": "photo", "code": "damaged", "detail": "Copy it again."}
    assert findings(failed, True) == ()


def test_words_come_with_the_photo_that_they_were_said_of(store: Store) -> None:
    items = {item.path: item for item in stored_items(filled(store), WORDS)}
    assert items["b.jpg"].words == {"m1": CONFIRMED}
    assert [item.words for path, item in items.items() if path != "b.jpg"] == [{}] * 4
    (decided,) = decided_items(store, WORDS)
    assert (decided.path, decided.words) == ("b.jpg", {"m1": CONFIRMED})


def test_a_photo_that_was_read_once_leaves_once_though_a_newer_run_failed_on_it(store: Store) -> None:
    filled(store)
    newer = Intake(store.engine, "0.1.0", "kit-2", "{}")
    files = {one.path: one.file for one in newer.waiting()}
    newer.add(files["a.jpg"], Tagged(None, 1, None, Failure("worker", "timeout", "It took too long, twice.")))
    items = list(stored_items(store, WORDS))
    assert [item.record["failure"] for item in items if item.path == "a.jpg"] == [None]
    (failed,) = [item for item in items if item.record["failure"]]
    assert (failed.path, failed.record["run"]["kit"]) == ("z broken.jpg", "kit-1")


def test_words_on_photos_whose_file_is_gone_are_told(store: Store) -> None:
    assert without_file(filled(store), WORDS) == {sha("gone"): {"m1": REJECTED}}


def test_an_empty_store_gives_nothing(store: Store) -> None:
    assert list(stored_items(store, {})) == []
    assert list(decided_items(store, {})) == []
