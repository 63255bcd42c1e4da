"""What the whole pipeline tells of a rendered head, counted against what was struck on it."""

from __future__ import annotations

import numpy as np
import pytest

from vision.pipeline import Pipeline
from vision.training.calibrate.marks import spread
from vision.training.told import Told, told_of, words


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline.load(threads=1)


def test_words_of_a_clear_head_are_told_and_counted_once_each(pipeline: Pipeline) -> None:
    mark = spread(np.random.default_rng(4), ["LVE", "1983"])
    told = told_of(pipeline, 880_000_005, "plate", mark)
    assert told.struck == {"LVE": 1, "1983": 1}
    assert told.mark is not None
    assert told.right == 2
    assert told.told["LVE"] == 1


def test_a_word_struck_twice_and_told_once_is_one_right() -> None:
    assert Told(words(["WCC 42", "wcc"]), words(["WCC", "420"]), None).right == 1
    assert Told(words(["WCC"]), words([]), None).right == 0


def test_hebrew_is_struck_from_left_to_right_and_counts_as_it_is_read(pipeline: Pipeline) -> None:
    told = told_of(pipeline, 880_000_005, "plate", spread(np.random.default_rng(4), ["עת", "1983"]))
    assert told.struck == {"תע": 1, "1983": 1}
