"""Tables and documents that other tools open: every format read back, guesses never as annotations."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import drawn
import jsonschema
import pyarrow.parquet as pq
import pytest
from archive.exports.made import CONFIRMED, CONFLICT, REJECTED, item

from vision.archive.exports.columns import FLAT
from vision.archive.exports.items import Item
from vision.archive.exports.jsonl import lines
from vision.archive.exports.save import save_file, save_folder
from vision.archive.exports.shapes import area, box, polygon
from vision.archive.exports.tables import csv_line, safe_cell, spreadsheet
from vision.archive.names import as_text
from vision.errors import OutputError, UsageError
from vision.record import to_record

ITEMS = [
    item("a.jpg", m1=CONFIRMED),
    item("b.jpg"),
    item("c.jpg", m1=REJECTED),
    item("d.jpg", m1=CONFLICT),
    Item(to_record(drawn.failed_result("e.jpg"))),
    Item(to_record(drawn.empty_result("f.jpg"))),
]
FORMULAS = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x", "＝1", "＋1", "－1", "＠x", "  =1", " \t=1"]


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_json_lines_lose_nothing_and_keep_apart_who_said_what() -> None:
    read = [json.loads(line) for line in lines(ITEMS, True)]
    assert [one["photo"]["path"] for one in read] == [f"{n}.jpg" for n in "abcdef"]
    assert [mark["status"] for one in read for mark in one["marks"]] == [
        "confirmed",
        "unconfirmed",
        "rejected",
        "conflict",
    ]
    for one, given in zip(read, ITEMS, strict=True):
        assert one["photo"] == given.record["photo"]
        assert one["failure"] == given.record["failure"]
        for mark, theirs in zip(one["marks"], given.record["marks"], strict=True):
            assert mark["proposed"] == {name: theirs[name] for name in ("reading", "attribution")}
    assert read[0]["marks"][0]["decision"]["year"] == {"from": 1943, "to": 1943}
    assert read[1]["marks"][0]["decision"] is None
    assert read[3]["marks"][0]["decision"] == {"by": ["M. Okoye", "A. Petrović"], "at": CONFLICT.at}


def test_json_lines_of_decisions_alone_hold_nothing_a_machine_proposed() -> None:
    read = [json.loads(line) for line in lines(ITEMS, False)]
    assert [one["photo"]["path"] for one in read] == ["a.jpg", "c.jpg"]
    assert [mark["proposed"] for one in read for mark in one["marks"]] == [None, None]


def test_the_csv_has_a_row_a_mark_and_says_where_each_comes_from() -> None:
    read = rows(b"".join(spreadsheet(ITEMS, True)))
    assert list(read[0]) == [column.name for column in FLAT]
    assert [(row["photo_path"], row["status"]) for row in read] == [
        ("a.jpg", "confirmed"),
        ("b.jpg", "unconfirmed"),
        ("c.jpg", "rejected"),
        ("d.jpg", "conflict"),
        ("e.jpg", ""),
        ("f.jpg", ""),
    ]
    assert read[0]["classified_by"] == "M. Okoye"
    assert read[0]["classification_probability"] == ""
    assert read[1]["classification_probability"] == "0.6241"
    assert read[4]["failure"] == "photo truncated: The file ends too early; copy it again."
    assert [row["photo_path"] for row in rows(b"".join(spreadsheet(ITEMS, False)))] == ["a.jpg", "c.jpg"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    (cell,) = next(csv.reader(io.StringIO(csv_line([text]).decode("utf-8"), newline="")))
    assert cell.startswith("'")


def test_formulas_in_every_text_of_a_record_are_made_harmless() -> None:
    hostile = item("=cmd|' /C calc'!A0", m1=CONFIRMED)
    text = json.dumps(hostile.record).replace("Novosibirsk Cartridge Plant", "@SUM(1)").replace("7.62x54mmR", "+1")
    for asked in (False, True):
        for row in rows(b"".join(spreadsheet([Item(json.loads(text), hostile.words)], asked))):
            assert [cell for cell in row.values() if cell and cell[0] in "=+-@\t\r\n"] == []


def test_numbers_stay_numbers_and_other_text_stays_as_it_is() -> None:
    assert safe_cell(-33.9) == -33.9
    assert csv_line([-33.9, "-33.9", "ППУ 88", None]) == '-33.9,"\'-33.9","ППУ 88",""\r\n'.encode()
    assert safe_cell("a\u202egpj.exe") == "a\\u202egpj.exe"


def test_parquet_has_the_same_rows_with_types(tmp_path: Path) -> None:
    save_file("parquet", ITEMS, True, tmp_path / "x.parquet")
    table = pq.read_table(tmp_path / "x.parquet")
    assert table.column_names == [column.name for column in FLAT]
    read = table.to_pylist()
    flat = rows(b"".join(spreadsheet(ITEMS, True)))
    assert [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in read] == flat
    assert read[0]["latitude"] == 4.85
    assert read[0]["year_from"] == 1943


def test_parquet_holds_names_that_are_not_utf8(tmp_path: Path) -> None:
    save_file("parquet", [item("a\udcff.jpg", m1=CONFIRMED)], False, tmp_path / "x.parquet")
    assert pq.read_table(tmp_path / "x.parquet").to_pylist()[0]["photo_path"] == "a\\udcff.jpg"


def load(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_coco_has_decisions_as_annotations_and_guesses_as_results(tmp_path: Path) -> None:
    save_folder("coco", ITEMS, True, tmp_path / "coco")
    main, guesses = load(tmp_path / "coco/annotations.json"), load(tmp_path / "coco/predictions.json")
    names = {image["id"]: image["file_name"] for image in main["images"]}
    assert sorted(names.values()) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "f.jpg"]
    assert [names[one["image_id"]] for one in main["annotations"]] == ["a.jpg"]
    assert [(names[one["image_id"]], one["score"]) for one in guesses] == [("b.jpg", 0.847), ("d.jpg", 0.847)]
    (annotation,) = main["annotations"]
    assert annotation["bbox"] == [120.5, 80.5, 600.0, 600.0]
    assert annotation["area"] == pytest.approx(3.1416 * 300 * 300, rel=0.01)
    assert annotation["attributes"]["by"] == "M. Okoye"
    assert {category["id"]: category["name"] for category in main["categories"]}[
        annotation["category_id"]
    ] == "headstamp"
    assert sorted(path.name for path in (tmp_path / "coco").iterdir()) == ["annotations.json", "predictions.json"]


def test_coco_of_decisions_alone_has_no_guesses(tmp_path: Path) -> None:
    save_folder("coco", ITEMS, False, tmp_path / "coco")
    assert [path.name for path in (tmp_path / "coco").iterdir()] == ["annotations.json"]
    assert [image["file_name"] for image in load(tmp_path / "coco/annotations.json")["images"]] == ["a.jpg", "c.jpg"]
    save_folder("coco", [], True, tmp_path / "empty")
    assert load(tmp_path / "empty/annotations.json")["images"] == []
    assert load(tmp_path / "empty/predictions.json") == []


def test_label_studio_has_guesses_as_predictions_only(tmp_path: Path) -> None:
    save_folder("label-studio", ITEMS, True, tmp_path / "ls")
    tasks = {task["data"]["photo"]: task for task in load(tmp_path / "ls/tasks.json")}
    assert sorted(tasks) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "f.jpg"]
    assert [len(tasks[f"{n}.jpg"]["annotations"]) for n in "abcdf"] == [1, 0, 1, 0, 0]
    assert [len(tasks[f"{n}.jpg"]["predictions"]) for n in "abcdf"] == [0, 1, 0, 1, 0]
    assert tasks["c.jpg"]["annotations"] == [{"result": []}]
    shape, reading, origin = tasks["b.jpg"]["predictions"][0]["result"]
    assert shape["value"]["polygonlabels"] == ["headstamp"]
    assert shape["id"] == reading["id"] == origin["id"]
    assert reading["value"]["text"] == ["188 <star> 43 <star>"]
    assert "(not confirmed)" in origin["value"]["text"][0]
    xs = [x for x, _ in shape["value"]["points"]]
    assert (min(xs), max(xs)) == pytest.approx((100 * 120.5 / 900, 100 * 720.5 / 900), abs=0.01)
    assert {part["from_name"] for part in (shape, reading, origin)} <= _names(tmp_path / "ls/config.xml")


def _names(config: Path) -> set[str]:
    from xml.etree import ElementTree

    return {node.get("name", "") for node in ElementTree.fromstring(config.read_text("utf-8")).iter()}


def test_label_studio_paths_are_quoted(tmp_path: Path) -> None:
    save_folder("label-studio", [item("a b/&?#é\udcff.jpg", m1=CONFIRMED)], False, tmp_path / "ls", "/x?d=")
    assert load(tmp_path / "ls/tasks.json")[0]["data"]["image"] == "/x?d=a%20b/%26%3F%23%C3%A9%FF.jpg"

    hard = as_text("caf\udce9 a\\b\n.jpg")
    save_folder("label-studio", [item(hard, m1=CONFIRMED)], False, tmp_path / "hard", "/x?d=")
    (task,) = load(tmp_path / "hard/tasks.json")
    assert task["data"] == {**task["data"], "image": "/x?d=caf%E9%20a%5Cb%0A.jpg", "photo": hard}


# The parts of https://datapackage.org/profiles/2.0 that our descriptor uses.
_FIELD = {
    "type": "object",
    "required": ["name", "type", "description"],
    "properties": {"type": {"enum": ["string", "integer", "number"]}, "constraints": {"type": "object"}},
}
_RESOURCE = {
    "type": "object",
    "required": ["name", "path", "type", "schema", "hash", "bytes", "encoding"],
    "properties": {
        "name": {"pattern": "^[a-z0-9._-]+$"},
        "path": {"pattern": "^[a-z]+\\.csv$"},
        "type": {"const": "table"},
        "hash": {"pattern": "^sha256:[0-9a-f]{64}$"},
        "schema": {
            "type": "object",
            "required": ["fields", "primaryKey", "missingValues"],
            "properties": {"fields": {"type": "array", "minItems": 1, "items": _FIELD}},
        },
    },
}
_PACKAGE = {
    "type": "object",
    "required": ["$schema", "name", "created", "resources"],
    "properties": {
        "$schema": {"const": "https://datapackage.org/profiles/2.0/datapackage.json"},
        "name": {"pattern": "^[a-z0-9._-]+$"},
        "created": {"pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$"},
        "resources": {"type": "array", "minItems": 2, "items": _RESOURCE},
    },
}


@pytest.mark.parametrize("asked", [False, True])
def test_the_data_package_is_what_its_descriptor_says(tmp_path: Path, asked: bool) -> None:
    save_folder("datapackage", ITEMS, asked, tmp_path / "dp")
    descriptor = load(tmp_path / "dp/datapackage.json")
    jsonschema.validate(descriptor, _PACKAGE)
    assert descriptor["unconfirmed_included"] is asked
    tables = {}
    for resource in descriptor["resources"]:
        data = (tmp_path / "dp" / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["bytes"] == len(data)
        tables[resource["name"]] = rows(data)
        _check_rows(tables[resource["name"]], resource["schema"], tables)
    assert sorted(tables) == (["candidates", "marks", "photos"] if asked else ["marks", "photos"])
    assert [row["photo_path"] for row in tables["photos"]] == [f"{n}.jpg" for n in ("abcdef" if asked else "ac")]
    assert [row["status"] for row in tables["marks"]][:2] == ["confirmed", "unconfirmed" if asked else "rejected"]
    if asked:
        assert [row["rank"] for row in tables["candidates"]][:4] == ["1", "2", "3", "1"]


def _check_rows(found: list[dict[str, str]], schema: dict[str, Any], tables: dict[str, list[dict[str, str]]]) -> None:
    kinds = {"string": str, "integer": int, "number": float}
    keys = [tuple(row[name] for name in schema["primaryKey"]) for row in found]
    assert len(set(keys)) == len(keys)
    for row in found:
        assert list(row) == [field["name"] for field in schema["fields"]]
        for field in schema["fields"]:
            cell = row[field["name"]]
            assert cell or not field.get("constraints", {}).get("required"), field["name"]
            if cell:
                kinds[field["type"]](cell)
    for link in schema.get("foreignKeys", []):
        names = link["reference"]["fields"]
        there = {tuple(row[name] for name in names) for row in tables[link["reference"]["resource"]]}
        assert {tuple(row[name] for name in link["fields"]) for row in found} <= there


@pytest.mark.parametrize("form", ["coco", "label-studio", "datapackage"])
def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path, form: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/theirs.txt").write_text("x")
    with pytest.raises(OutputError, match="is not an empty folder"):
        save_folder(form, ITEMS, False, tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["theirs.txt"]


def test_an_export_never_replaces_a_photo(tmp_path: Path) -> None:
    from archive.exports.made import photo_bytes

    photo = tmp_path / "records.csv"  # a photo by its content
    photo.write_bytes(photo_bytes())
    with pytest.raises(UsageError, match="is a photo"):
        save_file("csv", ITEMS, False, photo)
    photo.write_bytes(photo_bytes()[:2000])
    with pytest.raises(UsageError, match="is a photo"):
        save_file("csv", ITEMS, False, photo)
    assert photo.read_bytes() == photo_bytes()[:2000]


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_a_fault_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path, form: str) -> None:
    target = tmp_path / "out"
    target.write_text("before")

    def broken() -> Any:
        yield ITEMS[0]
        raise OutputError("the store went away")

    with pytest.raises(OutputError, match="the store went away"):
        save_file(form, broken(), True, target)
    with pytest.raises(OutputError, match="the store went away"):
        save_folder("coco", broken(), True, tmp_path / "folder")
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    save_file(form, ITEMS, True, target)
    assert target.read_bytes() != b"before"


def test_a_folder_in_a_files_place_and_no_place_at_all_give_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        save_file("csv", ITEMS, False, tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"Cannot write .*Not a directory"):
        save_file("csv", ITEMS, False, tmp_path / "file" / "below.csv")
    with pytest.raises(OutputError, match="is not an empty folder"):
        save_folder("coco", ITEMS, False, tmp_path / "file")


def test_shapes_are_measured_from_the_corner() -> None:
    square = polygon([(-0.5, -0.5), (9.5, -0.5), (9.5, 4.5), (-0.5, 4.5)], (100, 100))
    assert box(square) == (0.0, 0.0, 10.0, 5.0)
    assert area(square) == 50.0
    assert polygon([(-50.0, 500.0)], (20, 10)) == [(0.0, 10.0)]
