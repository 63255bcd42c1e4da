"""What people read corrects the marking set: a set that checks, with proposed rows that say who, when and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from review.made import Browser, markings, source_of, web_of
from review.test_source import web_over

from vision.cli import run
from vision.errors import UsageError
from vision.review.corrections import code_of, proposals, write_set
from vision.review.labels import labels
from vision.review.web import Web
from vision.training.sets import check_set, load_set

BARNAUL = "Barnaul Cartridge Plant (Barnaul Machine-Tool Plant)"


def written(web: Web, folder: Path) -> tuple[int, int, list[str]]:
    return write_set(folder, labels(web.desk.source, web.desk.ledger), web.desk.source, markings())


def test_corrections_are_a_marking_set_without_faults(tmp_path: Path) -> None:
    """A known code, an unknown one of two marks, one whose maker nobody named, and a drawn mark."""
    web = web_of(tmp_path, source_of(tmp_path, 5))
    anna = Browser(web)
    anna.decide(1, "corrected", reading="17 75", with_candidate="1", level="pattern")
    for number in (11, 21):
        anna.decide(number, "corrected", reading="БПЗ <star> 75", with_candidate="1", level="maker")
    anna.decide(31, "corrected", reading="ZV 41")
    form = anna.mark(41) | {"kind": "serial", "outline": "[[1,1],[9,1],[9,9],[1,9]]", "reading": "AB 12"}
    anna.post("/new-mark", form)
    folder = tmp_path / "corrections"
    assert written(web, folder) == (5, 1, [])
    assert [str(fault) for fault in check_set(folder)] == []
    found = load_set(folder)
    assert {pattern.code: pattern.grade for pattern in found.patterns} == {"17": "B", "БПЗ <star>": "C"}
    proposed = next(pattern for pattern in found.patterns if pattern.grade == "C")
    assert (proposed.manufacturer, proposed.country, proposed.script) == (BARNAUL, "RU", "cyrillic")
    assert proposed.source.startswith("decided by anna until 20")
    assert "log entries 2, 3; photos sha256 " in proposed.source
    assert "БПЗ <star> 75" in proposed.notes
    read = {" ".join(label.elements): label.code for label in found.labels}
    assert read == {"17 75": "17", "БПЗ <star> 75": "БПЗ <star>", "ZV 41": "", "AB 12": ""}
    assert all((folder / label.file).is_file() for label in found.labels)


def test_a_reading_against_the_row_that_was_named_is_a_correction_of_it(tmp_path: Path) -> None:
    """Accepted down to the marking, but read otherwise: the row lacks a code that its maker struck."""
    web = web_of(tmp_path)
    Browser(web).decide(1, "corrected", reading="BSZ 75", with_candidate="1", level="pattern")
    (row,) = proposals(labels(web.desk.source, web.desk.ledger), markings())
    assert (row["code"], row["manufacturer"], row["grade"]) == ("BSZ", BARNAUL, "C")


def test_conflicts_correct_nothing(tmp_path: Path) -> None:
    web = web_of(tmp_path)
    Browser(web).decide(1, "corrected", reading="BSZ 75", with_candidate="1", level="pattern")
    Browser(web, "otto").decide(1, "rejected")
    with pytest.raises(UsageError, match="Nobody has read a mark"):
        written(web, tmp_path / "corrections")
    assert not (tmp_path / "corrections").exists()


def test_a_photo_that_is_gone_or_another_one_is_left_out_and_told(tmp_path: Path) -> None:
    web = web_of(tmp_path)
    anna = Browser(web)
    anna.decide(1, "corrected", reading="BSZ 75", with_candidate="1", level="maker")
    anna.decide(11, "corrected", reading="BSZ 76", with_candidate="1", level="maker")
    path = Path(web.desk.marks.by_number[1].path)
    path.write_bytes(path.read_bytes() + b"x")
    assert written(web, tmp_path / "corrections") == (1, 1, [str(path)])
    assert [label.elements for label in load_set(tmp_path / "corrections").labels] == [("BSZ", "76")]


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        (["ZV", "41"], "ZV"),
        (["7.62x39", "1975", "188"], "188"),
        (["17"], "17"),
        (["71", "75"], ""),
        (["P.M.P.", "'81"], "P.M.P."),
        (["<star>", "LVE", "9mm"], "<star> LVE"),
    ],
)
def test_the_code_is_what_is_neither_year_nor_calibre(elements: list[str], code: str) -> None:
    assert code_of(elements, markings()) == code


def test_the_command_writes_a_set_that_the_checker_takes(tmp_path: Path) -> None:
    web = web_over(tmp_path)
    Browser(web).decide(web.desk.marks.ordered[0].number, "corrected", reading="BSZ 75", with_candidate="1")
    out = tmp_path / "corrections"
    assert run(["log", "corrections", "--store", str(tmp_path / "finds.db"), "-o", str(out)]) == 0
    assert check_set(out) == []
    assert run(["log", "corrections", "--store", str(tmp_path / "finds.db"), "-o", str(out)]) == 5
