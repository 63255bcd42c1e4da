"""Scores are those of the yardstick, and say more; a model is worse exactly where it lost more than the tolerance."""

from __future__ import annotations

import dataclasses
import json
import runpy
import sys
from pathlib import Path

import drawn
import pytest
from evaluate.made import label, record

from vision.errors import UsageError
from vision.evaluate import compare, read_labels, read_records, score_all, summaries
from vision.evaluate.compare import TOLERANCE
from vision.evaluate.labels import script
from vision.evaluate.report import contact_sheet, diagram, markdown, write_report
from vision.evaluate.score import is_there
from vision.evaluate.summary import calibration_error, confusions, reliability
from vision.evaluate.words import edits, plain, score_reading, symbol_key
from vision.record import to_record
from vision.types import LikelySet


@pytest.mark.parametrize(
    ("true", "read", "words_right", "words", "characters", "exact"),
    [
        (["188", "75"], ["75", "188"], 2, 2, 1.0, True),  # where reading begins does not matter
        (["188", "75"], ["108", "75"], 1, 2, 0.8, False),
        (["F", "N", "44"], ["FN", "44"], 2, 2, 1.0, True),  # single letters joined or not
        (["P.M.P."], ["PMP"], 1, 1, 1.0, True),
        (["AB"], ["AB", "X"], 1, 1, 1 / 2, False),  # something made up
        (["Z2?B", "9"], ["9"], 1, 1, 1.0, True),  # what people cannot read is not asked
        (["AB"], [], 0, 1, 0.0, False),
    ],
)
def test_a_reading_is_scored_as_the_yardstick_does(
    true: list[str], read: list[str], words_right: int, words: int, characters: float, exact: bool
) -> None:
    found = score_reading(true, read)
    assert (found.words_right, found.words, found.exact) == (words_right, words, exact)
    assert found.characters == pytest.approx(characters)


def test_what_differs_is_named_by_character() -> None:
    assert edits("188", "108") == (1, [("8", "0")])
    assert edits("ab", "") == (2, [("a", ""), ("b", "")])
    assert edits("", "x") == (1, [("", "x")])
    assert score_reading(["188"], ["108"]).confusions == (("8", "0"),)


def test_names_of_one_symbol_are_equal() -> None:
    assert symbol_key("<10 in double circle>") == symbol_key("<double circled 10>") == symbol_key("<circled 10>")
    assert plain("Cal. 9mm") == "cal9mm"
    found = score_reading(["<star>", "<five-pointed star>"], ["<star>"])
    assert (found.symbols_right, found.symbols) == (1, 2)


def test_a_photo_that_was_not_read_counts() -> None:
    (score,) = score_all([label(1)], {})
    assert (score.reading.words_right, score.reading.words, score.answered, score.code_first) == (0, 2, False, False)


def test_an_origin_stated_without_a_mark_counts_as_stated_wrongly() -> None:
    labels = [label(1, (), kind="none"), label(2, (), kind="none")]
    records = {"001.jpg": record(1), "002.jpg": record(2, level="unknown")}
    assert [s.stated_wrongly for s in score_all(labels, records)] == [True, False]
    (found,) = (s for s in summaries(score_all(labels, records)) if s.stratum == "all")
    assert (found.stated_wrongly, found.without_mark, found.photos) == (1, 2, 0)


def test_sure_and_wrong_is_said_and_a_country_without_a_level_is_wrong() -> None:
    records = {"001.jpg": record(1, country="DE", probability=0.95), "002.jpg": record(2, level="unknown")}
    wrong, unsaid = score_all([label(1), label(2)], records)
    assert (wrong.sure_wrong, wrong.country_first) == (True, False)
    assert (unsaid.sure_wrong, unsaid.country_first, unsaid.code_first, unsaid.abstained) == (False, False, True, True)


@pytest.mark.parametrize(
    ("country", "states", "covered"),
    [
        ("RU", ("RU", "RS"), True),
        ("RS", ("RU",), False),
        ("FI", ("RU", "unknown"), True),  # no candidate is of it, and that is what "unknown" stands for
        ("RS", ("RU", "unknown"), False),
        ("FI", ("RU",), False),
    ],
)
def test_coverage_is_read_from_the_set_of_a_record_as_it_is_written(
    country: str, states: tuple[str, ...], covered: bool
) -> None:
    mark = drawn.mark()
    likely = LikelySet(0.1, (), (), states)
    said = dataclasses.replace(drawn.attribution(), likely=likely)
    result = dataclasses.replace(drawn.result(), marks=(dataclasses.replace(mark, attribution=said),))
    labels = [label(1, countries=(country,))]
    (found,) = score_all(labels, {labels[0].file: to_record(result)})
    assert found.covered is covered
    assert summaries([found])[0].figures["coverage"] == 100.0 * covered


def test_the_calibration_error_is_how_far_what_is_said_is_from_what_is_right() -> None:
    labels = [label(n) for n in range(10)]
    records = {f"{n:03d}.jpg": record(n, probability=0.85, country="FR" if n < 4 else "DE") for n in range(10)}
    scores = score_all(labels, records)
    assert reliability(scores) == [(pytest.approx(0.85), 0.4, 10)]
    assert calibration_error(scores) == pytest.approx(45.0)


def test_a_box_is_found_where_an_outline_of_its_size_sits() -> None:
    square = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)]
    assert is_there((0, 0, 100, 100), square)
    assert not is_there((60, 0, 160, 100), square)
    assert not is_there((0, 0, 40, 40), square)


def test_the_script_of_a_mark() -> None:
    assert [script(e) for e in (["ППУ", "75"], ["188"], ["FN", "Ж"], ["ԱԲ"])] == [
        "cyrillic",
        "none",
        "mixed",
        "armenian",
    ]


def test_a_model_is_worse_exactly_on_the_stratum_where_it_lost_more_than_the_tolerance() -> None:
    labels = [label(n, strata=("all", f"script: {'latin' if n < 100 else 'cyrillic'}")) for n in range(200)]
    good = {f"{n:03d}.jpg": record(n) for n in range(200)}
    worse = good | {f"{n:03d}.jpg": record(n, ("XY", "75")) for n in range(150, 154)}
    old, new = (score_all(labels, records) for records in (good, worse))
    assert [c for c in compare(old, old) if c.worse] == []
    named = {(c.stratum, c.figure) for c in compare(old, new) if c.worse}
    assert ("script: cyrillic", "words") in named
    assert all(stratum != "script: latin" for stratum, _ in named)
    assert [c for c in compare(new, old) if c.worse] == []
    (words,) = (c for c in compare(old, new) if (c.stratum, c.figure) == ("script: cyrillic", "words"))
    assert words.difference == pytest.approx(-2.0)
    assert words.low < words.difference < words.high <= 0
    assert words.low > -6
    assert TOLERANCE == 1.0


def test_only_the_same_photos_are_compared() -> None:
    with pytest.raises(UsageError, match="same labelled photos"):
        compare(score_all([label(1)], {}), score_all([label(2)], {}))


def test_labels_and_records_that_are_none_are_named_by_line(tmp_path: Path) -> None:
    (tmp_path / "labels.jsonl").write_text('{"file": "a.jpg"}\n{"kind": "none"}\n', "utf-8")
    with pytest.raises(UsageError, match=r"labels\.jsonl:2"):
        read_labels(tmp_path / "labels.jsonl")
    with pytest.raises(UsageError, match=r"none\.jsonl cannot be read: No such file"):
        read_labels(tmp_path / "none.jsonl")
    (tmp_path / "out.jsonl").write_text('{"photo": {}}\n', "utf-8")
    with pytest.raises(UsageError, match=r"out\.jsonl:1: no record of a photo"):
        read_records(tmp_path / "out.jsonl")
    (tmp_path / "out.jsonl").write_text("{\n", "utf-8")
    with pytest.raises(UsageError, match=r"out\.jsonl:1: not JSON"):
        read_records(tmp_path / "out.jsonl")


def test_a_report_shows_figures_confusions_and_the_worst(tmp_path: Path) -> None:
    scores = score_all([label(1), label(2)], {"001.jpg": record(1), "002.jpg": record(2, ("A8", "75"))})
    files = write_report(tmp_path / "report", scores, tmp_path)
    assert [path.name for path in files] == ["report.md", "reliability.svg", "report.json", "worst.jpg"]
    text = (tmp_path / "report/report.md").read_text("utf-8")
    assert "| b | 8 | 1 |" in text
    assert "| all | 2 |" in text
    facts = json.loads((tmp_path / "report/report.json").read_text("utf-8"))
    assert facts["strata"][0]["figures"]["words"] == pytest.approx(75.0)
    assert confusions(scores) == [("b", "8", 1)]
    assert "<circle" in diagram(scores)
    assert contact_sheet(scores, tmp_path).size[0] > 500
    assert "**worse**" not in markdown(summaries(scores), scores, [])


def test_a_report_takes_the_place_of_an_earlier_one_and_of_no_photo(tmp_path: Path) -> None:
    scores = score_all([label(1)], {"001.jpg": record(1)})
    for _ in range(2):
        write_report(tmp_path / "report", scores, tmp_path)
    photo = (Path(__file__).parents[2] / "docs" / "examples" / "worn.jpg").read_bytes()
    (tmp_path / "finds").mkdir()
    (tmp_path / "finds" / "worst.jpg").write_bytes(photo)
    with pytest.raises(UsageError, match="no photo is ever replaced"):
        write_report(tmp_path / "finds", scores, tmp_path)
    assert (tmp_path / "finds" / "worst.jpg").read_bytes() == photo


def test_the_figures_are_those_of_the_yardstick(measuring_photos: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    """On the labelled photos and made-up readings: every figure equal to the yardstick's to its one decimal."""
    yardstick = measuring_photos.parent / "evaluate" / "score.py"
    if not yardstick.is_file():
        pytest.skip("no yardstick beside the measuring photos")
    labels = read_labels(measuring_photos / "real" / "labels.jsonl")
    lines = []
    for n, one in enumerate(labels):
        texts = tuple(e if (i + n) % 3 else e[::-1] for i, e in enumerate(one.elements)) if n % 5 else ()
        made = record(0, texts, country=(one.countries or ("FR",))[0] if n % 4 else "XX", probability=n % 10 / 10,
                      level=("pattern", "unknown")[n % 7 == 0], code=(one.codes or ("?",))[0])  # fmt: skip
        made["photo"]["path"] = one.file
        made["marks"][0]["outline"] = [[0, 0], [400, 400]] if not one.box else [list(one.box[:2]), list(one.box[2:])]
        lines.append(json.dumps(made))
    out = tmp_path / "out.jsonl"
    out.write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(sys, "argv", ["score", str(out), str(measuring_photos / "real" / "labels.jsonl"), "--json"])
    with pytest.raises(SystemExit):
        runpy.run_path(str(yardstick), run_name="__main__")
    wanted = json.loads(capsys.readouterr().out)
    records = {one["photo"]["path"]: one for one in read_records(out)}
    (found,) = (s for s in summaries(score_all(labels, records)) if s.stratum == "all")
    ours = {k: None if v is None else round(v, 1) for k, v in found.figures.items() if k in wanted}
    assert {k: wanted[k] for k in ours} == ours
    assert len(ours) >= 8
    assert round(found.ece or 0, 1) == wanted["ece"]
    assert (found.sure_wrong, found.abstained) == (wanted["sure_wrong"], wanted["abstained"])
    assert f"{found.stated_wrongly}/{found.without_mark}" == wanted["false"]
