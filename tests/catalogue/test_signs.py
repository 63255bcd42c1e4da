"""Signs that name no maker: on which marks they may stand, and why not on others."""

from __future__ import annotations

import pytest

from vision.catalogue import MarkingSet
from vision.catalogue.signs import ANYONE, out_of_place, shares_calibre

NATO_CROSS = "zz-nato-cross-interchangeability-sign"


@pytest.mark.parametrize("pattern", ["us-lc-independence", "kr-pmc-angang", "eg-10-alexandria"])
def test_the_nato_cross_may_stand_on_what_was_used_in_its_calibres(markings: MarkingSet, pattern: str) -> None:
    cross, mark = markings.by_id[NATO_CROSS], markings.by_id[pattern]
    assert cross.country == ANYONE
    assert out_of_place(cross, mark) is None
    assert shares_calibre(cross, mark)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("ru-17-barnaul", "is struck on 7.62x51mm, 5.56x45mm"),
        ("gb-g17f1-blackpole", "is struck from 1955 on, this mark was to 1918"),
    ],
)
def test_and_is_out_of_place_on_others(markings: MarkingSet, pattern: str, why: str) -> None:
    said = out_of_place(markings.by_id[NATO_CROSS], markings.by_id[pattern])
    assert said is not None
    assert said.startswith(why)


def test_a_sign_that_had_ended_is_out_of_place_on_a_later_mark(markings: MarkingSet) -> None:
    bullet, mark = markings.by_id["zz-s-star-german-brass"], markings.by_id["kr-pmc-angang"]
    assert out_of_place(bullet, mark) == "was struck to 1945, this mark is from 1978 on"
