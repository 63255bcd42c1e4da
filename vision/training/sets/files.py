"""The files of a marking set: which may be there, that none leads outside, and that photos and drawings are such.

Threat: a set from a stranger. Names that lead out of the folder, links, pictures that decode to gigabytes, drawings
with entities or scripts. All is refused by its structure before a decoder sees it, and SVG never meets a parser
that resolves entities. What remains: a decoder's own faults on a well-formed picture.
"""

from __future__ import annotations

import hashlib
import re
import xml.parsers.expat
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from vision.catalogue.tables import Faults
from vision.containers import Limits
from vision.errors import PhotoError
from vision.match.symbols import framed
from vision.photo import open_photo
from vision.training.sets.schema import SYMBOLS, Label
from vision.training.sets.svg import SIDE_PX, SOLID, NotDrawable, drawn, mostly_ink

# Photos that are learnt from need not be larger: a head in them is reduced to a few hundred pixels.
MOST_MP = 64
_SYMBOL_NAME = re.compile(r"[a-z0-9][a-z0-9 -]{0,60}")
_MOST_SVG_BYTES = 1024 * 1024
_SVG_ELEMENTS = {
    "svg",
    "g",
    "path",
    "circle",
    "ellipse",
    "rect",
    "line",
    "polyline",
    "polygon",
    "title",
    "desc",
    "defs",
}
# What operating systems put into folders, beside hidden files.
_NOT_OURS = ("Thumbs.db", "desktop.ini")
_OUTWARD = ("href", "src", "style")


def inside(folder: Path, name: str) -> str:
    """Why a name is no plain file below folder, "" when it is one."""
    pure = PurePosixPath(name)
    if "\\" in name or "\0" in name or pure.is_absolute() or ".." in pure.parts or re.match(r"[A-Za-z]:|\w+://", name):
        return "leads outside the set; name a file below its folder"
    path = folder
    for part in pure.parts:
        path = path / part
        try:
            if path.is_symlink():
                return "is a link; put the file itself there"
        except OSError:
            return "is no name a file can have; rename it"
    try:
        return "" if path.is_file() else "is missing; add the file, or remove what names it"
    except (OSError, ValueError):
        return "is no name a file can have; rename it"


def check_photos(folder: Path, labels: Iterable[Label], faults_of: Callable[[str], Faults]) -> None:
    """Faults of the photos that labels name, each at its label's line."""
    limits = Limits(pixels=MOST_MP * 1_000_000)
    seen: dict[str, str] = {}
    for label in labels:
        faults = faults_of(label.source)
        why = inside(folder, label.file)
        if why:
            faults.add(label.line, f"{label.file[:120]!r} {why}")
            continue
        try:
            photo = open_photo(folder / label.file, limits=limits).photo
        except PhotoError as error:
            faults.add(label.line, f"{label.file}: {error.detail}")
            continue
        same = seen.setdefault(photo.sha256, label.file)
        if same != label.file:
            faults.add(label.line, f"{label.file} is the same photo as {same}; keep one of them")
        if label.box and (label.box[2] > photo.width + 1 or label.box[3] > photo.height + 1):
            faults.add(label.line, f"box goes past the photo's {photo.width} x {photo.height} pixels; correct it")


def read_symbols(folder: Path, faults_of: Callable[[str], Faults]) -> dict[str, Path]:
    """The drawing of each symbol by its name, "<lion>" for symbols/lion.svg; faults name the drawing's file."""
    found: dict[str, Path] = {}
    drawings = (folder / SYMBOLS).glob("*") if (folder / SYMBOLS).is_dir() else ()
    for path in sorted(path for path in drawings if not path.name.startswith(".") and path.name not in _NOT_OURS):
        faults = faults_of(f"{SYMBOLS}/{path.name}")
        name = f"<{path.stem}>"
        if path.is_symlink() or not path.is_file():
            faults.add(1, "is no plain file; put the drawing itself there")
        elif not _SYMBOL_NAME.fullmatch(path.stem):
            faults.add(1, "a drawing is named as its symbol: small letters, digits, blanks and hyphens; rename it")
        elif name in found:
            faults.add(1, f"{name} has a second drawing, {found[name].name}; keep one of them")
        elif path.suffix == ".svg":
            svg_bytes(path, faults)
            found[name] = path
        elif path.suffix == ".png":
            _check_png(path, faults)
            found[name] = path
        else:
            faults.add(1, "drawings are .svg or .png; save it as one of these")
    return found


def _check_png(path: Path, faults: Faults) -> None:
    try:
        rgb = open_photo(path, limits=Limits(pixels=16_000_000)).reduced_rgb(SIDE_PX)[0]
    except PhotoError as error:
        faults.add(1, error.detail)
        return
    if mostly_ink(rgb.mean(axis=2)):
        faults.add(1, SOLID)
    elif framed(rgb) is None:
        faults.add(1, "nothing in it stands out from its ground; draw the symbol dark on white")


def svg_bytes(path: Path, faults: Faults) -> bytes:
    """A drawing's bytes; its faults are noted. It has shapes only: nothing that refers elsewhere, no entities, no
    scripts."""
    try:
        data = path.read_bytes() if path.stat().st_size <= _MOST_SVG_BYTES else b""
    except OSError as error:
        faults.add(1, f"cannot be read ({error.strerror}); check its name and rights")
        return b""
    if data:
        _check_svg(data, faults)
    else:
        faults.add(1, f"is empty, or larger than {_MOST_SVG_BYTES // 2**20} MiB; draw it simpler")
    return data


def _check_svg(data: bytes, faults: Faults) -> None:
    parser = xml.parsers.expat.ParserCreate()
    names: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        plain = name.rpartition(":")[2]
        names.append(plain)
        if plain not in _SVG_ELEMENTS:
            faults.add(parser.CurrentLineNumber, f"<{plain[:40]}> may not be in a drawing; keep to paths and shapes")
        for key in attributes:
            if key.rpartition(":")[2] in _OUTWARD or key.startswith("on"):
                faults.add(parser.CurrentLineNumber, f"the attribute {key[:40]} may not be in a drawing; remove it")

    def declared(*_: object) -> None:
        faults.add(parser.CurrentLineNumber, "a document type may not be in a drawing; remove <!DOCTYPE ...>")

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    try:
        parser.Parse(data, True)
    except xml.parsers.expat.ExpatError as error:
        faults.add(error.lineno, f"not SVG: {xml.parsers.expat.ErrorString(error.code)}; save the drawing again")
        return
    except (ValueError, LookupError):
        faults.add(1, "its text has an encoding that is not known; save it as UTF-8")
        return
    if names[0] != "svg":
        faults.add(1, "not SVG; save the drawing as plain SVG")
    elif not set(names) & (_SVG_ELEMENTS - {"svg", "g", "title", "desc", "defs"}):
        faults.add(1, "the drawing is empty; draw the symbol with paths or shapes")
    elif not faults.found:
        try:
            drawn(data)
        except NotDrawable as error:
            faults.add(error.line, f"cannot be drawn: {error}")


def content_sha256(folder: Path, files: Iterable[str]) -> str:
    """One hash over names and bytes of the files of a set."""
    digest = hashlib.sha256()
    for name in sorted(set(files)):
        data = (folder / name).read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()
