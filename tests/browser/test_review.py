"""A person's pass through the review page in a real browser, by keyboard: decide, undo, conflict, export, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser.seen import log_of, shot, until

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
    page.keyboard.press("2")
    assert page.evaluate("document.querySelector('[name=pick]:checked').id") == "c2"
    page.keyboard.press("1")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.querySelector('[name=level]:checked').value") == "state"
    page.keyboard.press("a")
    page.wait_for_url("**/mark/*kept=1")
    assert "Kept as entry 1" in page.inner_text("[role=status]")
    (accepted,) = log_of(folder)
    assert (accepted["verdict"], accepted["level"], accepted["country"]) == ("accepted", "state", "RU")

    # Z takes it back, and the mark is open again.
    page.keyboard.press("z")
    page.wait_for_url("**undone=1")
    assert [body["act"] for body in log_of(folder)] == ["decision", "undo"]

    # E corrects the reading: what is typed is text, not keys.
    page.keyboard.press("e")
    page.keyboard.type("17 7x")
    page.keyboard.press("Enter")
    page.wait_for_url("**kept=3")
    assert log_of(folder)[2]["reading"] == "17 7x"

    # U cannot tell; X none of these; S skips; ? helps.
    page.keyboard.press("u")
    page.wait_for_url("**kept=4")
    page.keyboard.press("?")
    assert page.is_visible("#help")
    shot(page, "3-help")
    page.keyboard.press("Escape")
    number = page.get_attribute("#desk", "data-mark")
    page.keyboard.press("s")
    page.wait_for_url(lambda url: not url.endswith(f"/mark/{number}") and "/mark/" in url and "kept" not in url)
    page.keyboard.press("x")
    page.wait_for_url("**kept=5")
    assert [body["verdict"] for body in log_of(folder)[3:]] == ["undetermined", "rejected"]

    conflict(page, folder, base, chromium)
    lights(page, base)
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
    other.keyboard.press("a")
    other.wait_for_url("**kept=6")
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.wait_for_selector("[role=alert]")
    assert "Somebody else has decided" in page.inner_text("[role=alert]")
    assert page.input_value("#note") == "typed by anna"
    shot(page, "4-stale")
    page.faults.clear()  # the browser reports the 409 as an error of the page
    page.keyboard.press("x")
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
    page.keyboard.press("r")
    page.wait_for_timeout(200)
    assert page.locator("#viewer").screenshot() != before
    assert page.get_attribute("[data-light=raking]", "aria-pressed") == "true"
    shot(page, "7-raking")
    page.keyboard.press("r")
    scale = page.evaluate("viewer.scale")
    page.keyboard.press("+")
    assert page.evaluate("viewer.scale") > scale
    page.keyboard.press("]")
    assert page.evaluate("viewer.turn") > 0
    page.keyboard.press("0")


def test_blind_asks_first(page: Any, folder: Path, base: str) -> None:
    page.goto(f"{base}/next")
    page.locator("h1").first.click()
    page.keyboard.press("b")
    page.wait_for_selector("#own")
    assert "Barnaul" not in page.inner_text("main")
    shot(page, "8-blind")
    page.keyboard.type("17 7?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#form")
    assert "Barnaul" in page.inner_text("main")
    assert log_of(folder)[-1]["own_reading"] == "17 7?"
    page.locator("h1").first.click()
    page.keyboard.press("b")
    page.wait_for_load_state()


def test_a_new_mark_is_drawn_with_the_mouse(page: Any, folder: Path, base: str) -> None:
    page.goto(f"{base}/next")
    until(page, "viewer.scale")
    page.locator("h1").first.click()
    page.keyboard.press("n")
    box = page.locator("#viewer").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 220, steps=4)
    page.mouse.up()
    shot(page, "9-new-mark")
    page.fill("#new-mark [name=reading]", "AB 12")
    page.click("#new-mark .go")
    page.wait_for_url("**marked=*")
    assert (log_of(folder)[-1]["act"], log_of(folder)[-1]["reading"]) == ("mark", "AB 12")


def test_a_new_mark_is_framed_without_a_mouse(page: Any, folder: Path, base: str) -> None:
    """N, then the photo is moved and zoomed by keys until the mark fills the box in the middle."""
    page.goto(f"{base}/next")
    until(page, "viewer.scale")
    page.locator("h1").first.click()
    page.keyboard.press("n")
    for key in ("ArrowRight", "ArrowDown", "+"):
        page.keyboard.press(key)
    framed = page.evaluate("viewer.middle()")
    page.focus("#new-mark [name=reading]")
    page.keyboard.type("CD 34")
    page.keyboard.press("Enter")
    page.wait_for_url("**marked=*")
    body = log_of(folder)[-1]
    assert body["reading"] == "CD 34"
    assert body["outline"] == [[round(x, 1), round(y, 1)] for x, y in framed]


def test_what_was_typed_outlives_a_lost_answer(page: Any, base: str) -> None:
    """Typed words come back when the mark is opened again, and are gone once they were kept."""
    page.goto(f"{base}/next")
    number = page.get_attribute("#desk", "data-mark")
    page.fill("#note", "half a thought")
    page.goto(f"{base}/log")
    page.goto(f"{base}/mark/{number}")
    assert page.input_value("#note") == "half a thought"
    page.locator("h1").first.click()
    page.keyboard.press("u")
    page.wait_for_url("**kept=*")
    page.goto(f"{base}/mark/{number}")
    assert page.input_value("#note") == ""


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", "ltr"), ("en", "ltr")])
def test_other_languages_and_directions(page: Any, base: str, language: str, direction: str) -> None:
    page.goto(f"{base}/next")
    page.click(f".language [value={language}]")
    until(page, f"document.documentElement.lang === '{language}'")
    assert page.evaluate("document.documentElement.dir") == direction
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"language-{language}")


def test_the_page_fits_a_small_screen(page: Any, base: str) -> None:
    page.set_viewport_size({"width": 420, "height": 860})
    page.goto(f"{base}/next")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, "small")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_what_was_decided_is_exported_and_the_log_verifies(page: Any, folder: Path) -> None:
    store, out = str(folder / "finds.db"), folder / "out.jsonl"
    assert run(["log", "verify", "--store", store]) == 0
    assert run(["export", "--store", store, "--format", "jsonl", "-o", str(out)]) == 0
    assert len(out.read_text("utf-8").splitlines()) >= 2
