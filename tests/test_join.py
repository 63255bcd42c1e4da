"""A joined lattice shows what any photo shows, unless the others speak against it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import ringed

from vision.join import join
from vision.lattice import row_slots
from vision.types import Lattice


def text(lattice: Lattice, row: int = 0) -> list[tuple[str, float]]:
    """The characters of a row that gain over nothing, with their places, clockwise."""
    slots = row_slots(lattice, row)
    best = slots.gains.argmax(axis=1)
    shown = [(lattice.alphabet[b], float(p)) for b, p in zip(best, slots.places, strict=True) if b]
    return sorted(shown, key=lambda one: one[1])


def letters(lattice: Lattice, row: int = 0) -> str:
    return "".join(character for character, _ in text(lattice, row))


def test_photos_of_one_head_come_together_in_the_first_ones_frame() -> None:
    head = ringed.word("ABC", 100.0)
    turns = [0.0, 50.0, 300.0]
    joined = join([ringed.lattice(head, (), turn) for turn in turns], turns)
    assert letters(joined) == "ABC"
    assert [place for _, place in text(joined)] == pytest.approx([100.0, 112.0, 124.0], abs=3.0)


def test_each_photo_adds_what_the_others_do_not_show() -> None:
    joined = join([ringed.lattice(ringed.word("AB", 100.0)), ringed.lattice(ringed.word("CD", 124.0))], [0.0, 0.0])
    assert letters(joined) == "ABCD"


def test_what_one_of_four_photos_faintly_shows_is_not_believed() -> None:
    clear = ringed.word("AB", 100.0)
    looks = [ringed.lattice(clear) for _ in range(3)]
    looks.append(ringed.lattice([*clear, *ringed.word("X", 200.0, 0.6)]))
    assert letters(join(looks, [0.0] * 4)) == "AB"


def test_a_character_hidden_in_half_of_the_photos_stays() -> None:
    looks = [ringed.lattice(ringed.word("ABC", 100.0))] * 2 + [ringed.lattice(ringed.word("AB", 100.0))] * 2
    assert letters(join(looks, [0.0] * 4)) == "ABC"


def test_a_sure_photo_decides_over_a_doubtful_one() -> None:
    sure, doubtful = ringed.lattice(ringed.word("8", 90.0)), ringed.lattice(ringed.word("B", 90.0, 0.6))
    assert letters(join([doubtful, sure], [0.0, 0.0])) == "8"


def test_letters_struck_twice_stay_two_and_one_letter_stays_one() -> None:
    double = ringed.lattice(ringed.word("77", 90.0, apart=8.0))
    shifted = ringed.lattice(ringed.word("77", 93.6, apart=8.0))
    assert letters(join([double, shifted], [0.0, 0.0])) == "77"
    assert (
        letters(join([ringed.lattice(ringed.word("7", 90.0)), ringed.lattice(ringed.word("7", 97.0))], [0.0] * 2))
        == "7"
    )


def test_text_with_tops_to_the_centre_stays_in_its_row_and_reads_anticlockwise() -> None:
    inwards = [(angle, c, sure) for (angle, _, sure), c in zip(ringed.word("ABC", 200.0), "CBA", strict=True)]
    joined = join([ringed.lattice([], inwards), ringed.lattice([], inwards, 30.0)], [0.0, 30.0])
    assert [row.upside_down for row in joined.rows] == [False, True]
    assert letters(joined, 0) == ""
    slots = row_slots(joined, 1)
    assert "".join(joined.alphabet[b] for b in slots.gains.argmax(axis=1) if b) == "ABC"
    assert slots.places.tolist() == sorted(slots.places.tolist(), reverse=True)


def test_rows_pair_by_reader_orientation_and_order() -> None:
    one = ringed.lattice(ringed.word("AB", 0.0))
    two_readers = replace(one, rows=tuple(replace(row, reader=name) for name in "pq" for row in one.rows))
    joined = join([two_readers, two_readers], [0.0, 0.0])
    assert [(row.reader, row.upside_down) for row in joined.rows] == [
        ("p", False),
        ("p", True),
        ("q", False),
        ("q", True),
    ]


def test_a_joined_row_is_one_of_probabilities() -> None:
    joined = join([ringed.lattice(ringed.word("AB", 0.0)), ringed.lattice([])], [0.0, 0.0])
    for row in joined.rows:
        np.testing.assert_allclose(np.exp(row.log_probs).sum(axis=1), 1.0, atol=1e-4)


def test_what_cannot_be_joined_is_refused() -> None:
    ring = ringed.lattice([])
    for other in (replace(ring, circular=False), Lattice("drawn", ("", "A"), ())):
        with pytest.raises(ValueError, match="one alphabet"):
            join([ring, other], [0.0, 0.0])
