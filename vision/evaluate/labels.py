"""Labels of photos and records of a run, from files that people and programs wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vision.errors import UsageError

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """What a person says a photo shows, one mark. codes, countries are what would be right, empty where not labelled;
    strata are the groups it counts in ("stratum: phone", "quality: poor", "script: cyrillic", ...)."""

    file: str
    kind: str
    elements: tuple[str, ...]
    codes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    manufacturer: str = ""
    year: int | None = None
    box: tuple[float, float, float, float] | None = None
    strata: tuple[str, ...] = ()


def read_labels(path: Path) -> list[LabelledPhoto]:
    """The labels of a JSON Lines file. Raises UsageError with the line that is none."""
    found = []
    for number, one in read_lines(path):
        try:
            found.append(label_of(one))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(f"{path.name}:{number}: no label ({type(error).__name__}: {error}).") from error
    if not found:
        raise UsageError(f"{path} has no labels.")
    return found


def read_records(path: Path) -> list[Record]:
    """The records of a JSON Lines file. Raises UsageError with a line that is none."""
    found: list[Record] = []
    for number, one in read_lines(path):
        photo = one.get("photo")
        if not isinstance(photo, dict) or not isinstance(photo.get("path"), str):
            raise UsageError(f"{path.name}:{number}: no record of a photo.")
        found.append(one)
    return found


def read_lines(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file with the numbers of their lines. Raises UsageError with a line that is none."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8: save it as UTF-8.") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                one = json.loads(line)
            except ValueError as error:
                raise UsageError(f"{path.name}:{number}: not JSON.") from error
            if not isinstance(one, dict):
                raise UsageError(f"{path.name}:{number}: a line must be an object.")
            yield number, one


def label_of(one: Mapping[str, Any]) -> LabelledPhoto:
    """A label from the fields of its line. Raises KeyError, TypeError, ValueError or AttributeError where one is not as
    it must be."""
    elements = tuple(str(e) for e in one.get("elements") or ())
    box = one.get("box")
    return LabelledPhoto(
        file=str(one["file"]),
        kind=str(one.get("kind", "headstamp")),
        elements=elements,
        codes=_many(one.get("code")),
        countries=tuple(c.upper() for c in _many(one.get("country"))),
        manufacturer=str(one.get("manufacturer") or ""),
        year=int(one["year"]) if one.get("year") else None,
        box=(float(box[0]), float(box[1]), float(box[2]), float(box[3])) if box else None,
        strata=tuple(_strata(one, elements)),
    )


def _many(value: Any) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list) else (str(value),) if value else ()


def _strata(one: Mapping[str, Any], elements: tuple[str, ...]) -> Iterable[str]:
    yield "all"
    for key in ("stratum", "quality", "metal", "kind"):
        if one.get(key):
            yield f"{key}: {one[key]}"
    if elements:
        yield f"script: {script(elements)}"
    if one.get("manufacturer"):
        yield f"maker: {one['manufacturer']}"
    box = one.get("box")
    if box:
        side = max(box[2] - box[0], box[3] - box[1])
        yield "head: " + ("under 400 px" if side < 400 else "400 to 1000 px" if side < 1000 else "over 1000 px")
    if isinstance(one.get("severity"), int | float):
        yield "wear: " + ("little" if one["severity"] < 1 / 3 else "some" if one["severity"] < 2 / 3 else "much")


def script(elements: Iterable[str]) -> str:
    """The script of a mark: one name, "mixed" for several, digits and symbols not counted.

    >>> script(["ППУ", "75"]), script(["188", "<star>"])
    ('cyrillic', 'none')
    """
    ranges = (("latin", "A", "ɏ"), ("greek", "Ͱ", "Ͽ"), ("cyrillic", "Ѐ", "ԯ"), ("armenian", "԰", "֏"),
              ("hebrew", "֐", "׿"), ("arabic", "؀", "ۿ"), ("georgian", "Ⴀ", "ჿ"), ("chinese", "㐀", "鿿"))  # fmt: skip
    letters = [c for e in elements if not e.startswith("<") for c in e if c.isalpha()]
    names = {next((n for n, low, high in ranges if low <= c <= high), "other") for c in letters}
    return "none" if not names else names.pop() if len(names) == 1 else "mixed"
