"""Which marks to look at: by what was read, who made it, when, where and when it was photographed, and how surely."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vision.review.marks import MarkRow

_NUMBER = re.compile(r"-?\d{1,5}(?:\.\d{1,8})?")
_KM_A_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show: an empty field fits everything, and what makes no sense where a number is meant fits nothing.

    text, maker, folder and state_then are looked for inside, text in the reading, the code and the pattern's name; case
    never counts. year is one that the mark's years hold. taken_from and taken_to are dates or their beginnings (2024,
    2024-05), both included; a photo without a date fits neither. near is latitude, longitude and kilometres around.
    unsure is the probability of the first candidate in percent at most.
    """

    text: str = ""
    maker: str = ""
    country: str = ""
    kind: str = ""
    level: str = ""
    calibre: str = ""
    year: str = ""
    folder: str = ""
    state: str = ""
    code: str = ""
    lot: str = ""
    state_then: str = ""
    taken_from: str = ""
    taken_to: str = ""
    near: str = ""
    unsure: str = ""

    def fits(self, row: MarkRow) -> bool:
        """Whether a mark fits, its state of review apart."""
        inside = (
            (self.text, f"{row.reading}\n{row.code}\n{row.first}"),
            (self.maker, row.maker),
            (self.folder, row.path),
            (self.state_then, row.state_then),
        )
        same = (
            (self.country, row.country),
            (self.kind, row.kind),
            (self.level, row.level),
            (self.calibre, row.calibre),
            (self.code, row.code),
            (self.lot, row.lot),
        )
        return (
            all(part.casefold() in whole.casefold() for part, whole in inside if part)
            and all(wanted.casefold() == value.casefold() for wanted, value in same if wanted)
            and (not self.year or _in_years(self.year, row.years))
            and self._taken(row.taken_at)
            and (not self.near or _is_near(self.near, row.place))
            and (not self.unsure or _is_unsure(self.unsure, row.probability))
        )

    def words(self) -> dict[str, str]:
        """The fields that are set."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)}

    def _taken(self, taken_at: str) -> bool:
        """ISO times compare as text; the end is compared as far as it goes, so that 2024 holds all of the year."""
        after = not self.taken_from or taken_at >= self.taken_from
        return after and (not self.taken_to or (taken_at != "" and taken_at[: len(self.taken_to)] <= self.taken_to))


def _in_years(year: str, years: tuple[int, int] | None) -> bool:
    return years is not None and year.isdecimal() and years[0] <= int(year[:5]) <= years[1]


def _is_unsure(percent: str, probability: float) -> bool:
    percent = percent.replace(",", ".")  # 12,5 in French
    return bool(_NUMBER.fullmatch(percent)) and probability * 100.0 <= float(percent)


def _is_near(near: str, place: tuple[float, float] | None) -> bool:
    """Within the kilometres around: flat over the small distances that a person means by near."""
    numbers = [float(part) for part in re.split(r"[\s,;]+", near.strip()) if _NUMBER.fullmatch(part)]
    if place is None or len(numbers) != 3:
        return False
    latitude, longitude, kilometres = numbers
    north = (place[0] - latitude) * _KM_A_DEGREE
    around = (place[1] - longitude + 540.0) % 360.0 - 180.0
    east = around * _KM_A_DEGREE * math.cos(math.radians(latitude))
    return math.hypot(north, east) <= kilometres
