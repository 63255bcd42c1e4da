"""What was decoded stands on the sheet, escaped, with its doubt and rule, and not where it is masked."""

from __future__ import annotations

from dataclasses import replace

import drawn

from vision.privacy import masked_result
from vision.report.decoded import decoded_lines
from vision.report.sheet import page
from vision.types import Element, Field, Mark, Reading

BOX = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
SERIAL = Field(
    "serial",
    "12000001",
    "number 000001, year 1968 to 1969",
    "sf-cn",
    "a <b>book</b>",
    "A",
    "disputed <b>",
    (1968, 1969),
)
MARK = Mark("t1", "serial", BOX, 0.9, reading=Reading("printed", (Element("12000001", False, 0.9),)), fields=(SERIAL,))


def test_a_field_is_one_line_with_doubt_and_rule() -> None:
    (line,) = decoded_lines(MARK)
    assert line == "serial: number 000001, year 1968 to 1969 (read as 12000001); disputed <b> [sf-cn, grade A]"
    assert decoded_lines(replace(MARK, fields=())) == ()


def test_the_sheet_shows_what_was_decoded_and_escapes_it() -> None:
    html = page([(replace(drawn.empty_result(), marks=(MARK,)), None)], 5)
    assert "<h2>Decoded</h2>" in html
    assert "year 1968 to 1969" in html
    assert "disputed &lt;b&gt;" in html
    assert "<h2>Decoded</h2>" not in page([(drawn.result(), None)], 5)


def test_a_masked_sheet_shows_no_serial() -> None:
    html = page([(masked_result(replace(drawn.empty_result(), marks=(MARK,))), None)], 5)
    assert "12000001" not in html
    assert "000001" not in html
