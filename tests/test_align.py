"""How far heads are turned against each other is found from characters, or from the metal; else nothing is claimed."""

from __future__ import annotations

import pytest
import ringed

from vision.align import Fit, Look, align, differ
from vision.types import Reading

HEAD = [*ringed.word("PPU", 340.0), *ringed.word("1988", 160.0)]
NOTHING = Reading("drawn")


def read(seen: ringed.Seen, turned_deg: float) -> Look:
    """A photo in which characters are read and the metal cannot be seen."""
    return Look(ringed.lattice(seen, (), turned_deg), ringed.reading(seen, turned_deg), ringed.blank())


def bare(seed: int, turned_deg: float, *, lit_from_below: bool = False) -> Look:
    """A photo in which nothing is read."""
    strip = ringed.strip(seed, turned_deg, lit_from_below=lit_from_below)
    return Look(ringed.lattice([]), NOTHING, strip)


def turns(fits: list[Fit]) -> list[float | None]:
    return [fit.turned_deg for fit in fits]


@pytest.mark.parametrize("turned", [0.0, 1.0, 90.0, 181.0, 359.0])
def test_characters_tell_the_turn(turned: float) -> None:
    first, second = align([read(HEAD, 0.0), read(HEAD, turned)])
    assert first == Fit(0.0)
    assert second.turned_deg is not None
    # A reader's steps are 3.6 degrees wide.
    assert abs((second.turned_deg - turned + 180.0) % 360.0 - 180.0) <= 4.0


def test_what_reads_the_other_way_up_does_not_agree() -> None:
    upright = Look(ringed.lattice(HEAD), NOTHING, ringed.blank())
    inwards = Look(ringed.lattice([], HEAD), NOTHING, ringed.blank())
    assert turns(align([upright, inwards])) == [None, None]


@pytest.mark.parametrize("turned", [0.0, 37.0, 200.0])
def test_the_metal_tells_the_turn_where_nothing_is_read_even_in_opposite_light(turned: float) -> None:
    assert turns(align([bare(3, 0.0), bare(3, turned, lit_from_below=True)])) == [0.0, turned]


def test_the_metal_of_another_head_tells_nothing() -> None:
    assert [fit.doubt for fit in align([bare(3, 0.0), bare(4, 0.0)])] == ["unclear", "unclear"]


def test_a_mark_that_repeats_round_the_head_is_not_guessed_at() -> None:
    thrice = [part for angle in (0.0, 120.0, 240.0) for part in ringed.word("AB", angle)]
    assert turns(align([read(thrice, 0.0), read(thrice, 50.0)])) == [None, None]


def test_a_head_that_reads_otherwise_is_another_object() -> None:
    other = [*ringed.word("WCC", 340.0), *ringed.word("1988", 160.0)]
    fits = align([read(HEAD, 0.0), read(HEAD, 40.0), read(other, 0.0)])
    assert fits[0].turned_deg == 0.0
    assert fits[2] == Fit(None, "differs")


def test_heads_read_well_that_agree_at_no_turn_are_different_objects() -> None:
    fits = align([read(ringed.word("WINCHESTER", 0.0), 0.0), read(ringed.word("AGULA", 0.0), 0.0)])
    assert [fit.doubt for fit in fits] == ["differs", "differs"]


def test_photos_that_agree_only_through_a_third_are_joined_with_it() -> None:
    left, right = ringed.word("PPU", 0.0), ringed.word("1988", 150.0)
    fits = align([read(left, 10.0), read(right, 60.0), read([*left, *right], 100.0)])
    # The first is turned by 10: the others stand 50 and 90 further.
    assert turns(fits) == [0.0, pytest.approx(50.0, abs=4.0), pytest.approx(90.0, abs=4.0)]


def test_the_first_joined_photo_is_the_frame() -> None:
    fits = align([bare(9, 0.0), read(HEAD, 30.0), read(HEAD, 75.0)])
    assert turns(fits) == [None, 0.0, pytest.approx(45.0, abs=4.0)]


def test_few_looks_are_no_fault() -> None:
    assert align([]) == []
    assert align([read(HEAD, 0.0)]) == [Fit(None, "unclear")]


@pytest.mark.parametrize(
    ("first", "second", "contradict"),
    [
        ("PPU", "PPU", False),
        ("PPU", "WCC", True),
        ("PPU", "PPV", False),  # one of three, and the others agree
        ("188", "1O8", False),  # 8 and O are known to be mixed up, or one of three
        ("IO", "10", False),  # only look-alikes
        ("PP", "WC", True),
        ("", "PPU", False),
    ],
)
def test_readings_contradict_each_other_in_sure_and_unlike_characters(
    first: str, second: str, contradict: bool
) -> None:
    there = ringed.reading(ringed.word(second, 0.0), turned_deg=70.0)
    assert differ(ringed.reading(ringed.word(first, 0.0)), there, 70.0) is contradict


def test_doubtful_characters_contradict_nothing() -> None:
    assert not differ(ringed.reading(ringed.word("PPU", 0.0)), ringed.reading(ringed.word("WCC", 0.0, 0.5)), 0.0)
