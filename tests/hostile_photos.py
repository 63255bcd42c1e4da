"""Seeds, bombs and seeded mutants of photo files, all made here, and the child process that opens the mutants.

Run as a program it opens --count mutants under an address-space limit and a deadline a file, and prints what became of
them as JSON; a crash, a hang or an error that is not a PhotoError ends it with another exit status than 0.
"""

from __future__ import annotations

import argparse
import faulthandler
import io
import json
import random
import resource
import struct
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable
from functools import cache

import numpy as np
import pillow_heif
from PIL import Image

from vision.errors import PhotoError
from vision.photo import open_photo

SIZE_WH = (160, 120)
SLOWEST_S = 20.0
ADDRESS_SPACE = 3 * 2**30


def exif_block() -> bytes:
    """Orientation 6, 2024-05-01 12:34:56 +03:00, 48.2 north, 16.5 west."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769).update({0x9003: "2024:05:01 12:34:56", 0x9011: "+03:00"})
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 12.0, 0.0), 3: "W", 4: (16.0, 30.0, 0.0)})
    return exif.tobytes()


def picture() -> Image.Image:
    """A picture with edges, a slope and noise."""
    width, height = SIZE_WH
    y, x = np.mgrid[:height, :width]
    rgb = np.stack([x * 255 // width, y * 255 // height, (x // 16 + y // 16) % 2 * 200], axis=2)
    noise = np.random.default_rng(3).integers(0, 30, rgb.shape)
    return Image.fromarray((rgb + noise).clip(0, 255).astype(np.uint8))


def encode(image: Image.Image, form: str, **options: object) -> bytes:
    """The picture as the bytes of a file."""
    out = io.BytesIO()
    if form == "HEIF":
        pillow_heif.from_pillow(image).save(out, **options)
    else:
        image.save(out, form, **options)
    return out.getvalue()


@cache
def seeds() -> dict[str, bytes]:
    """One small whole photo of each kind that is opened, by name; all are 160 x 120 as stored."""
    rgb, exif = picture(), exif_block()
    clear = rgb.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(SIZE_WH))
    deep = Image.fromarray(np.asarray(rgb.convert("L")).astype(np.uint16) * 257)
    return {
        "jpeg": encode(rgb, "JPEG", quality=90, exif=exif),
        "jpeg_progressive": encode(rgb, "JPEG", progressive=True, exif=exif),
        "jpeg_grey": encode(rgb.convert("L"), "JPEG"),
        "jpeg_cmyk": encode(rgb.convert("CMYK"), "JPEG"),
        "png": encode(rgb, "PNG", exif=exif),
        "png_clear": encode(clear, "PNG"),
        "png_palette": encode(rgb.quantize(16), "PNG", transparency=3),
        "png_deep": encode(deep, "PNG"),
        "tiff": encode(rgb, "TIFF", exif=exif),
        "tiff_lzw": encode(rgb, "TIFF", compression="tiff_lzw"),
        "tiff_jpeg": encode(rgb, "TIFF", compression="jpeg"),
        "tiff_deep": encode(deep, "TIFF"),
        "webp": encode(rgb, "WEBP", exif=exif),
        "webp_clear": encode(clear, "WEBP", lossless=True),
        "bmp": encode(rgb, "BMP"),
        "heic": encode(rgb, "HEIF", exif=exif, quality=70),
    }


def png_chunk(kind: bytes, payload: bytes) -> bytes:
    """A chunk with its length and checksum."""
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png_bomb(width: int, height: int, rows: int) -> bytes:
    """A grey PNG that says so many black pixels and holds some of its rows."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 + width)) for _ in range(rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def tiff_file(entries: list[tuple[int, int, int, int]], next_at: int = 0, tail: bytes = b"") -> bytes:
    """A little-endian TIFF of one directory of (tag, type, count, value) and what follows it."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + packed + struct.pack("<I", next_at) + tail


def _tiff_tags(width: int, height: int) -> list[tuple[int, int, int, int]]:
    return [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
            (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, width * height)]  # fmt: skip


Bombs = dict[str, tuple[bytes, str]]


def bombs() -> Bombs:
    """Files that would cost a trusting decoder seconds or gigabytes, by name, with the code of their refusal."""
    return {**_png_bombs(), **_jpeg_bombs(), **_tiff_bombs(), **_other_bombs()}


def _png_bombs() -> Bombs:
    png = seeds()["png"]
    idat = png.index(b"IDAT")
    animation = png_chunk(b"acTL", struct.pack(">II", 10_000, 0))
    return {
        # the file that took a decoder 2 GiB: an IDAT that says it is 2 GiB long
        "png_idat_length": (png[: idat - 4] + b"\x7f\xff\xff\xff" + png[idat:], "damaged"),
        "png_900_megapixels": (png_bomb(30_000, 30_000, 30), "too_many_pixels"),
        "png_thin": (png_bomb(40_000, 4, 4), "too_many_pixels"),
        "png_empty_promise": (png_bomb(9_000, 9_000, 20), "damaged"),
        "png_checksum": (png[: idat + 40] + bytes([png[idat + 40] ^ 1]) + png[idat + 41 :], "damaged"),
        "png_chunks": (png[:33] + png_chunk(b"tEXt", b"a\0") * 100_000 + png[33:], "damaged"),
        "png_animation": (png[:33] + animation + png[33:], "several_pictures"),
    }


def _jpeg_bombs() -> Bombs:
    jpeg, progressive = seeds()["jpeg"], seeds()["jpeg_progressive"]
    size_at = jpeg.index(b"\xff\xc0") + 5
    scan = progressive.rindex(b"\xff\xda")
    return {
        "jpeg_size": (jpeg[:size_at] + b"\xff\xff\xff\xff" + jpeg[size_at + 4 :], "too_many_pixels"),
        "jpeg_empty_promise": (jpeg[:size_at] + b"\x27\x10\x27\x10" + jpeg[size_at + 4 :], "damaged"),
        "jpeg_segments": (jpeg[:2] + b"\xff\xfe\0\2" * 100_000 + jpeg[2:], "damaged"),
        "jpeg_fill": (jpeg[:2] + b"\xff" * 50_000_000, "damaged"),
        "jpeg_scans": (progressive[:scan] + progressive[scan:-2] * 200 + progressive[-2:], "damaged"),
    }


def _tiff_bombs() -> Bombs:
    whole, tail = _tiff_tags(100, 100), bytes(10_000)
    overlapping = [(40_000 + i, 7, 9_000, 8) for i in range(400)]
    far = [(*entry[:3], 2**31) if entry[0] == 273 else entry for entry in whole]
    huge_tile = [*whole, (322, 4, 1, 2**30), (323, 4, 1, 2**30)]
    small_tiles = [*_tiff_tags(10_000, 10_000), (322, 4, 1, 1), (323, 4, 1, 1)]
    return {
        "tiff_circle": (tiff_file([(254, 4, 1, 1), *whole], next_at=8, tail=tail), "damaged"),
        "tiff_pages": (_paged_tiff(), "several_pictures"),
        "tiff_overlap": (tiff_file(whole + overlapping, tail=tail), "damaged"),
        "tiff_twice": (tiff_file([*whole, (256, 4, 1, 2**31)], tail=tail), "damaged"),
        "tiff_far_strip": (tiff_file(far, tail=tail), "damaged"),
        "tiff_size": (tiff_file(_tiff_tags(2**31, 1), tail=tail), "too_many_pixels"),
        "tiff_huge_tile": (tiff_file(huge_tile, tail=tail), "too_many_pixels"),
        "tiff_small_tiles": (tiff_file(small_tiles, tail=tail), "damaged"),
    }


def _other_bombs() -> Bombs:
    webp, heic = seeds()["webp"], seeds()["heic"]
    size_at = heic.index(b"ispe") + 8

    def bmp(width: int, height: int, bits: int, compression: int) -> bytes:
        return b"BM" + struct.pack("<IIIIiiHHI", 54, 0, 54, 40, width, height, 1, bits, compression) + bytes(24)

    return {
        "webp_canvas": (webp[:24] + b"\xff\x3f\0" * 2 + webp[30:], "too_many_pixels"),
        "webp_other_canvas": (webp[:24] + b"\xff\x0f\0" * 2 + webp[30:], "damaged"),
        "webp_length": (webp[:4] + b"\xff\xff\xff\x7f" + webp[8:], "damaged"),
        "heic_size": (heic[:size_at] + b"\0\xff\xff\xff" * 2 + heic[size_at + 8 :], "too_many_pixels"),
        "bmp_size": (bmp(20_000, 6_000, 24, 0), "damaged"),
        "bmp_run_length": (bmp(9_000, 9_000, 8, 1), "unsupported"),
    }


def _paged_tiff() -> bytes:
    pages = [picture() for _ in range(3)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    return out.getvalue()


# Mutants


def _flip(data: bytearray, dice: random.Random) -> None:
    near = dice.choice((64, 512, len(data)))
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        data[dice.randrange(min(near, len(data)))] ^= 1 << dice.randrange(8)


def _cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def _lengths(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(min(dice.choice((64, 1024, len(data))), len(data) - 4))
    size = dice.choice((1, 2, 4))
    value = dice.choice((0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, len(data), dice.getrandbits(32)))
    data[at : at + size] = (value & (256**size - 1)).to_bytes(size, dice.choice(("big", "little")))


def _reorder(data: bytearray, dice: random.Random) -> None:
    places = sorted(dice.randrange(len(data)) for _ in range(4))
    a, b, c, d = places
    data[a:d] = dice.choice((data[c:d] + data[b:c] + data[a:b], data[a:b] * 2 + data[b:d], data[c:d]))


def _exif(data: bytearray, dice: random.Random) -> None:
    start = max(data.find(b"II*\0"), data.find(b"MM\0*"), 0)
    for _ in range(dice.choice((1, 2, 8))):
        at = min(start + dice.randrange(300), len(data) - 4)
        data[at : at + 4] = dice.choice(
            (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x08", b"\x08\0\0\0", dice.randbytes(4))
        )


def _zeros(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data))
    data[at : at + dice.choice((8, 512, 4096))] = bytes(dice.choice((8, 512, 4096)))


_CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip,
    _flip,
    _cut,
    _lengths,
    _lengths,
    _reorder,
    _exif,
    _zeros,
)


def _mend_png(data: bytearray) -> None:
    """Right checksums for the chunks of a mutant, so that it gets past them to the decoder."""
    at = 8
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            return
        data[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(data[at + 4 : end])))
        at = end + 4


def mutant(originals: list[bytes], seed: int, number: int) -> bytes:
    """One mutant; the same for the same seed and number."""
    dice = random.Random(seed * 1_000_003 + number)
    data = bytearray(originals[number % len(originals)])
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        if len(data) > 8:
            dice.choice(_CHANGES)(data, dice)
    if data.startswith(b"\x89PNG") and dice.random() < 0.7:
        _mend_png(data)
    return bytes(data)


def outcome(data: bytes) -> str:
    """Open a photo and have its pixels: "opened", or the code of its refusal. Any other error passes."""
    try:
        photo = open_photo(data)
        width, height = photo.photo.width, photo.photo.height
        small, scale = photo.reduced_rgb(64)
        corner, _, _ = photo.crop_rgb((0, 0, 31, 23), 64)
    except PhotoError as error:
        return error.code
    assert max(small.shape[:2]) == min(64, max(width, height)), (small.shape, scale, width, height)
    assert corner.shape == (min(24, height), min(32, width), 3), (corner.shape, width, height)
    return "opened"


def main() -> None:
    """Open the mutants and print the tally."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first mutant, to repeat one")
    chosen = parser.parse_args()
    originals = list(seeds().values())
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    tally: Counter[str] = Counter()
    slowest = (0.0, -1)
    for number in range(chosen.first, chosen.first + chosen.count):
        faulthandler.dump_traceback_later(SLOWEST_S, exit=True)
        began = time.perf_counter()
        try:
            tally[outcome(mutant(originals, chosen.seed, number))] += 1
        except Exception:
            sys.stderr.write(f"mutant {number} of seed {chosen.seed}\n")
            raise
        slowest = max(slowest, (time.perf_counter() - began, number))
        faulthandler.cancel_dump_traceback_later()
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    report = {"outcomes": dict(tally), "slowest_s": round(slowest[0], 2), "slowest": slowest[1], "peak_mib": peak_mib}
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
