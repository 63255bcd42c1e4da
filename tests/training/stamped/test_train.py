"""The rate a training step has: up, then down to the share asked for."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="training is tested where torch is installed")

from vision.training.stamped.train import rate_at


@pytest.mark.parametrize("least", [0.02, 0.5, 1.0])
def test_the_rate_rises_in_150_steps_and_ends_at_the_least_share(least: float) -> None:
    rates = [rate_at(step, 3000, 1e-3, least) for step in range(3001)]
    assert rates[0] == pytest.approx(1e-3 / 150)
    assert max(rates) == pytest.approx(1e-3, rel=0.01)
    assert rates[-1] == pytest.approx(least * 1e-3)
    assert rates[150:] == sorted(rates[150:], reverse=True)
