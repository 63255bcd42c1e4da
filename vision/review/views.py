"""The pages that are read: the start, one mark, groups, conflicts, the log, the reviewers, and the pictures on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi.responses import HTMLResponse, Response

from vision.errors import PhotoError
from vision.review import groups, page
from vision.review.acts import LEVELS, MAY_DECIDE, Screen
from vision.review.controls import scores
from vision.review.desk import steady_seconds
from vision.review.marks import MarkRow, PhotoRecord
from vision.review.web import Asked, NotAllowed, NotThere, Web, query_of, seen_other
from vision.text import visible

_BLANK = {"level": "", "reading": "", "note": "", "own_reading": "", "with_candidate": ""}
LOG_PAGE = 100


def home(web: Web, asked: Asked) -> HTMLResponse:
    """The start: how far things are, and what to look at."""
    web.desk.refresh()
    ledger, wanted = web.desk.ledger, asked.filter
    own = sum(1 for standing in list(ledger.marks.values()) if asked.person.name in standing.by_person)
    return web.page(
        asked,
        "home.html.j2",
        progress=web.desk.marks.progress(wanted, ledger),
        states=dict(ledger.states),
        seconds=web.desk.marks.wait_for_second(ledger),
        own=own,
        filter=wanted,
        filter_query=query_of(wanted),
    )


def next_mark(web: Web, asked: Asked) -> Response:
    """Lead to the next mark for this person."""
    skipped = web.skipped.setdefault(asked.person.name, set())
    query = asked.request.query_params
    if query.get("skip", "").isdecimal():
        skipped.add(int(query["skip"][:9]))
    if query.get("again"):
        skipped.clear()
    wanted = asked.filter
    row = web.desk.marks.next(wanted, web.desk.ledger, asked.person.name, frozenset(skipped), steady_seconds())
    if row is None:
        return web.page(
            asked, "empty.html.j2", filter_query=query_of(wanted), skipped=len(skipped), notices=_notices(web, asked)
        )
    kept = {name: query[name] for name in ("kept", "undone", "marked") if name in query}
    return seen_other(f"/mark/{row.number}", **wanted.words(), **kept)


def mark(web: Web, asked: Asked, number: int) -> HTMLResponse:
    """One mark to decide on."""
    row, photo, found = look_up(web, number)
    web.desk.refresh()
    read = _own_reading(web, asked, row)
    screen = draw(web, asked, row, photo, found, blind=web.is_blind(asked), own_reading=read)
    return show(web, asked, row, found, screen)


def draw(web: Web, asked: Asked, row: MarkRow, photo: PhotoRecord, found: page.Item, **how: Any) -> Screen:
    """The screen of a page that is drawn now, its candidates in the order they are shown in."""
    bare = web.desk.screen(row, photo, (), asked.person, **how)
    if bare.hidden:
        return bare
    order = page.order_of(found.candidates, bare.key)
    return Screen(
        **{name: getattr(bare, name) for name in Screen.__slots__} | {"shown": tuple(c["pattern"] for c in order)}
    )


def show(
    web: Web,
    asked: Asked,
    row: MarkRow,
    found: page.Item,
    screen: Screen,
    *,
    typed: Mapping[str, str] | None = None,
    picked: int = 0,
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The page of one mark; typed is what the person had typed, where the page comes back to them."""
    by_pattern = {candidate["pattern"]: candidate for candidate in found.candidates}
    standing = web.desk.ledger.marks.get(row.key)
    read = web.desk.ledger.entry(screen.own_reading)
    wanted = asked.filter
    return web.page(
        asked,
        "mark.html.j2",
        status,
        item=found,
        others=[*found.others, *_drawn(web, row)],
        screen=screen,
        sealed=screen.sealed(web.desk.secret),
        own_reading=read.body["own_reading"] if read else "",
        kept_pages=_kept_pages(web, asked, row, screen),
        candidates=[page.candidate_row(by_pattern[pattern], web.markings) for pattern in screen.shown],
        unknown=found.unknown,
        stated=found.mark.get("attribution"),
        start_level=_start_level(found),
        strips=page.blind_strips(found) if screen.hidden else page.strips(found),
        like=_like(web, row),
        standing=standing if standing and standing.past and not screen.alone else None,
        may_settle=asked.person.role == "lead" and standing is not None and standing.state == "conflict",
        progress=web.desk.marks.progress(wanted, web.desk.ledger),
        filter_query=query_of(wanted),
        last_own=web.desk.ledger.last_of(asked.person.name),
        blind_mode=web.desk.blind or asked.blind,
        typed={**_BLANK, **(typed or {})},
        picked=picked,
        notices=_notices(web, asked),
        error=error,
    )


def look_up(web: Web, number: int) -> tuple[MarkRow, PhotoRecord, page.Item]:
    """A mark with its photo's record. Raises NotThere."""
    row = web.desk.marks.by_number.get(number)
    photo = web.desk.source.photo(row.photo) if row else None
    found = page.item(row, photo) if row and photo else None
    if row is None or photo is None or found is None:
        raise NotThere("plain_no_mark")
    return row, photo, found


def all_groups(web: Web, asked: Asked) -> HTMLResponse:
    """Groups of like marks, largest first. Raises NotAllowed for somebody who reads blind."""
    check_not_blind(web, asked)
    web.desk.refresh()
    found = [groups.summary(rows) for _, rows in zip(range(60), web.desk.marks.groups(web.desk.ledger), strict=False)]
    return web.page(asked, "groups.html.j2", groups=found, notices=_group_notices(asked))


def group(web: Web, asked: Asked, number: int, *, error: str = "", status: int = 200) -> HTMLResponse:
    """The group that a mark is one of, with the sample to check. Raises NotAllowed for somebody who reads blind."""
    check_not_blind(web, asked)
    row, _, found = look_up(web, number)
    chosen = groups.gather(web.desk.marks, web.desk.ledger, row)
    if len(chosen.rows) < 2 or row.first not in {candidate["pattern"] for candidate in found.candidates}:
        return web.page(asked, "groups.html.j2", 404, groups=[])
    by_pattern = {candidate["pattern"]: candidate for candidate in found.candidates}
    candidate = page.candidate_row(by_pattern[row.first], web.markings)
    return web.page(
        asked,
        "group.html.j2",
        status,
        group=chosen,
        candidate=candidate,
        sealed=groups.seal(web.desk, asked.person, chosen, row.first),
        start_level=asked.form.get("level") or _start_level(found),
        ticked=asked.form,
        error=error,
    )


def check_not_blind(web: Web, asked: Asked) -> None:
    """Raise NotAllowed for somebody who reads blind: a group shows what the machine read, before they did."""
    if web.is_blind(asked):
        raise NotAllowed("blind_no_groups")


def conflicts(web: Web, asked: Asked) -> HTMLResponse:
    """Where people disagree, but for marks that this person is to decide on without others' words."""
    web.desk.refresh()
    ledger = web.desk.ledger
    found = [
        (web.desk.marks.by_key[key], standing)
        for key, standing in list(ledger.marks.items())
        if standing.state == "conflict" and key in web.desk.marks.by_key
    ]
    gone = ledger.states["conflict"] - len(found)
    open_to = [one for one in found if not web.desk.is_alone(one[0], asked.person)]
    return web.page(asked, "conflicts.html.j2", found=open_to[:200], gone=gone)


def log(web: Web, asked: Asked) -> HTMLResponse:
    """The newest entries of the log, and its head to print. What others say of marks that this person is to decide on
    without their words is left out."""
    web.desk.refresh()
    last = web.desk.ledger.seq
    before = asked.request.query_params.get("before", "")
    until = min(last, int(before[:9]) - 1) if before.isdecimal() else last
    rows = [json.loads(text) for seq, text, _ in web.desk.people.log(max(0, until - LOG_PAGE)) if seq <= until]
    shown = [(body, web.desk.marks.by_key.get((body["photo"], body["mark"]))) for body in reversed(rows)]
    older = until - LOG_PAGE + 1
    open_to = [(*one, _may_undo(web, asked, one[0])) for one in shown if not _is_kept_from(web, asked, *one)]
    return web.page(asked, "log.html.j2", entries=open_to, head=web.desk.head().printed(), older=older)


def _is_kept_from(web: Web, asked: Asked, body: Mapping[str, Any], row: MarkRow | None) -> bool:
    return row is not None and body["reviewer"] != asked.person.name and web.desk.is_alone(row, asked.person)


def _may_undo(web: Web, asked: Asked, body: Mapping[str, Any]) -> bool:
    own = asked.person.role == "lead" or body["reviewer"] == asked.person.name
    stands = body["act"] in ("decision", "mark") and not web.desk.ledger.is_undone(body["seq"])
    return stands and own and asked.person.role in MAY_DECIDE


def people(web: Web, asked: Asked) -> HTMLResponse:
    """How the reviewers do. Raises NotAllowed for all but a lead."""
    if asked.person.role != "lead":
        raise NotAllowed("plain_lead_only")
    web.desk.refresh()
    return web.page(asked, "people.html.j2", scores=scores(web.desk.ledger, web.desk.controls))


def picture(make: Callable[[], bytes]) -> Response:
    """A picture, or 404 where there is none: the photo is gone or changed, or the place is outside it."""
    try:
        data = make()
    except (IndexError, PhotoError, ValueError):
        return Response(status_code=404)
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


def _start_level(found: page.Item) -> str:
    """The level that a page begins at: the one the machine states; none where it states none, as a person who accepts
    something then goes further than it does."""
    attribution = found.mark.get("attribution")
    level = str(attribution["level"]) if attribution else ""
    return level if level in LEVELS else ""


def _own_reading(web: Web, asked: Asked, row: MarkRow) -> int:
    """The entry of this person's own reading of this mark that the address names, 0 for none."""
    named = asked.request.query_params.get("read", "")
    said = web.desk.ledger.entry(int(named[:9])) if named.isdecimal() else None
    if said is None or said.body["act"] != "reading":
        return 0
    own = (said.reviewer, said.body["photo"], said.body["mark"]) == (asked.person.name, *row.key)
    return said.seq if own else 0


def _kept_pages(web: Web, asked: Asked, row: MarkRow, screen: Screen) -> list[str]:
    """The keys of the pages whose words were kept, of this person: those on this mark, and the one sent just now. The
    page forgets what was typed on them. (Readings are looked for only where one is asked for: all entries are read.)"""
    ledger = web.desk.ledger
    number = asked.request.query_params.get("kept", "")
    just = (ledger.entry(int(number[:9])) if number.isdecimal() else None, ledger.entry(screen.own_reading))
    said = ledger.about(*row.key) if screen.hidden else ledger.standing(*row.key).past
    own = [*said, *(one for one in just if one)]
    return [str(one.body["id"]) for one in own if one.reviewer == asked.person.name and one.body["act"] != "mark"]


def _like(web: Web, row: MarkRow) -> list[dict[str, Any]]:
    found = []
    for other in web.desk.marks.like_decided(row, web.desk.ledger):
        verdict = web.desk.ledger.marks[other.key].verdict
        named = verdict.named[-1] if verdict and verdict.named else verdict.verdict if verdict else ""
        found.append({"number": other.number, "said": named, "reading": other.reading})
    return found


def _drawn(web: Web, row: MarkRow) -> list[Any]:
    """The outlines of the marks that people drew on a photo."""
    drawn = web.desk.ledger.new_marks.get(row.photo, [])
    return [said.body["outline"] for said in drawn if not web.desk.ledger.is_undone(said.seq)]


def _group_notices(asked: Asked) -> list[str]:
    """How many decisions a group came to, where one was just decided."""
    query = asked.request.query_params
    counts = ((query.get(name, "")[:6], key) for name, key in (("kept", "group_done"), ("changed", "group_stale")))
    return [asked.words(key, count=count) for count, key in counts if count.isdecimal()]


def _notices(web: Web, asked: Asked) -> list[str]:
    """What was kept just now, told from the log itself and only to whom it belongs."""
    told = []
    for name, key in (("kept", "notice_kept"), ("undone", "notice_undone"), ("marked", "notice_mark")):
        number = asked.request.query_params.get(name, "")
        said = web.desk.ledger.entry(int(number[:9])) if number.isdecimal() else None
        if said and said.reviewer == asked.person.name:
            what = asked.words(f"said_{said.verdict}") if "verdict" in said.body else ""
            what += f" “{visible(said.body['reading'], 90)}”" if what and said.body.get("reading") else ""
            told.append(asked.words(key, seq=said.seq, what=what))
    return told
