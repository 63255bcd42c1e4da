"""Slots: where something may stand in a row, each character once however many steps it was seen on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vision.lattice import row_slots
from vision.types import Lattice, LatticeRow

ALPHABET = ("", "3", "8")


def ring(steps: str, *, circular: bool = True) -> Lattice:
    """A lattice of one row whose steps most likely show these characters, - being the blank."""
    log_probs = np.full((len(steps), len(ALPHABET)), np.log(0.01), np.float32)
    for step, character in enumerate(steps):
        log_probs[step, ALPHABET.index(character.strip("-"))] = np.log(0.98)
    places = np.arange(len(steps)) * (360.0 / len(steps))
    return Lattice("r", ALPHABET, (LatticeRow(log_probs, places.astype(np.float32), False, (0.9, 0.6)),), circular)


def surer(lattice: Lattice, step: int) -> Lattice:
    """The same, its row surer of what it sees at a step than elsewhere."""
    (row,) = lattice.rows
    log_probs = row.log_probs.copy()
    log_probs[step] = np.where(log_probs[step] == log_probs[step].max(), np.log(0.998), np.log(0.001))
    return replace(lattice, rows=(replace(row, log_probs=log_probs),))


def steps_of(lattice: Lattice) -> tuple[int, ...]:
    return row_slots(lattice, 0).step


@pytest.mark.parametrize("sure", [2, 3, 4])
def test_a_run_of_one_character_is_one_slot_at_its_surest_step(sure: int) -> None:
    assert steps_of(surer(ring("--333--8--"), sure)) == (sure, 7)


def test_a_blank_between_two_alike_makes_two() -> None:
    assert steps_of(ring("--3-3-----")) == (2, 4)
    assert steps_of(ring("--38------")) == (2, 3)


@pytest.mark.parametrize("sure", [0, 1, 9])
def test_on_a_ring_a_character_at_its_start_is_one_with_the_same_at_its_end(sure: int) -> None:
    assert steps_of(surer(ring("33--8----3"), sure)) == tuple(sorted((sure, 4)))


def test_on_a_line_ends_are_two_places() -> None:
    assert steps_of(ring("3---8----3", circular=False)) == (0, 4, 9)


def test_a_ring_of_one_character_is_one_slot_and_an_empty_one_none() -> None:
    assert len(steps_of(ring("3333"))) == 1
    assert steps_of(ring("----")) == ()
