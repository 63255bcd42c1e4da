"""Small pictures of photos for pages: encoded anew from pixels, so that no metadata travels."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from vision.errors import PhotoError
from vision.photo import open_photo

_SIDE = 128


def thumbnail(path: Path, sha256: str, outline: Sequence[Sequence[float]] = ()) -> str:
    """A small picture of the part of a photo within an outline (all of it without one) as a data URI.

    sha256 is the photo's. Empty where it is refused, or the file is gone or holds another photo by now.
    """
    try:
        photo = open_photo(path)
        if photo.photo.sha256 != sha256:
            return ""
        box = _box(outline) if outline else (0.0, 0.0, float(photo.photo.width), float(photo.photo.height))
        rgb, _, _ = photo.crop_rgb(box, _SIDE)
    except (PhotoError, ValueError):
        return ""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _box(outline: Sequence[Sequence[float]]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    margin = 0.06 * max(max(xs) - min(xs), max(ys) - min(ys))
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin
