"""Serial numbers do not leave where they are asked to stay, and what is not a serial does."""

from __future__ import annotations

import copy
import json
import logging
import re
from dataclasses import replace
from pathlib import Path

import drawn
import numpy as np
import pytest

from vision.privacy import HIDDEN, hidden, is_serial, mask_serials, masked_result, masked_views
from vision.record import to_json, to_record
from vision.types import Attribution, Candidate, Character, Element, Field, Mark, Reading, Result, Views

SERIAL = "DG26953"
BOX = ((100.0, 100.0), (300.0, 100.0), (300.0, 140.0), (100.0, 140.0))


def element(text: str, y: float = 100.0) -> Element:
    letters = [text] if text.startswith("<") else list(text)
    characters = tuple(Character(c, 0.9, (("B", 0.05),)) for c in letters)
    outline = ((100.0, y), (300.0, y), (300.0, y + 40.0), (100.0, y + 40.0))
    return Element(text, False, 0.9, characters, outline_xy=outline)


def of_a_rifle() -> Result:
    """A receiver's mark with symbol, year and serial, and a part with the same number and another long one."""
    candidate = Candidate(
        "radom", "<11 in oval>", "Radom", "PL", "", 0.8, 0.8, "B", "candidate",
        reasons_for=(f"'{SERIAL}' has the form of Radom's serials",), reasons_against=("no model is read",),
    )  # fmt: skip
    fields = (
        Field("serial", SERIAL, "series DG, number 26953", "serial:PL", "general knowledge", "B"),
        Field("year", "1957", "1957", "serial:PL", "general knowledge", "B", years=(1957, 1957)),
    )
    receiver = Mark(
        "t1", "serial", BOX, 0.9,
        reading=Reading("printed", (element("<11 in oval>", 40), element("RADOM", 60), element(SERIAL))),
        attribution=Attribution("maker", "the symbol", 0.2, 0.2, (candidate,)), fields=fields,
    )  # fmt: skip
    part = Mark(
        "t2",
        "factory_mark",
        BOX,
        0.9,
        reading=Reading("printed", (element(SERIAL), element("77410283"), element("M70"))),
    )
    return replace(drawn.empty_result(), marks=(receiver, part))


def texts(record: dict[str, object]) -> str:
    return json.dumps(record["marks"], ensure_ascii=False)


def test_neither_serials_nor_their_digits_are_left_in_a_masked_record() -> None:
    record = to_record(of_a_rifle())
    before = copy.deepcopy(record)
    masked = mask_serials(record)
    assert record == before
    for secret in (SERIAL, "26953", "77410283"):
        assert secret in texts(record)
        assert secret not in texts(masked)
    first, second = masked["marks"]
    assert first["reading"]["text"] == f"<11 in oval> RADOM {HIDDEN * 7}"
    assert second["reading"]["text"] == f"{HIDDEN * 7} {HIDDEN * 8} M70"
    assert {c["text"] for c in first["reading"]["elements"][2]["characters"]} == {HIDDEN}
    assert all(c["alternatives"] == [] for c in first["reading"]["elements"][2]["characters"])


def test_what_is_proposed_stays_without_quoting_the_serial() -> None:
    masked = mask_serials(to_record(of_a_rifle()))
    candidate = masked["marks"][0]["attribution"]["candidates"][0]
    assert candidate["country"] == "PL"
    assert candidate["for"] == [f"'{HIDDEN * 7}' has the form of Radom's serials"]
    assert [field["text"] for field in masked["marks"][0]["fields"]] == [HIDDEN * 7, "1957"]


def test_results_are_masked_as_records_are() -> None:
    result = of_a_rifle()
    assert json.loads(to_json(masked_result(result))) == json.loads(json.dumps(mask_serials(to_record(result))))


@pytest.mark.parametrize(
    "result", [drawn.result(), drawn.unknown_result(), drawn.failed_result(), drawn.empty_result()]
)
def test_headstamps_have_no_serials(result: Result) -> None:
    assert mask_serials(to_record(result)) == to_record(result)
    assert masked_result(result) == result


@pytest.mark.parametrize(
    ("kind", "text", "hides"),
    [
        ("serial", "1986", True),
        ("serial", "AB", True),
        ("serial", "ЗД", True),
        ("serial", "BERETTA", False),
        ("serial", "<star>", False),
        ("factory_mark", "1986", False),
        ("factory_mark", "12345", True),
        ("factory_mark", "7.62x39", False),
        ("packaging", "1305-12-123-4567", False),
        ("headstamp", "123456", False),
    ],
)
def test_what_is_taken_for_a_serial(kind: str, text: str, hides: bool) -> None:
    assert is_serial(kind, text) is hides


def test_pictures_show_no_serial_but_the_rest() -> None:
    rng = np.random.default_rng(3)
    photo = rng.integers(0, 255, (300, 400, 3), dtype=np.uint8)
    close = drawn.views().strips["m1"]
    views = Views(photo, 0.5, {"m1": close})
    masked = masked_views(views, of_a_rifle())
    assert np.ptp(masked.photo_rgb[51:69, 51:149]) == 0  # the serial, half as large
    assert (masked.photo_rgb[20:38, 51:149] == photo[20:38, 51:149]).all()  # the symbol
    assert (masked.photo_rgb[150:] == photo[150:]).all()
    assert masked.strips == views.strips


def test_spaces_tell_nothing_and_stay() -> None:
    assert hidden("AB 123") == "•• •••"


def test_nothing_is_logged_where_serials_pass() -> None:
    """No module of the package writes to a log: what is read can only leave by the outputs that mask."""
    package = Path(__file__).parents[1] / "vision"
    for path in package.rglob("*.py"):
        told = re.sub(r'logging\.getLogger\("\w+"\)\.setLevel\(logging\.\w+\)', "", path.read_text("utf-8"))
        assert not re.search(r"\blogging\.|getLogger", told), path  # quieting a library's own log is no writing


def test_masking_writes_nothing_to_logs_itself(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        mask_serials(to_record(of_a_rifle()))
        masked_result(of_a_rifle())
    assert caplog.records == []
