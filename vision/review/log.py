"""The decision log: what people did, appended and never edited, each entry chained to the one before by its sha256.

An entry is one line of canonical JSON (keys sorted, no spaces, ASCII only). Its text names its number and the sha256 of
the entry before it; its own sha256 is taken of the text as it stands. verify.py reads what is written here and needs
none of it. A head notes how far the log had come; kept outside the store, and printed, it makes cutting and rewriting
show. Accepted: whoever has the store and every head can write a new past; a signed head narrows that to the key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vision.errors import UsageError
from vision.review.verify import START
from vision.whole import whole_file

HEAD_SCHEMA = "marktrace-head/1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log as it is stored: number from 1, text (canonical JSON) and the sha256 of the text."""

    seq: int
    text: str
    sha256: str

    @property
    def body(self) -> dict[str, Any]:
        """What the text says."""
        said: dict[str, Any] = json.loads(self.text)
        return said


@dataclass(frozen=True, slots=True)
class Head:
    """How far a log had come: count entries, the sha256 of the last (64 zeros for none), and when that was noted.

    signature and public_key are hex, both empty where the head is not signed.
    """

    count: int
    sha256: str
    time: str
    signature: str = ""
    public_key: str = ""

    def to_json(self) -> str:
        """The head as a file holds it."""
        facts = {"schema": HEAD_SCHEMA, "count": self.count, "sha256": self.sha256, "time": self.time}
        signed = {"signature": self.signature, "public_key": self.public_key} if self.signature else {}
        return json.dumps(facts | signed, indent=1) + "\n"

    def printed(self) -> str:
        """The head for a case file on paper: short groups that can be compared by eye, or typed."""
        groups = " ".join(self.sha256[i : i + 8] for i in range(0, 64, 8))
        lines = [f"marktrace decision log: {self.count} entries at {self.time}", f"sha256 of the last: {groups}"]
        return "\n".join(lines + ([f"signed with key {self.public_key}"] if self.public_key else []))


def now() -> str:
    """The time in UTC, ISO 8601 to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def canonical(body: Mapping[str, Any]) -> str:
    """body as one line of JSON that is the same on every machine.

    >>> canonical({"b": "ü", "a": [1, None]})
    '{"a":[1,null],"b":"\\\\u00fc"}'
    """
    return json.dumps(body, ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))


def sha256_of(text: str) -> str:
    """The sha256 of a text in UTF-8, 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def chained(body: Mapping[str, Any], last: Entry | None) -> Entry:
    """The entry that says body and follows on last (None: the first of a log)."""
    seq = last.seq + 1 if last else 1
    text = canonical({**body, "seq": seq, "prev": last.sha256 if last else START})
    return Entry(seq, text, sha256_of(text))


def write_head(head: Head, path: Path) -> None:
    """Write a head to a file, whole or not at all. Raises OutputError when it cannot be written."""
    with whole_file(path) as stream:
        stream.write(head.to_json().encode("utf-8"))


def read_head(path: Path) -> Head:
    """A head from its file. Raises UsageError when it is not one, or there is none."""
    if not path.exists():
        raise UsageError(f"There is no file {path}; a head is made by marktrace log head, or when the page stops.")
    try:
        facts = json.loads(path.read_text("utf-8"))
        if facts["schema"] != HEAD_SCHEMA or len(facts["sha256"]) != 64 or int(facts["count"]) < 0:
            raise ValueError("not a head of this schema")
        words = {name: str(facts.get(name, "")) for name in ("signature", "public_key")}
        return Head(int(facts["count"]), str(facts["sha256"]), str(facts["time"]), **words)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UsageError(f"{path} is not a head of a decision log ({type(fault).__name__}).") from fault
