"""A mark's page says which of a person's pages were kept, so that their browser forgets what was typed on those."""

from __future__ import annotations

import re
from pathlib import Path

from review.made import Browser, hidden, web_of

from vision.review.web import Web


def kept_pages(browser: Browser, path: str) -> list[str]:
    """The keys of the pages that a mark's page says were kept."""
    found = re.search(r'data-kept="([^"]*)"', browser.get(path).text)
    assert found is not None
    return found[1].split()


def page_of(html: str) -> str:
    """The key of a mark's page."""
    found = re.search(r'data-page="([0-9a-f]{32})"', html)
    assert found is not None
    return found[1]


def test_the_page_a_decision_was_sent_from_was_kept_even_if_taken_back(anna: Browser) -> None:
    html = anna.get("/mark/1").text
    assert kept_pages(anna, "/mark/1") == []
    answer = anna.post("/decide", hidden(html) | {"verdict": "undetermined", "note": "half a thought"})
    assert kept_pages(anna, "/mark/1") == [page_of(html)]
    assert kept_pages(anna, f"/mark/11?{answer.headers['location'].partition('?')[2]}") == [page_of(html)]
    assert kept_pages(anna, "/mark/11") == []
    anna.post("/undo", anna.mark(1) | {"seq": "1"})
    assert anna.log[-1]["act"] == "undo"
    assert kept_pages(anna, "/mark/1") == [page_of(html)]


def test_a_page_that_was_refused_was_not_kept(anna: Browser) -> None:
    assert anna.decide(1, "corrected", reading="", note="typed").status_code == 422
    assert anna.log == []
    assert kept_pages(anna, "/mark/1") == []


def test_a_new_mark_does_not_make_its_page_kept(anna: Browser) -> None:
    """The note on the page that a new mark was sent from was not sent with it."""
    form = anna.mark(1) | {"outline": "[[1, 1], [90, 1], [90, 90], [1, 90]]", "kind": "serial", "reading": "AB"}
    answer = anna.post("/new-mark", form)
    assert (answer.status_code, anna.log[-1]["act"]) == (303, "mark")
    assert kept_pages(anna, answer.headers["location"]) == []
    assert kept_pages(anna, "/mark/1?kept=1") == []


def test_other_people_s_pages_are_not_named(web: Web, anna: Browser) -> None:
    anna.decide(1)
    otto = Browser(web, "otto")
    assert kept_pages(otto, "/mark/1?kept=1") == []
    assert len(kept_pages(anna, "/mark/1")) == 1
    otto.client.close()


def test_the_page_a_mark_was_read_blind_on_was_kept(tmp_path: Path) -> None:
    anna = Browser(web_of(tmp_path, blind=True))
    html = anna.get("/mark/1").text
    answer = anna.post("/blind", hidden(html) | {"own_reading": "17"})
    assert kept_pages(anna, answer.headers["location"]) == [page_of(html)]
    assert kept_pages(anna, "/mark/1") == [page_of(html)]
    anna.client.close()
