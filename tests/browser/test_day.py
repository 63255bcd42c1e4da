"""A person's pass through the review page in a real browser, by keyboard: decide, undo, conflict, export, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from browser.seen import log_of, press, shot, until

from vision.archive import open_store
from vision.cli import run
from vision.review.accounts import Accounts


def test_a_day_at_the_page_by_keyboard(page: Any, folder: Path, base: str, chromium: Any) -> None:
    assert page.title().startswith("Marks for people to decide")
    shot(page, "1-home")
    page.goto(f"{base}/next")
    until(page, "[...viewer.tiles.values()].some((t) => t.complete && t.naturalWidth)")
    shot(page, "2-mark")

    # 1 picks, up widens, A accepts.
    press(page, "2")
    assert page.evaluate("document.querySelector('[name=pick]:checked').id") == "c2"
    press(page, "1")
    press(page, "ArrowUp")
    assert page.evaluate("document.querySelector('[name=level]:checked').value") == "state"
    press(page, "a")
    page.wait_for_url("**/mark/*kept=1")
    assert "Kept as entry 1" in page.inner_text("[role=status]")
    (accepted,) = log_of(folder)
    assert (accepted["verdict"], accepted["level"], accepted["country"]) == ("accepted", "state", "RU")

    # Z takes it back, and the mark is open again.
    press(page, "z")
    page.wait_for_url("**undone=1")
    assert [body["act"] for body in log_of(folder)] == ["decision", "undo"]

    # E corrects the reading: what is typed is text, not keys.
    press(page, "e")
    page.keyboard.type("17 7x")
    page.keyboard.press("Enter")
    page.wait_for_url("**kept=3")
    assert log_of(folder)[2]["reading"] == "17 7x"

    # U cannot tell; X none of these; S skips; ? helps.
    press(page, "u")
    page.wait_for_url("**kept=4")
    press(page, "?")
    assert page.is_visible("#help")
    shot(page, "3-help")
    page.keyboard.press("Escape")
    number = page.get_attribute("#desk", "data-mark")
    press(page, "s")
    page.wait_for_url(lambda url: not url.endswith(f"/mark/{number}") and "/mark/" in url and "kept" not in url)
    press(page, "x")
    page.wait_for_url("**kept=5")
    assert [body["verdict"] for body in log_of(folder)[3:]] == ["undetermined", "rejected"]

    conflict(page, folder, base, chromium)
    lights(page, base)
    exported(folder)
    assert page.faults == []


def conflict(page: Any, folder: Path, base: str, chromium: Any) -> None:
    """Somebody else decides while anna looks: she is told, keeps her words, and both stand."""
    with open_store(str(folder / "finds.db")) as store:
        token = Accounts(store.people()).one_time_token("otto", "reviewer")
    other = chromium.new_context(locale="en-GB").new_page()
    other.goto(f"{base}/enter?token={token}")
    number = page.get_attribute("#desk", "data-mark")
    page.fill("#note", "typed by anna")
    other.goto(f"{base}/mark/{number}")
    press(other, "a")
    other.wait_for_url("**kept=6")
    page.keyboard.press("Escape")
    press(page, "x")
    page.wait_for_selector("[role=alert]")
    assert "Somebody else has decided" in page.inner_text("[role=alert]")
    assert page.input_value("#note") == "typed by anna"
    shot(page, "4-stale")
    page.faults.clear()  # the browser reports the 409 as an error of the page
    press(page, "x")
    page.wait_for_url("**kept=7")
    page.goto(f"{base}/conflicts")
    text = page.inner_text("main")
    assert "anna" in text
    assert "otto" in text
    shot(page, "5-conflict")
    page.goto(f"{base}/log")
    shot(page, "6-log")
    other.context.close()


def lights(page: Any, base: str) -> None:
    """The light tools change what is seen, and nothing else."""
    page.goto(f"{base}/next")
    until(page, "[...viewer.tiles.values()].some((t) => t.complete && t.naturalWidth)")
    before = page.locator("#viewer").screenshot()
    press(page, "r")
    page.wait_for_timeout(200)
    assert page.locator("#viewer").screenshot() != before
    assert page.get_attribute("[data-light=raking]", "aria-pressed") == "true"
    shot(page, "7-raking")
    press(page, "r")
    scale = page.evaluate("viewer.scale")
    page.keyboard.press("+")
    assert page.evaluate("viewer.scale") > scale
    page.keyboard.press("]")
    assert page.evaluate("viewer.turn") > 0
    page.keyboard.press("0")


def exported(folder: Path) -> None:
    """What was decided is exported, and the log verifies."""
    store, out = str(folder / "finds.db"), folder / "out.jsonl"
    assert run(["log", "verify", "--store", store]) == 0
    assert run(["export", "--store", store, "--format", "jsonl", "-o", str(out)]) == 0
    assert len(out.read_text("utf-8").splitlines()) >= 2
