"""What forms do: decide, take back, read blind, add a mark, decide for a group. Each is one log entry, or none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from fastapi.responses import HTMLResponse, Response

from vision.errors import UsageError
from vision.review import groups, views
from vision.review.acts import LEVELS, Choice, Level, Person, Refused, Screen, Verdict, accepted, is_box, opened
from vision.review.desk import StaleError
from vision.review.marks import MarkRow
from vision.review.page import Item
from vision.review.web import Asked, NotThere, Web, seen_other

KINDS = ("headstamp", "serial", "factory_mark", "packaging")


def decide(web: Web, asked: Asked) -> Response:
    """Keep a decision and lead on; where the mark changed meanwhile, show it anew with what was typed."""
    screen, row = _screen(web, asked)
    if asked.form.get("enter"):
        return _again(web, asked, row, "", 200)
    try:
        choice = _choice(web, row, screen, asked.form)
        settles = {"settles": True} if asked.form.get("settle") and _may_settle(web, row, asked.person) else {}
        said = web.desk.decide(screen, choice, asked.person, **settles)
    except StaleError as fault:
        return _again(web, asked, row, asked.words(f"stale_{fault.reason}"), 409)
    except UsageError as fault:
        return _again(web, asked, row, asked.words.of(fault), 422)
    web.skipped.setdefault(asked.person.name, set()).discard(row.number)
    return seen_other("/next", **asked.filter.words(), kept=said.seq)


def undo(web: Web, asked: Asked) -> Response:
    """Take an entry back and lead to its mark."""
    number = asked.form.get("seq", "")
    if not number.isdecimal():
        raise Refused("undo_nothing")
    said = web.desk.undo(int(number[:9]), asked.form.get("key", "")[:64] or f"undo {number}", asked.person)
    row = web.desk.marks.by_key.get((str(said.body["photo"]), str(said.body["mark"])))
    return seen_other(f"/mark/{row.number}" if row else "/log", undone=said.seq)


def read_blind(web: Web, asked: Asked) -> Response:
    """Keep what a person read before any candidate was shown, and only then show them."""
    screen, row = _screen(web, asked)
    reading = "" if asked.form.get("nothing") else asked.form.get("own_reading", "").strip()
    said = web.desk.read_alone(screen, reading, asked.person)
    return seen_other(f"/mark/{row.number}", **asked.filter.words(), read=said.seq)


def new_mark(web: Web, asked: Asked) -> Response:
    """Keep a mark that a person saw and the machine did not."""
    screen, row = _screen(web, asked)
    try:
        outline = _outline(asked.form.get("outline", ""), web, row)
        kind = asked.form.get("kind", "")
        if kind not in KINDS:
            raise Refused("kind_first")
        said = web.desk.add_mark(screen, kind, outline, asked.form.get("reading", "").strip()[:400], asked.person)
    except UsageError as fault:
        return _again(web, asked, row, asked.words.of(fault), 422)
    return seen_other(f"/mark/{row.number}", **asked.filter.words(), marked=said.seq)


def decide_group(web: Web, asked: Asked) -> Response:
    """Keep a decision for every mark of a group whose sample was checked."""
    views.check_not_blind(web, asked)
    first = asked.form.get("first", "")
    number = int(first[:9]) if first.isdecimal() else -1
    level = asked.form.get("level", "")
    if asked.form.get("enter"):
        return views.group(web, asked, number)
    try:
        if level not in LEVELS:
            raise Refused("level_first")
        kept, changed = groups.decide(web.desk, asked.person, asked.form, cast(Level, level))
    except UsageError as fault:
        return views.group(web, asked, number, error=asked.words.of(fault), status=422)
    return seen_other("/groups", kept=kept, changed=changed or "")


def _screen(web: Web, asked: Asked) -> tuple[Screen, MarkRow]:
    screen = opened(asked.form.get("screen", ""), web.desk.secret)
    row = web.desk.marks.by_key.get((screen.photo, screen.mark))
    if row is None:
        raise NotThere("plain_no_mark")
    return screen, row


def _choice(web: Web, row: MarkRow, screen: Screen, form: Mapping[str, str]) -> Choice:
    """What a form says. Raises UsageError when it does not fit together, StaleError when its record is gone."""
    verdict, level, note = form.get("verdict", ""), form.get("level", ""), form.get("note", "").strip()
    reading = form.get("reading", "").strip() if verdict == "corrected" else ""
    if screen.hidden:
        raise Refused("read_first")
    if verdict == "accepted" and not screen.shown:
        return Choice("accepted", reading=_read_by_machine(web, row, screen), note=note)
    if verdict == "accepted" or (verdict == "corrected" and form.get("with_candidate")):
        candidate = _candidate(web, row, screen, form.get("pick", ""))
        if level not in LEVELS:
            raise Refused("level_first")
        if verdict == "corrected" and not reading:
            raise Refused("type_first")
        return accepted(candidate, cast(Level, level), reading=reading, note=note)
    return Choice(cast(Verdict, verdict), reading=reading, note=note)


def _candidate(web: Web, row: MarkRow, screen: Screen, pick: str) -> Mapping[str, Any]:
    """The candidate that was picked, by its place among those that were shown, counted from 0."""
    pattern = _picked(screen, pick)
    if not pattern:
        raise Refused("pick_first")
    return next(candidate for candidate in _as_shown(web, row, screen).candidates if candidate["pattern"] == pattern)


def _picked(screen: Screen, pick: str) -> str:
    """The pattern at a place among those that were shown, counted from 0; "" where there is none."""
    place = int(pick[:9]) if pick.isdecimal() else len(screen.shown)
    return screen.shown[place] if place < len(screen.shown) else ""


def _read_by_machine(web: Web, row: MarkRow, screen: Screen) -> str:
    """The reading that a page without candidates showed."""
    reading = _as_shown(web, row, screen).reading
    if not reading:
        raise Refused("no_reading")
    return reading


def _as_shown(web: Web, row: MarkRow, screen: Screen) -> Item:
    """The mark of the record that the page showed. Raises StaleError when there is a newer one."""
    _, photo, found = views.look_up(web, row.number)
    if photo.record_sha256 != screen.record:
        raise StaleError("record")
    return found


def _may_settle(web: Web, row: MarkRow, person: Person) -> bool:
    return person.role == "lead" and web.desk.ledger.standing(*row.key).state == "conflict"


def _again(web: Web, asked: Asked, row: MarkRow, error: str, status: int) -> HTMLResponse:
    """The mark's page as it is now, with what the person had typed and picked."""
    _, photo, found = views.look_up(web, row.number)
    old = opened(asked.form.get("screen", ""), web.desk.secret)
    screen = views.draw(web, asked, row, photo, found, blind=old.blind, own_reading=old.own_reading)
    shown = _picked(old, asked.form.get("pick", ""))
    picked = screen.shown.index(shown) if shown in screen.shown else 0
    return views.show(web, asked, row, found, screen, typed=asked.form, picked=picked, error=error, status=status)


def _outline(text: str, web: Web, row: MarkRow) -> list[list[float]]:
    """The four corners of a drawn box, inside the photo. Raises UsageError."""
    _, _, found = views.look_up(web, row.number)
    width, height = found.photo["width"], found.photo["height"]
    try:
        points = [[float(x), float(y)] for x, y in json.loads(text)]
    except (ValueError, TypeError, OverflowError, RecursionError) as fault:
        raise Refused("draw_first") from fault
    inside = [[min(max(0.0, x), width - 1.0), min(max(0.0, y), height - 1.0)] for x, y in points if x == x and y == y]
    if len(inside) != 4 or not is_box(inside):
        raise Refused("draw_first")
    return inside
