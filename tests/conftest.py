"""What every test runs under: no network, and the measuring photos only where they are."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """marktrace never opens a connection; a test that tries fails here."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a test tried to open a network connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="session")
def measuring_photos() -> Path:
    """The labelled photos that figures are measured on: MARKTRACE_PHOTOS, or shared/photos beside the project."""
    folder = Path(os.environ.get("MARKTRACE_PHOTOS", Path(__file__).parents[2] / "shared" / "photos"))
    if not (folder / "real" / "labels.jsonl").is_file():
        pytest.skip("no measuring photos here: set MARKTRACE_PHOTOS to their folder")
    return folder
