"""Runs that are killed at random points, in processes of their own, and begun again until they are done.

    python -m archive.killing STORE FOLDER JOBS SLOW_S     # one life: says "begun", then a line a photo

Used by the tests (20 points) and by scripts/kill_tag (250).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from archive import fakes

from vision.archive.source import root_of
from vision.archive.store import open_store
from vision.archive.tag import Told, local_engine, tag
from vision.archive.worker import Job
from vision.errors import MarktraceError

MARKER = "MARKTRACE_KILLING"


def main(store: str, folder: str, jobs: int, slow_s: float) -> None:
    """One life of a run, without workers for no jobs."""
    job = Job(fakes.MAKE, {"slow_s": slow_s})
    engine = local_engine(job, jobs) if jobs else fakes.Serial(job)
    told = Told(total=lambda _: say("begun"), step=lambda failed: say("photo"))
    try:
        with open_store(store, create=True) as opened:
            tag(opened, [root_of(folder)], job, engine, told=told)
    except MarktraceError as fault:  # such as: three workers in a row were killed before they could say who they are
        sys.exit(fault.exit_code)
    say("done")


def say(what: str) -> None:
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


class Life:
    """A run in a process of its own, with all the processes that it starts."""

    def __init__(self, store: str, folder: Path, jobs: int, slow_s: float) -> None:
        self.mark = uuid.uuid4().hex
        places = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
        environment = os.environ | {MARKER: self.mark, "PYTHONPATH": os.pathsep.join(places), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "archive.killing", store, str(folder), str(jobs), str(slow_s)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)

    def heard(self, lines: int) -> bool:
        """Wait until it has said so many lines. Returns whether it was done before."""
        assert self.process.stdout is not None
        return any(self.process.stdout.readline() in (b"", b"done\n") for _ in range(lines))

    def kill(self) -> None:
        """Kill the run itself, as nothing can prevent or notice."""
        self.process.kill()

    def kill_a_worker(self, rng: random.Random) -> bool:
        """Kill one of its workers. Returns whether it had one."""
        workers = [pid for pid in self.alive() if is_worker(pid)]
        if workers:
            os.kill(rng.choice(workers), signal.SIGKILL)
        return bool(workers)

    def finish(self) -> int:
        """Its exit status, after waiting; and nothing that it started may live on."""
        _, errors = self.process.communicate(timeout=300)
        deadline = time.monotonic() + 10.0
        while self.alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert self.alive() == [], "a process outlived the run that started it"
        killed = self.process.returncode == -signal.SIGKILL  # a worker that was just being started then says so
        assert killed or b"Traceback" not in errors, errors.decode()
        return self.process.returncode

    def alive(self) -> list[int]:
        """Every process of this life that still runs."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and self._is_mine(entry):
                found.append(int(entry.name))
        return found

    def _is_mine(self, entry: Path) -> bool:
        try:
            return f"{MARKER}={self.mark}".encode() in (entry / "environ").read_bytes()
        except OSError:
            return False


def is_worker(pid: int) -> bool:
    """Whether a process is a worker (and not the watcher of resources that multiprocessing starts beside them)."""
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def kill_often(store: str, folder: Path, kills: int, seed: int, *, with_workers: int) -> tuple[int, int]:
    """Begin a run and kill it or one of its workers at a random point, over and over, then let it finish.

    with_workers: one life in so many has workers; the others begin quicker. Returns kills of runs and of workers.
    """
    rng = random.Random(seed)
    photos = sum(1 for path in folder.rglob("*") if path.is_file())
    runs = workers = 0
    while runs + workers < kills:
        jobs = 0 if runs % with_workers else rng.choice((1, 2))
        life = Life(store, folder, jobs, 0.002)
        life.heard(bool(jobs) + rng.randrange(2 + 2 * photos // kills))
        while jobs and runs + workers < kills - 1 and rng.random() < 0.6:
            time.sleep(rng.random() * 0.01)
            workers += life.kill_a_worker(rng)
            life.heard(rng.randrange(2 + photos // kills))
        time.sleep(rng.random() * 0.02)
        life.kill()
        life.finish()
        runs += 1
    assert Life(store, folder, 2, 0.0).finish() == 0
    return runs, workers


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
