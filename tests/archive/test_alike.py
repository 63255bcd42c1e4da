"""Find this mark again: what a mark looks like, whichever way it was turned and lit, and who else looks so."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from archive.shelves import new_store, record, sha

from vision.archive import alike as alike_module
from vision.archive import look
from vision.archive.alike import alike, index
from vision.archive.intake import Intake
from vision.archive.rows import FileSeen, Tagged
from vision.archive.store import Store, open_store
from vision.errors import UsageError
from vision.types import Rgb

WORDS = ("188 43", "WIN 5.56", "PPU 7.62", "L C 17", "AGUILA 16", "270 78", "IK 1977", "FN 50", "POF 81", "bxn 62")


def strip(words: str) -> Rgb:
    """A head unrolled, with words on it."""
    grey = np.full((96, 900, 3), 150, np.uint8)
    for place, word in enumerate(words.split()):
        cv2.putText(grey, word, (60 + 400 * place, 60), cv2.FONT_HERSHEY_DUPLEX, 1.6, (90, 80, 70), 4)
    return grey


def seen_again(strip_rgb: Rgb, seed: int) -> Rgb:
    """The same head in another photo: turned, lit from another side, grainy, less sharp."""
    rng = np.random.default_rng(seed)
    turned = np.roll(strip_rgb, int(rng.integers(strip_rgb.shape[1])), axis=1).astype(np.float32)
    light = 1.0 + 0.3 * np.sin(np.linspace(0.0, 2.0 * np.pi, turned.shape[1]) + rng.uniform(0.0, 6.0))
    lit = turned * light[None, :, None] * rng.uniform(0.7, 1.2) + rng.normal(0.0, 5.0, turned.shape)
    return cv2.GaussianBlur(np.clip(lit, 0, 255).astype(np.uint8), (0, 0), 1.0)


def shelve(store: Store, looks: dict[str, bytes], kit: str = "kit-1", kind: str = "headstamp") -> None:
    """Store one photo a name, its mark with the look given."""
    intake = Intake(store.engine, "0.1.0", kit, "{}")
    intake.see([FileSeen(name, len(name), 1) for name in looks])
    for waiting in intake.waiting():
        if waiting.path in looks:
            made = record(waiting.path, kind=kind)
            tagged = Tagged(sha(waiting.path), 1, json.dumps(made), looks={made["marks"][0]["id"]: looks[waiting.path]})
            intake.add(waiting.file, tagged)


def numbers(store: Store) -> dict[str, int]:
    return {mark.path: mark.number for mark in store.all_marks()}


def found(store: Store, path: str, limit: int = 50) -> list[tuple[str, float]]:
    return [(mark.path, closeness) for mark, closeness in alike(store, numbers(store)[path], limit)]


def rows(count: int, seed: int = 5) -> dict[str, bytes]:
    """So many looks in families of four that differ a little."""
    rng = np.random.default_rng(seed)
    made = {}
    for number in range(count):
        if number % 4 == 0:
            family = rng.normal(0.0, 30.0, look.SIZE)
        values = family + rng.normal(0.0, 10.0, look.SIZE)
        made[f"{number:03}.jpg"] = np.clip(np.rint(values), -127, 127).astype(np.int8).tobytes()
    return made


def test_a_look_does_not_depend_on_how_the_head_was_turned_or_lit() -> None:
    first = look.vectors([look.look_of(strip(words)) for words in WORDS])
    again = look.vectors([look.look_of(seen_again(strip(words), seed)) for seed, words in enumerate(WORDS)])
    usual = first.mean(axis=0)
    closeness = np.stack([look.alike(one, first, usual) for one in again])
    assert closeness.argmax(axis=1).tolist() == list(range(len(WORDS)))
    assert look.alike(first[3], first, usual)[3] == pytest.approx(1.0)


def test_a_look_that_is_turned_by_whole_bins_is_the_same_to_the_last_steps() -> None:
    plain = cv2.resize(strip("188 43"), (512, 48), interpolation=cv2.INTER_AREA)
    one, other = look.vectors([look.look_of(plain), look.look_of(np.roll(plain, 8 * 13, axis=1))])
    assert np.abs(one - other).max() <= 1.0


def test_a_mark_without_any_edge_has_a_look(tmp_path: Path) -> None:
    flat = look.vectors([look.look_of(np.full((20, 300, 3), 9, np.uint8))])
    assert np.isfinite(look.alike(flat[0], flat, np.zeros(look.SIZE, np.float32))).all()


def test_the_same_mark_is_found_again_likest_first(store: Store) -> None:
    photos = {words: look.look_of(seen_again(strip(words), 20 + n)) for n, words in enumerate(WORDS)}
    photos |= {f"{WORDS[0]} again {n}": look.look_of(seen_again(strip(WORDS[0]), n)) for n in range(3)}
    shelve(store, photos)
    likest = found(store, WORDS[0], limit=5)
    assert {path for path, _ in likest[:3]} == {f"{WORDS[0]} again {n}" for n in range(3)}
    closeness = [one for _, one in likest]
    assert closeness == sorted(closeness, reverse=True)
    assert len(likest) == 5
    assert WORDS[0] not in [path for path, _ in likest]


def test_heads_are_not_compared_with_straight_marks_nor_with_older_runs(store: Store) -> None:
    same = look.look_of(strip("188 43"))
    shelve(store, {"head.jpg": same, "other.jpg": same}, kit="kit-1")
    shelve(store, {"serial.jpg": same}, kit="kit-1", kind="serial")
    shelve(store, {"other.jpg": same}, kit="kit-2")
    assert [path for path, _ in found(store, "head.jpg")] == ["other.jpg"]
    assert found(store, "serial.jpg") == []


def test_a_mark_without_a_look_is_said(store: Store) -> None:
    shelve(store, {})
    with pytest.raises(UsageError, match="no mark 7 whose look is stored"):
        alike(store, 7)


def test_beyond_a_bound_signatures_are_gone_through_and_find_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = rows(120)
    shelve(store, looks)
    exact = {path: found(store, path, 3) for path in list(looks)[::7]}
    for name, value in (("EXACT", 100), ("PAGE", 32), ("BEST", 20)):
        monkeypatch.setattr(alike_module, name, value)
    index(store)
    pages = _pages(store)
    assert [size for _, size in pages] == [32, 32, 32, 24]
    for path, expected in exact.items():
        assert [name for name, _ in found(store, path, 3)] == [name for name, _ in expected]
    index(store)
    assert _pages(store) == pages


def test_what_was_tagged_after_the_pages_were_written_is_found_and_paged_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = rows(120)
    early = dict(list(looks.items())[:110])
    shelve(store, early)
    for name, value in (("EXACT", 100), ("PAGE", 32), ("BEST", 20)):
        monkeypatch.setattr(alike_module, name, value)
    index(store)
    assert [size for _, size in _pages(store)] == [32, 32, 32, 14]
    shelve(store, looks)
    late = found(store, "116.jpg", 3)
    assert {path for path, _ in late} == {"117.jpg", "118.jpg", "119.jpg"}
    index(store)
    assert [size for _, size in _pages(store)] == [32, 32, 32, 24]
    assert [path for path, _ in found(store, "116.jpg", 3)] == [path for path, _ in late]
    shelve(store, rows(260))
    index(store)
    assert sum(size for _, size in _pages(store)) == 260


def test_a_store_of_the_first_schema_is_brought_up_to_date(tmp_path: Path, store_url: str) -> None:
    from alembic import command

    from vision.archive.connect import _engine, _script, writing
    from vision.archive.connect import store_url as url_of

    engine = _engine(url_of(store_url), 1000)
    with writing(engine) as connection:
        config = _script()
        config.attributes["connection"] = connection
        command.upgrade(config, "r0001")
    engine.dispose()
    with open_store(store_url) as store:
        shelve(store, {"a.jpg": look.look_of(strip("188 43")), "b.jpg": look.look_of(strip("188 43"))})
        assert [path for path, _ in found(store, "a.jpg")] == ["b.jpg"]


def test_an_empty_store_needs_no_pages(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        index(store)
        assert _pages(store) == []


def _pages(store: Store) -> list[tuple[int, int]]:
    from sqlalchemy import select

    from vision.archive.connect import reading
    from vision.archive.tables import look_pages

    with reading(store.engine) as connection:
        query = select(look_pages.c.first, look_pages.c.size).order_by(look_pages.c.first)
        return [(int(first), int(size)) for first, size in connection.execute(query)]


def test_bits_are_counted_and_the_least_found_as_the_plain_way_does() -> None:
    rng = np.random.default_rng(3)
    signatures = rng.integers(0, 2**64, (3000, look.SIZE // 64), dtype=np.uint64)
    signatures[0], signatures[1] = 2**64 - 1, 0
    bits = alike_module._bits_of(signatures)
    assert bits.tolist() == [sum(int(word).bit_count() for word in row) for row in signatures]
    for most in (1, 2, 100, 2999, 3000, 5000):
        plain = np.argsort(bits, kind="stable")[:most]
        assert sorted(alike_module._least(bits, most).tolist()) == sorted(plain.tolist()), most
