"""XMP sidecars beside the photos of an archive, or copies of them in another folder.

Every sidecar is a matter of its own: one that cannot be read or written is left as it is and told, with a sentence, and
the others go on. A photo is opened for reading only, to see that it is still the one in the store and how it is turned.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vision.archive.exports.items import Finding, Item, findings
from vision.archive.exports.jsonl import as_line, line_of
from vision.archive.exports.keywords import keywords, summary
from vision.archive.exports.regions import Stored, region, stored_as
from vision.archive.exports.sidecar import LARGEST, NAMES, Ours, SidecarError, merged, says_nothing
from vision.containers import Limits
from vision.errors import OutputError, PhotoError, UsageError
from vision.whole import whole_file

Naming = Literal["full", "stem"]
Fate = Literal["written", "unchanged", "removed", "left"]
SCHEMA = "marktrace-xmp/1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one photo's sidecar: written, already as it should be (unchanged), removed since only ours was in
    it and was taken back, or left alone, and why."""

    photo: str
    fate: Fate
    why: str = ""


def sidecar_of(photo: Path, naming: Naming) -> Path:
    """Where a photo's sidecar lies.

    >>> sidecar_of(Path("a.jpg"), "full").name, sidecar_of(Path("a.jpg"), "stem").name
    ('a.jpg.xmp', 'a.xmp')
    """
    return photo.with_name(photo.name + ".xmp") if naming == "full" else photo.with_suffix(".xmp")


def write_sidecars(
    items: Iterable[Item],
    include_unconfirmed: bool,
    *,
    naming: Naming = "full",
    out: Path | None = None,
    keep_others: bool = True,
) -> Iterator[Outcome]:
    """Write the sidecars of all items that have something to say, or that said something and no longer do.

    Args:
        out: a folder that gets the sidecars, laid out as the photos are; beside the photos when None.
        keep_others: begin with the sidecar beside the photo. A copy that is to hold no place must not.
    """
    taken: dict[Path, str] = {}
    for item in items:
        found = findings(item, include_unconfirmed)
        try:
            fate = _write(item, found, include_unconfirmed, _Where(naming, out, keep_others), taken)
        except (SidecarError, PhotoError, OutputError, UsageError) as fault:
            yield Outcome(item.path, "left", str(fault))
        else:
            if fate:
                yield Outcome(item.path, fate)


@dataclass(frozen=True, slots=True)
class _Where:
    naming: Naming
    out: Path | None
    keep_others: bool

    def target(self, item: Item, photo: Path) -> Path:
        beside = sidecar_of(photo, self.naming)
        if self.out is None:
            return beside
        inside = [part for part in Path(item.path).parts[:-1] if part not in ("..", os.sep)]
        return self.out.joinpath(*inside, beside.name)


def _write(
    item: Item, found: tuple[Finding, ...], include_unconfirmed: bool, where: _Where, taken: dict[Path, str]
) -> Fate | None:
    """Write one sidecar; None where there is nothing to say and nothing was said."""
    photo = item.file or Path(item.path)
    target = where.target(item, photo)
    source = sidecar_of(photo, where.naming) if where.keep_others else target
    if not found and not (where.out is None and NAMES["marktrace"].encode() in (_read(source) or b"")):
        return None
    if (other := taken.setdefault(target, item.path)) != item.path:
        raise SidecarError(f"{target.name} is the sidecar of {other} already; use the full names instead.")
    before = _read(source) if where.keep_others or where.out is None else None
    try:
        after = merged(before, _ours(item, found, include_unconfirmed, photo) if found else Ours())
    except SidecarError as fault:
        raise SidecarError(f"{source} is left as it is: {fault}. Repair it or move it away.") from fault
    if not found and says_nothing(after):
        _check_unchanged(source, before)
        _remove(target)
        return "removed"
    if _read(target) == after:
        return "unchanged"
    with whole_file(target) as stream:
        _check_unchanged(source, before)
        stream.write(after)
    return "written"


def _check_unchanged(source: Path, before: bytes | None) -> None:
    if before is not None and _read(source) != before:
        raise SidecarError(f"{source} was changed by another program just now; export again.")


def _remove(sidecar: Path) -> None:
    try:
        sidecar.unlink()
    except OSError as fault:
        raise OutputError(f"Cannot remove {sidecar}: {fault.strerror}.") from fault


def _ours(item: Item, found: tuple[Finding, ...], include_unconfirmed: bool, photo: Path) -> Ours:
    stored = _checked(item, photo)
    boxes = [region(one.mark, summary(one), one.outline, stored) for one in found]
    status = "unconfirmed" if any(one.method == "machine" for one in found) else "decided"
    line = as_line(line_of(item, found, include_unconfirmed)).decode("ascii")
    run = item.record["run"]
    facts = {"Schema": SCHEMA, "Status": status, "Version": run["version"], "Kit": run["kit"], "Record": line}
    return Ours(keywords(found), [box for box in boxes if box], stored.size_wh, facts)


def _checked(item: Item, photo: Path) -> Stored:
    """How the photo is stored, if it is still the one that was examined."""
    data = _bytes(photo, Limits().file_bytes)
    if data is None:
        raise PhotoError("missing", f"The photo {photo} is not there, so it gets no sidecar.")
    if hashlib.sha256(data).hexdigest() != item.record["photo"]["sha256"]:
        raise PhotoError("changed", f"The photo {photo} is not the one that was examined; tag it again.")
    return stored_as(data)


def _read(sidecar: Path) -> bytes | None:
    """The bytes of a sidecar, None where there is none."""
    return _bytes(sidecar, LARGEST)


def _bytes(path: Path, most: int) -> bytes | None:
    """The bytes of a regular file, None where there is nothing. Raises SidecarError for anything else."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise SidecarError(f"{path} cannot be read ({fault.strerror}) and is left as it is.") from fault
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        raise SidecarError(f"{path} is not a plain file and is left as it is.")
    with os.fdopen(handle, "rb") as stream:
        if facts.st_size > most:
            raise SidecarError(f"{path} is larger than {most >> 20} MiB and is left as it is.")
        return stream.read()
