"""A run over folders of photos: nothing lost, nothing twice, the same whatever goes wrong beside it."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from archive import fakes
from archive.shelves import contents, new_store
from sqlalchemy import select

from vision.archive.connect import reading
from vision.archive.crew import Crew, Limits
from vision.archive.source import root_of
from vision.archive.store import Store, open_store
from vision.archive.tables import files
from vision.archive.tag import Outcome, Told, local_engine, tag
from vision.archive.worker import Job
from vision.errors import KitError, UsageError


def photos_in(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(f"photo {name}".encode())
    return folder


def run(store: Store, folder: Path, jobs: int = 0, retry: bool = False, **how: object) -> Outcome:
    """Tag a folder with so many worker processes, or with none."""
    return run_all(store, [folder], jobs, retry, **how)


def run_all(store: Store, folders: Sequence[Path], jobs: int = 0, retry: bool = False, **how: object) -> Outcome:
    """Tag several folders."""
    job = Job(fakes.MAKE, how)
    engine = local_engine(job, jobs) if jobs else fakes.Serial(job)
    return tag(store, [root_of(str(folder)) for folder in folders], job, engine, retry_failed=retry)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return photos_in(tmp_path / "photos", *(f"{n:02}.jpg" for n in range(12)), "deep/er/13.jpg")


def test_the_fake_records_are_records() -> None:
    import jsonschema

    from vision.record import schema

    jsonschema.validate(json.loads(fakes.record_line("a.jpg", "ab" * 32)), schema())


def test_every_photo_is_tagged_once_and_a_finished_run_does_nothing(store: Store, folder: Path, tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    traces.mkdir()
    first = run(store, folder, marks_in=str(traces))
    assert (first.examined, first.failed) == (13, 0)
    assert (first.counts.seen, first.counts.done, first.counts.pending) == (13, 13, 0)
    before = contents(store)
    again = run(store, folder, marks_in=str(traces))
    assert (again.examined, again.run) == (0, first.run)
    assert contents(store) == before
    assert {p.name: p.read_bytes() for p in traces.iterdir()} == {
        **{f"{n:02}.jpg": b"." for n in range(12)},
        "13.jpg": b".",
    }


def test_the_store_says_the_same_with_one_two_and_four_workers(folder: Path, tmp_path: Path) -> None:
    said = []
    for jobs in (0, 1, 2, 4):
        with open_store(str(tmp_path / f"{jobs}.db"), create=True) as store:
            run(store, folder, jobs)
            said.append(contents(store))
    assert said[0] == said[1] == said[2] == said[3]
    assert len(said[0]) == 26


def test_the_order_of_the_photos_does_not_matter(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vision.archive.intake import Intake

    with open_store(str(tmp_path / "plain.db"), create=True) as store:
        run(store, folder)
        plain = contents(store)
    in_order = Intake.waiting

    def shuffled(self: Intake, **how: object) -> list[object]:
        waiting = list(in_order(self, **how))
        random.Random(7).shuffle(waiting)
        return waiting

    monkeypatch.setattr(Intake, "waiting", shuffled)
    with open_store(str(tmp_path / "shuffled.db"), create=True) as store:
        run(store, folder)
        assert contents(store) == plain


def test_copies_are_examined_once_and_all_count_as_done(tmp_path: Path) -> None:
    folder = photos_in(tmp_path / "photos", "a.jpg", "b.jpg")
    (folder / "sub").mkdir()
    for copy in ("copy.jpg", "sub/a.jpg"):
        (folder / copy).write_bytes((folder / "a.jpg").read_bytes())
    with new_store(tmp_path) as store:
        outcome = run(store, folder)
        assert outcome.examined == 2
        assert (outcome.counts.done, outcome.counts.copies) == (4, 2)
        (photo,) = {m.photo for m in store.all_marks() if m.path.endswith("a.jpg")}
        assert store.paths(photo) == [str(folder / name) for name in ("a.jpg", "copy.jpg", "sub/a.jpg")]
        (folder / "late.jpg").write_bytes((folder / "a.jpg").read_bytes())
        assert run(store, folder).examined == 0
        assert len(store.paths(photo)) == 4


@pytest.mark.parametrize("jobs", [0, 2])
@pytest.mark.parametrize("kit", ["kit-fake", "another"])
def test_every_file_that_waits_is_one_step_copies_and_failures_included(tmp_path: Path, jobs: int, kit: str) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number:02}.jpg").write_bytes(b"photo %d" % (number % 4) if number % 3 else b"broken 1")
    totals: list[int] = []
    steps: list[bool] = []
    told = Told(total=totals.append, step=steps.append)
    with new_store(tmp_path) as store:
        for wanted in ("kit-fake", kit):
            job = Job(fakes.MAKE, {"kit": wanted})
            engine = local_engine(job, jobs) if jobs else fakes.Serial(job)
            outcome = tag(store, [root_of(str(folder))], job, engine, told=told)
            assert outcome.counts.pending == 0
    assert sum(totals) == len(steps) == (12 if kit == "kit-fake" else 24)
    assert sum(steps) == (4 if kit == "kit-fake" else 8)


def test_copies_of_a_broken_photo_all_fail(tmp_path: Path) -> None:
    folder = photos_in(tmp_path / "photos", "good.jpg")
    for copy in ("x.jpg", "y.jpg", "z.jpg"):
        (folder / copy).write_bytes(b"broken")
    with new_store(tmp_path) as store:
        outcome = run(store, folder)
        assert (outcome.counts.done, outcome.counts.failed, outcome.counts.pending) == (1, 3, 0)


def test_failed_photos_wait_until_they_are_asked_for(tmp_path: Path) -> None:
    folder = photos_in(tmp_path / "photos", "a.jpg", "b.jpg")
    (folder / "bad.jpg").write_bytes(b"broken")
    with new_store(tmp_path) as store:
        assert run(store, folder).failed == 1
        assert run(store, folder).examined == 0
        assert [(f.path, f.failure.stage, f.failure.code) for f in store.failures()] == [
            (str(folder / "bad.jpg"), "photo", "damaged")
        ]
        assert run(store, folder, retry=True).examined == 1
        (folder / "bad.jpg").write_bytes(b"mended")
        again = run(store, folder)
        assert (again.examined, again.counts.failed, again.counts.done) == (1, 0, 3)
        assert list(store.failures()) == []


def test_failures_are_tried_again_only_in_the_folders_that_are_named(store: Store, tmp_path: Path) -> None:
    here, there = photos_in(tmp_path / "here", "a.jpg"), photos_in(tmp_path / "there", "b.jpg")
    for folder in (here, there):
        (folder / "bad.jpg").write_bytes(b"broken " + folder.name.encode())
    run_all(store, [here, there])
    assert run(store, here, retry=True).examined == 1
    assert [failed.path for failed in store.failures()] == [str(here / "bad.jpg"), str(there / "bad.jpg")]


def test_a_changed_kit_is_a_new_run_and_going_back_does_nothing(folder: Path, tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        first = run(store, folder)
        second = run(store, folder, kit="kit-new")
        assert second.examined == 13
        assert second.run.id != first.run.id
        assert run(store, folder).examined == 0
        assert [r.kit for r in store.runs()] == ["kit-fake", "kit-new"]


def test_links_and_special_files_are_passed_over_and_photos_are_known_by_content(tmp_path: Path) -> None:
    folder = photos_in(tmp_path / "photos", "a.jpg", "notes.txt", "._a.jpg", "a.jpg.xmp")
    outside = photos_in(tmp_path / "outside", "secret.jpg")
    (folder / "link.jpg").symlink_to(outside / "secret.jpg")
    (folder / "linked").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.jpg")
    (folder / "no-ending").write_bytes(b"\xff\xd8\xff rest of a photo")
    (folder / "named.dat").write_bytes(b"RIFF1234WEBPVP8 ")
    with new_store(tmp_path) as store:
        outcome = run(store, folder)
        assert outcome.skipped == {"link": 3, "special file": 1}
        assert sorted(Path(m.path).name for m in store.all_marks()) == ["a.jpg", "named.dat", "no-ending"]


def test_names_that_are_not_utf8_are_tagged_and_found_again(store: Store, tmp_path: Path) -> None:
    folder = photos_in(tmp_path / "photos")
    names = [
        b"caf\xe9.jpg",
        b"back\\slash.jpg",
        b"back\\xe9.jpg",
        "ж\u202e.jpg".encode(),
        b"new\nline.jpg",
        b"a\xff\xfe/b.jpg",
    ]
    for number, name in enumerate(names):
        path = os.path.join(os.fsencode(folder), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(b"photo %d" % number)
    outcome = run(store, folder)
    assert (outcome.counts.done, outcome.counts.failed) == (6, 0)
    found = {os.fsencode(path) for one in store.records() for path in store.paths(one.photo)}
    assert found == {os.path.join(os.fsencode(folder), name) for name in names}
    assert run(store, folder).examined == 0


def test_a_folder_that_is_not_there_is_said_and_nothing_is_lost(folder: Path, tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        run(store, folder)
        before = contents(store)
        with pytest.raises(UsageError, match="nowhere cannot be read: No such file"):
            run(store, tmp_path / "nowhere")
        folder.rename(tmp_path / "moved")
        with pytest.raises(UsageError, match="cannot be read"):
            run(store, folder)
        assert contents(store) == before


def shut(monkeypatch: pytest.MonkeyPatch, *closed: Path) -> None:
    """Folders that cannot be listed and files that cannot be opened, also by root."""
    scandir, opened = os.scandir, os.open

    def check(path: object) -> None:
        if Path(os.fsdecode(path)) in closed:  # type: ignore[arg-type]
            raise PermissionError(13, "Permission denied")

    def scandir_(path: str) -> object:
        check(path)
        return scandir(path)

    def open_(path: str, *how: int, **more: int) -> int:
        check(path)
        return opened(path, *how, **more)

    monkeypatch.setattr("vision.archive.source.os.scandir", scandir_)
    monkeypatch.setattr("vision.archive.source.os.open", open_)


def test_what_lies_where_nobody_could_look_is_not_gone(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = photos_in(tmp_path / "photos", "a.jpg", "b.jpg", "shut/c.jpg", "shut/er/d.jpg", "shut2/e.jpg")
    (folder / "no-ending").write_bytes(b"\xff\xd8\xff rest of a photo")
    assert run(store, folder).counts.done == 6
    for name in ("b.jpg", "shut2/e.jpg"):
        (folder / name).unlink()
    shut(monkeypatch, folder / "shut", folder / "no-ending")
    outcome = run(store, folder)
    assert outcome.skipped == {"Permission denied": 2}
    assert outcome.passed.unread == {str(folder / "shut"), str(folder / "no-ending")}
    there = {path for one in store.records() for path in store.paths(one.photo)}
    assert there == {str(folder / name) for name in ("a.jpg", "no-ending", "shut/c.jpg", "shut/er/d.jpg")}


@pytest.mark.parametrize("inner_first", [False, True])
def test_of_folders_that_lie_in_one_another_each_photo_counts_once(
    store: Store, folder: Path, inner_first: bool
) -> None:
    (folder / "deep/link.jpg").symlink_to("nowhere")
    folders = [folder, folder / "deep", folder]
    outcome = run_all(store, folders[::-1] if inner_first else folders)
    assert (outcome.counts.seen, outcome.counts.done, outcome.examined) == (13, 13, 13)
    assert outcome.skipped == {"link": 1}


def test_a_folder_that_differs_only_in_case_is_another_one(store: Store, tmp_path: Path) -> None:
    photos_in(tmp_path, "Site/a.jpg", "site/b.jpg", "s_te/c.jpg")
    run(store, tmp_path)
    (tmp_path / "site/b.jpg").unlink()
    run(store, tmp_path / "site")
    with reading(store.engine) as connection:
        gone = connection.execute(select(files.c.path).where(files.c.gone)).scalars().all()
    assert gone == [str(tmp_path / "site/b.jpg")]


def test_a_kit_that_is_refused_is_said_as_the_worker_says_it(folder: Path, tmp_path: Path) -> None:
    with new_store(tmp_path) as store, pytest.raises(KitError, match=r"The fake kit does not verify\."):
        run(store, folder, 1, refuse=True)


def test_a_photo_that_changes_while_it_is_read_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vision.archive import source
    from vision.errors import PhotoError

    path = photos_in(tmp_path / "photos", "a.jpg") / "a.jpg"
    fstat, calls = os.fstat, 0

    def growing(handle: int) -> os.stat_result:
        nonlocal calls
        calls += 1
        with path.open("ab") as file:
            file.write(b"more")
        return fstat(handle)

    monkeypatch.setattr("vision.archive.source.os.fstat", growing)
    with pytest.raises(PhotoError, match="changes while it is read"):
        source.read(str(path))
    assert calls == 6


def test_photos_are_never_changed(folder: Path, tmp_path: Path) -> None:
    def facts() -> dict[str, tuple[bytes, int, int]]:
        return {str(p): (p.read_bytes(), p.stat().st_mtime_ns, p.stat().st_ino) for p in folder.rglob("*.jpg")}

    before = facts()
    with new_store(tmp_path) as store:
        run(store, folder)
    assert facts() == before


def test_near_duplicates_are_grouped_and_others_are_not() -> None:
    import numpy as np

    from vision.archive.groups import NEAR_BITS, near_pairs

    rng = np.random.default_rng(5)
    hashes = rng.integers(0, 2**64, 2000, dtype=np.uint64)
    flips = {10: 1, 20: NEAR_BITS, 30: NEAR_BITS + 1}
    for place, bits in flips.items():
        wrong = sum(1 << int(bit) for bit in rng.choice(64, bits, replace=False))
        hashes[place + 1] = hashes[place] ^ np.uint64(wrong)
    assert {tuple(sorted(pair)) for pair in near_pairs(hashes)} == {(10, 11), (20, 21)}
    assert list(near_pairs(hashes[:0])) == []


@pytest.mark.parametrize(("copies", "seed"), [(1, 1), (3, 2), (40, 3), (300, 4)])
def test_groups_are_those_that_comparing_each_with_each_gives(copies: int, seed: int) -> None:
    import numpy as np

    from vision.archive.groups import NEAR_BITS, grouped, near_pairs

    rng = np.random.default_rng(seed)
    hashes = np.repeat(rng.integers(0, 2**64, 600 // copies, dtype=np.uint64), copies)
    for _ in range(4):
        hashes ^= np.uint64(1) << rng.integers(0, 64, len(hashes), dtype=np.uint64)
    near = np.bitwise_count(hashes[:, None] ^ hashes) <= NEAR_BITS
    every = grouped(range(len(hashes)), np.argwhere(near & ~np.eye(len(hashes), dtype=bool)).tolist())
    assert every or copies == 1
    assert grouped(range(len(hashes)), near_pairs(hashes)) == every


def test_a_thousand_near_duplicates_are_connected_by_a_few_pairs_each() -> None:
    import numpy as np

    from vision.archive.groups import near_pairs

    hashes = np.uint64(1) << (np.arange(3000, dtype=np.uint64) % np.uint64(64))
    hashes |= np.uint64(1) << (np.arange(3000, dtype=np.uint64) // np.uint64(64))
    assert len(list(near_pairs(hashes))) < 10 * len(hashes)


def test_photos_of_one_object_share_folder_time_and_look(tmp_path: Path) -> None:
    from archive.shelves import put
    from sqlalchemy import update

    from vision.archive.connect import writing
    from vision.archive.groups import regroup
    from vision.archive.tables import photos

    shots = {
        "/d/a": ("2024-05-03T10:20:00", "00000000ffffffff"),
        "/d/b": ("2024-05-03T10:20:50+02:00", "0000000fffffffff"),  # as the first, a little later
        "/d/c": ("2024-05-03T10:20:55", "ffffffff00000000"),  # looks unlike
        "/d/d": ("2024-05-03T11:20:55", "ffffffff00000001"),  # an hour later
        "/e/f": ("2024-05-03T10:20:01", "00000000ffffffff"),  # another folder
    }
    with new_store(tmp_path) as store:
        put(store, {name: {"photo": {"taken_at": taken}} for name, (taken, _) in shots.items()})
        with writing(store.engine) as connection:
            for number, (_, phash) in enumerate(shots.values(), start=1):
                connection.execute(update(photos).where(photos.c.id == number).values(phash=phash))
        regroup(store, objects=True)
        named = {store.paths(photo)[0] for group in store.groups("object") for photo in group}
        assert named == {"/d/a", "/d/b"}
        near = [{store.paths(photo)[0] for photo in group} for group in store.groups("near")]
        assert {"/d/c", "/d/d"} in near
        assert {"/d/a", "/d/b", "/e/f"} in near


def test_a_worker_is_replaced_when_it_has_grown_old(folder: Path, tmp_path: Path) -> None:
    job = Job(fakes.MAKE)
    with new_store(tmp_path) as store, Crew(job, 1, Limits(photos=5)) as crew:
        seen: set[int] = set()
        meet = crew._hire

        def hire() -> object:
            worker = meet()
            seen.add(worker.process.pid)
            return worker

        crew._hire = hire
        outcome = tag(store, [root_of(str(folder))], job, crew)
        assert outcome.counts.done == 13
    assert len(seen) == 3


def test_no_worker_outlives_its_crew() -> None:
    with Crew(Job(fakes.MAKE), 2) as crew:
        crew.meet()
        (worker,) = crew._workers
        pid = worker.process.pid
        os.kill(pid, 0)
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("the worker still runs")
