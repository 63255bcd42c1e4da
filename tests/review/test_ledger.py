"""The ledger is read by many while one counts."""

from __future__ import annotations

import threading
from typing import Any

from vision.review.ledger import Ledger
from vision.review.log import Entry, chained


def body(number: int, act: str = "decision", **more: Any) -> dict[str, Any]:
    said = {"act": act, "id": f"k{number}", "reviewer": f"r{number % 3}", "photo": f"{number}", "mark": "h1"}
    return said | {"verdict": "undetermined"} | more


def entries(count: int, last: Entry | None = None) -> list[Entry]:
    made: list[Entry] = []
    for number in range(count):
        last = chained(body((last.seq if last else 0) + number), last)
        made.append(last)
    return made


def test_the_newest_entry_of_a_person_is_found_while_others_append() -> None:
    ledger, faults, stop = Ledger(), [], threading.Event()
    made = entries(6000)
    ledger.take(made[:3000])

    def read() -> None:
        while not stop.is_set():
            try:
                ledger.last_of("nobody")
                ledger.about("7", "h1")
            except RuntimeError as fault:
                faults.append(fault)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for entry in made[3000:]:
        ledger.take([entry])
    stop.set()
    for reader in readers:
        reader.join()
    assert faults == []


def test_the_newest_entry_is_none_that_was_taken_back_nor_a_reading() -> None:
    ledger = Ledger()
    last = None
    for one in (body(0), body(3), body(6, "reading"), body(9, "undo", undoes=2)):
        last = chained(one, last)
        ledger.take([last])
    assert ledger.last_of("r0") == 1
    assert ledger.last_of("r1") is None
