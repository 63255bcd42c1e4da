"""What the camera wrote: the moment and the place, and that a wrong block says nothing."""

from __future__ import annotations

import struct

import pytest
from hostile_photos import exif_block, tiff_file
from PIL import Image

from vision.capture import read_capture
from vision.types import Place


def exif_with(taken: str = "2024:05:01 12:34:56", zone: str = "", gps: dict[int, object] | None = None) -> bytes:
    """A TIFF-shaped block."""
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0x9003: taken, **({0x9011: zone} if zone else {})})
    exif.get_ifd(0x8825).update(gps or {})
    return exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize(
    ("taken", "zone", "expected"),
    [
        ("2024:05:01 12:34:56", "", "2024-05-01T12:34:56"),
        ("2024:05:01 12:34:56", "-07:00", "2024-05-01T12:34:56-07:00"),
        ("2024:05:01 12:34:56", "+99:00", "2024-05-01T12:34:56"),
        ("0000:00:00 00:00:00", "", None),
        ("2024:02:30 12:00:00", "", None),
        ("    :  :     :  :  ", "", None),
        ("2024-05-01", "", None),
        ("<script>", "", None),
        ("2024:05:01 12:34:56" + "x" * 400, "", None),
    ],
)
def test_a_moment_is_iso_or_absent(taken: str, zone: str, expected: str | None) -> None:
    assert read_capture(exif_with(taken, zone)).taken_at == expected


GPS = {1: "N", 2: (48.0, 12.0, 0.0), 3: "E", 4: (16.0, 30.0, 0.0)}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Place(48.2, 16.5)),
        ({1: "S", 3: "w"}, Place(-48.2, -16.5)),
        ({1: "X"}, None),
        ({3: None}, None),
        ({2: (91.0, 0.0, 0.0)}, None),
        ({4: (181.0, 0.0, 0.0)}, None),
        ({2: (48.0, 75.0, 0.0)}, None),
        ({2: (48.0, 12.0, 61.0)}, None),
        ({2: (15.0, 35.0, 60.0)}, Place(15.6, 16.5)),  # as ExifTool rounds
        ({2: (15.0, 60.0, 0.0)}, Place(16.0, 16.5)),
        ({2: (48.0, 12.0)}, None),
    ],
)
def test_a_place_is_on_earth_or_absent(change: dict[int, object], expected: Place | None) -> None:
    gps = {tag: value for tag, value in {**GPS, **change}.items() if value is not None}
    assert read_capture(exif_with(gps=gps)).place == expected


def gps_block(kind: int, latitude: tuple[int, ...]) -> bytes:
    """A block whose latitude has this type and these six numbers (three fractions)."""
    fractions = 8 + 18 + 54
    entries = [(1, 2, 2, ord("N")), (2, kind, 3, fractions), (3, 2, 2, ord("E")), (4, 5, 3, fractions + 24)]
    gps = tiff_file(entries)[8:]
    return tiff_file([(0x8825, 4, 1, 26)], tail=gps + struct.pack("<12I", *latitude, 16, 1, 30, 1, 0, 1))


def test_a_fraction_over_nothing_is_no_place() -> None:
    assert read_capture(gps_block(5, (48, 1, 12, 1, 0, 1))).place == Place(48.2, 16.5)
    assert read_capture(gps_block(5, (48, 1, 12, 0, 0, 1))).place is None
    assert read_capture(gps_block(5, (4_000_000_000, 1, 12, 1, 0, 1))).place is None
    assert read_capture(gps_block(2, (48, 1, 12, 1, 0, 1))).place is None


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II*\0",
        b"MM\0*\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff" + bytes(100),
        tiff_file([(274, 3, 1, 9)]),
        tiff_file([(274, 2, 1, 6)]),
        tiff_file([(274, 4, 2**31, 0xFFFFFFF0)]),
        tiff_file([(0x8769, 4, 1, 8), (0x8825, 4, 1, 8)]),  # directories that point at themselves
        tiff_file([(0x8769, 4, 1, 2**32 - 1), (0x8825, 4, 1, 2**32 - 1)]),
        exif_block()[6:80],
    ],
)
def test_a_wrong_exif_block_says_nothing(block: bytes) -> None:
    capture = read_capture(block)
    assert capture.taken_at is None
    assert capture.place is None
    assert capture.orientation in (1, 6)  # 6 stands whole in the one that was cut later
