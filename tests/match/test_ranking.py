"""From a lattice to ranked explanations: the known code first, the unknown one unknown, the worn one in doubt."""

from __future__ import annotations

import math

import pytest
from match.markings import P108, P188, SMALL
from match.seen import ALPHABET, STEPS, Step, doubtful, lattice, word

from vision.catalogue import MarkingSet, load_marking_set
from vision.match import Model, explain, left_unread, rank, settled
from vision.types import Explanation, Lattice, Placed, Word

# First steps of words that stand about 12 and 6 o'clock.
TOP, BOTTOM = 77, 38


@pytest.fixture(scope="module")
def shipped() -> MarkingSet:
    return load_marking_set()


@pytest.fixture(scope="module")
def model(shipped: MarkingSet) -> Model:
    """The marking set that comes with marktrace."""
    return Model(shipped, ALPHABET)


@pytest.fixture(scope="module")
def small() -> Model:
    return Model(SMALL, ALPHABET)


def placed(text: str, step: int) -> Placed:
    """A word of tops out that stands where word() puts it."""
    angles = tuple((step + 3 * i) % STEPS * 360.0 / STEPS for i in range(len(text)))
    return Placed(Word(text, False, angles, 1.0, 0, tuple(range(len(text))), spotted=False), "other", 1.0)


def texts(one: Explanation) -> dict[str, str]:
    return {p.word.text: p.role for p in one.placed}


@pytest.mark.parametrize(
    "seen", [lattice(word("188", TOP) | word("86", BOTTOM)), lattice(word("188", TOP), word("86", BOTTOM))],
    ids=["tops out", "year inwards"],
)  # fmt: skip
def test_a_clean_known_mark_ranks_its_plant_first(seen: Lattice, model: Model, shipped: MarkingSet) -> None:
    ranked = explain(seen, model)
    assert ranked[0].pattern is not None
    first = shipped.by_id[ranked[0].pattern]
    assert (first.code, first.country) == ("188", "RU")
    assert texts(ranked[0]) == {"188": "code", "86": "year"}


def test_letters_read_without_doubt_are_no_known_code_that_looks_like_them(model: Model, shipped: MarkingSet) -> None:
    """AT of 77, when Zaandam struck no more, was told as Zaandam's AI: I is a look-alike of T."""
    assert "AI" in model.codes
    assert "AT" not in model.codes
    ranked = explain(lattice(word("AT", TOP) | word("77", BOTTOM)), model)
    alike = [e.score for e in ranked if e.pattern is not None and shipped.by_id[e.pattern].code == "AI"]
    unknown = next(e.score for e in ranked if e.pattern is None)
    assert unknown > max(alike, default=-math.inf)


def test_every_pattern_of_the_code_competes(model: Model) -> None:
    ranked = [e.pattern for e in explain(lattice(word("188", TOP) | word("86", BOTTOM)), model)]
    assert {code.pattern.id for code in model.codes["188"]} <= set(ranked)


def test_the_year_speaks_for_the_plant_that_was_open(model: Model) -> None:
    """188 is Klimovsk's to 1941 and Novosibirsk's after: the same code, told apart by the year."""
    late = {e.pattern: e.score for e in explain(lattice(word("188", TOP) | word("86", BOTTOM)), model)}
    early = {e.pattern: e.score for e in explain(lattice(word("188", TOP) | word("38", BOTTOM)), model)}
    novosibirsk, klimovsk = "ru-188-novosibirsk", "ru-188-klimovsk"
    assert late[novosibirsk] - late[klimovsk] > early[novosibirsk] - early[klimovsk] + 1.0


def test_explanations_come_best_first_and_once_a_pattern(model: Model) -> None:
    ranked = explain(lattice(word("188", TOP) | word("86", BOTTOM)), model)
    assert [e.score for e in ranked] == sorted((e.score for e in ranked), reverse=True)
    assert len({e.pattern for e in ranked}) == len(ranked)
    assert None in {e.pattern for e in ranked}


@pytest.mark.parametrize("code", ["QXZ", "JQV", "XQJ"])
def test_an_unknown_code_is_explained_without_a_pattern_first(code: str, model: Model) -> None:
    assert code not in model.codes
    ranked = explain(lattice(word(code, TOP) | word("86", BOTTOM)), model)
    assert ranked[0].pattern is None
    assert texts(ranked[0]) == {code: "other", "86": "year"}


@pytest.mark.parametrize(("text", "code"), [("MEN-82-23", "MEN"), ("SF.3.77", "SF"), ("DAG-79", "DAG")])
def test_a_code_with_numbers_after_hyphens_is_that_code_and_one_word(
    text: str, code: str, model: Model, shipped: MarkingSet
) -> None:
    ranked = explain(lattice(word(text, TOP)), model)
    assert ranked[0].pattern is not None
    assert shipped.by_id[ranked[0].pattern].code == code
    assert texts(ranked[0]) == {text: "code"}


def test_a_code_with_points_between_its_letters_is_that_code_not_one_that_lies_within_it(
    model: Model, shipped: MarkingSet
) -> None:
    ranked = explain(lattice(word("R.W.S.", TOP)), model)
    assert ranked[0].pattern is not None
    assert shipped.by_id[ranked[0].pattern].code == "RWS"  # and not the P.S. of Seville
    assert texts(ranked[0]) == {"R.W.S.": "code"}
    plain = explain(lattice(word("RWS", TOP)), model)[0]
    assert plain.pattern == ranked[0].pattern


def test_letters_of_no_code_with_numbers_after_them_are_no_pattern_s(model: Model) -> None:
    assert explain(lattice(word("QXZ-82-23", TOP)), model)[0].pattern is None


def test_a_bare_head_is_explained_by_nothing(model: Model) -> None:
    ranked = explain(lattice({}), model)
    assert [(e.pattern, e.placed) for e in ranked] == [(None, ())]


def test_a_worn_character_keeps_both_codes(small: Model) -> None:
    seen: dict[int, str | Step] = {TOP: "1", 0: doubtful("80"), 3: "8"} | word("86", BOTTOM)
    scores = {e.pattern: e.score for e in explain(lattice(seen), small)}
    assert scores[P188.id] == pytest.approx(scores[P108.id], abs=0.01)
    assert min(scores[P188.id], scores[P108.id]) > scores[None]


def test_a_leaning_character_leans_the_ranking(small: Model) -> None:
    for lean, first in (({"8": 0.8, "0": 0.19}, P188.id), ({"0": 0.8, "8": 0.19}, P108.id)):
        seen: dict[int, str | Step] = {TOP: "1", 0: lean, 3: "8"} | word("86", BOTTOM)
        ranked = explain(lattice(seen), small)
        assert ranked[0].pattern == first
        assert {P188.id, P108.id} <= {e.pattern for e in ranked}


def test_fainter_marks_are_less_sure(small: Model) -> None:
    """How far the pattern leads the explanation without one falls as the metal says less."""

    def lead(sure: float) -> float:
        seen: dict[int, str | Step] = {s: {c: sure} for s, c in word("188", TOP).items()}
        scores = {e.pattern: e.score for e in explain(lattice(seen), small)}
        return scores[P188.id] - scores[None]

    assert lead(0.999) > lead(0.9) > lead(0.7)


def test_the_same_head_turned_ranks_the_same(small: Model) -> None:
    straight = explain(lattice(word("188", 10) | word("86", 50)), small)
    for turn in (13, 31, 68):
        turned = explain(lattice(word("188", 10 + turn) | word("86", 50 + turn)), small)
        assert [e.pattern for e in turned] == [e.pattern for e in straight]
        assert [e.score for e in turned] == pytest.approx([e.score for e in straight], abs=1e-3)


def test_a_code_and_its_reading_are_never_one_place(small: Model) -> None:
    """Words of one explanation stand apart: 86 is not read out of 188 nor 18 beside it."""
    for one in explain(lattice(word("188", TOP) | word("86", BOTTOM)), small):
        steps = [step for p in one.placed for step in p.word.steps]
        assert len(steps) == len(set(steps))


def test_a_mark_is_settled_where_one_pattern_has_half_of_it_or_the_share_asked_for() -> None:
    def scored(*scores: tuple[str | None, float]) -> list[Explanation]:
        return [Explanation(pattern, (), score) for pattern, score in scores]

    assert settled(scored(("a", 3.0), ("b", 1.0), (None, 1.0)))
    assert not settled(scored(("a", 3.0), ("b", 2.5), (None, 2.5)))  # half by itself is not half of all
    assert not settled(scored((None, 5.0), ("a", 3.0)))
    four_fifths = scored(("a", 2.0), (None, 2.0 - math.log(4.0)))
    assert settled(four_fifths, 0.79)
    assert not settled(four_fifths, 0.81)
    assert not settled(scored((None, 5.0)))
    assert settled(scored(("a", 1.0), ("b", 1.0)))  # exactly half


def test_what_stands_beside_the_words_of_an_explanation_is_left_unread() -> None:
    head = lattice(word("188", TOP) | word("86", BOTTOM))
    whole = Explanation(None, (placed("188", TOP), placed("86", BOTTOM)), 0.0)
    assert left_unread(head, whole) == 0.0
    part = left_unread(head, Explanation(None, (placed("188", TOP),), 0.0))
    assert part == pytest.approx(2 / 3 * left_unread(head, Explanation(None, (placed("86", BOTTOM),), 0.0)), rel=1e-3)
    assert part > 10.0
    both = lattice(word("188", TOP), word("86", BOTTOM))  # the other way up counts by itself: the row with more of it
    assert left_unread(both, Explanation(None, (), 0.0)) == pytest.approx(1.5 * part, rel=1e-3)
    assert left_unread(lattice({}), Explanation(None, (), 0.0)) == 0.0


def both_ways(upright: float, inwards: float, first: int) -> Lattice:
    """LC at 12 o'clock, and from a step on a number that is 98 with tops out and 86 with tops to the centre, each digit
    as sure as said."""
    back = STEPS - first
    return lattice(
        dict(word("LC", TOP)) | {first: {"9": upright}, first + 3: {"8": upright}},
        {back - 3: {"8": inwards}, back: {"6": inwards}},
    )


def test_a_number_that_reads_both_ways_up_stands_as_the_code_beside_it(model: Model) -> None:
    assert texts(explain(both_ways(0.97, 0.985, first=20), model)[0]) == {"LC": "code", "98": "year"}
    assert texts(explain(both_ways(0.97, 0.999, first=20), model)[0]) == {"LC": "code", "86": "year"}  # far surer


def test_a_number_across_from_the_code_may_stand_either_way_up(model: Model) -> None:
    assert texts(explain(both_ways(0.97, 0.985, first=38), model)[0]) == {"LC": "code", "86": "year"}


def test_a_number_that_reads_both_ways_up_stands_as_the_lines_above_and_below_it_do(model: Model) -> None:
    """9MM above and RA below read without turning the head, so the number beside RA is 68, not 89 over head."""
    around = word("9MM", 77) | {28: {"8": 0.99}, 31: {"9": 0.99}}
    inwards = word("RA", STEPS - 50) | {STEPS - 31: {"6": 0.97}, STEPS - 28: {"8": 0.97}}
    assert texts(explain(lattice(around, inwards), model)[0]) == {"9MM": "calibre", "RA": "code", "68": "year"}
    alone = {step: what for step, what in around.items() if step in (28, 31)}
    assert "89" in texts(explain(lattice(alone, {s: w for s, w in inwards.items() if s > 45}), model)[0])


def test_a_calibre_that_is_seen_over_head_is_known_by_its_shape(model: Model) -> None:
    """A reader that takes 9X19 with tops to the centre for 61X6 with tops out says no more than the shape does."""
    assert texts(explain(lattice(word("GEA", TOP) | word("61X6", 35)), model)[0]) == {"GEA": "code", "9X19": "calibre"}


def test_a_lone_figure_is_told_however_many_calibres_crowd_round_it(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of a lot takes no room from the legends that its figure begins, nor they from it."""
    monkeypatch.setattr(rank, "LEGENDS_KEPT", 0)
    ranked = explain(lattice(word("emp", TOP) | {20: "9"} | word("41", 58)), model)
    assert texts(ranked[0]) == {"emp": "code", "9": "lot", "41": "year"}
