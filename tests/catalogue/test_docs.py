import re
from pathlib import Path

import pytest

from vision.catalogue.load import HEADSTAMP_COLUMNS, TABLES
from vision.catalogue.schema import GRADES, ROLES

PAGE = Path(__file__).parents[2] / "docs" / "marking-set.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_page_tells_of_every_table_role_and_grade(page):
    for name in TABLES:
        assert f"`{name}`" in page
    for role in ROLES:
        assert f"| `{role}` |" in page
    for grade in GRADES:
        assert f"| {grade} |" in page


def test_the_example_has_the_columns_of_the_table_in_their_order(page):
    example = page.split("wrapped here for reading:")[1].split("| column")[0]
    assert tuple(re.findall(r"^ {4}(\w+)", example, re.M)) == HEADSTAMP_COLUMNS


def test_rows_named_in_commands_exist(page, markings):
    rows = re.findall(r"catalogue show ([a-z]{2}-\S+)", page)
    assert rows
    assert all(row in markings.by_id for row in rows)
