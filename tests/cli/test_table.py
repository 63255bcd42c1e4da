"""The table that identify shows: what is known of the find never moves an answer unseen."""

from __future__ import annotations

import io
from dataclasses import replace

import drawn
from rich.console import Console

from vision.cli.table import table
from vision.types import Candidate, Result


def shown(*candidates: Candidate) -> str:
    result = drawn.result()
    (mark,) = result.marks
    attribution = replace(drawn.attribution(), candidates=candidates)
    return text(replace(result, marks=(replace(mark, attribution=attribution),)))


def text(result: Result) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(table([result], 5))
    return " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]


def test_the_table_shows_the_probability_by_the_photo_alone_beside_one_that_was_moved() -> None:
    moved = replace(drawn.candidates()[0], probability=0.08, probability_without_context=0.96)
    assert "96% by the photo alone" in shown(moved)
    assert "by the photo alone" not in shown(replace(moved, probability=0.96))


def test_reasons_that_rest_on_the_find_are_never_cut() -> None:
    many = tuple(f"reason {number}" for number in range(9))
    candidate = replace(
        drawn.candidates()[1],
        reasons_for=(*many, "context: made in the country of the find"),
        reasons_against=(*many, "context: made in 1967, after the find of 1960"),
    )
    for said in (shown(candidate), shown(drawn.candidates()[0], candidate)):
        assert "+ context: made in the country of the find" in said
        assert "- context: made in 1967, after the find of 1960" in said
        assert "reason 8" not in said
