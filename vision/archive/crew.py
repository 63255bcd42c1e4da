"""The workers of a run: processes that are fed, watched, replaced when they break or grow old. They write nothing.

Each has a pipe of its own and at most two photos: the one it examines and the next. A photo that breaks its worker (a
crash, no answer in time, no sense in the answer) is tried once more in a new one, then it is a Failure; the photos
beside it are not touched. Processes are spawned, never forked: forking after OpenCV has run can hang.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Any

from vision.archive.rows import Tagged
from vision.archive.wire import unpacked
from vision.archive.worker import Job, serve
from vision.errors import KitError, MarktraceError, MissingError, OutputError, UsageError
from vision.types import Failure

_ERRORS = {kind.exit_code: kind for kind in (UsageError, MissingError, KitError, OutputError)}
_AHEAD = 2
_START_S = 120.0
_STILLBORN = 3  # so many workers in a row that never got ready: more will not help
_MOST_BYTES = 64 * 2**20
_LOST = {
    "memory": "Examining this photo took more memory than a worker may have.",
    "crashed": "A worker broke down over this photo, twice.",
    "timeout": "Examining this photo took too long, twice.",
    "nonsense": "A worker gave an answer that is none for this photo, twice.",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker may take: seconds a photo, bytes of memory beyond its start, photos before it is replaced."""

    seconds: float = 60.0
    memory_bytes: int = 3 * 2**30
    photos: int = 2000
    rss_bytes: int = 2 * 2**30
    tries: int = 2


@dataclass(slots=True)
class Task:
    """A photo to examine; number is the caller's."""

    number: int
    path: str
    tries: int = 0


def refusal(said: Mapping[str, Any]) -> MarktraceError:
    """The error that a worker named when it refused to begin."""
    kind: type[MarktraceError] = _ERRORS.get(said["exit_code"], MarktraceError)
    return kind(said["refused"])


@dataclass(slots=True, eq=False)
class _Worker:
    process: SpawnProcess
    connection: Connection
    tasks: deque[Task] = field(default_factory=deque)
    ready: bool = False
    since: float = 0.0  # when the first of tasks began, or the process started
    done: int = 0
    rss: int = 0


class Crew:
    """So many workers on one job. Use it in a with statement: it ends its processes, whatever happens."""

    def __init__(self, job: Job, workers: int, limits: Limits | None = None) -> None:
        self._job, self._size = job, workers
        self._limits = limits or Limits()
        self._spawn = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._again: deque[Task] = deque()
        self._stillborn = 0
        self.peak_rss = 0

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        while self._workers:
            self._end(self._workers[-1])

    def meet(self) -> tuple[str, str]:
        """Start a worker and ask who it is: version and kit. Raises what made it refuse."""
        while True:
            worker = self._hire()
            worker.connection.poll(_START_S)
            version, kit = self._greet(worker)
            if kit:
                return version, kit

    def work(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Tagged]]:
        """Each task with what examining its photo gave, in the order in which they are done."""
        coming = iter(tasks)
        while True:
            self._feed(coming)
            if not any(worker.tasks for worker in self._workers):
                return
            for worker in self._heard():
                yield from self._hear(worker)
            for worker in self._late():
                yield from self._lose(worker, "timeout")

    def _feed(self, coming: Iterator[Task]) -> None:
        """Give every worker its share, the emptiest first; hire as long as there is work for one more."""
        while len(self._workers) < self._size or self._fit():
            task = self._again.popleft() if self._again else next(coming, None)
            if task is None:
                return
            self._give(self._emptiest(), task)

    def _fit(self) -> list[_Worker]:
        return [worker for worker in self._workers if len(worker.tasks) < _AHEAD and self._young(worker)]

    def _emptiest(self) -> _Worker:
        fit = self._fit()
        if len(self._workers) < self._size and all(worker.tasks for worker in fit):
            return self._hire()
        return min(fit, key=lambda worker: len(worker.tasks))

    def _give(self, worker: _Worker, task: Task) -> None:
        if not worker.tasks:
            worker.since = time.monotonic()
        worker.tasks.append(task)
        with suppress(OSError):  # it has died: its pipe says so to _hear
            worker.connection.send_bytes(json.dumps({"path": task.path}).encode())

    def _heard(self) -> list[_Worker]:
        """The workers that have something to say, after waiting for one, but not beyond the next deadline."""
        now = time.monotonic()
        left = [self._deadline(worker) - now for worker in self._workers if worker.tasks or not worker.ready]
        ready = set(wait([worker.connection for worker in self._workers], max(0.0, min(left, default=0.0))))
        return [worker for worker in self._workers if worker.connection in ready]

    def _deadline(self, worker: _Worker) -> float:
        return worker.since + (self._limits.seconds if worker.ready else _START_S)

    def _late(self) -> list[_Worker]:
        now = time.monotonic()
        return [w for w in self._workers if (w.tasks or not w.ready) and self._deadline(w) <= now]

    def _hear(self, worker: _Worker) -> Iterator[tuple[Task, Tagged]]:
        """Take one message of a worker."""
        if not worker.ready:
            self._greet(worker)
            return
        tagged, lost = self._answer(worker)
        if tagged is None:
            yield from self._lose(worker, lost)
            return
        self._took(worker)
        yield worker.tasks.popleft(), tagged
        if not worker.tasks and not self._young(worker):
            self._end(worker)

    def _answer(self, worker: _Worker) -> tuple[Tagged | None, str]:
        """A worker's answer, or how it was lost."""
        try:
            said = json.loads(worker.connection.recv_bytes(_MOST_BYTES))
            if "lost" in said:
                return None, str(said["lost"])
            worker.rss = int(said["rss"])
            return unpacked(said["tagged"]), ""
        except (EOFError, OSError):
            return None, "crashed"
        except (ValueError, KeyError, TypeError, RecursionError):
            return None, "nonsense"

    def _greet(self, worker: _Worker) -> tuple[str, str]:
        """Hear who a new worker is: version and kit. Raises what made it refuse; one that dies is let go, some times.

        Photos that waited for it are not to blame.
        """
        try:
            said = json.loads(worker.connection.recv_bytes(_MOST_BYTES))
        except (EOFError, OSError, ValueError):
            said = {}
        if "refused" in said:
            raise refusal(said)
        if "kit" not in said:
            self._end(worker)
            self._again.extend(worker.tasks)
            self._stillborn += 1
            if self._stillborn >= _STILLBORN:
                raise MissingError("Workers cannot start: try marktrace doctor, or fewer --jobs.")
            return "", ""
        worker.ready, worker.since, self._stillborn = True, time.monotonic(), 0
        return str(said["version"]), str(said["kit"])

    def _took(self, worker: _Worker) -> None:
        worker.done += 1
        worker.since = time.monotonic()
        self.peak_rss = max(self.peak_rss, worker.rss)

    def _young(self, worker: _Worker) -> bool:
        return worker.done < self._limits.photos and worker.rss < self._limits.rss_bytes

    def _lose(self, worker: _Worker, how: str) -> Iterator[tuple[Task, Tagged]]:
        """End a worker. The photo it was at is tried again or given up; the one behind it waits for another worker."""
        self._end(worker)
        if worker.tasks:
            first = worker.tasks.popleft()
            first.tries += 1
            self._again.extend(worker.tasks)
            if first.tries < self._limits.tries:
                self._again.append(first)
            else:
                code = how if how in _LOST else "nonsense"
                yield first, Tagged(None, 0, None, Failure("worker", code, _LOST[code]))

    def _hire(self) -> _Worker:
        ours, theirs = self._spawn.Pipe()
        process = self._spawn.Process(target=serve, args=(theirs, self._job, self._limits.memory_bytes), daemon=True)
        process.start()
        theirs.close()  # so that ours says when the worker has died
        worker = _Worker(process, ours, since=time.monotonic())
        self._workers.append(worker)
        return worker

    def _end(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.kill()
        worker.process.join()
        worker.process.close()
