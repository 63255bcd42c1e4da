"""The notebooks run, call vision, define nothing and stay small."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from notebooks.runner import executed

BOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
MAY_IMPORT = {"vision", "pathlib", "tempfile", "shutil", "json", "collections", "PIL", "numpy"}


def cells(path: Path) -> list[str]:
    book = json.loads(path.read_text("utf-8"))
    return ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]


def test_there_are_three() -> None:
    assert [path.stem for path in BOOKS] == ["a-new-marking-set", "an-archive", "one-photo"]


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_a_notebook_calls_vision_and_defines_nothing(path: Path) -> None:
    trees = [ast.parse(source) for source in cells(path)]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    assert not [n for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.Lambda | ast.AsyncFunctionDef)]
    modules = {n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)}
    modules |= {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    assert {module.partition(".")[0] for module in modules} <= MAY_IMPORT
    assert any(module.startswith("vision") for module in modules)


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_what_it_shows_is_small(path: Path) -> None:
    kept = json.loads(path.read_text("utf-8"))
    assert len(path.read_bytes()) < 250_000
    fresh = executed(path)
    shown = [
        [
            [sorted(output.get("data", {"text": 0})) for output in cell["outputs"]]
            for cell in book["cells"]
            if cell["cell_type"] == "code"
        ]
        for book in (kept, fresh)
    ]
    assert shown[0] == shown[1], "run scripts/run_notebooks and look at what changed"
    assert len(json.dumps(fresh)) < 250_000
