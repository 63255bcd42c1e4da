"""One labelled photo's score: was the mark found, what was read, what was proposed, and was it stated safely."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vision.evaluate.labels import LabelledPhoto, Record
from vision.evaluate.words import ReadingScore, plain, score_reading

_STATED = ("pattern", "maker", "state")
_ALIKE = 0.75
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Score:
    """What one photo came to; None where the label does not say what would be right.

    probability is the first candidate's; covered says whether the truth is in the set that is held to the risk; wrong
    stated is a photo without a mark for which an origin was stated anyway.
    """

    photo: LabelledPhoto
    reading: ReadingScore
    answered: bool
    found: bool | None
    code_first: bool | None
    code_five: bool | None
    country_first: bool | None
    year: bool | None
    probability: float | None
    covered: bool | None
    abstained: bool
    sure_wrong: bool
    stated_wrongly: bool


def score_all(labels: Sequence[LabelledPhoto], records: Mapping[str, Record]) -> list[Score]:
    """The score of every labelled photo, read or not, in the labels' order; records stand under the labels' files."""
    return [score(label, records.get(label.file) or {}) for label in labels]


def score(label: LabelledPhoto, record: Record) -> Score:
    """The score of one photo."""
    marks = record.get("marks") or []
    stated = any((mark.get("attribution") or {}).get("level") in _STATED for mark in marks)
    if label.kind == "none":
        return Score(label, score_reading([], []), bool(marks), None, None, None, None, None, None, None, False, False,
                     stated)  # fmt: skip
    tries = [(score_reading(label.elements, _texts(mark)), mark) for mark in marks]
    best = max(tries, key=lambda one: (one[0].characters, one[0].words_right), default=None)
    reading = best[0] if best else score_reading(label.elements, [])
    said = (best[1].get("attribution") or {}) if best else {}
    candidates: list[Mapping[str, Any]] = said.get("candidates") or []
    unknown = said.get("level") == "unknown"
    first = candidates[0] if candidates else None
    known, right_country = bool(label.countries), bool(first and str(first.get("country")).upper() in label.countries)
    probability = float(first.get("probability") or 0.0) if first and known else None
    return Score(
        photo=label,
        reading=reading,
        answered=bool(best and _texts(best[1])),
        found=any(is_there(label.box, mark.get("outline") or ()) for mark in marks) if label.box else None,
        code_first=bool(first and same_origin(label, first)) if known else None,
        code_five=any(same_origin(label, c) for c in candidates[:5]) if known else None,
        country_first=right_country and not unknown if known else None,
        year=_year_right(label.year, first) if label.year else None,
        probability=probability,
        covered=_covered(label, said) if known else None,
        abstained=unknown,
        sure_wrong=bool(known and probability is not None and probability >= SURE and not right_country),
        stated_wrongly=False,
    )


def _texts(mark: Mapping[str, Any]) -> list[str]:
    return [str(e.get("text", "")) for e in (mark.get("reading") or {}).get("elements", [])]


def _year_right(year: int, first: Mapping[str, Any] | None) -> bool:
    """Whether the year stands in a range of at most two years."""
    said = (first.get("year") or {}) if first else {}
    start, end = said.get("from") or 0, said.get("to") or said.get("from") or 0
    return bool(said) and start <= year <= end and (said.get("to") or 0) - start <= 1


def _covered(label: LabelledPhoto, said: Mapping[str, Any]) -> bool | None:
    """Whether the states of the set that is held to the risk hold the truth: the labelled country, or "unknown" where
    no candidate is of it; None for records without a set."""
    states = (said.get("set") or {}).get("states")
    if not isinstance(states, list):
        return None
    known = {str(candidate.get("country")).upper() for candidate in said.get("candidates") or []}
    truth = known.intersection(label.countries) or {"unknown"}
    return any(state in states for state in truth)


def is_there(box: tuple[float, float, float, float], outline: Sequence[Sequence[float]]) -> bool:
    """Whether an outline sits where the box is: centre within a quarter of its side, size within half to one and a
    half."""
    if not outline:
        return False
    xs, ys = [p[0] for p in outline], [p[1] for p in outline]
    side = max(box[2] - box[0], box[3] - box[1])
    dx, dy = (min(xs) + max(xs) - box[0] - box[2]) / 2, (min(ys) + max(ys) - box[1] - box[3]) / 2
    size = max(max(xs) - min(xs), max(ys) - min(ys))
    return bool((dx * dx + dy * dy) ** 0.5 < side / 4 and 0.5 < size / side < 1.5)


def same_origin(label: LabelledPhoto, candidate: Mapping[str, Any]) -> bool:
    """Whether a candidate is the labelled country and its code or maker."""
    if str(candidate.get("country") or "").upper() not in label.countries:
        return False
    codes, name = [plain(code) for code in label.codes], label.manufacturer.casefold()
    if plain(str(candidate.get("code") or "")) in codes or not (codes or name):
        return True
    other = str(candidate.get("manufacturer") or "").casefold()
    if not name or not other:
        return False
    shared = {w for w in _words(name) if len(w) > 3} & set(_words(other.replace(",", " ")))
    return bool(shared) or difflib.SequenceMatcher(None, name, other).ratio() > _ALIKE


def _words(text: str) -> list[str]:
    return text.replace("(", " ").replace(")", " ").split()
