"""200 seeded faults: each is named with its file and line, none crashes the check, nothing is written."""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from training.sets.made import HEADER, LABELS, ROWS, good_set

from vision.catalogue.load import load_marking_set
from vision.catalogue.schema import Fault, MarkingSet
from vision.training.sets import check_set, load_set

# A fault is put in and says where it must be named: the file, and the lines that will do.
Spoiler = Callable[[Path, random.Random], tuple[str, set[int]]]
MARKINGS, LABELS_FILE, ABOUT = "markings.csv", "photos/labels.jsonl", "set.toml"


@pytest.fixture(scope="module")
def base() -> MarkingSet:
    return load_marking_set()


def cell(column: str, values: tuple[str, ...]) -> Spoiler:
    """One field of a random row becomes one of values."""

    def spoil(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
        rows = [row.split(",") for row in ROWS]
        number = rng.randrange(len(rows))
        rows[number][HEADER.split(",").index(column)] = rng.choice(values)
        (folder / MARKINGS).write_text("\n".join((HEADER, *(",".join(r) for r in rows))) + "\n", "utf-8")
        return MARKINGS, {number + 2}

    return spoil


def header(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
    names = HEADER.split(",")
    number = rng.randrange(len(names))
    wrong = rng.choice([names[number] + "s", names[number].upper(), "", "colour", names[number - 1], "länge"])
    text = (folder / MARKINGS).read_text("utf-8")
    (folder / MARKINGS).write_text(
        text.replace(HEADER, ",".join([*names[:number], wrong, *names[number + 1 :]])), "utf-8"
    )
    return MARKINGS, {1}


def table_bytes(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
    data = (folder / MARKINGS).read_bytes().split(b"\n")
    line = rng.randrange(1, len(ROWS) + 1)
    data[line] += rng.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x00", b",more", b"\xe2\x80\xae", b' "a"b'])
    (folder / MARKINGS).write_bytes(b"\n".join(data))
    return MARKINGS, {line + 1}


def twice(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
    with (folder / MARKINGS).open("a", encoding="utf-8") as out:
        out.write(rng.choice(ROWS) + "\n")
    return MARKINGS, {len(ROWS) + 2}


def no_commas(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
    text = (folder / MARKINGS).read_text("utf-8")
    (folder / MARKINGS).write_text(text.replace(",", rng.choice([";", "\t", "|"])), "utf-8")
    return MARKINGS, {1}


def label(change: Callable[[dict[str, object], random.Random], object]) -> Spoiler:
    """One random label is changed; what change gives, when it is a text, replaces the whole line."""

    def spoil(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
        number = rng.randrange(len(LABELS))
        one = dict(LABELS[number])
        text = change(one, rng)
        lines = (folder / LABELS_FILE).read_text("utf-8").splitlines()
        lines[number] = text if isinstance(text, str) else json.dumps(one, ensure_ascii=False)
        (folder / LABELS_FILE).write_text("\n".join(lines) + "\n", "utf-8")
        return LABELS_FILE, {number + 1}

    return spoil


def pixels(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
    """A photo is gone, cut short, rubbish, enormous, the same as another, or a link."""
    number = rng.randrange(len(LABELS))
    path = folder / "photos" / str(LABELS[number]["file"])
    data = path.read_bytes()
    way = rng.randrange(6)
    path.unlink()
    if way == 1:
        path.write_bytes(data[: len(data) // rng.randrange(2, 9)])
    elif way == 2:
        path.write_bytes(rng.randbytes(300))
    elif way == 3:
        Image.new("1", (10_000, 10_000)).save(path, "PNG")
    elif way == 4:
        path.write_bytes((folder / "photos" / str(LABELS[(number + 1) % len(LABELS)]["file"])).read_bytes())
        return LABELS_FILE, {1, 2, 3}
    elif way == 5:
        path.symlink_to("/etc/hostname")
    return LABELS_FILE, {number + 1}


def drawing(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
    path = folder / "symbols/lion.svg"
    text = path.read_text("utf-8")
    spoilt, line = rng.choice(
        [
            (text.replace("</svg>", ""), 3),
            (text.replace("<path", "<script>x</script><path"), 2),
            (text.replace("<path", '<image href="file:///etc/passwd"/><path'), 2),
            (text.replace("<svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg'), 1),
            (text.replace("<path", '<path onload="x()"'), 2),
            (text.replace('<path d="M1 1 L8 8 L1 8 Z"/>', ""), 1),
            (text.replace(" L8 8 L1 8 Z", ""), 1),
            (text.replace(" L1 8 Z", ""), 1),
            ("", 1),
            ("<html/>", 1),
            ('<?xml version="1.0" encoding="nonsense"?>' + text, 1),
            (text.replace('d="', 'd="\x01'), 2),
        ]
    )
    path.write_text(spoilt, "utf-8")
    return "symbols/lion.svg", {line, line + 1}


def strange_drawing(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
    name = rng.choice(["Lion.svg", "wolf.svg", "lion.gif", "lion.png", "li<on.svg", "notes.txt"])
    (folder / "symbols" / name).write_bytes((folder / "symbols/lion.svg").read_bytes())
    return f"symbols/{name}", {1}


def about(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
    lines = (folder / ABOUT).read_text("utf-8").splitlines()
    number = rng.randrange(1, len(lines))
    key = lines[number].partition(" ")[0]
    lines[number] = rng.choice(
        [f"{key} = 7", f"{key} =", f"{key} = ''", f"{key} = [1, 2]", f"{key}: x", f'{key}x = "y"', ""]
    )
    (folder / ABOUT).write_text("\n".join(lines) + "\n", "utf-8")
    return ABOUT, {1, number + 1}


def about_bytes(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
    (folder / ABOUT).write_bytes(b"# \xff\n" + rng.choice([b"", b"[[", b"a=" + b"[" * 5000]))
    return ABOUT, {1}


def gone(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
    name = rng.choice([ABOUT, MARKINGS])
    (folder / name).unlink()
    if rng.random() < 0.3:
        (folder / name).symlink_to("/etc/passwd")
    return name, {1}


def whole_file(folder: Path, rng: random.Random) -> tuple[str, set[int]]:
    """A JSON file that is neither COCO nor Label Studio, or a broken one."""
    texts = ["[]x", "7", "{}", '{"images": [], "annotations": 3}', '[{"data": {}}, 4]', "[" * 100_000,
             '{"images": [{"id": 1, "file_name": "one.jpg"}], "annotations": [{"image_id": 9}]}',
             '{"images": [{"id": [], "file_name": {}}], "annotations": [{"image_id": []}]}',
             '{"images":[{"id":1,"file_name":"../../x.jpg"}],"categories":[{"id":1,"name":"Q7"}],'
             '"annotations":[{"image_id":1,"category_id":1}]}']  # fmt: skip
    (folder / "photos/more.json").write_text(rng.choice(texts), "utf-8")
    return "photos/more.json", {1}


OUTSIDE = (
    "../set.toml",
    "/etc/passwd",
    "a/../../b.jpg",
    "C:\\x.jpg",
    "..\\x.jpg",
    "http://h/x.jpg",
    "x\0y.jpg",
    "n" * 3000,
)
SPOILERS: tuple[Spoiler, ...] = (
    header,
    table_bytes,
    twice,
    no_commas,
    cell("id", ("", "No Blanks", "x", "ge-", "ge_a", "<b>")),
    cell("country", ("", "XX", "Georgia", "ge", "ZZ")),
    cell("grade", ("", "D", "a", "1")),
    cell("years_from", ("1492", "soon", "19x5", "-3", "2999", "1_950")),
    cell("calibres", ("7.62x39", "9mm", "none;", "x;y")),
    cell("code", ("", "<lion", "a>b", "x" * 500, " Q")),
    cell("source", ("", " own", "x" * 900, "e\u0301")),
    label(lambda one, rng: one.update(file=rng.choice(OUTSIDE))),
    label(lambda one, rng: one.update(file=rng.choice(["none.jpg", "", None, 7, ["a"], "sub/one.jpg", "."]))),
    label(lambda one, rng: one.update(code=rng.choice(["ZZZ", "q7", 9, ["Q7"], "x" * 999]))),
    label(lambda one, rng: one.update(elements=rng.choice(["Q7", [7], [], [""], ["<lion"], ["x"] * 99, {"a": 1}]))),
    label(lambda one, rng: one.update(kind=rng.choice(["head", "", 4, None, ["none"]]))),
    label(
        lambda one, rng: one.update(
            box=rng.choice([[1, 2, 3], [9, 9, 1, 1], ["a"] * 4, 5, [0, 0, 999, 999], [-9, 0, 5, 5]])
        )
    ),
    label(lambda one, rng: one.update(boxes=[1])),
    label(
        lambda one, rng: rng.choice(
            ["{", "[1]", "nothing", '{"file": "one.jpg", "file": "two.png"}', "[" * 9000, "NaN"]
        )
    ),
    pixels,
    pixels,
    drawing,
    strange_drawing,
    about,
    about_bytes,
    gone,
    whole_file,
)


def tree(folder: Path) -> str:
    """One hash over everything there is."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(f"{path}{path.lstat().st_mtime_ns}".encode())
        digest.update(path.read_bytes() if path.is_file() and not path.is_symlink() else os.fsencode(path.name))
    return digest.hexdigest()


def test_a_good_set_has_no_faults(tmp_path: Path, base: MarkingSet) -> None:
    assert check_set(good_set(tmp_path / "set"), base) == []


def test_what_operating_systems_and_excel_add_is_no_fault(tmp_path: Path, base: MarkingSet) -> None:
    folder = good_set(tmp_path / "set")
    digest = load_set(folder, base).sha256
    for name in ("symbols/.DS_Store", "symbols/._lion.svg", "symbols/Thumbs.db", "photos/._x.json", "photos/.DS_Store"):
        (folder / name).write_bytes(b"\0\1")
    assert load_set(folder, base).sha256 == digest
    for name in (MARKINGS, LABELS_FILE, ABOUT):
        (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())
    assert check_set(folder, base) == []
    (folder / "photos/Q7").mkdir()
    (folder / LABELS_FILE).unlink()
    (folder / "photos/Q7/._a.jpg").write_bytes(b"\0\1")
    assert check_set(folder, base) == []


@pytest.mark.parametrize("name", [ABOUT, MARKINGS])
def test_a_file_that_is_not_there_is_one_fault(tmp_path: Path, base: MarkingSet, name: str) -> None:
    folder = good_set(tmp_path / "set")
    (folder / name).unlink()
    assert [str(fault) for fault in check_set(folder, base)] == [
        f"{name}:1: is missing; marktrace catalogue new begins a set that has one"
    ]


@pytest.mark.parametrize(("old", "new"), [(b"id,code", b"id;code"), (b"Works", b"W\xf6rks"), (b",AM,", b",XX,")])
def test_a_fault_of_the_marks_is_not_told_of_drawings_and_labels_too(
    tmp_path: Path, base: MarkingSet, old: bytes, new: bytes
) -> None:
    folder = good_set(tmp_path / "set")
    (folder / MARKINGS).write_bytes((folder / MARKINGS).read_bytes().replace(old, new))
    assert {fault.file for fault in check_set(folder, base)} == {MARKINGS}


def test_taught_symbols_that_cannot_be_read_are_a_fault_of_the_set(tmp_path: Path, base: MarkingSet) -> None:
    folder = good_set(tmp_path / "set")
    (folder / "taught_symbols.json").write_text("{", "utf-8")
    assert [str(fault) for fault in check_set(folder, base)] == [
        "taught_symbols.json:1: taught_symbols.json cannot be read (JSONDecodeError); remove the file, and teach the "
        "symbols again"
    ]


@pytest.mark.parametrize("seed", range(200))
def test_a_fault_is_named_with_its_file_and_line_and_nothing_is_written(
    seed: int, tmp_path: Path, base: MarkingSet
) -> None:
    folder = good_set(tmp_path / "set")
    file, lines = SPOILERS[seed % len(SPOILERS)](folder, random.Random(seed))
    before = tree(tmp_path)
    faults: list[Fault] = check_set(folder, base)
    assert tree(tmp_path) == before
    assert [f for f in faults if f.file == file and f.line in lines], [str(f) for f in faults]
    assert all(len(f.message) > 12 and "\n" not in f.message for f in faults)
