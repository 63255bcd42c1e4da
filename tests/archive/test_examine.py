"""What a worker notes of a photo beside its marks."""

from __future__ import annotations

from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image

from vision.archive.examine import perceptual_hash

EXAMPLES = sorted((Path(__file__).parents[2] / "docs/examples").glob("*.jpg"))


@pytest.mark.parametrize("path", EXAMPLES[:4], ids=lambda path: path.stem)
def test_the_perceptual_hash_is_the_library_s_but_for_a_few_bits(path: Path) -> None:
    picture = Image.open(path).convert("RGB")
    ours = imagehash.hex_to_hash(perceptual_hash(np.asarray(picture)))
    assert ours - imagehash.phash(picture) <= 4
    smaller = picture.resize((picture.width // 2, picture.height // 2))
    assert ours - imagehash.hex_to_hash(perceptual_hash(np.asarray(smaller))) <= 6
    assert ours - imagehash.phash(picture.rotate(90)) > 10
