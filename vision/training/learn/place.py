"""Where a package is to be written: looked at before the hours of training, not after."""

from __future__ import annotations

import re
from pathlib import Path

from vision.errors import OutputError, UsageError
from vision.training.package.verify import FACTS, NAME


def check_place(out: Path) -> None:
    """Raises UsageError for a name that no package may have, OutputError where the folder holds something else or
    cannot be made."""
    if not NAME.fullmatch(out.name):
        near = re.sub(r"[^A-Za-z0-9._-]+", "-", out.name).strip("-._")[:60]
        raise UsageError(
            f"{out.name!r} is no name for a model package, which has letters A to Z, digits and, after the first, "
            f"points, hyphens and underscores: write --out {(out.parent / (near or 'my-model')).as_posix()!r}."
        )
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise OutputError(f"{out} is no folder: name another one with --out.")
    if out.is_dir() and not (out / FACTS).is_file() and any(out.iterdir()):
        raise OutputError(f"{out} holds something that is no model package: name another folder with --out.")
    if any(above.exists() and not above.is_dir() for above in out.parents):
        raise OutputError(f"{out} cannot be made, as {out.parent} is no folder: name another one with --out.")
