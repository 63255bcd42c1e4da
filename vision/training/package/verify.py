"""Reading a package: its manifest first, then what it says of itself, and only then its weights.

Threat: a package from a stranger, or one damaged on the way. Files that are not listed, changed or missing are refused
before they are opened; what could run code (pickles, scripts) has no place in a package, by name and by first bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vision.errors import KitError
from vision.manifest import PACKAGE, listed_files, verify_manifest
from vision.training.package.verdict import COMPARED, NOT_WORSE, RENDERED, WORSE, Verdict, read_verdict

SCHEMA = "marktrace-package/1"
FACTS, CARD, CURVE, LABELS = PACKAGE, "card.md", "curve.csv", "labels.json"
READER, START = "weights/stamped.onnx", "weights/stamped.safetensors"
_ALLOWED = (".onnx", ".safetensors", ".md", ".csv", ".json", ".npz", ".png", ".svg", ".toml", ".txt")
# The first bytes of what could run code when loaded: pickles, and the zip files of torch.save.
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")
_MOST_TEXT_BYTES = 4 * 1024 * 1024
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was verified. facts is all of package.json; card is Markdown; kit is the manifest's sha256."""

    folder: Path
    name: str
    set_name: str
    set_version: str
    set_sha256: str
    licence: str
    facts: Mapping[str, Any]
    card: str
    labels: tuple[str, ...]
    kit: str

    @property
    def compared(self) -> Verdict | None:
        """What comparing it with another model on photos came to."""
        return read_verdict(self.facts, COMPARED)

    @property
    def rendered(self) -> Verdict | None:
        """What comparing it on renders with the model it was trained from came to."""
        return read_verdict(self.facts, RENDERED)

    @property
    def verdict(self) -> str:
        """ "worse" where photos or renders say so, "not worse" where photos do, else "not compared"."""
        if any(said and said.worse for said in (self.compared, self.rendered)):
            return WORSE
        return NOT_WORSE if self.compared else "not compared"

    @property
    def worse_on(self) -> tuple[str, ...]:
        """The guarded strata on which it is worse."""
        return tuple(one for said in (self.compared, self.rendered) if said for one in said.worse_on)


def verify_package(folder: Path) -> Package:
    """The package in folder, every file held against its manifest. Raises KitError with what is wrong."""
    if not folder.is_dir() or folder.is_symlink():
        raise KitError(f"{folder} is no model package: name its folder.")
    try:
        files = listed_files(folder)
    except OSError as error:
        raise KitError(f"{folder} cannot be read: {error.strerror}.") from error
    for path in files:
        _check_kind(folder, path)
    kit = verify_manifest(folder)
    facts = _object(folder / FACTS)
    if facts.get("schema") != SCHEMA:
        raise KitError(f"{FACTS} is not of {SCHEMA}: this version of marktrace cannot use it.")
    words = {key: facts.get(key) for key in ("name", "licence")}
    of = facts.get("set")
    if not isinstance(of, dict) or not all(isinstance(of.get(k), str) for k in ("name", "version", "sha256")):
        raise KitError(f"{FACTS} does not say which marking set it was trained on.")
    if not all(isinstance(v, str) and v for v in words.values()) or not NAME.fullmatch(str(words["name"])):
        raise KitError(f"{FACTS} has no name or licence.")
    labels = _labels(folder / LABELS)
    if not (folder / READER).is_file() or not (folder / START).is_file():
        raise KitError(f"{READER} or {START} is missing: get the package again.")
    card = _text(folder / CARD)
    return Package(folder, str(words["name"]), of["name"], of["version"], of["sha256"], str(words["licence"]), facts,
                   card, labels, kit)  # fmt: skip


def _check_kind(folder: Path, path: Path) -> None:
    name = path.relative_to(folder).as_posix()
    try:
        with path.open("rb") as stream:
            first = stream.read(4)
    except OSError as error:
        raise KitError(f"{name} cannot be read: {error.strerror}.") from error
    if path.suffix not in _ALLOWED or (first.startswith(_PICKLES) and path.suffix != ".npz"):
        raise KitError(f"{name} has no place in a model package: files that could run code are refused.")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_TEXT_BYTES:
            raise KitError(f"{path.name} is larger than {_MOST_TEXT_BYTES // 2**20} MiB: get the package again.")
        return path.read_text("utf-8")
    except OSError as error:
        raise KitError(f"{path.name} is missing or cannot be read: get the package again.") from error
    except UnicodeDecodeError as error:
        raise KitError(f"{path.name} is not UTF-8: get the package again.") from error


def _json(path: Path) -> Any:
    text = _text(path)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KitError(f"{path.name} is not JSON: get the package again.") from error


def _object(path: Path) -> dict[str, Any]:
    found = _json(path)
    if not isinstance(found, dict):
        raise KitError(f"{path.name} holds no object: get the package again.")
    return found


def _labels(path: Path) -> tuple[str, ...]:
    found = _json(path)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found) or found[:1] != [""]:
        raise KitError(f"{path.name} is no list of labels, the blank first: get the package again.")
    if len(set(found)) != len(found):
        raise KitError(f"{path.name} has a label twice: get the package again.")
    return tuple(found)
