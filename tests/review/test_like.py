"""Like marks that people decided are found the same whether few or most marks are decided, in the queue's order."""

from __future__ import annotations

import pytest

from vision.review.ledger import Ledger, Standing
from vision.review.marks import MarkRow, Marks


def row(number: int, first: str = "ru-17", reading: str = "17 78") -> MarkRow:
    return MarkRow(number, f"photo-{number}", "h1", "/p.jpg", "headstamp", reading, "maker", first, "Barnaul", "RU", "",
                   None, 1.0 - number / 100.0)  # fmt: skip


ROWS = [row(n) for n in range(1, 11)] + [row(n, first="ru-3") for n in range(11, 21)] + [row(30, first="", reading="")]


def ledger(*decided: int) -> Ledger:
    """A log in which these marks are settled; the others in it are open."""
    found = Ledger()
    for number in (*decided, 999):
        found.marks[(f"photo-{number}", "h1")] = Standing(settled=object())  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("decided", "like"),
    [
        ((2,), [2]),
        ((12,), []),  # another first candidate
        ((1,), []),  # the mark itself
        ((2, 12, 5, 9), [9, 5, 2]),  # few of ten: from the log
        (tuple(range(1, 21)), [10, 9, 8, 7, 6, 5]),  # most of them: from the queue, at most six
    ],
)
def test_like_marks_come_in_the_queues_order(decided: tuple[int, ...], like: list[int]) -> None:
    marks = Marks(ROWS)
    assert [other.number for other in marks.like_decided(ROWS[0], ledger(*decided))] == like


def test_a_mark_of_which_nothing_is_known_is_like_no_other() -> None:
    assert Marks(ROWS).like_decided(ROWS[-1], ledger(2, 12)) == []
