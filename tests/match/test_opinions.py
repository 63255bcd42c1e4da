"""Opinions of one mark: of some looks and of all, and of several photos."""

from __future__ import annotations

import math

import numpy as np
import pytest
from match.seen import ALPHABET

from vision.catalogue import load_marking_set
from vision.match import Model, averaged, pooled
from vision.match.opinions import JOINED_COUNTS, MOST_AGAINST, SHARED
from vision.types import Explanation, Placed, Word


@pytest.fixture(scope="module")
def model() -> Model:
    """The marking set that comes with marktrace."""
    return Model(load_marking_set(), ALPHABET)


def shares(explanations: list[Explanation]) -> dict[str | None, float]:
    """By pattern its log-probability."""
    whole = np.logaddexp.reduce([e.score for e in explanations])
    return {e.pattern: e.score - float(whole) for e in explanations}


def says(score: float, **words: float) -> Explanation:
    """Pattern a with such words, each with so much evidence (nats)."""
    placed = (Placed(Word(text, False, (0.0,), 1.0, 0, (0,), spotted=True), "code", w) for text, w in words.items())
    return Explanation("a", tuple(placed), score)


def test_two_opinions_of_a_mark_count_half_each() -> None:
    fewer = [Explanation("a", (), 3.0), Explanation(None, (), 1.0)]
    whole = [Explanation("b", (), 12.0), Explanation("a", (), 11.0), Explanation(None, (), 10.0)]
    found = averaged(fewer, whole)
    shares = {e.pattern: np.exp(e.score) for e in found}
    total = sum(shares.values())
    by_itself = {e.pattern: np.exp(e.score) / sum(np.exp(x.score) for x in some) for some in (whole,) for e in some}
    first = {e.pattern: np.exp(e.score) / sum(np.exp(x.score) for x in fewer) for e in fewer}
    for pattern in ("a", "b", None):
        assert shares[pattern] / total == pytest.approx((by_itself[pattern] + first.get(pattern, 0.0)) / 2)
    assert [e.pattern for e in found] == ["a", "b", None]  # what one opinion alone holds for sure counts half
    assert total == pytest.approx(sum(np.exp(e.score) for e in whole))


def test_two_spellings_of_one_mark_are_one_for_two_opinions(model: Model) -> None:
    """One opinion reads POF, the other P.O.F.: the plant is as likely as both say, not half as likely twice."""
    marks = [p for p, mark in model.marks.items() if mark == model.marks["pk-pof-wah"]]
    one, other = marks[:2]
    found = averaged(
        [Explanation(one, (), 3.0)], [Explanation(other, (), 2.0), Explanation(None, (), -5.0)], model.marks
    )
    assert [e.pattern for e in found] == [other, None]
    assert found[0].score == pytest.approx(2.0, abs=0.01)


def test_of_two_opinions_the_words_are_those_of_all_looks() -> None:
    word = Word("PPU", False, (0.0, 10.0, 20.0), 9.0, 3, (1, 2, 3), spotted=True)
    placed = (Placed(word, "code", 9.0),)
    found = averaged([Explanation("a", (), 5.0), Explanation("c", placed, 4.0)], [Explanation("a", placed, 2.0)])
    assert {e.pattern: e.placed for e in found} == {"a": placed, "c": placed}


def test_photos_multiply_what_each_holds_likely() -> None:
    joined = [Explanation("a", (), 3.0), Explanation("b", (), 2.0)]
    photos = [
        [Explanation("a", (), 7.0), Explanation("b", (), 8.0)],
        [Explanation("a", (), 1.0), Explanation("b", (), 0.5)],
    ]
    found = pooled(joined, photos)
    # The joined rows count twice: a leads b by 2 x 1, lies behind by 1, leads by 0.5.
    assert found[0].score - found[1].score == pytest.approx(SHARED * (JOINED_COUNTS * 1.0 - 1.0 + 0.5))
    assert [e.pattern for e in found] == ["a", "b"]
    whole = [np.logaddexp.reduce([e.score for e in some]) for some in (joined, *photos)]
    assert np.logaddexp.reduce([e.score for e in found]) == pytest.approx(np.mean(whole))


def test_one_photo_does_not_rule_out_what_the_others_show() -> None:
    """It says no more against a mark than MOST_AGAINST, whether it lists it far behind or not at all."""
    sure = [Explanation("a", (), 10.0), Explanation("b", (), 0.0)]
    missing, far = [Explanation("b", (), 40.0)], [Explanation("b", (), 40.0), Explanation("a", (), 0.0)]
    for against in (missing, far):
        found = pooled(sure, [sure, sure, against])
        assert found[0].pattern == "a"
        ahead = JOINED_COUNTS * -MOST_AGAINST + 2 * -MOST_AGAINST + MOST_AGAINST
        assert found[0].score - found[1].score == pytest.approx(SHARED * ahead, abs=1e-3)


def test_photos_that_agree_make_surer_and_photos_that_differ_less_sure() -> None:
    one = [Explanation("a", (), 2.0), Explanation("b", (), 0.0)]
    other = [Explanation("a", (), 0.0), Explanation("b", (), 2.0)]
    assert shares(pooled(one, [one, one]))["a"] > shares(one)["a"] > shares(pooled(one, [one, other, other]))["a"]
    # Ahead by 2 nats in the joined rows, which count twice, and in one photo; behind by 2 in two: 2 nats in all.
    assert shares(pooled(one, [one, other, other]))["a"] == pytest.approx(-math.log(1.0 + math.exp(-2.0 * SHARED)))


def test_two_spellings_of_one_mark_are_one_for_photos_too(model: Model) -> None:
    one, other = [p for p, mark in model.marks.items() if mark == model.marks["pk-pof-wah"]][:2]
    nothing = Explanation(None, (), 0.0)
    joined = [Explanation(one, (), 3.0), nothing]
    found = pooled(joined, [[Explanation(other, (), 3.0), nothing]], model.marks)
    assert len(found) == 2
    assert found[0].score > found[1].score + 3.0


def test_the_words_told_of_a_mark_are_those_that_most_photos_show_best() -> None:
    joined, first = [says(9.0, LRS=9.0, y84=4.0)], [says(9.5, LRS=9.0, y34=5.0)]
    assert pooled(joined, [first, [says(8.0, LRS=9.0, y84=3.0)]])[0].placed == joined[0].placed
    assert pooled(joined, [first])[0].placed == first[0].placed
