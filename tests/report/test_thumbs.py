"""Small pictures for pages show the photo that was examined, or nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from archive.exports.made import photo_bytes

from vision.report.thumbs import thumbnail


def test_a_file_that_was_replaced_has_no_picture(tmp_path: Path) -> None:
    path, data = tmp_path / "a.jpg", photo_bytes(seed=1)
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    assert thumbnail(path, sha256).startswith("data:image/jpeg;base64,")
    path.write_bytes(photo_bytes(seed=2))
    assert thumbnail(path, sha256) == ""
