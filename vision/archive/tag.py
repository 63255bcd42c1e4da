"""A run over folders of photos: scan, examine what is new, store it. It can end anywhere and be begun again.

What a run still has to do is counted from the store alone, so a run that was broken off goes on, a finished one does
nothing, and a changed kit is another run.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from vision.archive import source
from vision.archive.crew import Crew, Limits, Task
from vision.archive.intake import Intake, Waiting, only_writer
from vision.archive.rows import Counts, FileSeen, RunInfo, Tagged
from vision.archive.store import Store
from vision.archive.worker import Job
from vision.errors import PhotoError

# Answers are stored at most so many seconds after the last were, or when so many have come. Whoever is killed meanwhile
# examines as much again.
EVERY_S, _TOGETHER = 0.5, 64


class Engine(Protocol):
    """What examines photos: processes here (crew.py) or a cluster (cluster.py)."""

    def meet(self) -> tuple[str, str]:
        """The version and kit it examines with."""
        ...

    def work(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Tagged]]:
        """Each task with what examining its photo gave, in any order."""
        ...


@dataclass(slots=True)
class Told:
    """How a run comes along, for whoever shows it. total is of the files that wait when the run begins."""

    total: Callable[[int], None] = lambda _: None
    step: Callable[[bool], None] = lambda _: None  # whether it failed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: examined photos, those of them that failed, how far it is in its folders, what was passed
    over."""

    run: RunInfo
    examined: int
    failed: int
    counts: Counts
    passed: source.Passed = field(default_factory=source.Passed)

    @property
    def skipped(self) -> Counter[str]:
        """How many files and folders were passed over, by why."""
        return Counter(self.passed.why.values())


def local_engine(job: Job, jobs: int, limits: Limits | None = None) -> AbstractContextManager[Engine]:
    """So many worker processes on this machine."""
    return Crew(job, jobs, limits)


def tag(
    store: Store,
    folders: Sequence[str],
    job: Job,
    engine: AbstractContextManager[Engine],
    *,
    retry_failed: bool = False,
    told: Told | None = None,
) -> Outcome:
    """Tag every photo under folders (source.root_of each) that the store's run of this kit has no result of.

    Raises: UsageError for a folder that is not there; OutputError where the store cannot be used, with everything that
        was done until then kept.
    """
    told = told or Told()
    passed = source.Passed()
    with only_writer(store.engine), engine as crew:
        found = _scans(folders, passed)
        version, kit = crew.meet()
        intake = Intake(store.engine, version, kit, json.dumps(dict(job.settings), sort_keys=True))
        intake.see(found, passed, under=folders)
        if retry_failed:
            intake.forget_failures(under=folders)
        examined, failed = _work_off(intake, folders, crew, told)
    return Outcome(intake.run, examined, failed, store.counts(intake.run.id, under=folders), passed)


def _scans(folders: Sequence[str], passed: source.Passed) -> Iterator[FileSeen]:
    """All folders' scans, begun, so that one that is not there is said before the store has a new run."""
    return chain.from_iterable([source.scan(folder, passed) for folder in dict.fromkeys(folders)])


@dataclass(slots=True)
class _Met:
    """The photos that a round came across, by sha256 and whether each is stored; of copies that came before that of the
    first was, the photo of each."""

    stored: dict[str, bool] = field(default_factory=dict)
    early: list[str] = field(default_factory=list)


def _work_off(intake: Intake, folders: Sequence[str], crew: Engine, told: Told) -> tuple[int, int]:
    """Examine what waits. Copies wait for the first of them; where that one failed, each is examined by itself."""
    examined = failed = 0
    waiting = intake.waiting(under=folders)
    told.total(len(waiting))
    met: _Met | None = _Met()
    while waiting:
        for some in _gathered(crew.work(_tasks(intake, waiting, met, told))):
            intake.add_all([(task.number, tagged) for task, tagged in some])
            for _, tagged in some:
                examined += 1
                failed += tagged.failure is not None
                told.step(tagged.failure is not None)
                if met and tagged.sha256 in met.stored and tagged.failure is None:
                    met.stored[tagged.sha256] = True
        if met is None:
            break
        for _ in filter(met.stored.get, met.early):
            told.step(False)
        waiting, met = intake.waiting(under=folders), None
    return examined, failed


def _gathered(answers: Iterable[tuple[Task, Tagged]]) -> Iterator[list[tuple[Task, Tagged]]]:
    """The answers, those that come quickly one after the other together: a transaction takes longer than an answer."""
    some: list[tuple[Task, Tagged]] = []
    begun = time.monotonic() - EVERY_S
    for answer in answers:
        some.append(answer)
        if len(some) == _TOGETHER or time.monotonic() - begun >= EVERY_S:
            yield some
            some, begun = [], time.monotonic()
    if some:
        yield some


def _tasks(intake: Intake, waiting: Sequence[Waiting], met: _Met | None, told: Told) -> Iterator[Task]:
    """What to examine of what waits: one of each set of copies, unless met is None."""
    shared = intake.shared_sizes() if met else set()
    for one in waiting:
        sha256 = one.photo
        if met and sha256 is None and one.size in shared:
            sha256 = _sha256_of(one)
            if sha256 and sha256 not in met.stored and intake.has(sha256):
                met.stored[sha256] = True
            if sha256 and sha256 in met.stored:  # else its worker's answer tells
                intake.hold(one.file, sha256, one.size)
        if met and sha256:
            if met.stored.get(sha256):
                told.step(False)
            elif sha256 in met.stored:
                met.early.append(sha256)
            if sha256 in met.stored:
                continue
            met.stored[sha256] = False
        yield Task(one.file, one.path)


def _sha256_of(one: Waiting) -> str | None:
    """The sha256 of a file that may be a copy; None where it cannot be read: its worker will say why."""
    try:
        return hashlib.sha256(source.read(one.path)).hexdigest()
    except PhotoError:
        return None
