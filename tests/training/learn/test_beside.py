# ruff: noqa: E402 - what needs torch is imported after the question whether it is there
"""The reader that learnt beside the one it learnt from: who speaks where, in torch and in the file that serves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from training.learn.tiny import LABELS, tiny_start

from vision.manifest import shipped_folder
from vision.read.protocol import Patch
from vision.read.stamped import StampedReader
from vision.training.learn.beside import REACH, SURE, joined, joined_model
from vision.training.learn.mix import said_by
from vision.training.learn.start import apart, served, served_model, with_labels

pytestmark = pytest.mark.filterwarnings("ignore")
DOUBT = 0.3
WIDER, WIDEST = (*LABELS, "Ж"), (*LABELS, "Ж", "Ա")


def said(*steps: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor([steps]).log()


def learnt(start: Path, labels: tuple[str, ...], bias: float) -> onnx.ModelProto:
    """A reader that went on from start, somewhat moved, its new labels as likely as bias says."""
    net, known = served(start)
    net = with_labels(net, known, labels, seed=1)
    with torch.no_grad():
        for weight in net.features.parameters():
            weight.mul_(1.5)
        net.head.bias[len(known) :] += bias
    return served_model(start, net, labels, 7)


def test_far_from_a_new_letter_the_old_network_speaks_and_near_one_the_other() -> None:
    old = (0.1, 0.9)
    nothing, new = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    steps = 2 * REACH + 4
    found = joined(said(*[old] * steps), said(new, *[nothing] * (steps - 1)), 0.0).exp()[0]
    assert torch.allclose(found[0], torch.tensor(new))
    assert torch.allclose(found[1 : REACH + 1], torch.tensor([nothing] * REACH))  # not what the old one takes it for
    assert torch.allclose(found[REACH + 1 :], torch.tensor([(*old, 0.0)] * (steps - REACH - 1)))


@pytest.mark.parametrize(("new", "share"), [(0.12, 0.12 / SURE), (SURE, 1.0), (0.6, 1.0)])
def test_a_doubtful_new_letter_takes_over_as_far_as_it_is_sure(new: float, share: float) -> None:
    rest = (1.0 - new) / 2
    found = joined(said((0.2, 0.8)), said((rest, rest, new)), 0.0).exp()[0, 0]
    expected = [(1 - share) * 0.2 + share * rest, (1 - share) * 0.8 + share * rest, share * new]
    assert found.tolist() == pytest.approx(expected)
    assert float(found.sum()) == pytest.approx(1.0)


@pytest.mark.parametrize("away", range(REACH + 2))
@pytest.mark.parametrize("certain", [1.0, 1.0 - DOUBT / 4, 1.0 - DOUBT])
def test_where_the_old_network_is_sure_of_a_letter_the_trained_one_has_less_to_say(certain: float, away: int) -> None:
    """The letter the old one is sure of stands some steps before the new one; beyond REACH it says nothing of it."""
    new, nothing = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)
    old = [(1.0, 0.0)] * (away + 1)
    old[0] = (1.0 - certain, certain)
    found = joined(said(*old), said(*[nothing] * away, new), DOUBT).exp()[0, -1]
    share = 1.0 if away > REACH else min(1.0, (1.0 - certain) / DOUBT)
    assert float(found[2]) == pytest.approx(share, abs=1e-6)
    unasked = joined(said(*old), said(*[nothing] * away, new), 0.0).exp()[0, -1]
    assert float(unasked[2]) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("doubt", [0.0, DOUBT])
def test_the_file_says_what_both_networks_together_say(tmp_path: Path, doubt: float) -> None:
    start = tiny_start(tmp_path / "start.onnx")
    gray = torch.from_numpy(np.random.default_rng(2).uniform(-1, 1, (2, 1, 48, 320)).astype(np.float32))
    old, new = onnx.load(start), learnt(start, WIDER, 2.0)
    expected = joined(said_by(old)(gray), said_by(new)(gray), doubt).exp()
    assert 0.05 < float(expected[..., -1].max()) < 0.999  # both have a say
    model = joined_model(old, new, doubt)
    asked = {name for node in model.graph.node for name in node.input}
    assert asked.issuperset(tensor.name for tensor in model.graph.initializer)
    assert float((said_by(model)(gray).exp() - expected).abs().max()) < 1e-5
    onnx.save(model, tmp_path / "joined.onnx")
    lattice = StampedReader(tmp_path / "joined.onnx").read([Patch(np.full((48, 320, 3), 90, np.uint8), 320)])
    assert lattice.alphabet == WIDER


def test_the_shipped_reader_may_stand_beside_another(tmp_path: Path) -> None:
    start = shipped_folder() / "weights" / "stamped.onnx"
    gray = torch.from_numpy(np.random.default_rng(5).uniform(-1, 1, (1, 1, 48, 320)).astype(np.float32))
    old = onnx.load(start)
    labels = (*served(start)[1], "Ա")
    new = learnt(start, labels, 3.0)
    expected = joined(said_by(old)(gray), said_by(new)(gray), DOUBT).exp()
    assert float((said_by(joined_model(old, new, DOUBT))(gray).exp() - expected).abs().max()) < 1e-4


def test_where_nothing_new_is_seen_known_marks_are_read_as_before(tmp_path: Path) -> None:
    start = tiny_start(tmp_path / "start.onnx")
    gray = torch.from_numpy(np.random.default_rng(3).uniform(-1, 1, (2, 1, 48, 320)).astype(np.float32))
    old = onnx.load(start)
    both = said_by(joined_model(old, learnt(start, WIDER, -30.0), DOUBT))(gray)
    assert float((both[..., : len(LABELS)] - said_by(old)(gray)).abs().max()) < 1e-4


def test_from_a_joined_file_the_part_that_learnt_goes_on_beside_the_whole(tmp_path: Path) -> None:
    start, first, second = (tmp_path / name for name in ("start.onnx", "first.onnx", "second.onnx"))
    tiny_start(start)
    alone = learnt(start, WIDER, 2.0)
    onnx.save(joined_model(onnx.load(start), alone, DOUBT), first)
    net, labels = served(first)
    assert labels == WIDER
    gray = torch.linspace(-1, 1, 48 * 320).reshape(1, 1, 48, 320)
    with torch.no_grad():
        assert float((net(gray) - said_by(alone)(gray)).abs().max()) < 1e-4
    assert not [node for node in apart(first).model.graph.node if node.op_type in ("MaxPool", "Log")]
    onnx.save(joined_model(onnx.load(first), learnt(first, WIDEST, -30.0), DOUBT), second)
    assert served(second)[1] == WIDEST
    kept = said_by(onnx.load(second))(gray)[..., : len(WIDER)] - said_by(onnx.load(first))(gray)
    assert float(kept.abs().max()) < 1e-4
