"""What a person can say of a mark, checked, and put into the words of the decision log.

The machine says what it showed (a Screen, sealed so that a page cannot invent one); the person says what it is (a
Choice). Only both together, with the name of somebody who has signed in, make a decision. Nothing else does.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from vision.errors import UsageError
from vision.review.words import DEFAULT, words

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

Verdict = Literal["accepted", "corrected", "rejected", "undetermined"]
Level = Literal["pattern", "maker", "state"]
Role = Literal["viewer", "reviewer", "lead"]
VERDICTS, LEVELS, ROLES = get_args(Verdict), get_args(Level), get_args(Role)
MAY_DECIDE = frozenset({"reviewer", "lead"})
LONGEST_NOTE, LONGEST_READING = 4000, 400
LEAST_SIDE_PX = 2.0
_PADDED_TO = 512


class Refused(UsageError):
    """What a person asked for cannot be done; key and values name the sentence in the page's languages."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(words(DEFAULT)(key, **values))
        self.key, self.values = key, values


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has signed in: made by accounts.py from a session, and by nothing else."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Screen:
    """What one page showed. key is the page's own, so that a decision that is sent twice counts once.

    shown are pattern ids in the order they were shown; blind says that nothing is shown before the person's own
    reading, whose entry in the log own_reading then is (0: not read yet); latest is the newest entry of the log about
    this mark that the page knew of, alone that the words of others were kept from it.
    """

    key: str
    photo: str
    mark: str
    record: str
    kit: str
    shown: tuple[str, ...]
    blind: bool
    own_reading: int
    latest: int
    alone: bool
    drawn_at: str

    @property
    def hidden(self) -> bool:
        """Whether the candidates are still to be kept from the page."""
        return self.blind and not self.own_reading

    def sealed(self, secret: bytes) -> str:
        """The screen as a form carries it: only this server can make it, or read it."""
        return seal(secret, "screen", asdict(self))


def opened(sealed: str, secret: bytes) -> Screen:
    """The screen in a form. Raises UsageError when it was not sealed here."""
    said = unseal(secret, "screen", sealed)
    return Screen(**{**said, "shown": tuple(said["shown"])})


def seal(secret: bytes, kind: str, said: Any) -> str:
    """What a form of a kind carries, and nobody but this server may make or read: it would tell which marks are
    controls, and where others have decided. Padded, so that its length tells nothing either."""
    text = json.dumps(said, sort_keys=True)
    sealed: bytes = _cipher(secret, kind).encrypt(text.ljust(-(-len(text) // _PADDED_TO) * _PADDED_TO).encode())
    return sealed.decode()


def unseal(secret: bytes, kind: str, sealed: str) -> Any:
    """What was sealed. Raises Refused when it was not sealed here for this kind of form."""
    from cryptography.fernet import InvalidToken

    try:
        return json.loads(_cipher(secret, kind).decrypt(sealed.encode("utf-8", "replace")))
    except InvalidToken as fault:
        raise Refused("not_made_here") from fault


def _cipher(secret: bytes, kind: str) -> Fernet:
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(kind.encode() + b" " + secret).digest()))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of one mark. pattern, maker and country name what was accepted, as far as level goes; reading
    is what a person says stands on it: corrected, or accepted where the machine names no candidate."""

    verdict: Verdict
    level: Level | None = None
    pattern: str = ""
    maker: str = ""
    country: str = ""
    reading: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise UsageError(f"{self.verdict!r} is not a verdict.")
        named = self.verdict in ("accepted", "corrected")
        if self.level is not None and self.level not in LEVELS:
            raise UsageError(f"{self.level!r} is not a level.")
        if self.verdict == "accepted" and not (self.level and self.country) and not self.reading:
            raise Refused("pick_first")
        if self.verdict == "corrected" and not self.reading.strip():
            raise Refused("type_first")
        if not named and self.level:
            raise UsageError(f"A mark that is {self.verdict} names no origin.")
        if len(self.note) > LONGEST_NOTE or len(self.reading) > LONGEST_READING:
            raise Refused("too_long", note=LONGEST_NOTE, reading=LONGEST_READING)


def accepted(candidate: Mapping[str, Any], level: Level, **said: str) -> Choice:
    """The choice of one of a record's candidates at a level: what is finer than the level is left out."""
    maker = f"{candidate['manufacturer']} ({candidate['country']})"
    return Choice(
        verdict="corrected" if said.get("reading") else "accepted",
        level=level,
        pattern=str(candidate["pattern"]) if level == "pattern" else "",
        maker=maker if level != "state" else "",
        country=str(candidate["country"]),
        **said,
    )


def decision(
    screen: Screen, choice: Choice, person: Person, time: str, **more: str | int | bool | list[str]
) -> dict[str, Any]:
    """The entry of a decision; more is what else is known of how it came about (settles, the group it was part of).

    Raises UsageError when this person may not decide.
    """
    check_may_decide(person)
    said = {name: value for name, value in asdict(choice).items() if value}
    return {"act": "decision", "id": screen.key, "time": time, "reviewer": person.name, "role": person.role} | {
        "photo": screen.photo,
        "mark": screen.mark,
        "record": screen.record,
        "kit": screen.kit,
        "shown": list(screen.shown),
        "blind": screen.blind,
        "read_in_entry": screen.own_reading,
        "alone": screen.alone,
        "drawn_at": screen.drawn_at,
        **said,
        **more,
    }


def withdrawal(key: str, seq: int, body: Mapping[str, Any], person: Person, time: str) -> dict[str, Any]:
    """The entry that takes entry seq, which says body, back. Raises UsageError for somebody else's, save for a lead."""
    check_may_decide(person)
    if body["reviewer"] != person.name and person.role != "lead":
        raise Refused("undo_not_yours", seq=seq, name=body["reviewer"])
    return {"act": "undo", "id": key, "time": time, "reviewer": person.name, "role": person.role} | {
        "undoes": seq,
        "photo": body["photo"],
        "mark": body["mark"],
        "record": body["record"],
        "kit": body["kit"],
    }


def own_reading(screen: Screen, reading: str, person: Person, time: str) -> dict[str, Any]:
    """The entry of what a person read before any candidate was shown to them."""
    check_may_decide(person)
    if len(reading) > LONGEST_READING:
        raise Refused("too_long", note=LONGEST_NOTE, reading=LONGEST_READING)
    return {"act": "reading", "id": screen.key, "time": time, "reviewer": person.name, "role": person.role} | {
        "photo": screen.photo,
        "mark": screen.mark,
        "record": screen.record,
        "kit": screen.kit,
        "own_reading": reading,
    }


def new_mark(
    screen: Screen, kind: str, outline: Sequence[Sequence[float]], reading: str, person: Person, time: str
) -> dict[str, Any]:
    """The entry of a mark that a person saw and the machine did not: outline is a box of four photo points.

    Its key is its own: of one page a decision, and several marks, can be sent, and each counts once.
    """
    check_may_decide(person)
    key = hashlib.sha256(f"{screen.key} {kind} {outline} {reading}".encode("utf-8", "replace")).hexdigest()[:32]
    if len(outline) != 4 or any(len(point) != 2 for point in outline):
        raise Refused("draw_first")
    return {"act": "mark", "id": key, "time": time, "reviewer": person.name, "role": person.role} | {
        "photo": screen.photo,
        "mark": f"p-{key[:12]}",
        "record": screen.record,
        "kit": screen.kit,
        "kind": kind,
        "outline": [[round(float(x), 1), round(float(y), 1)] for x, y in outline],
        "reading": reading,
    }


def is_box(outline: Sequence[Sequence[float]]) -> bool:
    """Whether an outline holds anything: a click, or a line, is no box."""
    return all(max(side) - min(side) >= LEAST_SIDE_PX for side in zip(*outline, strict=True))


def check_may_decide(person: Person) -> None:
    """Raise UsageError for somebody who may only look."""
    if person.role not in MAY_DECIDE:
        raise Refused("viewer_only")
