"""Where a known string fits: found at its place, whole, in order, and paying for what it passes over."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from match.seen import ALPHABET, PITCH, STEPS, Step, doubtful, row, slots, word

from vision.lattice import Slots
from vision.match.sight import FREE_PASS, Sight
from vision.match.spot import LEAST_GAIN, LEAST_IN_ALL, Spot, spot
from vision.match.vocabulary import Vocabulary
from vision.types import Lattice


def sight(seen: dict[int, str | Step], *, circular: bool = True, widest: float = 220.0) -> Sight:
    return Sight(Lattice("drawn", ALPHABET, (row(seen),), circular), widest=widest)


def spots(vocabulary: Vocabulary, seen: dict[int, str | Step], *, circular: bool, widest: float = 220.0) -> list[Spot]:
    return spot(vocabulary, sight(seen, circular=circular, widest=widest))


def found(seen: dict[int, str | Step], *strings: str, circular: bool = True, widest: float = 220.0) -> dict[str, Spot]:
    """The best spot of each string, by string."""
    vocabulary = Vocabulary(strings, ALPHABET, {})
    best: dict[str, Spot] = {}
    for one in spots(vocabulary, seen, circular=circular, widest=widest):
        text = vocabulary.strings[one.string]
        if text not in best or one.gain > best[text].gain:
            best[text] = one
    return best


def steps(seen: dict[int, str | Step], one: Spot) -> list[int]:
    where = slots(seen).step
    return [where[i % len(where)] for i in one.slots]


def test_a_string_is_found_on_its_steps() -> None:
    seen = word("188", 10) | word("43", 50)
    best = found(seen, "188", "43", "LC")
    assert set(best) == {"188", "43"}
    assert steps(seen, best["188"]) == [10, 13, 16]
    assert steps(seen, best["43"]) == [50, 53]


def test_the_gain_is_the_sum_over_its_characters() -> None:
    seen = word("188", 10)
    gains = slots(seen).gains
    expected = sum(float(gains[i, ALPHABET.index(c)]) for i, c in enumerate("188"))
    assert found(seen, "188")["188"].gain == pytest.approx(expected, abs=1e-4)


def test_characters_must_stand_in_reading_order() -> None:
    assert "72" not in found(word("27", 10), "72", circular=False)


def test_passing_over_something_strong_costs_what_it_gains() -> None:
    plain = found(word("LC", 10, 6), "LC")["LC"].gain
    between = word("LC", 10, 6) | {13: "X"}
    strong = float(slots(between).gains[1].max())
    assert found(between, "LC")["LC"].gain == pytest.approx(plain - (strong - FREE_PASS), abs=1e-3)


def test_passing_over_a_speck_costs_nothing() -> None:
    speck: dict[int, str | Step] = {13: {"X": 0.3}}
    plain = found(word("LC", 10, 6), "LC")["LC"].gain
    assert found(word("LC", 10, 6) | speck, "LC")["LC"].gain == pytest.approx(plain, abs=1e-4)


def test_what_stands_outside_the_string_costs_nothing() -> None:
    alone = found(word("LC", 10), "LC")["LC"].gain
    assert found(word("LC", 10) | {7: "X", 16: "X"}, "LC")["LC"].gain == pytest.approx(alone, abs=1e-4)


def test_equal_neighbours_need_an_empty_step_between_them() -> None:
    best = Vocabulary(["88"], ALPHABET, {})
    # Two slots that touch, kept apart by a doubtful best character: one 8 struck once must not be read twice.
    touching: dict[int, str | Step] = {10: {"8": 0.5, "3": 0.45}, 11: {"3": 0.5, "8": 0.45}}
    apart: dict[int, str | Step] = {10: {"8": 0.5, "3": 0.45}, 12: {"3": 0.5, "8": 0.45}}
    assert not spots(best, touching, circular=True)
    assert spots(best, apart, circular=True)
    assert "38" in found({10: "3", 11: "8"}, "38")


def test_a_string_may_go_over_the_seam_of_a_ring() -> None:
    seen = word("188", STEPS - 3)
    best = found(seen, "188")["188"]
    assert steps(seen, best) == [STEPS - 3, 0, 3]
    assert list(best.slots) == [2, 0, 1]
    assert "188" not in found(seen, "188", circular=False)


def test_a_ring_is_gone_round_once_only() -> None:
    """A string longer than what is there does not use one slot twice."""
    seen: dict[int, str | Step] = {10: "8", 30: "3"}
    assert "83" in found(seen, "83", widest=359.0)
    assert not found(seen, "838", "8383", "383", widest=359.0)


def test_a_string_is_no_wider_than_allowed() -> None:
    seen = word("AEP", 0, 20)  # 180 degrees from A to P
    assert "AEP" in found(seen, "AEP", widest=40 * PITCH + 1.0)
    assert "AEP" not in found(seen, "AEP", widest=40 * PITCH - 1.0)


def test_one_string_can_stand_at_several_places() -> None:
    vocabulary = Vocabulary(["LC"], ALPHABET, {})
    seen = word("LC", 10) | word("LC", 50)
    places = [steps(seen, one) for one in spots(vocabulary, seen, circular=True)]
    assert [10, 13] in places
    assert [50, 53] in places
    assert len({tuple(place) for place in places}) == len(places)


def test_a_doubtful_character_keeps_both_strings() -> None:
    seen: dict[int, str | Step] = {10: "1", 13: doubtful("80"), 16: "8"}
    best = found(seen, "188", "108", "168")
    assert best["188"].gain == pytest.approx(best["108"].gain, abs=1e-4)
    assert "168" not in best or best["168"].gain < best["188"].gain - 3.0


def test_another_way_of_reading_a_character_costs_its_log_probability() -> None:
    vocabulary = Vocabulary(["O8", "08"], ALPHABET, {"O": {"O": 0.0, "0": -2.0}})
    gains = {vocabulary.strings[s.string]: s.gain for s in spots(vocabulary, word("08", 10), circular=True)}
    assert gains["08"] - gains["O8"] == pytest.approx(2.0, abs=1e-4)


def test_a_string_with_a_character_that_cannot_be_read_is_never_spotted() -> None:
    vocabulary = Vocabulary(["Ж8", "8", ""], ALPHABET, {})
    assert vocabulary.usable.tolist() == [False, True, False]
    assert {s.string for s in spots(vocabulary, word("8", 10), circular=True)} == {1}


def test_nothing_seen_or_nothing_known_finds_nothing() -> None:
    assert spots(Vocabulary(["188"], ALPHABET, {}), {}, circular=True) == []
    assert spots(Vocabulary([], ALPHABET, {}), word("188", 1), circular=True) == []


def brute(seen: Slots, text: str, widest: float) -> float:
    """The best gain of text over all choices of slots in order on a straight patch."""
    gains = seen.gains
    passing = np.maximum(gains[:, 1:].max(axis=1) - FREE_PASS, 0.0)
    best = -np.inf
    for path in itertools.combinations(range(len(seen.step)), len(text)):
        wide = (seen.step[path[-1]] - seen.step[path[0]]) * seen.pitch
        touching = any(
            a == b and seen.step[q] - seen.step[p] < 2
            for a, b, p, q in zip(text, text[1:], path, path[1:], strict=False)
        )
        if wide > widest or touching:
            continue
        passed = sum(passing[i] for i in range(path[0], path[-1]) if i not in path)
        best = max(best, sum(gains[i, ALPHABET.index(c)] for i, c in zip(path, text, strict=True)) - passed)
    return float(best)


@pytest.mark.parametrize("seed", range(12))
def test_the_best_path_is_that_of_trying_them_all(seed: int) -> None:
    """Without a width limit at work: with one, the search follows only the best way to each prefix."""
    rng = np.random.default_rng(seed)
    places = sorted(rng.choice(STEPS, 9, replace=False).tolist())
    seen: dict[int, str | Step] = {
        int(p): {c: float(v) for c, v in zip("138B", rng.dirichlet(np.ones(5)) * 0.98, strict=False)} for p in places
    }
    strings = ["".join(rng.choice(list("138B"), int(rng.integers(1, 5)))) for _ in range(12)]
    best = found(seen, *strings, circular=False, widest=1000.0)
    for text in set(strings):
        expected = brute(slots(seen), text, 1000.0)
        if text in best:
            assert best[text].gain == pytest.approx(expected, abs=1e-3)
        else:
            assert expected <= max(LEAST_GAIN * len(text), LEAST_IN_ALL) + 1e-3
