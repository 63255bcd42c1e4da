"""A person's pass through the review page in a real browser, by keyboard: decide, undo, conflict, export, verify."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from review.stored import fill

from vision.archive import open_store
from vision.cli import run
from vision.review.accounts import Accounts

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("MARKTRACE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
# Where screenshots go, for a person to look at; nowhere when unset.
SHOTS = os.environ.get("MARKTRACE_SHOTS")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("browser")
    fill(made, 6).close()
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
    server.communicate(timeout=30)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install chromium, or set MARKTRACE_CHROMIUM")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(chromium: Any, address: str) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda fault: page.faults.append(str(fault)))
    page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: page.faults.append(request.url) if not ours(request.url, address) else None)
    page.goto(address)
    yield page
    context.close()


def ours(url: str, address: str) -> bool:
    return url.startswith((address.partition("/enter")[0], "data:", "blob:"))


def until(page: Any, condition: str) -> None:
    """Wait until a condition holds on the page. (The page's own policy forbids what Playwright has for this.)"""
    for _ in range(300):
        if page.evaluate(f"Boolean({condition})"):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true: {condition}")


def shot(page: Any, name: str) -> None:
    if SHOTS:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def log_of(folder: Path) -> list[dict[str, Any]]:
    with open_store(str(folder / "finds.db")) as store:
        return [json.loads(text) for _, text, _ in store.people().log()]


def test_a_day_at_the_page_by_keyboard(page: Any, folder: Path, address: str, chromium: Any) -> None:
    base = address.partition("/enter")[0]
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


def test_blind_asks_first(page: Any, folder: Path, address: str) -> None:
    base = address.partition("/enter")[0]
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


def test_a_new_mark_is_drawn_with_the_mouse(page: Any, folder: Path, address: str) -> None:
    base = address.partition("/enter")[0]
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


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", "ltr"), ("en", "ltr")])
def test_other_languages_and_directions(page: Any, address: str, language: str, direction: str) -> None:
    page.goto(address.partition("/enter")[0] + "/next")
    page.click(f".language [value={language}]")
    until(page, f"document.documentElement.lang === '{language}'")
    assert page.evaluate("document.documentElement.dir") == direction
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"language-{language}")


def test_the_page_fits_a_small_screen(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 420, "height": 860})
    page.goto(address.partition("/enter")[0] + "/next")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, "small")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_what_was_decided_is_exported_and_the_log_verifies(page: Any, folder: Path) -> None:
    store, out = str(folder / "finds.db"), folder / "out.jsonl"
    assert run(["log", "verify", "--store", store]) == 0
    assert run(["export", "--store", store, "--format", "jsonl", "-o", str(out)]) == 0
    assert len(out.read_text("utf-8").splitlines()) >= 2
