"""Photos in an object store, by URL: the same run as over a folder. fsspec's store in memory stands for a real one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archive import fakes
from archive.shelves import new_store

from vision.archive import source
from vision.archive.source import root_of
from vision.archive.tag import Outcome, tag
from vision.archive.worker import Job
from vision.errors import MissingError, OutputError, PhotoError

fsspec = pytest.importorskip("fsspec", reason="no fsspec here: it comes with pip install '.[ray]'")


@pytest.fixture
def bucket() -> Iterator[Any]:
    """An empty object store."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


def run(folder: Path) -> Outcome:
    job = Job(fakes.MAKE)
    with new_store(folder) as store:
        return tag(store, [root_of("memory://finds/2024/")], job, fakes.Serial(job))


def test_photos_of_an_object_store_are_tagged_once(bucket: Any, tmp_path: Path) -> None:
    for name in ("a.jpg", "deep/b.JPG", "notes.txt"):
        bucket.pipe_file(f"/finds/2024/{name}", b"photo " + name.encode())
    bucket.pipe_file("/finds/2023/c.jpg", b"another year's")
    first = run(tmp_path)
    assert (first.examined, first.counts.done, first.failed) == (2, 2, 0)
    assert run(tmp_path).examined == 0
    with new_store(tmp_path) as store:
        assert sorted(mark.path for mark in store.all_marks()) == [
            "memory://finds/2024/a.jpg",
            "memory://finds/2024/deep/b.JPG",
        ]


def test_what_macos_keeps_beside_a_photo_is_no_photo_in_an_object_store_either(bucket: Any, tmp_path: Path) -> None:
    for name in ("mac.jpg", "._mac.jpg", "deep/._b.heic"):
        bucket.pipe_file(f"/finds/2024/{name}", b"photo " + name.encode())
    assert run(tmp_path).examined == 1


@pytest.mark.parametrize("name", ["back\\slash.jpg", "back\\xe9.jpg", "new\nline.jpg", "caf\udce9.jpg"])
def test_an_objects_name_comes_back_as_it_was(bucket: Any, tmp_path: Path, name: str) -> None:
    bucket.pipe_file(f"/finds/2024/{name}", b"photo")
    assert run(tmp_path).counts.done == 1
    with new_store(tmp_path) as store:
        (one,) = store.records()
        assert store.paths(one.photo) == [f"memory://finds/2024/{name}"]


def test_a_folder_by_its_url_is_that_folder(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"photo a")
    (folder / "no-ending").write_bytes(b"\xff\xd8\xff rest of a photo")
    (folder / "link.jpg").symlink_to("a.jpg")
    os.mkfifo(folder / "pipe.jpg")
    with open(os.fsencode(folder) + b"/caf\xe9.jpg", "wb") as file:
        file.write(b"photo b")
    with new_store(tmp_path) as store:
        outcome = tag(store, [root_of(f"file://{folder}/")], Job(fakes.MAKE), fakes.Serial(Job(fakes.MAKE)))
        assert outcome.skipped == {"link": 1, "special file": 1}
        found = sorted(path for one in store.records() for path in store.paths(one.photo))
        assert found == [f"{folder}/{name}" for name in ("a.jpg", "caf\udce9.jpg", "no-ending")]


def test_an_object_that_is_gone_is_said(bucket: Any) -> None:
    with pytest.raises(PhotoError, match="gone since"):
        source.read("memory://finds/none.jpg")


def test_an_object_that_is_too_large_is_not_fetched(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.pipe_file("/finds/a.jpg", b"12345")
    monkeypatch.setattr(source, "FILE_BYTES", 4)
    monkeypatch.setattr(type(bucket), "cat_file", lambda *_: pytest.fail("it was fetched"))
    with pytest.raises(PhotoError, match="Save it smaller"):
        source.read("memory://finds/a.jpg")


def test_an_object_store_without_a_driver_is_said() -> None:
    with pytest.raises(MissingError, match="nosuch://finds cannot be read"):
        list(source.scan("nosuch://finds", source.Passed()))


def test_an_object_store_that_cannot_be_listed_is_said(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(type(bucket), "find", refuse)
    with pytest.raises(OutputError, match="memory://finds cannot be listed: Access Denied"):
        list(source.scan("memory://finds", source.Passed()))
