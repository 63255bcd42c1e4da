"""Files that appear whole or not at all, and never in the place of a photo."""

from __future__ import annotations

from pathlib import Path

import drawn
import pytest
from PIL import Image

from vision.errors import UsageError
from vision.whole import whole_file


@pytest.mark.parametrize("name", ["page.html", "dossier.pdf", "photo.jpg"])
def test_no_command_writes_a_file_over_a_photo(name: str, tmp_path: Path) -> None:
    target = tmp_path / name
    Image.fromarray(drawn.photo_rgb()).save(target, "JPEG")
    before = target.read_bytes()
    with pytest.raises(UsageError, match="is a photo"), whole_file(target) as stream:
        stream.write(b"a page")
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_any_other_file_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    for text in (b"", b"an old page", b"a new page"):
        with whole_file(target) as stream:
            stream.write(text)
        assert target.read_bytes() == text
