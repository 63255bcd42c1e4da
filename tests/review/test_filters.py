"""What a filter lets through, both sides of every bound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from review.made import Browser, source_of, web_of

from vision.review.filters import Filter
from vision.review.marks import MarkRow
from vision.review.web import filter_of, query_of

ROW = MarkRow(
    number=1,
    photo="0" * 64,
    mark="h1",
    path="/finds/2024/Case 7/head.jpg",
    kind="headstamp",
    reading="188 76",
    level="maker",
    first="ru-188-novosibirsk",
    maker="Novosibirsk Low-Voltage Equipment Plant",
    country="RU",
    calibre="7.62x39mm",
    years=(1976, 1978),
    probability=0.61,
    code="188",
    state_then="Soviet Union",
    lot="12-A4",
    taken_at="2024-05-17T10:11:12",
    place=(15.60, 32.53),
)


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ({}, True),
        ({"text": "8 7"}, True),
        ({"text": "NOVOSIB"}, True),
        ({"text": "189"}, False),
        ({"maker": "low-voltage"}, True),
        ({"maker": "Barnaul"}, False),
        ({"country": "ru"}, True),
        ({"country": "R"}, False),
        ({"code": "188"}, True),
        ({"code": "18"}, False),
        ({"state_then": "soviet"}, True),
        ({"state_then": "Yugoslavia"}, False),
        ({"lot": "12-a4"}, True),
        ({"lot": "12"}, False),
        ({"calibre": "7.62X39MM"}, True),
        ({"calibre": "7.62"}, False),
        ({"year": "1976"}, True),
        ({"year": "1978"}, True),
        ({"year": "1979"}, False),
        ({"year": "x"}, False),
        ({"folder": "case 7"}, True),
        ({"folder": "case 8"}, False),
        ({"kind": "serial"}, False),
        ({"level": "maker"}, True),
        ({"taken_from": "2024-05-17"}, True),
        ({"taken_from": "2024-05-18"}, False),
        ({"taken_to": "2024"}, True),
        ({"taken_to": "2024-05-17"}, True),
        ({"taken_to": "2024-05-16"}, False),
        ({"taken_from": "2024-05", "taken_to": "2024-05"}, True),
        ({"near": "15.6 32.5 5"}, True),
        ({"near": "15.6, 32.5, 3"}, False),
        ({"near": "15.6; 392.53; 1"}, True),
        ({"near": "here"}, False),
        ({"unsure": "61"}, True),
        ({"unsure": "60.9"}, False),
        ({"unsure": "most"}, False),
        ({"unsure": "nan"}, False),
        ({"text": "188", "country": "CN"}, False),
    ],
)
def test_what_fits(said: dict[str, str], fits: bool) -> None:
    assert Filter(**said).fits(ROW) is fits


@pytest.mark.parametrize("said", [{"taken_from": "2024"}, {"taken_to": "2024"}, {"near": "15.6 32.5 9"}, {"year": "1"}])
def test_what_is_not_known_fits_no_bound(said: dict[str, str]) -> None:
    assert not Filter(**said).fits(replace(ROW, taken_at="", place=None, years=None))


def test_a_filter_survives_the_address() -> None:
    wanted = Filter(text="188 & <x>", near="1 2 3", state="open")
    assert filter_of(query_of(wanted)) == wanted
    assert filter_of("?nonsense=1&text=" + "x" * 500).text == "x" * 120


def test_the_queue_keeps_to_the_filter_and_counts_in_it(tmp_path: Path) -> None:
    anna = Browser(web_of(tmp_path, source_of(tmp_path, 4)))
    assert "/mark/31?" in anna.get("/next?folder=head003").headers["location"]
    assert "0 of 1 decided" in anna.get("/mark/31?folder=head003").text
    assert anna.get("/next?folder=nowhere").status_code == 200
    page = anna.get("/?near=1+2+3").text
    assert 'value="1 2 3"' in page
