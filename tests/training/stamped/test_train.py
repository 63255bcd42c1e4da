"""The rate a training step has: up, then down to the share asked for; what it is taught."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="training is tested where torch is installed")

from vision.errors import MissingError
from vision.training.stamped.alphabet import labels
from vision.training.stamped.examples import CUT_PX, WINDOW_PX
from vision.training.stamped.train import Strips, of_strips, rate_at


@pytest.mark.parametrize("least", [0.02, 0.5, 1.0])
def test_the_rate_rises_in_150_steps_and_ends_at_the_least_share(least: float) -> None:
    rates = [rate_at(step, 3000, 1e-3, least) for step in range(3001)]
    assert rates[0] == pytest.approx(1e-3 / 150)
    assert max(rates) == pytest.approx(1e-3, rel=0.01)
    assert rates[-1] == pytest.approx(least * 1e-3)
    assert rates[150:] == sorted(rates[150:], reverse=True)


def test_a_step_is_taught_windows_and_straight_cuts_of_the_same_strips_going_on_where_it_stopped() -> None:
    try:
        windows, cuts = of_strips((100_000_006, 100_000_007), labels(), 3, {})
        assert windows.gray.shape == (8, 1, 48, WINDOW_PX)
        assert cuts.gray.shape[:3] == (6, 1, 48)
        assert cuts.gray.shape[3] in CUT_PX
        gone_on = next(iter(Strips(3, 1, labels(), 2, 3, {})))
    except MissingError as fault:
        pytest.skip(str(fault))
    assert [batch.gray.tolist() for batch in gone_on] == [windows.gray.tolist(), cuts.gray.tolist()]
    (alone,) = of_strips((100_000_006, 100_000_007), labels(), 0, {})
    assert alone.gray.tolist() == windows.gray.tolist()
