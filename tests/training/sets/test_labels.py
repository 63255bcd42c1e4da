"""Labels say the same in every format; what people decided reads as labels; guesses are not taken for labels."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from training.sets.made import LABELS, good_set, photo

from vision.training.learn.photos import is_held_out
from vision.training.sets import check_set, load_set
from vision.training.sets.labels import split_elements
from vision.training.sets.schema import Label


def coco() -> dict[str, Any]:
    """The made labels as COCO has them; the second without a box."""
    images = [{"id": n, "file_name": one["file"]} for n, one in enumerate(LABELS)]
    annotations = []
    for n, one in enumerate(LABELS):
        attributes = {"reading": " ".join(map(str, one["elements"])), "code": one["code"], "object": one["object"],
                      "site": one["site"]}  # fmt: skip
        box = one.get("box")
        found: dict[str, Any] = {"id": n, "image_id": n, "category_id": 1, "attributes": attributes}
        if isinstance(box, list):
            found["bbox"] = [box[0], box[1], box[2] - box[0], box[3] - box[1]]
        annotations.append(found)
    return {"images": images, "categories": [{"id": 1, "name": "headstamp"}], "annotations": annotations}


def label_studio() -> list[dict[str, Any]]:
    """The made labels as a Label Studio export, each with a wrong guess beside it."""
    return [
        {
            "data": {"image": f"/data/local-files/?d={one['file']}"},
            "annotations": [
                {
                    "result": [
                        {"type": "polygonlabels", "from_name": "mark", "value": {"polygonlabels": ["headstamp"]}},
                        {"from_name": "reading", "value": {"text": [" ".join(map(str, one["elements"]))]}},
                    ]
                }
            ],
            "predictions": [{"result": [{"from_name": "reading", "value": {"text": ["guess"]}}]}],
        }
        for one in LABELS
    ]


def test_coco_says_what_our_lines_say(tmp_path: Path) -> None:
    lines = load_set(good_set(tmp_path / "lines")).labels
    folder = good_set(tmp_path / "coco")
    (folder / "photos/labels.jsonl").unlink()
    (folder / "photos/export.json").write_text(json.dumps(coco(), ensure_ascii=False, indent=1), "utf-8")
    facts = [(one.file, one.kind, one.elements, one.code, one.object, one.site, one.box) for one in lines]
    found = load_set(folder).labels
    assert [(one.file, one.kind, one.elements, one.code, one.object, one.site, one.box) for one in found] == facts


def test_label_studio_gives_what_people_annotated_and_no_guess(tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    (folder / "photos/labels.jsonl").unlink()
    (folder / "photos/tasks.json").write_text(json.dumps(label_studio(), ensure_ascii=False), "utf-8")
    found = load_set(folder).labels
    assert [(one.file, one.elements) for one in found] == [
        (f"photos/{one['file']}", tuple(map(str, one["elements"]))) for one in LABELS
    ]


def test_folders_named_by_their_code_are_labels(tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    shutil.rmtree(folder / "photos")
    (folder / "photos/Q7").mkdir(parents=True)
    (folder / "photos/<lion>").mkdir()
    photo(folder / "photos/Q7/a.jpg", 1)
    photo(folder / "photos/Q7/b.png", 2)
    photo(folder / "photos/<lion>/c.jpg", 3)
    assert [(one.file, one.elements, one.code) for one in load_set(folder).labels] == [
        ("photos/<lion>/c.jpg", ("<lion>",), "<lion>"),
        ("photos/Q7/a.jpg", ("Q7",), "Q7"),
        ("photos/Q7/b.png", ("Q7",), "Q7"),
    ]
    (folder / "photos/Q9").mkdir()
    photo(folder / "photos/Q9/d.jpg", 4)
    assert [str(fault) for fault in check_set(folder)] == [
        "photos/Q9/d.jpg:1: no mark of markings.csv has the code 'Q9'; correct either"
    ]


def test_folders_named_by_their_code_one_folder_too_deep_are_said(tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    shutil.rmtree(folder / "photos")
    for part in ("train/Q7", "val/Q7", "unsorted/may"):
        (folder / "photos" / part).mkdir(parents=True)
        photo(folder / "photos" / part / "a.jpg", 1)
    assert [str(fault) for fault in check_set(folder)] == [
        "photos/train:1: train/Q7 is one folder too deep; move what is in train to photos/",
        "photos/val:1: val/Q7 is one folder too deep; move what is in val to photos/",
    ]


def exported(folder: Path, tasks: object) -> Path:
    """The set with one file of another program in place of its labels."""
    (folder / "photos/labels.jsonl").unlink()
    (folder / "photos/tasks.json").write_text(json.dumps(tasks, ensure_ascii=False), "utf-8")
    return folder


def annotated(image: str, *readings: str, **more: object) -> dict[str, Any]:
    results = [[{"from_name": "reading", "value": {"text": [reading]}}] for reading in readings]
    return {"data": {"image": image}, "annotations": [{"result": one, **more} for one in results]}


def test_label_studio_with_a_control_of_another_name_is_said(tmp_path: Path) -> None:
    tasks = [annotated("/data/local-files/?d=one.jpg", "Q7")]
    tasks[0]["annotations"][0]["result"][0]["from_name"] = "transcription"
    assert [str(fault) for fault in check_set(exported(good_set(tmp_path / "set"), tasks))] == [
        "photos/tasks.json:1: nothing is typed in a control named 'reading', only in transcription; name the control so"
    ]


@pytest.mark.parametrize(
    "content", [[], [annotated("one.jpg", "Q7", was_cancelled=True)], {"images": [{"id": 1, "file_name": "one.jpg"}]}]
)
def test_a_file_that_gives_no_label_is_said(tmp_path: Path, content: object) -> None:
    (fault,) = check_set(exported(good_set(tmp_path / "set"), content))
    assert str(fault).startswith("photos/tasks.json:1: no photo in it has a label; ")


def test_what_was_cancelled_or_said_twice_in_label_studio_is_one_label(tmp_path: Path) -> None:
    one = annotated("/data/local-files/?d=one.jpg", "Q7", "Q7")
    one["annotations"] += annotated("", "ԲԿ", was_cancelled=True)["annotations"]
    (label,) = load_set(exported(good_set(tmp_path / "set"), [one])).labels
    assert label.elements == ("Q7",)


def test_what_was_uploaded_to_label_studio_is_found_by_either_name(tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    photo(folder / "photos/0a1b2c3d-four.jpg", 9)
    names = ("5f3a0b11-one.jpg", "0a1b2c3d-four.jpg", "99aabbcc-gone.jpg")
    tasks = [annotated(f"/data/upload/1/{name}", "Q7") for name in names]
    assert [str(fault) for fault in check_set(exported(folder, tasks))] == [
        "photos/tasks.json:1: 'photos/gone.jpg' is missing; add the file, or remove what names it"
    ]
    (folder / "photos/tasks.json").write_text(json.dumps(tasks[:2]), "utf-8")
    assert [label.file for label in load_set(folder).labels] == ["photos/one.jpg", "photos/0a1b2c3d-four.jpg"]


def with_lines(folder: Path, *lines: dict[str, object]) -> Path:
    """The set with other labels, of the photo one.jpg where no other is named."""
    texts = [json.dumps({"file": "one.jpg", "elements": ["Q7"]} | line) for line in lines]
    (folder / "photos/labels.jsonl").write_text("\n".join(texts) + "\n", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"year": "abc"}, "year must be a year like 1975; got 'abc'"),
        ({"year": 75}, "year must be a year like 1975; got '75'"),
        ({"country": "Russia"}, "country must be a code of countries.csv like RU; got 'Russia'"),
        ({"country": ["GE", "XX"]}, "country must be a code of countries.csv like RU; got 'XX'"),
    ],
)
def test_what_evaluation_could_not_read_is_a_fault_of_the_set(
    tmp_path: Path, more: dict[str, object], said: str
) -> None:
    folder = with_lines(
        good_set(tmp_path / "set"), {"year": 1975, "country": "GE", "metal": "brass"}, {"file": "two.png"} | more
    )
    assert [str(fault) for fault in check_set(folder)] == [f"photos/labels.jsonl:2: {said}"]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({}, {}, "the same label as line 1; keep one of them"),
        ({}, {"elements": ["Q7", "75"]}, "line 1 says otherwise of the same mark; correct one of them"),
        ({"box": [1, 1, 9, 9]}, {"box": [1, 1, 9, 9], "elements": ["ԲԿ"]}, "line 1 says otherwise of the same mark"),
        ({}, {"kind": "none", "elements": []}, "line 1 says otherwise, whether a mark is there; correct one of them"),
    ],
)
def test_labels_of_one_photo_that_cannot_both_stand_are_named(
    tmp_path: Path, first: dict[str, object], second: dict[str, object], said: str
) -> None:
    (fault,) = check_set(with_lines(good_set(tmp_path / "set"), first, second))
    assert str(fault).startswith(f"photos/labels.jsonl:2: photos/one.jpg: {said}")


def test_several_marks_of_one_photo_have_a_label_each(tmp_path: Path) -> None:
    lines = ({"box": [1, 1, 9, 9]}, {"box": [20, 1, 30, 9]}, {"kind": "serial"}, {"kind": "serial", "elements": ["9"]})
    assert check_set(with_lines(good_set(tmp_path / "set"), *lines)) == []


def test_what_people_decided_reads_as_labels(tmp_path: Path) -> None:
    """The lines that marktrace log labels writes."""
    folder = good_set(tmp_path / "set")
    said = {"file": "one.jpg", "kind": "headstamp", "elements": ["Q7", "75"], "code": "Q7", "box": [1.5, 2, 60, 50]}
    said |= {"by": "ana, ben", "at": "2026-11-29T10:00:00Z", "country": "GE", "manufacturer": "Fourth Works"}
    (folder / "photos/labels.jsonl").write_text(json.dumps(said) + "\n", "utf-8")
    (label,) = load_set(folder).labels
    assert (label.elements, label.code, label.box) == (("Q7", "75"), "Q7", (1.5, 2.0, 60.0, 50.0))


@pytest.mark.parametrize(
    ("text", "elements"),
    [("188 75", ["188", "75"]), ("  <nato cross>·9 | x ", ["<nato cross>", "9", "x"]), ("", []), ("<a b", ["<a b"])],
)
def test_a_reading_is_parted_into_elements(text: str, elements: list[str]) -> None:
    assert split_elements(text) == elements


def test_photos_of_one_object_or_site_are_on_one_side_of_the_split() -> None:
    for n in range(60):
        same_site = [Label(f"{n}-{k}.jpg", 1, "labels.jsonl", site=f"site {n}", object=f"o{k}") for k in range(5)]
        assert len({is_held_out(label) for label in same_site}) == 1
        same_object = [Label(f"{n}-{k}.jpg", 1, "labels.jsonl", object=f"case {n}") for k in range(5)]
        assert len({is_held_out(label) for label in same_object}) == 1
    held = sum(is_held_out(Label(f"{n}.jpg", 1, "labels.jsonl")) for n in range(1000))
    assert 150 < held < 250
