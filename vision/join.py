"""Several lattices of one head as one: every character as the photos that show it best show it.

Light hides a character in one photo and shows it in the next. So the slots of all photos (vision.lattice) are laid over
each other, those at one place become one slot, and each character's gain there is its mean over the better half of the
photos: the mean of all would let the dark ones outvote the clear one, the best alone would take any photo's noise for
a character, and the sum makes right-way and wrong-way readings equally loud (docs/measurements.md has the figures).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.lattice import row_slots
from vision.types import Floats, Lattice, LatticeRow

Angles = npt.NDArray[np.float64]

# Degrees: slots of two photos no farther apart can be the same character. Turns are found to about one degree; a head
# that is seen at a slant, or whose pocket is a little off, adds a few.
SAME_PLACE = 6.0
# How a slot chooses between places: nats for saying the same, and against lying SAME_PLACE away.
ALIKE, AWAY = 3.0, 2.0
# A slot whose best character gains less than this says nothing of its own beside one that gains more.
SOLID = 0.4
# The most a photo says against a character, and what one says that sees nothing at a place.
AGAINST = -3.0
# Steps of a joined row, and the gain of every character where no photo saw any.
STEPS = 360
NOTHING = -12.0


@dataclass(slots=True)
class _Place:
    """A place of the joined row: the photos that have a slot there, and their gains, each (characters,)."""

    angle: float
    photos: list[int]
    gains: list[Floats]

    def heard(self) -> Floats:
        """(characters,): what its photos say together."""
        return np.asarray(np.sum(self.gains, axis=0), np.float32)


def join(lattices: Sequence[Lattice], turned_deg: Sequence[float]) -> Lattice:
    """One lattice of one head from lattices of it, each turned so many degrees clockwise against the frame wanted.

    Rows that look the same way (reader, orientation, order) become one row of STEPS steps. Raises ValueError unless
    the lattices are rings over one alphabet.
    """
    first = lattices[0]
    if any(lattice.alphabet != first.alphabet or not lattice.circular for lattice in lattices):
        raise ValueError("only rings read over one alphabet can be joined")
    looks: dict[tuple[str, bool, int], list[tuple[int, int]]] = defaultdict(list)
    for photo, lattice in enumerate(lattices):
        counts: dict[tuple[str, bool], int] = defaultdict(int)
        for index, row in enumerate(lattice.rows):
            way = (row.reader, row.upside_down)
            looks[(*way, counts[way])].append((photo, index))
            counts[way] += 1
    return Lattice(first.reader, first.alphabet, tuple(_joined(lattices, turned_deg, rows) for rows in looks.values()))


def _joined(lattices: Sequence[Lattice], turned_deg: Sequence[float], rows: Sequence[tuple[int, int]]) -> LatticeRow:
    """The rows, each a (photo, index), as one."""
    places: list[_Place] = []
    for photo, index in rows:
        slots = row_slots(lattices[photo], index)
        angles = (slots.places.astype(np.float64) - turned_deg[photo]) % 360.0
        kept = _speaking(angles, slots.gains)
        _lay_over(places, photo, angles[kept], slots.gains[kept])
    photo, index = rows[0]
    return _row(_merged(places), len(rows), lattices[photo].rows[index])


def _apart(first: npt.ArrayLike, second: npt.ArrayLike) -> Angles:
    """Degrees between angles, the shorter way round."""
    return np.asarray(np.abs((np.asarray(first) - np.asarray(second) + 180.0) % 360.0 - 180.0))


def _speaking(angles: Angles, gains: Floats) -> list[int]:
    """The slots of one row that say something of their own: all but the faint ones right beside a louder one."""
    top = gains[:, 1:].max(axis=1, initial=-np.inf)
    beside = _apart(angles[:, None], angles[None]) < SAME_PLACE
    drowned = (beside & (top[None] > np.maximum(top[:, None], SOLID))).any(axis=1)
    return [int(i) for i in np.flatnonzero((top > SOLID) | ~drowned)]


def _lay_over(places: list[_Place], photo: int, angles: Angles, gains: Floats) -> None:
    """Add the slots of one more photo to the places, in place: each to the place that fits it best, or to a new one."""
    taken: set[int] = set()
    placed: set[int] = set()
    for _, slot, index in sorted(_fits(places, angles, gains), reverse=True):
        if slot in placed or index in taken:
            continue
        placed.add(slot)
        taken.add(index)
        place = places[index]
        step = (float(angles[slot]) - place.angle + 180.0) % 360.0 - 180.0
        place.angle = (place.angle + step / (len(place.gains) + 1)) % 360.0
        place.photos.append(photo)
        place.gains.append(gains[slot])
    places.extend(_Place(float(angles[s]), [photo], [gains[s]]) for s in range(len(angles)) if s not in placed)


def _fits(places: Sequence[_Place], angles: Angles, gains: Floats) -> list[tuple[float, int, int]]:
    """(fit, slot, place) of all slots and places near each other: how alike they speak, less how far apart they are."""
    fits = []
    heard = [_shares(place.heard()) for place in places]
    for slot, angle in enumerate(angles):
        own = _shares(gains[slot])
        for index, place in enumerate(places):
            away = float(_apart(angle, place.angle)) / SAME_PLACE
            if away <= 1.0:
                alike = float(np.sqrt(own * heard[index]).sum())
                fits.append((ALIKE * alike - AWAY * away * away, slot, index))
    return fits


def _shares(gains: Floats) -> Floats:
    """(characters,) gains as shares that sum to one, nothing included."""
    weights = np.exp(gains - gains.max())
    return np.asarray(weights / weights.sum(), np.float32)


def _merged(places: Sequence[_Place]) -> list[_Place]:
    """The places, those brought together that say the same, lie near each other, and were seen apart in no photo: a
    letter that two photos put a little apart is one, a letter that one photo sees twice is two."""
    kept: list[_Place] = []
    for place in sorted(places, key=lambda p: -len(p.gains)):
        best = int(place.heard()[1:].argmax())
        for other in kept:
            near = float(_apart(place.angle, other.angle)) < 1.5 * SAME_PLACE
            if near and not set(place.photos) & set(other.photos) and int(other.heard()[1:].argmax()) == best:
                other.gains += place.gains
                other.photos += place.photos
                break
        else:
            kept.append(place)
    return kept


def better_half(gains: Sequence[Floats], photos: int) -> Floats:
    """(characters,): each character's mean gain over the better half of photos looks, of which those without gains see
    nothing and say AGAINST.

    >>> better_half([np.array([0.0, 6.0]), np.array([0.0, 4.0])], photos=4).tolist()
    [0.0, 5.0]
    """
    looks = np.full((max(photos, len(gains)), len(gains[0])), AGAINST, np.float32)
    looks[: len(gains)] = np.maximum(gains, AGAINST)
    half = (len(looks) + 1) // 2
    return np.asarray(np.sort(looks, axis=0)[-half:].mean(axis=0), np.float32)


def _row(places: Sequence[_Place], photos: int, like: LatticeRow) -> LatticeRow:
    """Places that photos looks were laid over as a row of STEPS steps, read the way like is."""
    gains = np.full((STEPS, like.log_probs.shape[1]), NOTHING, np.float32)
    for place in places:
        step = round(place.angle / 360.0 * STEPS) % STEPS
        gains[step] = np.maximum(gains[step], better_half(place.gains, photos))
    gains[:, 0] = 0.0
    log_probs = gains - np.log(np.exp(gains).sum(axis=1, keepdims=True))
    angles = (np.arange(STEPS) * (360.0 / STEPS)).astype(np.float32)
    order = slice(None, None, -1 if like.upside_down else 1)
    return LatticeRow(
        np.ascontiguousarray(log_probs[order]), angles[order].copy(), like.upside_down, like.band, like.reader
    )
