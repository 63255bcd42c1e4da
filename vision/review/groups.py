"""Deciding for many marks that are alike at once, after a sample of them was looked at one by one."""

from __future__ import annotations

import hashlib
import json
import math
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vision.review import acts
from vision.review.acts import Choice, Level, Person, Refused, Screen, accepted
from vision.review.desk import Desk
from vision.review.ledger import Ledger
from vision.review.marks import MOST_IN_GROUP, MarkRow, Marks
from vision.review.page import item

LEAST_SAMPLE = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Open marks that are alike; sample holds the numbers of those that must be looked at, drawn by chance."""

    rows: tuple[MarkRow, ...]
    sample: frozenset[int]


def gather(marks: Marks, ledger: Ledger, row: MarkRow) -> Group:
    """The open marks that are like row, at most MOST_IN_GROUP, and a sample as large as the square root of them.

    The sample is drawn by the group's own marks: asking again does not give another one.
    """
    rows = tuple(r for r in marks.like_open(row, ledger))[:MOST_IN_GROUP]
    size = min(len(rows), max(LEAST_SAMPLE, math.isqrt(max(0, len(rows) - 1)) + 1))
    seed = hashlib.sha256(json.dumps([r.number for r in rows]).encode()).hexdigest()
    return Group(rows, frozenset(random.Random(seed).sample([r.number for r in rows], size)))


def summary(rows: list[MarkRow]) -> dict[str, Any]:
    """A group in the list of groups."""
    return {"number": rows[0].number, "count": len(rows), "reading": rows[0].reading, "maker": rows[0].maker}


def seal(desk: Desk, person: Person, group: Group, pattern: str) -> str:
    """The group as a form carries it: its key, the candidate, its marks with the records shown, the sample."""
    shown = []
    for row in group.rows:
        photo = desk.source.photo(row.photo)
        if photo is not None:
            shown.append([row.number, photo.record_sha256[:16], desk.ledger.standing(*row.key).latest])
    return acts.seal(desk.secret, "group", [secrets.token_hex(16), person.name, pattern, shown, sorted(group.sample)])


def decide(desk: Desk, person: Person, form: Mapping[str, str], level: Level) -> tuple[int, int]:
    """Accept a sealed group's candidate for every mark of it that was not left out: how many were kept, and how many
    had changed.

    Raises UsageError unless every mark of the sample was looked at, and all of them belong: the sample stands for the
    marks that nobody looked at, so one that does not belong speaks against them too.
    """
    key, name, pattern, shown, sample = acts.unseal(desk.secret, "group", form.get("group", ""))
    left_out = {int(field[4:]) for field in form if field.startswith("out_") and field[4:].isdecimal()}
    if name != person.name or not all(f"seen_{number}" in form for number in sample):
        raise Refused("group_all_checked")
    if left_out & set(sample):
        raise Refused("group_not_one")
    chosen: list[tuple[Screen, Choice]] = []
    for number, record, latest in shown:
        if number not in left_out and (one := _one(desk, person, number, pattern, level, record, latest, key)):
            chosen.append(one)
    kept, changed = desk.decide_group(chosen, person, key)
    return kept, changed + len(shown) - len(left_out & {n for n, _, _ in shown}) - len(chosen)


def _one(
    desk: Desk, person: Person, number: int, pattern: str, level: Level, record: str, latest: int, key: str
) -> tuple[Screen, Choice] | None:
    """The screen and choice of one mark of a group, None where its record changed or has no such candidate."""
    row = desk.marks.by_number.get(number)
    photo = desk.source.photo(row.photo) if row else None
    found = item(row, photo) if row and photo else None
    if row is None or photo is None or found is None or photo.record_sha256[:16] != record:
        return None
    candidate = next((c for c in found.candidates if c["pattern"] == pattern), None)
    if candidate is None:
        return None
    bare = desk.screen(row, photo, [pattern], person)
    fields = {name: getattr(bare, name) for name in Screen.__slots__}
    own = hashlib.sha256(f"{key} {number}".encode()).hexdigest()[:32]
    return Screen(**fields | {"key": own, "latest": latest}), accepted(candidate, level)
