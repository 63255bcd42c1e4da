"""No file that a user names for writing takes the place of a photo or of a store."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from archive.exports.made import photo_bytes
from archive.shelves import new_store, put

from vision.cli import run
from vision.errors import UsageError
from vision.targets import check_target

WRITERS = {
    "report": ["report"],
    "dossier": ["report", "--photo", "a.jpg"],
    "csv": ["export", "--format", "csv"],
    "log": ["log", "export"],
    "labels": ["log", "labels"],
    "head": ["log", "head"],
}


@pytest.fixture
def finds(tmp_path: Path) -> Path:
    with new_store(tmp_path) as store:
        put(store, {"a.jpg": {}})
    return tmp_path / "finds.db"


@pytest.mark.parametrize("verb", WRITERS)
@pytest.mark.parametrize("name", ["finds.db", "link.db", "finds.db-wal", "finds.db-shm", "finds.db.tagging"])
def test_no_verb_writes_over_the_store_or_what_belongs_to_it(finds: Path, verb: str, name: str) -> None:
    (finds.parent / "link.db").symlink_to(finds)
    assert run([*WRITERS[verb], "--store", str(finds), "-o", str(finds.parent / name)]) == 1
    assert (finds.parent / "link.db").is_symlink()
    with new_store(finds.parent) as store:
        assert store.count_marks() == 1


@pytest.mark.parametrize("verb", WRITERS)
def test_no_verb_writes_over_a_photo(finds: Path, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    photo = finds.parent / "coin.html"
    photo.write_bytes(photo_bytes())
    assert run([*WRITERS[verb], "--store", str(finds), "-o", str(photo)]) == 1
    assert photo.read_bytes() == photo_bytes()
    assert "is a photo; no photo is ever replaced" in capsys.readouterr().err


@pytest.mark.parametrize(
    "head",
    [
        b"II*\0\x10\0\0\0CR\x02\0",  # a camera's raw file
        b"\0\0\0\x18ftypavif",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"\x89PNG\r\n\x1a\n",  # cut short
    ],
)
def test_a_photo_that_cannot_be_read_here_is_one_all_the_same(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "finds.csv").write_bytes(head)
    with pytest.raises(UsageError, match="is a photo"):
        check_target(tmp_path / "finds.csv")


def test_another_database_is_not_replaced_and_other_files_are(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "digikam4.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(UsageError, match="is a store or another database"):
        check_target(tmp_path / "digikam4.db")
    (tmp_path / "old.csv").write_text("photo,mark\n")
    for name in ("old.csv", "new.csv", "empty", "notes-wal", "-wal"):
        check_target(tmp_path / name)
