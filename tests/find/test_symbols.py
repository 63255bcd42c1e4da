"""Where in a picture symbols may stand."""

from __future__ import annotations

import numpy as np
import pytest

from vision.find.symbols import candidate_squares


@pytest.mark.parametrize(("width", "height"), [(2000, 1), (1, 2000), (700, 1), (5000, 7), (1, 1)])
def test_a_picture_of_a_pixel_s_height_is_looked_at_as_it_is(width: int, height: int) -> None:
    flat = np.full((height, width, 3), 120, np.uint8)
    assert candidate_squares(flat, ()) == ()
