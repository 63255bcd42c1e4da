"""How far each photo's head is turned against the others, and whether they show one head at all.

Light changes pictures but not characters: the characters of two lattices (vision.lattice) are correlated round the
ring, tops-out text with tops-out text. Where few characters are seen the pictures of the two unrolled heads help, by
the strength of their edges (a stroke's edge may be bright in one light and dark in the next, but it is an edge). Both
are summed, and a turn counts only where it stands out from every other one.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from vision.catalogue.lookalikes import confusable, fold
from vision.lattice import row_slots
from vision.types import Character, Floats, Lattice, Reading, Rgb

Spectrum = npt.NDArray[np.complexfloating]
Doubt = Literal["", "unclear", "differs"]

# Turns are looked for in whole degrees.
TURNS = 360
# Degrees: how much one character's place differs between two photos (a deviation), and turns that are one and the same.
SPREAD = 3.0
SAME_TURN = 12.0
# No character counts for more than this many nats.
LOUDEST = 6.0
# What a picture that correlates fully counts for, in nats; of a strip this size.
PICTURE = 40.0
PICTURE_ROWS = 48
# What a turn must have over every other one (docs/measurements.md).
CLEAR = 4.0
# Two photos contradict each other in a character where both read one with more than this probability no farther apart
# than SAME_PLACE degrees, and nothing like it within SAME_WORD.
SURE = 0.6
SAME_PLACE = 6.0
SAME_WORD = 10.0
WELL_READ = 4


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One photo's head: what a reader saw on it, what was read on it, and its face unrolled from 12 o'clock (rows,
    columns of one turn, 3)."""

    lattice: Lattice
    reading: Reading
    strip_rgb: Rgb


@dataclass(frozen=True, slots=True)
class Fit:
    """How far a look is turned clockwise against the first look that fits (degrees, 0 to 360), or why it fits none."""

    turned_deg: float | None
    doubt: Doubt = ""


@dataclass(frozen=True, slots=True)
class _Pair:
    """How far the second of two looks is turned against the first, by how much (nats) that is clearer than any other
    turn, and whether the two then read differently."""

    turned_deg: float
    clear: float
    differ: bool


def align(looks: Sequence[Look]) -> list[Fit]:
    """How each look fits the others; their lattices must be rings over one alphabet.

    The clearest pair comes first, then whichever look fits one of those that are joined most clearly. Where no two fit,
    none does.
    """
    pairs = _pairs(looks)
    turned: dict[int, float] = {}
    fitting = {ends: pair for ends, pair in pairs.items() if pair.clear >= CLEAR and not pair.differ}
    while True:
        usable = [ends for ends in fitting if not turned or (ends[0] in turned) != (ends[1] in turned)]
        if not usable:
            break
        a, b = max(usable, key=lambda ends: fitting[ends].clear)
        turn = fitting[a, b].turned_deg
        if a in turned or not turned:
            turned[b] = turned.setdefault(a, 0.0) + turn
        else:
            turned[a] = turned[b] - turn
    start = turned[min(turned)] if turned else 0.0
    return [
        Fit((turned[i] - start) % 360.0) if i in turned else Fit(None, _doubt(i, pairs, turned))
        for i in range(len(looks))
    ]


def _doubt(look: int, pairs: Mapping[tuple[int, int], _Pair], turned: Container[int]) -> Doubt:
    """Why a look fits none: it reads differently from one that is joined (from any, where none is), or no turn is
    clear."""
    others = {(b if a == look else a): pair for (a, b), pair in pairs.items() if look in (a, b)}
    compared = [pair for other, pair in others.items() if not turned or other in turned]
    return "differs" if any(pair.differ for pair in compared) else "unclear"


def _pairs(looks: Sequence[Look]) -> dict[tuple[int, int], _Pair]:
    """Every two looks compared."""
    characters = [_characters(look.lattice) for look in looks]
    pictures = [_picture(look.strip_rgb) for look in looks]
    found = {}
    for a in range(len(looks)):
        for b in range(a + 1, len(looks)):
            curve = _correlated(characters[a], characters[b]) + PICTURE * _correlated(pictures[a], pictures[b])
            turn = int(curve.argmax())
            away = np.abs((np.arange(TURNS) - turn + 180) % 360 - 180)
            clear = float(curve[turn] - curve[away > SAME_TURN].max())
            readings = looks[a].reading, looks[b].reading
            apart = differ(*readings, float(turn)) if clear >= CLEAR else all(map(_well_read, readings))
            found[a, b] = _Pair(float(turn), clear, apart)
    return found


def _correlated(first: Spectrum, second: Spectrum) -> Floats:
    """(TURNS,): how well second, turned clockwise by each whole degree against first, agrees with it."""
    product = (second * np.conj(first)).reshape(-1, first.shape[-1]).sum(axis=0)
    return np.asarray(np.fft.irfft(product, TURNS), np.float32)


def _characters(lattice: Lattice) -> Spectrum:
    """(orientations, characters, frequencies): where round the ring each character stands, as the root of its gain,
    so that two looks which agree on a character count as much as it gains."""
    seen = np.zeros((2, len(lattice.alphabet), TURNS), np.float32)
    rows = [0, 0]
    for index, row in enumerate(lattice.rows):
        way = int(row.upside_down)
        rows[way] += 1
        for angle, gain, shares in _solid(lattice, index):
            seen[way, :, round(angle) % TURNS] += np.sqrt(min(gain, LOUDEST)) * shares
    seen /= np.maximum(rows, 1)[:, None, None]
    away = (np.arange(TURNS) + TURNS // 2) % TURNS - TURNS // 2
    bell = np.exp(-0.5 * np.square(away / SPREAD))
    return np.asarray(np.fft.rfft(seen) * np.fft.rfft(bell / np.linalg.norm(bell)))


def _solid(lattice: Lattice, index: int) -> Iterator[tuple[float, float, Floats]]:
    """(angle, gain of the best character, each character's share) of a row's slots where something stands."""
    slots = row_slots(lattice, index)
    for angle, gains in zip(slots.places, slots.gains, strict=True):
        top = float(gains[1:].max(initial=0.0))
        if top > 0.0:
            shares = np.exp(gains - top)
            shares[0] = 0.0
            yield float(angle), top, shares / shares.sum()


def _picture(strip_rgb: Rgb) -> Spectrum:
    """(PICTURE_ROWS, frequencies): the strength of edges on one turn, even in its brightness and contrast."""
    gray = cv2.resize(
        cv2.cvtColor(strip_rgb, cv2.COLOR_RGB2GRAY), (2 * TURNS, PICTURE_ROWS), interpolation=cv2.INTER_AREA
    )
    ring = np.pad(gray.astype(np.float32), ((0, 0), (40, 40)), mode="wrap")
    smooth = cv2.GaussianBlur(ring, (0, 0), 1.0)
    steep = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    even = np.sqrt(steep / (cv2.GaussianBlur(steep, (0, 0), 14.0) + 2.0))
    soft = cv2.GaussianBlur(even, (0, 0), 1.5)[:, 40:-40]
    edges = soft.reshape(PICTURE_ROWS, TURNS, 2).mean(axis=2)
    edges = edges - edges.mean(axis=1, keepdims=True)
    return np.asarray(np.fft.rfft(edges / (np.linalg.norm(edges) + 1e-6)))


def differ(first: Reading, second: Reading, turned_deg: float) -> bool:
    """Whether two readings, the second turned clockwise against the first, contradict each other in characters of one
    orientation: in one and in no fewer than agree, or in several and half as many as agree."""
    agree = contradict = 0
    others = [(up, (angle - turned_deg) % 360.0, c) for up, angle, c in _characters_read(second)]
    for up, angle, character in _characters_read(first):
        near = [(abs((angle - a + 180.0) % 360.0 - 180.0), c) for u, a, c in others if u == up]
        if any(away < SAME_WORD and _alike(character.text, c.text) for away, c in near):
            agree += 1
        elif any(away < SAME_PLACE and min(character.probability, c.probability) > SURE for away, c in near):
            contradict += 1
    return contradict > agree or (contradict > 1 and 2 * contradict >= agree)


def _well_read(reading: Reading) -> bool:
    """Whether so much is read surely that the turn against another such reading of the same head could not be
    unclear."""
    return sum(character.probability > SURE for _, _, character in _characters_read(reading)) >= WELL_READ


def _characters_read(reading: Reading) -> list[tuple[bool, float, Character]]:
    """(upside down, angle, character) of the letters and digits of a reading."""
    return [
        (element.upside_down, character.angle_deg, character)
        for element in reading.elements
        for character in element.characters
        if character.angle_deg is not None and character.text.isalnum()
    ]


def _alike(first: str, second: str) -> bool:
    """Whether wear could make the two one: the same shape, or a pair that is known to be mixed up."""
    return fold(first).casefold() == fold(second).casefold() or fold(second) in confusable(first)
