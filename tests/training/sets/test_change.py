"""Sets are begun, compared and merged: both sources stay, and what contradicts is kept twice and shown."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from training.sets.made import good_set
from typer.testing import CliRunner

from vision.catalogue.load import load_marking_set
from vision.catalogue.schema import Pattern
from vision.cli import app, run
from vision.errors import OutputError
from vision.manifest import shipped_folder
from vision.training.sets import check_set, load_set
from vision.training.sets.change import difference, merge_table, merged, new_set
from vision.training.sets.table import as_csv


@pytest.fixture
def patterns(tmp_path: Path) -> tuple[Pattern, ...]:
    return load_set(good_set(tmp_path / "set")).patterns


def test_a_new_set_lacks_only_marks_and_is_not_put_over_another(tmp_path: Path) -> None:
    folder = tmp_path / "finds"
    assert [path.name for path in new_set(folder, "finds")] == ["set.toml", "markings.csv"]
    assert [fault.file for fault in check_set(folder)] == ["markings.csv"]
    with pytest.raises(OutputError, match="holds something"):
        new_set(folder, "finds")


def test_a_difference_names_what_came_went_and_changed(patterns: tuple[Pattern, ...]) -> None:
    one, two, three, four = patterns
    found = difference(patterns, (one, replace(two, years_from=1960), replace(four, id="ge-new"), three))
    assert [p.id for p in found.added] == ["ge-new"]
    assert [p.id for p in found.removed] == [four.id]
    assert [str(c) for c in found.changed] == [f"{two.id}: years_from is not given here and '1960' there"]
    assert difference(patterns, patterns).changed == ()


def test_rows_that_agree_become_one_with_both_sources(patterns: tuple[Pattern, ...]) -> None:
    one, two, *_ = patterns
    rows, conflicts = merged([one, two], [replace(two, source="a museum", years_to=1999)], "theirs")
    assert conflicts == []
    assert [(p.id, p.source, p.years_to) for p in rows] == [
        (one.id, one.source, one.years_to),
        (two.id, f"{two.source}; a museum", 1999),
    ]


def test_rows_that_contradict_are_both_kept_and_shown(patterns: tuple[Pattern, ...]) -> None:
    one = patterns[0]
    rows, (conflict,) = merged([one], [replace(one, country="AM", source="a museum")], "other_set")
    assert [(p.id, p.country, p.source) for p in rows] == [
        (one.id, "GE", one.source),
        (f"{one.id}-other-set", "AM", "a museum"),
    ]
    assert str(conflict) == f"{one.id}: country is 'GE' here and 'AM' there"


@pytest.mark.parametrize(
    ("ours", "theirs", "both"),
    [
        ("a book, p. 1", "a book, p. 1", "a book, p. 1"),
        ("a book, p. 12", "a book, p. 1", "a book, p. 12; a book, p. 1"),
        ("a book; a museum", "a museum; own finds", "a book; a museum; own finds"),
    ],
)
def test_rows_that_agree_are_joined_whatever_their_sources(
    patterns: tuple[Pattern, ...], ours: str, theirs: str, both: str
) -> None:
    own = replace(patterns[1], source=ours, notes="seen on clips")
    (row,), _ = merged([own], [replace(own, source=theirs, years_to=1999, notes="brass")], "theirs")
    assert (row.source, row.years_to, row.notes) == (both, 1999, "seen on clips; brass")


def test_a_joined_field_is_no_longer_than_a_field_may_be(patterns: tuple[Pattern, ...]) -> None:
    own = replace(patterns[0], source="x" * 398)
    (row,), _ = merged([own], [replace(own, source="a museum")], "theirs")
    assert row.source == "x" * 398


def test_a_row_that_contradicts_takes_the_place_of_no_other(patterns: tuple[Pattern, ...]) -> None:
    one, other = patterns[0], replace(patterns[1], id=f"{patterns[0].id}-finds")
    against = replace(one, country="AM")
    rows, _ = merged([one], [against, other], "finds")
    assert [(p.id, p.manufacturer) for p in rows] == [
        (one.id, one.manufacturer),
        (f"{one.id}-finds-2", one.manufacturer),
        (other.id, other.manufacturer),
    ]


def test_a_set_merged_again_adds_no_further_row(patterns: tuple[Pattern, ...]) -> None:
    against = replace(patterns[0], country="AM", source="a museum")
    once, _ = merged(patterns, [against], "my_-finds_")
    again, _ = merged(once, [replace(against, notes="worn")], "my_-finds_")
    assert [p.id for p in again] == [*(p.id for p in patterns), f"{against.id}-my-finds"]
    assert again[-1].notes == "worn"


def test_a_merged_table_keeps_what_it_had_byte_by_byte_and_is_well(
    tmp_path: Path, patterns: tuple[Pattern, ...]
) -> None:
    base = load_marking_set()
    table = shipped_folder() / "markings" / "headstamps.csv"
    before = table.read_bytes()
    rows, _ = merged(base.patterns, patterns, "finds")
    text = merge_table(before, patterns, rows)
    assert text.encode().startswith(before)
    for path in table.parent.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / table.name).write_text(text, "utf-8", newline="\n")
    assert [p.id for p in load_marking_set(tmp_path).patterns][-len(patterns) :] == [p.id for p in patterns]


def test_a_row_that_was_kept_beside_is_changed_in_the_table_too(patterns: tuple[Pattern, ...]) -> None:
    against = replace(patterns[0], country="AM")
    once, _ = merged(patterns, [against], "finds")
    text = merge_table(as_csv(tuple(patterns)).encode(), [against], once)
    worn = replace(against, notes="worn")
    again, _ = merged(once, [worn], "finds")
    assert merge_table(text.encode(), [worn], again) == as_csv(tuple(again))


def test_the_commands(tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    begun = CliRunner().invoke(app, ["catalogue", "new", str(tmp_path / "More Finds")])
    assert begun.exit_code == 0
    assert 'name = "more-finds"' in (tmp_path / "More Finds/set.toml").read_text("utf-8")
    well = CliRunner().invoke(app, ["catalogue", "check", str(folder)])
    assert "finds 1.0: 4 marks, 1 drawings, 3 labelled photos, no faults" in well.stdout
    faulty = CliRunner().invoke(app, ["catalogue", "check", str(tmp_path / "More Finds")])
    assert faulty.exit_code == 4
    assert faulty.stdout.startswith("markings.csv:1: ") or "set.toml:" in faulty.stdout
    other = good_set(tmp_path / "other")
    rows = (other / "markings.csv").read_text("utf-8").splitlines()
    (other / "markings.csv").write_text("\n".join(rows[:-1]).replace("First Works", "Old Works") + "\n", "utf-8")
    (other / "photos/labels.jsonl").unlink()
    said = CliRunner().invoke(app, ["catalogue", "diff", str(folder), str(other)])
    assert said.stdout.splitlines() == [
        "- ge-q7-four: Q7, Fourth Works (own finds)",
        "~ ge-gam-one: manufacturer is 'First Works' here and 'Old Works' there",
    ]


@pytest.mark.parametrize(("folder", "name"), [("My Finds é", "my-finds-e"), ("Находки", "my-set"), ("a_1", "a_1")])
def test_a_new_set_has_a_name_that_the_check_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    begun = CliRunner().invoke(app, ["catalogue", "new", folder])
    assert begun.exit_code == 0
    assert shlex.split(begun.stderr.strip().rpartition("then: ")[2]) == ["marktrace", "catalogue", "check", folder]
    assert f'name = "{name}"' in Path(folder, "set.toml").read_text("utf-8")
    assert {fault.file for fault in check_set(Path(folder))} == {"markings.csv"}


def test_a_name_no_set_may_have_is_refused_with_one_near_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["catalogue", "new", str(tmp_path / "new"), "--name", 'quo"te\nx']) == 1
    assert "write --name quo-te-x" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_no_set_or_has_no_tables_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own, empty, none = good_set(tmp_path / "set"), tmp_path / "empty", tmp_path / "none"
    empty.mkdir()
    for where in ([str(own)], ["--folder", str(own)]):
        assert run(["catalogue", "check", *where]) == 0
        assert "finds 1.0: 4 marks" in capsys.readouterr().out
    assert run(["catalogue", "check", str(shipped_folder() / "markings")]) == 0
    assert run(["catalogue", "check", "--folder", str(empty)]) == 4
    for arguments, folder, said in (
        (["show", "188", "--folder", str(own)], own, "it is a set of its own"),
        (["diff", str(none), str(own)], none, "There is no folder"),
        (["diff", str(own), str(empty)], empty, "it has no countries.csv"),
    ):
        assert run(["catalogue", *arguments]) == 1
        told = capsys.readouterr().err
        assert str(folder) in told
        assert said in told
