"""A record is exactly the schema's, the same bytes every time, and safe to print."""

from __future__ import annotations

import dataclasses
import json
import unicodedata

import drawn
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.errors import UsageError
from vision.record import SCHEMA, parse, schema, to_json, to_record
from vision.types import Element, Failure, Mark, Photo, Quality, Reading, Result

OBJECT = dataclasses.replace(drawn.result(), object_photos=drawn.object_photos("head.jpg", "wall.jpg", "head2.jpg"))
RESULTS = [drawn.result(), drawn.unknown_result(), drawn.failed_result(), drawn.empty_result(), OBJECT]


@pytest.mark.parametrize("result", RESULTS, ids=["read", "unknown", "failed", "empty", "object"])
def test_every_kind_of_result_fits_the_schema(result: Result) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(json.loads(to_json(result)))


def test_the_schema_refuses_what_a_machine_may_not_say() -> None:
    record = to_record(drawn.result())
    for change in ({"status": "confirmed"}, {"extra": 1}, {"schema": "marktrace/2"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**record, **change}, schema())


def test_the_record_says_what_the_result_says() -> None:
    record = to_record(drawn.result())
    mark = record["marks"][0]
    assert record["schema"] == SCHEMA == "marktrace/1"
    assert record["photo"]["place"] == {"latitude": 4.85, "longitude": 31.58}
    assert (record["photo"]["width"], record["photo"]["height"]) == drawn.SIZE
    assert mark["reading"]["text"] == "188 <star> 43 <star>"
    assert mark["reading"]["elements"][2]["upside_down"] is True
    assert mark["reading"]["elements"][2]["angle_deg"] == 180.0
    assert mark["reading"]["elements"][0]["characters"][1] == {
        "text": "8",
        "probability": 0.64,
        "alternatives": [["0", 0.21], ["6", 0.09]],
    }
    first = mark["attribution"]["candidates"][0]
    assert first["year"] == {"from": 1943, "to": 1943, "probability": 0.93}
    assert first["against"] == ["The middle 8 could be a 0 (21 %)."]
    assert (first["probability"], first["probability_without_context"]) == (0.6241, 0.5402)
    assert record["status"] == "proposed"


def test_candidates_and_unknown_sum_to_one() -> None:
    attribution = to_record(drawn.result())["marks"][0]["attribution"]
    total = attribution["unknown_probability"] + sum(c["probability"] for c in attribution["candidates"])
    assert total == pytest.approx(1.0, abs=1e-3)


def test_a_failed_photo_keeps_its_path_and_says_what_to_do() -> None:
    record = to_record(drawn.failed_result("a/b.jpg"))
    assert record["photo"]["path"] == "a/b.jpg"
    assert record["photo"]["sha256"] is None
    assert record["failure"] == {
        "stage": "photo",
        "code": "truncated",
        "detail": "The file ends too early; copy it again.",
    }


def test_a_record_names_the_photos_of_its_object_and_why_one_is_left_out() -> None:
    assert to_record(drawn.result())["object"] is None
    first, second, third = to_record(OBJECT)["object"]["photos"]
    assert first == {"path": "head.jpg", "sha256": drawn.SHA256, "mark": "m1", "turned_deg": 0.0, "left_out": None}
    assert (second["mark"], second["turned_deg"]) == (None, None)
    assert second["left_out"] == {"stage": "join", "code": "no_head", "detail": "No head here."}
    assert third["turned_deg"] == 35.0


def test_a_record_of_before_there_were_objects_still_fits() -> None:
    record = to_record(drawn.result())
    del record["object"]
    jsonschema.validate(record, schema())


def test_a_turn_of_almost_once_round_is_none() -> None:
    photo = dataclasses.replace(OBJECT.object_photos[0], turned_deg=359.97)
    record = to_record(dataclasses.replace(OBJECT, object_photos=(photo, photo)))
    assert record["object"]["photos"][0]["turned_deg"] == 0.0
    jsonschema.validate(record, schema())


def test_a_photo_of_an_object_is_joined_or_left_out() -> None:
    for change in ({"turned_deg": None}, {"left_out": Failure("join", "alone", "Alone.")}):
        with pytest.raises(ValueError, match="either joined or left out"):
            dataclasses.replace(OBJECT.object_photos[0], **change)


def test_numbers_are_rounded_and_never_minus_zero() -> None:
    element = Element("A", False, 0.123456789, (), -0.01)
    mark = Mark("m1", "headstamp", ((-0.01, 1.26),), 1.0, Quality(1 / 3, 0.0), Reading("ppocr", (element,)))
    record = to_record(Result(Photo("p", "0" * 64, 1, 1), "p", (mark,), drawn.RUN))
    line = json.dumps(record)
    assert record["marks"][0]["outline"] == [[0.0, 1.3]]
    assert record["marks"][0]["quality"] == {"sharpness": 0.3333, "glare": 0.0}
    assert record["marks"][0]["reading"]["elements"][0]["confidence"] == 0.1235
    assert record["marks"][0]["reading"]["elements"][0]["angle_deg"] == 0.0
    assert "-0.0" not in line


def test_a_straight_element_has_an_outline_instead_of_an_angle() -> None:
    element = Element("A12", False, 0.9, (), None, None, ((1.0, 2.0), (3.0, 2.0), (3.0, 4.0)))
    mark = Mark("m1", "serial", (), 1.0, None, Reading("ppocr", (element,)))
    record = to_record(Result(Photo("p", "0" * 64, 1, 1), "p", (mark,), drawn.RUN))
    shown = record["marks"][0]["reading"]["elements"][0]
    assert shown["outline"] == [[1.0, 2.0], [3.0, 2.0], [3.0, 4.0]]
    assert "angle_deg" not in shown
    jsonschema.validate(record, schema())


def test_numbers_that_are_none_never_leave() -> None:
    mark = dataclasses.replace(drawn.mark(), outline_xy=((float("nan"), 0.0),))
    with pytest.raises(ValueError, match="finite"):
        to_json(dataclasses.replace(drawn.result(), marks=(mark,)))


def test_the_same_result_gives_the_same_bytes() -> None:
    assert to_json(drawn.result()) == to_json(drawn.result())
    assert drawn.result().to_json() == to_json(drawn.result())


@given(st.text(max_size=40))
def test_any_path_survives_and_none_can_disturb_a_terminal(path: str) -> None:
    line = to_json(drawn.failed_result(path))
    assert parse(line)["photo"]["path"] == path
    assert not {unicodedata.category(c) for c in line} & {"Cc", "Cs", "Zl", "Zp"}
    line.encode("utf-8")


@pytest.mark.parametrize("path", ["a\udcff.jpg", "\u202egpj.exe", "a\nb", "\x1b[2J", "\U000e0041", "٣٧.jpg", "ППУ.jpg"])
def test_odd_names_come_back_as_they_were(path: str) -> None:
    line = to_json(drawn.failed_result(path))
    assert json.loads(line)["photo"]["path"] == path


def test_letters_of_every_script_stay_readable() -> None:
    assert "ППУ" in to_json(drawn.failed_result("ППУ.jpg"))
    assert "\u202e" not in to_json(drawn.failed_result("\u202egpj.exe"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ('{"schema": "marktrace/1", "x": NaN}', "NaN"),
        ('{"schema": "marktrace/9"}', "marktrace/9"),
        ("[]", "None"),
    ],
)
def test_what_is_no_record_is_refused(line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse(line)


def test_the_best_marks_candidates_stand_for_the_photo() -> None:
    weak = dataclasses.replace(drawn.mark(), id="m2", attribution=drawn.unknown_result().marks[0].attribution)
    both = dataclasses.replace(drawn.result(), marks=(weak, drawn.mark()))
    assert both.candidates[0].pattern == "ru-188-novosibirsk"
    assert drawn.empty_result().candidates == ()
