"""Our reader: it says what training said, and does not read what stands the other way up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from read.rendered import SEEDS, gains_at, strip

from vision.catalogue.lookalikes import fold
from vision.manifest import models_folder
from vision.read.stamped import StampedReader

WEIGHTS = models_folder() / "weights" / "stamped.onnx"
# Written by vision.training.stamped.export: windows, and what the torch network said of them.
SEEN = Path(__file__).with_name("stamped_seen.npz")


@pytest.fixture(scope="module")
def reader() -> StampedReader:
    return StampedReader(WEIGHTS)


def test_the_served_network_says_what_the_trained_one_said() -> None:
    """Parity of ONNX Runtime with torch, to the rounding of weights stored in half precision."""
    with np.load(SEEN, allow_pickle=False) as seen:
        gray, expected = seen["gray"], seen["probabilities"].astype(np.float32)
    session = onnxruntime.InferenceSession(WEIGHTS, providers=["CPUExecutionProvider"])
    batch = gray[:, None].astype(np.float32) / np.float32(127.5) - np.float32(1.0)
    said = np.exp(session.run(None, {"x": batch})[0])
    assert said.shape == expected.shape
    assert np.abs(said - expected).max() < 0.05
    assert (said.argmax(axis=2) == expected.argmax(axis=2)).mean() > 0.995


def test_labels_are_shapes(reader: StampedReader) -> None:
    """No two labels are struck alike: Cyrillic А is Latin A."""
    alphabet = reader.read([]).alphabet
    assert [fold(label) for label in alphabet] == list(alphabet)
    assert {"П", "٣", "ש", "<star>", "<nato cross>", "<circle>"} <= set(alphabet)


@pytest.mark.parametrize("seed", SEEDS)
def test_words_are_heard_their_own_way_up_and_not_the_other(reader: StampedReader, seed: int) -> None:
    patch, elements = strip(seed, turns=1.0)
    lattice = reader.read([patch])
    word = elements[0]
    heard, turned = (np.mean(gains_at(lattice, word, upside_down=way)) for way in (word.upside_down, True))
    assert heard > 4.0
    assert turned < 0.0
