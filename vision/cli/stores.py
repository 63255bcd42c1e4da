"""What the verbs on a store share: opening it with what people's log says of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vision.errors import MissingError

if TYPE_CHECKING:
    from vision.archive.exports.items import Word
    from vision.archive.store import Store
    from vision.review.ledger import Ledger


@contextmanager
def store_with_words(url: str) -> Iterator[tuple[Store, dict[str, dict[str, Word]]]]:
    """An open store, and people's words by photo sha256 and mark id."""
    try:
        from vision.archive.store import open_store
        from vision.review.spoken import words
    except ModuleNotFoundError as fault:
        raise MissingError(f"A store needs {fault.name}: pip install 'marktrace[archive]'.") from fault
    with open_store(url) as store:
        yield store, words(ledger_of(store))


def ledger_of(store: Store) -> Ledger:
    """What people's log comes to."""
    from vision.review.ledger import Ledger
    from vision.review.log import Entry

    ledger = Ledger()
    ledger.take(Entry(*row) for row in store.people().log_rows())
    return ledger
