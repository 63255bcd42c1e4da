"""The words of a marking set in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vision.catalogue.schema import Fault, Pattern

SCHEMA = "marktrace-set/1"
SET, MARKINGS, SYMBOLS, PHOTOS = "set.toml", "markings.csv", "symbols", "photos"
Kind = Literal["headstamp", "serial", "factory_mark", "packaging", "none"]
KINDS: tuple[Kind, ...] = ("headstamp", "serial", "factory_mark", "packaging", "none")


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says a photo shows. file is below the set's folder, elements are as stamped, clockwise on a head.

    object and site keep photos of one thing, and of one place, on one side of a split; box is (left, top, right,
    bottom) in pixels of the turned photo, None where not said. It stands in the file source, at line.
    """

    file: str
    line: int
    source: str
    kind: Kind = "headstamp"
    elements: tuple[str, ...] = ()
    code: str = ""
    object: str = ""
    site: str = ""
    stratum: str = ""
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """A marking set that was read without a fault. symbols holds the drawing of each "<name>"; sha256 is over the
    content of every file, so it names one state of the set."""

    folder: Path
    name: str
    version: str
    licence: str
    sources: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    lines: Mapping[str, int]
    symbols: Mapping[str, Path]
    labels: tuple[Label, ...]
    sha256: str


__all__ = ["KINDS", "MARKINGS", "PHOTOS", "SCHEMA", "SET", "SYMBOLS", "Fault", "Kind", "Label", "TrainingSet"]
