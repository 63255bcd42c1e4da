"""The photos behind a bar: which they are, where they lie, what is said of them, and small pictures of some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Select, exists, select

from vision.archive.connect import reading
from vision.archive.exports.decided import Decided
from vision.archive.exports.items import Finding
from vision.archive.lying import failing
from vision.archive.names import as_path
from vision.archive.rows import FoundMark
from vision.archive.search import by_numbers
from vision.archive.store import Store
from vision.archive.tables import failures, files, marks, photos, results
from vision.report.archive import Shown
from vision.report.content import NO_COUNTRY, percent
from vision.report.countries import country_name, state_then
from vision.report.thumbs import thumbnail


class Photos:
    """Photos of a store as the report lists them, at most limit for a bar, and thumbnails for the first of them."""

    def __init__(self, store: Store, decided: Iterable[Decided], limit: int, thumbnails: int) -> None:
        self._store, self._limit, self._thumbnails = store, limit, thumbnails
        self._said: Mapping[int, Decided] = {one.number: one for one in decided}
        self._seen: dict[int, Shown] = {}

    def of_marks(self, numbers: Iterable[int]) -> tuple[Shown, ...]:
        """The photos of some marks, those first that people confirmed."""
        wanted = sorted(dict.fromkeys(numbers), key=lambda number: number not in self._said)[: self._limit]
        unseen = [number for number in wanted if number not in self._seen]
        stored = [number for number in unseen if number > 0]
        if stored:
            with reading(self._store.engine) as connection:
                found = by_numbers(connection, stored)
            self._seen |= {mark.number: self._shown(mark) for mark in found}
        self._seen |= {number: self._drawn(self._said[number]) for number in unseen if number < 0}
        return tuple(self._seen[number] for number in wanted if number in self._seen)

    def of_failures(self, stage: str, code: str) -> tuple[Shown, ...]:
        """Some files that no run could read, for one reason."""
        query = select(files.c.path).join_from(failures, files)
        same = (failing(unread=True), failures.c.stage == stage, failures.c.code == code, ~files.c.gone)
        return self._of_paths(query.where(*same).order_by(files.c.path))

    def without_marks(self) -> tuple[Shown, ...]:
        """Some photos in which no mark was found."""
        bare = ~exists().where(marks.c.photo_id == results.c.photo_id, marks.c.newest)
        query = select(files.c.path).join_from(results, photos).join(files, files.c.photo_id == photos.c.id)
        return self._of_paths(query.where(results.c.newest, bare, ~files.c.gone))

    def _of_paths(self, query: Select[Any]) -> tuple[Shown, ...]:
        with reading(self._store.engine) as connection:
            return tuple(Shown(path, _href(path)) for path in connection.execute(query.limit(self._limit)).scalars())

    def _shown(self, mark: FoundMark) -> Shown:
        picture = self._picture(mark.photo, mark.path, mark.mark)
        if mark.number in self._said:
            return _decided(self._said[mark.number], mark.path, picture)
        return Shown(mark.path, _href(mark.path), mark.reading, _candidate(mark), False, picture)

    def _drawn(self, one: Decided) -> Shown:
        """A mark that the store has no row of."""
        path = one.where.path
        return _decided(one, path, self._picture(one.photo, path, one.finding.mark, one.finding.outline))

    def _picture(self, photo: str, path: str, mark: str, outline: Sequence[Sequence[float]] = ()) -> str:
        """A small picture of a mark; empty where they are used up, or the file is not the photo that was examined."""
        if self._thumbnails <= 0 or "://" in path or not Path(as_path(path)).is_file():
            return ""
        stored = None if outline else self._store.record(photo)
        outlines = [one["outline"] for one in stored.record["marks"] if one["id"] == mark] if stored else []
        made = thumbnail(Path(as_path(path)), photo, outlines[0] if outlines else outline)
        self._thumbnails -= made != ""
        return made


def _href(path: str) -> str:
    """A link to a file on this machine; empty for one that lies elsewhere."""
    return "" if "://" in path else Path(as_path(path)).absolute().as_uri()


def _candidate(mark: FoundMark) -> str:
    named = [mark.maker] if mark.level in ("maker", "pattern") else []
    named += [] if mark.level == "unknown" or mark.country == NO_COUNTRY else [_state(mark.country, mark.state_then)]
    if not named:
        return "no origin stated"
    return f"candidate, {percent(1.0 - mark.risk)}: {', '.join(named)}"


def _decided(one: Decided, path: str, picture: str) -> Shown:
    finding = one.finding
    return Shown(path, _href(path), finding.reading, _decision(finding), finding.status == "confirmed", picture)


def _decision(finding: Finding) -> str:
    country = "" if finding.country in ("", NO_COUNTRY) else _state(finding.country, finding.state_then)
    named = ", ".join(part for part in (finding.manufacturer, country) if part)
    return f"{finding.status} by {finding.by}" + (f": {named}" if named else "")


def _state(country: str, then: str) -> str:
    """A state by its name of today, with that of the time where it was another: of one that is no more (Czechoslovakia)
    the archive keeps one successor, and may know no more than that it was one of them."""
    other = state_then(country, then)
    return country_name(country) + (f", then {other}" if other else "")
