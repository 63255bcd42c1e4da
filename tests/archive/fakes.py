"""Examiners for tests that take no time, and that go wrong in every way an examiner can, by the photo's name."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import time
from pathlib import Path

from archive.shelves import record_line

from vision.archive import source
from vision.archive.rows import Tagged
from vision.errors import KitError, PhotoError
from vision.types import Failure

MAKE = "archive.fakes:make"


def make(kit: str = "kit-fake", slow_s: float = 0.0, refuse: bool = False, marks_in: str = "") -> Fake:
    if refuse:
        raise KitError("The fake kit does not verify.")
    return Fake(kit, slow_s, marks_in)


class Fake:
    """Says of a photo what its name and bytes alone decide. In marks_in each examined photo leaves a file."""

    version = "0.1.0"

    def __init__(self, kit: str, slow_s: float, marks_in: str) -> None:
        self.kit, self._slow_s, self._marks_in = kit, slow_s, marks_in

    def examine(self, path: str) -> Tagged:
        name = Path(path).name
        if self._marks_in:
            with open(os.path.join(self._marks_in, name), "ab") as file:
                file.write(b".")
        time.sleep(self._slow_s)
        wrong = _WRONG.get(name.partition("-")[0])
        if wrong:
            return wrong()
        try:
            data = source.read(path)
        except PhotoError as fault:
            return Tagged(None, 0, None, Failure("photo", fault.code, fault.detail))
        sha256 = hashlib.sha256(data).hexdigest()
        if data.startswith(b"broken"):
            return Tagged(sha256, len(data), None, Failure("photo", "damaged", "The file is cut short."))
        return Tagged(sha256, len(data), record_line(path, sha256), phash=sha256[:16])


def _hang() -> Tagged:
    time.sleep(3600)
    raise AssertionError("nobody waits so long")


def _crash() -> Tagged:
    ctypes.string_at(0)
    raise AssertionError("nobody comes here")


def _killed() -> Tagged:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody comes here")


def _hungry() -> Tagged:
    return Tagged(None, len(bytearray(1 << 40)), None, Failure("photo", "never", "Never."))


def _rubbish() -> Tagged:
    return Tagged("0" * 64, 1, '{"schema": "marktrace/1", "photo": 7}')


def _someone_elses() -> Tagged:
    return Tagged("1" * 64, 1, record_line("x", "2" * 64))


def _raises() -> Tagged:
    raise RuntimeError("a fault nobody thought of")


_WRONG = {
    "hang": _hang,
    "crash": _crash,
    "killed": _killed,
    "hungry": _hungry,
    "rubbish": _rubbish,
    "elses": _someone_elses,
    "raises": _raises,
}
