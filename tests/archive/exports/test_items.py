"""What may leave an archive, and that a person's word and a machine's are never mixed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from archive.exports.made import CONFIRMED, CONFLICT, REJECTED, item, record

from vision.archive.exports.items import Item, Word, findings, shown
from vision.archive.exports.strip import stripped


def test_without_a_decision_nothing_leaves_and_with_all_of_it_it_says_so() -> None:
    assert findings(item(), False) == ()
    (found,) = findings(item(), True)
    assert (found.status, found.method, found.by) == ("unconfirmed", "machine", "marktrace 0.1.0 kit-0123456789ab")
    assert (found.country, found.manufacturer, found.code) == ("RU", "Novosibirsk Cartridge Plant", "188")
    assert (found.year_from, found.year_to, found.calibre, found.probability) == (1943, 1943, "7.62x54mmR", 0.6241)
    assert len(found.candidates) == 3


@pytest.mark.parametrize(
    ("level", "named"),
    [
        ("pattern", ("RU", "Novosibirsk Cartridge Plant", "188", 1943)),
        ("maker", ("RU", "Novosibirsk Cartridge Plant", "", None)),
        ("state", ("RU", "", "", None)),
        ("unknown", ("", "", "", None)),
    ],
)
def test_a_proposal_says_no_more_than_its_level(level: str, named: tuple[str, str, str, int | None]) -> None:
    some = record()
    some["marks"][0]["attribution"]["level"] = level
    (found,) = findings(Item(some), True)
    assert (found.country, found.manufacturer, found.code, found.year_from) == named


def test_a_confirmed_pattern_brings_its_year_and_calibre_and_no_probability() -> None:
    (found,) = findings(item(m1=CONFIRMED), False)
    assert (found.status, found.method, found.by, found.at) == (
        "confirmed",
        "human",
        "M. Okoye",
        "2026-05-02T09:00:00.000Z",
    )
    assert (found.year_from, found.calibre, found.state_then) == (1943, "7.62x54mmR", "Soviet Union")
    assert (found.probability, found.risk, found.candidates) == (None, None, ())
    assert found.reading == "188 <star> 43 <star>"


def test_a_maker_named_by_a_person_brings_no_year() -> None:
    word = replace(CONFIRMED, level="maker", pattern="", reading="188 48")
    (found,) = findings(item(m1=word), False)
    assert (found.manufacturer, found.country) == ("Novosibirsk Cartridge Plant", "RU")
    assert (found.code, found.year_from, found.calibre, found.reading) == ("", None, "", "188 48")


def test_a_rejected_mark_leaves_without_an_origin() -> None:
    (found,) = findings(item(m1=REJECTED), False)
    assert (found.status, found.method, found.reading, found.country) == ("rejected", "human", "", "")


def test_people_who_contradict_each_other_confirm_nothing() -> None:
    assert findings(item(m1=CONFLICT), False) == ()
    (found,) = findings(item(m1=CONFLICT), True)
    assert (found.status, found.method) == ("conflict", "machine")
    assert "M. Okoye, A. Petrović" in found.note


def test_a_mark_that_a_person_drew_leaves_too() -> None:
    box = ((1.0, 1.0), (9.0, 1.0), (9.0, 5.0), (1.0, 5.0))
    drawn = Word("confirmed", ("A",), "t", level="state", country="RS", reading="ABC 1", kind="serial", outline=box)
    (found,) = findings(item(**{"p-1": drawn}), False)
    assert (found.mark, found.kind, found.outline, found.country) == ("p-1", "serial", box, "RS")


def test_a_photo_without_decisions_is_shown_only_when_all_is_asked_for() -> None:
    items = [item("a.jpg", m1=CONFIRMED), item("b.jpg")]
    assert [one.path for one, _ in shown(items, False)] == ["a.jpg"]
    assert [one.path for one, _ in shown(items, True)] == ["a.jpg", "b.jpg"]


def test_places_go_on_request_and_notes_with_them() -> None:
    (one,) = stripped([item(m1=CONFIRMED)], gps=True, serials=None)
    assert one.record["photo"]["place"] is None
    assert one.words["m1"].note == ""
    (kept,) = stripped([item(m1=CONFIRMED)], gps=False, serials=None)
    assert kept.record["photo"]["place"] == {"latitude": 4.85, "longitude": 31.58}
    assert kept.words["m1"].note == "seen by lamp"


def test_serials_go_on_request_from_records_and_from_what_people_typed() -> None:
    some = record()
    some["marks"][0]["kind"] = "serial"
    original = Item(some, {"m1": replace(CONFIRMED, reading="АБ 1234")})

    def mask(given: dict[str, object]) -> dict[str, object]:
        given["masked"] = True
        return given

    (one,) = stripped([original], gps=False, serials=mask)
    assert one.record["masked"] is True
    assert "masked" not in some
    assert one.words["m1"].reading == "•" * 7
    assert one.record["photo"]["place"] is not None
