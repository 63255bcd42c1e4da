"""Reading straight lines of text: the words of a lattice as it looks, left to right, and which way up a mark stands.

A line has no marking set to be explained by: what is read is the best path through its slots, digits and letters
weighed by how often each kind follows itself. Which way up a mark stands is decided by all its lines together, since
666 and 999 are told apart by nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from vision.lattice import UNKNOWN, Slots, row_gains, row_slots
from vision.match.foreign import foreign_weight, unknown_to, with_foreign
from vision.match.known import as_known
from vision.match.reading import character_of
from vision.match.scripts import in_one_script
from vision.match.tokens import tokens
from vision.types import Element, Floats, Kind, Lattice, Reading, Word

# The label of a reader that knows the space between words.
SPACE = " "
# What a character must gain over nothing, its kind weighed, to be read.
LEAST_GAIN = 0.4
# Nats by which kinds are rarer than digits on straight marks: capitals, small letters, signs and symbols.
KIND_COSTS = (0.0, -0.3, -1.2, -1.0)
# ... and what a change between digits, capitals and small letters costs.
CHANGE = 1.0
# How wide characters are beside a capital or a digit.
WIDTHS = {
    **dict.fromkeys("Iil.,:'-|!·•", 0.5),
    **dict.fromkeys("MWmw", 1.3),
    **dict.fromkeys("abcdefghknopqrstuvxyz", 0.85),
}
# Two characters stand in two words when SPACE_GAIN times what a space between them gains over nothing (at most
# MOST_SPACE, either way), GAP_GAIN times the pixels by which their gap exceeds the usual one (of a patch 48 high), and
# PART_OFFSET come to more than nothing. Logistic regression on 2,645 pairs of drawn text in 60 fonts, spaced and
# squeezed: 0.9% wrong, where the space alone has 2.8 and the gap alone 5.3. A reader that knows no space is taken to
# have seen NO_SPACE everywhere.
SPACE_GAIN, GAP_GAIN, PART_OFFSET = 1.29, 0.155, 2.63
MOST_SPACE, NO_SPACE, FEWER = 6.0, -3.2, 1.0
# What a capital takes on the line at most where too few gaps tell.
USUAL_WIDTH_PX = 44.0
# Nats that a mark must gain more upside down than upright to be taken so: photos are taken upright.
UPRIGHT = 2.0
# How much more a further reader says of the way up: ours was taught not to see what stands the other way up.
FURTHER = 2.0

# Digits from which a number is taken for a serial: fewer are years and models.
SERIAL_DIGITS = 5

_DIGIT, _CAPITAL, _SMALL, _OTHER = range(4)


def read_lines(lattices: Sequence[Lattice], known: frozenset[str] = frozenset()) -> list[list[Word]]:
    """The words of each line of one mark, in reading order, all lines the same way up.

    Each lattice is that of one straight line, two rows (upright, half-turned) a look; of several looks the surest
    counts. The list has one entry for every lattice, empty where nothing was read. known are the words, in capitals,
    that part and settle what is read (vision.match.known).
    """
    both = [{turned: _best_row(lattice, turned) for turned in (False, True)} for lattice in lattices]
    gains = {turned: sum(line[turned][1] for line in both) for turned in (False, True)}
    turned = gains[True] > gains[False] + UPRIGHT
    return [as_known(line[turned][0], lattice, known) for line, lattice in zip(both, lattices, strict=True)]


def element_of(word: Word, lattice: Lattice) -> Element:
    """A word of a straight line as an element: places are left to whoever knows where the line lies."""
    letters = zip(tokens(word.text), word.steps, strict=True)
    characters = tuple(character_of(c, step, 0.0, word, lattice) for c, step in letters)
    confidence = float(np.exp(np.mean([np.log(max(c.probability, 1e-6)) for c in characters])))
    return Element(word.text, word.upside_down, confidence, characters)


def is_serial(text: str) -> bool:
    """Whether a word has so many digits that it is taken for a serial.

    >>> is_serial("21L05384"), is_serial("1985")
    (True, False)
    """
    return sum(c.isdecimal() for c in text) >= SERIAL_DIGITS


def kind_of(reading: Reading) -> Kind:
    """What a straight mark most likely is: with a serial in it a serial, else a factory's mark."""
    return "serial" if any(is_serial(element.text) for element in reading.elements) else "factory_mark"


def _best_row(lattice: Lattice, turned: bool) -> tuple[list[Word], float]:
    """The words of a line in one orientation and what speaks for that orientation.

    They are those of the first reader's row whose characters are surest on the average; where a further reader
    has words in letters that the first does not know, those. What all readers read speaks for it.
    """
    rows = [i for i, row in enumerate(lattice.rows) if row.upside_down == turned]
    first = [i for i in rows if lattice.rows[i].reader == lattice.rows[0].reader]
    read = {i: _row_words(lattice, i, i) for i in first}
    surest = max(first, key=lambda i: _surety(read[i], lattice), default=-1)
    words = read.get(surest, [])
    further = [_row_words(lattice, i, surest) for i in rows if i not in first]
    if not further:
        return words, _speaks(words)
    unknown = unknown_to(lattice, first)
    weights = [[foreign_weight(word, lattice, unknown) for word in found] for found in further]
    most = max(range(len(further)), key=lambda k: (sum(weights[k]), _surety(further[k], lattice)))
    foreign = [i for i, weight in enumerate(weights[most]) if weight > 0.0]
    return with_foreign(words, further[most], foreign), _speaks(words) + FURTHER * _speaks(further[most])


def _speaks(words: Sequence[Word]) -> float:
    """What words speak for the way up they are read: a word that was hardly seen speaks for none."""
    return sum(max(0.0, word.gain) for word in words)


def _surety(words: Sequence[Word], lattice: Lattice) -> float:
    """Mean log-probability of what stands at the words' steps; nothing read is less than anything."""
    seen = [lattice.rows[word.row].log_probs[step, 1:].max() for word in words for step in word.steps]
    return float(np.mean(seen)) if seen else -np.inf


def _kind(character: str) -> int:
    if len(character) != 1 or not character.isalnum():
        return _OTHER
    if character.isdecimal():
        return _DIGIT
    return _SMALL if character.islower() else _CAPITAL


def _row_words(lattice: Lattice, index: int, spaced: int) -> list[Word]:
    """The best path through the slots of one row, parted into words, where the reader of another row sees spaces if its
    own knows none."""
    slots, alphabet = row_slots(lattice, index), lattice.alphabet
    kinds = np.array([_kind(c) for c in alphabet])
    gains = slots.gains + np.array(KIND_COSTS, np.float32)[kinds]
    gains[:, [i for i, c in enumerate(alphabet) if c in ("", SPACE)]] = -np.inf
    best = np.full((len(gains), len(KIND_COSTS)), -np.inf, np.float32)
    which = np.zeros(best.shape, np.int64)
    for kind in range(len(KIND_COSTS)):
        columns = np.flatnonzero(kinds == kind)
        if len(columns) and len(gains):
            which[:, kind] = columns[gains[:, columns].argmax(axis=1)]
            best[:, kind] = gains[:, columns].max(axis=1)
    solid = _one_a_place(slots, best.max(axis=1, initial=-np.inf))
    chosen = [(n, int(which[n, kind])) for n, kind in zip(solid, _path(best[solid]), strict=True)]
    return [_word(slots, run, alphabet) for run in _parted(slots, chosen, _spaces(lattice, index, spaced), alphabet)]


def _spaces(lattice: Lattice, index: int, spaced: int) -> Floats:
    """(steps,): what a space gains over nothing at each step of a row; seen in another row where its reader knows no
    spaces."""
    row, other = lattice.rows[index], lattice.rows[spaced]
    if SPACE not in lattice.alphabet:
        return np.full(len(row.places), NO_SPACE, np.float32)
    column = lattice.alphabet.index(SPACE)
    if not (row.log_probs[:, column] == UNKNOWN).all():
        return np.clip(row_gains(row)[:, column], -MOST_SPACE, MOST_SPACE)
    gains = np.clip(row_gains(other)[:, column], -MOST_SPACE, MOST_SPACE)
    order = np.argsort(other.places)
    return np.asarray(np.interp(row.places, other.places[order], gains[order] - FEWER), np.float32)


def _word(slots: Slots, chosen: Sequence[tuple[int, int]], alphabet: Sequence[str]) -> Word:
    """Slots and the character of each as a word."""
    return Word(
        in_one_script("".join(alphabet[c] for _, c in chosen)),
        slots.upside_down,
        tuple(float(slots.places[n]) for n, _ in chosen),
        float(sum(slots.gains[n, c] for n, c in chosen)),
        slots.row,
        tuple(slots.step[n] for n, _ in chosen),
        spotted=False,
    )


def _one_a_place(slots: Slots, worth: Floats) -> list[int]:
    """The slots worth reading; of two on neighbouring steps, where only one character fits, the better."""
    solid: list[int] = []
    for n in map(int, np.flatnonzero(worth > LEAST_GAIN)):
        if solid and slots.step[n] - slots.step[solid[-1]] == 1:
            if worth[n] > worth[solid[-1]]:
                solid[-1] = n
            continue
        solid.append(n)
    return solid


def _parted(
    slots: Slots, chosen: Sequence[tuple[int, int]], spaces: Floats, alphabet: Sequence[str]
) -> list[list[tuple[int, int]]]:
    """The chosen characters in runs that are words. spaces (steps,) is what a space gains over nothing."""
    if not chosen:
        return []
    steps = [slots.step[n] for n, _ in chosen]
    gaps = np.diff(steps) * slots.pitch
    widths = [WIDTHS.get(alphabet[c], 1.0) for _, c in chosen]
    shares = np.array([(a + b) / 2.0 for a, b in pairwise(widths)])
    usual = float(np.median(gaps / shares)) if len(gaps) else 0.0
    if len(gaps) < 3:
        usual = min(usual, USUAL_WIDTH_PX)
    seen = np.array([spaces[a + 1 : b].max(initial=-MOST_SPACE) for a, b in pairwise(steps)])
    wide = SPACE_GAIN * seen + GAP_GAIN * (gaps - usual * shares) + PART_OFFSET > 0.0
    runs = [[chosen[0]]]
    for character, apart in zip(chosen[1:], wide.tolist(), strict=True):
        if apart:
            runs.append([])
        runs[-1].append(character)
    return runs


def _path(best: Floats) -> list[int]:
    """(slots, kinds) gains to the kind of each slot: the path with the highest sum, changes paid for (Viterbi)."""
    count = best.shape[1]
    change = np.float32(-CHANGE) * (1.0 - np.eye(count, dtype=np.float32))
    change[:, _OTHER] = change[_OTHER, :] = 0.0
    if not len(best):
        return []
    total, back = best[0], []
    for row in best[1:]:
        ways = total[:, None] + change
        back.append(ways.argmax(axis=0))
        total = ways.max(axis=0) + row
    path = [int(total.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]
