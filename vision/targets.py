"""What a file that a user names for writing must never replace: a photo, a store, or what lies beside a store.

A photo is told by its first bytes, whatever it is called and however large or damaged it is, but for a sheet that
marktrace drew, which is known by SHEET and may be drawn anew; a store by being a SQLite database. It need not be the
store that is open: an archive's decision log exists once, so no database is replaced.
"""

from __future__ import annotations

from pathlib import Path

from vision.errors import OutputError, UsageError

SHEET = "marktrace sheet"  # what a drawn sheet says within its first _SHEET_WITHIN bytes
_SHEET_WITHIN = 200
_PHOTOS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"BM", b"FUJIFILM")
_DATABASE = b"SQLite format 3\0"
_BESIDE = ("-wal", "-shm", "-journal", ".tagging")  # SQLite's own files of a store, and marktrace tag's lock


def check_target(target: Path) -> None:
    """Raise UsageError where writing target would destroy a photo or a store, OutputError where nobody can tell."""
    if target.is_dir():
        raise UsageError(f"{target} is a folder; name a file.")
    try:
        head = _head(target)
        stores = [Path(str(target).removesuffix(end)) for end in _BESIDE if target.name.endswith(end)]
        beside = next((store for store in stores if _head(store).startswith(_DATABASE)), None)
    except OSError as fault:
        raise OutputError(f"Cannot write {target}: {fault.strerror}.") from fault
    if _is_photo(head):
        raise UsageError(f"{target} is a photo; no photo is ever replaced. Name another file.")
    if head.startswith(_DATABASE):
        raise UsageError(f"{target} is a store or another database; none is ever replaced. Name another file.")
    if beside:
        raise UsageError(f"{target} belongs to the store {beside}. Name another file.")


def _head(path: Path) -> bytes:
    """A file's first bytes; none where there is no plain file."""
    if not path.is_file():
        return b""
    with path.open("rb") as stream:
        return stream.read(_SHEET_WITHIN)


def _is_photo(head: bytes) -> bool:
    if SHEET.encode() in head:
        return False
    return head.startswith(_PHOTOS) or head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
