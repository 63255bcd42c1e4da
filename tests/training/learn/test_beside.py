# ruff: noqa: E402 - what needs torch is imported after the question whether it is there
"""The reader that learnt beside the one it learnt from: who speaks where, in torch and in the file that serves."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from training.learn.tiny import LABELS, tiny_start

from vision.manifest import shipped_folder
from vision.read.protocol import Patch
from vision.read.stamped import StampedReader
from vision.training.learn.beside import COMPANY_FROM, COMPANY_TO, REACH, SURE, joined, joined_model
from vision.training.learn.mix import said_by
from vision.training.learn.start import apart, served, served_model, with_labels

pytestmark = pytest.mark.filterwarnings("ignore")
ALONE = 2.0
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


@pytest.mark.parametrize("away", [1, COMPANY_FROM - 1, COMPANY_FROM, COMPANY_TO, COMPANY_TO + 1])
@pytest.mark.parametrize("first", [1.0, 0.75])
def test_a_new_letter_is_held_back_where_no_other_keeps_it_company(first: float, away: int) -> None:
    """Two new letters so many steps apart: each is the other's company where they may be neighbours of a word."""
    nothing = (1.0, 0.0, 0.0)
    one, other = (1.0 - first, 0.0, first), (0.0, 0.0, 1.0)
    steps = [one, *[nothing] * (away - 1), other, *[nothing] * 30]
    old = [(0.4, 0.6)] * len(steps)
    found = joined(said(*old), said(*steps), ALONE).exp()[0, 0]
    share = math.exp(-ALONE)
    held = first * share / (1.0 - first + first * share)
    if away <= COMPANY_TO:  # nearer than a neighbour it is within REACH of a certain one, which nothing holds back
        assert found.tolist() == pytest.approx(one, abs=1e-6)
    else:
        gate = min(1.0, held / SURE)
        assert found.tolist() == pytest.approx(
            [gate * one[0] + (1 - gate) * 0.4, (1 - gate) * 0.6, gate * first], abs=1e-5
        )
    alone = joined(said(*old), said(*steps), 0.0).exp()[0, 0]
    assert alone.tolist() == pytest.approx(one, abs=1e-6)


def test_a_lone_new_letter_of_less_certainty_leaves_the_say_to_the_old_network() -> None:
    nothing, new = (1.0, 0.0, 0.0), (0.5, 0.0, 0.5)
    found = joined(said(*[(0.4, 0.6)] * 9), said(*[nothing] * 4, new, *[nothing] * 4), 4.0).exp()[0, 4]
    held = 0.5 * math.exp(-4.0) / (0.5 + 0.5 * math.exp(-4.0))
    assert float(found[2]) == pytest.approx(0.5 * held / SURE, rel=1e-4)
    assert float(found[1]) == pytest.approx(0.6 * (1.0 - held / SURE), rel=1e-4)


@pytest.mark.parametrize("wide", range(1, COMPANY_FROM + 1))
def test_a_wide_letter_keeps_itself_no_company(wide: int) -> None:
    new, nothing = (0.5, 0.0, 0.5), (1.0, 0.0, 0.0)
    steps = [*[nothing] * 20, *[new] * wide, *[nothing] * 20]
    found = joined(said(*[(0.4, 0.6)] * len(steps)), said(*steps), ALONE).exp()[0, 20]
    held = 0.5 * math.exp(-ALONE) / (0.5 + 0.5 * math.exp(-ALONE))
    assert float(found[2]) == pytest.approx(0.5 * min(1.0, held / SURE), rel=1e-4)


@pytest.mark.parametrize("alone", [0.0, ALONE])
def test_the_file_says_what_both_networks_together_say(tmp_path: Path, alone: float) -> None:
    start = tiny_start(tmp_path / "start.onnx")
    gray = torch.from_numpy(np.random.default_rng(2).uniform(-1, 1, (2, 1, 48, 320)).astype(np.float32))
    old, new = onnx.load(start), learnt(start, WIDER, 2.0)
    expected = joined(said_by(old)(gray), said_by(new)(gray), alone).exp()
    assert 0.05 < float(expected[..., -1].max()) < 0.999  # both have a say
    model = joined_model(old, new, alone)
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
    expected = joined(said_by(old)(gray), said_by(new)(gray), ALONE).exp()
    assert float((said_by(joined_model(old, new, ALONE))(gray).exp() - expected).abs().max()) < 1e-4


def test_where_nothing_new_is_seen_known_marks_are_read_as_before(tmp_path: Path) -> None:
    start = tiny_start(tmp_path / "start.onnx")
    gray = torch.from_numpy(np.random.default_rng(3).uniform(-1, 1, (2, 1, 48, 320)).astype(np.float32))
    old = onnx.load(start)
    both = said_by(joined_model(old, learnt(start, WIDER, -30.0), ALONE))(gray)
    assert float((both[..., : len(LABELS)] - said_by(old)(gray)).abs().max()) < 1e-4


def test_from_a_joined_file_the_part_that_learnt_goes_on_beside_the_whole(tmp_path: Path) -> None:
    start, first, second = (tmp_path / name for name in ("start.onnx", "first.onnx", "second.onnx"))
    tiny_start(start)
    alone = learnt(start, WIDER, 2.0)
    onnx.save(joined_model(onnx.load(start), alone, ALONE), first)
    net, labels = served(first)
    assert labels == WIDER
    gray = torch.linspace(-1, 1, 48 * 320).reshape(1, 1, 48, 320)
    with torch.no_grad():
        assert float((net(gray) - said_by(alone)(gray)).abs().max()) < 1e-4
    assert not [node for node in apart(first).model.graph.node if node.op_type in ("MaxPool", "Log")]
    onnx.save(joined_model(onnx.load(first), learnt(first, WIDEST, -30.0), ALONE), second)
    assert served(second)[1] == WIDEST
    kept = said_by(onnx.load(second))(gray)[..., : len(WIDER)] - said_by(onnx.load(first))(gray)
    assert float(kept.abs().max()) < 1e-4
