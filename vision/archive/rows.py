"""What goes into a store and what comes out of it, as frozen types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vision.types import Failure


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file that a scan came across: path is names.as_text of it or its URL, size in bytes, mtime in nanoseconds."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Tagged:
    """What examining one file gave: its record (JSON, one line) or its failure; nothing that depends on when or where.

    sha256 is of the bytes that were examined, None where none could be read. phash is the perceptual hash (16 hex
    digits) of the picture; looks are what the marks look like by mark id (look.look_of).
    """

    sha256: str | None
    size: int
    record: str | None
    failure: Failure | None = None
    phash: str | None = None
    looks: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.record is None) == (self.failure is None):
            raise ValueError("a photo gives a record or a failure, and not both")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run: what read the photos. settings is JSON; created_at ISO 8601 in UTC."""

    id: int
    version: str
    kit: str
    settings: str
    created_at: str


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A photo's record as stored: text is the line of JSON, sha256 that of text, photo that of the photo's bytes."""

    photo_id: int
    photo: str
    run: int
    text: str
    sha256: str

    @property
    def record(self) -> dict[str, Any]:
        """The record as docs/record.md describes it."""
        from vision.record import parse

        return parse(self.text)


@dataclass(frozen=True, slots=True)
class FoundMark:
    """One mark of the store. number is its own in the store; photo the photo's sha256; path one file that holds it.

    pattern to calibre are the first candidate's, level is what may be stated; years are both included. lot and serial
    are what was read as one. state is what people's decisions come to, "open" where there are none.
    """

    number: int
    photo: str
    path: str
    mark: str
    kind: str
    reading: str
    pattern: str
    code: str
    maker: str
    country: str
    state_then: str
    year_from: int | None
    year_to: int | None
    calibre: str
    lot: str
    serial: int | None
    level: str
    probability: float
    unknown_probability: float
    risk: float
    sharpness: float | None
    glare: float | None
    taken_at: str | None
    latitude: float | None
    longitude: float | None
    state: str


@dataclass(frozen=True, slots=True)
class PhotoFailure:
    """A file that could not be tagged in a run, by its number: why, and at which stage."""

    path: str
    failure: Failure
    run: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a run is, in files: seen = done + failed + pending, always. copies are files whose bytes another file
    has too."""

    seen: int
    done: int
    failed: int
    copies: int

    @property
    def pending(self) -> int:
        return self.seen - self.done - self.failed
