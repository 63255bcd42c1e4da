"""What people read goes back to training: only what somebody read, with who and when."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from review.made import Browser, hidden

from vision.cli import run
from vision.review.labels import labels
from vision.review.ledger import Said
from vision.review.web import Web


def made(web: Web) -> list[dict[str, object]]:
    return [dict(label.facts) for label in labels(web.desk.source, web.desk.ledger)]


def test_a_corrected_reading_is_a_label_with_who_and_when(web: Web, anna: Browser) -> None:
    anna.decide(1, "corrected", reading="17 75", with_candidate="1", level="pattern")
    (label,) = made(web)
    said = {name: label[name] for name in ("file", "kind", "elements", "code", "by", "country", "manufacturer")}
    assert said == {
        "file": Path(web.desk.marks.by_number[1].path).name,
        "kind": "headstamp",
        "elements": ["17", "75"],
        "code": "17",
        "by": "anna",
        "country": "RU",
        "manufacturer": "Barnaul Cartridge Plant (Barnaul Machine-Tool Plant)",
    }
    assert label["at"] == anna.log[0]["time"]
    assert label["box"] == [150.0, 80.0, 550.0, 480.0]


def test_a_reading_that_no_row_explains_has_no_code(web: Web, anna: Browser) -> None:
    anna.decide(1, "corrected", reading="ZV 41")
    (label,) = made(web)
    assert (label["elements"], label["code"]) == (["ZV", "41"], "")


def test_accepting_an_origin_is_no_reading(web: Web, anna: Browser) -> None:
    anna.decide(1, level="pattern")
    assert made(web) == []


def test_what_was_read_blind_and_then_accepted_is_one(web: Web, anna: Browser) -> None:
    anna.client.cookies.set("marktrace_blind", "1")
    anna.post("/blind", hidden(anna.get("/mark/1").text) | {"own_reading": "17 74"})
    shown = hidden(anna.get("/mark/1?read=1").text)
    anna.post("/decide", shown | {"verdict": "accepted", "level": "maker", "pick": "0"})
    assert [label["elements"] for label in made(web)] == [["17", "74"]]


@pytest.mark.parametrize("after", ["undo", "contradict"])
def test_conflicts_and_what_was_taken_back_give_none(web: Web, anna: Browser, after: str) -> None:
    anna.decide(1, "corrected", reading="17 75")
    if after == "undo":
        anna.post("/undo", anna.mark(1) | {"seq": "1", "key": "k"})
    else:
        Browser(web, "otto").decide(1, "corrected", reading="71 75")
    assert made(web) == []


def draw(anna: Browser, reading: str) -> None:
    form = anna.mark(1) | {"kind": "serial", "outline": "[[1,1],[9,1],[9,9],[1,9]]", "reading": reading}
    assert anna.post("/new-mark", form).status_code == 303


def test_a_mark_that_a_person_drew_is_one(web: Web, anna: Browser) -> None:
    draw(anna, "AB 12")
    (label,) = made(web)
    said = {name: label[name] for name in ("kind", "elements", "box", "by")}
    assert said == {"kind": "serial", "elements": ["AB", "12"], "box": [1.0, 1.0, 9.0, 9.0], "by": "anna"}
    anna.post("/undo", anna.mark(1) | {"seq": "1", "key": "k"})
    assert made(web) == []


def test_a_box_of_an_older_log_that_holds_nothing_is_none(web: Web, anna: Browser) -> None:
    draw(anna, "AB 12")
    (said,) = web.desk.ledger.new_marks[web.desk.marks.by_number[1].photo]
    flat = {**said.body, "outline": [[1, 5], [9, 5], [9, 5], [1, 5]]}
    web.desk.ledger.new_marks[said.body["photo"]] = [Said(said.seq, flat)]
    assert made(web) == []


@pytest.mark.parametrize("reading", ["17 7?", "<star 17", "", "\u200b", " ".join(["1"] * 61), "x" * 201])
def test_a_reading_that_says_not_every_character_is_none(web: Web, anna: Browser, reading: str) -> None:
    draw(anna, reading)
    assert made(web) == []


def test_signs_keep_their_names_and_what_is_not_seen_is_dropped(web: Web, anna: Browser) -> None:
    draw(anna, "188\u202e <nato cross>  7\u0301")
    assert made(web)[0]["elements"] == ["188", "<nato cross>", "7\u0301"]


def test_the_command_writes_lines(tmp_path: Path) -> None:
    from review.test_source import web_over

    web = web_over(tmp_path)
    Browser(web).decide(web.desk.marks.ordered[0].number, "corrected", reading="17 75")
    out = tmp_path / "labels.jsonl"
    assert run(["log", "labels", "--store", str(tmp_path / "finds.db"), "-o", str(out)]) == 0
    assert [json.loads(line)["elements"] for line in out.read_text("utf-8").splitlines()] == [["17", "75"]]
