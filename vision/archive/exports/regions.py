"""Marks as MWG regions: boxes on the photo as it is stored, not as it is turned for the eye.

The record's outlines are on the turned photo. Programs that write regions (digiKam, Lightroom) measure them on the
stored one, and those that read them turn them again, so we do as they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vision.archive.exports.sidecar import Region
from vision.capture import read_capture
from vision.containers import Limits, inspect
from vision.photo import open_photo

# EXIF orientation: whether x and y were swapped first, then x mirrored, then y, to turn the stored photo upright.
_SWAPPED, _MIRRORED_X, _MIRRORED_Y = frozenset({5, 6, 7, 8}), frozenset({2, 3, 6, 7}), frozenset({3, 4, 7, 8})


@dataclass(frozen=True, slots=True)
class Stored:
    """A photo's size (width, height) as stored, and its EXIF orientation, 1 to 8."""

    size_wh: tuple[int, int]
    orientation: int


def stored_as(data: bytes) -> Stored:
    """How a photo is stored. Raises PhotoError when it is not a photo that marktrace reads."""
    photo = open_photo(data).photo
    header = inspect(data, Limits())
    # What reads HEIC turns it by the file's own boxes, so that its regions are measured on the turned picture.
    orientation = 1 if header.format == "HEIC" else read_capture(header.exif).orientation
    size = (photo.width, photo.height)
    return Stored(size[::-1] if orientation in _SWAPPED else size, orientation)


def region(mark: str, says: str, outline: Sequence[tuple[float, float]], stored: Stored) -> Region | None:
    """The box round an outline of the turned photo (pixel centres at whole numbers); None where it has no area."""
    if not outline:
        return None
    width, height = stored.size_wh[::-1] if stored.orientation in _SWAPPED else stored.size_wh
    across = _span([x for x, _ in outline], width, stored.orientation in _MIRRORED_X)
    down = _span([y for _, y in outline], height, stored.orientation in _MIRRORED_Y)
    if stored.orientation in _SWAPPED:
        across, down = down, across
    (left, right), (top, bottom) = across, down
    if right <= left or bottom <= top:
        return None
    return Region(mark, says, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def _span(values: Sequence[float], side: int, mirrored: bool) -> tuple[float, float]:
    """First and last of some places along an axis of side pixels, as shares of it, before the photo was mirrored."""
    first, last = (min(max((v + 0.5) / side, 0.0), 1.0) for v in (min(values), max(values)))
    return (1.0 - last, 1.0 - first) if mirrored else (first, last)
