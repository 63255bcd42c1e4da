"""The whole of marktrace train, with a tiny reader: a package that verifies, from one command, the same each time."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs torch")

from training.learn.tiny import SETTINGS, tiny_start
from training.sets.made import good_set

from vision.catalogue.load import load_marking_set
from vision.catalogue.taught import load_taught
from vision.errors import MarktraceError, UsageError
from vision.manifest import shipped_folder, verify_manifest, write_manifest
from vision.training.learn import finish, mix
from vision.training.learn import train as loop
from vision.training.learn.place import check_place
from vision.training.learn.run import learn, run_folder
from vision.training.learn.train import Progress
from vision.training.package import verify_package

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped models with a tiny reader in its place."""
    few = ((loop, "HELD_OUT_STRIPS"), (finish, "WORD_STRIPS"), (finish, "KNOWN_STRIPS"), (mix, "SET_STRIPS"),
           (mix, "KNOWN_STRIPS"))  # fmt: skip
    for module, name in few:
        monkeypatch.setattr(module, name, 1)
    folder = tmp_path / "base"
    (folder / "weights").mkdir(parents=True)
    shutil.copytree(shipped_folder() / "markings", folder / "markings")
    for name in ("heads.onnx", "band.onnx"):
        shutil.copyfile(shipped_folder() / "weights" / name, folder / "weights" / name)
    tiny_start(folder / "weights/stamped.onnx")
    write_manifest(folder)
    return folder


def test_a_set_becomes_a_package_that_verifies_and_says_how_it_was_made(base: Path, tmp_path: Path) -> None:
    folder = good_set(tmp_path / "set")
    rows = (folder / "markings.csv").read_text("utf-8")
    fn = next(p for p in load_marking_set().patterns if p.code == "FN" and p.country == "BE")
    contradicts = f"{fn.id},FN,{fn.manufacturer},GE,,,,own finds,B\n"
    (folder / "markings.csv").write_text(rows + contradicts, "utf-8")
    told: list[int] = []
    learnt = learn(
        folder, tmp_path / "models" / "finds", base, SETTINGS, lambda p: told.append(p.step), "marktrace train"
    )
    assert learnt is not None
    assert told[-1] == SETTINGS.steps
    package = verify_package(learnt.folder)
    assert {"Գ", "Ա", "Մ", "Բ", "Կ"} <= set(package.labels)
    assert package.facts["set"]["marks"] == 5
    assert package.facts["taught"] == ["<lion>"]
    assert package.facts["not_trained"] == []
    assert learnt.not_trained == ()  # no font has <lion>, and its drawing taught it
    assert package.compared is None  # renders, which the package is measured on here, are no photos
    assert "Compared on photos: not yet." in package.card
    assert package.rendered is not None
    assert package.rendered.to == verify_manifest(base)
    assert [one.name for one in load_taught(learnt.folder / "markings")] == ["<lion>"]
    assert [str(c) for c in learnt.conflicts] == [f"{fn.id}: country is 'BE' here and 'GE' there"]
    ids = {p.id for p in load_marking_set(learnt.folder / "markings").patterns}
    assert {"ge-gam-one", fn.id, f"{fn.id}-finds"} <= ids
    assert "seed 1" in package.card
    assert package.facts["weights_sha256"] in package.card
    mixed = package.facts["mixed"]
    assert mixed["beside"]
    assert [(one["alone"], one["held_back"]) for one in mixed["tried"]] == [
        (alone, nats) for alone in mix.ALONE for nats in mix.HELD_BACK
    ]
    taken = mix.best([mix.Tried(**one) for one in mixed["tried"]], mixed["known_wrong_before"])
    assert mixed["chosen"] == asdict(taken)
    assert f"held back by {taken.held_back:.2f} nats" in package.card
    assert not run_folder(learnt.folder).exists()
    again = learn(folder, tmp_path / "models" / "again", base, SETTINGS, lambda p: None, "marktrace train")
    assert again is not None
    assert verify_package(again.folder).facts["weights_sha256"] == package.facts["weights_sha256"]
    first, second = ((f / "weights/stamped.onnx").read_bytes() for f in (learnt.folder, again.folder))
    assert first == second


def test_a_model_that_forgot_is_packaged_as_worse(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = iter((0.10, 0.14))
    monkeypatch.setattr(finish, "character_errors", lambda net, some: next(wrong))
    learnt = learn(good_set(tmp_path / "set"), tmp_path / "out", base, SETTINGS, lambda p: None, "marktrace train")
    assert learnt is not None
    assert verify_package(learnt.folder).verdict == "worse"
    assert verify_package(learnt.folder).worse_on == (finish.GUARD,)


@pytest.mark.parametrize("changed", ["set/photos/labels.jsonl", "base/markings/more.csv"])
def test_a_run_made_of_another_set_or_base_is_not_gone_on_with(base: Path, tmp_path: Path, changed: str) -> None:
    folder = good_set(tmp_path / "set")

    def break_off(progress: Progress) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        learn(folder, tmp_path / "out", base, SETTINGS, break_off, "marktrace train")
    path = tmp_path / changed
    path.write_text(path.read_text("utf-8").replace('"75"', '"76"') if path.is_file() else "x", "utf-8")
    write_manifest(base)
    with pytest.raises(UsageError, match="another state of the set, or from another base"):
        learn(folder, tmp_path / "out", base, SETTINGS, break_off, "marktrace train")


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("my finds", "write --out .*my-finds"),
        ("full", "holds something that is no model package: name another"),
        ("full/file", "is no folder"),
        ("full/file/finds", "cannot be made"),
    ],
)
def test_where_no_package_can_stand_is_said_before_anything_is_read(tmp_path: Path, out: str, said: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").write_text("x")
    nowhere = tmp_path / "nowhere"  # neither set nor base is there: the place is looked at before them
    with pytest.raises(MarktraceError, match=said):
        learn(nowhere, tmp_path / out, nowhere, SETTINGS, lambda p: None, "marktrace train")


def test_an_empty_folder_and_a_package_are_places_for_a_package(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "finds").mkdir()
    (tmp_path / "finds/package.json").write_text("{}")
    for name in ("empty", "finds", "models/new"):
        check_place(tmp_path / name)
