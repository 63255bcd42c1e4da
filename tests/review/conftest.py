"""The page over a few made photos, one browser that has signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from review.made import Browser, web_of

from vision.review.web import Web


@pytest.fixture
def web(tmp_path: Path) -> Web:
    return web_of(tmp_path)


@pytest.fixture
def anna(web: Web) -> Iterator[Browser]:
    browser = Browser(web)
    yield browser
    browser.client.close()
