"""What the camera wrote beside the pixels: which way up, when and where, from the EXIF block that the walk through the
file found (vision.containers)."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from datetime import datetime

from vision.containers import Entry, byte_order, integers, read_ifd
from vision.types import Place

_ORIENTATION, _CHANGED_AT = 0x0112, 0x0132
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_TAKEN_AT, _CHANGED_OFFSET, _TAKEN_OFFSET = 0x9003, 0x9010, 0x9011


@dataclass(frozen=True, slots=True)
class Capture:
    """Orientation 1 to 8 (1: as stored), the moment as ISO 8601 with the zone where the camera wrote one, the place."""

    orientation: int = 1
    taken_at: str | None = None
    place: Place | None = None


def read_capture(block: bytes) -> Capture:
    """Orientation, moment and place of a TIFF-shaped EXIF block; what is missing or wrong is left at its default.

    >>> read_capture(b"not an EXIF block")
    Capture(orientation=1, taken_at=None, place=None)
    """
    if block[:4] not in (b"II*\0", b"MM\0*"):
        return Capture()
    order = byte_order(block)
    main = _directory(block, 4, order)
    exif = _directory(block, main[_EXIF_IFD].at, order) if _EXIF_IFD in main else {}
    gps = _directory(block, main[_GPS_IFD].at, order) if _GPS_IFD in main else {}
    moment = _moment(_text(block, exif, _TAKEN_AT), _text(block, exif, _TAKEN_OFFSET))
    if moment is None:
        moment = _moment(_text(block, main, _CHANGED_AT), _text(block, exif, _CHANGED_OFFSET))
    return Capture(_orientation(block, main, order), moment, _place(block, gps, order))


def _directory(block: bytes, pointer_at: int, order: str) -> dict[int, Entry]:
    """The directory that the pointer at a byte leads to; empty when it leads nowhere."""
    try:
        (at,) = struct.unpack_from(order + "I", block, pointer_at)
        return read_ifd(block, at, order)[0]
    except struct.error:
        return {}


def _orientation(block: bytes, main: dict[int, Entry], order: str) -> int:
    try:
        values = integers(block, main[_ORIENTATION], order, 1) if _ORIENTATION in main else ()
    except struct.error:
        return 1
    return values[0] if values and 1 <= values[0] <= 8 else 1


def _text(block: bytes, entries: dict[int, Entry], tag: int) -> str:
    """An ASCII value of at most 32 bytes; empty when absent or something else."""
    entry = entries.get(tag)
    if entry is None or entry.type != 2 or entry.count > 32:
        return ""
    return block[entry.at : entry.at + entry.count].split(b"\0")[0].decode("ascii", "replace").strip()


def _moment(text: str, offset: str) -> str | None:
    try:
        moment = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    zone = offset if re.fullmatch(r"[+-](0\d|1[0-4]):[0-5]\d", offset, re.ASCII) else ""
    return moment.isoformat() + zone


def _place(block: bytes, gps: dict[int, Entry], order: str) -> Place | None:
    latitude = _degrees(block, gps, order, 2)
    longitude = _degrees(block, gps, order, 4)
    north, east = (_text(block, gps, tag).upper() for tag in (1, 3))
    if latitude is None or longitude is None or north not in ("N", "S") or east not in ("E", "W"):
        return None
    if latitude > 90 or longitude > 180:
        return None
    return Place(-latitude if north == "S" else latitude, -longitude if east == "W" else longitude)


def _degrees(block: bytes, gps: dict[int, Entry], order: str, tag: int) -> float | None:
    """Degrees from the three fractions (degrees, minutes, seconds) of a GPS value, rounded to 1e-7 (a centimetre).

    60 is allowed: programs round seconds and carry nothing over, so that ExifTool writes 15.6 degrees as 15 35 60.
    """
    entry = gps.get(tag)
    if entry is None or entry.type != 5 or entry.count != 3:
        return None
    try:
        numbers = struct.unpack_from(order + "6I", block, entry.at)
    except struct.error:
        return None
    if not all(numbers[1::2]):
        return None
    degrees, minutes, seconds = (n / d for n, d in zip(numbers[::2], numbers[1::2], strict=True))
    return round(degrees + minutes / 60 + seconds / 3600, 7) if minutes <= 60 and seconds <= 60 else None
