"""What pages say and offer: odd addresses, languages, levels, undo in the log, and what a viewer may press."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from review.made import Browser, hidden, source_of, web_of

from vision.review.web import Web

NINES = "9" * 5000


@pytest.mark.parametrize(("language", "sentence"), [("fr", "Choisissez un candidat"), ("ar", "اختر مرشحًا")])
def test_what_is_refused_is_said_in_the_pages_language(anna: Browser, language: str, sentence: str) -> None:
    anna.client.cookies.set("marktrace_language", language)
    assert sentence in anna.decide(1, pick="9").text


@pytest.mark.parametrize(
    "path",
    [
        f"/next?skip={NINES}",
        "/next?unsure=12,5",
        "/log?before=" + "9" * 50,
        f"/photo/{'0' * 64}/1000000000000/0/0.jpg",
        f"/photo/{'0' * 64}/-1/0/0.jpg",
    ],
)
def test_no_number_in_an_address_breaks_a_page(anna: Browser, path: str) -> None:
    assert anna.get(path).status_code in (200, 303, 404)


def test_a_mark_that_is_no_ellipse_has_no_strip(tmp_path: Path) -> None:
    source = source_of(tmp_path, 1)
    (made,) = source.records.values()
    made["marks"][0]["outline"] = [[1, 1], [90, 1], [90, 90], [1, 90]]
    anna = Browser(web_of(tmp_path, source))
    assert anna.get("/marks/1/strip/0.jpg").status_code == 404


@pytest.mark.parametrize("pick", ["0000500", NINES, "9", "-1", "x"])
def test_a_place_where_no_candidate_stands_picks_none(anna: Browser, pick: str) -> None:
    answer = anna.decide(1, pick=pick)
    assert answer.status_code == 422
    assert "Pick a candidate" in answer.text


def test_where_the_machine_states_no_origin_no_level_is_set(tmp_path: Path) -> None:
    source = source_of(tmp_path, 6)
    for made in source.records.values():
        made["marks"][0]["attribution"]["level"] = "unknown"
    anna = Browser(web_of(tmp_path, source))
    for path in ("/mark/1", "/group/1"):
        levels = re.findall(r'name="level" value="\w+"([^>]*)>', anna.get(path).text)
        assert len(levels) == 3
        assert "".join(levels) == "", path
    assert "Say how far the decision goes" in anna.decide(1, level="").text
    assert anna.log == []


def test_a_notice_says_what_the_reading_was_corrected_to(anna: Browser) -> None:
    answer = anna.decide(1, "corrected", reading="17 75")
    assert "Kept as entry 1: corrected the reading to “17 75”." in anna.follow(answer).text


def undo_forms(page: str) -> list[str]:
    return re.findall(r'action="/undo">.*?name="seq" value="(\d+)"', page)


def test_the_log_offers_to_take_back_what_this_person_may_take_back(web: Web, anna: Browser) -> None:
    otto, lena, eve = (Browser(web, *who) for who in (("otto",), ("lena", "lead"), ("eve", "viewer")))
    anna.decide(1)
    otto.decide(11)
    assert [undo_forms(one.get("/log").text) for one in (anna, otto, lena, eve)] == [["1"], ["2"], ["2", "1"], []]
    page = lena.get("/log").text
    form = hidden(page[page.rindex('action="/undo"') :])
    assert form["seq"] == "1"
    assert lena.post("/undo", form).status_code == 303
    assert (anna.log[-1]["act"], anna.log[-1]["undoes"], anna.log[-1]["reviewer"]) == ("undo", 1, "lena")
    assert undo_forms(lena.get("/log").text) == ["2"]


def test_a_viewer_is_offered_no_button_that_decides(web: Web) -> None:
    page = Browser(web, "eve", "viewer").get("/mark/1").text
    for verdict in ("accepted", "undetermined", "rejected", "corrected"):
        assert re.search(rf'name="verdict" value="{verdict}"[^>]* disabled', page), verdict


def test_conflicts_on_marks_that_were_read_away_are_told(web: Web, anna: Browser) -> None:
    anna.decide(1)
    Browser(web, "otto").decide(1, "rejected")
    row = web.desk.marks.by_number[1]
    del web.desk.marks.by_key[row.key]
    page = anna.get("/conflicts").text
    assert "1 more concern marks that the newest records no longer hold" in page
    assert "Nobody disagrees" not in page
