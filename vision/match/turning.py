"""Which way up a number stands that reads both ways (68 and 89): what else is struck on the head says it.

Many heads can be read without turning them: the top line has its tops outwards, the bottom line inwards, and what
stands beside them follows (rule R1.3). Where surely read words of both kinds show that a head has one way up, such a
number stands that way up as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from vision.catalogue.turns import LOOKS_TURNED, half_turn
from vision.match.tokens import is_symbol
from vision.types import Lattice, Word

# Words of nothing but these don't say which way up they stand.
EITHER_WAY = frozenset({*LOOKS_TURNED, "1"})
# What it costs a number that reads both ways (nats) to stand the other way up than its head's code, when it stands
# within so many degrees of it: what faces it across the head is often turned.
TURNED, BESIDE_DEG = -1.5, 125.0
# How much (nats) less a word that reads both ways is at least worth the other way up: readers see more in which way up
# it stands than its shape can tell.
EITHER_WAY_UP = 3.0
# Words whose middles fall into one or two neighbouring stretches of so many degrees stand at one place.
PLACE_DEG = 8.0
# Words that say which way up a head is gain this much (nats), and stand no more than so many degrees off the way up
# that they have in common.
SURE_GAIN, ASTRAY_DEG = 8.0, 60.0
# What it costs a number to stand over head on such a head (nats), and how far from upright (degrees) that is.
OVER_HEAD, OVER_DEG = -2.5, 110.0

Values = npt.NDArray[np.float64]


def turns(text: str) -> bool:
    """Whether a text is a number upside down as well."""
    return text.isascii() and text.isdecimal() and half_turn(text) is not None


def turned_over(words: Sequence[Word], lattice: Lattice) -> list[Word]:
    """The words and, of those whose every character reads both ways (61X6), what they are the other way up (9X19),
    where that is not known to be worth as much; best first."""
    both = [word for word in words if len(word.text) > 1 and EITHER_WAY.issuperset(word.text)]
    known = {(w.text, w.upside_down, round(w.middle() / PLACE_DEG)): w.gain for w in reversed(both)}
    found = list(words)
    for word in both:
        text = "".join(LOOKS_TURNED.get(c, c) for c in reversed(word.text))
        place, gain = round(word.middle() / PLACE_DEG), word.gain - EITHER_WAY_UP
        keys = [(text, not word.upside_down, place + near) for near in (-1, 0, 1)]
        if gain > max(known.get(key, -math.inf) for key in keys):
            found += _other_way_up(word, text, gain, lattice)
    return sorted(found, key=lambda w: -w.gain) if len(found) > len(words) else found


def _other_way_up(word: Word, text: str, gain: float, lattice: Lattice) -> list[Word]:
    """The word as another text in a row of its reader that looks the other way; none where there is no such row."""
    reader, angles = lattice.rows[word.row].reader, word.angles[::-1]
    for number, row in enumerate(lattice.rows):
        if row.upside_down != word.upside_down and row.reader == reader:
            away = np.abs((row.places[:, None] - np.array(angles) + 180.0) % 360.0 - 180.0)
            steps = tuple(away.argmin(axis=0).tolist())
            return [Word(text, row.upside_down, angles, gain, number, steps, word.spotted)]
    return []


def against_codes(word: Word, middle_deg: Values, upside_down: npt.NDArray[np.bool_]) -> Values:
    """(codes,): what codes at these middles, upside down or not, say against a word: 0, or TURNED for a number that
    stands beside one the other way up."""
    if not turns(word.text):
        return np.zeros(len(middle_deg))
    away = np.abs((middle_deg - word.middle() + 180.0) % 360.0 - 180.0)
    return np.where((upside_down != word.upside_down) & (away < BESIDE_DEG), TURNED, 0.0)


def way_up(words: Iterable[Word]) -> float | None:
    """The direction (degrees clockwise from 12 o'clock) in which the tops of the words of one head point, when some
    point outwards and others inwards and yet all about one way; None else."""
    sure = [w for w in words if w.gain >= SURE_GAIN and not is_symbol(w.text) and not EITHER_WAY.issuperset(w.text)]
    if len({word.upside_down for word in sure}) < 2:
        return None
    ups = [math.radians(_up_deg(word)) for word in sure]
    way = math.degrees(math.atan2(sum(map(math.sin, ups)), sum(map(math.cos, ups))))
    return way if all(_off(_up_deg(word), way) <= ASTRAY_DEG for word in sure) else None


def over_head(word: Word, way: float | None) -> float:
    """What the head's way up says against a word: 0, or OVER_HEAD for a number that would stand over head."""
    return OVER_HEAD if way is not None and turns(word.text) and _off(_up_deg(word), way) >= OVER_DEG else 0.0


def _up_deg(word: Word) -> float:
    """Where the tops of a word's characters point to, degrees clockwise from 12 o'clock."""
    return word.middle() + (180.0 if word.upside_down else 0.0)


def _off(angle: float, other: float) -> float:
    return abs((angle - other + 180.0) % 360.0 - 180.0)
