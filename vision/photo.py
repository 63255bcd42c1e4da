"""The only place where bytes become pixels: limits, orientation, hash, and no more decoding than asked.

A photo is opened by walking its structure (vision.containers), which refuses bombs, cut files and formats outside the
list before any decoder runs. Pixels are decoded when asked for, at the coarsest reduction that is fine enough: JPEG
decodes at 1/2, 1/4 and 1/8 in the transform domain, so a big head in a 12-megapixel photo never needs all its pixels.
OpenCV sees JPEG and WebP, Pillow PNG, TIFF and BMP, libheif HEIC: each the fastest within 1 GiB for 100 megapixels.

Accepted leftover risk: the decoders are C code, and a picture damaged in the middle of its coded data may decode with
grey parts. Workers that run on unknown photos cap their address space and have a deadline.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import stat
import struct
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

# OpenCV reads this once, when it is loaded. The walk refuses earlier; this is the second lock on the same door.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(120_000_000))

import cv2
import numpy as np
import numpy.typing as npt
from PIL import BmpImagePlugin, Image, ImageFile, PngImagePlugin, TiffImagePlugin

from vision.capture import read_capture
from vision.containers import (
    Format,
    Header,
    Limits,
    check_size,
    damaged,
    file_too_large,
    inspect,
    tiff_as_stored,
    unsupported,
)
from vision.errors import PhotoError
from vision.types import Photo, Rgb

__all__ = ["Limits", "OpenPhoto", "area_resized", "open_photo"]

# All that the decoders were seen or are documented to raise on a file that is not right.
_DECODER_ERRORS = (
    cv2.error,
    OSError,
    ValueError,
    TypeError,
    SyntaxError,
    RuntimeError,
    EOFError,
    LookupError,
    AttributeError,
    ArithmeticError,
    struct.error,
    Image.DecompressionBombError,
    Warning,  # when Python is told to raise them
)
_JPEG_FLAGS = {
    # REDUCED_GRAYSCALE with RGB is OpenCV's spelling of "reduced, in RGB order"
    1: cv2.IMREAD_COLOR_RGB,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2 | cv2.IMREAD_COLOR_RGB,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4 | cv2.IMREAD_COLOR_RGB,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_COLOR_RGB,
}
_BAND_ROWS = 256
_SMALL_REDUCTION = 4  # from here on a decoded picture takes so little memory that it is kept beside another
_AHEAD_REDUCTION = 2  # down to here a decode is short, and its picture small, when it turns out not to be needed
_DECODE_BYTES = 800 * 2**20  # what decoding a JPEG may take, so that the process stays under 1 GiB
# EXIF orientation: (swap x and y first, then mirror x, mirror y) to get the picture the right way up
_TURNS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}
_FLIPS = {(True, False): 1, (False, True): 0, (True, True): -1}  # mirror x, mirror y: OpenCV's code


def open_photo(
    source: str | os.PathLike[str] | bytes, *, path: str | None = None, limits: Limits | None = None
) -> OpenPhoto:
    """Open a photo from a file or from its encoded bytes, without decoding its pixels.

    Args:
        source: a file's path (symbolic links are followed, nothing but a regular file is read) or the encoded bytes.
        path: what the record shall name the photo; the path itself by default, empty for bytes.
        limits: what is refused before decoding.

    Raises: PhotoError with code missing, not_a_file, unreadable, empty, file_too_large, unsupported, damaged,
        too_many_pixels or several_pictures, and a sentence that says what to do.
    """
    limits = limits or Limits()
    data = source if isinstance(source, bytes) else _read_file(os.fspath(source), limits)
    named = path if path is not None else "" if isinstance(source, bytes) else os.fspath(source)
    header = inspect(data, limits)
    capture = read_capture(header.exif)
    turned = _TURNS[capture.orientation]
    size_wh = (header.width, header.height)
    if header.format == "HEIC":
        # libheif turns the picture itself, so its EXIF orientation must not count a second time.
        size_wh, exif = _heic_facts(data)
        check_size(*size_wh, limits)
        capture, turned = read_capture(exif), _TURNS[1]
    width, height = size_wh[::-1] if turned[0] else size_wh
    digest = hashlib.sha256(data).hexdigest()
    photo = Photo(named, digest, width, height, capture.taken_at, capture.place)
    return OpenPhoto(photo, data, header, size_wh, turned)


class OpenPhoto:
    """A photo whose pixels can be had at the size that is needed. Holds its bytes, the last decoded reduction, and of
    those that were decoded before it the small ones.

    Coordinates are pixels of the EXIF-turned photo at full size, (0, 0) the centre of the top-left pixel. A picture
    that is scale times as large has the point (x, y) at ((x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5). Not for use
    by several threads at once.
    """

    def __init__(
        self, photo: Photo, data: bytes, header: Header, size_wh: tuple[int, int], turn: tuple[bool, bool, bool]
    ) -> None:
        self.photo = photo
        self._data = data
        self._header = header
        self._size_wh = size_wh  # as stored
        self._turn = turn
        self._decoded: dict[int, Rgb] = {}
        self._ahead: tuple[int, Future[Rgb]] | None = None

    def reduced_rgb(self, max_side: int) -> tuple[Rgb, float]:
        """The whole photo, longer side at most max_side pixels and never larger than it is.

        Returns: RGB (H, W, 3) and scale, its size as a share of the photo's.
        Raises: PhotoError when the pixels cannot be decoded.
        """
        rgb, scale, _ = self.crop_rgb((0.0, 0.0, self.photo.width, self.photo.height), max_side)
        return rgb, scale

    def look_ahead(self, max_side: int) -> None:
        """Begin to decode at twice the size that reduced_rgb(max_side) is made from, in a thread beside the caller's:
        for a JPEG in which something is sought at that size and then looked at closer.

        Crops are the same, some of them sooner; what is wrong with the pixels is said when they are asked for.
        """
        finer = self._reduction(max(self.photo.width, self.photo.height), max_side) // 2
        if finer < _AHEAD_REDUCTION or finer in self._decoded or self._ahead or not self._on_grid(finer):
            return
        if self._decode_bytes(finer) <= _DECODE_BYTES:
            executor = ThreadPoolExecutor(1)
            self._ahead = finer, executor.submit(_decode, self._data, self._header, self._size_wh, finer)
            executor.shutdown(wait=False)

    def crop_rgb(
        self, box_xyxy: tuple[float, float, float, float], max_side: int, least_side: int | None = None
    ) -> tuple[Rgb, float, tuple[float, float]]:
        """Every pixel that a box touches, longer side at most max_side pixels and never larger than in the photo.

        Args:
            box_xyxy: left, top, right, bottom in photo coordinates; what lies outside the photo is cut off.
            max_side: pixels, at least 1.
            least_side: pixels that are enough where they take less decoding; max_side where none are given.

        Returns: RGB (H, W, 3), scale (crop to photo) and corner (x0, y0): the photo's point (x, y) is at
            ((x - x0 + 0.5) * scale - 0.5, (y - y0 + 0.5) * scale - 0.5) in the crop. The crop may show up to 7 pixels
            more of the photo than the box, where a coarser decode has its grid.
        Raises: ValueError for a box outside the photo; PhotoError when the pixels cannot be decoded.
        """
        box = self._whole_pixels(box_xyxy, max_side)
        longest = max(box[2] - box[0], box[3] - box[1])
        reduction = self._reduction(longest, min(max_side, least_side or max_side))
        x0, y0 = box[0] // reduction, box[1] // reduction
        x1, y1 = -(-box[2] // reduction), -(-box[3] // reduction)
        rgb, shrink = area_resized(self._turned_region(reduction, (x0, y0, x1, y1)), max_side)
        return rgb, shrink / reduction, (float(x0 * reduction), float(y0 * reduction))

    def _whole_pixels(self, box_xyxy: tuple[float, float, float, float], max_side: int) -> tuple[int, int, int, int]:
        """First and one past the last pixel the box touches, on both axes."""
        if max_side < 1 or not all(math.isfinite(v) for v in box_xyxy):
            raise ValueError(f"a crop needs a finite box and a side of at least 1, got {box_xyxy!r} and {max_side!r}")
        width, height = self.photo.width, self.photo.height
        left, top = (max(0, math.floor(v + 0.5)) for v in box_xyxy[:2])
        right, bottom = (math.ceil(v + 0.5) for v in box_xyxy[2:])
        right, bottom = min(width, right), min(height, bottom)
        if left >= right or top >= bottom:
            raise ValueError(f"the box {box_xyxy!r} lies outside the photo of {width} x {height} pixels")
        return left, top, right, bottom

    def _reduction(self, longest: int, side: int) -> int:
        """The coarsest of 8, 4, 2, 1 that keeps side pixels of longest, or a coarser one that memory allows."""
        if self._header.format != "JPEG":
            return 1
        fits = [r for r in (8, 4, 2, 1) if self._on_grid(r)]
        affordable = [r for r in fits if self._decode_bytes(r) <= _DECODE_BYTES]
        if not affordable:
            raise PhotoError("too_many_pixels", "The photo needs too much memory to decode. Save it as a plain JPEG.")
        return next((r for r in affordable if longest >= side * r), affordable[-1])

    def _on_grid(self, reduction: int) -> bool:
        """Whether pixels of a reduction start at the turned picture's edge: a mirrored side must have no rest."""
        width, height = self.photo.width, self.photo.height
        _, mirror_x, mirror_y = self._turn
        return not ((mirror_x and width % reduction) or (mirror_y and height % reduction))

    def _decode_bytes(self, reduction: int) -> int:
        """Memory of a JPEG decode: the file, coefficients if held, and OpenCV's two RGB pictures (measured)."""
        width, height = self._size_wh
        return len(self._data) + self._header.working_bytes + 6 * (width // reduction) * (height // reduction)

    def _turned_region(self, reduction: int, box: tuple[int, int, int, int]) -> Rgb:
        """A region of the turned picture: cut in stored coordinates first, so that only the region is turned."""
        stored = self._stored(reduction)
        swap, mirror_x, mirror_y = self._turn
        height, width = stored.shape[1::-1] if swap else stored.shape[:2]
        x0, y0, x1, y1 = box
        if mirror_x:
            x0, x1 = width - x1, width - x0
        if mirror_y:
            y0, y1 = height - y1, height - y0
        # OpenCV's ways to turn are several times as quick as a copy in numpy's order, and take no third picture.
        region = cv2.transpose(stored[x0:x1, y0:y1]) if swap else stored[y0:y1, x0:x1]
        if mirror_x or mirror_y:
            region = cv2.flip(region, _FLIPS[mirror_x, mirror_y], region if swap else None)
        return np.asarray(region, np.uint8)

    def _stored(self, reduction: int) -> Rgb:
        """The picture as stored at 1/reduction, decoded once for as long as no other large one is asked for."""
        if reduction not in self._decoded:
            for large in [r for r in self._decoded if r < _SMALL_REDUCTION]:
                del self._decoded[large]  # free it before the next one is made
            ahead, self._ahead = self._ahead, None
            if ahead is not None:
                wait([ahead[1]])  # never two at work at once, for the memory's sake
            if ahead is not None and ahead[0] == reduction:
                self._decoded[reduction] = ahead[1].result()
            else:
                self._decoded[reduction] = _decode(self._data, self._header, self._size_wh, reduction)
        return self._decoded[reduction]


def area_resized(rgb: Rgb, max_side: int) -> tuple[Rgb, float]:
    """A picture shrunk by area averaging until its longer side is max_side, and by how much; small ones are copied.

    Both axes shrink by exactly the same factor (cv2 gets the factor, not the rounded size), so coordinates stay exact.
    """
    height, width = rgb.shape[:2]
    shrink = max_side / max(width, height)
    if shrink >= 1.0:
        return rgb.copy(), 1.0
    whole = np.ascontiguousarray(rgb)
    if round(min(width, height) * shrink) < 1:
        resized = cv2.resize(
            whole, (max(1, round(width * shrink)), max(1, round(height * shrink))), interpolation=cv2.INTER_AREA
        )
    else:
        resized = cv2.resize(whole, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8), shrink


# Files


def _read_file(path: str, limits: Limits) -> bytes:
    """The bytes of a regular file, at most one more than limits allow. Nothing else is even opened."""
    try:
        _check_regular(os.stat(path))
        with open(path, "rb", opener=_open_without_waiting) as file:
            facts = os.fstat(file.fileno())
            _check_regular(facts)  # again: the name may stand for something else by now
            if facts.st_size > limits.file_bytes:
                raise file_too_large(limits)
            return file.read(limits.file_bytes + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PhotoError("missing", "There is no such file. Check the name and the folder.") from error
    except ValueError as error:  # a NUL character, or a name this system cannot encode
        raise PhotoError("missing", "No file can have this name. Check how the name was written.") from error
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise PhotoError(
            "unreadable", f"The file cannot be read ({reason}). Check its permissions and disk."
        ) from error


def _check_regular(facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise PhotoError("not_a_file", "This is a folder, pipe or device, not a photo file. Name the photo itself.")


def _open_without_waiting(path: str, flags: int) -> int:
    """For open(): a pipe put in the place of a file must not make it wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


# Decoding


def _decode(data: bytes, header: Header, size_wh: tuple[int, int], reduction: int) -> Rgb:
    """Pixels as stored at 1/reduction: RGB, transparent parts on white. Raises PhotoError."""
    try:
        rgb = _DECODERS[header.format](data, header, reduction)
    except MemoryError as error:
        raise PhotoError(
            "too_many_pixels", "There is not enough memory to decode the photo. Scale it down or cut it."
        ) from error
    except _DECODER_ERRORS as error:
        raise damaged("its pixels cannot be decoded") from error
    expected = (-(-size_wh[1] // reduction), -(-size_wh[0] // reduction), 3)
    if rgb.shape != expected:
        raise damaged("its pixels are not of the size it says")
    return rgb


def _decode_jpeg(data: bytes, header: Header, reduction: int) -> Rgb:
    return _opencv(data, header, _JPEG_FLAGS[reduction] | cv2.IMREAD_IGNORE_ORIENTATION)


def _decode_webp(data: bytes, header: Header, _reduction: int) -> Rgb:
    bgr = _opencv(data, header, cv2.IMREAD_UNCHANGED)
    channels = (2, 1, 0, 3)[: bgr.shape[2]]
    return _by_bands(bgr.shape[1], bgr.shape[0], lambda top, end: bgr[top:end, :, channels])


def _opencv(data: bytes, header: Header, flags: int) -> Rgb:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8, header.end), flags)
    if picture is None:
        raise damaged("its pixels cannot be decoded")
    return np.asarray(picture, dtype=np.uint8)


def _decode_pillow(data: bytes, header: Header, _reduction: int) -> Rgb:
    """PNG, TIFF and BMP. The plugins are called by name: no file can choose another decoder."""
    file = tiff_as_stored(data) if header.format == "TIFF" else io.BytesIO(data)
    with _PILLOW[header.format](file) as image:
        if image.size != (header.width, header.height):
            raise damaged("its pixels are not of the size it says")
        image.load()
        width, height = image.size
        return _by_bands(width, height, lambda top, end: _pillow_band(image.crop((0, top, width, end))))


def _pillow_band(band: Image.Image) -> npt.NDArray[np.uint8]:
    """8-bit samples of a few rows: grey, RGB, or RGBA where something is transparent."""
    if band.mode.startswith("I;16"):
        return (np.asarray(band) >> 8).astype(np.uint8)
    if band.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"):
        raise unsupported("A photo with this kind of colours")
    transparent = band.mode in ("LA", "PA", "RGBA") or "transparency" in band.info
    return np.asarray(band.convert("RGBA" if transparent else "RGB"))


def _decode_heic(data: bytes, _header: Header, _reduction: int) -> Rgb:
    samples = np.asarray(_heic_primary(data))
    if samples.dtype != np.uint8:
        samples = samples >> 8
    return _by_bands(samples.shape[1], samples.shape[0], lambda top, end: samples[top:end].astype(np.uint8))


def _heic_facts(data: bytes) -> tuple[tuple[int, int], bytes]:
    """Size after libheif's own turn, and the EXIF block, of a HEIC; raises PhotoError."""
    try:
        primary = _heic_primary(data)
    except _DECODER_ERRORS as error:
        raise damaged("the HEIC has no readable picture") from error
    return primary.size, (primary.info.get("exif") or b"").removeprefix(b"Exif\0\0")


def _heic_primary(data: bytes) -> Any:
    import pillow_heif  # loads libheif and its codecs: only those who have such photos pay for it

    file = pillow_heif.open_heif(data, convert_hdr_to_8bit=True)
    return file[file.primary_index]


def _by_bands(width: int, height: int, band_at: Callable[[int, int], npt.NDArray[np.uint8]]) -> Rgb:
    """An RGB picture put together from bands of rows, so that no second whole copy is ever needed."""
    rgb = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _BAND_ROWS):
        end = min(height, top + _BAND_ROWS)
        rgb[top:end] = _on_white(band_at(top, end))
    return rgb


def _on_white(samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """RGB, or one channel for all three, of grey, grey and alpha, RGB or RGBA samples laid on white paper."""
    if samples.ndim == 2:
        return samples[..., None]
    if samples.shape[2] in (1, 3):
        return samples
    colour, alpha = samples[..., :-1].astype(np.uint16), samples[..., -1:].astype(np.uint16)
    return ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


_PILLOW: dict[Format, type[ImageFile.ImageFile]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}
_DECODERS: dict[Format, Callable[[bytes, Header, int], Rgb]] = {
    "JPEG": _decode_jpeg,
    "WebP": _decode_webp,
    "PNG": _decode_pillow,
    "TIFF": _decode_pillow,
    "BMP": _decode_pillow,
    "HEIC": _decode_heic,
}
