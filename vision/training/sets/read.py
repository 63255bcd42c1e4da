"""Reading a marking set's folder whole: everything in it, or every fault of it. Nothing is written."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Container
from pathlib import Path

from vision.catalogue.load import load_marking_set
from vision.catalogue.schema import Fault, MarkingSet, Pattern
from vision.catalogue.tables import Faults
from vision.catalogue.taught import NAME as TAUGHT
from vision.catalogue.taught import load_taught
from vision.errors import KitError
from vision.training.sets.about import read_about
from vision.training.sets.agree import check_agree
from vision.training.sets.files import check_photos, content_sha256, inside, read_symbols
from vision.training.sets.labels import read_labels
from vision.training.sets.schema import MARKINGS, PHOTOS, SET, SYMBOLS, Label, TrainingSet
from vision.training.sets.table import read_markings

_MOST_BYTES = 16 * 1024 * 1024


class Found:
    """Faults by file, in the order their files were looked at."""

    def __init__(self) -> None:
        self._by_file: dict[str, Faults] = {}

    def of(self, file: str) -> Faults:
        """Where the faults of a file go."""
        return self._by_file.setdefault(file, Faults(file))

    def all(self) -> list[Fault]:
        """Every fault."""
        return [fault for faults in self._by_file.values() for fault in faults.found]


def load_set(folder: Path, base: MarkingSet | None = None) -> TrainingSet:
    """The marking set in folder; base is the set whose countries and calibres it may name, the shipped one left out.

    Raises KitError naming the first fault and how many there are.
    """
    found, faults = _read(folder, base or load_marking_set())
    if faults or found is None:
        more = f" (and {len(faults) - 1} more: marktrace catalogue check {folder})" if len(faults) > 1 else ""
        raise KitError(f"{faults[0]}{more}")
    return found


def check_set(folder: Path, base: MarkingSet | None = None) -> list[Fault]:
    """Every fault of the marking set in folder, each with its file, line and remedy; empty when all is well."""
    return _read(folder, base or load_marking_set())[1]


def _read(folder: Path, base: MarkingSet) -> tuple[TrainingSet | None, list[Fault]]:
    found = Found()
    if not folder.is_dir():
        return None, [Fault(folder.name, 1, "is no folder; make one with marktrace catalogue new")]
    about = read_about(_bytes(folder, SET, found), found.of(SET))
    patterns, lines = read_markings(_bytes(folder, MARKINGS, found), base, found.of(MARKINGS))
    codes = {pattern.code for pattern in patterns} | {" ".join(way) for p in patterns for way in p.stampings}
    symbols = read_symbols(folder, found.of)
    labels = read_labels(folder, found.of, base.countries, codes)
    check_photos(folder, labels, found.of)
    check_agree(labels, found.of)
    _check_taught(folder, found)
    if not found.of(MARKINGS).found:  # else a mark may only seem not to be there
        _check_together(patterns, codes, symbols, labels, found)
    faults = found.all()
    if faults:
        return None, faults
    files = [SET, MARKINGS, *(f"{SYMBOLS}/{path.name}" for path in symbols.values()), *(label.file for label in labels)]
    files += {label.source for label in labels}
    files += [TAUGHT] if (folder / TAUGHT).is_file() else []
    digest = content_sha256(folder, files)
    whole = TrainingSet(folder, about.name, about.version, about.licence, about.sources, patterns, lines, symbols,
                        labels, digest)  # fmt: skip
    return whole, []


def _bytes(folder: Path, name: str, found: Found) -> bytes | None:
    """A file of the set without its byte order mark, None with a fault where it cannot be read."""
    why = inside(folder, name)
    try:
        if not why and (folder / name).stat().st_size > _MOST_BYTES:
            why = f"is larger than {_MOST_BYTES // 2**20} MiB; part the set"
        if not why:
            return (folder / name).read_bytes().removeprefix(BOM_UTF8)
    except OSError as error:
        why = f"cannot be read ({error.strerror}); check its rights"
    missing = why.startswith("is missing")
    found.of(name).add(1, "is missing; marktrace catalogue new begins a set that has one" if missing else why)
    return None


def _check_taught(folder: Path, found: Found) -> None:
    """A fault where what the set was taught (marktrace catalogue add) cannot be read."""
    try:
        load_taught(folder)
    except KitError as error:
        found.of(TAUGHT).add(1, f"{str(error).rstrip('.')}; remove the file, and teach the symbols again")


def _check_together(
    patterns: tuple[Pattern, ...],
    codes: Container[str],
    symbols: dict[str, Path],
    labels: tuple[Label, ...],
    found: Found,
) -> None:
    """What only the files together can get wrong: drawings and labels that no mark bears."""
    borne = {element for pattern in patterns for way in pattern.stampings for element in way}
    for name, path in symbols.items():
        if name not in borne:
            found.of(f"{SYMBOLS}/{path.name}").add(
                1, f"no mark of {MARKINGS} bears {name}; remove the drawing, or name it"
            )
    for label in labels:
        if label.code and label.code not in codes:
            found.of(label.source).add(
                label.line, f"no mark of {MARKINGS} has the code {label.code[:80]!r}; correct either"
            )


__all__ = ["PHOTOS", "check_set", "load_set"]
