"""Examiners for tests that take no time, and that go wrong in every way an examiner can, by the photo's name."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vision.archive import source
from vision.archive.rows import Tagged
from vision.archive.worker import Job
from vision.errors import KitError, PhotoError
from vision.types import Failure

if TYPE_CHECKING:
    from vision.archive.crew import Task

MAKE = "archive.fakes:make"


def record_line(path: str, sha256: str) -> str:
    """A record of the photo with these bytes, different for different bytes, as one line.

    Written out here, since workers that draw one take seconds to start.
    """
    number = int(sha256[:6], 16)
    candidate = {
        "pattern": f"xx-{number % 7}", "code": str(number % 50), "manufacturer": f"Works {number % 7}", "country": "RS",
        "state_then": "Yugoslavia", "year": {"from": 1970, "to": 1970 + number % 3, "probability": 0.5},
        "calibre": "7.62x39mm", "probability": 0.5, "probability_without_context": 0.5, "for": [], "against": [],
        "sources": [],
    }  # fmt: skip
    attribution = {
        "level": "state", "decided_by": "rule", "risk": 0.1, "unknown_probability": 0.5, "candidates": [candidate],
    }  # fmt: skip
    mark = {
        "id": "h1", "kind": "headstamp", "outline": [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]], "quality": None,
        "reading": {"text": f"{number % 50} {number % 90}", "reader": "fake", "elements": []},
        "attribution": attribution,
    }  # fmt: skip
    photo = {
        "path": path, "sha256": sha256, "width": 9, "height": 9, "taken_at": None, "place": None, "quality": None,
    }  # fmt: skip
    record = {
        "schema": "marktrace/1", "photo": photo, "marks": [mark], "object": None, "status": "proposed",
        "run": {"version": "0.1.0", "kit": "kit-fake"}, "failure": None,
    }  # fmt: skip
    return json.dumps(record)


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


class Serial:
    """An engine without processes: what a run does to its store is the same, and quicker to see."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def __enter__(self) -> Serial:
        self._examiner = self._job.examiner()
        return self

    def __exit__(self, *_: object) -> None: ...

    def meet(self) -> tuple[str, str]:
        return self._examiner.version, self._examiner.kit

    def work(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Tagged]]:
        for task in tasks:
            yield task, self._examiner.examine(task.path)


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
