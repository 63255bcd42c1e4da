"""Keys of the review page in a real browser: which act, when, and that none acts for a page that nobody has seen."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from browser.seen import log_of, press, until


def test_a_key_that_is_held_down_decides_once(page: Any, folder: Path, base: str) -> None:
    page.goto(f"{base}/next")
    entries = len(log_of(folder))
    until(page, "performance.now() > awake")
    end = time.monotonic() + 2
    while time.monotonic() < end:  # every "down" after the first is a repeat, on whatever page is shown by then
        page.keyboard.down("u")
        time.sleep(0.03)
    page.keyboard.up("u")
    page.wait_for_url("**kept=*")
    assert len(log_of(folder)) == entries + 1


def test_a_key_meant_for_the_page_before_decides_nothing(page: Any, folder: Path, base: str) -> None:
    page.goto(f"{base}/next")
    entries = len(log_of(folder))
    page.evaluate("awake = performance.now() + 60000")
    for key in "auxzb":
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert len(log_of(folder)) == entries
    assert page.get_attribute("[data-key=b]", "aria-pressed") == "false"


def test_nothing_is_taken_back_while_a_decision_is_on_its_way(page: Any, folder: Path, base: str) -> None:
    """Z named the entry before the one that was being sent, and took that back."""
    page.goto(f"{base}/next")
    press(page, "u")
    page.wait_for_url("**kept=*")
    page.evaluate(  # forms that are noted and never answered
        "window.tried = []; addEventListener('submit', (event) => {"
        " if (!event.defaultPrevented) tried.push(event.target.id); event.preventDefault(); })"
    )
    press(page, "x")
    page.keyboard.press("z")
    page.click("[data-key=z]")
    assert page.evaluate("tried") == ["form"]


def test_a_new_mark_sent_from_another_tab_leaves_the_page_as_it_is(page: Any, base: str) -> None:
    page.goto(f"{base}/next")
    until(page, "viewer.scale")
    press(page, "n")
    with page.context.expect_page() as other:
        page.click("#new-mark .go", modifiers=["Control"])
    other.value.wait_for_url("**marked=*")
    assert not page.evaluate("sent")


def test_keys_that_move_the_photo_go_on_while_they_are_held(page: Any, base: str) -> None:
    page.goto(f"{base}/next")
    until(page, "viewer.scale")
    scale = page.evaluate("viewer.scale")
    for _ in range(4):
        page.keyboard.down("+")
    page.keyboard.up("+")
    assert page.evaluate("viewer.scale") > scale * 1.4**3
    press(page, "r")
    assert page.get_attribute("[data-light=raking]", "aria-pressed") == "true"
