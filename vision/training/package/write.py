"""Writing a package: the model it was trained from, with what training changed put over it, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vision.errors import OutputError
from vision.manifest import listed_files, write_manifest
from vision.training.package.verdict import with_photos_line
from vision.training.package.verify import CARD, FACTS, verify_package

# What a package says of itself, which the one trained from it says anew.
_OWN = (FACTS, CARD, "curve.csv", "labels.json")


def begin_package(base: Path, folder: Path) -> Path:
    """A hidden folder beside folder with the base's files, to be changed and then finished.

    Raises OutputError where it cannot be written, or folder holds something that is no package.
    """
    if folder.exists() and not (folder / FACTS).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} holds something that is no model package: name another folder.")
    making = folder.parent / f".{folder.name}.new"
    try:
        shutil.rmtree(making, ignore_errors=True)
        for path in listed_files(base):
            name = path.relative_to(base)
            if name.as_posix() not in _OWN:
                (making / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, making / name)
    except OSError as error:
        raise OutputError(f"Cannot write {making}: {error.strerror}.") from error
    return making


def finish_package(making: Path, folder: Path, facts: Mapping[str, Any]) -> Path:
    """Write package.json and the manifest, verify the whole, and put it in folder's place; what was there before stays
    until then. Raises OutputError, or KitError where what was made does not verify."""
    try:
        (making / FACTS).write_text(json.dumps(facts, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
        write_manifest(making)
        verify_package(making)
        old = folder.parent / f".{folder.name}.old"
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            os.replace(folder, old)
        os.replace(making, folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise OutputError(f"Cannot write {folder}: {error.strerror}.") from error
    return folder


def set_facts(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write package.json anew in a package that stands, what its card says of photos, and the manifest with them."""
    try:
        card = (folder / CARD).read_text("utf-8")
        _replace(folder / FACTS, json.dumps(facts, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        _replace(folder / CARD, with_photos_line(card, facts))
        write_manifest(folder)
    except OSError as error:
        raise OutputError(f"Cannot write {folder}: {error.strerror}.") from error


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.new")
    partial.write_text(text, "utf-8")
    os.replace(partial, path)
