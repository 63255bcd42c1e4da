"""The engine ray: the very bytes that the engine local stores, from a cluster of two machines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from archive import fakes
from archive.raying import TOO_BUSY
from archive.shelves import contents

from vision.archive import cluster
from vision.archive.crew import Limits
from vision.archive.source import root_of
from vision.archive.store import open_store
from vision.archive.tag import local_engine, tag
from vision.archive.wire import packed
from vision.archive.worker import Job
from vision.errors import KitError, MissingError, UsageError

needs_ray = pytest.mark.skipif(
    find_spec("ray") is None or find_spec("pandas") is None,
    reason="no Ray here: pip install -c constraints.txt '.[ray]' to test the engine ray (a minute, 300 MB)",
)


def on_ray(store: Path, folder: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """A run on a cluster of its own, in a process of its own; what it says."""
    tests = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)]), "OMP_NUM_THREADS": "1"}
    line = [sys.executable, "-m", "archive.raying", str(store), str(folder), json.dumps(settings)]
    done = subprocess.run(line, capture_output=True, text=True, env=environment, timeout=600)
    if done.returncode == TOO_BUSY:
        pytest.skip("Ray gave up starting a machine within its 30 seconds, twice: this computer is too busy")
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@needs_ray
def test_a_cluster_stores_what_this_machine_would_byte_for_byte(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    for number in range(50):
        path = folder / f"{number % 3}" / f"{number:02}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"broken" if number == 20 else b"photo %d" % (number % 45))
    (folder / "crash-.jpg").write_bytes(b"whose worker crashes")
    said = on_ray(tmp_path / "ray.db", folder, {})
    assert said == {"examined": 46, "failed": 2, "machines": 2}
    job = Job(fakes.MAKE)
    with open_store(str(tmp_path / "local.db"), create=True) as local:
        tag(local, [root_of(str(folder))], job, local_engine(job, 2, Limits(seconds=5.0, memory_bytes=2**30)))
        expected = contents(local)
    with open_store(str(tmp_path / "ray.db")) as store:
        assert contents(store) == expected
        assert [run.kit for run in store.runs()] == ["kit-fake"]


@needs_ray
def test_a_machine_without_a_cluster_is_told_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "from vision.archive.cluster import ray_engine; from vision.archive.worker import Job\n"
        "from vision.errors import MissingError\n"
        "try:\n    ray_engine(Job('archive.fakes:make'), None).__enter__()\n"
        "except MissingError as fault: print(fault)"
    )
    environment = os.environ | {"RAY_TMPDIR": "/nonexistent"}
    environment.pop("RAY_ADDRESS", None)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120)
    assert done.stdout == "There is no Ray cluster here: start one with ray start --head.\n", done.stderr[-2000:]


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingError, match=r"pip install 'marktrace\[ray\]'"):
        cluster.ray_engine(Job(fakes.MAKE), 1).__enter__()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    (tmp_path / "a.jpg").write_bytes(b"photo a")
    return tmp_path / "a.jpg"


def batch_of(*paths: Path) -> dict[str, list[Any]]:
    return {"number": list(range(len(paths))), "path": [str(path) for path in paths]}


def test_a_station_answers_what_examining_here_gives(photo: Path) -> None:
    job = Job(fakes.MAKE)
    station = cluster.Station(job, Limits(), "kit-fake")
    said = station(batch_of(photo, photo.with_name("none.jpg")))
    answers = {number: cluster._checked(line) for number, line in zip(said["number"], said["said"], strict=True)}
    assert packed(answers[0]) == packed(job.examiner().examine(str(photo)))
    assert answers[1].failure.code == "missing"


def test_a_station_whose_kit_differs_ends_the_run(photo: Path) -> None:
    said = cluster.Station(Job(fakes.MAKE), Limits(), "another-kit")(batch_of(photo))
    with pytest.raises(KitError, match="machines of the cluster have different kits"):
        cluster._checked(said["said"][0])


def test_a_station_that_refuses_says_why(photo: Path) -> None:
    said = cluster.Station(Job(fakes.MAKE, {"refuse": True}), Limits(), "kit-fake")(batch_of(photo))
    with pytest.raises(KitError, match="The fake kit does not verify"):
        cluster._checked(said["said"][0])


@pytest.mark.parametrize("line", ["", "7", "{}", "[]", '{"sha256": 5}', "\x00"])
def test_an_answer_that_is_none_fails_its_photo_and_no_other(line: str) -> None:
    assert cluster._checked(line).failure.code == "nonsense"


def test_who_is_asked_says_version_and_kit_or_why_not() -> None:
    assert cluster._who(Job(fakes.MAKE), Limits()) == {"version": "0.1.0", "kit": "kit-fake"}
    assert cluster._who(Job(fakes.MAKE, {"refuse": True}), Limits())["exit_code"] == KitError.exit_code


def test_the_errors_of_a_worker_keep_their_kind() -> None:
    from vision.archive.crew import refusal

    assert type(refusal({"refused": "x", "exit_code": UsageError.exit_code})) is UsageError
