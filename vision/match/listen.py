"""Words heard in every look: what one look gave is asked of the others of its orientation, all words at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from vision.catalogue.lookalikes import fold
from vision.lattice import Slots
from vision.match.sight import Bools, Ints, Sight
from vision.match.tokens import tokens
from vision.types import Floats, Lattice, LatticeRow, Word

# How far (degrees) the same character may sit from its place when another row is asked about it.
SAME_PLACE = 9.0
# The least a character may speak against a word in one look.
WORST_GAIN = -3.0

# For a character what it may be read as: numbers in the alphabet, each with its log-probability.
Readings = Mapping[str, Sequence[tuple[int, float]]]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """The characters of some words: word (n,) the number of each one's word, angle (n,) its place, near (n,) how far
    from there it may be heard, in degrees; way (n, ways) what it may be read as, by number in the alphabet, and cost
    (n, ways) the log-probability of that."""

    word: Ints
    angle: Values
    near: Values
    way: Ints
    cost: Values


class Listener:
    """Asks the other looks of an orientation about the words that one look gave. readings must know every character
    of the spotted words."""

    def __init__(self, lattice: Lattice, sight: Sight, readings: Readings) -> None:
        self._rows, self._readings = lattice.rows, readings
        self._circular = lattice.circular
        self._characters = {c: i for i, c in enumerate(lattice.alphabet)}
        self._ears = [_Ear(row, slots, self._circular) for row, slots in zip(lattice.rows, sight.slots, strict=True)]

    def heard(self, words: Iterable[Word]) -> list[Word]:
        """The words, best first, each with its gain averaged over one reader's rows of its orientation, each asked near
        the places of its characters; of several readers the surest counts, so that one which saw nothing there does not
        veto."""
        found = list(words)
        for way in (False, True):
            rows = [i for i, row in enumerate(self._rows) if row.upside_down == way]
            some = [n for n, word in enumerate(found) if word.upside_down == way]
            if len(rows) > 1 and some:
                gains = self._gains([found[n] for n in some], rows)
                for n, gain in zip(some, gains.tolist(), strict=True):
                    found[n] = replace(found[n], gain=gain)
        return sorted(found, key=lambda w: -w.gain)

    def _gains(self, words: Sequence[Word], rows: Sequence[int]) -> Values:
        """(words,): the gain of words of one orientation, the rows of which are given."""
        asked = self._asked(words)
        own_gain = np.array([w.gain for w in words])
        own_row = np.array([w.row for w in words])
        best = np.full(len(words), -np.inf)
        for reader in dict.fromkeys(self._rows[i].reader for i in rows):
            looks = [i for i in rows if self._rows[i].reader == reader]
            total = np.where(np.isin(own_row, looks), own_gain, 0.0)
            for i in looks:
                said = np.bincount(asked.word, self._ears[i].gains(asked), len(words))
                total += np.where(own_row == i, 0.0, said)
            best = np.maximum(best, total / len(looks))
        return best

    def _asked(self, words: Sequence[Word]) -> _Asked:
        """The characters of words, in their order."""
        labels: dict[tuple[str, bool], int] = {}
        spelled = [tokens(word.text) for word in words]
        label = np.array(
            [labels.setdefault((c, w.spotted), len(labels)) for w, cs in zip(words, spelled, strict=True) for c in cs]
        )
        word = np.repeat(np.arange(len(words)), [len(characters) for characters in spelled])
        angle = np.array([a for w in words for a in w.angles])
        known = [self._known(c, spotted) for c, spotted in labels]
        most = max(map(len, known))
        way, cost = np.zeros((len(known), most), np.int64), np.full((len(known), most), -np.inf)
        read_as = np.zeros((len(known), len(self._characters)), np.float32)
        for n, readings in enumerate(known):
            way[n, : len(readings)], cost[n, : len(readings)] = zip(*readings, strict=True)
            read_as[n, way[n, : len(readings)]] = 1.0
        alike = (read_as @ read_as.T > 0.0)[label[:-1], label[1:]]
        return _Asked(word, angle, self._near(word, angle, alike), way[label], cost[label])

    def _known(self, character: str, spotted: bool) -> Sequence[tuple[int, float]]:
        if spotted:
            return self._readings[character]
        return ((self._characters.get(character, self._characters.get(fold(character), 0)), 0.0),)

    def _near(self, word: Ints, angle: Values, alike: Bools) -> Values:
        """(n,): how far from its place each character may be heard: less than half way to a neighbour that may be read
        as the same (alike (n - 1,) says of each and the next whether they may), or one character would be heard as two:
        a 7 as 71, where a 1 may look like a 7."""
        near = np.full(len(angle), SAME_PLACE)
        same = np.flatnonzero((word[1:] == word[:-1]) & alike)
        away = angle[same + 1] - angle[same]
        half = np.abs((away + 180.0) % 360.0 - 180.0 if self._circular else away) / 2.0
        near[same] = np.minimum(near[same], half)
        near[same + 1] = np.minimum(near[same + 1], half)
        return near


class _Ear:
    """What one row says of characters near their places: gains spread over the steps a character may be off by."""

    def __init__(self, row: LatticeRow, slots: Slots, circular: bool) -> None:
        self._first = float(row.places[0]) if len(row.places) else 0.0
        self._pitch = slots.pitch * (-1.0 if row.upside_down else 1.0)
        self._circular = circular
        self._slots = slots
        self._tables: dict[int, Floats] = {}

    def gains(self, asked: _Asked) -> Values:
        """(n,): the best gain of what each character may be read as, near its place."""
        pitch = self._slots.pitch
        nearer = np.maximum(np.ceil(asked.near / pitch - 1e-3) - 1.0, 0.0)
        reach = np.where(asked.near >= SAME_PLACE, max(1.0, float(round(SAME_PLACE / pitch))), nearer)
        away = asked.angle - self._first
        if self._circular:
            away %= 360.0 if self._pitch > 0 else -360.0
        step, steps = np.rint(away / self._pitch).astype(np.int64), max(1, self._slots.steps)
        step = step % steps if self._circular else np.clip(step, 0, steps - 1)
        said = np.empty(len(step))
        for one in np.unique(reach):
            some = np.flatnonzero(reach == one)
            table = self._table(int(one))
            said[some] = (table[step[some, None], asked.way[some]] + asked.cost[some]).max(axis=1)
        return np.maximum(said, WORST_GAIN)

    def _table(self, reach: int) -> Floats:
        if reach not in self._tables:
            self._tables[reach] = _spread(self._slots, reach, self._circular)
        return self._tables[reach]


def _spread(slots: Slots, reach: int, circular: bool) -> Floats:
    """(steps, characters): the best gains within reach steps, -inf where nothing stands."""
    steps = max(1, slots.steps)
    table = np.full((steps, slots.gains.shape[1]), -np.inf, np.float32)
    table[list(slots.step)] = slots.gains
    wide = (
        np.pad(table, ((reach, reach), (0, 0)), mode="wrap")
        if circular
        else np.pad(table, ((reach, reach), (0, 0)), constant_values=-np.inf)
    )
    spread = table
    for begin in range(2 * reach + 1):
        spread = np.maximum(spread, wide[begin : begin + steps])
    return spread
