"""Which model is in use: the one that comes with marktrace, or a package a person chose that is not worse."""

from __future__ import annotations

import os
from pathlib import Path

from vision.errors import KitError, OutputError
from vision.manifest import choice_file, shipped_folder
from vision.training.package.verify import FACTS, Package, verify_package


def packages(folder: Path) -> list[Path]:
    """The folders of packages directly below folder, by name."""
    return sorted(path.parent for path in folder.glob(f"*/{FACTS}")) if folder.is_dir() else []


def use_package(folder: Path) -> Package:
    """Make a package the model in use from now on, on this account.

    Raises KitError where it does not verify, was never compared with the model it would replace, or is worse than it on
    a guarded stratum; OutputError where the choice cannot be written.
    """
    package = verify_package(folder)
    if package.verdict == "worse":
        raise KitError(f"{package.name} is not used: it is worse on {', '.join(package.worse_on) or 'a stratum'}.")
    if package.verdict != "not worse":
        raise KitError(
            f"{package.name} was never compared with the model it would replace: "
            f"marktrace evaluate PHOTOS --model {folder} --against shipped --record"
        )
    _write(str(folder.resolve()))
    return package


def use_shipped() -> Path:
    """Go back to the model that comes with marktrace. Raises OutputError."""
    try:
        choice_file().unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"Cannot remove {choice_file()}: {error.strerror}.") from error
    return shipped_folder()


def _write(text: str) -> None:
    path = choice_file()
    partial = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text + "\n", "utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise OutputError(f"Cannot write {path}: {error.strerror}.") from error
