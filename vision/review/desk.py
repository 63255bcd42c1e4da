"""Deciding: the one place that writes to the log, and only what a person who has signed in sends from a page.

A decision is refused, and nothing written, when the record it was made on has changed, or when others said something
of the mark that the page did not show. Sent twice (a lost answer, a server that was killed) it counts once.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vision.errors import UsageError
from vision.review import acts
from vision.review.acts import Choice, Person, Refused, Screen
from vision.review.controls import Controls
from vision.review.heads import HeadFile, check_whole
from vision.review.ledger import Ledger, Said
from vision.review.log import Entry, Head, chained, now
from vision.review.marks import MarkRow, Marks, PhotoRecord, Source
from vision.review.verify import START

if TYPE_CHECKING:
    from vision.archive.people import LogRow, People


class StaleError(UsageError):
    """What was decided on is no longer what there is. reason: record, or said (by others, meanwhile)."""

    def __init__(self, reason: str) -> None:
        super().__init__("The mark changed while it was looked at.")
        self.reason = reason


class Desk:
    """The marks, the log and its standing, and the people's deeds."""

    def __init__(
        self,
        source: Source,
        people: People,
        *,
        second_share: float = 0.0,
        blind: bool = False,
        head: HeadFile | None = None,
        controls: Controls | None = None,
    ) -> None:
        """blind keeps candidates from everybody until they have read a mark themselves; head is where note_head writes;
        controls are marks whose answer is known, which everybody is shown. Raises BrokenLog for a log that is broken
        or does not fit the head noted last."""
        self.source, self.people, self.blind, self.controls = source, people, blind, controls or {}
        self._head_file = head
        check = head.check if head else check_whole
        check(people.log_rows())
        self.secret = bytes.fromhex(people.secret("screens", secrets.token_hex(32)))
        self.ledger = Ledger()
        self._writing = threading.Lock()
        self.marks = Marks(source.rows(), second_share=second_share, controls=frozenset(self.controls))
        self.refresh()

    def refresh(self) -> None:
        """Count what others appended to the log since it was last looked at."""
        with self._writing:
            self.ledger.take(_entry(row) for row in self.people.log(self.ledger.seq))

    def screen(self, row: MarkRow, photo: PhotoRecord, shown: Sequence[str], person: Person, **how: Any) -> Screen:
        """What a page drawn now shows of a mark. how: blind and own_reading, see Screen."""
        return Screen(
            key=secrets.token_hex(16),
            photo=row.photo,
            mark=row.mark,
            record=photo.record_sha256,
            kit=photo.kit,
            shown=tuple(shown),
            blind=bool(how.get("blind")),
            own_reading=int(how.get("own_reading", 0)),
            latest=self.ledger.standing(*row.key).latest,
            alone=self.is_alone(row, person),
            drawn_at=now(),
        )

    def is_alone(self, row: MarkRow, person: Person) -> bool:
        """Whether others' words are kept from this person, who is to give a second opinion of their own."""
        said = self.ledger.standing(*row.key).by_person
        return self.marks.wants_second(row) and person.name not in said and person.role != "lead"

    def decide(self, screen: Screen, choice: Choice, person: Person, **more: str | int | bool | list[str]) -> Said:
        """Append a decision and return it; the one that was kept where this page was sent before.

        Raises StaleError, and UsageError for somebody who may not decide.
        """
        body = acts.decision(screen, choice, person, now(), **more)
        return self._append(screen.key, lambda: [self._fresh(screen, body)])

    def decide_group(self, chosen: Sequence[tuple[Screen, Choice]], person: Person, key: str) -> tuple[int, int]:
        """Append the decisions of a group, all at once: how many were kept, and how many marks had changed and were
        left out. key is the group page's own: sent twice, it counts once."""
        kept: list[Mapping[str, Any]] = []

        def make() -> list[Mapping[str, Any]]:
            for screen, choice in chosen:
                body = acts.decision(screen, choice, person, now(), group=key, group_size=len(chosen))
                try:
                    kept.append(self._fresh(screen, body))
                except StaleError:
                    continue
            return kept

        if chosen:
            self._append(chosen[0][0].key, make)
        return len(kept), len(chosen) - len(kept)

    def undo(self, seq: int, key: str, person: Person) -> Said:
        """Append the withdrawal of an entry and return that entry. Raises UsageError where it cannot be taken back."""
        self.refresh()
        said = self.ledger.entry(seq)
        if said is None or said.body["act"] == "reading":
            raise Refused("undo_none", seq=seq)
        body = acts.withdrawal(key, seq, said.body, person, now())
        self._append(key, lambda: [] if self.ledger.is_undone(seq) else [body])
        return said

    def read_alone(self, screen: Screen, reading: str, person: Person) -> Said:
        """Append what a person read before they saw any candidate."""
        body = acts.own_reading(screen, reading, person, now())
        return self._append(screen.key, lambda: [body])

    def add_mark(
        self, screen: Screen, kind: str, outline: Sequence[Sequence[float]], reading: str, person: Person
    ) -> Said:
        """Append a mark that a person saw and the machine did not."""
        body = acts.new_mark(screen, kind, outline, reading, person, now())
        return self._append(body["id"], lambda: [body])

    def head(self) -> Head:
        """How far the log has come."""
        self.refresh()
        last = self.ledger.last
        return Head(last.seq if last else 0, last.sha256 if last else START, now())

    def note_head(self) -> Head:
        """The head, written to its file outside the store where there is one. Raises OutputError."""
        return self._head_file.note(self.head()) if self._head_file else self.head()

    def _fresh(self, screen: Screen, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """body, after looking that the mark is still what the screen showed. Called while nobody else can append."""
        photo = self.source.photo(screen.photo)
        if photo is None or photo.record_sha256 != screen.record:
            raise StaleError("record")
        if not screen.alone and self.ledger.standing(screen.photo, screen.mark).latest != screen.latest:
            raise StaleError("said")
        return body

    def _append(self, key: str, make: Callable[[], Sequence[Mapping[str, Any]]]) -> Said:
        """Append the entries that make returns unless key was kept before; returns the entry with that key."""

        def rows(seen: list[LogRow]) -> list[LogRow]:
            self.ledger.take(_entry(row) for row in seen)
            if key in self.ledger.by_id:
                return []
            made: list[LogRow] = []
            last = self.ledger.last
            for body in make():
                last = chained(body, last)
                made.append((last.seq, last.text, last.sha256))
            return made

        with self._writing:
            after = self.people.append(self.ledger.seq, rows)
            self.ledger.take(_entry(row) for row in after)
            seq = self.ledger.by_id.get(key, 0)
        return self.ledger.entry(seq) or Said(seq, {})


def steady_seconds() -> float:
    """The clock by which marks are held."""
    return time.monotonic()


def _entry(row: LogRow) -> Entry:
    return Entry(*row)
