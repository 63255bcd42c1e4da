"""What is kept from people who are to say what they see themselves: others' words, and which marks are controls."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from review.made import Browser, source_of, web_of

from vision.review.acts import Person, opened


def test_a_page_does_not_tell_that_others_words_are_kept_from_it(tmp_path: Path) -> None:
    """What the form carries would tell controls apart, and marks that others have decided."""
    web = web_of(tmp_path, second_share=0.5)
    anna, otto = Browser(web), Browser(web, "otto")
    alone = [web.desk.is_alone(row, Person("otto", "reviewer")) for row in web.desk.marks.ordered]
    assert len(set(alone)) == 2
    for row in web.desk.marks.ordered:
        if web.desk.marks.wants_second(row):
            anna.decide(row.number)
    forms = [otto.mark(row.number)["screen"] for row in web.desk.marks.ordered]
    assert len({len(form) for form in forms}) == 1
    for form in forms:
        read = b"".join(base64.urlsafe_b64decode(part + "==") for part in form.rstrip("=").split("."))
        assert b"alone" not in read
        assert b"latest" not in read
    assert [opened(form, web.desk.secret).alone for form in forms] == alone


def test_the_log_and_the_conflicts_keep_others_words_from_a_second_opinion(tmp_path: Path) -> None:
    web = web_of(tmp_path, second_share=1.0)
    anna, otto, mia = (Browser(web, name) for name in ("anna", "otto", "mia"))
    lena = Browser(web, "lena", "lead")
    anna.decide(1, note="I am sure of it")
    otto.decide(1, "rejected", note="I am not")
    for path in ("/log", "/conflicts"):
        assert "I am sure of it" not in mia.get(path).text
        assert "I am not" not in mia.get(path).text
        for browser in (anna, otto, lena):
            assert "I am sure of it" in browser.get(path).text
    mia.decide(1)
    assert "I am sure of it" in mia.get("/log").text


@pytest.mark.parametrize("everybody", [True, False])
def test_groups_are_closed_to_who_reads_blind(tmp_path: Path, everybody: bool) -> None:
    web = web_of(tmp_path, source_of(tmp_path, 12), blind=everybody)
    anna = Browser(web)
    form = anna.mark(1) | {"group": "x", "first": "1", "level": "maker"}
    if not everybody:
        anna.client.cookies.set("marktrace_blind", "1")
    for answer in (anna.get("/groups"), anna.get("/group/1"), anna.post("/group", form)):
        assert answer.status_code == 403
        assert "Decide marks one by one" in answer.text
        assert "Barnaul" not in answer.text
