"""Symbols taught by pictures are kept as they were handed in, and a file that is not ours is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from vision.catalogue.taught import NAME, SIDE, TaughtSymbol, load_taught, save_taught, symbol_name
from vision.errors import KitError, OutputError, UsageError


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), np.uint8)


def symbol(name: str = "<lion in shield>", count: int = 2) -> TaughtSymbol:
    return TaughtSymbol(name, tuple(picture(n) for n in range(count)), tuple(f"{n:064x}" for n in range(count)))


def test_a_set_that_was_taught_nothing_has_no_symbols(tmp_path: Path) -> None:
    assert load_taught(tmp_path) == ()


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    save_taught(tmp_path, (symbol("<wolf>", 1), symbol("<bear>", 5)))
    bear, wolf = load_taught(tmp_path)
    assert (bear.name, wolf.name) == ("<bear>", "<wolf>")
    assert [len(s.pictures) for s in (bear, wolf)] == [5, 1]
    assert np.array_equal(bear.pictures[3], picture(3))
    assert bear.sha256[4] == f"{4:064x}"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("said", "kept"), [("lion  in shield", "<lion in shield>"), ("<НАГАН star>", "<НАГАН star>"), (" wolf ", "<wolf>")]
)
def test_names_are_put_in_angle_brackets(said: str, kept: str) -> None:
    assert symbol_name(said) == kept


@pytest.mark.parametrize("said", ["", "<>", "a" * 61, "wolf\u202eflow", "a<b", "tab\there\x00"])
def test_names_that_hide_something_are_refused(said: str) -> None:
    with pytest.raises(UsageError, match="1 to 60 visible characters"):
        symbol_name(said)


def spoilt(change: str) -> str:
    good = {"name": "<wolf>", "examples": [{"sha256": "0" * 64, "pixels": "AAAA" * (SIDE * SIDE)}]}
    content: dict[str, object] = {"schema": "marktrace-symbols/1", "symbols": [good]}
    if change == "schema":
        content["schema"] = "other/1"
    elif change == "twice":
        content["symbols"] = [good, good]
    elif change == "short":
        good["examples"] = [{"sha256": "0" * 64, "pixels": "AAAA"}]
    elif change == "many":
        good["examples"] = good["examples"] * 6
    elif change == "none":
        good["examples"] = []
    elif change == "digest":
        good["examples"] = [{"sha256": "../x", "pixels": "AAAA" * (SIDE * SIDE)}]
    elif change == "name":
        good["name"] = "wolf"
    elif change == "base64":
        good["examples"] = [{"sha256": "0" * 64, "pixels": "*" * 4 * SIDE * SIDE}]
    return json.dumps(content)


def test_the_file_that_the_refusals_spoil_is_good(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(spoilt("nothing"), encoding="utf-8")
    assert [s.name for s in load_taught(tmp_path)] == ["<wolf>"]


@pytest.mark.parametrize("change", ["schema", "twice", "short", "many", "none", "digest", "name", "base64"])
def test_a_file_that_was_not_written_here_is_refused(tmp_path: Path, change: str) -> None:
    (tmp_path / NAME).write_text(spoilt(change), encoding="utf-8")
    with pytest.raises(KitError, match=NAME):
        load_taught(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, "null", '{"schema": "marktrace-symbols/1"}'])
def test_text_that_is_not_such_a_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(KitError, match=NAME):
        load_taught(tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        save_taught(tmp_path / "missing", (symbol(),))
