"""Looking at the review page in a browser: waiting, screenshots, and what the log then says."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from vision.archive import open_store

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("MARKTRACE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
# Where screenshots go, for a person to look at; nowhere when unset.
SHOTS = os.environ.get("MARKTRACE_SHOTS")


def ours(url: str, address: str) -> bool:
    """Whether a browser asked the page itself."""
    return url.startswith((address.partition("/enter")[0], "data:", "blob:"))


def until(page: Any, condition: str) -> None:
    """Wait until a condition holds on the page. (The page's own policy forbids what Playwright has for this.)

    A page that is just being left for the next has no document to ask: that counts as not yet.
    """
    from playwright.sync_api import Error

    fault: Exception | None = None
    for _ in range(300):
        try:
            if page.evaluate(f"Boolean({condition})"):
                return
            fault = None
        except Error as error:
            fault = error
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true: {condition}") from fault


def choose_language(page: Any, language: str) -> None:
    """Click a language and wait for the page that follows, which also comes when that language was already shown."""
    with page.expect_navigation():
        page.click(f".language [value={language}]")


def press(page: Any, key: str) -> None:
    """Press a key once the page listens: it passes over keys that may have been meant for the page before."""
    until(page, "performance.now() > awake")
    page.keyboard.press(key)


def shot(page: Any, name: str) -> None:
    """Keep a screenshot of the page where screenshots are wanted."""
    if SHOTS:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def log_of(folder: Path) -> list[dict[str, Any]]:
    """The entries of the log of the store in a folder."""
    with open_store(str(folder / "finds.db")) as store:
        return [json.loads(text) for _, text, _ in store.people().log()]
