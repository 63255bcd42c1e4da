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


def strike(page: Any, key: str, code: str, shift: bool = False) -> None:
    """What a keyboard of other letters sends."""
    until(page, "performance.now() > awake")
    page.evaluate(
        "([key, code, shiftKey]) => document.body.dispatchEvent("
        "new KeyboardEvent('keydown', { key, code, shiftKey, bubbles: true }))",
        [key, code, shift],
    )


def picked(page: Any) -> str:
    return str(page.get_attribute("[name=pick]:checked", "id"))


def test_keys_are_known_by_their_place_on_keyboards_of_other_letters(page: Any, folder: Path, base: str) -> None:
    page.goto(f"{base}/next")
    entries = len(log_of(folder))
    strike(page, "é", "Digit2")
    assert picked(page) == "c2"
    strike(page, "&", "Digit1")
    assert picked(page) == "c1"
    strike(page, "q", "KeyA")  # French: a letter of its own stands where others have A
    assert len(log_of(folder)) == entries
    strike(page, "ش", "KeyA")
    page.wait_for_url("**kept=*")
    assert log_of(folder)[-1]["verdict"] == "accepted"
    strike(page, "г", "KeyU")
    until(page, f"!location.search.includes('kept={entries + 1}')")
    assert log_of(folder)[-1]["verdict"] == "undetermined"


def test_enter_on_a_candidate_sends_nothing(page: Any, folder: Path, base: str) -> None:
    page.goto(f"{base}/next")
    entries = log_of(folder)
    press(page, "e")
    page.keyboard.press("Escape")
    for selector in ("#c2", "[name=level]:checked"):
        page.focus(selector)
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
    assert log_of(folder) == entries
    assert "/mark/" in page.url
    assert page.locator("[role=alert]").count() == 0


def test_enter_on_a_tick_of_a_group_sends_nothing(page: Any, base: str) -> None:
    page.goto(f"{base}/groups")
    page.click("table.list a.button")
    page.focus("[name^=seen_] >> nth=0")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("[name^=seen_]").count()
    assert page.locator("[role=alert]").count() == 0


def test_the_arrows_on_the_lamp_move_the_lamp(page: Any, base: str) -> None:
    page.goto(f"{base}/next")
    level, lamp = page.get_attribute("[name=level]:checked", "value"), int(page.input_value("#lamp"))
    page.focus("#lamp")
    press(page, "ArrowUp")
    assert int(page.input_value("#lamp")) == lamp + 15
    assert page.get_attribute("[name=level]:checked", "value") == level


def test_a_picked_candidate_stands_clear_of_the_deck(page: Any, base: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 620})
    page.goto(f"{base}/next")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate("scrollTo(0, 0)")
    press(page, "2")
    candidate, deck = (
        page.evaluate(f"document.querySelector({one!r}).getBoundingClientRect().toJSON()")
        for one in (".candidate:has(#c2) > label", ".deck")
    )
    assert 0 <= candidate["top"] < candidate["bottom"] <= deck["top"]


def test_the_up_arrow_does_nothing_where_no_level_can_be_chosen(page: Any, base: str) -> None:
    page.goto(f"{base}/next")
    page.evaluate("document.querySelector('fieldset.level').remove()")
    press(page, "ArrowUp")
    assert page.faults == []


def test_the_up_arrow_takes_the_widest_level_where_none_is_set(page: Any, base: str) -> None:
    page.goto(f"{base}/next")
    page.evaluate("document.querySelector('[name=level]:checked').checked = false")
    press(page, "ArrowUp")
    assert page.get_attribute("[name=level]:checked", "value") == "state"


def test_without_scripts_nothing_is_offered_that_needs_them(chromium: Any, signed_in: Any, base: str) -> None:
    context = chromium.new_context(storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/next")
    for hidden in (".tools", "#new-mark-start", "#help-open", "[data-key=a] kbd"):
        assert not page.is_visible(hidden), hidden
    page.click("[data-key=u]")
    assert page.locator("[role=status]").count() == 1
    context.close()
