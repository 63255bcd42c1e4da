"""A line-reading network run along a patch: what it refuses, threads and seams, for each reader made of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from read.rendered import SEEDS, TURN_PX, gains_at, strip

from vision.errors import KitError
from vision.manifest import models_folder
from vision.read.network import HEIGHT_PX, STEP_PX, with_less_blank
from vision.read.ppocr import WINDOWS as PPOCR_WINDOWS
from vision.read.ppocr import PpocrReader
from vision.read.protocol import Patch, Reader
from vision.read.stamped import WINDOWS as STAMPED_WINDOWS
from vision.read.stamped import StampedReader

WEIGHTS = models_folder() / "weights"
READERS = {
    "ppocr": (PpocrReader, WEIGHTS / "ppocr.onnx", PPOCR_WINDOWS),
    "stamped": (StampedReader, WEIGHTS / "stamped.onnx", STAMPED_WINDOWS),
}


@pytest.fixture(scope="module", params=list(READERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def reader(name: str) -> Reader:
    kind, weights, _ = READERS[name]
    return kind(weights)


@pytest.mark.parametrize("height", [1, HEIGHT_PX - 1, HEIGHT_PX + 1])
def test_a_patch_of_another_height_is_refused(reader: Reader, height: int) -> None:
    with pytest.raises(ValueError, match=f"48 pixels high, got {height}"):
        reader.read([Patch(np.zeros((height, 160, 3), np.uint8))])


def test_missing_weights_are_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(KitError, match=r"other\.onnx are missing"):
        READERS[name][0](tmp_path / "other.onnx")


def test_weights_of_another_network_are_refused(name: str) -> None:
    with pytest.raises(KitError, match="no alphabet"):
        READERS[name][0](WEIGHTS / "heads.onnx")


def test_threads_change_no_byte(name: str) -> None:
    patch = strip(SEEDS[0])[0]
    kind, weights, _ = READERS[name]
    one, two = (kind(weights, threads).read([patch]) for threads in (1, 2))
    assert [r.log_probs.tobytes() for r in one.rows] == [r.log_probs.tobytes() for r in two.rows]


@pytest.mark.parametrize("cut_deg", [0.0, 90.0, 180.0, 270.0])
def test_words_are_heard_wherever_the_ring_is_cut(reader: Reader, cut_deg: float) -> None:
    """The same head unrolled from another angle gives the same words at the same places, also across the seam."""
    patch, elements = strip(SEEDS[1], turns=1.0)
    by = round(elements[0].angle_deg / 360.0 * TURN_PX) - round(cut_deg / 360.0 * TURN_PX)
    rolled = np.ascontiguousarray(np.roll(patch.rgb, -by, axis=1))
    lattice = reader.read([Patch(rolled, TURN_PX, by * 360.0 / TURN_PX)])
    for element in elements:
        assert sum(gains_at(lattice, element, upside_down=element.upside_down)) > 4.0 * len(element.text)


def test_a_ring_has_no_beginning(name: str, reader: Reader) -> None:
    """Cut elsewhere (by a whole stride) the steps say the very same: the network sees on across the seam."""
    stride = READERS[name][2].stride
    turn = np.tile(strip(SEEDS[1], turns=1.0)[0].rgb, (1, 2, 1))[:, : 3 * 256 // 2 * 2]
    turn = turn[:, : turn.shape[1] // stride * stride]
    one = reader.read([Patch(turn, turn.shape[1])]).rows[0]
    other = reader.read([Patch(np.ascontiguousarray(np.roll(turn, -stride, axis=1)), turn.shape[1])]).rows[0]
    assert other.log_probs == pytest.approx(np.roll(one.log_probs, -stride // STEP_PX, axis=0), abs=1e-3)


def test_the_alphabet_has_no_repeats_and_what_marks_are_made_of(reader: Reader) -> None:
    alphabet = reader.read([]).alphabet
    assert alphabet[0] == ""
    assert len(set(alphabet)) == len(alphabet)
    assert set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") <= set(alphabet)


def test_a_blank_with_less_leaves_the_others_as_likely_beside_each_other() -> None:
    before = np.log(np.array([[[0.9, 0.08, 0.02], [0.01, 0.5, 0.49]]], np.float32))
    after = with_less_blank(before, 3.0)
    assert np.exp(after).sum(axis=-1) == pytest.approx(np.ones((1, 2)), abs=1e-6)
    assert after[..., 1] - after[..., 2] == pytest.approx(before[..., 1] - before[..., 2], abs=1e-5)
    assert after[..., 1] - after[..., 0] == pytest.approx(before[..., 1] - before[..., 0] + 3.0, abs=1e-5)
