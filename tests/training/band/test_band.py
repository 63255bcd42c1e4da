"""What the net that finds a head's band of text is taught, and that what serves says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training is tested where torch is installed")

import torch

from vision.errors import MissingError
from vision.flatten.band import COLUMNS, ROWS
from vision.training.band.__main__ import BATCH, export, loss_of, train
from vision.training.band.examples import Face, _between, batch, face, text_cells, text_edges
from vision.training.band.net import BandNet
from vision.training.render import ElementTruth
from vision.weights import open_weights

# The exporter warns that it is the older one of torch's two.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def an_element(radius: float, height: float, angle: float, span: float) -> ElementTruth:
    return ElementTruth("AB", angle, span, False, radius, height)


def test_edges_are_those_of_what_reaches_farthest() -> None:
    elements = [an_element(0.8, 0.2, 90.0, 40.0), an_element(0.7, 0.1, 200.0, 20.0)]
    begin, end = text_edges(elements, 1.0, 0.4)
    assert begin == pytest.approx((1.0 - 0.9) / 0.6 * (ROWS - 1))
    assert end == pytest.approx((1.0 - 0.65) / 0.6 * (ROWS - 1))


def test_text_beyond_the_face_begins_with_its_first_row() -> None:
    assert text_edges([an_element(0.98, 0.2, 0.0, 10.0)], 1.0, 0.4)[0] == 0.0


def test_cells_with_text_are_where_it_stands_across_the_seam_too() -> None:
    cells = text_cells([an_element(0.7, 0.2, 0.0, 45.0)], 1.0, 0.4)
    assert cells.shape == (ROWS, COLUMNS // 8)
    row = cells[round((1.0 - 0.7) / 0.6 * (ROWS - 1))]
    # 45 degrees are eight of 64 columns, four on either side of 12 o'clock.
    assert row.nonzero()[0].tolist() == [0, 1, 2, 3, 60, 61, 62, 63]
    assert not cells[0].any()


def test_a_strip_between_other_radii_shows_what_lies_there() -> None:
    rows = np.arange(ROWS, dtype=np.uint8) * 3
    rgb = np.repeat(np.repeat(rows[:, None, None], 20, axis=1), 3, axis=2)
    # Row r is at radius 1 - 0.6 * r / 63; from 0.9 to 0.5 row 0 is what row 10.5 was, the last what row 52.5 was.
    shown = _between(rgb, (1.0, 0.4), (0.9, 0.5))[:, 5, 0]
    assert shown[0] == pytest.approx(3 * 10.5, abs=1.0)
    assert shown[-1] == pytest.approx(3 * 52.5, abs=1.0)


@pytest.fixture(scope="module")
def faces() -> list[Face]:
    try:
        return [face(seed) for seed in range(940_000_000, 940_000_000 + BATCH)]
    except MissingError as fault:
        pytest.skip(str(fault))


def test_the_same_seed_gives_the_same_face(faces: list[Face]) -> None:
    again = face(940_000_000)
    assert np.array_equal(again.seen, faces[0].seen)
    assert again.edges == faces[0].edges
    assert not np.array_equal(faces[1].seen, faces[0].seen)


def test_text_is_found_anywhere_between_rim_and_pocket(faces: list[Face]) -> None:
    begins = [one.edges[0] for one in faces]
    assert min(begins) < 8
    assert max(begins) > 20
    assert all(one.edges[1] > one.edges[0] for one in faces)


def test_a_batch_is_turned_as_a_whole_and_keeps_its_edges(faces: list[Face]) -> None:
    seen, text, edges = batch(faces[:4], np.random.default_rng(0))
    assert seen.shape == (4, 2, ROWS, COLUMNS)
    assert edges == pytest.approx(np.array([one.edges for one in faces[:4]]))
    assert text.sum(axis=(1, 2)).tolist() == [float(one.text.sum()) for one in faces[:4]]


def test_a_few_steps_learn_and_what_serves_says_the_same(faces: list[Face], tmp_path: Path) -> None:
    net = train(faces, 0, 12)
    seen, text, wanted = map(torch.from_numpy, batch(faces, np.random.default_rng(0)))
    with torch.no_grad():
        assert float(loss_of(net(seen), text, wanted)) < float(loss_of(BandNet()(seen), text, wanted))
        said = net(seen[:3])[0].numpy()
    export(net, tmp_path / "band.onnx")
    served = open_weights(tmp_path / "band.onnx", 1).run(["edges"], {"faces": seen[:3].numpy()})[0]
    assert np.abs(served - said).max() < 1e-3
    assert np.exp(served).sum(axis=2) == pytest.approx(np.ones((3, 2)), abs=1e-4)
