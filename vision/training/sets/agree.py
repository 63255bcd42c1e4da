"""Labels of one photo held against each other: none stands twice, and none says what another denies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from vision.catalogue.tables import Faults
from vision.training.sets.schema import Label


def check_agree(labels: Iterable[Label], faults_of: Callable[[str], Faults]) -> None:
    """A fault for each label that says the same as one before it of the photo, or contradicts it."""
    before: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        against = next((why for other in before[label.file] if (why := _against(label, other))), "")
        if against:
            faults_of(label.source).add(label.line, f"{label.file[:120]}: {against}")
        before[label.file].append(label)


def _against(label: Label, other: Label) -> str:
    """Why two labels of one photo cannot both stand, "" where they can: marks with a box each are several."""
    place = f"line {other.line}" if other.source == label.source else f"{other.source}:{other.line}"
    one_place = (label.kind, label.box) == (other.kind, other.box)
    if one_place and (label.elements, label.code) == (other.elements, other.code):
        return f"the same label as {place}; keep one of them, or give each mark its box"
    if (label.kind == "none") != (other.kind == "none"):
        return f"{place} says otherwise, whether a mark is there; correct one of them"
    if one_place and label.kind == "headstamp":
        return f"{place} says otherwise of the same mark; correct one of them, or give each mark its box"
    return ""
