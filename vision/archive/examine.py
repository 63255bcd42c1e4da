"""Examining one photo of an archive with the real pipeline: a worker's Examiner."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from vision.archive import source
from vision.archive.look import look_of
from vision.archive.names import as_path
from vision.archive.rows import Tagged
from vision.errors import PhotoError
from vision.types import Context, Failure

MAKE = "vision.archive.examine:make"
_SIDE = 32  # of the picture that imagehash takes its frequencies of


def make(readers: Sequence[str] | None = None, context: Mapping[str, Any] | None = None) -> PhotoExaminer:
    """An examiner whose pipeline has these readers (the usual ones by default) and context (fields of Context).

    Raises: what Pipeline.load raises.
    """
    return PhotoExaminer(readers, Context(**(context or {})))


class PhotoExaminer:
    """The pipeline on one thread, as a worker has it."""

    def __init__(self, readers: Sequence[str] | None, context: Context) -> None:
        import cv2

        from vision.pipeline import DEFAULT_READERS, Pipeline

        cv2.setNumThreads(1)
        self._pipeline = Pipeline.load(tuple(readers or DEFAULT_READERS), context, threads=1)
        self.version, self.kit = self._pipeline.run.version, self._pipeline.run.kit

    def examine(self, path: str) -> Tagged:
        """Read, hash and survey the photo at a path of the store."""
        try:
            data = source.read(path)
        except PhotoError as fault:
            return Tagged(None, 0, None, Failure("photo", fault.code, fault.detail))
        sha256 = hashlib.sha256(data).hexdigest()
        result, small, strips = self._pipeline.survey(data, as_path(path))
        if result.failure or small is None:
            return Tagged(sha256, len(data), None, result.failure)
        looks = {mark: look_of(strip) for mark, strip in strips.items()}
        return Tagged(sha256, len(data), result.to_json(), phash=perceptual_hash(small), looks=looks)


def perceptual_hash(rgb: Any) -> str:
    """The 64-bit perceptual hash of a picture (H, W, 3), 16 hex digits: like pictures differ in few bits.

    It is the imagehash library's pHash: the signs of the lowest 8 x 8 cosine frequencies of the grey picture. That is
    made grey and small here, as the library would, but by OpenCV and in two steps: a third of the time, and of 73
    photos 72 kept their hash.
    """
    import cv2
    import imagehash
    from PIL import Image

    grey = Image.fromarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    return str(imagehash.phash(grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)))
