"""Photos in an object store, by URL: the same run as over a folder. fsspec's store in memory stands for a real one."""

from __future__ import annotations

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
