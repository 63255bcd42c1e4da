"""One photo's dossier gathered: its record, its pictures, what the log says of it, and whether the log is whole."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw

from vision.archive.names import as_text
from vision.errors import PhotoError, UsageError
from vision.photo import open_photo
from vision.report.dossier import Deed, Dossier, MarkCase
from vision.review.ledger import Ledger, Said
from vision.review.log import Entry, Head, now
from vision.review.page import strip_start
from vision.review.pictures import Pictures
from vision.review.spoken import words
from vision.review.verify import verify
from vision.text import visible

if TYPE_CHECKING:
    from vision.archive import Store
    from vision.archive.exports.items import Word

Mask = Callable[[dict[str, Any]], dict[str, Any]]
HIDDEN = "•"
_OVERVIEW_SIDE = 1100
_CLOSE_SIDE = 760


def find_photo(store: Store, named: str) -> str:
    """The sha256 of the photo that a person names by sha256, its beginning, or a file's path or name, which may be
    written as marktrace shows it.

    Raises UsageError where none or more than one is meant.
    """
    if Path(named).is_file():
        try:
            sha256 = open_photo(named).photo.sha256
        except PhotoError as fault:
            raise UsageError(f"{visible(named)}: {fault}") from fault
        if store.record(sha256):
            return sha256
    names = {as_text(named), named if named.isprintable() else ""} - {""}  # as it is, or as it was shown
    found = {photo for name in names for photo in store.called(name)}
    if len(found) != 1:
        told = "no photo" if not found else f"{len(found)} photos"
        raise UsageError(f"The store holds {told} called {visible(named, 80)!r}; name one by its file or its sha256.")
    return found.pop()


def gather(store: Store, sha256: str, mask: Mask | None = None) -> Dossier:
    """The dossier of a photo of the store. mask hides serial numbers in a record; pictures and notes that show them
    are left out then. Raises UsageError when there is no such photo."""
    stored = store.record(sha256)
    if stored is None:
        raise UsageError(f"The store holds no photo {sha256[:16]}.")
    rows = list(store.people().log_rows())
    ledger = Ledger()
    ledger.take(Entry(*row) for row in rows)
    record = mask(copy.deepcopy(stored.record)) if mask else stored.record
    said = words(ledger).get(sha256, {})
    paths = store.paths(sha256)
    pictures, state, size = _pictures(paths, sha256)
    marks = [*record["marks"], *_drawn(ledger, sha256, said)]
    secret = frozenset(str(mark["id"]) for mark in marks if mask and mark["kind"] == "serial")
    hashes = {seq: digest for seq, _, digest in rows}
    verdict = verify(rows)
    last = Head(verdict.entries, verdict.sha256, now())
    return Dossier(
        photo={**record["photo"], "sha256": sha256},
        paths=tuple(paths),
        size=size,
        file_state=state,
        record_sha256=stored.sha256,
        version=str(record["run"]["version"]),
        kit=str(record["run"]["kit"]),
        marks=tuple(_case(mark, said, ledger, sha256, hashes, pictures, bool(secret), secret) for mark in marks),
        overview=None if secret else _overview(paths, sha256, marks) if pictures else None,
        log_state=f"BROKEN at entry {verdict.first_bad}: {verdict.fault}" if verdict.fault else "whole when checked",
        head=last.printed().replace("\n", "; "),
        made_at=now(),
        masked=mask is not None,
        gaps=() if pictures else ("Pictures: the photo's file cannot be reached, or is another one by now.",),
    )


def _case(
    mark: Mapping[str, Any],
    said: Mapping[str, Word],
    ledger: Ledger,
    sha256: str,
    hashes: Mapping[int, str],
    pictures: Pictures | None,
    masked: bool,
    secret: frozenset[str],
) -> MarkCase:
    name = str(mark["id"])
    word = said.get(name)
    hide = name in secret
    held = {}
    if word and word.status == "confirmed":
        reading = HIDDEN * len(word.reading) if hide else word.reading
        held = {"level": word.level, "pattern": word.pattern, "maker": word.maker, "country": word.country}
        held |= {"reading": reading}
    deeds = [
        _deed(one, ledger, hashes[one.seq], masked or hide, hide)
        for one in sorted(ledger.about(sha256, name), key=lambda one: one.seq)
    ]
    picture, strips = (None, ()) if pictures is None or hide else _look(pictures, sha256, mark)
    return MarkCase(
        mark, word.status if word else "unconfirmed", held, word.by if word else (), tuple(deeds), picture, strips
    )


def _deed(one: Said, ledger: Ledger, sha256: str, no_notes: bool, hide: bool) -> Deed:
    body = one.body
    reading = str(body.get("reading") or body.get("own_reading") or "")
    what = {
        "reading": "read it before any candidate was shown",
        "mark": "drew a mark that the machine had not seen",
    }.get(str(body["act"])) or {
        "accepted": "accepted",
        "corrected": "corrected the reading",
        "rejected": "none of the candidates",
        "undetermined": "cannot tell",
    }[str(body["verdict"])]
    named = str(body.get("pattern") or body.get("maker") or body.get("country") or "")
    parts = [
        what,
        f"({body['level']}: {named})" if named else "",
        f"“{HIDDEN * len(reading) if hide else reading}”" if reading else "",
    ]
    parts += ["settles the disagreement" if body.get("settles") else "", "in a group" if body.get("group") else ""]
    return Deed(
        one.seq,
        sha256,
        str(body["time"]),
        one.reviewer,
        str(body["role"]),
        " ".join(part for part in parts if part),
        "" if no_notes else str(body.get("note") or ""),
        tuple(str(pattern) for pattern in body.get("shown", ())),
        bool(body.get("blind")),
        ledger.is_undone(one.seq),
    )


def _drawn(ledger: Ledger, sha256: str, said: Mapping[str, Word]) -> list[dict[str, Any]]:
    """Marks that people drew, in the form of a record's."""
    drawn = (one.body for one in ledger.new_marks.get(sha256, []) if not ledger.is_undone(one.seq))
    return [
        {"id": body["mark"], "kind": body["kind"], "outline": body["outline"], "reading": None, "attribution": None}
        for body in drawn
        if body["mark"] in said
    ]


def _pictures(paths: Sequence[str], sha256: str) -> tuple[Pictures | None, str, int | None]:
    """Pictures of the photo, what is to be said of its file, and its size: none where no file has the sha256 now."""
    for path in paths:
        try:
            opened = open_photo(path)
        except PhotoError:
            continue
        if opened.photo.sha256 == sha256:
            size = Path(path).stat().st_size
            return Pictures(lambda _sha256, path=path: path), "the file was read again now and has this sha256", size  # type: ignore[misc]
    return None, "not checked now: no file with these bytes can be reached", None


def _look(pictures: Pictures, sha256: str, mark: Mapping[str, Any]) -> tuple[bytes | None, tuple[bytes, ...]]:
    """A mark's picture and its strips; none where they cannot be made."""
    outline = tuple((float(x), float(y)) for x, y in mark["outline"])
    try:
        picture = pictures.mark(sha256, outline, _CLOSE_SIDE)
        if mark["kind"] != "headstamp" or len(outline) < 5:
            return picture, ()
        start = strip_start(mark)
        elements = mark["reading"]["elements"] if mark.get("reading") else []
        ways = sorted({bool(element["upside_down"]) for element in elements} | {False})
        return picture, tuple(pictures.strip(sha256, outline, start, half) for half in ways)
    except (PhotoError, ValueError):
        return None, ()


def _overview(paths: Sequence[str], sha256: str, marks: Sequence[Mapping[str, Any]]) -> bytes | None:
    """The whole photo, small, with the marks outlined and named."""
    for path in paths:
        opened = open_photo(path)
        if opened.photo.sha256 != sha256:
            continue
        rgb, scale = opened.reduced_rgb(_OVERVIEW_SIDE)
        image = Image.fromarray(rgb)
        draw = ImageDraw.Draw(image)
        for mark in marks:
            points = [((x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5) for x, y in mark["outline"]]
            draw.line([*points, points[0]], fill="#101010", width=6)
            draw.line([*points, points[0]], fill="#ffd166", width=3)
            draw.text(min(points), str(mark["id"]), fill="#ffd166", font_size=26, stroke_width=3, stroke_fill="#101010")
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=85)
        return buffer.getvalue()
    return None
