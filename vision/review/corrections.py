"""Corrections to the marking set: what people read that no row explains, as a marking set of its own to train from.

The folder holds the photos that people read, their labels, the rows of the set that these name, and a proposed row for
each maker whom people named on a mark with a code that no row of theirs has. A proposal is grade C, a lead and no more,
until somebody who keeps the marking set raises it; its source names who said it, when, and in which entries of the log.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from vision.catalogue import MarkingSet, Pattern
from vision.catalogue.load import HEADSTAMP_COLUMNS
from vision.catalogue.schema import SCRIPTS
from vision.errors import PhotoError, UsageError
from vision.photo import open_photo
from vision.review.labels import Label
from vision.review.marks import Source
from vision.text import visible
from vision.whole import whole_folder

_SET = 'schema = "marktrace-set/1"\nname = "{name}"\nversion = "0.1"\nlicence = "not stated"\nsources = [{source}]\n'
_YEAR = re.compile(r"(?:1[89]|20)\d\d|'?\d\d")
_LONGEST = 390


def write_set(folder: Path, found: Iterable[Label], source: Source, markings: MarkingSet) -> tuple[int, int, list[str]]:
    """Write a marking set to a new folder: how many photos and proposed rows it has, and the photos left out because
    their file is gone or another one. Raises OutputError, and UsageError when there is nothing to write."""
    labels = list(found)
    if not labels:
        raise UsageError(
            "Nobody has read a mark yet that could be learnt from: type readings with the key E, or blind."
        )
    with whole_folder(folder) as partial:
        (partial / "photos").mkdir()
        copied: dict[str, str] = {}
        for label in labels:
            if label.photo not in copied and (data := _bytes(source.locate(label.photo), label.photo)) is not None:
                copied[label.photo] = _name(label.photo, str(label.facts["file"]))
                (partial / "photos" / copied[label.photo]).write_bytes(data)
        kept = [label for label in labels if label.photo in copied]
        rows, proposed = _rows(kept, markings), proposals(kept, markings)
        lines = (
            json.dumps({**label.facts, "file": copied[label.photo], "code": _code(label, markings)}, ensure_ascii=False)
            for label in kept
        )
        (partial / "photos" / "labels.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        (partial / "markings.csv").write_text(_csv([*map(_row, rows), *proposed]), "utf-8")
        people = sorted({name for label in labels for name in label.people})
        told = json.dumps(f"decisions of {', '.join(people)} in marktrace's decision log", ensure_ascii=False)
        (partial / "set.toml").write_text(_SET.format(name="decisions", source=told), "utf-8")
    gone = sorted({label.photo for label in labels} - set(copied))
    return len(copied), len(proposed), [source.locate(photo) or photo for photo in gone]


def proposals(labels: Iterable[Label], markings: MarkingSet) -> list[dict[str, str]]:
    """Rows for the codes that people read on heads and whose maker they named, where no row of that maker has the
    code."""
    together: dict[tuple[str, str, str], list[Label]] = defaultdict(list)
    for label in labels:
        maker, code = str(label.facts.get("manufacturer", "")), code_of(label.facts["elements"], markings)
        if label.facts["kind"] == "headstamp" and maker and code and not _explaining(label, markings):
            together[code, maker, str(label.facts["country"])].append(label)
    return [_proposed(*key, said, markings) for key, said in sorted(together.items())]


def _explaining(label: Label, markings: MarkingSet) -> Pattern | None:
    """The row that was named, where one was, else a row of the maker that was named whose code stands in the reading.

    A named row whose code does not stand in the reading explains nothing: the reading corrects it.
    """
    maker, country = label.facts.get("manufacturer"), label.facts.get("country")
    read = {one.casefold() for one in label.facts["elements"]}
    own = [pattern for pattern in markings.patterns if (pattern.manufacturer, pattern.country) == (maker, country)]
    for pattern in sorted(own, key=lambda pattern: pattern.id != label.pattern):
        if any({part.casefold() for part in way} <= read for way in pattern.stampings):
            return pattern
    return None


def _rows(labels: Iterable[Label], markings: MarkingSet) -> list[Pattern]:
    """The rows of the marking set that explain labels."""
    found = (_explaining(label, markings) for label in labels)
    return sorted({pattern.id: pattern for pattern in found if pattern}.values(), key=lambda pattern: pattern.id)


def _code(label: Label, markings: MarkingSet) -> str:
    """The code that a label stands for: that of the row that explains it, else the proposed one; "" for neither."""
    row = _explaining(label, markings)
    if row is not None or label.facts["kind"] != "headstamp" or not label.facts.get("manufacturer"):
        return row.code if row else ""
    return code_of(label.facts["elements"], markings)


def code_of(elements: Sequence[str], markings: MarkingSet) -> str:
    """The elements of a reading that are neither a year nor a calibre; "" where that leaves nothing, as it cannot be
    told then which number is the code.

    >>> from vision.catalogue import load_marking_set
    >>> code_of(["ZV", "1941", "7.92"], load_marking_set())
    'ZV'
    """
    legends = {legend.casefold() for calibre in markings.calibres for legend in calibre.legends}
    rest = [one for one in elements if not _YEAR.fullmatch(one) and one.casefold() not in legends]
    return " ".join(rest if len(elements) > 1 else elements)


def _proposed(code: str, maker: str, country: str, said: Sequence[Label], markings: MarkingSet) -> dict[str, str]:
    model = next((p for p in markings.patterns if (p.manufacturer, p.country) == (maker, country)), None)
    people = ", ".join(sorted({name for label in said for name in label.people}))
    entries = ", ".join(map(str, sorted(seq for label in said for seq in label.entries)))
    readings = "; ".join(dict.fromkeys(" ".join(label.facts["elements"]) for label in said))
    photos = ", ".join(dict.fromkeys(label.photo[:16] for label in said))
    at = max(str(label.facts["at"]) for label in said)[:10]
    slug = re.sub(r"[^a-z0-9]+", "-", unicodedata.normalize("NFKD", code).lower()).strip("-")[:30]
    tail = hashlib.sha256(f"{code}\n{maker}\n{country}".encode()).hexdigest()[:8]
    return dict.fromkeys(HEADSTAMP_COLUMNS, "") | {
        "id": "-".join(part for part in (country.lower(), slug, tail) if part),
        "code": code,
        "script": _script(code),
        "role": "maker",
        "manufacturer": maker,
        "manufacturer_native": model.manufacturer_native if model else "",
        "city": model.city if model else "",
        "country": country,
        "year_style": model.year_style if model else "two-digit",
        "notes": visible(f"Proposed from {len(said)} marks that people read as: {readings}", _LONGEST),
        "source": visible(f"decided by {people} until {at}, log entries {entries}; photos sha256 {photos}", _LONGEST),
        "grade": "C",
    }


def _script(code: str) -> str:
    """The script of a code as the table names it; several, or letters with digits, are mixed."""
    bare = re.sub("<[^>]*>", "", code)
    if not bare.strip():
        return "symbol"
    names = {unicodedata.name(letter, "?").split()[0].lower() for letter in bare if letter.isalpha()}
    found = {{"cjk": "chinese"}.get(name, name) for name in names} | ({"digits"} if re.search(r"\d", bare) else set())
    only = next(iter(found)) if len(found) == 1 else "mixed" if found else "other"
    return only if only in SCRIPTS else "other"


def _row(pattern: Pattern) -> dict[str, str]:
    """A row of the marking set as its table writes it."""
    plain = {name: getattr(pattern, name) for name in HEADSTAMP_COLUMNS}
    return {name: "" if value is None else str(value) for name, value in plain.items()} | {
        "calibres": ";".join(pattern.calibres),
        "inferred": "yes" if pattern.inferred else "",
        "stampings": " | ".join(" ".join(way) for way in pattern.stampings),
    }


def _csv(rows: Sequence[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADSTAMP_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _name(photo: str, name: str) -> str:
    """A photo's name in the set: that of its bytes, so that two of one name do not meet."""
    suffix = Path(name).suffix.lower()
    return f"{photo[:20]}{suffix if re.fullmatch(r'[.][a-z0-9]{2,5}', suffix) else '.jpg'}"


def _bytes(path: str | None, sha256: str) -> bytes | None:
    """A photo's bytes, None where they are not those that were decided on."""
    try:
        if path is None or open_photo(path).photo.sha256 != sha256:
            return None
        data = Path(path).read_bytes()
    except (PhotoError, OSError):
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None
