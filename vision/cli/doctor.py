"""`marktrace doctor`: what is installed, what is missing, and the command that gets it."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import typer

from vision import __version__
from vision.errors import KitError, MissingError

# Distribution and the module it provides. The first are needed to identify a photo; pyproject.toml lists the same.
NEEDED = {
    "jinja2": "jinja2",
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "pillow-heif": "pillow_heif",
    "rich": "rich",
    "typer": "typer",
}
OPTIONAL = {"pytesseract": "pytesseract"}
# The distributions of each extra that a command may ask for, as pyproject.toml has them.
EXTRAS = {
    "archive": ("alembic", "imagehash", "sqlalchemy"),
    "postgresql": ("psycopg",),
    "s3": ("s3fs",),
    "ray": ("ray",),
    "export": ("lxml", "pyarrow"),
    "review": ("argon2-cffi", "cryptography", "fastapi", "sqlalchemy", "uvicorn", "weasyprint"),
    "train": ("onnx", "rapidfuzz", "safetensors", "torch"),
}

LANGUAGES = ("eng", "rus", "ara", "fas", "heb", "chi_sim")  # as the reader tesseract wants them
_DEBIAN = "sudo apt-get install tesseract-ocr " + " ".join(
    f"tesseract-ocr-{name.replace('_', '-')}" for name in LANGUAGES
)
_ELSEWHERE = "elsewhere: macOS brew install tesseract tesseract-lang; others tesseract-ocr.github.io"
_TIMEOUT_S = 10

State = Literal["ok", "missing", "invalid", "optional"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and the command that mends it. What is optional, marktrace runs without."""

    name: str
    state: State
    found: str
    remedy: str = ""


def doctor() -> None:
    """Say what is installed, what is missing and how to get it. Exit code 3 if something needed is missing."""
    checks = [Check("Python", "ok", platform.python_version()), *_libraries(), _providers(), _models(), *_tesseract()]
    checks += [_extra(name, needed) for name, needed in EXTRAS.items()]
    _show(checks)
    states = {check.state for check in checks}
    if "missing" in states:
        raise typer.Exit(MissingError.exit_code)
    if "invalid" in states:
        raise typer.Exit(KitError.exit_code)


def _libraries() -> list[Check]:
    needed = [_library(name, module, "missing", f"pip install {name}") for name, module in NEEDED.items()]
    extra = [_library(name, module, "optional", f"pip install {name}") for name, module in OPTIONAL.items()]
    return needed + extra


def _library(distribution: str, module: str, otherwise: State, remedy: str) -> Check:
    """A library counts as there when it can be imported, not only when it is listed."""
    try:
        importlib.import_module(module)
        return Check(distribution, "ok", importlib.metadata.version(distribution))
    except importlib.metadata.PackageNotFoundError:
        return Check(distribution, "ok", "version unknown")
    except ImportError as fault:
        return Check(distribution, otherwise, f"cannot be imported: {fault}", remedy)


def _extra(name: str, needed: Sequence[str]) -> Check:
    """An extra counts as there when all of it is listed: to import torch or ray takes seconds."""
    lacking = [distribution for distribution in needed if not _is_listed(distribution)]
    if lacking:
        return Check(f"extra {name}", "optional", f"without {', '.join(lacking)}", f"pip install 'marktrace[{name}]'")
    return Check(f"extra {name}", "ok", ", ".join(needed))


def _is_listed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _providers() -> Check:
    """What ONNX Runtime can compute with; marktrace serves on the CPU."""
    try:
        providers = importlib.import_module("onnxruntime").get_available_providers()
    except ImportError:
        return Check("onnxruntime providers", "missing", "onnxruntime is missing", "pip install onnxruntime")
    state: State = "ok" if "CPUExecutionProvider" in providers else "missing"
    return Check("onnxruntime providers", state, ", ".join(providers), "pip install --force-reinstall onnxruntime")


def _is_shipped() -> bool:
    """Whether the model in use is the one that comes with marktrace."""
    from vision.manifest import models_folder, shipped_folder

    try:
        return models_folder() == shipped_folder()
    except KitError:
        return False


def _models() -> Check:
    """Every file under models/ against its sha256 in the manifest."""
    from vision.manifest import models_folder, verify_manifest

    again = "in the source tree: git checkout models, then pip install --force-reinstall --no-deps ."
    try:
        sha256 = verify_manifest(models_folder())
    except MissingError as fault:
        return Check("weights and marking set", "missing", str(fault), again)
    except KitError as fault:
        # What is said of a package says what to do.
        return Check("weights and marking set", "invalid", str(fault), again if _is_shipped() else "")
    return Check("weights and marking set", "ok", f"verified, manifest {sha256[:12]}")


def _tesseract() -> list[Check]:
    """The optional second reader's program and its languages."""
    if shutil.which("tesseract") is None:
        return [Check("tesseract", "optional", "not installed", f"{_DEBIAN}  ({_ELSEWHERE})")]
    version = _tesseract_says("--version").partition("\n")[0].removeprefix("tesseract ")
    have = set(_tesseract_says("--list-langs").split()[1:])
    lacking = [language for language in LANGUAGES if language not in have]
    if lacking:
        languages = Check(
            "tesseract languages", "optional", f"without {', '.join(lacking)}", f"{_DEBIAN}  ({_ELSEWHERE})"
        )
    else:
        languages = Check("tesseract languages", "ok", ", ".join(LANGUAGES))
    return [Check("tesseract", "ok" if version else "optional", version or "does not answer", _DEBIAN), languages]


def _tesseract_says(question: str) -> str:
    try:
        done = subprocess.run(["tesseract", question], capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout or done.stderr


def _show(checks: list[Check]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    words = {
        "ok": ("ok", "green"),
        "missing": ("missing", "bold red"),
        "invalid": ("invalid", "bold red"),
        "optional": ("not there, optional", "yellow"),
    }
    table = Table(box=None, title=f"marktrace {__version__}", title_justify="left", pad_edge=False, show_header=False)
    for check in checks:
        word, style = words[check.state]
        table.add_row(Text(check.name), Text(word, style=style), Text(check.found))
    out = Console() if sys.stdout.isatty() else Console(width=120)
    out.print(table)
    for check in checks:
        if check.state != "ok":
            out.print(Text(f"To mend {check.name}: {check.remedy}"), soft_wrap=True)
