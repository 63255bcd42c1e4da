"""The command as a process: what only shows outside of Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = [".ci/run", "scripts/demo", "scripts/test"]


def marktrace(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "vision", *arguments]


def test_a_reader_that_stops_early_is_no_crash() -> None:
    """`marktrace catalogue show 21 | head -1` ends quietly, with the status for "cannot write"."""
    with subprocess.Popen(
        marktrace("catalogue", "show", "21"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as shown:
        assert shown.stdout is not None
        assert shown.stderr is not None
        shown.stdout.close()
        message = shown.stderr.read()
    assert message == b""
    assert shown.returncode == 5


def test_no_arguments_show_the_help_and_end_with_one() -> None:
    done = subprocess.run(marktrace(), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "identify" in done.stdout + done.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_can_be_run_and_hold_no_syntax_fault(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(path)], capture_output=True, check=True).stderr == b""
    assert "set -euo pipefail" in path.read_text("utf-8")
