"""models/manifest.json: the sha256 of every file that can change an answer, written and verified here.

Threat: a file under models/ swapped or cut short without anyone noticing. Accepted: whoever can write the folder can
write the manifest too; it guards against accidents and mixed versions, its own sha256 in a record against the rest.
"""

from __future__ import annotations

import hashlib
import json
import os
from importlib.resources import files
from pathlib import Path

from vision.errors import KitError, MissingError

NAME = "manifest.json"
# What a package that was trained says of itself; the model that comes with marktrace has none.
PACKAGE = "package.json"
_UPDATE = "run scripts/update_manifest"
# What commands call the model that comes with marktrace.
SHIPPED = "shipped"


def models_folder() -> Path:
    """The folder of marking sets and weights in use: what MARKTRACE_MODELS names, else the package that a person chose
    (marktrace models use), else the one that comes with marktrace.

    Raises:
        KitError: what is named or chosen is not there.
        MissingError: marktrace's own is not there.
    """
    asked = os.environ.get("MARKTRACE_MODELS", "")
    if not asked:
        return chosen_folder()
    if not (Path(asked) / NAME).is_file():
        raise KitError(f"MARKTRACE_MODELS names {asked}, where no model is: name another folder, or unset it.")
    return Path(asked)


def chosen_folder() -> Path:
    """The package that a person chose, else the model that comes with marktrace. Raises as models_folder does."""
    chosen = _chosen()
    if chosen and not (Path(chosen) / NAME).is_file():
        raise KitError(
            f"The model in use, {chosen}, is not there: marktrace models use shipped goes back to the usual."
        )
    return Path(chosen) if chosen else shipped_folder()


def choice_file() -> Path:
    """Where the choice of a model is kept for this account."""
    own = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(own) if own else Path.home() / ".config") / "marktrace" / "model"


def _chosen() -> str:
    try:
        return choice_file().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError, RuntimeError):  # RuntimeError: an account without a home
        return ""


def shipped_folder() -> Path:
    """The folder of marking sets and weights that comes with marktrace: the installed copy, else models/ beside the
    source tree.

    Raises:
        MissingError: neither is there.
    """
    package = Path(str(files("vision")))
    for folder in (package / "_models", package.parent / "models"):
        if folder.is_dir():
            return folder
    raise MissingError("The models folder is missing; install marktrace again, or run it from its source tree.")


def listed_files(folder: Path) -> list[Path]:
    """Every regular file under folder except the manifest and hidden files, in a fixed order. Links are refused.

    A folder below that holds a manifest of its own is another model, and no part of this one.
    """
    found = []
    others = {path.parent for path in folder.glob(f"*/{NAME}")}
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts):
            continue
        if others.intersection(path.parents):
            continue
        if path.is_symlink():
            raise KitError(f"{name} is a link; a folder of models holds plain files only.")
        if path.is_file() and name != NAME:
            found.append(path)
    return found


def file_sha256(path: Path) -> str:
    """The sha256 of a file's bytes, 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_manifest(folder: Path) -> Path:
    """Write manifest.json for the files now in folder (to a temporary file first) and return its path."""
    entries = {p.relative_to(folder).as_posix(): {"sha256": file_sha256(p)} for p in listed_files(folder)}
    target = folder / NAME
    partial = folder / f".{NAME}.partial"
    text = json.dumps({"schema": "marktrace-manifest/1", "files": entries}, indent=1, sort_keys=True) + "\n"
    partial.write_text(text, encoding="utf-8", newline="\n")
    os.replace(partial, target)
    return target


def verify_manifest(folder: Path) -> str:
    """Check every file under folder against manifest.json and return the manifest's own sha256.

    Raises:
        KitError: the manifest cannot be read, or a file is missing, changed or not listed; the message names the file.
    """
    listed = _read_manifest(folder)
    present = {path.relative_to(folder).as_posix(): path for path in listed_files(folder)}
    for name in sorted(listed.keys() | present.keys()):
        if name not in present:
            raise KitError(f"{name} is in {NAME} but not there; {_remedy(folder, 'install marktrace again')}.")
        if name not in listed:
            raise KitError(f"{name} is not in {NAME}; {_remedy(folder, f'{_UPDATE} if you added it')}.")
        if file_sha256(present[name]) != listed[name]:
            raise KitError(f"{name} differs from {NAME}; {_remedy(folder, f'{_UPDATE} if you edited it')}.")
    return file_sha256(folder / NAME)


def _remedy(folder: Path, ours: str) -> str:
    """What mends a folder of models: ours where it comes with marktrace, but no package can be mended here."""
    return "get the package again" if (folder / PACKAGE).is_file() else ours


def _read_manifest(folder: Path) -> dict[str, str]:
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return {str(name): str(entry["sha256"]) for name, entry in content["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KitError(f"{NAME} cannot be read ({type(error).__name__}); {_remedy(folder, _UPDATE)}.") from error
