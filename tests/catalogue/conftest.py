import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from vision.catalogue import MarkingSet, load_marking_set
from vision.catalogue.load import markings_folder


@pytest.fixture(scope="session")
def markings() -> MarkingSet:
    return load_marking_set()


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A copy of the shipped tables with one text replaced in one of them."""

    def edit(name: str, old: str, new: str) -> Path:
        folder = tmp_path / "markings"
        shutil.copytree(markings_folder(), folder)
        text = (folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} must stand once in {name}"
        (folder / name).write_text(text.replace(old, new), encoding="utf-8", newline="")
        return folder

    return edit
