"""Labels of photos: our JSON Lines, and what ImageFolder, COCO and Label Studio have, as one type.

    photos/labels.jsonl    {"file": "a.jpg", "elements": ["188", "75"], "code": "188", "object": "case 4", "site": "S2"}
    photos/CODE/a.jpg      ImageFolder: the folder's name is the code
    photos/x.json          a COCO file, or a Label Studio export

File names are taken as below photos/. What is wrong goes to faults with the line it stands on; in JSON files that are
not lines, the line of the photo's name.
"""

from __future__ import annotations

import json
import math
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from vision.catalogue.tables import Faults
from vision.training.sets.schema import KINDS, PHOTOS, Label

LINES = "labels.jsonl"
_MOST_BYTES = 64 * 1024 * 1024
_MOST_WORDS, _LONGEST = 60, 200
_KNOWN = {"file", "kind", "elements", "code", "object", "site", "stratum", "box", "country", "manufacturer", "year",
          "quality", "metal", "notes", "severity", "upside_down", "by", "at"}  # fmt: skip
SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".heic")
_LOCAL = "/data/local-files/?d="  # how Label Studio addresses files of its own machine
_UPLOADED = re.compile(r"/data/upload/\d+/((?:[0-9a-f]{4,12}-)?(.+))")
_CONTROL = "reading"  # what the text control of a Label Studio project must be called


def read_labels(
    folder: Path, faults_of: Callable[[str], Faults], countries: Container[str], codes: Container[str]
) -> tuple[Label, ...]:
    """The labels of a set's photos, in the order they stand; faults_of gives where a file's faults go. countries may be
    named, codes are those of the set's marks."""
    photos = folder / PHOTOS
    if not photos.is_dir() or photos.is_symlink():
        return ()
    found: list[Label] = []
    files = [photos / LINES, *sorted(path for path in photos.glob("*.json") if not path.name.startswith("."))]
    for path in files:
        if not path.is_file() or path.is_symlink():
            continue
        faults = faults_of(f"{PHOTOS}/{path.name}")
        text = _text(path, faults)
        if text is not None:
            found += _lines(text, faults, countries) if path.name == LINES else _whole(text, photos, faults)
    if found or any(path.is_file() for path in files):
        return tuple(found)
    _check_depth(photos, codes, faults_of)
    return _by_folder(photos)


def _text(path: Path, faults: Faults) -> str | None:
    if path.stat().st_size > _MOST_BYTES:
        faults.add(1, f"larger than {_MOST_BYTES // 2**20} MiB; part the labels into several sets")
        return None
    data = path.read_bytes().removeprefix(BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        faults.add(data[: error.start].count(b"\n") + 1, "not UTF-8; save the file as UTF-8")
        return None


def _lines(text: str, faults: Faults, countries: Container[str]) -> Iterator[Label]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            one = _json(line, number, faults)
            if one is not None and not isinstance(one, dict):
                faults.add(number, 'a line must be an object: {"file": "a.jpg", "elements": ["188", "75"]}')
            elif one is not None:
                _check_facts(one, number, faults, countries)
                label = _label(one, number, faults)
                if label:
                    yield label


def _check_facts(one: Mapping[str, Any], line: int, faults: Faults, countries: Container[str]) -> None:
    """Faults of what is not learnt from, but evaluated by."""
    year, said = one.get("year"), one.get("country")
    if year not in (None, "") and not (re.fullmatch(r"\d{4}", str(year)) and 1800 <= int(year) <= 2100):
        faults.add(line, f"year must be a year like 1975; got {str(year)[:80]!r}")
    for country in said if isinstance(said, list) else [said]:
        if country not in (None, "") and (not isinstance(country, str) or country.upper() not in countries):
            faults.add(line, f"country must be a code of countries.csv like RU; got {str(country)[:80]!r}")


def _json(text: str, line: int, faults: Faults) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        at = line + getattr(error, "lineno", 1) - 1
        faults.add(at, f"not JSON: {str(error)[:120]}; correct the line, or write it anew")
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys each stand once."""
    for key in (key for key, _ in pairs):
        if sum(key == other for other, _ in pairs) > 1:
            raise ValueError(f"the key {key[:80]!r} stands twice")
    return dict(pairs)


def _label(one: Mapping[str, Any], line: int, faults: Faults) -> Label | None:
    """One label, None with faults where it cannot be taken."""
    before = len(faults.found)
    for key in one:
        if key not in _KNOWN:
            faults.add(line, f"{key[:80]!r} is not known; remove it, or use one of {', '.join(sorted(_KNOWN))}")
    file, kind, elements = one.get("file"), one.get("kind", "headstamp"), one.get("elements", [])
    if not isinstance(file, str) or not file:
        faults.add(line, "file is missing; name the photo, as below photos/")
    if kind not in KINDS:
        faults.add(line, f"kind must be one of {', '.join(KINDS)}; got {str(kind)[:80]!r}")
    if not isinstance(elements, list) or not all(isinstance(e, str) and 0 < len(e) <= _LONGEST for e in elements):
        faults.add(line, 'elements must be a list of texts as stamped, like ["188", "<star>"]')
    elif len(elements) > _MOST_WORDS:
        faults.add(line, f"{len(elements)} elements; a mark has at most {_MOST_WORDS}: label one mark a line")
    elif any(e.count("<") != e.count(">") for e in elements):
        faults.add(line, 'a symbol in elements must be closed: "<name>"')
    elif kind not in ("none", "packaging") and kind in KINDS and not elements:
        faults.add(line, 'elements is empty; write what is struck, or give kind "none"')
    words = {key: one.get(key) or "" for key in ("code", "object", "site", "stratum")}
    for key, value in words.items():
        if not isinstance(value, str) or len(value) > _LONGEST:
            faults.add(line, f"{key} must be a text of at most {_LONGEST} characters")
    box = _box(one.get("box"), line, faults)
    if len(faults.found) > before or kind not in KINDS or not isinstance(file, str):
        return None
    return Label(f"{PHOTOS}/{file}", line, faults.file, kind, tuple(elements), box=box, **words)


def _box(box: Any, line: int, faults: Faults) -> tuple[float, float, float, float] | None:
    if box is None:
        return None
    numbers = isinstance(box, list) and len(box) == 4 and all(
        isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in box
    )  # fmt: skip
    if not numbers or box[0] >= box[2] or box[1] >= box[3] or min(box) < -1:
        faults.add(line, "box must be [left, top, right, bottom] in pixels of the turned photo")
        return None
    return (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


def _whole(text: str, photos: Path, faults: Faults) -> Iterator[Label]:
    """The labels of a COCO file or of a Label Studio export."""
    content, before = _json(text, 1, faults), len(faults.found)
    if content is None:
        return
    if isinstance(content, dict) and isinstance(content.get("images"), list):
        found = list(_coco(content, faults))
    elif isinstance(content, list) and all(isinstance(task, dict) and "data" in task for task in content):
        found = list(_label_studio(content, photos, faults))
    else:
        faults.add(1, "neither COCO (images, annotations) nor Label Studio tasks (data, annotations); use labels.jsonl")
        return
    if not found and len(faults.found) == before:
        faults.add(1, "no photo in it has a label; label some and export it again, or remove the file")
    rows = text.split("\n")
    at: dict[str, int] = {}
    for one in found:
        name = str(one["file"])
        if name not in at:
            wanted = json.dumps(name)[1:-1].rsplit("/", 1)[-1]
            at[name] = next((n for n, row in enumerate(rows, start=1) if wanted in row), 1)
        label = _label(one, at[name], faults)
        if label:
            yield label


def _coco(content: Mapping[str, Any], faults: Faults) -> Iterator[dict[str, Any]]:
    """COCO boxes are (left, top, width, height); what is read stands in attributes.reading, else in the category."""
    annotations, categories = content.get("annotations", []), content.get("categories", [])
    if not isinstance(annotations, list) or not isinstance(categories, list):
        faults.add(1, "annotations and categories must be lists, as COCO has them")
        return
    names = {c.get("id"): str(c.get("name", "")) for c in categories if isinstance(c, dict) and _plain(c.get("id"))}
    files = {i.get("id"): i.get("file_name") for i in content["images"] if isinstance(i, dict) and _plain(i.get("id"))}
    for number, one in enumerate(annotations, start=1):
        key = one.get("image_id") if isinstance(one, dict) else None
        if not _plain(key) or key not in files:
            faults.add(1, f"annotation {number} is of image {str(key)[:40]!r}, which images does not have; remove it")
            continue
        attributes = one.get("attributes") if isinstance(one.get("attributes"), dict) else {}
        category = names.get(one.get("category_id"), "") if _plain(one.get("category_id")) else ""
        reading = attributes.get("reading") or ("" if category in KINDS else category)
        box = one.get("bbox")
        well = isinstance(box, list) and len(box) == 4 and all(isinstance(v, int | float) for v in box)
        yield {
            "file": str(files[key]),
            "kind": category if category in KINDS else "headstamp",
            "elements": split_elements(str(reading)),
            "code": str(attributes.get("code") or ("" if category in KINDS else category)),
            "object": str(attributes.get("object") or ""),
            "site": str(attributes.get("site") or ""),
            "box": [box[0], box[1], box[0] + box[2], box[1] + box[3]] if well else box,
        }


def _plain(value: Any) -> bool:
    return isinstance(value, int | str)


def _label_studio(tasks: list[Any], photos: Path, faults: Faults) -> Iterator[dict[str, Any]]:
    """What people annotated, once where several said the same; predictions are guesses, and cancelled annotations were
    taken back: both are left out."""
    none, others = True, set()
    for task in tasks:
        name, said = _photo_name(task["data"], photos), []
        for annotation in _dicts(task.get("annotations")):
            results = [] if annotation.get("was_cancelled") else _dicts(annotation.get("result"))
            kinds = [_kind(r) for r in results if r.get("type") == "polygonlabels"]
            readings = [_typed(r) for r in results if r.get("from_name") == _CONTROL]
            others |= {str(r.get("from_name")) for r in results if r.get("from_name") != _CONTROL and _typed(r)}
            elements = [e for reading in readings for e in split_elements(reading)]
            one = {"file": name, "kind": next((k for k in kinds if k in KINDS), "headstamp"), "elements": elements}
            if elements and one not in said:
                said.append(one)
        none = none and not said
        yield from said
    if none and others:
        names = ", ".join(sorted(others))[:80]
        faults.add(1, f"nothing is typed in a control named {_CONTROL!r}, only in {names}; name the control so")


def _photo_name(data: Any, photos: Path) -> str:
    """The name of a task's photo below photos/. Label Studio puts some letters before the name of a file that was
    uploaded to it."""
    held = data if isinstance(data, dict) else {}
    name = str(held.get("photo") or unquote(str(held.get("image", "")).removeprefix(_LOCAL)))
    uploaded = _UPLOADED.fullmatch(name)
    if uploaded is None:
        return name
    return uploaded[1] if (photos / uploaded[1]).is_file() else uploaded[2]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _typed(result: Mapping[str, Any]) -> str:
    value = result.get("value")
    text = value.get("text") if isinstance(value, dict) else ""
    return " ".join(str(t) for t in text) if isinstance(text, list) else str(text or "")


def _kind(result: Mapping[str, Any]) -> str:
    value = result.get("value")
    labels = value.get("polygonlabels") if isinstance(value, dict) else None
    return str(labels[0]) if isinstance(labels, list) and labels else ""


def split_elements(text: str) -> list[str]:
    """A reading as its elements: parted by blanks, dots in the middle and bars, but not inside angle brackets.

    >>> split_elements("188 · <nato cross> 75")
    ['188', '<nato cross>', '75']
    """
    parts, inside = [""], False
    for c in text:
        inside = (inside or c == "<") and c != ">"
        if not inside and (c.isspace() or c in "·|"):
            parts.append("")
        else:
            parts[-1] += c
    return [part for part in parts if part]


def _by_folder(photos: Path) -> tuple[Label, ...]:
    """ImageFolder: the folder a photo lies in is its code."""
    found = []
    for path in _photos(photos, "*/*"):
        code = path.parent.name
        name = f"{PHOTOS}/{code}/{path.name}"
        found.append(Label(name, 1, name, "headstamp", tuple(split_elements(code)), code))
    return tuple(found)


def _check_depth(photos: Path, codes: Container[str], faults_of: Callable[[str], Faults]) -> None:
    """A fault for each folder that holds folders named by their code, as train/ does: they are not looked into."""
    seen: set[str] = set()
    for path in _photos(photos, "*/*/*"):
        above = path.parent.parent.name
        if path.parent.name in codes and above not in seen:
            seen.add(above)
            named = f"{above}/{path.parent.name}"
            faults_of(f"{PHOTOS}/{above}").add(
                1, f"{named} is one folder too deep; move what is in {above} to {PHOTOS}/"
            )


def _photos(folder: Path, form: str) -> list[Path]:
    """The photos of that form below a folder, those left out that an operating system hides."""
    found = (path for path in folder.glob(form) if path.suffix.lower() in SUFFIXES)
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
