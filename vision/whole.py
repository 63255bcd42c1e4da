"""Files and folders that appear whole or not at all: written beside their place, flushed, then renamed into it.

A full disk, a kill or a fault half way leaves what was there before. What a kill -9 can leave is a hidden file or
folder whose name ends in .marktrace-partial; it may be deleted at any time.

A photo or a store is never replaced, whatever it is called (vision/targets.py).
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

from vision.errors import OutputError
from vision.targets import check_target


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """A stream whose bytes become target when the block ends without a fault.

    A file that is replaced keeps its permissions. Raises OutputError when it cannot be written, UsageError where it
    would replace a photo or a store.
    """
    check_target(target)
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
