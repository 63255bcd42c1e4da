"""The words of a marking set: frozen types, and the closed lists their fields are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vision.types import Grade

Role = Literal["maker", "feature", "brand", "unmarked"]

ROLES: tuple[Role, ...] = ("maker", "feature", "brand", "unmarked")
GRADES: tuple[Grade, ...] = ("A", "B", "C")
SCRIPTS = (
    "latin",
    "cyrillic",
    "digits",
    "mixed",
    "symbol",
    "arabic",
    "hebrew",
    "chinese",
    "devanagari",
    "georgian",
    "other",
)
YEAR_STYLES = (
    "two-digit",
    "four-digit",
    "none",
    "other",
    "gregorian-arabic",
    "hijri",
    "roc",
    "buddhist",
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row of headstamps.csv: a marking, who used it and when, with its source and grade.

    country is ISO 3166-1 alpha-2 of the plant today ("ZZ": none can be told); state_then the state of that time where
    the row gives one, else "". years_from and years_to are Gregorian, both included, None where open or unknown.
    stampings are the ways the code can stand on metal, each a tuple of elements in clockwise order; a symbol is its
    name in angle brackets. A pattern without stampings cannot be read off the metal (unmarked cases, legends nobody
    has transcribed). Only role "maker" names an origin: features, brands and unmarked groups never do by themselves.
    inferred: the mark was derived from a name and never seen on a case, so it is never more than a lead.
    """

    id: str
    code: str
    script: str
    role: Role
    manufacturer: str
    manufacturer_native: str
    city: str
    country: str
    state_then: str
    years_from: int | None
    years_to: int | None
    calibres: tuple[str, ...]
    layout: str
    year_style: str
    notes: str
    source: str
    grade: Grade
    inferred: bool
    stampings: tuple[tuple[str, ...], ...]

    @property
    def lead_only(self) -> bool:
        """Whether this row can never be more than a lead: grade C, or a mark nobody has seen."""
        return self.grade == "C" or self.inferred


@dataclass(frozen=True, slots=True)
class Calibre:
    """One row of calibres.csv. Diameters are nominal millimetres of head and primer, None where there is none.

    legends are the spellings struck on cases, the name included. first_year is the first year the cartridge can have
    existed (the early end of what is said of it), None where the table does not know.
    """

    name: str
    legends: tuple[str, ...]
    case_type: str
    head_diameter_mm: float | None
    primer_diameter_mm: float | None
    typical_origin: str
    first_year: int | None
    source: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class StateSpan:
    """Which state a territory (ISO code of today) belonged to, first to last year included."""

    country: str
    first: int
    last: int
    state: str
    source: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class MarkingSet:
    """A loaded marking set. sha256 is over the bytes of its tables and changes with any edit."""

    patterns: tuple[Pattern, ...]
    calibres: tuple[Calibre, ...]
    states: tuple[StateSpan, ...]
    countries: Mapping[str, str]
    sha256: str
    by_id: Mapping[str, Pattern] = field(repr=False)
    calibre_by_name: Mapping[str, Calibre] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a table: the file's name, the line (1 is the header), and a sentence."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"
