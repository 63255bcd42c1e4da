"""What runs in a worker process: examine one photo after another, answer in JSON, end when the parent has gone.

Threat: a photo that makes a decoder crash, hang or take all memory. A worker has a cap on its address space, is watched
by a deadline (crew.py), and holds nothing that is lost with it.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Protocol

from vision.archive.rows import Tagged
from vision.archive.wire import packed
from vision.errors import MarktraceError

_PR_SET_PDEATHSIG = 1


class Examiner(Protocol):
    """What examines photos in a worker: made once in each by Job.make, with version and kit as records have them."""

    version: str
    kit: str

    def examine(self, path: str) -> Tagged:
        """Examine the photo at a path of the store. What it says depends on the photo's bytes and its path alone."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """What workers do: make is "module:function", called with settings (JSON values), and gives the Examiner."""

    make: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def examiner(self) -> Examiner:
        """The examiner, made in this process."""
        module, _, name = self.make.partition(":")
        maker: Callable[..., Examiner] = getattr(importlib.import_module(module), name)
        return maker(**self.settings)


def serve(connection: Connection, job: Job, memory_bytes: int) -> None:
    """The life of a worker: say who it is, then answer every path that comes until nobody asks any more.

    memory_bytes: by how much its address space may grow beyond what it takes when it is ready.
    """
    _leave_the_terminal()
    try:
        examiner = job.examiner()
    except MarktraceError as fault:
        _say(connection, {"refused": str(fault), "exit_code": fault.exit_code})
        return
    _cap_memory(memory_bytes)
    _say(connection, {"version": examiner.version, "kit": examiner.kit})
    while True:
        try:
            asked = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            return
        if not _answer(connection, examiner, asked["path"]):
            return


def _answer(connection: Connection, examiner: Examiner, path: str) -> bool:
    """Examine one photo. Returns whether this worker is fit for another."""
    try:
        said: dict[str, Any] = {"tagged": packed(examiner.examine(path))}
    except MemoryError:
        said = {"lost": "memory"}
    except Exception as fault:  # noqa: BLE001  (the worker's edge: whatever it is, it concerns this photo alone)
        said = {"lost": "crashed", "why": f"{type(fault).__name__}: {fault}"[:300]}
    said["rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return _say(connection, said) and "lost" not in said


def _say(connection: Connection, what: dict[str, Any]) -> bool:
    try:
        connection.send_bytes(json.dumps(what).encode())
    except OSError:  # the parent has gone
        return False
    return True


def _leave_the_terminal() -> None:
    """Ctrl-C is the parent's to handle; decoders' chatter would break its progress bar; an orphan must not live."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _cap_memory(more: int) -> None:
    """Cap the address space at what is in use now and so much more, where the system can tell."""
    if sys.platform != "linux":
        return
    with open("/proc/self/statm", "rb") as file:
        pages = int(file.read().split()[0])
    limit = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
