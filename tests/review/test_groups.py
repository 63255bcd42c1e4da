"""Groups that are decided together: what their sample must say, and what a page that was refused keeps."""

from __future__ import annotations

import re
from pathlib import Path

from review.made import Browser, hidden, source_of, web_of


def test_a_mark_of_the_sample_that_was_left_out_is_not_a_mark_that_was_looked_at(tmp_path: Path) -> None:
    anna = Browser(web_of(tmp_path, source_of(tmp_path, 12)))
    page = anna.get("/group/1").text
    sample = [part.split('"')[0] for part in page.split('name="seen_')[1:]]
    form = hidden(page) | {"level": "maker"}
    left_out = anna.post("/group", form | {f"out_{number}": "1" for number in sample})
    assert left_out.status_code == 422
    assert "Every one of the sample must be checked" in left_out.text
    looked_at = form | {f"seen_{number}": "1" for number in sample}
    one_is_not = anna.post("/group", looked_at | {f"out_{sample[0]}": "1"})
    assert one_is_not.status_code == 422
    assert "not one mark: decide its marks one by one" in one_is_not.text
    assert anna.log == []


def test_a_group_that_was_refused_keeps_its_ticks_and_its_level(tmp_path: Path) -> None:
    anna = Browser(web_of(tmp_path, source_of(tmp_path, 12)))
    page = anna.get("/group/1").text
    seen = page.split('name="seen_')[1].split('"')[0]
    answer = anna.post("/group", hidden(page) | {"level": "state", f"seen_{seen}": "1", "out_51": "1"}).text
    checked = set(re.findall(r'name="(\w+)" value="(\w+)" checked', answer))
    assert checked == {(f"seen_{seen}", "1"), ("out_51", "1"), ("level", "state")}
