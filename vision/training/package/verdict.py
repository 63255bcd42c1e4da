"""What comparing a package with another model came to: on photos (marktrace evaluate), which allows it to be used, and
on renders when it was trained, which can only forbid it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vision.text import visible

# The keys of package.json under which the two stand.
COMPARED, RENDERED = "compared_on_photos", "compared_on_renders"
WORSE, NOT_WORSE = "worse", "not worse"
# How the card's line on photos begins.
_ON_PHOTOS = "Compared on photos: "


@dataclass(frozen=True, slots=True)
class Verdict:
    """to is the other model's manifest, by its sha256; worse_on are the guarded strata that lost."""

    to: str
    worse: bool
    worse_on: tuple[str, ...]


def read_verdict(facts: Mapping[str, Any], key: str) -> Verdict | None:
    """The verdict under a key of package.json, None where there is none that can be read."""
    said = facts.get(key)
    if (
        not isinstance(said, dict)
        or said.get("verdict") not in (WORSE, NOT_WORSE)
        or not isinstance(said.get("to"), str)
    ):
        return None
    named = said.get("worse_on")
    return Verdict(said["to"], said["verdict"] == WORSE, tuple(map(str, named)) if isinstance(named, list) else ())


def written_verdict(to: str, on: str, worse_on: list[str]) -> dict[str, Any]:
    """A verdict as package.json has it."""
    return {"to": to, "on": on, "verdict": WORSE if worse_on else NOT_WORSE, "worse_on": worse_on}


def photos_line(facts: Mapping[str, Any]) -> str:
    """The card's line on what photos say."""
    said = read_verdict(facts, COMPARED)
    if said is None:
        return f"{_ON_PHOTOS}not yet."
    on = f" on {visible(', '.join(said.worse_on))}" if said.worse_on else ""
    return f"{_ON_PHOTOS}{WORSE if said.worse else NOT_WORSE} than the model of manifest `{said.to[:16]}`{on}."


def with_photos_line(card: str, facts: Mapping[str, Any]) -> str:
    """A card that says what facts say of photos, in the line that is there for it, else in one at its end."""
    line, lines = photos_line(facts), card.rstrip("\n").split("\n")
    told = [line if one.startswith(_ON_PHOTOS) else one for one in lines]
    return "\n".join(told if line in told else [*lines, "", line]) + "\n"
