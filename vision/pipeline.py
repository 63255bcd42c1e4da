"""The recipe: photo -> find -> flatten -> read -> match -> attribute. Read this first.

A photo is decoded small to find marks and finer only where one is. A failure of one photo is a value in its Result,
never an exception that stops the others; results do not depend on the order or number of photos.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from vision import __version__
from vision.attribute import attribute
from vision.catalogue.load import load_marking_set
from vision.catalogue.schema import MarkingSet
from vision.errors import PhotoError, UsageError
from vision.find.heads import HeadFinder, refine_head
from vision.flatten.ring import Ring, Strip, natural_turn_px, text_band, unroll
from vision.manifest import models_folder, verify_manifest
from vision.match import Model, explain, reading_of
from vision.photo import OpenPhoto, measure_quality, open_photo
from vision.read.combine import combine
from vision.read.ppocr import PpocrReader
from vision.read.protocol import Patch, Reader
from vision.read.tesseract import TesseractReader
from vision.types import (
    CloseUp,
    Context,
    Ellipse,
    Explanation,
    Failure,
    Head,
    Lattice,
    Mark,
    Reading,
    Result,
    Rgb,
    Run,
    StripView,
    Views,
)

READERS = ("ppocr", "tesseract")
# Pixels: the picture heads are found in, and the close-up of one head that is read. 1000 is a quarter of the longer
# side of a 12-megapixel phone photo: decoding at a quarter is what JPEG does best.
FIND_SIDE = 1000
CLOSE_SIDE = 440
# A head below this score is not read; at most this many heads of a photo are.
LEAST_SCORE = 0.6
MOST_HEADS = 12
# The close-up reaches this far beyond the rim.
MARGIN = 1.15
# Rows of the strip in which text is looked for, and the height readers want.
BAND_ROWS = 64
READ_ROWS = 48
# How much of the patch's height the text fills, one patch for each: fine for small letters, coarser for context.
FILLS = (0.72, 0.52)
VIEW_SIDE = 1600
VIEW_ROWS = 120


@dataclass(frozen=True, slots=True)
class _Close:
    """One head at reading resolution: rgb, the head in its pixels, and where it lies in the photo."""

    rgb: Rgb
    head: Head
    scale: float
    corner_xy: tuple[float, float]

    def to_photo(self, points_xy: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
        x0, y0 = self.corner_xy
        return tuple(
            (float((x + 0.5) / self.scale - 0.5 + x0), float((y + 0.5) / self.scale - 0.5 + y0)) for x, y in points_xy
        )

    def head_in_photo(self) -> Head:
        a, b = self.head.outline.semi_axes
        (center,) = self.to_photo([self.head.outline.center_xy])
        (pocket,) = self.to_photo([self.head.pocket_xy])
        outline = Ellipse(center, (a / self.scale, b / self.scale), self.head.outline.angle_deg)
        return replace(self.head, outline=outline, pocket_xy=pocket)


class Pipeline:
    """Everything loaded that can change an answer, and the recipe that uses it. kit_id is its one hash."""

    def __init__(
        self,
        finder: HeadFinder,
        readers: Sequence[Reader],
        markings: MarkingSet,
        kit_id: str,
        context: Context | None = None,
    ) -> None:
        self._finder = finder
        self._readers = tuple(readers)
        self.markings = markings
        self._context = context or Context()
        self._model: Model | None = None
        self._this_year = datetime.now(UTC).year
        self.run = Run(__version__, kit_id)

    @classmethod
    def load(cls, readers: Sequence[str] = ("ppocr",), context: Context | None = None, *, threads: int = 2) -> Pipeline:
        """The pipeline with the weights and the marking set that come with marktrace.

        Raises UsageError for an unknown reader, MissingError where a reader's program is missing, KitError for models
        that do not verify.
        """
        unknown = [name for name in readers if name not in READERS]
        if unknown or not readers:
            named = repr(unknown[0]) if unknown else "named"
            raise UsageError(f"There is no reader {named}: choose from {', '.join(READERS)}.")
        folder = models_folder()
        manifest = verify_manifest(folder)
        finder = HeadFinder(folder / "weights" / "heads.onnx", threads)
        made: list[Reader] = [_reader(name, folder, threads) for name in dict.fromkeys(readers)]
        kit = hashlib.sha256("\n".join([__version__, manifest, *(r.name for r in made)]).encode()).hexdigest()[:16]
        return cls(finder, made, load_marking_set(folder / "markings"), kit, context)

    def identify(self, photos: Iterable[str | Path]) -> Iterator[Result]:
        """The result of each photo, in order."""
        for photo in photos:
            yield self._examine(photo, with_views=False)[0]

    def inspect(self, photo: str | Path) -> tuple[Result, Views | None]:
        """One photo's result and the pictures a sheet shows (None when the photo could not be opened)."""
        return self._examine(photo, with_views=True)

    def explain(self, photo: str | Path | bytes) -> list[tuple[Head, list[Explanation]]]:
        """Each head of a photo with everything that could explain it, before attribution: what calibration is fitted
        on.

        Raises PhotoError when the photo cannot be opened.
        """
        opened = open_photo(photo)
        return [(close.head_in_photo(), self._explained(close)[1]) for close in self._closes(opened)[1]]

    def _closes(self, opened: OpenPhoto) -> tuple[Rgb, list[_Close]]:
        """The reduced photo, and every head found in it close up."""
        small, scale = opened.reduced_rgb(FIND_SIDE)
        heads = [h for h in self._finder.find_heads(small, max_heads=MOST_HEADS) if h.score >= LEAST_SCORE]
        return small, [_close(opened, head, scale) for head in heads]

    def _explained(self, close: _Close) -> tuple[Lattice, list[Explanation], tuple[float, float]]:
        """Flatten, read and match one head: the lattice, the explanations, and the band the text was read in."""
        patches = _patches(close, Ring(close.head))
        lattice = combine([reader.read(patches) for reader in self._readers])
        return lattice, explain(lattice, self.model()), patches[0].band

    def _examine(self, path: str | Path, *, with_views: bool) -> tuple[Result, Views | None]:
        try:
            opened = open_photo(path)
            small, closes = self._closes(opened)
        except PhotoError as error:
            return Result(None, str(path), (), self.run, Failure("photo", error.code, error.detail)), None
        photo = replace(opened.photo, quality=measure_quality(small))
        marks = tuple(self._mark(close, number) for number, close in enumerate(closes, start=1))
        result = Result(photo, str(path), marks, self.run)
        return result, _views(opened, marks, closes) if with_views else None

    def _mark(self, close: _Close, number: int) -> Mark:
        """Flatten, read, match, attribute one head."""
        lattice, explanations, band = self._explained(close)
        attribution = attribute(
            explanations, self.markings, context=self._context, legible=close.head.score, this_year=self._this_year
        )
        reading = reading_of(explanations[0], lattice, self.model().spellings)
        return Mark(
            id=f"h{number}",
            kind="headstamp",
            outline_xy=close.to_photo(close.head.outline.points()),
            score=close.head.score,
            quality=measure_quality(close.rgb),
            reading=_outlined(reading, close, Ring(close.head), band),
            attribution=attribution,
            head=close.head_in_photo(),
        )

    def model(self) -> Model:
        """The marking set prepared for the readers' alphabet, made once (a tenth of a second, so not before it is
        needed)."""
        if self._model is None:
            alphabet = combine([reader.read([]) for reader in self._readers]).alphabet
            self._model = Model(self.markings, alphabet, this_year=self._this_year)
        return self._model


def _reader(name: str, folder: Path, threads: int) -> Reader:
    if name == "tesseract":
        return TesseractReader()
    return PpocrReader(folder / "weights" / "ppocr.onnx", threads)


def _close(opened: OpenPhoto, head: Head, scale: float) -> _Close:
    """The head of the small picture, seen at reading resolution and fitted again there."""
    outline = head.outline.scaled(1.0 / scale)
    reach = outline.semi_axes[0] * MARGIN
    x, y = outline.center_xy
    photo = opened.photo
    box = (max(0.0, x - reach), max(0.0, y - reach), min(photo.width, x + reach), min(photo.height, y + reach))
    rgb, crop_scale, corner = opened.crop_rgb(box, CLOSE_SIDE)

    def inside(point: tuple[float, float], factor: float) -> tuple[float, float]:
        px, py = ((point[0] + 0.5) * factor - 0.5, (point[1] + 0.5) * factor - 0.5)
        return ((px - corner[0] + 0.5) * crop_scale - 0.5, (py - corner[1] + 0.5) * crop_scale - 0.5)

    factor = crop_scale / scale
    a, b = head.outline.semi_axes
    placed = Ellipse(inside(head.outline.center_xy, 1.0 / scale), (a * factor, b * factor), head.outline.angle_deg)
    near = replace(head, outline=placed, pocket_xy=inside(head.pocket_xy, 1.0 / scale))
    return _Close(rgb, refine_head(rgb, near), crop_scale, corner)


def _patches(close: _Close, ring: Ring) -> list[Patch]:
    """The head unrolled for the readers: the band where its text stands, once for each of FILLS."""
    inner = max(0.28, ring.pocket_ratio - 0.02)
    whole = _unrolled(close, ring, BAND_ROWS, 1.0, inner, overlap=0.0)
    outer, inner = text_band(whole)
    middle, half = (outer + inner) / 2.0, (outer - inner) / 2.0
    patches = []
    for fill in FILLS:
        band = (middle + half / fill, max(0.1, middle - half / fill))
        strip = _unrolled(close, ring, READ_ROWS, *band, overlap=0.0)
        patches.append(Patch(strip.rgb, strip.turn_px, 0.0, band))
    return patches


def _unrolled(close: _Close, ring: Ring, rows: int, outer: float, inner: float, overlap: float) -> Strip:
    turn_px = natural_turn_px(ring, rows, outer, inner)
    return unroll(close.rgb, ring, height=rows, turn_px=turn_px, overlap=overlap, outer=outer, inner=inner)


def _outlined(reading: Reading, close: _Close, ring: Ring, band: tuple[float, float]) -> Reading:
    """The reading with every element's and character's outline in the photo.

    A character is taken to be as wide as three quarters of the text's height, less where its neighbours stand closer.
    """
    fill = FILLS[0]
    middle, half = (band[0] + band[1]) / 2.0, (band[0] - band[1]) / 2.0 * fill
    width = float(np.degrees(1.5 * half / middle))

    def outline(first: float, last: float) -> tuple[tuple[float, float], ...]:
        return close.to_photo(ring.outline_xy(first, last, middle + half, middle - half))

    elements = []
    for element in reading.elements:
        angles = [c.angle_deg or 0.0 for c in element.characters]
        gaps = [abs((b - a + 180.0) % 360.0 - 180.0) for a, b in pairwise(angles)]
        reach = min([width, *gaps]) / 2.0
        characters = tuple(
            replace(c, outline_xy=outline(a - reach, a + reach))
            for c, a in zip(element.characters, angles, strict=True)
        )
        first = (element.angle_deg or 0.0) - (element.span_deg or 0.0) / 2.0 - width / 2.0
        last = first + (element.span_deg or 0.0) + width
        elements.append(replace(element, characters=characters, span_deg=last - first, outline_xy=outline(first, last)))
    return replace(reading, elements=tuple(elements))


def _views(opened: OpenPhoto, marks: Sequence[Mark], closes: Sequence[_Close]) -> Views:
    """What a sheet draws: the photo reduced, each head close up, and its strip."""
    photo_rgb, scale = opened.reduced_rgb(VIEW_SIDE)
    strips, close_ups = {}, {}
    for mark, close in zip(marks, closes, strict=True):
        ring = Ring(close.head)
        strip = _unrolled(close, ring, VIEW_ROWS, 1.0, max(0.28, ring.pocket_ratio), overlap=0.25)
        strips[mark.id] = StripView(strip.rgb, float(strip.turn_px))
        close_ups[mark.id] = CloseUp(close.rgb, close.scale, close.corner_xy)
    return Views(photo_rgb, scale, strips, close_ups)
