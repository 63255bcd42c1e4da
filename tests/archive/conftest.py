"""Stores for the archive's tests: SQLite always, PostgreSQL on a throw-away cluster where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from archive.servers import Cluster, programs, running

from vision.archive.store import Store, open_store


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    where = programs()
    if where is None:
        pytest.skip("no PostgreSQL here: install Debian's postgresql package to test with it")
    with running(where) as server:
        with psycopg.connect(f"host={server.folder} user=tester dbname=postgres", autocommit=True) as connection:
            connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store that is not there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "finds.db")
    server: Cluster = request.getfixturevalue("cluster")
    return server.new_url()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with open_store(store_url, create=True) as opened:
        yield opened
