"""Everything that the report of an archive counts: by origin, calibre, year, place, month, likeness and quality.

What people decided on is counted apart, from their words; the tallies hold the rest, what the machine states.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from vision.archive.connect import in_binary, reading
from vision.archive.exports.decided import Decided, confirmed, decided_in
from vision.archive.exports.stored import Words, without_file
from vision.archive.exports.tally import Tally, no_collecting
from vision.archive.mark_pages import TEXTS, UNKNOWN, Batch, Codes, Floats, Integers, every_mark
from vision.archive.store import Store
from vision.report.intervals import Sums

SHARPNESS, GLARE = (0.2, 0.4, 0.6, 0.8), (0.05, 0.1, 0.2, 0.4)
_TO_MAKER = ("maker", "pattern")
_BITS = 20  # of each of two parts that a tally's key is packed from
_LOW = (1 << _BITS) - 1
_YEAR = 12
_LOW_YEAR = (1 << _YEAR) - 1
Cell = tuple[int, int]
Like = tuple[str, int | None, int | None, str]


@dataclass(slots=True)
class Alike:
    """Marks with the same code, years and calibre, by the cell that they lie in, and their first and last month."""

    like: Like
    months: tuple[str, str]
    at: dict[Cell, tuple[Sums, list[int]]] = field(default_factory=dict)


class Counted:
    """The tallies of what the machine states, each by its own key, and what people decided on.

    origins: country. makers: (country, maker). calibres: name. years: (from, to). places: (cell or None, country).
    months: ("2024-05" or "", country). likes: (the number of a kind, cell), for alike(). sharpness, glare: (step,
    whether an origin is stated). unread: "nothing" or "unknown". The country is empty where none is stated.
    """

    def __init__(self, samples: int) -> None:
        self.decided: list[Decided] = []
        self.conflicts = self.without_file = self.marks = 0
        self.codes = {name: Codes() for name in TEXTS}
        self._likes = Codes()
        self._first = self._last = np.zeros(0, np.int64)
        country, maker, calibre, month = (self.codes[n].values for n in ("country", "maker", "calibre", "month"))
        self._none = int(self.codes["country"].of([""])[0])
        decoders: dict[str, Callable[[int], Any]] = {
            "origins": lambda key: country[key],
            "makers": lambda key: (country[key >> _BITS], maker[key & _LOW]),
            "calibres": lambda key: calibre[key],
            "years": _two_years,
            "places": lambda key: (_cell_of(key >> _BITS), country[key & _LOW]),
            "months": lambda key: (month[key >> _BITS] or "", country[key & _LOW]),
            "likes": lambda key: (key >> _BITS, _cell_of(key & _LOW)),
            "sharpness": lambda key: ((key >> 1) - 1, bool(key & 1)),
            "glare": lambda key: ((key >> 1) - 1, bool(key & 1)),
            "unread": lambda key: "unknown" if key else "nothing",
        }
        # Of marks that are alike there are many kinds, and a few of each place are shown.
        self.tallies = {n: Tally(min(samples, 2) if n == "likes" else samples, d) for n, d in decoders.items()}

    def add(self, batch: Batch) -> None:
        """Count a batch of marks that nobody decided on."""
        self.marks += len(batch.numbers)
        right, fits = 1.0 - batch.value["risk"], batch.value["probability"]
        for name, keys in self._keys(batch).items():
            chances = fits if name in ("calibres", "years", "likes") else right
            self.tallies[name].add(keys, chances, batch.numbers)

    def _keys(self, batch: Batch) -> dict[str, Integers]:
        """Every tally's keys of a batch, below 0 where a mark does not count."""
        text, value = batch.text, batch.value
        known = np.array([level != "unknown" for level in self.codes["level"].values])[text["level"]]
        to_maker = np.array([level in _TO_MAKER for level in self.codes["level"].values])[text["level"]]
        country = np.where(known, text["country"], self._none)
        first, last = (np.maximum(value[name], 0) for name in ("year_from", "year_to"))
        cells = _cells(value["latitude"], value["longitude"])
        kinds = self._likes.of(_packed(text["code"], first, last, text["calibre"]).tolist())
        coded = known & (text["code"] != self.codes["code"].of([""])[0]) & (cells > 0) & (first > 0)
        months = np.array([_as_number(month) for month in self.codes["month"].values])[text["month"]]
        self._note_months(kinds[coded], months[coded])
        return {
            "origins": _if(country != self._none, country),
            "makers": _if(to_maker, text["country"] << _BITS | text["maker"]),
            "calibres": _if(known & (text["calibre"] != self.codes["calibre"].of([""])[0]), text["calibre"]),
            "years": _if(known & (first > 0), first << _BITS | last),
            "places": cells << _BITS | country,
            "months": text["month"] << _BITS | country,
            "likes": _if(coded, kinds << _BITS | cells),
            "sharpness": _steps(value["sharpness"], SHARPNESS) << 1 | known,
            "glare": _steps(value["glare"], GLARE) << 1 | known,
            "unread": _if(~known, (value["read"] > 0).astype(np.int64)),
        }

    def alike(self, most: int) -> list[Alike]:
        """Those kinds of marks that lie at the most places, at most so many, and all that people confirmed one of."""
        keys, counts = self.tallies["likes"].keys()
        number = keys >> _BITS
        places = np.bincount(number, minlength=1)
        ranked = np.lexsort((-np.bincount(number, counts, minlength=1), -places))[:most]
        wanted = set(ranked[places[ranked] > 1].tolist())
        wanted |= {self._number(one) for one in confirmed(self.decided)} - {None}
        found = {one: Alike(self._like(one), self._months(one)) for one in sorted(wanted)}
        for (one, place), sums, samples in self.tallies["likes"].of(keys[np.isin(number, list(wanted))]):
            found[one].at[place] = (sums, samples)
        return list(found.values())

    def _number(self, one: Decided) -> int | None:
        """The number of a confirmed mark's kind, None where nothing else is alike."""
        said = one.finding
        code, calibre = self.codes["code"].find(said.code), self.codes["calibre"].find(said.calibre)
        if code is None or calibre is None or not said.code:
            return None
        return self._likes.find(_packed(code, said.year_from or 0, said.year_to or 0, calibre))

    def _like(self, number: int) -> Like:
        packed = int(self._likes.values[number])
        first, last = packed >> _BITS + _YEAR & _LOW_YEAR, packed >> _BITS & _LOW_YEAR
        code, calibre = (
            self.codes["code"].values[packed >> _BITS + 2 * _YEAR],
            self.codes["calibre"].values[packed & _LOW],
        )
        return code, first or None, last or None, calibre

    def _months(self, number: int) -> tuple[str, str]:
        """The first and last month of marks of a kind; empty where no camera noted one."""
        first, last = int(self._first[number]), int(self._last[number])
        return (f"{first // 100}-{first % 100:02d}", f"{last // 100}-{last % 100:02d}") if last else ("", "")

    def _note_months(self, kinds: Integers, months: Integers) -> None:
        """Keep the first and the last month of every kind; months are year * 100 + month, 0 where none is known."""
        more = len(self._likes.values) - len(self._first)
        self._first = np.concatenate([self._first, np.full(more, 999999, np.int64)])
        self._last = np.concatenate([self._last, np.zeros(more, np.int64)])
        np.minimum.at(self._first, kinds[months > 0], months[months > 0])
        np.maximum.at(self._last, kinds, months)


def _packed(code: Any, first: Any, last: Any, calibre: Any) -> Any:
    """A kind of marks as one whole number; each may be an array."""
    return (((code << _YEAR | first) << _YEAR | last) << _BITS) | calibre


def _as_number(month: str | None) -> int:
    """
    >>> _as_number("2024-05"), _as_number(None), _as_number("May")
    (202405, 0, 0)
    """
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", month or "")
    return int(found[1]) * 100 + int(found[2]) if found else 0


def _if(counts: npt.NDArray[np.bool_], keys: Integers) -> Integers:
    return np.where(counts, keys, -1)


def _two_years(key: int) -> tuple[int | None, int | None]:
    return (key >> _BITS) or None, (key & _LOW) or None


def _cells(latitudes: Floats, longitudes: Floats) -> Integers:
    """The squares of one degree as numbers from 1, 0 where there is no place."""
    numbers = (np.rint(latitudes) + 90.0) * 361.0 + np.rint(longitudes) + 181.0
    known = (latitudes > UNKNOWN) & (longitudes > UNKNOWN)
    return np.where(known, numbers, 0.0).astype(np.int64)


def _cell_of(number: int) -> Cell | None:
    return ((number - 1) // 361 - 90, (number - 1) % 361 - 180) if number else None


def _steps(values: Floats, edges: Sequence[float]) -> Integers:
    """step() + 1 for each value."""
    return np.where(values <= UNKNOWN, 0, np.searchsorted(edges, values, side="right") + 1)


def count(store: Store, words: Words, samples: int) -> Counted:
    """Count the marks that a store shows; words are people's, by photo sha256 and mark id."""
    counted = Counted(samples)
    left = without_file(store, words)
    counted.without_file = sum(map(len, left.values()))
    words = {photo: some for photo, some in words.items() if photo not in left}
    counted.conflicts = sum(word.status == "conflict" for some in words.values() for word in some.values())
    with reading(store.engine) as connection, in_binary(connection), no_collecting():
        counted.decided = decided_in(store, connection, words)
        for batch in every_mark(connection, {one.facts.number for one in counted.decided if one.facts}, counted.codes):
            counted.add(batch)
    return counted


def cell(latitude: float | None, longitude: float | None) -> Cell | None:
    """The square of one degree around a place."""
    return None if latitude is None or longitude is None else (round(latitude), round(longitude))


def step(value: float | None, edges: Sequence[float]) -> int:
    """Which step of a quality a value is on: 0 below the first edge; -1 where it was not measured.

    >>> step(0.05, (0.2, 0.4)), step(0.2, (0.2, 0.4)), step(0.9, (0.2, 0.4)), step(None, (0.2, 0.4))
    (0, 1, 2, -1)
    """
    return -1 if value is None else sum(value >= edge for edge in edges)
