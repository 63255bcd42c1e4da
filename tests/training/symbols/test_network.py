"""The network that learns symbols: what goes in and comes out, and that a run broken off goes on where it was."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training is tested where torch is installed")
pytest.importorskip("safetensors", reason="training keeps its checkpoints with safetensors")

from vision.training.symbols.batches import spoilt  # noqa: E402
from vision.training.symbols.checkpoint import NAME  # noqa: E402
from vision.training.symbols.drawing import load_symbols  # noqa: E402
from vision.training.symbols.examples import EDGE_STEPS, Edges, edges_of, load_edges, misframed  # noqa: E402
from vision.training.symbols.net import CELLS, DIRECTIONS, MOST_EDGE, SIDE, WAYS, SymbolNet  # noqa: E402
from vision.training.symbols.render import photographed  # noqa: E402
from vision.training.symbols.train import Halved, average_net, kept_symbols, rate_at, train  # noqa: E402

ROWS, PARTS = load_symbols()


def picture(seed: int) -> np.ndarray:
    return photographed(ROWS[seed % 88].drawings[0], PARTS, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank of noise, of the right shapes."""
    folder, rng = tmp_path_factory.mktemp("bank"), np.random.default_rng(0)
    counts = {"learnt": (88, 3), "learnt_drawings": (88, 2), "checked": (88, 6), "invented": (24, 1)}
    counts |= {"invented_drawings": (24, 1), "unseen": (4, 2), "bare": (16,), "missed": (16,), "bare_checked": (4,)}
    for name in Edges.__dataclass_fields__:
        np.save(folder / f"{name}.edges.npy", rng.integers(0, 200, (*counts[name], WAYS, CELLS, CELLS), np.uint8))
    return folder


def edges_one_by_one(rgb: np.ndarray) -> np.ndarray:
    """The edges of one picture as they are told of: (WAYS, CELLS, CELLS)."""
    image = rgb.astype(np.float32)
    across, down = (cv2.Sobel(image, cv2.CV_32F, *way, ksize=3, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
                    for way in ((1, 0), (0, 1)))  # fmt: skip
    power = across**2 + down**2
    steepest = power.argmax(axis=2)[..., None]
    x, y, most = (np.take_along_axis(a, steepest, axis=2)[..., 0] for a in (across, down, power))
    angles = np.arange(WAYS) * np.pi / WAYS
    along = [np.maximum(np.abs(x * np.cos(t) + y * np.sin(t)) - 0.72 * np.sqrt(most), 0) for t in angles]
    cells = np.stack([a.reshape(CELLS, 2, CELLS, 2).mean(axis=(1, 3)) for a in along])
    total = cells.sum(axis=0)
    near, count = (cv2.boxFilter(a, -1, (9, 9), normalize=False, borderType=cv2.BORDER_CONSTANT)
                   for a in (total, np.ones_like(total)))  # fmt: skip
    return np.minimum(np.sqrt(cells / (near / count + 0.25 * total.mean() + 0.05)), MOST_EDGE)


def test_edges_are_those_of_the_steepest_colour_against_their_surroundings() -> None:
    coloured = np.random.default_rng(2).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    for rgb in (picture(3), cv2.GaussianBlur(coloured, (0, 0), 2.0)):
        expected = edges_one_by_one(rgb)
        assert np.ptp(expected) > 0.5
        np.testing.assert_allclose(edges_of(rgb[None])[0] / EDGE_STEPS, expected, atol=0.6 / EDGE_STEPS)


def test_edges_turned_by_half_are_the_edges_of_the_picture_turned_by_half() -> None:
    pictures = np.stack([picture(n) for n in range(3)])
    turned = edges_of(np.ascontiguousarray(pictures[:, ::-1, ::-1]))
    assert np.abs(edges_of(pictures)[..., ::-1, ::-1].astype(int) - turned.astype(int)).max() <= 1


def test_edges_of_a_negative_are_much_like_those_of_the_picture() -> None:
    pictures = np.stack([picture(n) for n in range(3)])
    one, other = (edges_of(p).astype(float).ravel() for p in (pictures, 255 - pictures))
    assert np.corrcoef(one, other)[0, 1] > 0.95


def test_the_network_gives_unit_vectors_and_one_number() -> None:
    vectors, odds = SymbolNet().eval()(torch.rand(5, WAYS, CELLS, CELLS))
    assert vectors.shape == (5, DIRECTIONS)
    assert odds.shape == (5,)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(5), atol=1e-5)


def test_spoilt_edges_are_near_what_they_were_and_the_same_for_the_same_seed() -> None:
    edges = edges_of(np.stack([picture(n) for n in range(4)]))
    first, again = (spoilt(edges, np.random.default_rng(1)) for _ in range(2))
    assert first.shape == (4, WAYS, CELLS, CELLS)
    assert torch.equal(first, again)
    assert float(first.min()) >= 0


def test_a_misframed_picture_keeps_its_size() -> None:
    assert misframed(picture(0), np.random.default_rng(0)).shape == (SIDE, SIDE, 3)


def test_a_run_broken_off_ends_in_the_weights_of_an_unbroken_one(bank: Path, tmp_path: Path) -> None:
    edges = load_edges(bank)
    for name, ends in (("whole", (4,)), ("broken", (2, 4))):
        (tmp_path / name).mkdir()
        for end in ends:
            if end == 2:
                broken_off(edges, tmp_path / name)
            else:
                train(edges, tmp_path / name, 4, 0, 0, None)
    whole, broken = (average_net(tmp_path / name).state_dict() for name in ("whole", "broken"))
    assert all(torch.allclose(whole[key], broken[key], atol=1e-6) for key in whole)
    assert (tmp_path / "whole" / NAME).is_file()


def broken_off(edges: Edges, out: Path) -> None:
    """The first two of four steps, then nothing more."""
    import vision.training.symbols.train as module

    before, module.EVERY = module.EVERY, 2
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_report", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                train(edges, out, 4, 0, 0, None)
    finally:
        module.EVERY = before


def test_in_half_the_precision_pictures_point_nearly_the_same_way() -> None:
    torch.manual_seed(1)
    net = SymbolNet().eval()
    edges = torch.from_numpy(edges_of(np.stack([picture(n) for n in range(4)])).astype(np.float32) / EDGE_STEPS)
    (whole, odds), (half, half_odds) = net(edges), Halved(net)(edges)
    assert half.dtype == torch.float32
    assert not torch.equal(whole, half)
    assert (whole * half).sum(dim=1).min() > 0.999
    assert torch.allclose(odds, half_odds, atol=0.02)


def test_symbols_left_out_are_the_same_every_time() -> None:
    kept = kept_symbols(88, 20)
    assert len(kept) == 68
    assert kept == kept_symbols(88, 20) == sorted(set(kept))
    assert kept_symbols(88, 0) == list(range(88))


def test_the_rate_rises_and_falls() -> None:
    rates = [rate_at(step, 400) for step in range(400)]
    assert rates.index(max(rates)) == 39
    assert rates[0] < rates[39] > rates[-1] > 0
