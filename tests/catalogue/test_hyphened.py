"""Codes with numbers after hyphens: which words are such, what is the year among the numbers."""

from __future__ import annotations

import math

import pytest

from vision.catalogue.hyphened import HYPHENED, hyphened, hyphened_cost, hyphened_year


@pytest.mark.parametrize(
    ("text", "code", "year"),
    [
        ("MEN-82-23", "MEN", "82"),  # year and lot
        ("DAG-79-4", "DAG", "79"),
        ("SF-3-77", "SF", "3-77"),  # quarter and year
        ("SF.3.77", "SF", "3-77"),  # hyphens are often read as dots
        ("DAG-4", "DAG", None),
        ("DAG-4-5", "DAG", None),
        ("DAG-79", "DAG", "79"),
        ("ТЗ-82", "ТЗ", "82"),
    ],
)
def test_a_code_and_its_numbers_are_told_apart(text: str, code: str, year: str | None) -> None:
    found = hyphened(text)
    assert found is not None
    assert found[0] == code
    assert hyphened_year(text) == year


@pytest.mark.parametrize(
    "text", ["MEN", "R-A", "A-1", "M1-82", "DAG-", "DAG-1979", "DAG-1-2-3", "9X19-82", "6-62", "WIN.22", ""]
)
def test_other_words_are_none(text: str) -> None:
    assert hyphened(text) is None
    assert hyphened_year(text) is None


def test_every_number_costs() -> None:
    assert hyphened_cost(("82", "23")) == pytest.approx(HYPHENED - 2 * math.log(100))
    assert hyphened_cost(("82",)) > hyphened_cost(("82", "23"))
