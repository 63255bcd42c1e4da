"""Every way in which the program tesseract can fail, each a small fake of it on PATH: nothing read, never a crash."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vision.errors import MissingError
from vision.read import tesseract
from vision.read.protocol import Patch
from vision.read.tesseract import TesseractReader
from vision.types import Lattice

pytest.importorskip("pytesseract")

Fake = Callable[[str], Path]
PATCH = Patch(np.full((48, 200, 3), 128, np.uint8), turn_px=160)
# The answer a healthy fake gives: one word of two characters, whose middles are at columns 16.5 and 44.5.
HOCR = (
    "<span class='ocrx_word' id='word_1_1' title='bbox 8 5 60 40; x_wconf 91'>"
    "<span class='ocrx_cinfo' title='x_bboxes 8 5 26 40; x_conf 99.1'>4</span>"
    "<span class='ocrx_cinfo' title='x_bboxes 36 5 54 40; x_conf 98.2'>&amp;</span></span>"
)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Put a Python program named tesseract on PATH, alone. It lists its languages; body is what it does with a picture
    (there: argv, and out, the base of the file it should write)."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("OMP_THREAD_LIMIT", "7")

    def put(body: str) -> Path:
        program = folder / "tesseract"
        program.write_text(
            f"#!{sys.executable} -S\nimport json, os, sys, time\nargv = sys.argv\n"
            "if '--list-langs' in argv:\n"
            "    print('List of available languages (3):\\neng\\nosd\\nrus')\n    sys.exit()\n"
            f"out = argv[2]\n{body}\n",
            encoding="utf-8",
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return program

    return put


def is_silent(lattice: Lattice) -> bool:
    """Both ways up are there, and blank everywhere."""
    assert [row.upside_down for row in lattice.rows] == [False, True]
    return all((row.log_probs.argmax(axis=1) == 0).all() for row in lattice.rows)


def test_a_healthy_fake_is_read(fake: Fake) -> None:
    """The fakes below are silent because they fail, not because they are fakes."""
    fake(f"open(out + '.hocr', 'w').write({HOCR!r})")
    lattice = TesseractReader().read([PATCH])
    row = lattice.rows[0].log_probs
    best = row.argmax(axis=1)
    assert [(int(i), lattice.alphabet[best[i]]) for i in np.flatnonzero(best)] == [(2, "4"), (5, "&")]
    assert float(np.exp(row[2, best[2]])) == pytest.approx(0.91, abs=1e-3)
    assert float(np.exp(row[2, 0])) == pytest.approx(0.09, abs=1e-3)


@pytest.mark.parametrize(
    "body",
    [
        "sys.exit(1)",
        "sys.stderr.write('Error, could not read\\n'); sys.exit(3)",
        "os.kill(os.getpid(), 9)",
        "os.abort()",
        "sys.exit(0)",
        "open(out + '.hocr', 'w').close()",
        "open(out + '.hocr', 'wb').write(b\"<span class='ocrx_word' title='x_wconf 9'>\\xff\\xfe\\x80\")",
        "sys.stderr.buffer.write(b'\\xff\\xfe\\x80'); sys.exit(1)",
        "open(out + '.hocr', 'w').write('<html>' * 1000)",
        "open(out + '.hocr', 'w').write(\"<span class='ocrx_cinfo' title='x_bboxes 9 9 x 9; x_conf 9'>A</span>\")",
    ],
    ids=["fails", "complains", "killed", "aborts", "exits 0 with nothing", "empty", "bad UTF-8", "bad UTF-8 on stderr",
         "unclosed", "bad box"],
)  # fmt: skip
def test_a_run_that_fails_is_a_patch_with_nothing_read(fake: Fake, body: str) -> None:
    fake(body)
    assert is_silent(TesseractReader().read([PATCH]))


@pytest.mark.parametrize(
    "answer",
    [
        HOCR.replace("&amp;", "AB").replace(">4<", "> <"),
        HOCR.replace("&amp;", "\u2603").replace(">4<", "><"),
        HOCR.replace("8 5 26", "8000 5 9000").replace("36 5 54", "900 5 990"),
        HOCR.replace("x_wconf 91", "x_wconf 0"),
    ],
    ids=["no single character", "unknown character", "outside the patch", "no confidence"],
)
def test_characters_that_make_no_sense_are_passed_over(fake: Fake, answer: str) -> None:
    fake(f"open(out + '.hocr', 'w', encoding='utf-8').write({answer!r})")
    assert is_silent(TesseractReader().read([PATCH]))


def test_confidences_over_100_are_certain_and_no_more(fake: Fake) -> None:
    fake(f"open(out + '.hocr', 'w').write({HOCR.replace('x_wconf 91', 'x_wconf 250')!r})")
    row = TesseractReader().read([PATCH]).rows[0].log_probs
    assert np.isfinite(row).all()
    assert row.max() <= 0.0


def test_one_patch_that_fails_does_not_silence_the_next(fake: Fake) -> None:
    """The fake fails on its first two runs (both ways up of the first patch) only."""
    fake(
        "here = os.path.dirname(os.path.abspath(argv[0])); runs = os.path.join(here, 'runs')\n"
        "open(runs, 'a').write('x')\n"
        "if len(open(runs).read()) <= 2: sys.exit(1)\n"
        f"open(out + '.hocr', 'w').write({HOCR!r})"
    )
    rows = TesseractReader().read([PATCH, PATCH]).rows
    assert [bool(row.log_probs.argmax(axis=1).any()) for row in rows] == [False, False, True, True]


def test_a_run_that_hangs_is_stopped(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake("time.sleep(60)")
    reader = TesseractReader()
    monkeypatch.setattr(tesseract, "TIMEOUT_S", 0.3)
    start = time.monotonic()
    assert is_silent(reader.read([PATCH]))
    assert 0.5 < time.monotonic() - start < 8.0


def test_a_program_that_goes_away_is_a_patch_with_nothing_read(fake: Fake) -> None:
    program = fake("sys.exit(0)")
    reader = TesseractReader()
    program.unlink()
    assert is_silent(reader.read([PATCH]))


def test_without_the_program_the_message_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingError, match="apt-get install tesseract-ocr"):
        TesseractReader()


def test_without_pytesseract_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytesseract", None)
    with pytest.raises(MissingError, match=r"pip install pytesseract.*python3-pytesseract"):
        TesseractReader()


@pytest.mark.parametrize(
    ("says", "word"),
    [
        ("print('List of available languages (1):\\nosd')", "none of eng"),
        ("sys.exit(1)", "does not answer"),
        ("time.sleep(60)", "does not answer"),
        ("sys.stdout.buffer.write(b'\\xff\\xfe')", "none of eng"),
    ],
    ids=["no language", "fails", "hangs", "bad UTF-8"],
)
def test_a_program_that_cannot_list_its_languages_is_missing(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, says: str, word: str
) -> None:
    program = fake("")
    program.write_text(f"#!{sys.executable} -S\nimport sys, time\n{says}\n", encoding="utf-8")
    monkeypatch.setattr(tesseract, "TIMEOUT_S", 1.0)
    with pytest.raises(MissingError, match=word):
        TesseractReader()


def test_the_command_line_is_made_of_constants(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs: the picture and answer that pytesseract names, the installed languages, our settings; one thread."""
    program = fake(
        "here = os.path.dirname(os.path.abspath(argv[0]))\n"
        "json.dump([argv, os.environ['OMP_THREAD_LIMIT']], open(os.path.join(here, 'seen.json'), 'w'))"
    )
    TesseractReader().read([PATCH])
    argv, threads = json.loads((program.parent / "seen.json").read_text("utf-8"))
    assert argv[1] == argv[2] + "_input.PNG"
    assert os.path.basename(argv[2]).startswith("tess_")
    constants = ["-l", "eng+rus", *tesseract.CONFIG.split(), "hocr"]
    assert [a for a in argv[3:] if a not in ("-c", "tessedit_create_hocr=1")] == [a for a in constants if a != "-c"]
    assert threads == "1"
