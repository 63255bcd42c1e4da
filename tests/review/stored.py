"""Real stores with a few made photos in them, as marktrace tag would leave them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from review.made import photo_bytes, record

from vision.archive import Store, open_store
from vision.archive.intake import Intake
from vision.archive.rows import FileSeen, Tagged


def fill(folder: Path, count: int = 4, *, kit: str = "kit-1", create: bool = True, **how: Any) -> Store:
    """A store of count photos in folder, tagged with a kit."""
    store = open_store(str(folder / "finds.db"), create=create)
    intake = Intake(store.engine, "0.1.0", kit, "{}")
    paths = []
    for seed in range(count):
        path = folder / f"head{seed:03d}.jpg"
        path.write_bytes(photo_bytes(seed))
        paths.append(path)
    intake.see([FileSeen(str(path), path.stat().st_size, 1) for path in paths])
    for waiting in intake.waiting():
        data = Path(waiting.path).read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        made = record(waiting.path, sha256, **how)
        made["run"]["kit"] = kit
        intake.add(waiting.file, Tagged(sha256, len(data), json.dumps(made)))
    return store
