"""What is left out of an export on request: places, and serial numbers.

Stripping happens to the items, before any format sees them. Free text goes too, since people write places and numbers
into notes, and so do the reasons that quote what was read. Accepted: a file name that tells a place stays, because
every row needs to name its photo.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from vision.archive.exports.items import Item, Word

Mask = Callable[[dict[str, Any]], dict[str, Any]]

HIDDEN = "•"


def stripped(items: Iterable[Item], *, gps: bool, serials: Mask | None) -> Iterator[Item]:
    """The items without places (gps) and with serial numbers hidden by the function given."""
    for item in items:
        record, words = dict(item.record), dict(item.words)
        if gps:
            record["photo"] = {**record["photo"], "place": None}
        if serials:
            kinds = {mark["id"]: mark["kind"] for mark in record["marks"]}
            record = serials(copy.deepcopy(record))
            words = {name: _without_serial(word, kinds.get(name, word.kind)) for name, word in words.items()}
        if gps or serials:
            words = {name: replace(word, note="") for name, word in words.items()}
        yield replace(item, record=record, words=words)


def _without_serial(word: Word, kind: str) -> Word:
    return replace(word, reading=HIDDEN * len(word.reading)) if kind == "serial" else word
