"""Archives of photos: scan, run, store, duplicates, search. What stands on it starts here.

    from vision.archive import Filter, open_store

    with open_store("finds.db") as store:                  # or postgresql://user@host/name
        for stored in store.records():                     # each photo's newest record, by the photo's sha256
            stored.photo, stored.sha256, stored.record     # photo's sha256, record line's sha256, the record as a dict
            store.paths(stored.photo)                      # where its file lies (all copies); [] when it is gone
        store.record(photo_sha256)                         # StoredRecord or None; run=ID for an older run
        page = store.marks(Filter(country="RS", year=1976), order="probability", limit=50)
        page.marks, page.after                             # FoundMark rows; give after back for the next page
        store.all_marks(Filter(state="open"))              # iterator over every mark that fits
        store.count_marks(...), store.facets("country", ...)
        store.runs(), store.counts(run_id), store.failures()
        store.groups("near"), store.groups("object")       # tuples of sha256
        store.linked(number)                               # marks of same code, year and calibre; lot; near serials
        store.people()                                     # decision log, accounts, sessions (people.py)
        store.put_standings([(photo, mark, state), ...])   # makes marks searchable by state of review

rows.py has the types, search.py the filter, tables.py the tables, intake.py what a run writes. Machine results and
people's words are never in one table. The names below are loaded when first used, and need the extra `archive`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vision.archive.rows import Counts, FoundMark, PhotoFailure, RunInfo, StoredRecord
    from vision.archive.search import Filter, Page
    from vision.archive.store import Store, open_store

__all__ = ["Counts", "Filter", "FoundMark", "Page", "PhotoFailure", "RunInfo", "Store", "StoredRecord", "open_store"]

_HOMES = {"Filter": "search", "Page": "search", "Store": "store", "open_store": "store"}


def __getattr__(name: str) -> Any:
    """The names above, from their modules, on first use (PEP 562). Raises MissingError without SQLAlchemy."""
    if name not in __all__:
        raise AttributeError(f"module 'vision.archive' has no attribute {name!r}")
    try:
        return getattr(import_module(f"vision.archive.{_HOMES.get(name, 'rows')}"), name)
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] not in ("alembic", "sqlalchemy"):
            raise
        from vision.errors import MissingError

        raise MissingError("Working with an archive needs its extra: pip install 'marktrace[archive]'.") from fault
