"""The deeds of the review page one by one in a real browser: reading blind, new marks, typed words, language, sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser.seen import choose_language, log_of, press, shot, until

from vision.archive import open_store
from vision.review.accounts import Accounts


def test_blind_asks_first(page: Any, folder: Path, base: str) -> None:
    page.goto(f"{base}/next")
    page.locator("h1").first.click()
    press(page, "b")
    page.wait_for_selector("#own")
    assert "Barnaul" not in page.inner_text("main")
    shot(page, "8-blind")
    page.keyboard.type("17 7?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#form")
    assert "Barnaul" in page.inner_text("main")
    assert log_of(folder)[-1]["own_reading"] == "17 7?"
    page.locator("h1").first.click()
    with page.expect_navigation():
        press(page, "b")
    assert page.get_attribute("[data-key=b]", "aria-pressed") == "false"


def test_a_new_mark_is_drawn_with_the_mouse(page: Any, folder: Path, base: str) -> None:
    page.goto(f"{base}/next")
    until(page, "viewer.scale")
    page.locator("h1").first.click()
    press(page, "n")
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
    press(page, "n")
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


def typed_and_kept(page: Any, address: str, words: str) -> str:
    """Type a note on the mark that an address leads to, leave, come back, and send it; returns the mark's address."""
    page.goto(address)
    mark = str(page.url)
    page.fill("#note", words)
    page.goto(f"{mark.partition('/mark/')[0]}/log")
    page.goto(mark)
    assert page.input_value("#note") == words
    page.locator("h1").first.click()
    press(page, "u")
    page.wait_for_url("**kept=*")
    return mark


def drafts(page: Any) -> list[str]:
    """What the browser still keeps of what was typed."""
    return page.evaluate("Object.keys(sessionStorage).filter((name) => name.startsWith('typed'))")


def test_what_was_typed_outlives_a_lost_answer(page: Any, base: str) -> None:
    """Typed words come back when the mark is opened again, and are gone once they were kept."""
    mark = typed_and_kept(page, f"{base}/next", "half a thought")
    assert drafts(page) == []
    page.goto(mark)
    assert page.input_value("#note") == ""


def test_a_note_kept_on_the_last_mark_does_not_come_back(page: Any, base: str) -> None:
    """After the last mark comes a page without fields; the note is gone all the same when the mark is opened again."""
    mark = typed_and_kept(page, f"{base}/next?folder=head015", "the last thought")
    assert page.locator("#desk").count() == 0
    page.goto(mark)
    assert page.input_value("#note") == ""
    assert drafts(page) == []


def test_a_note_that_was_kept_does_not_come_back_after_a_lost_answer(page: Any, folder: Path, base: str) -> None:
    """The decision was kept and its answer never came: the log has the note once, and the page no longer."""
    page.goto(f"{base}/next")
    mark = page.url
    page.fill("#note", "kept unseen")
    answers = []

    def lose(route: Any) -> None:
        sent = route.request.headers | {"origin": base, "sec-fetch-site": "same-origin"}
        answers.append(route.fetch(headers=sent, max_redirects=0).status)
        route.fulfill(status=502, body="lost")

    page.route("**/decide", lose)
    page.locator("h1").first.click()
    press(page, "u")
    page.wait_for_url("**/decide")
    assert answers == [303]
    assert log_of(folder)[-1]["note"] == "kept unseen"
    page.goto(mark)
    assert page.input_value("#note") == ""
    assert drafts(page) == []


def test_a_new_mark_leaves_the_note_alone(page: Any, base: str) -> None:
    """A new mark is kept from the same page as the note, which was not sent and comes back."""
    page.goto(f"{base}/next")
    until(page, "viewer.scale")
    page.fill("#note", "not sent yet")
    page.locator("h1").first.click()
    press(page, "n")
    page.click("#new-mark .go")
    page.wait_for_url("**marked=*")
    assert page.input_value("#note") == "not sent yet"


def test_what_one_person_typed_is_not_shown_to_another(page: Any, folder: Path, base: str) -> None:
    """Two people who sign in one after the other in the same tab."""
    page.goto(f"{base}/next")
    mark = page.url
    page.fill("#note", "anna's own words")
    with open_store(str(folder / "finds.db")) as store:
        token = Accounts(store.people()).one_time_token("otto", "reviewer")
    page.goto(f"{base}/enter?token={token}")
    page.goto(mark)
    assert "otto" in page.inner_text(".who")
    assert page.input_value("#note") == ""


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", "ltr"), ("en", "ltr")])
def test_other_languages_and_directions(page: Any, base: str, language: str, direction: str) -> None:
    page.goto(f"{base}/next")
    choose_language(page, language)
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.dir") == direction
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"language-{language}")


def test_the_page_fits_a_small_screen(page: Any, base: str) -> None:
    page.set_viewport_size({"width": 420, "height": 860})
    page.goto(f"{base}/next")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, "small")
