"""`marktrace doctor` tells what is there, what is not, and how to get it."""

from __future__ import annotations

import importlib
import importlib.metadata
import shutil
from pathlib import Path

import pytest

from vision.cli import doctor, run
from vision.errors import KitError, MissingError


@pytest.fixture
def good_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vision.manifest.verify_manifest", lambda _folder: "a" * 64)


def lines(capfd: pytest.CaptureFixture[str]) -> str:
    return " ".join(capfd.readouterr().out.split())


def lose(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Make one module fail to import."""
    real = importlib.import_module

    def import_module(name: str, package: str | None = None) -> object:
        if name == missing:
            raise ImportError(f"No module named {name!r}")
        return real(name, package)

    monkeypatch.setattr(doctor.importlib, "import_module", import_module)


def test_everything_needed_is_here(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 0
    text = lines(capfd)
    for name in (*doctor.NEEDED, "Python", "CPUExecutionProvider", "weights and marking set ok verified"):
        assert name in text, name


@pytest.mark.parametrize("module", ["cv2", "onnxruntime"])
def test_a_missing_library_ends_with_three_and_the_command(
    module: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    lose(monkeypatch, module)
    name = next(distribution for distribution, provided in doctor.NEEDED.items() if provided == module)
    assert run(["doctor"]) == 3
    text = lines(capfd)
    assert f"{name} missing" in text
    assert f"pip install {name}" in text


@pytest.mark.usefixtures("good_models")
def test_a_missing_optional_library_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    lose(monkeypatch, "pytesseract")
    assert run(["doctor"]) == 0
    assert "pytesseract not there, optional" in lines(capfd)


@pytest.mark.usefixtures("good_models")
def test_an_extra_that_is_not_there_is_named_with_the_command_that_gets_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name in ("torch", "pyarrow"):
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.0" if name in sum(doctor.EXTRAS.values(), ()) else real(name)

    monkeypatch.setattr(doctor.importlib.metadata, "version", version)
    assert run(["doctor"]) == 0
    text = lines(capfd)
    assert "extra train not there, optional without torch" in text
    assert "To mend extra train: pip install 'marktrace[train]'" in text
    assert "extra export not there, optional without pyarrow" in text
    assert "extra archive ok alembic, imagehash, sqlalchemy" in text


@pytest.mark.usefixtures("good_models")
def test_without_tesseract_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert run(["doctor"]) == 0
    text = lines(capfd)
    assert "tesseract not there, optional" in text
    assert "apt-get install tesseract-ocr tesseract-ocr-eng tesseract-ocr-rus" in text
    assert "tesseract-ocr-chi-sim" in text
    assert "brew install tesseract" in text


def test_doctor_asks_for_the_languages_that_the_reader_wants() -> None:
    from vision.read import tesseract

    assert doctor.LANGUAGES == tesseract.LANGUAGES


def test_a_missing_language_is_named(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    answers = {"--version": "tesseract 5.3.0\n", "--list-langs": "List (2):\neng\nrus\nara\nfas\nheb\n"}
    monkeypatch.setattr(shutil, "which", lambda _name: "tesseract")
    monkeypatch.setattr(doctor, "_tesseract_says", answers.__getitem__)
    run(["doctor"])
    assert "without chi_sim" in lines(capfd)


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [(KitError("x.onnx does not have its sha256."), 4, "invalid"), (MissingError("No models."), 3, "missing")],
)
def test_models_that_do_not_verify_are_a_fault(
    fault: Exception, status: int, word: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def verify(_folder: Path) -> str:
        raise fault

    monkeypatch.setattr("vision.manifest.verify_manifest", verify)
    assert run(["doctor"]) == status
    assert f"weights and marking set {word} {fault}" in lines(capfd)


def test_a_chosen_package_that_is_gone_is_not_mended_by_a_checkout(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("MARKTRACE_MODELS", str(tmp_path / "gone"))
    assert run(["doctor"]) == 4
    said = lines(capfd)
    assert "name another folder, or unset it" in said
    assert "git checkout" not in said
