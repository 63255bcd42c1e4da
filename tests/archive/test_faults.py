"""What goes wrong beside a photo, under the store or in the machine: said plainly, and the rest is as if it had not."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from archive import fakes
from archive.servers import Cluster
from archive.shelves import contents, new_store
from sqlalchemy import event

from vision.archive import tag as tag_module
from vision.archive.connect import connect
from vision.archive.crew import Limits
from vision.archive.source import root_of
from vision.archive.store import Store, open_store
from vision.archive.tag import Outcome, Told, local_engine, tag
from vision.archive.worker import Job
from vision.errors import OutputError

LIBC = ctypes.CDLL(None)


def run(store: Store, folder: Path, **how: object) -> Outcome:
    job = Job(fakes.MAKE)
    return tag(store, [root_of(str(folder))], job, fakes.Serial(job), **how)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "photos"
    made.mkdir()
    for number in range(20):
        (made / f"{number:02}.jpg").write_bytes(b"photo %d" % number)
    return made


WRONG = {
    "crash": "crashed",
    "killed": "crashed",
    "raises": "crashed",
    "hang": "timeout",
    "hungry": "memory",
    "rubbish": "nonsense",
    "elses": "nonsense",
}


def test_photos_that_break_their_worker_leave_the_others_as_they_would_be(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number:03}.jpg").write_bytes(b"photo %d" % number)
    with open_store(str(tmp_path / "clean.db"), create=True) as clean:
        run(clean, folder)
        expected = contents(clean)
    for kind in WRONG:
        (folder / f"{kind}-.jpg").write_bytes(f"would be {kind}".encode())
    job = Job(fakes.MAKE)
    with new_store(tmp_path) as store:
        limits = Limits(seconds=2.0, memory_bytes=2**30)
        outcome = tag(store, [root_of(str(folder))], job, local_engine(job, 2, limits))
        assert (outcome.counts.done, outcome.counts.failed, outcome.counts.pending) == (200, 7, 0)
        failed = {Path(one.path).name.partition("-")[0]: one.failure for one in store.failures()}
        assert {kind: failure.code for kind, failure in failed.items()} == WRONG
        assert {failure.stage for failure in failed.values()} == {"worker"}
        assert [one for one in contents(store) if "would be" not in one[1] and "-.jpg" not in one[0]] == expected


def test_a_locked_store_is_said_after_waiting(tmp_path: Path, folder: Path) -> None:
    with new_store(tmp_path) as store:
        run(store, folder)
    holder = sqlite3.connect(tmp_path / "finds.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    (folder / "new.jpg").write_bytes(b"a new photo")
    engine = connect(str(tmp_path / "finds.db"), create=True, busy_ms=50)
    with Store(engine) as store, pytest.raises(OutputError, match="another program is writing to it"):
        run(store, folder)
    holder.execute("ROLLBACK")
    holder.close()
    with open_store(str(tmp_path / "finds.db")) as store:
        assert run(store, folder).counts.done == 21


def limited(bytes_a_file: int) -> Callable[[], None]:
    """For a child process: no file may grow beyond this, as on a full disk."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_a_file, bytes_a_file))

    return limit


def command(*arguments: object, **how: object) -> subprocess.CompletedProcess[str]:
    """marktrace, in a process of its own, with the fake examiner."""
    root = Path(__file__).parents[2]
    places = os.pathsep.join([str(root), str(root / "tests")])
    # A shell that starts the tests in the background has them ignore Ctrl-C, and what they start with them.
    code = (
        "import signal, sys, vision.archive.examine as e; e.MAKE = 'archive.fakes:make'; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from vision.cli import run; sys.exit(run(sys.argv[1:]))"
    )
    line = [sys.executable, "-c", code, *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": places, "OMP_NUM_THREADS": "1"}
    return subprocess.run(line, capture_output=True, text=True, env=environment, timeout=120, **how)  # type: ignore[call-overload,no-any-return]


def test_a_full_disk_is_said_and_the_same_command_goes_on(tmp_path: Path, folder: Path) -> None:
    for number in range(300):
        (folder / f"more{number}.jpg").write_bytes(b"another photo %d" % number)
    arguments = ("tag", folder, "--store", tmp_path / "finds.db", "--jobs", 1)
    with open_store(str(tmp_path / "finds.db"), create=True):
        pass
    full = command(*arguments, preexec_fn=limited(400_000))
    assert full.returncode == 5, full.stderr
    assert "The store cannot be used: its disk refuses to be written: full" in full.stderr.replace("\n", " ")
    again = command(*arguments)
    assert (again.returncode, again.stdout) == (0, "")
    assert "320 photos: 320 tagged" in again.stderr


def test_a_store_that_may_not_grow_any_more_is_said_to_be_on_a_full_disk(tmp_path: Path, folder: Path) -> None:
    with new_store(tmp_path) as store:

        def allow(pages: int) -> None:
            event.listen(store.engine, "connect", lambda bare, _: bare.execute(f"PRAGMA max_page_count = {pages}"))
            store.engine.dispose()

        allow(1)  # as many as there are now
        with pytest.raises(OutputError, match=r"the disk is full\. Free some space and run it again"):
            run(store, folder)
        allow(10_000)
        assert run(store, folder).counts.done == 20


def without_rights() -> None:
    """For a child process: no more rights over files than their owner has, also for root."""
    if os.geteuid() == 0:
        for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            assert LIBC.prctl(24, right, 0, 0, 0) == 0  # PR_CAPBSET_DROP


def test_a_store_in_a_folder_that_may_not_be_written_is_said(tmp_path: Path, folder: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    shelf.chmod(0o555)
    done = command("tag", folder, "--store", shelf / "finds.db", "--jobs", 1, preexec_fn=without_rights)
    assert done.returncode == 5, done.stderr
    assert "cannot be opened" in done.stderr
    assert list(shelf.iterdir()) == []


def test_photos_in_a_folder_that_may_not_be_read_are_passed_over_and_said(tmp_path: Path, folder: Path) -> None:
    (folder / "closed").mkdir(mode=0)
    done = command("tag", folder, "--store", tmp_path / "finds.db", "--jobs", 1, preexec_fn=without_rights)
    assert done.returncode == 0, done.stderr
    assert "Passed over: 1 (Permission denied)." in done.stderr


def test_a_store_that_may_not_be_written_is_said(tmp_path: Path, folder: Path) -> None:
    with new_store(tmp_path) as store:
        run(store, folder)
    (folder / "new.jpg").write_bytes(b"a new photo")
    for path in (tmp_path / "finds.db", tmp_path):
        path.chmod(0o444 if path.is_file() else 0o555)
    done = command("tag", folder, "--store", tmp_path / "finds.db", "--jobs", 1, preexec_fn=without_rights)
    tmp_path.chmod(0o755)
    assert done.returncode == 5, done.stderr
    assert "it is read-only. Check the rights" in done.stderr or "Cannot write beside the store" in done.stderr


def test_the_command_says_what_failed_and_ends_with_status_6(tmp_path: Path, folder: Path) -> None:
    (folder / "bad.jpg").write_bytes(b"broken")
    done = command("tag", folder, "--store", tmp_path / "finds.db", "--jobs", 1)
    assert (done.returncode, done.stdout) == (6, "")
    assert "21 photos: 20 tagged (20 now), 1 failed, 0 waiting, 0 copies." in done.stderr
    assert f"{folder}/bad.jpg: The file is cut short." in done.stderr
    found = command("search", "--store", tmp_path / "finds.db", "--failed", "--json")
    assert '"code": "damaged"' in found.stdout
    counted = command("search", "--store", tmp_path / "finds.db", "works", "--limit", 3)
    assert "3 of 20 marks." in counted.stderr


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("guarded:hunter2", "the user name or password is wrong"),
        ("guarded", "the user name or password is wrong"),
        ("nosuch:hunter2", "the server has no such database or user"),
    ],
)
def test_a_wrong_name_or_password_is_said_without_the_password(cluster: Cluster, who: str, said: str) -> None:
    with pytest.raises(OutputError, match=said) as caught:
        open_store(f"postgresql://{who}@/postgres?host={cluster.folder}", create=True)
    assert "hunter2" not in str(caught.value)


def test_a_server_that_does_not_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="server cannot be reached"):
        open_store(f"postgresql://tester@/postgres?host={tmp_path}", create=True)


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_server_that_goes_away_in_the_middle_costs_nothing(
    cluster: Cluster, folder: Path, comes_back: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_module, "EVERY_S", 0.0)  # each photo is stored by itself
    url = cluster.new_url()
    done = 0

    def restart_at_seven(_failed: bool) -> None:
        nonlocal done
        done += 1
        if done == 7:
            cluster.stop()
            if comes_back:
                cluster.start()

    with open_store(url, create=True) as store:
        if comes_back:
            assert run(store, folder, told=Told(step=restart_at_seven)).counts.done == 20
        else:
            with pytest.raises(OutputError, match=r"server cannot be reached\. Check that it runs"):
                run(store, folder, told=Told(step=restart_at_seven))
            cluster.start()
    with open_store(url) as store:
        outcome = run(store, folder)
        assert outcome.counts.done == 20
        assert outcome.examined == (0 if comes_back else 13)
        assert len(list(store.all_marks())) == 20


def test_ctrl_c_ends_a_run_with_status_130_and_the_same_command_goes_on(tmp_path: Path, folder: Path) -> None:
    arguments = ("tag", folder, "--store", tmp_path / "finds.db", "--jobs", 1)
    # A shell that starts the tests in the background has them ignore Ctrl-C, and what they start with them.
    code = (
        "import signal, sys, vision.archive.examine as e; e.MAKE = 'archive.fakes:make'; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "
        "import vision.cli.tag as t; own = t._settings; t._settings = lambda *a: own(*a) | {'slow_s': 0.2}; "
        "from vision.cli import run; sys.exit(run(sys.argv[1:]))"
    )
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
    line = [sys.executable, "-c", code, *map(str, arguments)]
    with subprocess.Popen(line, env=environment, stderr=subprocess.PIPE, start_new_session=True) as tagging:
        while done_in(tmp_path / "finds.db") < 2:
            assert tagging.poll() is None
            time.sleep(0.05)
        os.killpg(tagging.pid, signal.SIGINT)  # as a terminal does: to the run and its workers alike
        _, errors = tagging.communicate(timeout=60)
    assert tagging.returncode == 130
    assert b"Traceback" not in errors
    before = done_in(tmp_path / "finds.db")
    assert 2 <= before < 20
    with subprocess.Popen(line, env=environment, stderr=subprocess.PIPE) as tagging:
        _, errors = tagging.communicate(timeout=120)
    assert tagging.returncode == 0
    assert f"20 photos: 20 tagged ({20 - before} now)".encode() in errors


def done_in(path: Path) -> int:
    """How many results a store has; 0 where there is none yet."""
    if not path.exists():
        return 0
    plain = sqlite3.connect(path)
    try:
        return int(plain.execute("SELECT count(*) FROM results").fetchone()[0])
    except sqlite3.OperationalError:  # being made
        return 0
    finally:
        plain.close()
