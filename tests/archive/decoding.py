"""An examiner that only opens photos: what the rest of a run costs beside decoding, for scripts/measure_tag."""

from __future__ import annotations

import hashlib

from archive.fakes import record_line

from vision.archive import source
from vision.archive.examine import perceptual_hash
from vision.archive.rows import Tagged
from vision.errors import PhotoError
from vision.photo import open_photo
from vision.types import Failure

MAKE = "archive.decoding:make"
SIDE = 1600


def make() -> Decoder:
    return Decoder()


class Decoder:
    """Reads, hashes, decodes and reduces a photo, and says nothing of it."""

    version, kit = "0.1.0", "kit-fake"

    def __init__(self) -> None:
        import cv2

        cv2.setNumThreads(1)

    def examine(self, path: str) -> Tagged:
        try:
            data = source.read(path)
            small, _ = open_photo(data, path=path).reduced_rgb(SIDE)
        except PhotoError as fault:
            return Tagged(None, 0, None, Failure("photo", fault.code, fault.detail))
        sha256 = hashlib.sha256(data).hexdigest()
        return Tagged(sha256, len(data), record_line(path, sha256), phash=perceptual_hash(small))


def decode(path: str) -> None:
    """Decode-only: read and decode one photo, and nothing else."""
    open_photo(source.read(path), path=path).reduced_rgb(SIDE)
