"""What the log comes to, mark by mark: who said what, whether they agree, what still needs a person.

Nothing here is stored; it is counted from the log's entries, so the log alone decides. A verdict never replaces
another person's: two that contradict each other are a conflict until a lead settles it with a decision of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from vision.review.log import Entry

State = Literal["open", "decided", "agreed", "conflict", "settled"]
STATES: tuple[State, ...] = ("open", "decided", "agreed", "conflict", "settled")
MarkKey = tuple[str, str]  # photo sha256, mark id

_DEPTH = {"state": 1, "maker": 2, "pattern": 3}


@dataclass(frozen=True, slots=True)
class Said:
    """One person's standing word on a mark: the entry's number and what it says."""

    seq: int
    body: Mapping[str, Any]

    @property
    def reviewer(self) -> str:
        return str(self.body["reviewer"])

    @property
    def verdict(self) -> str:
        return str(self.body["verdict"])

    @property
    def named(self) -> tuple[str, ...]:
        """What was named, from coarse to fine: country, maker, pattern, as far as the level goes."""
        words = (self.body.get("country", ""), self.body.get("maker", ""), self.body.get("pattern", ""))
        return tuple(words[: _DEPTH.get(self.body.get("level", ""), 0)])


def contradict(one: Said, other: Said) -> bool:
    """Whether two verdicts cannot both be right. Naming the maker does not contradict naming its state only.

    "Cannot tell" contradicts whoever can; corrected readings contradict each other when they differ.
    """
    naming = {"accepted", "corrected"}
    if (one.verdict in naming) != (other.verdict in naming):
        return True
    if one.verdict not in naming:
        return one.verdict != other.verdict
    readings = {said.body["reading"] for said in (one, other) if said.body.get("reading")}
    return len(readings) > 1 or any(a != b for a, b in zip(one.named, other.named, strict=False))


@dataclass(slots=True)
class Standing:
    """The words on one mark that stand: each person's newest, a lead's settlement apart; latest is the newest entry."""

    by_person: dict[str, Said] = field(default_factory=dict)
    settled: Said | None = None
    state: State = "open"
    latest: int = 0
    past: list[Said] = field(default_factory=list)

    @property
    def words(self) -> tuple[Said, ...]:
        """Every standing word, oldest first."""
        return tuple(sorted(self.by_person.values(), key=lambda said: said.seq))

    @property
    def verdict(self) -> Said | None:
        """The word that holds: the settlement, else the finest of words that agree; None while open or in conflict."""
        if self.settled or self.state not in ("decided", "agreed"):
            return self.settled
        return max(self.words, key=lambda said: (len(said.named), said.seq))


def _state(standing: Standing) -> State:
    if standing.settled:
        return "settled"
    words = standing.words
    if len(words) < 2:
        return "decided" if words else "open"
    pairs = ((a, b) for i, a in enumerate(words) for b in words[i + 1 :])
    return "conflict" if any(contradict(a, b) for a, b in pairs) else "agreed"


class Ledger:
    """The standing of every mark, counted from entries as they come.

    One thread counts at a time, others read meanwhile: whoever goes through marks takes a list of them first.
    """

    def __init__(self) -> None:
        self.last: Entry | None = None
        self.marks: dict[MarkKey, Standing] = {}
        self.states: Counter[State] = Counter()
        self.undone = 0
        self.by_id: dict[str, int] = {}
        self.new_marks: dict[str, list[Said]] = {}
        self._entries: dict[int, Said] = {}
        self._undone: set[int] = set()
        self._by_reviewer: dict[str, list[int]] = {}

    def take(self, entries: Iterable[Entry]) -> None:
        """Count further entries, in order; those that were counted before are passed over."""
        for entry in entries:
            if entry.seq > self.seq:
                self._count(entry.seq, entry.body)
                self.last = entry

    @property
    def seq(self) -> int:
        """The number of the newest entry counted, 0 for none."""
        return self.last.seq if self.last else 0

    def standing(self, photo: str, mark: str) -> Standing:
        """The standing of one mark; an open one where nobody has said anything."""
        return self.marks.get((photo, mark)) or Standing()

    def entry(self, seq: int) -> Said | None:
        """What an entry that can be taken back or referred to says, None for other entries and none."""
        return self._entries.get(seq)

    def about(self, photo: str, mark: str) -> list[Said]:
        """Every entry about a mark, oldest first, what was taken back included; the takings back are left out."""
        entries = list(self._entries.values())  # others append meanwhile
        return [said for said in entries if said.body["photo"] == photo and said.body["mark"] == mark]

    def is_undone(self, seq: int) -> bool:
        """Whether an entry was taken back."""
        return seq in self._undone

    def last_of(self, reviewer: str) -> int | None:
        """The newest entry of a person that still stands."""
        return next((seq for seq in reversed(self._by_reviewer.get(reviewer, ())) if seq not in self._undone), None)

    def _count(self, seq: int, body: Mapping[str, Any]) -> None:
        self.by_id[str(body["id"])] = seq
        said = Said(seq, body)
        if body["act"] == "undo":
            self._undone.add(int(body["undoes"]))
            self.undone += 1
        else:
            self._entries[seq] = said
        if body["act"] == "reading":  # a reading by itself decides nothing
            return
        if body["act"] != "undo":
            self._by_reviewer.setdefault(said.reviewer, []).append(seq)
        key = (str(body["photo"]), str(body["mark"]))
        standing = self.marks.get(key)
        if standing is None:
            standing = self.marks[key] = Standing()
            self.states["open"] += 1
        standing.latest = seq
        if body["act"] == "mark":
            self.new_marks.setdefault(str(body["photo"]), []).append(said)
        elif body["act"] == "decision":
            standing.past.append(said)
        self._weigh(standing)

    def _weigh(self, standing: Standing) -> None:
        """Count a mark's words anew from all that was ever said of it."""
        by_person: dict[str, Said] = {}
        settled = None
        for said in standing.past:
            if said.seq in self._undone:
                continue
            if said.body.get("settles"):
                settled = said
            else:
                by_person[said.reviewer] = said
        standing.by_person, standing.settled = by_person, settled
        self.states[standing.state] -= 1
        standing.state = _state(standing)
        self.states[standing.state] += 1
