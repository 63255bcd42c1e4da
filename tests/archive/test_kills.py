"""kill -9 at any point: nothing lost, nothing twice, nothing different, nobody left behind."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from archive import fakes
from archive.killing import kill_often
from archive.shelves import contents

from vision.archive.source import root_of
from vision.archive.store import open_store
from vision.archive.tag import tag
from vision.archive.worker import Job


def test_twenty_kills_leave_the_store_of_an_unbroken_run(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    for number in range(120):
        path = folder / f"{number % 3}" / f"{number:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"broken" if number == 50 else b"photo %d" % (number % 110))
    runs, workers = kill_often(str(tmp_path / "killed.db"), folder, 20, 11, with_workers=3)
    assert runs + workers == 20
    assert workers >= 2
    job = Job(fakes.MAKE, {"slow_s": 0.0})
    with open_store(str(tmp_path / "clean.db"), create=True) as clean:
        tag(clean, [root_of(str(folder))], job, fakes.Serial(job))
        unbroken = contents(clean)
    with open_store(str(tmp_path / "killed.db")) as killed:
        assert contents(killed) == unbroken
        (run,) = {run.kit for run in killed.runs()}
        assert run == "kit-fake"
    with sqlite3.connect(tmp_path / "killed.db") as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        doubled = "SELECT count(*) FROM (SELECT photo_id FROM results GROUP BY photo_id, run_id HAVING count(*) > 1)"
        assert plain.execute(doubled).fetchone() == (0,)
    plain.close()
