"""The review page in a real browser: a store, the page served by the command, and Debian's Chromium."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.seen import CHROMIUM, ROOT, ours
from review.stored import fill


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store, finds.db, of made photos: more than the tests of a module decide."""
    made = tmp_path_factory.mktemp("browser")
    fill(made, 16).close()
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """The page, served by the command in a process of its own; stopped as a person stops it."""
    words = [sys.executable, "-m", "vision", "review", "--store", str(folder / "finds.db"), "--name", "anna"]
    words += ["--head", str(folder / "elsewhere" / "head.json")]
    server = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    yield server.stdout.readline().strip()
    server.send_signal(2)
    server.communicate(timeout=180)


@pytest.fixture(scope="module")
def base(address: str) -> str:
    """The page's address without what signs somebody in."""
    return address.partition("/enter")[0]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser, or the test is skipped with the reason."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install chromium, or set MARKTRACE_CHROMIUM")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(chromium: Any, address: str) -> Any:
    """What a browser keeps once anna, a lead, has signed in; the address signs in once only."""
    context = chromium.new_context(locale="en-GB")
    context.new_page().goto(address)
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def page(chromium: Any, signed_in: Any, base: str) -> Iterator[Any]:
    """The start page with anna signed in, in a browser that knows nothing of other tests: its cookies, storage and
    requests are its own. Its faults, and requests to anywhere else, are kept in page.faults."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", storage_state=signed_in)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda fault: page.faults.append(str(fault)))
    page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: page.faults.append(request.url) if not ours(request.url, base) else None)
    page.goto(base)
    yield page
    context.close()
