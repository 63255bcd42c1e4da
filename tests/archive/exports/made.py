"""Items of a small archive with drawn photos, and the words people said of their marks."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import drawn
import numpy as np
from PIL import Image

from vision.archive.exports.items import Item, Word
from vision.record import to_record

CONFIRMED = Word(
    "confirmed",
    ("M. Okoye",),
    "2026-05-02T09:00:00.000Z",
    level="pattern",
    pattern="ru-188-novosibirsk",
    maker="Novosibirsk Cartridge Plant (RU)",
    country="RU",
    note="seen by lamp",
)
REJECTED = Word("rejected", ("M. Okoye",), "2026-05-02T09:01:00.000Z")
CONFLICT = Word("conflict", ("M. Okoye", "A. Petrović"), "2026-05-02T09:02:00.000Z")


def photo_bytes(orientation: int = 1, *, seed: int = 0) -> bytes:
    """A JPEG that is 900 x 760 pixels once turned, with an EXIF orientation."""
    swapped = orientation >= 5
    size = (760, 900) if swapped else (900, 760)
    grain = np.random.default_rng(seed).integers(0, 255, (size[1] // 20, size[0] // 20, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[274] = orientation
    buffer = io.BytesIO()
    Image.fromarray(grain).resize(size).save(buffer, "JPEG", exif=exif, quality=60)
    return buffer.getvalue()


def record(path: str = "finds/head 188.jpg", sha256: str = drawn.SHA256) -> dict[str, Any]:
    made = to_record(drawn.result(path))
    made["photo"]["sha256"] = sha256
    return made


def item(path: str = "finds/head 188.jpg", **words: Word) -> Item:
    return Item(record(path), words)


def on_disk(folder: Path, name: str = "a.jpg", orientation: int = 1, **words: Word) -> Item:
    """An item whose photo lies in a folder."""
    data = photo_bytes(orientation, seed=len(name))
    (folder / name).write_bytes(data)
    return Item(record(name, hashlib.sha256(data).hexdigest()), words, folder / name)
