"""Where `identify --html` and `--png` put their sheets, and writing them whole or not at all, never over a photo."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vision.errors import OutputError, UsageError

if TYPE_CHECKING:
    from vision.types import Result, Views

# How many bytes of a photo's name a sheet's name keeps: file systems hold 255, with the ending and a number.
_LONGEST = 200
_ENDINGS = {"--html": (".html", ".htm"), "--png": (".png",)}


class Sheets:
    """The sheets that a run was asked for.

    A target that is a folder, or has no ending, gets one file a photo, named after it. Otherwise the HTML file holds
    all photos, one after the other, and a picture holds one photo. Photos of one object have one sheet together.
    """

    def __init__(
        self, photos: Sequence[Path], html: Path | None, png: Path | None, limit: int, *, same_object: bool = False
    ) -> None:
        """Raises UsageError and OutputError where sheets cannot be put there, before any photo is read."""
        self._names = [_stem(photo) for photo in photos] if same_object else _names(photos)
        _check_targets(html, png, sheets=1 if same_object else len(photos))
        _check_files([*_planned(html, ".html", self._names), *_planned(png, ".png", self._names)], photos)
        self._html, self._png, self._limit = html, png, limit
        self._seen = 0
        self._together: list[tuple[Result, Views | None]] = []

    @property
    def wanted(self) -> bool:
        return self._html is not None or self._png is not None

    def add(self, result: Result, views: Views | None) -> None:
        """Draw the next photo's sheets, or keep it for the page that finish() writes."""
        from vision.report.content import lead

        self._seen += 1
        if not self.wanted or lead(result) not in (None, self._seen - 1):
            return
        name = self._names[self._seen - 1]
        if self._html is not None:
            if _is_folder(self._html):
                _write(self._html / f"{name}.html", _page([(result, views)], self._limit))
            else:
                self._together.append((result, views))
        if self._png is not None:
            target = self._png / f"{name}.png" if _is_folder(self._png) else self._png
            _write(target, _picture(result, views, self._limit))

    def finish(self) -> None:
        """Write the page that holds all photos, if one was asked for."""
        if self._html is not None and not _is_folder(self._html):
            _write(self._html, _page(self._together, self._limit))


def _names(photos: Sequence[Path]) -> list[str]:
    """A name for each photo's sheet, with a number added where an earlier photo has the same."""
    names: list[str] = []
    taken: set[str] = set()
    for stem in map(_stem, photos):
        number = next(n for n in range(1, len(taken) + 2) if _numbered(stem, n).casefold() not in taken)
        names.append(_numbered(stem, number))
        taken.add(names[-1].casefold())
    return names


def _stem(photo: Path) -> str:
    """The photo's name without its ending, shortened where the sheet's would be too long for a file."""
    stem = photo.stem or "photo"
    while len(os.fsencode(stem)) > _LONGEST:
        stem = stem[:-1]
    return stem


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"


def _is_folder(target: Path) -> bool:
    return target.is_dir() or target.suffix == ""


def _planned(target: Path | None, ending: str, names: Sequence[str]) -> list[Path]:
    """The files that a target will get."""
    if target is None:
        return []
    return [target / f"{name}{ending}" for name in names] if _is_folder(target) else [target]


def _check_targets(html: Path | None, png: Path | None, sheets: int) -> None:
    """Refuse targets that do not fit what is put there."""
    for option, target in (("--html", html), ("--png", png)):
        endings = _ENDINGS[option]
        if target is not None and not _is_folder(target) and target.suffix.lower() not in endings:
            raise UsageError(f"{option} {target} must end in {' or '.join(endings)}, or be a folder.")
    if png is not None and sheets > 1 and not _is_folder(png):
        raise UsageError(f"--png {png} would hold one photo only; name a folder for the {sheets} photos.")


def _check_files(targets: Sequence[Path], photos: Sequence[Path]) -> None:
    """Refuse to write where a photo is, one of this run or another, or where nothing can be written."""
    from vision.targets import check_target

    given = {place for photo in photos for place in _places(photo)}
    for target in targets:
        if _places(target) & given:
            raise UsageError(
                f"The sheet {target} would replace one of the photos, which never happens. Name another folder or file."
            )
        check_target(target)
        _check_writable(target)


def _places(path: Path) -> set[object]:
    """What tells a file, whatever it is called: its real path in any case of letters, and its place on the disk."""
    try:
        found = os.stat(path)
    except OSError:
        return {os.path.realpath(path).casefold()}
    return {os.path.realpath(path).casefold(), (found.st_dev, found.st_ino)}


def _check_writable(target: Path) -> None:
    """Say now, before photos are read for minutes, that a sheet cannot be written."""
    folder = next(parent for parent in target.absolute().parents if os.path.exists(parent))
    if not folder.is_dir():
        raise OutputError(f"Cannot write {target}: {folder} is not a folder.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"Cannot write {target}: {folder} may not be written to.")


def _page(shown: list[tuple[Result, Views | None]], limit: int) -> bytes:
    from vision.report.sheet import page

    return page(shown, limit).encode("utf-8")


def _picture(result: Result, views: Views | None, limit: int) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    from vision.report.picture import picture
    from vision.targets import SHEET

    buffer, said = io.BytesIO(), PngInfo()
    said.add_text("Software", SHEET)  # so that the next run may replace it, and never a photo
    picture(result, views, limit).save(buffer, "PNG", optimize=False, pnginfo=said)
    return buffer.getvalue()


def _write(target: Path, content: bytes) -> None:
    from vision.whole import whole_file

    with whole_file(target) as stream:
        stream.write(content)
