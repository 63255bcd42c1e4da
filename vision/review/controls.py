"""Known controls: marks whose answer was known before, seeded among the others, and how people did on them.

A control looks like any other mark; nothing on the page or in its form tells it apart. The file is JSON Lines, one
control a line: {"photo": sha256, "mark": id, "country": "RU"} with "maker" or "pattern" where more is known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vision.errors import UsageError
from vision.review.ledger import Ledger, MarkKey, Said

Controls = Mapping[MarkKey, tuple[str, str, str]]  # country, maker, pattern; "" where it is not known


@dataclass(frozen=True, slots=True)
class Score:
    """One reviewer's figures. right, wrong and untold (cannot tell, none of these) count controls only."""

    name: str
    decisions: int
    right: int
    wrong: int
    untold: int
    blind: int
    conflicts: int


def read_controls(path: Path) -> Controls:
    """The controls of a file. Raises UsageError naming the line that is not one."""
    found: dict[MarkKey, tuple[str, str, str]] = {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(f"The controls {path} cannot be read: {fault}.") from fault
    for number, line in enumerate(lines, start=1):
        try:
            said = json.loads(line)
            key = (str(said["photo"]), str(said["mark"]))
            found[key] = (str(said["country"]), str(said.get("maker", "")), str(said.get("pattern", "")))
        except (ValueError, KeyError, TypeError) as fault:
            raise UsageError(f"{path}:{number}: not a control with photo, mark and country.") from fault
    return found


def is_right(said: Said, truth: tuple[str, str, str]) -> bool | None:
    """Whether what was named fits the truth as far as both go; None where nothing was named."""
    if not said.named:
        return None
    return all(named == known for named, known in zip(said.named, truth, strict=False) if known)


def scores(ledger: Ledger, controls: Controls) -> list[Score]:
    """Every reviewer's figures, by name. What was taken back does not count; of a mark, the newest word does."""
    counts: dict[str, dict[str, int]] = {}
    for key, standing in list(ledger.marks.items()):
        for name, said in standing.by_person.items():
            own = counts.setdefault(
                name, dict.fromkeys(("decisions", "right", "wrong", "untold", "blind", "conflicts"), 0)
            )
            own["decisions"] += 1
            own["blind"] += bool(said.body["blind"])
            own["conflicts"] += standing.state == "conflict"
            if key in controls:
                right = is_right(said, controls[key])
                own["untold" if right is None else "right" if right else "wrong"] += 1
    return [Score(name, **own) for name, own in sorted(counts.items())]
