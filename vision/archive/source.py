"""Where photos lie: folders of this machine, or object stores by URL. Finding them and reading their bytes.

Nothing but regular files is ever opened, and only for reading; symbolic links and special files are counted, not
followed. A file whose name looks like a photo's, or whose first bytes are a photo's, is one to examine, so that a
damaged photo is listed and not overlooked. In an object store only names tell: each look inside would be a request.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from vision.archive.names import as_path, as_text
from vision.archive.rows import FileSeen
from vision.errors import MissingError, OutputError, PhotoError, UsageError
from vision.text import visible

FILE_BYTES = 200 * 2**20  # as vision.containers.Limits has it; more is refused there, so never read whole here
_ENDINGS = (".jpg", ".jpeg", ".jpe", ".png", ".tif", ".tiff", ".webp", ".heic", ".heif", ".bmp")
_TRIES = 3
# What drivers of object stores raise besides OSError, by the module that has it.
_DRIVERS_FAULTS = {"botocore.exceptions": "BotoCoreError", "aiohttp": "ClientError"}


@dataclass(frozen=True, slots=True)
class Passed:
    """What scans passed over: why, by path as the store has it; those that they could not look at are unread too.

    Of what is unread nobody knows what is there, so nothing there counts as gone.
    """

    why: dict[str, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)

    def over(self, path: str, why: str) -> None:
        """Something that is no plain file or folder."""
        self.why[as_text(path)] = why

    def unable(self, path: str, fault: OSError) -> None:
        """A file or folder that cannot be looked at, be it that it vanished just now: the next run settles that."""
        self.over(path, fault.strerror or "unreadable")
        self.unread.add(as_text(path))

    def hides(self, path: str) -> bool:
        """Whether a path of the store is unread, or lies in a folder that is."""
        while path and path not in self.unread:
            path = path.rpartition("/")[0]
        return bool(path)


def is_url(name: str) -> bool:
    """Whether a name is that of an object store's place rather than a file's here."""
    return "://" in name


def root_of(name: str) -> str:
    """A folder as the store names it: a URL, or an absolute path in which links are not resolved, as text.

    >>> root_of("file:///media/finds/"), root_of("s3://finds/2024/")
    ('/media/finds', 's3://finds/2024')
    """
    name = name.removeprefix("file://")  # a folder here, whose links, pipes and odd names need a folder's care
    return as_text(name.rstrip("/") if is_url(name) else os.path.abspath(name))


def check_root(root: str) -> None:
    """Raise UsageError when there is no such folder, MissingError where a URL's driver is missing.

    Whether there is anything under a URL only a scan tells.
    """
    if is_url(root):
        _filesystem(as_path(root))
        return
    try:
        os.scandir(as_path(root)).close()
    except OSError as fault:
        raise UsageError(f"The folder {visible(root)} cannot be read: {fault.strerror}.") from fault


def scan(root: str, passed: Passed) -> Iterator[FileSeen]:
    """The photos under a root (root_of), by path; what is passed over is noted.

    Raises, before the first is asked for: what check_root does; UsageError when there is nothing under a URL, and
        OutputError where an object store cannot be listed.
    """
    check_root(root)
    return _scan_url(root) if is_url(root) else _scan_folder(as_path(root), passed)


def _scan_folder(folder: str, passed: Passed) -> Iterator[FileSeen]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    except OSError as fault:
        passed.unable(folder, fault)
        return
    for entry in found:
        try:
            if entry.is_symlink():
                passed.over(entry.path, "link")
            elif entry.is_dir(follow_symlinks=False):
                yield from _scan_folder(entry.path, passed)
            elif not entry.is_file(follow_symlinks=False):
                passed.over(entry.path, "special file")
            elif _is_photo(entry.path):
                facts = entry.stat(follow_symlinks=False)
                yield FileSeen(as_text(entry.path), facts.st_size, facts.st_mtime_ns)
        except OSError as fault:
            passed.unable(entry.path, fault)


def _is_photo(path: str) -> bool:
    if _is_named_as_photo(path):
        return True
    with open(path, "rb", opener=_open_here) as file:
        head = file.read(12)
    signs = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
    heic = head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"avif")
    return head.startswith(signs) or heic or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def _is_named_as_photo(path: str) -> bool:
    """macOS keeps a file's extras beside it, under the file's name behind ._ ."""
    return path.lower().endswith(_ENDINGS) and not os.path.basename(path).startswith("._")


def read(path: str) -> bytes:
    """The bytes of a photo by its path as the store has it, all of one moment.

    Raises: PhotoError with code missing, not_a_file, unreadable, file_too_large or changed.
    """
    fetch = _fetch_url if is_url(path) else _fetch_file
    for _ in range(_TRIES):
        try:
            data = fetch(as_path(path))
        except (FileNotFoundError, NotADirectoryError) as fault:
            raise PhotoError("missing", "The file is gone since the folder was looked through.") from fault
        except _faults() as fault:
            raise PhotoError("unreadable", _unreadable(path, fault)) from fault
        if data is not None:
            return data
    raise PhotoError("changed", "The file changes while it is read. Wait until it is copied, then use --retry-failed.")


def _faults() -> tuple[type[Exception], ...]:
    """What can be raised where bytes are read: by the operating system, or by the drivers that are in use."""
    loaded = ((sys.modules.get(module), name) for module, name in _DRIVERS_FAULTS.items())
    return (OSError, *(getattr(module, name) for module, name in loaded if module is not None))


def _unreadable(path: str, fault: Exception) -> str:
    if is_url(path):
        said = visible(str(fault), 200).rstrip(".")
        return f"The object store does not give it: {said}. See that it can be reached, then use --retry-failed."
    reason = getattr(fault, "strerror", None) or type(fault).__name__
    return f"The file cannot be read ({reason}). Check its permissions."


def _fetch_file(path: str) -> bytes | None:
    """The bytes, None when the file changed meanwhile."""
    with open(path, "rb", opener=_open_here) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise PhotoError("not_a_file", "This is no longer a plain file.")
        if before.st_size > FILE_BYTES:
            raise PhotoError("file_too_large", f"The file is over {FILE_BYTES >> 20} MiB. Save it smaller.")
        data = file.read(FILE_BYTES + 1)
        after = os.fstat(file.fileno())
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return data if same and len(data) == after.st_size else None


def _open_here(path: str, flags: int) -> int:
    """For open(): never through a link, never waiting for a pipe's writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))


def _filesystem(url: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it."""
    try:
        import fsspec
    except ModuleNotFoundError as fault:
        raise MissingError("Reading from an object store needs its extra: pip install 'marktrace[s3]'.") from fault
    try:
        system, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as fault:
        raise MissingError(f"{visible(url)} cannot be read: {visible(str(fault), 200)}.") from fault
    return system, str(path)


def _scan_url(root: str) -> Iterator[FileSeen]:
    system, folder = _filesystem(as_path(root))
    try:
        found = system.find(folder, detail=True)
    except _faults() as fault:
        said = visible(str(fault), 200).rstrip(".")
        advice = "Check its name, your keys for it, and that it can be reached"
        raise OutputError(f"{visible(root)} cannot be listed: {said}. {advice}.") from fault
    if not found:
        raise UsageError(f"There is nothing under {visible(root)}.")
    return (
        FileSeen(root + as_text(path.removeprefix(folder)), int(found[path]["size"]), _stamp(found[path]))
        for path in sorted(found)
        if _is_named_as_photo(path)
    )


def _stamp(facts: dict[str, Any]) -> int:
    """A number that changes when an object does: its time in nanoseconds, or of its tag."""
    when = facts.get("LastModified") or facts.get("mtime") or facts.get("created") or 0
    seconds = when.timestamp() if hasattr(when, "timestamp") else float(when)
    return int(seconds * 1e9)


def _fetch_url(url: str) -> bytes | None:
    system, path = _filesystem(url)
    before = system.info(path)
    if int(before["size"]) > FILE_BYTES:
        raise PhotoError("file_too_large", f"The file is over {FILE_BYTES >> 20} MiB. Save it smaller.")
    data = bytes(system.cat_file(path))
    return data if len(data) == int(before["size"]) else None
