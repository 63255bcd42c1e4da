"""The verifier: every change to a log is found and its place named, and it says what it cannot see."""

from __future__ import annotations

import ast
import json
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from vision.review import verify as verifier
from vision.review.log import Entry, chained, sha256_of
from vision.review.verify import START, Row, verify

FILE = Path(verifier.__file__)


def a_log(count: int) -> list[Row]:
    rows: list[Row] = []
    last: Entry | None = None
    for i in range(count):
        last = chained({"act": "decision", "reviewer": "anna", "verdict": "accepted", "photo": f"{i:064x}"}, last)
        rows.append((last.seq, last.text, last.sha256))
    return rows


def head_of(rows: list[Row]) -> tuple[int, str]:
    return len(rows), rows[-1][2] if rows else START


def rehashed(rows: list[Row], start: int) -> list[Row]:
    """What a forger who knows the scheme does: number and chain everything from the start-th row anew."""
    done = rows[:start]
    last = Entry(*done[-1]) if done else None
    for _, text, _ in rows[start:]:
        last = chained({k: v for k, v in json.loads(text).items() if k not in ("seq", "prev")}, last)
        done.append((last.seq, last.text, last.sha256))
    return done


def edit(rows: list[Row], dice: random.Random) -> int:
    at = dice.randrange(len(rows))
    number, text, sha256 = rows[at]
    place = dice.randrange(len(text))
    rows[at] = (number, text[:place] + chr(33 + (ord(text[place]) - 32) % 90) + text[place + 1 :], sha256)
    return at + 1


def edit_and_hash(rows: list[Row], dice: random.Random) -> int:
    at = dice.randrange(len(rows) - 1)
    text = rows[at][1].replace("accepted", "rejected")
    rows[at] = (rows[at][0], text, sha256_of(text))
    return at + 1


def delete(rows: list[Row], dice: random.Random) -> int:
    at = dice.randrange(len(rows) - 1)
    del rows[at]
    if dice.random() < 0.5:  # and number the rest anew in the store
        rows[at:] = [(number - 1, text, sha256) for number, text, sha256 in rows[at:]]
    return at + 1


def swap(rows: list[Row], dice: random.Random) -> int:
    first, second = sorted(dice.sample(range(len(rows)), 2))
    rows[first], rows[second] = (rows[first][0], *rows[second][1:]), (rows[second][0], *rows[first][1:])
    return first + 1


def insert(rows: list[Row], dice: random.Random) -> int:
    at = dice.randrange(len(rows))
    new = chained({"act": "decision", "reviewer": "mallory"}, Entry(*rows[at - 1]) if at else None)
    rows.insert(at, (new.seq, new.text, new.sha256))
    rows[at + 1 :] = [(number + 1, text, sha256) for number, text, sha256 in rows[at + 1 :]]
    return at + 1


CHANGES: list[Callable[[list[Row], random.Random], int]] = [edit, edit_and_hash, delete, swap, insert]


def check_changes(log: list[Row], times: int, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(times):
        change, rows = CHANGES[number % len(CHANGES)], list(log)
        bad = change(rows, dice)
        found = verify(rows)
        # A forged entry with its own right sha256 is named together with the one that no longer follows on it.
        allowed = {bad, bad + 1} if change in (edit_and_hash, insert) else {bad}
        assert found.first_bad in allowed, (change.__name__, bad, found)
        assert found.fault
        assert "BROKEN at entry" in str(found)


def check_cuts(log: list[Row], times: int, seed: int) -> None:
    dice, head = random.Random(seed), head_of(log)
    for _ in range(times):
        left = dice.randrange(len(log))
        assert verify(log[:left]).fault == ""
        found = verify(log[:left], head)
        assert found.first_bad == left + 1
        assert f"the newest {len(log) - left} are gone" in found.fault


def test_a_whole_log_is_whole() -> None:
    log = a_log(300)
    found = verify(log, head_of(log))
    assert (found.entries, found.sha256, found.first_bad, found.fault) == (300, log[-1][2], None, "")


def test_an_empty_log_is_whole() -> None:
    assert verify([]).sha256 == START
    assert verify([], (0, START)).fault == ""


def test_changes_to_a_short_log_are_found() -> None:
    check_changes(a_log(200), 1000, seed=1)


def test_changes_to_a_long_log_are_found() -> None:
    check_changes(a_log(10_000), 40, seed=2)


def test_cut_tails_are_found_with_a_head_and_only_with_one() -> None:
    check_cuts(a_log(200), 1000, seed=3)


@pytest.mark.slow
def test_a_thousand_changes_and_cuts_of_ten_thousand_entries_are_found() -> None:
    log = a_log(10_000)
    check_changes(log, 1000, seed=4)
    check_cuts(log, 1000, seed=5)


def test_a_rewritten_chain_is_found_with_a_head_and_only_with_one() -> None:
    log, dice = a_log(120), random.Random(6)
    for _ in range(100):
        rows = list(log)
        at = edit_and_hash(rows, dice) - 1
        forged = rehashed(rows, at)
        assert verify(forged).fault == ""
        found = verify(forged, head_of(log))
        assert found.first_bad == 120
        assert "written anew" in found.fault


def test_what_came_after_the_head_is_allowed_and_said() -> None:
    log = a_log(20)
    found = verify(log, head_of(log[:15]))
    assert found.fault == ""
    assert any("after the head's 15 (5 are here)" in one for one in found.cannot_exclude)


def test_without_a_head_it_says_that_the_tail_may_be_gone() -> None:
    said = str(verify(a_log(3)))
    assert "cannot exclude: removal of the newest entries (give a head)" in said
    assert "cannot exclude: a log rewritten from its first entry (give a head)" in said
    assert "cannot exclude: who decided" in said


def test_a_row_that_is_no_entry_is_named() -> None:
    log = a_log(5)
    for text in ("[]", "{}", "nonsense", '{"seq": 3}'):
        assert verify([*log[:2], (3, text, sha256_of(text)), *log[3:]]).first_bad == 3
    assert verify([*log[:2], (3, None, None), *log[3:]]).first_bad == 3  # type: ignore[list-item]


def test_a_hundred_thousand_entries_take_under_five_seconds() -> None:
    log = a_log(100_000)
    start = time.process_time()
    assert verify(log, head_of(log)).entries == 100_000
    assert time.process_time() - start < 5.0


def test_the_verifier_is_short_and_needs_only_python() -> None:
    source = FILE.read_text("utf-8")
    assert len(source.splitlines()) < 100
    tree = ast.walk(ast.parse(source))
    names = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    assert names == {"hashlib", "json", "sqlite3", "sys"}
    assert "from vision" not in source


@pytest.mark.parametrize("form", ["sqlite", "lines"])
def test_the_file_runs_alone_on_a_store_and_on_an_export(tmp_path: Path, form: str) -> None:
    rows = a_log(50)
    rows[30] = (31, rows[30][1].replace("anna", "otto"), rows[30][2])
    log = tmp_path / "log"
    if form == "sqlite":
        store = sqlite3.connect(log)
        store.execute("CREATE TABLE decision_log (seq INTEGER PRIMARY KEY, entry TEXT, sha256 TEXT)")
        store.executemany("INSERT INTO decision_log VALUES (?, ?, ?)", rows)
        store.commit()
        store.close()
    else:
        names = ("number", "entry", "sha256")
        log.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows), "utf-8")
    head = tmp_path / "head.json"
    head.write_text(json.dumps(dict(zip(("count", "sha256"), head_of(a_log(50)), strict=True))), "utf-8")
    copy = tmp_path / "verify.py"
    copy.write_bytes(FILE.read_bytes())
    run = [sys.executable, "-I", str(copy), str(log), str(head)]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert done.stdout.startswith("50 entries, BROKEN at entry 31: its text is not the one its sha256 was taken of")


@pytest.mark.parametrize("broken", ['{"number": 31, "entry"', "[]", "7", '{"nummer": 31}', "\udcff"])
def test_the_file_alone_names_the_entry_whose_line_was_cut(tmp_path: Path, broken: str) -> None:
    names = ("number", "entry", "sha256")
    lines = [json.dumps(dict(zip(names, row, strict=True))) for row in a_log(40)]
    lines[30] = broken
    log = tmp_path / "log.jsonl"
    log.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    run = [sys.executable, "-I", str(FILE), str(log)]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout.startswith("40 entries, BROKEN at entry 31")
