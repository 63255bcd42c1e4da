"""Several photos of one object: which of them can be joined, and what each then says.

Every photo is examined by itself first. Its largest head is taken for the object; the heads that are one by what is
read on them and how they look (vision.align) are read together (vision.join), and each photo says what all of them
say, in its own places. A photo that cannot be joined keeps its own reading, and says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vision import lines
from vision.align import Look, align
from vision.close import Close, close_up, outlined, strip_view, turned_view, whole_strip
from vision.join import join
from vision.lines import Lines
from vision.photo import OpenPhoto
from vision.sideways import Sideways, among, where_free
from vision.types import (
    Attribution,
    Explanation,
    Failure,
    Lattice,
    Mark,
    ObjectPhoto,
    Reading,
    Result,
    Rgb,
    Views,
    Word,
)

VIEW_SIDE = 1600
NO_HEAD = Failure("join", "no_head", "No cartridge head was found in this photo.")
SAME_FILE = Failure("join", "same_file", "This is the same picture as an earlier photo, so it adds nothing.")
ALONE = Failure("join", "alone", "No other photo shows a head to join this one with.")
WHY = {
    "unclear": Failure(
        "join",
        "unclear_turn",
        "How far this head is turned against the others cannot be told, so it was read by itself. "
        "Take a sharper photo, or put the light elsewhere.",
    ),
    "differs": Failure(
        "join", "reads_differently", "This head reads differently: it may be another object, so it was read by itself."
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One head of a photo close up, the band of its radius that was read, what all looks at it read, the rows that each
    round of looks left behind, and what explains them."""

    close: Close
    band: tuple[float, float]
    lattice: Lattice
    rows: tuple[int, ...]
    explanations: tuple[Explanation, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """What several photos show of one head, in the frame of the first of them: the rows of all as one and then each
    photo's own, how many are all as one, what explains each photo's own, and the best score of the heads."""

    lattice: Lattice
    together: int
    photos: tuple[tuple[Explanation, ...], ...]
    legible: float

    def as_one(self) -> Lattice:
        """The rows of all photos as one, alone."""
        return replace(self.lattice, rows=self.lattice.rows[: self.together])


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """One photo's result, its heads in the order of the marks with what stands sideways on each, and the straight marks
    that follow them (None and none where it could not be opened). small is the photo as heads were found in it."""

    result: Result
    opened: OpenPhoto | None = None
    heads: tuple[Seen, ...] = ()
    beside: tuple[tuple[Sideways, ...], ...] = ()
    straight: tuple[Lines, ...] = ()
    small: Rgb | None = None

    def main(self) -> int | None:
        """Which head is the object: the largest, doubtful ones counting less."""
        sizes = [h.close.head.score * h.close.head_in_photo().outline.semi_axes[0] for h in self.heads]
        return max(range(len(sizes)), key=sizes.__getitem__, default=None)

    def strips(self) -> dict[str, Rgb]:
        """By mark id, what a mark looks like apart from its place in the photo: a head's face unrolled once, a straight
        mark upright."""
        faces = [whole_strip(head.close).rgb for head in self.heads]
        upright = [lines.close_up(straight).rgb for straight in self.straight]
        return dict(zip((mark.id for mark in self.result.marks), [*faces, *upright], strict=True))

    def views(self) -> Views | None:
        """What a sheet draws: the photo reduced, each head close up, and its strip."""
        if self.opened is None:
            return None
        photo_rgb, scale = self.opened.reduced_rgb(VIEW_SIDE)
        heads = [head.close for head in self.heads]
        ids = [mark.id for mark in self.result.marks]
        strips = {name: strip_view(close) for name, close in zip(ids, heads, strict=False)}
        close_ups = [*map(close_up, heads), *map(lines.close_up, self.straight)]
        return Views(photo_rgb, scale, strips, dict(zip(ids, close_ups, strict=True)))


def object_photos(examined: Sequence[Examined], lattices: Sequence[Lattice | None]) -> tuple[ObjectPhoto, ...]:
    """For each photo of one object: joined with the others and how far turned, or left out and why. lattices are those
    that may be joined, of each photo's main head, read at the same looks."""
    usable = {i: lattice for i, lattice in enumerate(lattices) if lattice is not None and not _why_not(examined, i)}
    looks = [_look(examined[i], lattice) for i, lattice in usable.items()]
    fits = dict(zip(usable, align(looks), strict=True))
    photos = []
    for i, one in enumerate(examined):
        main, photo = one.main(), one.result.photo
        left_out, turned = _why_not(examined, i), None
        if left_out is None:
            turned = fits[i].turned_deg
            left_out = None if fits[i].doubt == "" else ALONE if len(usable) < 2 else WHY[fits[i].doubt]
        mark = None if main is None else one.result.marks[main].id
        photos.append(ObjectPhoto(one.result.path, photo.sha256 if photo else None, mark, turned, left_out))
    return tuple(photos)


def _why_not(examined: Sequence[Examined], index: int) -> Failure | None:
    """Why a photo cannot even be compared with the others."""
    result = examined[index].result
    if result.failure or result.photo is None:
        return result.failure
    if examined[index].main() is None:
        return NO_HEAD
    earlier = [one.result.photo.sha256 for one in examined[:index] if one.result.photo]
    return SAME_FILE if result.photo.sha256 in earlier else None


def _look(one: Examined, lattice: Lattice) -> Look:
    main = one.main() or 0
    return Look(
        lattice, one.result.marks[main].reading or Reading(lattice.reader), whole_strip(one.heads[main].close).rgb
    )


def joined_photos(
    examined: Sequence[Examined], lattices: Sequence[Lattice | None], photos: Sequence[ObjectPhoto]
) -> Joined | None:
    """What the photos that are joined show; None where none are. lattices as for object_photos."""
    heads = [
        (one.heads[one.main() or 0], lattice, photo.turned_deg)
        for one, lattice, photo in zip(examined, lattices, photos, strict=True)
        if photo.turned_deg is not None and lattice is not None
    ]
    if not heads:
        return None
    together = join([lattice for _, lattice, _ in heads], [turned for _, _, turned in heads])
    rows, own = [*together.rows], []
    for head, _, turned in heads:
        own.append(tuple(_in_frame(one, turned, len(rows)) for one in head.explanations))
        rows += [replace(row, places=(row.places - np.float32(turned)) % 360.0) for row in head.lattice.rows]
    legible = max(head.close.head.score for head, _, _ in heads)
    readers = dict.fromkeys(name for head, _, _ in heads for name in head.lattice.reader.split("+"))
    lattice = Lattice("+".join(readers), together.alphabet, tuple(rows), together.circular)
    return Joined(lattice, len(together.rows), tuple(own), legible)


def _in_frame(explanation: Explanation, turned_deg: float, first_row: int) -> Explanation:
    """An explanation of a head that is turned clockwise, as of one that is not, its lattice's rows moved down."""

    def moved(word: Word) -> Word:
        angles = tuple((angle - turned_deg) % 360.0 for angle in word.angles)
        return replace(word, angles=angles, row=word.row + first_row)

    return replace(explanation, placed=tuple(replace(p, word=moved(p.word)) for p in explanation.placed))


def beside_joined(examined: Sequence[Examined], photos: Sequence[ObjectPhoto]) -> list[list[Sideways]]:
    """What stands sideways on the head of each photo that is joined, in the frame of the first."""
    return [
        [seen.turned(-photo.turned_deg) for seen in one.beside[one.main() or 0]]
        for one, photo in zip(examined, photos, strict=True)
        if photo.turned_deg is not None
    ]


def told(
    examined: Examined,
    photos: tuple[ObjectPhoto, ...],
    own: ObjectPhoto,
    said: tuple[Reading, Attribution] | None,
    beside: Sequence[Sideways],
) -> Result:
    """One photo's result as one of photos of an object: what all that are joined say, with what stands sideways beside
    it, where it stands in this photo."""
    result = replace(examined.result, object_photos=photos)
    main = examined.main()
    if said is None or own.turned_deg is None or main is None:
        return result
    reading, attribution = said
    head = examined.heads[main]
    placed = outlined(_turned(reading, own.turned_deg), head.close, head.band)
    free = where_free([one.turned(own.turned_deg) for one in beside], placed, head.band)
    whole = among(placed, [one.on(head.close, head.band) for one in free])
    mark = replace(result.marks[main], reading=whole, attribution=attribution)
    return replace(result, marks=_with(result.marks, main, mark))


def _with(marks: tuple[Mark, ...], index: int, mark: Mark) -> tuple[Mark, ...]:
    return (*marks[:index], mark, *marks[index + 1 :])


def _turned(reading: Reading, turned_deg: float) -> Reading:
    """A reading of a head as it stands where the head is turned clockwise."""

    def turn(angle: float | None) -> float | None:
        return None if angle is None else (angle + turned_deg) % 360.0

    elements = tuple(
        replace(
            element,
            angle_deg=turn(element.angle_deg),
            characters=tuple(replace(c, angle_deg=turn(c.angle_deg)) for c in element.characters),
        )
        for element in reading.elements
    )
    return replace(reading, elements=elements)


def object_views(examined: Sequence[Examined], photos: Sequence[ObjectPhoto]) -> list[Views | None]:
    """Each photo's views; the first joined one's with the strips of the others, turned as it stands."""
    joined = [i for i, photo in enumerate(photos) if photo.turned_deg is not None]
    views = [one.views() for one in examined]
    if not joined:
        return views
    lead, mark = views[joined[0]], photos[joined[0]].mark
    if lead is not None and mark is not None:
        aligned = tuple(
            turned_view(examined[i].heads[examined[i].main() or 0].close, photos[i].turned_deg or 0.0, photos[i].path)
            for i in joined[1:]
        )
        named = replace(lead.strips[mark], name=photos[joined[0]].path)
        views[joined[0]] = replace(lead, strips={**lead.strips, mark: named}, aligned={mark: aligned})
    return views
