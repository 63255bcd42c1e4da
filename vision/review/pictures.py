"""The pictures of the page: tiles of a photo, a mark by itself, a head unrolled. Always our own pixels, never a file.

What leaves here was decoded and encoded anew, so no metadata travels; photos are named by their sha256, and the file is
only used when its bytes still have it. The last few opened photos are kept, each used by one request at a time.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import cv2
import numpy as np
from PIL import Image

from vision import close, lines
from vision.errors import PhotoError
from vision.photo import OpenPhoto, open_photo
from vision.types import Ellipse, Head, Points, Rgb, TextLine

TILE = 512
MOST_LEVELS = 8
THUMB_SIDE = 320
_QUALITY = 88
_KEPT_BYTES = 64 * 2**20
_MARGIN = 0.12


class Pictures:
    """Pictures made from photos. locate gives the path of the photo with a sha256, None where it is not known."""

    def __init__(self, locate: Callable[[str], str | None], kept: int = 4) -> None:
        self._locate, self._kept = locate, kept
        self._lock = threading.Lock()
        self._open: OrderedDict[str, tuple[threading.Lock, OpenPhoto]] = OrderedDict()
        self._made: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._made_bytes = 0

    def tile(self, sha256: str, level: int, column: int, row: int) -> bytes:
        """A JPEG of TILE by TILE pixels (less at the edges) of the photo at 1 / 2^level of its size.

        Raises PhotoError when the photo is gone, changed or damaged, IndexError where there is no such tile.
        """
        return self._kept_or((sha256, level, column, row), lambda: self._tile(sha256, level, column, row))

    def mark(self, sha256: str, outline_xy: Points, side: int = THUMB_SIDE) -> bytes:
        """A JPEG of one mark with a margin, its longer side at most side pixels. Raises PhotoError."""
        return self._kept_or((sha256, outline_xy, side), lambda: self._mark(sha256, outline_xy, side))

    def strip(self, sha256: str, outline_xy: Points, start_deg: float, half_turned: bool) -> bytes:
        """A JPEG of one turn of a head from start_deg on, clockwise, the rim at the top; half_turned turns the whole
        strip by half a turn, so that text with its tops towards the centre stands upright. Raises PhotoError."""
        key = (sha256, outline_xy, round(start_deg, 1), half_turned)
        return self._kept_or(key, lambda: self._strip(sha256, outline_xy, start_deg, half_turned))

    def line(self, sha256: str, corners_xy: Points) -> bytes:
        """A JPEG of one straight line of text set upright; corners run clockwise from its upper left. Raises
        PhotoError."""
        return self._kept_or((sha256, "line", corners_xy), lambda: self._line(sha256, corners_xy))

    def _tile(self, sha256: str, level: int, column: int, row: int) -> bytes:
        if not 0 <= level <= MOST_LEVELS:  # before the shift: a level out of bounds is a number without end
            raise IndexError(f"no level {level}")
        step = TILE << level
        with self._opened(sha256) as photo:
            left, top = column * step, row * step
            if not (0 <= left < photo.photo.width and 0 <= top < photo.photo.height):
                raise IndexError(f"no tile {level}/{column}/{row}")
            right, bottom = min(left + step, photo.photo.width), min(top + step, photo.photo.height)
            side = -(-max(right - left, bottom - top) // (1 << level))
            # Pixel centres lie at integers, so a box between pixels lies at halves.
            rgb, _, _ = photo.crop_rgb((left - 0.5, top - 0.5, right - 0.5, bottom - 0.5), side)
            return _jpeg(rgb)

    def _mark(self, sha256: str, outline_xy: Points, side: int) -> bytes:
        low, high = np.min(outline_xy, axis=0), np.max(outline_xy, axis=0)
        edge = _MARGIN * float((high - low).max()) + 2.0
        with self._opened(sha256) as photo:
            return _jpeg(photo.crop_rgb((*(low - edge).tolist(), *(high + edge).tolist()), side)[0])

    def _strip(self, sha256: str, outline_xy: Points, start_deg: float, half_turned: bool) -> bytes:
        if len(outline_xy) < 5:
            raise IndexError("only a head's outline, which is an ellipse, can be unrolled")
        with self._opened(sha256) as photo:
            view = close.strip_view(close.look_close(photo, _head(outline_xy), 1.0))
        turn = round(view.width_turn)
        rgb = np.roll(view.rgb[:, :turn], -round(start_deg / 360.0 * turn), axis=1)
        return _jpeg(np.ascontiguousarray(rgb[::-1, ::-1]) if half_turned else rgb)

    def _line(self, sha256: str, corners_xy: Points) -> bytes:
        with self._opened(sha256) as photo:
            flat = lines.look_close(photo, [TextLine(corners_xy, 1.0)], 1.0).flat[0]
        return _jpeg(np.asarray(cv2.resize(flat.rgb, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC), np.uint8))

    @contextmanager
    def _opened(self, sha256: str) -> Iterator[OpenPhoto]:
        with self._lock:
            held = self._open.get(sha256)
            if held is None:
                held = (threading.Lock(), self._fresh(sha256))
                self._open[sha256] = held
                while len(self._open) > self._kept:
                    self._open.popitem(last=False)
            self._open.move_to_end(sha256)
        with held[0]:
            yield held[1]

    def _fresh(self, sha256: str) -> OpenPhoto:
        path = self._locate(sha256)
        if path is None:
            raise PhotoError("missing", "The store does not know where this photo is.")
        opened = open_photo(path)
        if opened.photo.sha256 != sha256:
            raise PhotoError(
                "changed", "The file at the photo's place is not the one that was read: its sha256 differs."
            )
        return opened

    def _kept_or(self, key: tuple[object, ...], make: Callable[[], bytes]) -> bytes:
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        data = make()
        with self._lock:
            if key not in self._made:
                self._made[key] = data
                self._made_bytes += len(data)
            while self._made_bytes > _KEPT_BYTES:
                self._made_bytes -= len(self._made.popitem(last=False)[1])
        return data


def _head(outline_xy: Sequence[tuple[float, float]]) -> Head:
    """The head whose outline a record holds as points along its ellipse."""
    (x, y), (width, height), angle = cv2.fitEllipse(np.asarray(outline_xy, np.float32))
    longer, shorter = (width, height) if width >= height else (height, width)
    turned = angle if width >= height else angle + 90.0
    outline = Ellipse((x, y), (longer / 2.0, max(shorter, 1.0) / 2.0), turned)
    return Head(outline, (x, y), 0.0, 1.0)


def _jpeg(rgb: Rgb) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
