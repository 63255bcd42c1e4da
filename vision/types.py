"""The words of marktrace as frozen types, validated once, at birth.

Conventions: images are RGB uint8 arrays (H, W, 3); points are (x, y) pixels of the EXIF-turned photo at full size, with
(0, 0) the centre of the top-left pixel; angles are degrees, clockwise as seen in the photo, 0 at 12 o'clock for places
on a head; scores and probabilities lie in 0..1, and only calibrated ones are called probability.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image

Floats = npt.NDArray[np.float32]
Rgb = npt.NDArray[np.uint8]
Points = tuple[tuple[float, float], ...]

Kind = Literal["headstamp", "serial", "factory_mark", "packaging"]
Level = Literal["pattern", "maker", "state", "unknown"]
Grade = Literal["A", "B", "C"]
Role = Literal["code", "year", "calibre", "sign", "lot", "month", "other"]


def _check(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _check_unit(name: str, value: float) -> None:
    _check(0.0 <= value <= 1.0, f"{name} must be between 0 and 1, got {value!r}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a photo was taken, WGS84 degrees."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        _check(-90 <= self.latitude <= 90, f"latitude must be between -90 and 90, got {self.latitude!r}")
        _check(-180 <= self.longitude <= 180, f"longitude must be between -180 and 180, got {self.longitude!r}")


@dataclass(frozen=True, slots=True)
class Quality:
    """How far an image can be trusted: both 0 (bad sharpness, no glare) to 1 (sharp, all glare)."""

    sharpness: float
    glare: float

    def __post_init__(self) -> None:
        _check_unit("sharpness", self.sharpness)
        _check_unit("glare", self.glare)


@dataclass(frozen=True, slots=True)
class Photo:
    """What is known of one photo file; sizes are those of the EXIF-turned picture. taken_at is ISO 8601 or None."""

    path: str
    sha256: str
    width: int
    height: int
    taken_at: str | None = None
    place: Place | None = None
    quality: Quality | None = None

    def __post_init__(self) -> None:
        _check(self.width > 0 and self.height > 0, f"size must be positive, got {self.width} x {self.height}")
        _check(len(self.sha256) == 64, "sha256 must be 64 hex digits")


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An ellipse: centre (x, y), semi-axes (a >= b > 0) in pixels, angle_deg of the a-axis from +x towards +y."""

    center_xy: tuple[float, float]
    semi_axes: tuple[float, float]
    angle_deg: float

    def __post_init__(self) -> None:
        a, b = self.semi_axes
        _check(a >= b > 0, f"semi-axes must be a >= b > 0, got {self.semi_axes!r}")
        _check(all(math.isfinite(v) for v in (*self.center_xy, a, b, self.angle_deg)), "an ellipse must be finite")

    def points(self, count: int = 64) -> Points:
        """count points along the outline, clockwise in the photo."""
        t = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
        a, b = self.semi_axes
        c, s = math.cos(math.radians(self.angle_deg)), math.sin(math.radians(self.angle_deg))
        x = self.center_xy[0] + a * np.cos(t) * c - b * np.sin(t) * s
        y = self.center_xy[1] + a * np.cos(t) * s + b * np.sin(t) * c
        return tuple((float(px), float(py)) for px, py in zip(x, y, strict=True))

    def scaled(self, factor: float) -> Ellipse:
        """The same ellipse in a picture that is factor times as large (pixel centres at integers)."""
        x, y = self.center_xy
        a, b = self.semi_axes
        return Ellipse(((x + 0.5) * factor - 0.5, (y + 0.5) * factor - 0.5), (a * factor, b * factor), self.angle_deg)


@dataclass(frozen=True, slots=True)
class Head:
    """A cartridge head found in a photo.

    outline is the rim of the head; pocket_xy the centre of the primer pocket (it differs from the outline's centre on
    tilted heads); pocket_ratio its radius as a share of the head's (0 when no pocket was seen); score 0..1 says how
    surely this is a cartridge head and not a coin, a bolt or a finger.
    """

    outline: Ellipse
    pocket_xy: tuple[float, float]
    pocket_ratio: float
    score: float

    def __post_init__(self) -> None:
        _check_unit("pocket_ratio", self.pocket_ratio)
        _check_unit("score", self.score)


@dataclass(frozen=True, slots=True)
class TextLine:
    """A straight line of text found in a picture: corners_xy are the four corners of its letters' box, in pixels.

    They run clockwise from the upper left one, seen as the line is read, which may be wrong by half a turn: what is
    written says which way up it stands. score 0..1 says how surely this is text.
    """

    corners_xy: Points
    score: float

    def __post_init__(self) -> None:
        _check(len(self.corners_xy) == 4, f"a line has four corners, got {len(self.corners_xy)}")
        _check_unit("score", self.score)
        _check(self.length > 0 and self.height > 0, f"a line has a length and a height, got {self.corners_xy!r}")

    @property
    def length(self) -> float:
        """Pixels along the middle of the line."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self.corners_xy
        return math.hypot(bx + cx - ax - dx, by + cy - ay - dy) / 2.0

    @property
    def height(self) -> float:
        """Pixels from the letters' feet to their tops, in the middle of the line."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self.corners_xy
        return math.hypot(cx + dx - ax - bx, cy + dy - ay - by) / 2.0

    @property
    def angle_deg(self) -> float:
        """Where the line leads: degrees from +x towards +y, in -180..180."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self.corners_xy
        return math.degrees(math.atan2(by + cy - ay - dy, bx + cx - ax - dx))

    @property
    def middle_xy(self) -> tuple[float, float]:
        """The middle of the box."""
        return sum(x for x, _ in self.corners_xy) / 4.0, sum(y for _, y in self.corners_xy) / 4.0


@dataclass(frozen=True, slots=True, eq=False)
class LatticeRow:
    """One way of looking along a mark: log_probs has shape (steps, characters), in reading order.

    places (steps,) says where each step looks: degrees clockwise from 12 o'clock on a ring, pixels along a straight
    patch. On a ring a row covers exactly one turn and its last step borders on its first; with upside_down the row
    reads with tops towards the centre, so its places run anticlockwise. band is the part of the radius looked at
    (outer, inner). reader names whose look it is where a lattice holds several readers' rows.
    """

    log_probs: Floats
    places: Floats
    upside_down: bool
    band: tuple[float, float]
    reader: str = ""

    def __post_init__(self) -> None:
        _check(self.log_probs.ndim == 2, f"log_probs must be (steps, characters), got {self.log_probs.shape}")
        steps = len(self.log_probs)
        _check(self.places.shape == (steps,), f"places must be ({steps},), got {self.places.shape}")


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """How likely each character is at each place of a mark: what a reader gives and what patterns are scored against.

    alphabet[0] is "" (nothing here, the blank of a CTC reader); the others are single characters or "<symbol names>".
    The rows are several looks at the same mark (both orientations, more than one scale).
    """

    reader: str
    alphabet: tuple[str, ...]
    rows: tuple[LatticeRow, ...]
    circular: bool = True

    def __post_init__(self) -> None:
        _check(self.alphabet[:1] == ("",), "alphabet[0] must be the blank")
        for row in self.rows:
            chars = row.log_probs.shape[1]
            _check(chars == len(self.alphabet), f"{chars} characters in a row, {len(self.alphabet)} in the alphabet")


@dataclass(frozen=True, slots=True)
class Word:
    """A string seen in a lattice. angles: one a character, degrees clockwise from 12 o'clock (pixels on straight
    patches), in reading order; gain: log-likelihood over nothing, averaged over the looks in its orientation."""

    text: str
    upside_down: bool
    angles: tuple[float, ...]
    gain: float
    row: int
    steps: tuple[int, ...]
    spotted: bool

    def places(self) -> tuple[float, float]:
        """First and last place in clockwise order (degrees; the last may exceed 360)."""
        ordered = self.angles[::-1] if self.upside_down else self.angles
        first = ordered[0]
        return first, first + (ordered[-1] - first) % 360.0

    def middle(self) -> float:
        first, last = self.places()
        return ((first + last) / 2.0) % 360.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A word in its role, with what it adds to the explanation's score."""

    word: Word
    role: Role
    value: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A pattern of the marking set by its id (None: no pattern), the words it was seen in, and the log-score, prior
    included."""

    pattern: str | None
    placed: tuple[Placed, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Character:
    """One character of an element, with what else it could be, most likely first; outline_xy drawn on the photo.

    angle_deg is its middle on a head, clockwise from 12 o'clock.
    """

    text: str
    probability: float
    alternatives: tuple[tuple[str, float], ...] = ()
    angle_deg: float | None = None
    outline_xy: Points = ()

    def __post_init__(self) -> None:
        _check_unit("probability", self.probability)


@dataclass(frozen=True, slots=True)
class Element:
    """One stamped word, number or symbol ("<nato cross>"). angle_deg is the middle of it, clockwise from 12 o'clock."""

    text: str
    upside_down: bool
    confidence: float
    characters: tuple[Character, ...] = ()
    angle_deg: float | None = None
    span_deg: float | None = None
    outline_xy: Points = ()

    def __post_init__(self) -> None:
        _check(bool(self.text), "an element has text")
        _check_unit("confidence", self.confidence)


@dataclass(frozen=True, slots=True)
class Reading:
    """The elements of a mark in order (clockwise on a head), and which reader gave them."""

    reader: str
    elements: tuple[Element, ...] = ()

    @property
    def text(self) -> str:
        return " ".join(e.text for e in self.elements)


@dataclass(frozen=True, slots=True)
class YearRange:
    """Years a mark can stand for, both ends included, with the probability that the year lies in them."""

    first: int
    last: int
    probability: float

    def __post_init__(self) -> None:
        _check(self.first <= self.last, f"a year range runs upwards, got {self.first}..{self.last}")
        _check_unit("probability", self.probability)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pattern of the marking set and how probable it is, with the reasons a person can check.

    probability is with the context of the find; probability_without_context is what the photo alone supports.
    strength "lead" marks candidates that rest on a grade C row, an inferred mark or a buyer's brand: never more than a
    hint, and on the last two nothing is stated. Where a year can be several, equally well, year is the last of them
    with its share of the probability, and the reasons name all.
    """

    pattern: str
    code: str
    manufacturer: str
    country: str
    state_then: str
    probability: float
    probability_without_context: float
    grade: Grade
    strength: Literal["lead", "candidate"]
    year: YearRange | None = None
    calibre: str | None = None
    reasons_for: tuple[str, ...] = ()
    reasons_against: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_unit("probability", self.probability)
        _check_unit("probability_without_context", self.probability_without_context)


@dataclass(frozen=True, slots=True)
class LikelySet:
    """What holds the truth for at least 1 - risk of the marks that are read as well as this one, most probable first.

    patterns by id, makers as "name (country)", states as ISO alpha-2; "unknown" among them stands for what no candidate
    is.
    """

    risk: float
    patterns: tuple[str, ...]
    makers: tuple[str, ...]
    states: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_unit("risk", self.risk)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Ranked candidates and the finest level that is safe to state. Candidates and unknown_probability sum to one.

    decided_by names the rule that chose the level; risk is the probability that the stated level is wrong. likely holds
    the truth at a risk chosen beforehand (None where nobody asked).
    """

    level: Level
    decided_by: str
    risk: float
    unknown_probability: float
    candidates: tuple[Candidate, ...] = ()
    likely: LikelySet | None = None

    def __post_init__(self) -> None:
        _check_unit("risk", self.risk)
        _check_unit("unknown_probability", self.unknown_probability)


@dataclass(frozen=True, slots=True)
class Field:
    """Something decoded from what was read, such as a lot, a year or a stock number.

    name says what it is ("serial", "year", "lot", "maker"), text is what it was read from and value what that means.
    years (both included) are those a date can stand for: several where sources disagree, never one chosen among them.
    doubt says what is uncertain ("" where nothing is known to be), rule names the row that decoded it, with its source.
    """

    name: str
    text: str
    value: str
    rule: str
    source: str
    grade: Grade
    doubt: str = ""
    years: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        _check(bool(self.name and self.text), "a field has a name and the text it was read from")
        _check(self.years is None or self.years[0] <= self.years[1], f"years run upwards, got {self.years!r}")


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked region of a photo with what was read on it, what that decodes to, and where it may come from."""

    id: str
    kind: Kind
    outline_xy: Points
    score: float
    quality: Quality | None = None
    reading: Reading | None = None
    attribution: Attribution | None = None
    head: Head | None = None
    fields: tuple[Field, ...] = ()

    def __post_init__(self) -> None:
        _check_unit("score", self.score)


@dataclass(frozen=True, slots=True)
class Failure:
    """A photo that could not be processed: the stage, a short stable code, and a sentence that says what to do."""

    stage: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ObjectPhoto:
    """One of several photos of one object. mark is the id of the mark that shows it there.

    turned_deg is how far the mark is turned clockwise against the first photo that was joined (0 to 360), None when
    this one was left out; left_out then says why.
    """

    path: str
    sha256: str | None
    mark: str | None
    turned_deg: float | None
    left_out: Failure | None = None

    def __post_init__(self) -> None:
        _check((self.turned_deg is None) != (self.left_out is None), "a photo is either joined or left out")


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the find besides the photo. country is ISO alpha-2 of the place, in capitals, year that of the
    find; a calibre that no table knows says nothing."""

    country: str | None = None
    year: int | None = None
    calibre: str | None = None

    def __post_init__(self) -> None:
        _check(self.country is None or self.country.isupper(), f"country must be such as RU, got {self.country!r}")


@dataclass(frozen=True, slots=True)
class Run:
    """What produced a result: marktrace's version and the kit's id (weights, marking set, thresholds)."""

    version: str
    kit: str


@dataclass(frozen=True, slots=True)
class Result:
    """Everything said about one photo. status is always "proposed": only a person confirms.

    object_photos are all photos of the object that this one is one of, in order, where several were given as such; the
    mark that shows it then carries the reading and attribution of those that could be joined.
    """

    photo: Photo | None
    path: str
    marks: tuple[Mark, ...]
    run: Run
    failure: Failure | None = None
    object_photos: tuple[ObjectPhoto, ...] = ()
    status: Literal["proposed"] = field(default="proposed", init=False)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The candidates of the mark whose first candidate is the most probable; empty when nothing was read."""
        ranked = [mark.attribution.candidates for mark in self.marks if mark.attribution]
        return max(ranked, key=lambda some: some[0].probability if some else -1.0, default=())

    def to_json(self) -> str:
        """This result as one line of JSON, as docs/record.md describes it."""
        from vision.record import to_json

        return to_json(self)

    def plot(self) -> Image:
        """The photo, read again from its path, with the marks and characters drawn on it, as a Pillow picture.

        Raises PhotoError when the file is gone, changed or was refused.
        """
        from vision.report.overlay import plot

        return plot(self)


@dataclass(frozen=True, slots=True, eq=False)
class StripView:
    """A head unrolled for a person to look at: row 0 is the rim, tops-out text stands upright.

    Column x of rgb, which covers at least one turn, stands for x / width_turn * 360 degrees clockwise from 12 o'clock.
    name says which photo it is of, where there are several.
    """

    rgb: Rgb
    width_turn: float
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class CloseUp:
    """A part of the photo, scale times its full size; corner_xy is the photo point of its top left corner."""

    rgb: Rgb
    scale: float
    corner_xy: tuple[float, float] = (0.0, 0.0)

    def place(self, points_xy: Points) -> list[tuple[float, float]]:
        """Points of the photo as points of rgb."""
        x0, y0 = self.corner_xy
        return [((x - x0 + 0.5) * self.scale - 0.5, (y - y0 + 0.5) * self.scale - 0.5) for x, y in points_xy]


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """The pictures a sheet shows: the photo, scale times its full size (at most 1600 px), and by mark id the strips.

    close_ups, by mark id too, show a mark in finer detail than photo_rgb does; without one the sheet cuts it from
    there. aligned, by mark id, are the strips of the same mark in other photos, turned so that 12 o'clock is this
    photo's.
    """

    photo_rgb: Rgb
    scale: float
    strips: Mapping[str, StripView] = field(default_factory=dict)
    close_ups: Mapping[str, CloseUp] = field(default_factory=dict)
    aligned: Mapping[str, tuple[StripView, ...]] = field(default_factory=dict)
