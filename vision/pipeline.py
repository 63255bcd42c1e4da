"""The recipe: photo -> find -> flatten -> read -> match -> attribute. Read this first.

A photo is decoded small to find marks and finer only where one is. A failure of one photo is a value in its Result,
never an exception that stops the others; results do not depend on the order or number of photos.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from vision import __version__
from vision.attribute import attribute, worth_telling
from vision.calibration import Calibration, load_calibration
from vision.catalogue.arms import load_arms_tables
from vision.catalogue.load import load_marking_set
from vision.catalogue.schema import MarkingSet
from vision.close import Close, look_close, outlined, patches
from vision.errors import PhotoError, UsageError
from vision.find.heads import HeadFinder
from vision.find.text import TextFinder
from vision.flatten.band import BandFinder
from vision.lines import Lines
from vision.manifest import models_folder, verify_manifest
from vision.match import Model, averaged, explain, left_unread, pooled, reading_of, settled
from vision.match.formed import of_any
from vision.match.known import known_words
from vision.objects import ObjectAttributor
from vision.photo import OpenPhoto, open_photo
from vision.quality import measure_quality
from vision.read.combine import combine
from vision.read.ppocr import PpocrReader
from vision.read.printed import PrintedReader
from vision.read.protocol import Patch, Reader
from vision.read.stamped import StampedReader
from vision.read.tesseract import TesseractReader
from vision.sideways import Sideways, among, busy_places, gauges, of_several, sideways
from vision.straight import StraightMarks
from vision.symbols import Symbols, load_namer
from vision.together import Examined, Seen, beside_joined, joined_photos, object_photos, object_views, told
from vision.types import (
    Attribution,
    Context,
    Explanation,
    Failure,
    Head,
    Lattice,
    Mark,
    Reading,
    Result,
    Rgb,
    Run,
    Views,
)
from vision.upright import Upright, with_upright

READERS = ("ppocr", "stamped", "tesseract")
DEFAULT_READERS = ("ppocr", "stamped")
# Pixels: the picture heads are found in, a quarter of the longer side of a 12-megapixel phone photo: decoding at a
# quarter is what JPEG does best.
FIND_SIDE = 1000
# Share of a photo's shorter side that all heads stay below where they lie beside something else that bears marks (a
# crate, a tin): only then, or without any head, are straight lines sought. In photos of one head it takes 0.18 or more.
BESIDE_SHARE = 0.125
# A head below this score is not read; at most this many heads of a photo are.
LEAST_SCORE = 0.6
MOST_HEADS = 12
# Readers look at a head in three rounds. After each but the last it is left as it is where one pattern has at least
# this share of what explains it and no more than so many nats stand unread: plain after the first (77 of 137 labelled
# heads; when it was set, one word of 330 was lost by it), in no doubt after the second.
CLEAR = ((0.9, 8.0), (0.5, 15.0))
ROUNDS = len(CLEAR) + 1
# At most so many places of a head are read as upright letters at its sides, and these must explain this much more
# (nats): of 137 labelled heads three or four are struck so.
UPRIGHT_PLACES = 10
UPRIGHT_RARE = 3.5


class Pipeline:
    """Everything loaded that can change an answer, and the recipe that uses it. kit_id is its one hash."""

    def __init__(
        self,
        finder: HeadFinder,
        bands: BandFinder,
        readers: Sequence[Reader],
        markings: MarkingSet,
        kit_id: str,
        context: Context | None = None,
        calibration: Calibration | None = None,
        straight: Callable[[], StraightMarks] | None = None,
        *,
        ahead: bool = False,
    ) -> None:
        """straight makes what reads straight marks, on the first photo without a head; without it none are read. With
        ahead a photo is decoded finer while heads are still sought: sooner where a second processor is free."""
        self._finder, self._bands = finder, bands
        self._make_straight = straight
        self._ahead = ahead
        self._readers = tuple(readers)
        self.markings = markings
        self._gauges = gauges(markings.calibres)
        self._context = context or Context()
        self._calibration = calibration
        self._model: Model | None = None
        self._this_year = datetime.now(UTC).year
        self.run = Run(__version__, kit_id)

    @classmethod
    def load(
        cls,
        readers: Sequence[str] = DEFAULT_READERS,
        context: Context | None = None,
        *,
        threads: int = 2,
        models: Path | None = None,
    ) -> Pipeline:
        """The pipeline with the weights and the marking set of a models folder, by default the one in use.

        Raises UsageError for an unknown reader, MissingError where a reader's program is missing, KitError for models
        that do not verify.
        """
        unknown = [name for name in readers if name not in READERS]
        if unknown or not readers:
            named = repr(unknown[0]) if unknown else "named"
            raise UsageError(f"There is no reader {named}: choose from {', '.join(READERS)}.")
        folder = models or models_folder()
        manifest = verify_manifest(folder)
        weights = folder / "weights"
        finder, bands = HeadFinder(weights / "heads.onnx", threads), BandFinder(weights / "band.onnx", threads)
        made: list[Reader] = [_reader(name, folder, threads) for name in dict.fromkeys(readers)]
        kit = hashlib.sha256("\n".join([__version__, manifest, *(r.name for r in made)]).encode()).hexdigest()[:16]
        markings, calibration = load_marking_set(folder / "markings"), load_calibration(folder)
        straight = partial(_straight, folder, threads, markings, made)
        return cls(finder, bands, made, markings, kit, context, calibration, straight, ahead=threads > 1)

    def identify(self, photos: Iterable[str | Path]) -> Iterator[Result]:
        """The result of each photo, in order."""
        for photo in photos:
            yield self._examine(photo).result

    def inspect(self, photo: str | Path) -> tuple[Result, Views | None]:
        """One photo's result and the pictures a sheet shows (None when the photo could not be opened)."""
        examined = self._examine(photo)
        return examined.result, examined.views()

    def survey(self, data: bytes, path: str) -> tuple[Result, Rgb | None, dict[str, Rgb]]:
        """What an archive keeps of a photo given as its encoded bytes, named path.

        Returns: the result, the photo reduced to at most FIND_SIDE pixels (None when it could not be opened), and by
            mark id what the mark looks like (Examined.strips).
        """
        examined = self._examine(path, data)
        return examined.result, examined.small, examined.strips()

    def identify_object(self, photos: Iterable[str | Path]) -> list[Result]:
        """The result of each photo, in order, all of which show one object: those that can be joined say one thing.

        Result.object_photos has how far each is turned, and why any was left out. One photo is what identify gives.
        """
        return self._together([self._examine(photo) for photo in photos])

    def inspect_object(self, photos: Iterable[str | Path]) -> list[tuple[Result, Views | None]]:
        """As identify_object, with the pictures a sheet shows: the first joined photo has the others' strips beside
        its own."""
        examined = [self._examine(photo) for photo in photos]
        results = self._together(examined)
        return list(zip(results, object_views(examined, results[0].object_photos if results else ()), strict=True))

    def explain(self, photo: str | Path | bytes) -> list[tuple[Head, list[Explanation]]]:
        """Each head of a photo with everything that could explain it, before attribution: what calibration is fitted
        on.

        Raises PhotoError when the photo cannot be opened.
        """
        closes = self._closes(open_photo(photo))[1]
        return [(close.head_in_photo(), list(self._read(close).explanations)) for close in closes]

    def _closes(self, opened: OpenPhoto) -> tuple[tuple[Rgb, float], list[Close]]:
        """The photo reduced, by how much, and every head found in it close up."""
        small, scale = opened.reduced_rgb(FIND_SIDE)
        if self._ahead:
            opened.look_ahead(FIND_SIDE)
        heads = [h for h in self._finder.find_heads(small, max_heads=MOST_HEADS) if h.score >= LEAST_SCORE]
        return (small, scale), [look_close(opened, head, scale, self._bands) for head in heads]

    def _examine(self, path: str | Path, data: bytes | None = None) -> Examined:
        """Flatten, read, match and attribute every head of one photo; where there is none, or none but small ones, read
        what is straight.

        data are the photo's encoded bytes where they need not be read from path.
        """
        try:
            opened = open_photo(path) if data is None else open_photo(data, path=str(path))
            (small, scale), closes = self._closes(opened)
            straight = self._read_straight(opened, small, scale, closes)
        except PhotoError as error:
            return Examined(Result(None, str(path), (), self.run, Failure("photo", error.code, error.detail)))
        heads = tuple(self._read(close) for close in closes)
        marked = [self._mark(head, number) for number, head in enumerate(heads, start=1)]
        photo = replace(opened.photo, quality=measure_quality(small))
        marks = (*(mark for mark, _ in marked), *(mark for _, mark in straight))
        beside = tuple(seen for _, seen in marked)
        result = Result(photo, str(path), marks, self.run)
        return Examined(result, opened, heads, beside, tuple(close for close, _ in straight), small)

    def _read_straight(
        self, opened: OpenPhoto, small: Rgb, scale: float, closes: Sequence[Close]
    ) -> list[tuple[Lines, Mark]]:
        """The straight marks beside the heads of a photo; none where a head is what the photo shows."""
        outlines = [close.to_photo(close.head.outline.points()) for close in closes]
        across = max((float(np.ptp(np.array(points), axis=0).max()) for points in outlines), default=0.0)
        if across > BESIDE_SHARE * min(opened.photo.width, opened.photo.height) or self._straight is None:
            return []
        return self._straight.read(opened, small, scale, outlines)

    def _together(self, examined: Sequence[Examined]) -> list[Result]:
        """Join what several photos show of one object, and match and attribute that."""
        if len(examined) < 2:
            return [one.result for one in examined]
        lattices = [self._read_twice(one) for one in examined]
        photos = object_photos(examined, lattices)
        joined, said = joined_photos(examined, lattices, photos), None
        beside: tuple[Sideways, ...] = ()
        if joined is not None:
            explanations = pooled(explain(joined.as_one(), self.model()), joined.photos, self.model().marks)
            said = self._concluded(joined.lattice, explanations, joined.legible)
            if not self._bears_calibre(explanations[0]):
                beside = of_several(beside_joined(examined, photos))
        return [told(one, photos, own, said, beside) for one, own in zip(examined, photos, strict=True)]

    def _read_twice(self, one: Examined) -> Lattice | None:
        """What is read on the main head of one of several photos at the looks of two rounds: however plain it is, the
        others' may not be. None without a head."""
        main, number = one.main(), self._begins + 1
        if main is None:
            return None
        head = one.heads[main]
        if len(head.rows) > 1 or number == ROUNDS:
            return replace(head.lattice, rows=head.lattice.rows[: head.rows[:2][-1]])
        asked = self._asked(number)
        return combine([head.lattice, self._seen_by(head.close, asked)], self._alphabet) if asked else head.lattice

    def _mark(self, head: Seen, number: int) -> tuple[Mark, tuple[Sideways, ...]]:
        """The number-th mark of a photo: what was read on one head, matched and attributed; and of what was read what
        stands sideways."""
        close, lattice, explanations = head.close, head.lattice, head.explanations
        reading, attribution = self._concluded(lattice, explanations, close.head.score)
        (strip,) = patches(close, (0,))
        told = outlined(reading, close, head.band)
        beside: tuple[Sideways, ...] = ()
        if not self._bears_calibre(explanations[0]):
            beside = sideways(close, strip, told, self._readers[:1], self._gauges)
            told = among(told, [one.on(close, strip.band) for one in beside])
        # What stands sideways for all to see is no sign that the head has one way up.
        upright = None if beside else self._seen_upright(head, strip, reading)
        if upright is not None:
            reading, attribution = self._concluded(*upright, close.head.score)
            told = outlined(reading, close, head.band)
        mark = Mark(
            id=f"h{number}",
            kind="headstamp",
            outline_xy=close.to_photo(close.head.outline.points()),
            score=close.head.score,
            quality=measure_quality(close.rgb),
            reading=told,
            attribution=attribution,
            head=close.head_in_photo(),
        )
        return mark, beside

    def _bears_calibre(self, said: Explanation) -> bool:
        """Whether a head's calibre is read: then it is no shotgun cartridge with its gauge at the sides."""
        return any(p.role == "calibre" and p.word.text not in self._gauges for p in said.placed)

    def _read(self, close: Close) -> Seen:
        """Flatten one head, read it and explain what is read; where that isn't clear, by the further looks of readers
        that have looked, and by those and the others' too, on the average."""
        (finest,) = patches(close, (0,))
        first = self._asked(self._begins)
        lattice = self._seen_by(close, first)
        rows, explanations = [len(lattice.rows)], explain(lattice, self.model())
        begun = [reader for reader, _ in first]
        for number in range(self._begins + 1, ROUNDS):
            share, unread = CLEAR[number - 1]
            if settled(explanations, share) and left_unread(lattice, explanations[0]) <= unread:
                break
            asked = self._asked(number)
            if own := [(reader, looks) for reader, looks in asked if reader in begun]:
                lattice = combine([lattice, self._seen_by(close, own)], self._alphabet)
                explanations = explain(lattice, self.model())
            if others := [(reader, looks) for reader, looks in asked if reader not in begun]:
                lattice = combine([lattice, self._seen_by(close, others)], self._alphabet)
                explanations = averaged(explanations, explain(lattice, self.model()), self.model().marks)
            rows.append(len(lattice.rows))
        return Seen(close, finest.band, lattice, tuple(rows), tuple(explanations))

    def _asked(self, number: int) -> list[tuple[Reader, tuple[int, ...]]]:
        """The readers that look at heads in the number-th round, with their looks."""
        return [(reader, reader.looks[number]) for reader in self._readers if reader.looks[number]]

    @cached_property
    def _begins(self) -> int:
        """The first round in which any reader looks."""
        return next(number for number in range(ROUNDS) if self._asked(number))

    def _seen_upright(self, head: Seen, strip: Patch, said: Reading) -> tuple[Lattice, list[Explanation]] | None:
        """What explains a head better with letters that stand upright at its sides; None where nothing does. strip is
        its finest, said what was read along it."""
        lattice, explanations = head.lattice, head.explanations
        readers = [reader for reader, _ in self._asked(self._begins)]

        def beside(reading: Reading) -> Upright | None:
            places = busy_places(strip, reading, UPRIGHT_PLACES)
            return with_upright(head.close, strip.band, lattice, places, readers)

        # Where all is in order only what was left unread is looked at; the rest when something stands so there.
        if settled(explanations) and beside(said) is None:
            return None
        seen = beside(Reading(lattice.reader))
        if seen is None:
            return None
        again = explain(seen.lattice, self.model())
        if again[0].score < explanations[0].score + UPRIGHT_RARE:
            return None
        codes = [p.word for p in again[0].placed if p.role == "code"]
        if again[0].pattern != explanations[0].pattern and not any(seen.bears(word.angles) for word in codes):
            return None
        return seen.lattice, again

    def _seen_by(self, close: Close, asked: Sequence[tuple[Reader, tuple[int, ...]]]) -> Lattice:
        """What readers say of a head at the looks each is asked for, over the alphabet of all readers."""
        looks = sorted({look for _, some in asked for look in some})
        seen = dict(zip(looks, patches(close, looks), strict=True))
        return combine([reader.read([seen[look] for look in some]) for reader, some in asked], self._alphabet)

    @cached_property
    def _alphabet(self) -> tuple[str, ...]:
        return combine([reader.read([]) for reader in self._readers]).alphabet

    def _concluded(
        self, lattice: Lattice, explanations: Sequence[Explanation], legible: float
    ) -> tuple[Reading, Attribution]:
        """Attribute what was read on one head that was found with a score of legible, and explained."""
        weighed = partial(
            attribute,
            explanations,
            self.markings,
            legible=legible,
            calibration=self._calibration,
            this_year=self._this_year,
        )
        attribution = weighed(context=self._context)
        # What is read does not depend on what is known of the find.
        plain = attribution if self._context == Context() else weighed()
        said = worth_telling(explanations, plain, self._calibration)
        return reading_of(said, lattice, self.model().spellings), attribution

    @cached_property
    def _straight(self) -> StraightMarks | None:
        return self._make_straight() if self._make_straight else None

    def model(self) -> Model:
        """The marking set prepared for the readers' alphabet, made once (a tenth of a second, so not before it is
        needed)."""
        if self._model is None:
            self._model = Model(self.markings, self._alphabet, this_year=self._this_year)
        return self._model


def _reader(name: str, folder: Path, threads: int) -> Reader:
    if name == "tesseract":
        return TesseractReader()
    if name == "stamped":
        return StampedReader(folder / "weights" / "stamped.onnx", threads)
    return PpocrReader(folder / "weights" / "ppocr.onnx", threads)


def _straight(folder: Path, threads: int, markings: MarkingSet, readers: Sequence[Reader]) -> StraightMarks:
    """Straight lines are read by the recogniser that was trained on them; further readers add the letters that it does
    not know."""
    finder = TextFinder(folder / "weights" / "lines.onnx", threads)
    arms = load_arms_tables(folder / "markings", markings.countries)
    printed = PrintedReader(folder / "weights" / "ppocr.onnx", threads)
    return StraightMarks(
        finder,
        [printed, *(r for r in readers if r.name != "ppocr")],
        Symbols(load_namer(folder, threads), printed),
        attributor=ObjectAttributor(arms, markings, this_year=datetime.now(UTC).year),
        known=known_words(markings),
        fits=of_any(arms.serials),
    )
