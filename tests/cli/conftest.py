"""What the tests of the command line share."""

from __future__ import annotations

import pytest
from cli.faked import FakePipeline


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    fake = FakePipeline()
    monkeypatch.setattr("vision.cli.identify._load", fake.load)
    monkeypatch.setenv("COLUMNS", "140")
    return fake
