"""A run on a Ray cluster: the same examining as here (crew.py), spread over its machines by Ray Data.

Every actor of the cluster keeps one watched worker of its own, so a photo that crashes, hangs or eats memory costs what
it costs here: itself. What comes back is JSON that is checked on arrival, whoever sent it; only this process writes.

Threat: Ray itself runs any code that reaches its ports, so a cluster belongs in a network of its own. Accepted: every
machine must see the photos under the same path or URL, and have the same marktrace; one whose kit differs ends the run.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from types import TracebackType
from typing import Any

from vision.archive.crew import Crew, Limits, Task, refusal
from vision.archive.rows import Tagged
from vision.archive.wire import Nonsense, packed, unpacked
from vision.archive.worker import Job
from vision.errors import KitError, MarktraceError, MissingError, OutputError
from vision.types import Failure

# Photos that travel together, and photos given to the cluster before the next are thought of.
_BLOCK, _AT_ONCE = 16, 100_000
_NONSENSE = Failure("worker", "nonsense", "The cluster gave an answer that is none for this photo.")


class RayEngine:
    """The Ray cluster that this machine belongs to, or that RAY_ADDRESS names."""

    def __init__(self, job: Job, workers: int | None, limits: Limits | None = None) -> None:
        """workers: how many of the cluster's processors to use; all of them where None."""
        self._job, self._workers, self._limits = job, workers, limits or Limits()
        self._kit = ""
        self._ours = False

    def __enter__(self) -> RayEngine:
        self._ray = _ray()
        if not self._ray.is_initialized():
            try:
                self._ray.init(address="auto", log_to_driver=False, logging_level="error")
            except (ConnectionError, RuntimeError, ValueError) as fault:
                raise MissingError("There is no Ray cluster here: start one with ray start --head.") from fault
            self._ours = True
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._ours:
            self._ray.shutdown()

    def meet(self) -> tuple[str, str]:
        """Ask one machine of the cluster who it is: version and kit. Raises what made it refuse."""
        with _said_plainly(self._ray):
            said = self._ray.get(self._ray.remote(_who).remote(self._job, self._limits))
        if "refused" in said:
            raise refusal(said)
        self._kit = str(said["kit"])
        return str(said["version"]), self._kit

    def work(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Tagged]]:
        """Each task with what examining its photo gave, in the order in which they are done."""
        coming = iter(tasks)
        while some := list(islice(coming, _AT_ONCE)):
            yield from self._examined(some)

    def _examined(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Tagged]]:
        from ray.data import ActorPoolStrategy, DataContext, from_items

        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.verbose_progress = False
        photos = from_items(
            [{"number": place, "path": task.path} for place, task in enumerate(tasks)],
            override_num_blocks=max(1, len(tasks) // _BLOCK),
        )
        size = self._workers or int(self._ray.cluster_resources().get("CPU", 1))
        answers = photos.map_batches(
            Station,
            fn_constructor_args=(self._job, self._limits, self._kit),
            batch_size=_BLOCK,
            compute=ActorPoolStrategy(size=min(size, max(1, len(tasks) // _BLOCK))),
            num_cpus=1,
        )
        with _said_plainly(self._ray):
            for row in answers.iter_rows():
                yield tasks[int(row["number"])], _checked(str(row["said"]))


class Station:
    """What a cluster's actor does: it feeds one worker process of its own."""

    def __init__(self, job: Job, limits: Limits, kit: str) -> None:
        self._crew = Crew(job, 1, limits)
        self._refused = _differs(_who_is(self._crew), kit)

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Examine a batch of photos: number and path of each, answered by number and JSON."""
        tasks = [Task(int(number), str(path)) for number, path in zip(batch["number"], batch["path"], strict=True)]
        if self._refused:
            refused = json.dumps(self._refused)
            return {"number": [task.number for task in tasks], "said": [refused] * len(tasks)}
        said = [(task.number, json.dumps(packed(tagged))) for task, tagged in self._crew.work(tasks)]
        return {"number": [number for number, _ in said], "said": [line for _, line in said]}


def ray_engine(job: Job, workers: int | None, limits: Limits | None = None) -> RayEngine:
    """So many workers on the Ray cluster; one a processor of it where None."""
    return RayEngine(job, workers, limits)


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # marktrace reports to nobody
    logging.getLogger("ray").setLevel(logging.ERROR)  # its progress would stand between the lines of ours
    try:
        import ray
        import ray.data
    except ModuleNotFoundError as fault:
        raise MissingError("The engine ray needs its extra: pip install 'marktrace[ray]'.") from fault
    return ray


@contextmanager
def _said_plainly(ray: Any) -> Iterator[None]:
    """Turn what Ray raises into an OutputError that says what to do."""
    try:
        yield
    except (ray.exceptions.RayError, ConnectionError) as fault:
        raise OutputError(
            "The Ray cluster broke off (ray status tells more). What is done is stored: run the same command again."
        ) from fault


def _who(job: Job, limits: Limits) -> dict[str, Any]:
    """On the cluster: who examines there, or why it refuses."""
    with Crew(job, 1, limits) as crew:
        return _who_is(crew)


def _who_is(crew: Crew) -> dict[str, Any]:
    try:
        version, kit = crew.meet()
    except MarktraceError as fault:
        return {"refused": str(fault), "exit_code": fault.exit_code}
    return {"version": version, "kit": kit}


def _differs(said: dict[str, Any], kit: str) -> dict[str, Any] | None:
    """Why a machine may not take part, None where it may."""
    if "refused" in said:
        return said
    if said["kit"] == kit:
        return None
    why = "The machines of the cluster have different kits: install the same marktrace and models on all of them."
    return {"refused": why, "exit_code": KitError.exit_code}


def _checked(line: str) -> Tagged:
    """An answer, or what stands for one that makes no sense. Raises what made a machine refuse."""
    try:
        said = json.loads(line)
        if "refused" in said:
            raise refusal(said)
        return unpacked(said)
    except (Nonsense, ValueError, TypeError):
        return Tagged(None, 0, None, _NONSENSE)
