"""Files of weights that are no network are refused with what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vision.errors import KitError
from vision.manifest import models_folder
from vision.weights import open_weights


@pytest.mark.parametrize("data", [b"", b"not a network", bytes(range(256)) * 40])
def test_a_file_that_is_no_network_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "odd.onnx").write_bytes(data)
    with pytest.raises(KitError, match=r"odd\.onnx cannot be loaded: reinstall"):
        open_weights(tmp_path / "odd.onnx", 1)


def test_a_damaged_network_is_refused_or_still_a_network(tmp_path: Path) -> None:
    data = (models_folder() / "weights" / "heads.onnx").read_bytes()
    for cut in (100, len(data) // 2, len(data) - 7):
        (tmp_path / "cut.onnx").write_bytes(data[:cut])
        with pytest.raises(KitError, match="cannot be loaded"):
            open_weights(tmp_path / "cut.onnx", 1)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KitError, match=r"gone\.onnx are missing"):
        open_weights(tmp_path / "gone.onnx", 1)


@pytest.mark.parametrize("text", [b"width", b"windows", b"alphabet"])
def test_texts_that_are_no_utf_8_are_refused_when_the_file_is_opened(tmp_path: Path, text: bytes) -> None:
    data = (models_folder() / "weights" / "stamped.onnx").read_bytes()
    assert text in data
    (tmp_path / "odd.onnx").write_bytes(data.replace(text, b"\xc5" + text[1:]))
    with pytest.raises(KitError, match=r"odd\.onnx cannot be loaded"):
        open_weights(tmp_path / "odd.onnx", 1)


@pytest.mark.parametrize("said", ["0", None])
def test_identifying_a_photo_keeps_and_sends_no_reports_of_it(tmp_path: Path, said: str | None) -> None:
    """ONNX Runtime's official builds write what is to be sent to their makers into the cache folder first."""
    photo = Path(__file__).parents[1] / "docs" / "examples" / "winchester.jpg"
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"} | home
    if said is not None:
        environment["ORT_DISABLE_TELEMETRY"] = said
    command = [sys.executable, "-m", "vision", "identify", "--json", str(photo)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert [str(path) for path in tmp_path.rglob("*") if path.is_file()] == []
