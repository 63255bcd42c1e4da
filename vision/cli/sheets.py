"""Where `identify --html` and `--png` put their sheets, and writing them whole or not at all."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vision.errors import OutputError, UsageError

if TYPE_CHECKING:
    from vision.types import Result, Views


class Sheets:
    """The sheets that a run was asked for.

    A target that is a folder, or has no ending, gets one file a photo, named after it. Otherwise the HTML file holds
    all photos, one after the other, and a picture holds one photo. Photos of one object have one sheet together.
    """

    def __init__(
        self, photos: Sequence[Path], html: Path | None, png: Path | None, limit: int, *, same_object: bool = False
    ) -> None:
        _check_targets(photos, html, png, sheets=1 if same_object else len(photos))
        self._html, self._png, self._limit = html, png, limit
        self._seen = 0
        self._taken: set[str] = set()
        self._together: list[tuple[Result, Views | None]] = []

    @property
    def wanted(self) -> bool:
        return self._html is not None or self._png is not None

    def add(self, result: Result, views: Views | None) -> None:
        """Draw one photo's sheets, or keep it for the page that finish() writes."""
        from vision.report.content import lead

        self._seen += 1
        if not self.wanted or lead(result) not in (None, self._seen - 1):
            return
        name = self._name(result)
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

    def _name(self, result: Result) -> str:
        """The photo's name without its ending, with a number added when another photo has the same."""
        stem = Path(result.path).stem or "photo"
        number = next(n for n in range(1, len(self._taken) + 2) if _numbered(stem, n).casefold() not in self._taken)
        name = _numbered(stem, number)
        self._taken.add(name.casefold())
        return name


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"


def _is_folder(target: Path) -> bool:
    return target.is_dir() or target.suffix == ""


def _check_targets(photos: Sequence[Path], html: Path | None, png: Path | None, sheets: int) -> None:
    if png is not None and sheets > 1 and not _is_folder(png):
        raise UsageError(f"--png {png} would hold one photo only; name a folder for the {len(photos)} photos.")
    known = {os.path.realpath(photo) for photo in photos}
    for target in (html, png):
        if target is not None and not target.is_dir() and os.path.realpath(target) in known:
            raise UsageError(f"{target} is one of the photos; a sheet never replaces a photo.")


def _page(shown: list[tuple[Result, Views | None]], limit: int) -> bytes:
    from vision.report.sheet import page

    return page(shown, limit).encode("utf-8")


def _picture(result: Result, views: Views | None, limit: int) -> bytes:
    from vision.report.picture import picture

    buffer = io.BytesIO()
    picture(result, views, limit).save(buffer, "PNG", optimize=False)
    return buffer.getvalue()


def _write(target: Path, content: bytes) -> None:
    """Write through a temporary file beside the target, so that a full disk never leaves half a sheet."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".marktrace-", delete=False) as stream:
            try:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
                os.chmod(stream.name, 0o644)
                os.replace(stream.name, target)
            except OSError:
                os.unlink(stream.name)
                raise
    except OSError as fault:
        raise OutputError(f"Cannot write {target}: {fault.strerror}.") from fault
