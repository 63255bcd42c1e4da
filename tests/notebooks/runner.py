"""Runs a notebook as Jupyter would, in this process: cells in order, what a cell's last line comes to as its output."""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import os
from pathlib import Path
from typing import Any

from PIL import Image

MOST_SIDE = 560  # pixels of a picture that is kept


def executed(path: Path) -> dict[str, Any]:
    """The notebook with the outputs of every code cell. Raises what a cell raises."""
    book: dict[str, Any] = json.loads(path.read_text("utf-8"))
    names: dict[str, Any] = {"__name__": "__main__"}
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        for count, cell in enumerate((c for c in book["cells"] if c["cell_type"] == "code"), start=1):
            cell["execution_count"], cell["outputs"] = count, _outputs("".join(cell["source"]), names, count)
    finally:
        os.chdir(before)
    return book


def _outputs(source: str, names: dict[str, Any], count: int) -> list[dict[str, Any]]:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    said = io.StringIO()
    value = None
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        exec(compile(tree, "cell", "exec"), names)
        if isinstance(last, ast.Expr):
            names["_"] = None
            shown = ast.Assign([ast.Name("_", ast.Store())], last.value)
            exec(compile(ast.fix_missing_locations(ast.Module([shown], [])), "cell", "exec"), names)
            value = names["_"]
    found: list[dict[str, Any]] = []
    if said.getvalue():
        found.append({"output_type": "stream", "name": "stdout", "text": said.getvalue().splitlines(keepends=True)})
    if value is not None:
        found.append({"output_type": "execute_result", "execution_count": count, "metadata": {}, "data": _data(value)})
    return found


def _data(value: Any) -> dict[str, Any]:
    if isinstance(value, Image.Image):
        small, held = value.convert("RGB"), io.BytesIO()
        small.thumbnail((MOST_SIDE, MOST_SIDE))
        small.save(held, "JPEG", quality=70)
        return {"image/jpeg": base64.b64encode(held.getvalue()).decode() + "\n", "text/plain": ["a picture"]}
    return {"text/plain": repr(value).splitlines(keepends=True)}
