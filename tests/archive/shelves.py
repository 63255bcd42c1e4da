"""Records, results and small stores for the archive's tests."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import drawn

from vision.archive.intake import Intake
from vision.archive.rows import FileSeen, Tagged
from vision.archive.store import Store, open_store
from vision.record import to_record


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def record(name: str, **first: Any) -> dict[str, Any]:
    """A drawn record under another name, its first mark's first candidate and reading changed."""
    made = copy.deepcopy(to_record(drawn.result(name)))
    made["photo"] |= {"sha256": sha(name)}
    mark = made["marks"][0]
    mark["reading"]["text"] = first.pop("reading", mark["reading"]["text"])
    mark["kind"] = first.pop("kind", mark["kind"])
    made["photo"] |= first.pop("photo", {})
    mark["attribution"]["candidates"][0] |= first
    return made


def tagged(name: str, **first: Any) -> Tagged:
    return Tagged(sha(name), len(name), json.dumps(record(name, **first)))


def contents(store: Store) -> list[tuple[str, str]]:
    """All that a store says, in an order of its own: what must be the same however it got there."""
    said = [(one.photo, one.text) for one in store.records()]
    failed = [(one.path, f"{one.failure}") for one in store.failures()]
    marks = sorted((m.photo, f"{m.mark} {m.reading} {m.path} {m.country}") for m in store.all_marks())
    return [*said, *failed, *marks, *(("near", "".join(group)) for group in store.groups("near"))]


def put(store: Store, names: dict[str, dict[str, Any]], kit: str = "kit-1") -> Intake:
    """Store one file a name, with the changes given for it."""
    intake = Intake(store.engine, "0.1.0", kit, "{}")
    intake.see([FileSeen(name, len(name), 1) for name in names])
    for waiting in intake.waiting():
        intake.add(waiting.file, tagged(waiting.path, **names[waiting.path]))
    return intake


def new_store(folder: Path) -> Store:
    return open_store(str(folder / "finds.db"), create=True)
