"""From a folder of photos to a confirmed mark, with the real reader: tag, review by keyboard, export, verify."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from browser.seen import ROOT, log_of, press, shot, until

from vision.cli import run

PHOTOS = ("novosibirsk.jpg", "winchester.jpg")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drawn photos, tagged by the command."""
    made = tmp_path_factory.mktemp("whole")
    (made / "photos").mkdir()
    for name in PHOTOS:
        shutil.copy(ROOT / "docs" / "examples" / name, made / "photos" / name)
    assert run(["tag", str(made / "photos"), "--store", str(made / "finds.db"), "--jobs", "1"]) == 0
    return made


def test_from_photos_to_a_confirmed_mark(page: Any, folder: Path, base: str) -> None:
    page.goto(f"{base}/next?folder=novosibirsk")
    until(page, "[...viewer.tiles.values()].some((t) => t.complete && t.naturalWidth)")
    until(page, "[...document.querySelectorAll('.strip img')].every((i) => i.complete && i.naturalWidth > 300)")
    assert "188" in page.inner_text("main")
    shot(page, "a-real-mark")
    press(page, "1")
    press(page, "a")
    page.wait_for_url("**kept=1*")
    (body,) = log_of(folder)
    assert body["verdict"] == "accepted"
    assert body["shown"]

    store, out = str(folder / "finds.db"), folder / "out"
    assert run(["export", "--store", store, "--format", "jsonl", "-o", str(out / "out.jsonl")]) == 0
    lines = [json.loads(line) for line in (out / "out.jsonl").read_text("utf-8").splitlines()]
    assert [Path(line["photo"]["path"]).name for line in lines] == ["novosibirsk.jpg"]
    assert body["photo"] == lines[0]["photo"]["sha256"]
    assert run(["report", "--store", store, "--photo", "novosibirsk.jpg", "-o", str(out / "dossier.html")]) == 0
    told = (out / "dossier.html").read_text("utf-8")
    assert "Decided by anna" in told
    page.goto((out / "dossier.html").as_uri())
    shot(page, "b-dossier")
    assert run(["log", "verify", "--store", store]) == 0
