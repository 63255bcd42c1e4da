"""A package is read only whole; a worse one is refused for use, with the stratum named."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the small network is made with onnx")

from training.package.made import FACTS, SHIPPED_KIT, small_package
from training.package.spoil import tried
from typer.testing import CliRunner

from vision.cli import app
from vision.cli import train as training
from vision.errors import KitError, OutputError, UsageError
from vision.manifest import choice_file, models_folder, shipped_folder, verify_manifest, write_manifest
from vision.read.stamped import StampedReader
from vision.training.package import verify_package
from vision.training.package.choose import packages, use_package, use_shipped
from vision.training.package.tensors import read_tensors, write_tensors
from vision.training.package.verdict import COMPARED, RENDERED
from vision.training.package.write import begin_package, finish_package, set_facts


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("MARKTRACE_MODELS", raising=False)
    return small_package(tmp_path / "models" / "small")


def test_a_package_says_what_it_is(package: Path) -> None:
    found = verify_package(package)
    assert (found.name, found.set_name, found.set_version, found.verdict) == ("small", "finds", "1.0", "not worse")
    assert found.labels == ("", "A", "B")
    assert packages(package.parent) == [package]


def test_every_changed_added_or_missing_file_is_named(package: Path) -> None:
    (package / "card.md").write_text("# other\n", "utf-8")
    with pytest.raises(KitError, match=r"card\.md differs .*; get the package again"):
        verify_package(package)
    write_manifest(package)
    (package / "more.txt").write_text("x", "utf-8")
    with pytest.raises(KitError, match=r"more\.txt is not in .*; get the package again"):
        verify_package(package)
    (package / "more.txt").unlink()
    (package / "weights/stamped.onnx").unlink()
    with pytest.raises(KitError, match=r"stamped\.onnx is in manifest\.json but not there; get the package again"):
        verify_package(package)
    (package / "manifest.json").write_text("{", "utf-8")
    with pytest.raises(KitError, match=r"manifest\.json cannot be read .*; get the package again"):
        verify_package(package)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("model.pt", b"PK\x03\x04"),
        ("a.pkl", b"\x80\x04"),
        ("x.py", b"import os"),
        ("card2.md", b"\x80\x04\x95x"),
        ("w.bin", b"1"),
        ("lib.so", b"\x7fELF"),
    ],
)
def test_what_could_run_code_is_refused_even_when_it_is_listed(package: Path, name: str, data: bytes) -> None:
    (package / name).write_bytes(data)
    write_manifest(package)
    with pytest.raises(KitError, match="no place in a model package"):
        verify_package(package)


@pytest.mark.parametrize("name", ["manifest.json", "package.json", "labels.json"])
def test_what_is_nested_without_end_is_refused(package: Path, name: str) -> None:
    (package / name).write_bytes(b"[" * 100_000)
    if name != "manifest.json":
        write_manifest(package)
    with pytest.raises(KitError, match=name):
        verify_package(package)


def test_weights_whose_alphabet_is_no_text_are_refused(package: Path) -> None:
    path = package / "weights/stamped.onnx"
    data = path.read_bytes()
    assert data.count(b"A\nB") == 1
    path.write_bytes(data.replace(b"A\nB", b"A\xdbB"))
    with pytest.raises(KitError, match=r"stamped\.onnx"):
        StampedReader(path)


def test_300_mutants_are_refused_or_read_as_what_they_are(package: Path) -> None:
    outcomes = [tried(package, random.Random(seed), fitting=bool(seed % 2)) for seed in range(300)]
    assert [outcome for outcome in outcomes if outcome.startswith("failure")] == []
    assert sum(outcome.startswith("refused") for outcome in outcomes) > 150
    verify_package(package)


def test_tensors_come_back_as_they_were(tmp_path: Path) -> None:
    tensors = {"w": np.arange(6, dtype=np.float16).reshape(2, 3), "e": np.zeros((0, 3), np.float32)}
    write_tensors(tmp_path / "t.safetensors", tensors, {"k": "v"})
    found, meta = read_tensors(tmp_path / "t.safetensors")
    assert meta == {"k": "v"}
    assert {n: (a.dtype, a.tolist()) for n, a in found.items()} == {
        n: (a.dtype, a.tolist()) for n, a in tensors.items()
    }
    safetensors = pytest.importorskip("safetensors.numpy")
    assert np.array_equal(safetensors.load_file(tmp_path / "t.safetensors")["w"], tensors["w"])


def header(path: Path, entries: object, body: bytes) -> Path:
    text = json.dumps(entries).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)
    return path


@pytest.mark.parametrize(
    ("entries", "body", "why"),
    [
        ({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, b"\0" * 9, "something follows"),
        ({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, b"\0" * 4, "does not fit its shape"),
        ({"a": {"dtype": "U1", "shape": [2], "data_offsets": [0, 8]}}, b"\0" * 8, "no known type"),
        ({"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}, b"\0" * 8, "no known type"),
        ({"a": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}}, b"\0" * 4, "no known type"),
        ({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}, b"\0" * 8, "gaps"),
        ({n: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} for n in "ab"}, b"\0" * 4, "overlap"),
        ({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, b"\0\0\xc0\x7f", "finite"),
        ({"__metadata__": {"a": 1}}, b"", "not texts"),
        ([1], b"", "lists no tensors"),
    ],
)
def test_tensors_that_do_not_agree_with_their_header_are_refused(
    tmp_path: Path, entries: object, body: bytes, why: str
) -> None:
    with pytest.raises(KitError, match=why):
        read_tensors(header(tmp_path / "t.safetensors", entries, body))


def compared(verdict: str, to: str = SHIPPED_KIT) -> dict[str, object]:
    """What a comparison is kept as."""
    return {"to": to, "verdict": verdict, "worse_on": ["script: cyrillic (words -3.1)"] if verdict == "worse" else []}


def test_a_good_package_is_used_and_a_worse_one_refused_with_its_stratum(package: Path) -> None:
    use_package(package)
    assert models_folder() == package.resolve()
    set_facts(package, FACTS | {COMPARED: compared("worse")})
    assert use_shipped() == shipped_folder()
    with pytest.raises(KitError, match=r"worse on script: cyrillic \(words -3\.1\)"):
        use_package(package)
    set_facts(package, {k: v for k, v in FACTS.items() if k != COMPARED})
    with pytest.raises(KitError, match="never compared"):
        use_package(package)
    assert models_folder() == shipped_folder()


def test_only_the_model_that_a_package_was_compared_with_is_replaced_by_it(package: Path, tmp_path: Path) -> None:
    use_package(package)
    other = small_package(tmp_path / "models" / "other")
    with pytest.raises(KitError, match=r"never compared with the model in use, .*small: marktrace evaluate PHOTOS"):
        use_package(other)
    set_facts(other, FACTS | {COMPARED: compared("not worse", verify_package(package).kit)})
    use_package(other)
    assert models_folder() == other.resolve()
    use_package(other)  # in use already: nothing is replaced


def test_the_verdict_that_trainings_used_to_write_from_renders_is_no_permission(package: Path) -> None:
    set_facts(package, {k: v for k, v in FACTS.items() if k != COMPARED} | {"compared": compared("not worse")})
    with pytest.raises(KitError, match="never compared"):
        use_package(package)


def test_what_renders_say_is_no_permission_unless_a_person_says_so(package: Path) -> None:
    trained = {k: v for k, v in FACTS.items() if k != COMPARED}
    set_facts(package, trained | {RENDERED: compared("not worse")})
    assert verify_package(package).verdict == "not compared"
    with pytest.raises(KitError, match=r"never compared .*--without-photos"):
        use_package(package)
    done = CliRunner().invoke(app, ["models", "use", str(package), "--without-photos"])
    assert "Only renders say" in done.stderr
    assert models_folder() == package.resolve()


def test_a_training_does_not_write_over_the_model_in_use(package: Path, tmp_path: Path) -> None:
    use_package(package)
    kit = verify_package(package).kit
    refused = CliRunner().invoke(app, ["train", str(tmp_path), "--out", str(package)])
    assert isinstance(refused.exception, UsageError)
    assert "is the model in use" in str(refused.exception)
    assert verify_package(package).kit == kit


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({RENDERED: compared("worse")}, "it is worse on"),
        ({RENDERED: compared("worse"), COMPARED: compared("not worse")}, "it is worse on"),
        ({RENDERED: compared("not worse"), COMPARED: compared("worse")}, "it is worse on"),
        ({RENDERED: compared("not worse", "0" * 64)}, "on renders either"),
        ({}, "on renders either"),
        ({RENDERED: "not worse", COMPARED: {"verdict": "not worse"}}, "on renders either"),
    ],
)
def test_without_photos_a_package_is_refused_where_renders_do_not_speak_for_it(
    package: Path, facts: dict[str, object], why: str
) -> None:
    set_facts(package, {k: v for k, v in FACTS.items() if k != COMPARED} | facts)
    with pytest.raises(KitError, match=why):
        use_package(package, without_photos=True)
    assert models_folder() == shipped_folder()


def test_the_card_says_what_photos_said_last(package: Path) -> None:
    before = (package / "card.md").read_text("utf-8")
    trained = {k: v for k, v in FACTS.items() if k != COMPARED}
    set_facts(package, trained)
    assert verify_package(package).card == f"{before}\nCompared on photos: not yet.\n"
    set_facts(package, FACTS | {COMPARED: compared("worse")})
    line = (
        f"Compared on photos: worse than the model of manifest `{SHIPPED_KIT[:16]}` on script: cyrillic (words -3.1)."
    )
    assert verify_package(package).card == f"{before}\n{line}\n"
    set_facts(package, FACTS)
    assert "not worse than the model of manifest" in verify_package(package).card
    assert "cyrillic" not in verify_package(package).card


def test_a_model_in_use_that_is_gone_is_said(package: Path) -> None:
    use_package(package)
    choice_file().write_text("/nowhere/at/all\n", "utf-8")
    with pytest.raises(KitError, match="is not there"):
        models_folder()


def test_a_package_in_the_models_folder_is_no_part_of_it(package: Path) -> None:
    (package.parent / "some.csv").write_text("a", "utf-8")
    write_manifest(package.parent)
    (package / "card.md").write_text("# changed\n", "utf-8")
    assert len(verify_manifest(package.parent)) == 64


def test_a_package_is_written_whole_or_not_at_all(package: Path, tmp_path: Path) -> None:
    out = tmp_path / "models" / "next"
    making = begin_package(package, out)
    assert not (making / "package.json").exists()
    with pytest.raises(KitError):
        finish_package(making, out, {"schema": "other"})
    assert not out.exists()
    for name in ("card.md", "labels.json"):
        (making / name).write_bytes((package / name).read_bytes())
    assert verify_package(finish_package(making, out, FACTS | {"name": "next"})).name == "next"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear", "utf-8")
    with pytest.raises(OutputError, match="no model package"):
        begin_package(package, tmp_path / "mine")


@pytest.mark.parametrize(("base", "asked"), [((), "used"), (("--base", "shipped"), "shipped")])
def test_photos_to_label_are_chosen_by_the_model_in_use_unless_another_is_named(
    package: Path, monkeypatch: pytest.MonkeyPatch, base: tuple[str, ...], asked: str
) -> None:
    use_package(package)
    models: list[Path] = []
    monkeypatch.setattr(training, "_suggest", lambda folder, model, count: models.append(model))
    assert CliRunner().invoke(app, ["train", "finds", "--suggest", "5", *base]).exit_code == 0
    assert models == [package.resolve() if asked == "used" else shipped_folder()]


def test_packages_are_listed_as_they_are_called_by_commands(package: Path, tmp_path: Path) -> None:
    package.rename(package.parent / "renamed")
    folder = ["--folder", str(package.parent)]
    listed = CliRunner().invoke(app, ["models", "list", *folder]).stdout
    assert "  renamed   finds 1.0" in listed
    assert ", named small" in listed
    assert CliRunner().invoke(app, ["models", "use", "renamed", *folder]).exit_code == 0
    elsewhere = CliRunner().invoke(app, ["models", "list", "--folder", str(tmp_path / "none")]).stdout
    assert f"* {package.parent / 'renamed'}   finds 1.0" in elsewhere


def test_packages_are_listed_while_the_one_in_use_is_gone(package: Path) -> None:
    use_package(package)
    package.rename(package.parent / "renamed")
    listed = CliRunner().invoke(app, ["models", "list", "--folder", str(package.parent)])
    assert listed.exit_code == 0
    assert "  renamed   finds 1.0" in listed.stdout
    assert "marktrace models use shipped goes back" in listed.stderr


def test_the_command_lists_shows_and_refuses(package: Path) -> None:
    folder = ["--folder", str(package.parent)]
    listed = CliRunner().invoke(app, ["models", "list", *folder]).stdout
    assert "* shipped" in listed
    assert "small   finds 1.0, not worse, CC0-1.0" in listed
    assert "A package for tests." in CliRunner().invoke(app, ["models", "show", "small", *folder]).stdout
    (package / "card.md").write_text("# changed\n", "utf-8")
    assert "not whole: card.md differs" in CliRunner().invoke(app, ["models", "list", *folder]).stdout
    refused = CliRunner().invoke(app, ["models", "verify", "small", *folder])
    assert isinstance(refused.exception, KitError)
