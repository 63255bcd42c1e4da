"""Everybody can use the page: axe finds no fault, in any language; focus is seen; nothing needs a mouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser.seen import choose_language, log_of, press, until

from vision.archive import open_store
from vision.cli import run
from vision.review.accounts import Accounts

PAGES = ("/", "/next", "/groups", "/conflicts", "/log", "/people", "/nothing", "/mark/999")
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def axe() -> Any:
    """axe-core (MPL-2.0), as axe-playwright-python brings it."""
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing").Axe()


@pytest.fixture(scope="module")
def conflict(folder: Path, base: str, chromium: Any, signed_in: Any) -> int:
    """The mark on which anna and otto, a reviewer, have decided otherwise: there is a conflict, and a log."""
    with open_store(str(folder / "finds.db")) as store:
        token = Accounts(store.people()).one_time_token("otto", "reviewer")
        (number, *_) = (found.number for found in store.all_marks())
    other = chromium.new_context(locale="en-GB").new_page()
    other.goto(f"{base}/enter?token={token}")
    other.goto(f"{base}/mark/{number}")
    press(other, "x")
    other.wait_for_url("**kept=1")
    other.context.close()
    anna = chromium.new_context(locale="en-GB", storage_state=signed_in).new_page()
    anna.goto(f"{base}/mark/{number}")
    anna.fill("#note", "seen under a loupe")
    anna.keyboard.press("Escape")
    press(anna, "a")
    anna.wait_for_url("**kept=2")
    anna.context.close()
    return int(number)


@pytest.fixture
def busy(page: Any, conflict: int) -> Any:
    """The page after some decisions."""
    page.conflict = conflict
    return page


def faults_of(axe: Any, page: Any) -> list[str]:
    """Every fault that axe finds on a page, with where it is."""
    found = axe.run(page).response["violations"]
    return [f"{one['impact']} {one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_axe_finds_no_fault_on_any_page(axe: Any, busy: Any, base: str, language: str) -> None:
    busy.goto(f"{base}/")
    choose_language(busy, language)
    assert busy.evaluate("document.documentElement.lang") == language
    found = {}
    for path in (*PAGES, f"/mark/{busy.conflict}", f"/group/{busy.conflict + 1}"):
        busy.goto(base + path)
        found[path] = faults_of(axe, busy)
    busy.goto(f"{base}/next")
    press(busy, "?")
    found["help"] = faults_of(axe, busy)
    busy.keyboard.press("Escape")
    press(busy, "e")
    found["correcting"] = faults_of(axe, busy)
    busy.keyboard.press("Escape")
    press(busy, "b")
    busy.wait_for_selector("#own")
    found["blind"] = faults_of(axe, busy)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_axe_finds_no_fault_before_signing_in(axe: Any, chromium: Any, base: str) -> None:
    page = chromium.new_context(locale="en-GB").new_page()
    for path in ("/login", "/enter?token=old"):
        page.goto(base + path)
        assert faults_of(axe, page) == []
    page.fill("#name", "anna")
    page.fill("#password", "not the password")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert faults_of(axe, page) == []
    page.context.close()


def test_axe_sees_what_is_wrong(axe: Any, busy: Any, base: str) -> None:
    """The check above can fail: a picture without words and pale text are grave faults."""
    busy.goto(f"{base}/next")
    busy.evaluate("document.querySelector('h1').style.color = '#ddd'")
    busy.evaluate("document.querySelector('main').append(new Image())")
    found = [one for one in faults_of(axe, busy) if one.startswith(GRAVE)]
    assert {one.split()[1] for one in found} == {"color-contrast:", "image-alt:"}


def test_the_tab_key_reaches_every_deed_and_shows_where_it_is(busy: Any, base: str) -> None:
    busy.goto(f"{base}/next")
    until(busy, "viewer.scale")
    busy.evaluate("document.activeElement.blur()")
    seen: list[str] = []
    for _ in range(80):
        busy.keyboard.press("Tab")
        where = busy.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e.matches('.candidate > input') "
            "? e.parentElement : e); return [e === document.body ? '' : e.id || e.dataset.key || e.textContent.trim(), "
            "s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]; })()"
        )
        if where[0] in seen and where[0]:
            continue
        seen.append(where[0])
        assert where[1] or where[0] in ("", "main"), where
    assert seen[0].startswith("Skip to the content")
    for wanted in ("viewer", "c1", "a", "u", "x", "skip", "new-mark-start", "z", "b", "help-open"):
        assert wanted in seen, (wanted, seen)


def test_what_is_kept_is_said_aloud(busy: Any, base: str) -> None:
    """A screen reader hears what was kept: the word stands in a region that is read out."""
    busy.goto(f"{base}/next")
    press(busy, "u")
    busy.wait_for_selector("[role=status]")
    assert "cannot tell" in busy.inner_text("[role=status]")
    tree = busy.locator("main").aria_snapshot()
    for words in ("heading", 'group "Candidates"', "radio", 'button "Accept A"', "textbox"):
        assert words in tree, (words, tree)


def test_the_page_works_without_scripts(folder: Path, base: str, chromium: Any) -> None:
    with open_store(str(folder / "finds.db")) as store:
        token = Accounts(store.people()).one_time_token("vera", "reviewer")
    context = chromium.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/enter?token={token}")
    page.goto(f"{base}/next")
    before = len(log_of(folder))
    page.click("#form button[value=rejected]")
    page.wait_for_url("**kept=*")
    assert (len(log_of(folder)), log_of(folder)[-1]["reviewer"]) == (before + 1, "vera")
    context.close()
    assert run(["log", "verify", "--store", str(folder / "finds.db")]) == 0
