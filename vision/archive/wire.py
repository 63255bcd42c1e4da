"""How a worker's answer travels: as JSON, checked when it arrives, so that a broken worker can do no harm.

Workers decode photos of unknown origin. What comes from one is data, never code: no pickle crosses the line.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from vision.archive.flat import mark_rows, photo_row
from vision.archive.look import SIZE
from vision.archive.rows import Tagged
from vision.errors import UsageError
from vision.record import parse
from vision.types import Failure


class Nonsense(ValueError):
    """An answer that is none."""


def packed(tagged: Tagged) -> dict[str, Any]:
    """An answer as JSON can hold it."""
    failure = tagged.failure
    return {
        "sha256": tagged.sha256,
        "size": tagged.size,
        "record": tagged.record,
        "failure": [failure.stage, failure.code, failure.detail] if failure else None,
        "phash": tagged.phash,
        "looks": {mark: base64.b64encode(look).decode() for mark, look in tagged.looks.items()},
    }


def unpacked(said: Any) -> Tagged:
    """The answer that packed wrote. Raises Nonsense for anything else."""
    try:
        failure = Failure(*map(str, said["failure"])) if said["failure"] else None
        looks = {str(mark): base64.b64decode(look, validate=True) for mark, look in said["looks"].items()}
        tagged = Tagged(said["sha256"], int(said["size"]), said["record"], failure, said["phash"], looks)
        _check(tagged)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, UsageError, RecursionError) as fault:
        raise Nonsense(type(fault).__name__) from fault
    return tagged


def _check(tagged: Tagged) -> None:
    """That a record is one, of the photo that was examined, with everything that is searched for in its place."""
    for value, length in ((tagged.sha256, 64), (tagged.phash, 16)):
        if value is not None and (len(value) != length or int(value, 16) < 0):
            raise Nonsense("hash")
    if any(len(look) != SIZE for look in tagged.looks.values()):
        raise Nonsense("look")
    if tagged.record is None:
        return
    record = parse(tagged.record)
    json.dumps([photo_row(record), mark_rows(record)], allow_nan=False)
    if record["photo"]["sha256"] != tagged.sha256 or record["failure"] is not None or tagged.sha256 is None:
        raise Nonsense("photo")
