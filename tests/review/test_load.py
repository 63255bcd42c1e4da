"""L3: eight reviewers at once on the same marks, the server killed twice: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from review.stored import fill

from vision.archive import open_store
from vision.review.accounts import Accounts
from vision.review.ledger import Ledger
from vision.review.log import Entry
from vision.review.verify import verify

ROOT = Path(__file__).parents[2]
CLIENT = Path(__file__).with_name("load_client.py")
REVIEWERS = 8


def start(store: Path, port: int) -> tuple[subprocess.Popen[str], int]:
    """The server in a process of its own, and its port once it answers."""
    run = [sys.executable, "-m", "vision", "review", "--store", str(store), "--port", str(port), "--name", "lead"]
    server = subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    address = server.stdout.readline()
    return server, int(address.partition("127.0.0.1:")[2].partition("/")[0])


def check_load(folder: Path, each: int, kills: int, marks: int) -> None:
    with fill(folder, marks) as store:
        accounts = Accounts(store.people())
        tokens = [accounts.redeem(accounts.one_time_token(f"reviewer {i}", "reviewer")) for i in range(REVIEWERS)]
        numbers = [str(found.number) for found in store.all_marks()]
    server, port = start(folder / "finds.db", 0)
    clients = []
    for place, token in enumerate(tokens):
        words = [sys.executable, str(CLIENT), str(port), str(token), str(place * 3), str(each), *numbers]
        clients.append(subprocess.Popen(words, stdout=subprocess.PIPE, text=True))
    dice = random.Random(3)
    try:
        for _ in range(kills):
            before = entries(folder)
            while entries(folder) < before + REVIEWERS * each / (kills + 2):
                time.sleep(0.05)
            time.sleep(dice.random() * 0.2)
            server.send_signal(signal.SIGKILL)
            server.communicate()
            server, _ = start(folder / "finds.db", port)
        told = [json.loads(client.communicate(timeout=3600)[0]) for client in clients]
    finally:
        for process in (server, *clients):
            if process.poll() is None:
                process.terminate()
                process.wait()
            if process.stdout:
                process.stdout.close()
    check_kept(folder, told, each, kills)


def entries(folder: Path) -> int:
    with open_store(str(folder / "finds.db")) as store:
        return len(store.people().log())


def check_kept(folder: Path, told: list[dict[str, object]], each: int, kills: int) -> None:
    with open_store(str(folder / "finds.db")) as store:
        rows = store.people().log()
    bodies = [json.loads(text) for _, text, _ in rows]
    assert verify(rows).fault == ""
    assert len(rows) == REVIEWERS * each
    assert len({body["id"] for body in bodies}) == len(bodies)
    assert set(Counter(body["reviewer"] for body in bodies).values()) == {each}
    acknowledged = [seq for one in told for seq in one["kept"]]  # type: ignore[attr-defined]
    assert sorted(acknowledged) == list(range(1, len(rows) + 1))
    ledger = Ledger()
    ledger.take(Entry(*row) for row in rows)
    assert ledger.states["conflict"] > 0
    assert sum(len(standing.past) for standing in ledger.marks.values()) == len(rows)
    assert kills == 0 or sum(int(one["again"]) for one in told) > 0  # type: ignore[call-overload]


@pytest.mark.skipif(os.name != "posix", reason="kills processes")
def test_eight_reviewers_and_a_killed_server_lose_and_double_nothing(tmp_path: Path) -> None:
    check_load(tmp_path, each=8, kills=1, marks=12)


@pytest.mark.slow
def test_eight_reviewers_with_250_decisions_each_lose_nothing_when_the_server_is_killed_twice(tmp_path: Path) -> None:
    check_load(tmp_path, each=250, kills=2, marks=300)
