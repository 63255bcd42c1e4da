"""Files and folders that appear whole or not at all: written beside their place, flushed, then renamed into it.

A full disk, a kill or a fault half way leaves what was there before. What a kill -9 can leave is a hidden file or
folder whose name ends in .marktrace-partial; it may be deleted at any time.

A photo is never replaced, whatever it is called; a sheet that marktrace drew is known by SHEET and may be.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from vision.containers import Limits, inspect
from vision.errors import OutputError, PhotoError, UsageError

SHEET = "marktrace sheet"  # what a drawn sheet says in its first bytes
_SAID_WITHIN = 200


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """A stream whose bytes become target when the block ends without a fault.

    A file that is replaced keeps its permissions. Raises OutputError when it cannot be written, UsageError where it
    would replace a photo.
    """
    refuse_photo(target)
    partial = _partial(target)
    try:
        _make_folder(target.parent)
        with partial.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, partial)
        os.replace(partial, target)
        _flush_folder(target.parent)
    except OSError as fault:
        raise OutputError(f"Cannot write {target}: {fault.strerror or fault}.") from fault
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes target when the block ends without a fault.

    Raises OutputError when target holds something already, so that no two exports mix, or cannot be written.
    """
    if target.exists() and not (target.is_dir() and next(target.iterdir(), None) is None):
        raise OutputError(f"{target} is there already and is not an empty folder; name a new one.")
    partial = _partial(target)
    try:
        _make_folder(target.parent)
        partial.mkdir()
        yield partial
        for path in partial.rglob("*"):
            if path.is_file():
                with path.open("rb") as stream:
                    os.fsync(stream.fileno())
        os.replace(partial, target)
        _flush_folder(target.parent)
    except OSError as fault:
        raise OutputError(f"Cannot write {target}: {fault.strerror or fault}.") from fault
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def refuse_photo(target: Path) -> None:
    """Raise UsageError where target is a photo by its content, or is damaged like one."""
    try:
        if not target.is_file() or target.stat().st_size > Limits().file_bytes:
            return
        data = target.read_bytes()
        if SHEET.encode() in data[:_SAID_WITHIN]:
            return
        inspect(data, Limits())
    except PhotoError as fault:
        if fault.code in ("unsupported", "empty"):
            return
        raise UsageError(f"{target} looks like a photo; name another file.") from fault
    except OSError as fault:
        raise OutputError(f"Cannot write {target}: {fault.strerror}.") from fault
    raise UsageError(f"{target} is a photo, and no photo is ever replaced. Name another file.")


def _partial(target: Path) -> Path:
    return target.parent / f".{secrets.token_hex(8)}.marktrace-partial"


def _make_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    folder.mkdir(parents=True, exist_ok=True)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
