"""What a photo file says of itself before any decoder sees it: format, size, pictures inside, EXIF, where it ends.

Threat: photos come from unknown phones. A pixel limit alone does not help (a 21 kB PNG whose IDAT claims 2 GiB made a
decoder take 2 GiB), so every length is checked against the bytes that are there, every loop is bounded, and a file that
ends early is refused instead of half shown. The format is decided by the first bytes, never by the name.
Left over: compressed data itself is opaque here (a HEIC whose bitstream is larger than its boxes say, scan data damaged
in the middle of a JPEG); workers cap their address space for that.

Layouts: ISO/IEC 10918-1 (JPEG), W3C PNG 3, TIFF 6.0 and EXIF 2.32, RFC 9649 (WebP), ISO/IEC 14496-12 and 23008-12
(HEIC), Microsoft BITMAPINFOHEADER.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from vision.errors import PhotoError

Format = Literal["JPEG", "PNG", "TIFF", "WebP", "HEIC", "BMP"]

FORMATS = "JPEG, PNG, TIFF, WebP, HEIC or BMP"
# Walks are Python loops: these bounds keep the worst file of 200 MiB under 50 ms. libpng writes 8 KiB an IDAT.
_MAX_CHUNKS = 40_000
_MAX_SCANS = 100  # each scan of a progressive JPEG costs a pass over all coefficients; encoders write about 10
_MAX_DEFLATE_RATIO = 1032  # the most deflate can expand a byte


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused before decoding: bytes of the file, pixels, the longer side in pixels, pictures in one file."""

    file_bytes: int = 200 * 2**20
    pixels: int = 120_000_000
    side: int = 30_000
    frames: int = 1


@dataclass(frozen=True, slots=True)
class Header:
    """What the structure of a file says. width and height are as stored, before any EXIF turn.

    exif is the TIFF-shaped EXIF block or empty; end is where the picture ends (phones append videos and more
    pictures); working_bytes is what the decoder must hold besides the pixels, whatever the reduction.
    """

    format: Format
    width: int
    height: int
    exif: bytes
    end: int
    working_bytes: int = 0


def damaged(what: str) -> PhotoError:
    """The refusal of a file whose structure does not hold."""
    return PhotoError("damaged", f"The photo is damaged or cut short ({what}). Copy it again from where it came from.")


def unsupported(what: str) -> PhotoError:
    """The refusal of a file that may be fine but that no decoder here is allowed to see."""
    return PhotoError("unsupported", f"{what} is not supported. Save the photo as {FORMATS} and try again.")


def check_size(width: int, height: int, limits: Limits) -> None:
    """Raise PhotoError when a picture has no pixels or more than limits allow."""
    if width < 1 or height < 1:
        raise damaged("it has no pixels")
    if width * height > limits.pixels or max(width, height) > limits.side:
        allowed = f"{limits.pixels / 1e6:g} megapixels or {limits.side} pixels a side"
        raise PhotoError(
            "too_many_pixels", f"The photo has {width} x {height} pixels, more than {allowed}. Scale it down or cut it."
        )


def check_frames(frames: int, limits: Limits) -> None:
    """Raise PhotoError when a file holds more pictures than limits allow."""
    if frames > limits.frames:
        raise PhotoError(
            "several_pictures",
            "The file holds several pictures (pages or an animation). Save the one that matters as a photo of its own.",
        )


def inspect(data: bytes, limits: Limits) -> Header:
    """Walk the structure of an encoded photo without decoding it.

    Raises: PhotoError with code empty, file_too_large, unsupported, damaged, too_many_pixels or several_pictures.
    """
    if not data:
        raise PhotoError("empty", "The file is empty. Copy the photo again from where it came from.")
    if len(data) > limits.file_bytes:
        raise file_too_large(limits)
    walk = _walker(data)
    try:
        header = walk(data, limits)
    except (struct.error, IndexError) as error:
        raise damaged("its structure ends too early") from error
    check_size(header.width, header.height, limits)
    return header


def file_too_large(limits: Limits) -> PhotoError:
    """The refusal of a file of more bytes than limits allow."""
    return PhotoError(
        "file_too_large", f"The file is larger than {limits.file_bytes >> 20} MiB. Save it smaller and try again."
    )


def _walker(data: bytes) -> Callable[[bytes, Limits], Header]:
    if data.startswith(b"\xff\xd8\xff"):
        return _walk_jpeg
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _walk_png
    if data.startswith((b"II*\0", b"MM\0*")) and data[8:10] != b"CR":
        return _walk_tiff
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _walk_webp
    if data[4:8] == b"ftyp":
        return _walk_heic
    if data.startswith(b"BM"):
        return _walk_bmp
    raise PhotoError("unsupported", f"The file is not a photo in {FORMATS}, whatever its name says. Save it as one.")


# JPEG


_FILL = re.compile(rb"\xff{1,4096}")  # FF may fill the space before a marker
_SCAN_MARKER = re.compile(rb"\xff[\xd8-\xda]")  # start of an image, end of one, start of a scan


def _walk_jpeg(data: bytes, limits: Limits) -> Header:
    exif = b""
    frame: tuple[int, int, list[int]] | None = None
    for marker, start, end in _jpeg_segments(data):
        if marker == 0xE1 and not exif and data.startswith(b"Exif\0", start):
            exif = data[start + 6 : end]
        elif marker in (0xC0, 0xC1, 0xC2):
            frame = _jpeg_frame(data, start, end)
        elif 0xC3 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            raise unsupported("This kind of JPEG (lossless, hierarchical or arithmetic)")
        elif marker == 0xDA:
            if frame is None:
                raise damaged("a JPEG scan comes before its size")
            width, height, samples = frame
            check_size(width, height, limits)
            coefficients = width * height * sum(samples) // max(samples)
            picture_end, scans = _jpeg_scans(data, end)
            # A block of 64 coefficients takes two codes of a bit each, or one in the first scan of a progressive JPEG.
            if coefficients // 64 > 8 * (picture_end - end):
                raise damaged("a JPEG has too little data for its size")
            all_at_once = scans == 1 and data[start] == len(samples)
            return Header("JPEG", width, height, exif, picture_end, 0 if all_at_once else 2 * coefficients)
    raise damaged("a JPEG has no picture")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of the payload of each segment up to the first scan."""
    at = 2
    for _ in range(_MAX_CHUNKS):
        fill = _FILL.match(data, at)
        if fill is None:
            raise damaged("a JPEG segment does not start where it should")
        at = fill.end()
        marker = data[at]
        at += 1
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            continue
        if marker in (0x00, 0xD8, 0xD9, 0xFF):
            raise damaged("a JPEG marker is out of place")
        (length,) = struct.unpack_from(">H", data, at)
        if length < 2 or at + length > len(data):
            raise damaged("a JPEG segment is longer than the file")
        yield marker, at + 2, at + length
        at += length
    raise damaged("a JPEG has too many segments")


def _jpeg_frame(data: bytes, start: int, end: int) -> tuple[int, int, list[int]]:
    """Width, height and the samples a block of each component."""
    precision, height, width, components = struct.unpack_from(">BHHB", data, start)
    if precision != 8:
        raise unsupported("A JPEG of more than 8 bits a colour")
    if components not in (1, 3, 4) or end - start < 6 + 3 * components:
        raise damaged("a JPEG has a wrong number of colours")
    sampling = [data[start + 7 + 3 * i] for i in range(components)]
    if any(not (1 <= s >> 4 <= 4 and 1 <= s & 15 <= 4) for s in sampling):
        raise damaged("a JPEG has impossible colour sampling")
    return width, height, [(s >> 4) * (s & 15) for s in sampling]


def _jpeg_scans(data: bytes, start: int) -> tuple[int, int]:
    """End of the picture (after its EOI marker) and the number of scans; refuses a picture that does not end."""
    # FF is always followed by 00 inside coded data, so the first EOI is the picture's own; what phones append follows.
    scans = 1
    for marker in _SCAN_MARKER.finditer(data, start):
        if marker[0] == b"\xff\xd9":
            return marker.end(), scans
        if marker[0] == b"\xff\xd8":
            raise damaged("another file begins inside a JPEG")
        scans += 1
        if scans > _MAX_SCANS:
            raise damaged("a JPEG has too many scans")
    raise damaged("a JPEG has no end")


# PNG


_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def _walk_png(data: bytes, limits: Limits) -> Header:
    exif, coded_bytes, palette = b"", 0, False
    width, height, depth, colour = _png_header(data)
    check_size(width, height, limits)
    for kind, start, end in _png_chunks(data):
        if kind == b"IDAT":
            coded_bytes += end - start
        elif kind == b"PLTE":
            palette = True
        elif kind == b"acTL":
            check_frames(int.from_bytes(data[start : start + 4], "big"), limits)
        elif kind == b"eXIf" and not exif:
            exif = data[start:end]
        elif kind == b"IEND":
            if colour == 3 and not palette:
                raise damaged("a PNG has no palette")
            if width * height * depth * _PNG_CHANNELS[colour] // 8 > coded_bytes * _MAX_DEFLATE_RATIO:
                raise damaged("a PNG has too little data for its size")
            return Header("PNG", width, height, exif, end + 4)
    raise damaged("a PNG has no end")


def _png_header(data: bytes) -> tuple[int, int, int, int]:
    length, kind, width, height, depth, colour, method, filtering, interlace = struct.unpack_from(
        ">I4sIIBBBBB", data, 8
    )
    if (length, kind) != (13, b"IHDR") or depth not in _PNG_DEPTHS.get(colour, ()):
        raise damaged("a PNG header is wrong")
    if method or filtering or interlace > 1:
        raise damaged("a PNG header is wrong")
    return width, height, depth, colour


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the payload of each chunk; the checksum of what makes the picture is verified."""
    at = 8
    view = memoryview(data)
    for _ in range(_MAX_CHUNKS):
        length, kind = struct.unpack_from(">I4s", data, at)
        start, end = at + 8, at + 8 + length
        if end + 4 > len(data):
            raise damaged("a PNG chunk is longer than the file")
        critical = not kind[0] & 0x20
        if critical and zlib.crc32(view[at + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise damaged("a PNG checksum is wrong")
        yield kind, start, end
        at = end + 4
    raise damaged("a PNG has too many chunks")


# TIFF, and the EXIF blocks that are shaped like one


_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_INTEGER_CODES = {1: "B", 3: "H", 4: "I", 13: "I"}

_MAX_ENTRIES = 512
_MAX_PAGES = 64
_MAX_PIECES = 100_000  # strips or tiles
# EXIF, GPS and interoperability directories and smaller copies: where a decoder goes on reading
_POINTERS = (0x8769, 0x8825, 0xA005, 0x014A)


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a directory: its type, how many, and at which byte of the block it starts."""

    type: int
    count: int
    at: int

    @property
    def size(self) -> int:
        """Length in bytes; 0 for a type that does not exist."""
        return self.count * _TYPE_BYTES.get(self.type, 0)


def byte_order(block: bytes) -> str:
    """The struct prefix of a TIFF-shaped block."""
    return ">" if block[:2] == b"MM" else "<"


def read_ifd(block: bytes, at: int, order: str) -> tuple[dict[int, Entry], int]:
    """The entries of the directory at a byte, by tag (the first of a kind), and where the next one starts (0: none).

    Raises: struct.error when the directory is not wholly inside the block or absurdly long.
    """
    (count,) = struct.unpack_from(order + "H", block, at)
    if count > _MAX_ENTRIES:
        raise struct.error(f"a directory of {count} entries")
    entries: dict[int, Entry] = {}
    (next_at,) = struct.unpack_from(order + "I", block, at + 2 + 12 * count)
    for i in range(count):
        place = at + 2 + 12 * i
        tag, kind, number = struct.unpack_from(order + "HHI", block, place)
        inline = Entry(kind, number, place + 8)
        if inline.size > 4:
            inline = Entry(kind, number, struct.unpack_from(order + "I", block, place + 8)[0])
        entries.setdefault(tag, inline)
    return entries, next_at


def integers(block: bytes, entry: Entry, order: str, most: int) -> tuple[int, ...]:
    """Up to most unsigned integers of an entry; none when it holds something else. Raises struct.error outside."""
    code = _INTEGER_CODES.get(entry.type)
    return struct.unpack_from(f"{order}{min(entry.count, most)}{code}", block, entry.at) if code else ()


# none, LZW, JPEG, deflate (both numbers), PackBits: what photos and scanners use
_TIFF_COMPRESSIONS = (1, 5, 7, 8, 32946, 32773)
_TIFF_RAW_TAGS = (33421, 50706)  # CFA pattern, DNG version: a raw photo whose first picture is only a preview


def _walk_tiff(data: bytes, limits: Limits) -> Header:
    order = byte_order(data)
    first: dict[int, Entry] = {}
    pages = 0
    seen: set[int] = set()
    (at,) = struct.unpack_from(order + "I", data, 4)
    while at:
        if at in seen or len(seen) > _MAX_PAGES:
            raise damaged("the pages of a TIFF run in a circle")
        seen.add(at)
        entries, at = _sound_ifd(data, at, order)
        first = first or entries
        pages += not _tiff_number(data, entries, order, 254, 0) & 1  # bit 0: a smaller copy of another page
        check_frames(pages, limits)
    if pages == 0 or any(tag in first for tag in _TIFF_RAW_TAGS):
        raise unsupported("A camera's raw file")
    width, height = _check_tiff_page(data, first, order, limits)
    return Header("TIFF", width, height, data, len(data))


def tiff_as_stored(data: bytes) -> io.BytesIO:
    """A TIFF without the tags that make a reader turn it by itself (orientation, XMP): their type becomes none."""
    file = io.BytesIO(data)
    order = byte_order(data)
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    for place in range(at + 2, at + 2 + 12 * count, 12):
        if struct.unpack_from(order + "H", data, place)[0] in (274, 700):
            file.seek(place + 2)
            file.write(b"\0\0")
    file.seek(0)
    return file


def _sound_ifd(data: bytes, at: int, order: str, depth: int = 0) -> tuple[dict[int, Entry], int]:
    """read_ifd for a file that a decoder will read whole.

    Refuses directories that name a tag twice (decoders differ in which they believe) or whose values lie outside the
    file or add up to more than it (values that overlap), here and in the directories they point to.
    """
    entries, next_at = read_ifd(data, at, order)
    sizes = [entry.size for entry in entries.values() if entry.size > 4]
    outside = any(entry.size > 4 and entry.at + entry.size > len(data) for entry in entries.values())
    if outside or sum(sizes) > len(data) or len(entries) != struct.unpack_from(order + "H", data, at)[0]:
        raise damaged("the directory of a TIFF is wrong")
    for tag in _POINTERS:
        if tag in entries and depth < 2:
            _sound_ifd(data, _tiff_number(data, entries, order, tag, 0), order, depth + 1)
    return entries, next_at


def _tiff_number(data: bytes, entries: dict[int, Entry], order: str, tag: int, default: int) -> int:
    if tag not in entries:
        return default
    values = integers(data, entries[tag], order, 1)
    if not values:
        raise damaged("a TIFF value is not a number")
    return values[0]


def _check_tiff_page(data: bytes, entries: dict[int, Entry], order: str, limits: Limits) -> tuple[int, int]:
    """Width and height of a page whose strips or tiles all lie inside the file."""

    def number(tag: int, default: int) -> int:
        return _tiff_number(data, entries, order, tag, default)

    width, height = number(256, 0), number(257, 0)
    check_size(width, height, limits)
    if number(259, 1) not in _TIFF_COMPRESSIONS:
        raise unsupported("This compression of a TIFF")
    samples, bits = number(277, 1), number(258, 1)
    if not (1 <= samples <= 5 and 1 <= bits <= 32):
        raise unsupported("A TIFF with so many colours or bits")
    planes = samples if number(284, 1) == 2 else 1
    if 322 in entries:
        tile_w, tile_h = number(322, 0), number(323, 0)
        check_size(tile_w, tile_h, limits)
        pieces = -(-width // tile_w) * -(-height // tile_h) * planes
        offsets, counts = 324, 325
    else:
        rows = number(278, height)
        check_size(1, min(rows, height), limits)
        pieces = -(-height // min(rows, height)) * planes
        offsets, counts = 273, 279
    if pieces > _MAX_PIECES:
        raise damaged("a TIFF has too many strips or tiles")
    _check_pieces(data, entries, order, (offsets, counts), pieces)
    if number(259, 1) == 1:
        stored = sum(integers(data, entries[counts], order, pieces))
        if stored < -(-width * samples * bits // 8) * height:
            raise damaged("a TIFF has too little data for its size")
    return width, height


def _check_pieces(data: bytes, entries: dict[int, Entry], order: str, tags: tuple[int, int], pieces: int) -> None:
    if any(tag not in entries or entries[tag].count < pieces for tag in tags):
        raise damaged("a TIFF lacks some of its strips or tiles")
    offsets, counts = (integers(data, entries[tag], order, pieces) for tag in tags)
    if len(offsets) < pieces or len(counts) < pieces:
        raise damaged("a TIFF lacks some of its strips or tiles")
    if any(o + c > len(data) or c == 0 for o, c in zip(offsets, counts, strict=True)):
        raise damaged("a strip or tile of a TIFF lies outside the file")


# WebP


def _walk_webp(data: bytes, limits: Limits) -> Header:
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    if end > len(data):
        raise damaged("a WebP is shorter than it says")
    canvas: tuple[int, int] | None = None
    picture: tuple[int, int] | None = None
    exif, frames, at = b"", 0, 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > end:
            break
        kind, length = struct.unpack_from("<4sI", data, at)
        start = at + 8
        if start + length > end:
            raise damaged("a WebP chunk is longer than the file")
        if kind == b"VP8X":
            canvas = (1 + int.from_bytes(data[start + 4 : start + 7], "little"),
                      1 + int.from_bytes(data[start + 7 : start + 10], "little"))  # fmt: skip
            check_size(*canvas, limits)
        elif kind in (b"VP8 ", b"VP8L") and picture is None:
            picture = _webp_size(data, kind, start)
        elif kind == b"ANMF":
            frames += 1
        elif kind == b"EXIF" and not exif:
            exif = data[start : start + length].removeprefix(b"Exif\0\0")
        at = start + length + (length & 1)
    check_frames(2 if frames else 1, limits)
    if picture is None or (canvas is not None and canvas != picture):
        raise damaged("a WebP has no picture of the size it says")
    return Header("WebP", *picture, exif, end)


def _webp_size(data: bytes, kind: bytes, start: int) -> tuple[int, int]:
    if kind == b"VP8L":
        signature, bits = struct.unpack_from("<BI", data, start)
        if signature != 0x2F:
            raise damaged("a WebP picture does not start where it should")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    magic, width, height = struct.unpack_from("<3sHH", data, start + 3)
    if magic != b"\x9d\x01\x2a":
        raise damaged("a WebP picture does not start where it should")
    return width & 0x3FFF, height & 0x3FFF


# HEIC


_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}


def _walk_heic(data: bytes, limits: Limits) -> Header:
    boxes = {kind: (start, end) for kind, start, end in reversed(list(_boxes(data, 0, len(data))))}
    start, end = boxes[b"ftyp"]
    brands = {data[at : at + 4] for at in (start, *range(start + 8, min(end, start + 1024), 4))}
    if not brands & _HEIC_BRANDS or data[start : start + 4] in (b"avif", b"avis"):
        raise unsupported("A file of this kind (a video, AVIF or the like)")
    if b"meta" not in boxes:
        raise damaged("a HEIC has no picture")
    sizes = list(_heic_sizes(data, *boxes[b"meta"]))
    if not sizes:
        raise damaged("a HEIC does not say its size")
    for width, height in sizes:
        check_size(width, height, limits)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return Header("HEIC", width, height, b"", len(data))


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the payload of each box between two places."""
    for _ in range(_MAX_CHUNKS // 10):
        if at >= end:
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, start)
            start += 8
        box_end = end if size == 0 else at + size
        if box_end > end or box_end < start:
            raise damaged("a HEIC box is longer than the file")
        yield kind, start, box_end
        at = box_end
    raise damaged("a HEIC has too many boxes")


def _heic_sizes(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The size of every picture in the meta box (the whole, its tiles, thumbnails)."""
    for kind, at, until in _boxes(data, start + 4, end):
        if kind == b"iprp":
            for inner, inner_at, inner_until in _boxes(data, at, until):
                if inner == b"ipco":
                    yield from (
                        struct.unpack_from(">II", data, p + 4)
                        for name, p, _ in _boxes(data, inner_at, inner_until)
                        if name == b"ispe"
                    )


# BMP


def _walk_bmp(data: bytes, limits: Limits) -> Header:
    (pixels_at,) = struct.unpack_from("<I", data, 10)
    size, width, height, _, bits, compression = struct.unpack_from("<IiiHHI", data, 14)
    if size not in (40, 52, 56, 64, 108, 124) or compression not in (0, 3) or bits not in (1, 4, 8, 16, 24, 32):
        raise unsupported("This kind of BMP")
    height = abs(height)  # negative: the top row comes first
    check_size(width, height, limits)
    row_bytes = (width * bits + 31) // 32 * 4
    end = pixels_at + row_bytes * height
    if pixels_at < 14 + size or end > len(data):
        raise damaged("a BMP is shorter than its size")
    return Header("BMP", width, height, b"", len(data))
