"""CTC with known places: equal to plain CTC where places say nothing, and sharper where they do."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training is tested where torch is installed")

from vision.read.network import STEP_PX  # noqa: E402
from vision.training.stamped.examples import MARGIN_PX, WINDOW_PX, Example, Stands  # noqa: E402
from vision.training.stamped.loss import Batch, batch_of, mean_loss, placed_ctc  # noqa: E402

STEPS = WINDOW_PX // STEP_PX


def example(*stands: Stands) -> Example:
    return Example(np.zeros((48, WINDOW_PX), np.uint8), stands)


def random_log_probs(windows: int, labels: int = 7) -> torch.Tensor:
    return torch.log_softmax(torch.randn(windows, STEPS, labels, generator=torch.Generator().manual_seed(3)), dim=2)


def test_without_places_it_is_the_usual_ctc() -> None:
    batch = batch_of([example(Stands(1, 40, 60), Stands(1, 70, 90), Stands(3, 200, 220)), example(), example(
        Stands(2, 100, 120))])  # fmt: skip
    anywhere = Batch(batch.gray, batch.labels, batch.count, torch.ones_like(batch.where), torch.ones_like(batch.asked))
    log_probs = random_log_probs(3)
    usual = torch.nn.functional.ctc_loss(
        log_probs.transpose(0, 1), batch.labels, torch.full((3,), STEPS), batch.count, reduction="none"
    )
    assert placed_ctc(log_probs, anywhere).tolist() == pytest.approx(usual.tolist(), rel=1e-5)


def said(label: int, column: float) -> torch.Tensor:
    """Blank everywhere but for one label at one column."""
    probability = torch.full((1, STEPS, 4), 1e-4)
    probability[:, :, 0] = 1.0
    step = int(column // STEP_PX)
    probability[0, step, 0], probability[0, step, label] = 1e-4, 1.0
    return torch.log(probability / probability.sum(dim=2, keepdim=True))


def test_a_character_counts_only_where_it_stands() -> None:
    batch = batch_of([example(Stands(2, 100, 124))])
    assert float(placed_ctc(said(2, 112), batch)) < 0.1
    assert float(placed_ctc(said(2, 200), batch)) > 8.0


def test_margins_ask_for_nothing() -> None:
    batch = batch_of([example(Stands(2, 0, 20))])
    assert int(batch.count[0]) == 0
    assert float(placed_ctc(said(3, 4), batch)) < 0.1
    assert not batch.asked[0, : MARGIN_PX // STEP_PX].any()
    assert batch.asked[0, MARGIN_PX // STEP_PX]


def test_a_straight_cut_asks_from_end_to_end_but_for_what_is_cut_off() -> None:
    stands = (Stands(1, -14.0, 12.0), Stands(2, 16.0, 34.0))
    batch = batch_of([Example(np.zeros((48, 48), np.uint8), stands, 0)])
    assert batch.gray.shape == (1, 1, 48, 48)
    assert batch.labels[0, : int(batch.count[0])].tolist() == [2]
    assert batch.asked[0].tolist() == [False, False, True, True, True, True]


def test_a_character_of_the_margin_that_reaches_in_is_not_held_against_the_network() -> None:
    reaching = Stands(2, MARGIN_PX - 30.0, MARGIN_PX + 20.0)
    assert float(placed_ctc(said(2, MARGIN_PX + 4), batch_of([example(reaching)]))) < 0.1
    assert float(placed_ctc(said(2, MARGIN_PX + 4), batch_of([example()]))) > 8.0


def test_windows_that_cannot_be_told_count_for_nothing() -> None:
    """One label twice where there is one step for both."""
    crammed = example(Stands(2, 160, 162), Stands(2, 162, 164), Stands(2, 163, 165))
    plain = example(Stands(2, 100, 124))
    log_probs = said(2, 112)
    own = mean_loss(log_probs, batch_of([plain]))
    assert float(own) == pytest.approx(float(placed_ctc(log_probs, batch_of([plain]))) / 3)
    both = mean_loss(torch.cat([log_probs, log_probs]), batch_of([plain, crammed]))
    assert float(both) == pytest.approx(float(own))
    alone = log_probs.clone().requires_grad_()
    nothing = mean_loss(alone, batch_of([crammed]))
    nothing.backward()
    assert float(nothing.detach()) == 0.0
    assert alone.grad is not None
    assert not alone.grad.any()


def test_windows_that_lose_more_than_most_teach_nothing() -> None:
    log_probs = random_log_probs(2).requires_grad_()
    batch = batch_of([example(Stands(1, 100, 120)), example(Stands(2, 100, 120), Stands(3, 130, 150))])
    each = placed_ctc(log_probs, batch) / (batch.count + 2)
    easier = int(each.argmin())
    between = float(each.detach().mean())
    loss = mean_loss(log_probs, batch, between)
    assert float(loss.detach()) == pytest.approx(float(each.detach().min()))
    loss.backward()
    assert float(log_probs.grad[easier].abs().sum()) > 0.0
    assert float(log_probs.grad[1 - easier].abs().sum()) == 0.0
    assert float(mean_loss(log_probs, batch, 0.0).detach()) == 0.0
