# ruff: noqa: E402 - what needs torch is imported after the question whether it is there
"""What was learnt and what was known: rows that stay, steps by spread, the share of the way that is packaged."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from training.learn.tiny import LABELS, tiny_plan, tiny_start

from vision.read.stamped import BLANK_LESS
from vision.training.learn import mix as mixing
from vision.training.learn.batches import HELD_OUT, held_out, known_only
from vision.training.learn.mix import HELD_BACK, SHARES, Tried, best, between, held_back, mix
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
        ((0.40, 0.40, 0.404), 0.2),  # half a point is the most that may be lost, and so much is taken at most
        ((0.40, 0.40, 0.406), 0.1),
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


def test_between_two_networks_every_weight_lies_that_far(net: StampedNet) -> None:
    low, high = filled(net, 2.0), filled(net, 6.0)
    for share, value in ((0.0, 2.0), (0.25, 3.0), (1.0, 6.0)):
        assert all(bool((weight == value).all()) for weight in between(low, high, share).parameters())


def test_what_is_packaged_lies_where_the_held_out_strips_say(net: StampedNet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The further from the start, the better the set is read and the worse what was known; holding new labels back
    makes up for some of that."""
    monkeypatch.setattr(mixing, "SET_STRIPS", 1)
    monkeypatch.setattr(mixing, "KNOWN_STRIPS", 2)

    def wrong(one: StampedNet, known: int, some: list[object], held: tuple[float, ...] = HELD_BACK) -> Iterator[float]:
        assert known == len(LABELS)
        far = float(one.head.bias[0])
        for nats in held:
            yield 0.5 - 0.3 * far + 0.03 * nats if len(some) == 2 else 0.3 + 0.045 * far - 0.01 * nats

    monkeypatch.setattr(mixing, "_wrong", wrong)
    again: list[float] = []
    found = mix(
        filled(net, 0.0), filled(net, 0.0), filled(net, 1.0), PLAN, len(LABELS),
        lambda one: again.append(float(one.head.bias[0])),
    )  # fmt: skip
    assert again == pytest.approx([0.2])  # the rows are warmed once more, where the share was chosen
    assert (found.chosen.share, found.chosen.held_back) == (0.2, 0.5)
    assert bool((found.net.head.bias[: len(LABELS)] == np.float32(0.2)).all())
    assert bool((found.net.head.bias[len(LABELS) :] == np.float32(0.2) - 0.5).all())
    assert found.known_before == 0.3
    assert [(one.share, one.held_back) for one in found.tried] == [
        *product(SHARES, HELD_BACK),
        *product((0.2,), HELD_BACK),
    ]


def test_labels_held_back_are_said_less_and_known_ones_as_before(net: StampedNet) -> None:
    some = held_out(PLAN, 4, known=False)
    said, silent = mixing._wrong(net, len(LABELS), some, (0.0, 1000.0))
    gone = between(net, net, 0.0)
    with torch.no_grad():
        gone.head.bias[0] -= BLANK_LESS  # as it is served
    assert said == character_errors(gone, some)
    with torch.no_grad():
        gone.head.bias[len(LABELS) :] = -1000.0
    assert silent == character_errors(gone, some)
    quiet = held_back(net.head, len(LABELS), 0.5)
    assert torch.equal(quiet.bias[: len(LABELS)], net.head.bias[: len(LABELS)])
    assert torch.allclose(net.head.bias[len(LABELS) :] - quiet.bias[len(LABELS) :], torch.tensor(0.5))


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
