"""Photos that a file still holds, those whose file was changed or is gone, and files that failed.

Of a photo that no file holds any more no mark is shown.
marks.newest says it of each mark, so that no search has to ask for files: it is put right in the transaction in which
a file gets another photo, and after each scan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select, true, tuple_, update

from vision.archive.tables import failures, files, marks, photos, results

_AT_ONCE = 400


def is_held(photo: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a file of the archive holds a photo, given the column of its number."""
    return exists().where(files.c.photo_id == photo, ~files.c.gone)


def show_what_lies(connection: Connection, some: Collection[int] | None = None) -> None:
    """Make those marks newest that are of their photo's newest result, as long as a file holds it, and no others.

    some: numbers of the photos to look at; left out, all.
    """
    mine = true() if some is None else marks.c.photo_id.in_(some)
    held = is_held(marks.c.photo_id)
    same = and_(results.c.photo_id == marks.c.photo_id, results.c.run_id == marks.c.run_id)
    connection.execute(update(marks).where(mine, marks.c.newest, ~held).values(newest=False))
    last = exists().where(same, results.c.newest)
    connection.execute(update(marks).where(mine, ~marks.c.newest, last, held).values(newest=True))


def held_among(connection: Connection, names: Iterable[str]) -> Iterator[str]:
    """Those of some photos, by their sha256, that a file holds."""
    rest = iter(names)
    query = select(photos.c.sha256).where(is_held(photos.c.id))
    while some := list(islice(rest, _AT_ONCE)):
        yield from connection.execute(query.where(photos.c.sha256.in_(some))).scalars()


def failing(*, unread: bool) -> ColumnElement[bool]:
    """Whether a failure, joined with its file, is of the newest run that the file failed in, and no run as new has read
    the file's photo; with unread, no run at all has."""
    newest = select(failures.c.file_id, func.max(failures.c.run_id)).group_by(failures.c.file_id)
    read = results.c.photo_id == files.c.photo_id
    as_new = true() if unread else results.c.run_id >= failures.c.run_id
    return and_(tuple_(failures.c.file_id, failures.c.run_id).in_(newest), ~exists().where(read, as_new))
