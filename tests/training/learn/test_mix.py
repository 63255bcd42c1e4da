# ruff: noqa: E402 - what needs torch is imported after the question whether it is there
"""What was learnt and what was known: rows that stay, steps by spread, the share of the way that is packaged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from training.learn.tiny import LABELS, tiny_plan, tiny_start

from vision.training.learn import mix as mixing
from vision.training.learn.batches import HELD_OUT, held_out, known_only
from vision.training.learn.beside import joined
from vision.training.learn.mix import (
    ALONE,
    HELD_BACK,
    SHARES,
    Tried,
    best,
    between,
    held_back,
    less_said,
    mix,
    said_by,
)
from vision.training.learn.rates import LEAST_SPREAD, groups, spread
from vision.training.learn.start import served, with_labels
from vision.training.learn.warm import warm_head
from vision.training.stamped.measure import character_errors
from vision.training.stamped.net import StampedNet

pytestmark = pytest.mark.filterwarnings("ignore")
PLAN = tiny_plan()


@pytest.fixture
def net(tmp_path: Path) -> StampedNet:
    started, known = served(tiny_start(tmp_path / "start.onnx"))
    return with_labels(started, known, PLAN.labels, 1)


def filled(like: StampedNet, value: float) -> StampedNet:
    again = between(like, like, 0.0)
    with torch.no_grad():
        for weight in again.parameters():
            weight.fill_(value)
    return again


def test_warming_moves_new_rows_alone(net: StampedNet) -> None:
    before = between(net, net, 0.0)
    left: list[float] = []
    assert warm_head(net, len(LABELS), PLAN, 2, 3, 0, left.append) > 0
    assert len(left) == 2
    assert left[-1] == 0.0
    known, new = slice(0, len(LABELS)), slice(len(LABELS), None)
    assert torch.equal(net.head.weight[known], before.head.weight[known])
    assert torch.equal(net.head.bias[known], before.head.bias[known])
    assert not torch.equal(net.head.weight[new], before.head.weight[new])
    assert all(torch.equal(a, b) for a, b in zip(net.features.parameters(), before.features.parameters(), strict=True))


def test_a_set_without_new_labels_warms_nothing(net: StampedNet) -> None:
    before = between(net, net, 0.0)
    assert warm_head(net, len(PLAN.labels), PLAN, 2, 3, 0, lambda left: None) == 0.0
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), before.parameters(), strict=True))


def test_a_step_is_a_share_of_a_weights_spread(net: StampedNet) -> None:
    """The first step of Adam moves each number by the rate, so each weight by the rate times its own spread."""
    small, *_ = net.features.parameters()
    with torch.no_grad():
        small.fill_(0.5)
        net.head.weight.fill_(-3.0)
        net.head.bias.zero_()
    optimizer = torch.optim.AdamW(groups(net, 2.0), lr=1.0, weight_decay=0.0)
    for group in optimizer.param_groups:
        group["lr"] = 0.01 * group["times"]
    sum(weight.sum() for weight in net.parameters()).backward()
    optimizer.step()
    assert torch.allclose(small, torch.tensor(0.5 - 0.01 * 0.5), atol=1e-6)
    assert torch.allclose(net.head.weight, torch.tensor(-3.0 - 0.01 * 2 * 3.0), atol=1e-5)
    assert torch.allclose(net.head.bias, torch.tensor(-0.01 * 2 * LEAST_SPREAD), atol=1e-6)
    assert spread(torch.tensor([3.0, -4.0])) == pytest.approx(12.5**0.5)


@pytest.mark.parametrize(
    ("known_wrong", "share"),
    [
        ((0.40, 0.40, 0.402), 0.2),  # a quarter of a point is the most that may be lost, and so much is taken at most
        ((0.40, 0.40, 0.403), 0.1),
        ((0.40, 0.41, 0.41), 0.0),
        ((0.43, 0.41, 0.42), 0.1),  # all forget: the one that does least
    ],
)
def test_the_share_is_the_best_that_forgets_nothing(known_wrong: tuple[float, ...], share: float) -> None:
    of_set = (0.9, 0.7, 0.5)
    tried = [Tried(at, 0.0, *one) for at, *one in zip(SHARES, of_set, known_wrong, strict=True)]
    assert best(tried, 0.40).share == share


def test_of_two_shares_that_forget_nothing_the_better_reader_of_the_set_is_taken() -> None:
    tried = [Tried(0.5, 0.0, 0.3, 0.4), Tried(0.75, 0.5, 0.25, 0.4), Tried(1.0, 0.0, 0.35, 0.4)]
    assert best(tried, 0.4) == tried[1]


def test_of_what_reads_the_set_nearly_as_well_the_one_that_changes_least_is_taken() -> None:
    held = [
        Tried(1.0, nats, wrong, 0.4, 0.0, said)
        for nats, wrong, said in ((0.0, 0.30, 9), (0.5, 0.29, 7), (1.0, 0.299, 3), (2.0, 0.32, 0))
    ]
    assert best(held, 0.4) == held[2]
    as_seldom = [
        Tried(1.0, 1.0, 0.30, 0.4, 2.0, 3),
        Tried(1.0, 0.0, 0.295, 0.4, 4.0, 3),
        Tried(1.0, 0.0, 0.29, 0.4, 0.0, 4),
    ]
    assert best(as_seldom, 0.4) == as_seldom[1]
    shares = [Tried(share, 0.0, wrong, 0.4) for share, wrong in ((0.0, 0.40), (0.1, 0.309), (0.2, 0.30))]
    assert best(shares, 0.4) == shares[1]


def test_between_two_networks_every_weight_lies_that_far(net: StampedNet) -> None:
    low, high = filled(net, 2.0), filled(net, 6.0)
    for share, value in ((0.0, 2.0), (0.25, 3.0), (1.0, 6.0)):
        assert all(bool((weight == value).all()) for weight in between(low, high, share).parameters())


@pytest.fixture
def few_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "SET_STRIPS", 2)
    monkeypatch.setattr(mixing, "KNOWN_STRIPS", 4)


def wrong_by(monkeypatch: pytest.MonkeyPatch, of_set: Sequence[float], of_known: Sequence[float]) -> None:
    """Have these be measured, in turn; the set's strips and those of known marks are told apart by their number."""
    sets, knowns = iter(of_set), iter(of_known)
    monkeypatch.setattr(mixing, "_wrong", lambda _, some: next(sets if len(some) == 4 else knowns))


@pytest.mark.usefixtures("few_strips")
def test_all_that_was_learnt_stands_beside_what_was_and_new_labels_are_held_back_as_strips_say(
    net: StampedNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = said_by(onnx.load(tiny_start(tmp_path / "old.onnx")))
    # Known marks are misread more with nothing held back, and with half a nat two tenths of a point, which may be.
    rest = len(ALONE) * len(HELD_BACK) - 2
    wrong_by(monkeypatch, (0.20, 0.21, *[0.24] * rest), (0.30, 0.32, 0.302, *[0.30] * rest))
    found = mix(old, net, net, PLAN, len(LABELS))
    assert found.beside
    assert found.chosen == Tried(1.0, 0.5, 0.21, 0.302, 0.0, found.chosen.mistaken)
    assert found.known_before == 0.3
    tried = [(1.0, nats, alone) for alone in ALONE for nats in HELD_BACK]
    assert [(one.share, one.held_back, one.alone) for one in found.tried] == tried
    assert torch.equal(found.net.head.bias, held_back(net, len(LABELS), 0.5).head.bias)
    assert all(
        torch.equal(a, b) for a, b in zip(found.net.features.parameters(), net.features.parameters(), strict=True)
    )


@pytest.mark.usefixtures("few_strips")
def test_of_a_set_without_new_labels_a_share_of_the_way_is_taken(
    net: StampedNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = said_by(onnx.load(tiny_start(tmp_path / "old.onnx")))
    wrong_by(monkeypatch, (0.5, 0.4, 0.3), (0.3, 0.3, 0.3, 0.32))
    found = mix(old, filled(net, 0.0), filled(net, 1.0), PLAN, len(PLAN.labels))
    assert not found.beside
    assert found.chosen == Tried(0.1, 0.0, 0.4, 0.3)
    assert [one.share for one in found.tried] == list(SHARES)
    assert all(bool((weight == np.float32(0.1)).all()) for weight in found.net.parameters())


@pytest.mark.usefixtures("few_strips")
def test_what_is_measured_is_what_both_say(net: StampedNet, tmp_path: Path) -> None:
    path = tiny_start(tmp_path / "old.onnx")
    old, some = said_by(onnx.load(path)), held_out(PLAN, 2, known=False, first=mixing.FIRST)
    found = mix(old, net, net, PLAN, len(LABELS))
    for one in found.tried:
        quiet = held_back(net, len(LABELS), one.held_back)
        assert one.set_wrong == character_errors(
            lambda gray, quiet=quiet, one=one: joined(old(gray), quiet(gray).detach(), one.alone), some
        )


@pytest.mark.usefixtures("few_strips")
def test_the_more_new_labels_are_held_back_the_more_seldom_they_are_said_on_known_marks(
    net: StampedNet, tmp_path: Path
) -> None:
    old = said_by(onnx.load(tiny_start(tmp_path / "old.onnx")))
    with torch.no_grad():
        net.head.bias[len(LABELS) :] += 3.0
    said = {(one.held_back, one.alone): one.mistaken for one in mix(old, net, net, PLAN, len(LABELS)).tried}
    assert said[0.0, 0.0] > 0
    assert said[HELD_BACK[-1], ALONE[-1]] < said[0.0, 0.0]
    assert all(said[nats, ALONE[-1]] <= said[nats, 0.0] for nats in HELD_BACK)


def test_labels_held_back_are_said_less_and_known_ones_as_before(net: StampedNet) -> None:
    quiet = held_back(net, len(LABELS), 0.5)
    assert torch.equal(quiet.head.bias[: len(LABELS)], net.head.bias[: len(LABELS)])
    assert torch.allclose(net.head.bias[len(LABELS) :] - quiet.head.bias[len(LABELS) :], torch.tensor(0.5))
    gray = torch.linspace(-1, 1, 48 * 320).reshape(1, 1, 48, 320)
    with torch.no_grad():
        assert torch.allclose(quiet(gray), less_said(net(gray), len(LABELS), 0.5), atol=1e-5)


def test_the_strips_that_decide_are_none_of_those_of_the_verdict() -> None:
    verdict = held_out(PLAN, 2, known=True), held_out(PLAN, 2, known=False)
    deciding = held_out(PLAN, 2, known=True, first=mixing.FIRST), held_out(PLAN, 2, known=False, first=mixing.FIRST)
    seen = {e.gray.tobytes() for some in verdict for e in some}
    assert not any(e.gray.tobytes() in seen for some in deciding for e in some)
    assert mixing.FIRST > HELD_OUT + 2 * 1000
    assert mixing.FIRST + 2 * 1000 < HELD_OUT + 3_000_000


def test_known_windows_are_asked_about_known_labels_only() -> None:
    some = [e for e in held_out(PLAN, 8, known=False) if any(s.label >= len(LABELS) for s in e.stands)]
    assert some
    kept = known_only(some, len(LABELS))
    assert all(s.label < len(LABELS) for e in kept for s in e.stands)
    assert [e.gray.tobytes() for e in kept] == [e.gray.tobytes() for e in some]


def test_strips_that_decide_may_be_printed() -> None:
    struck, printed = held_out(PLAN, 3, known=True), held_out(PLAN, 3, known=True, printed=1.0)
    assert len(struck) == len(printed)
    assert [e.gray.tobytes() for e in struck] != [e.gray.tobytes() for e in printed]
    assert [e.gray.tobytes() for e in struck] == [e.gray.tobytes() for e in held_out(PLAN, 3, known=True, printed=0.0)]
