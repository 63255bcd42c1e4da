"""Which model is in use: the one that comes with marktrace, or a package a person chose that is not worse."""

from __future__ import annotations

import os
from pathlib import Path

from vision.errors import KitError, OutputError
from vision.manifest import NAME as MANIFEST
from vision.manifest import SHIPPED, choice_file, chosen_folder, file_sha256, shipped_folder
from vision.training.package.verdict import WORSE
from vision.training.package.verify import FACTS, Package, verify_package


def packages(folder: Path) -> list[Path]:
    """The folders of packages directly below folder, by name."""
    return sorted(path.parent for path in folder.glob(f"*/{FACTS}")) if folder.is_dir() else []


def use_package(folder: Path, *, without_photos: bool = False) -> Package:
    """Make a package the model in use from now on, on this account.

    Raises KitError where it does not verify, is worse on a guarded stratum, or was never compared on photos with the
    model it would replace; without_photos, renders it was compared on when it was trained from that model will do.
    OutputError where the choice cannot be written.
    """
    package, now = verify_package(folder), chosen_folder()
    if folder.resolve() != now.resolve():
        _check_may_replace(package, now, without_photos)
        _write(str(folder.resolve()))
    return package


def _check_may_replace(package: Package, now: Path, without_photos: bool) -> None:
    if package.verdict == WORSE:
        raise KitError(f"{package.name} is not used: it is worse on {', '.join(package.worse_on) or 'a stratum'}.")
    present, name = file_sha256(now / MANIFEST), choice_name(now)
    if package.compared and package.compared.to == present:
        return
    by_photos = f"marktrace evaluate PHOTOS --model {package.folder} --against {name} --record"
    if not without_photos:
        raise KitError(
            f"{package.name} was never compared with the model in use, {name}: {by_photos}. "
            f"Where there are no labelled photos: marktrace models use {package.folder} --without-photos"
        )
    if package.rendered is None or package.rendered.to != present:
        raise KitError(
            f"{package.name} was not compared with the model in use, {name}, on renders either, when it was trained: "
            f"{by_photos}"
        )


def choice_name(folder: Path) -> str:
    """What commands call the model in a folder."""
    return SHIPPED if folder.resolve() == shipped_folder().resolve() else str(folder)


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
