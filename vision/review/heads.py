"""The head's file outside the store: noted when people stop, and never written over before the log was held against it.

An old head is the only thing that shows a log that was cut or written anew. Replacing it with the head of such a log
would destroy that proof; so it is compared first, and a file that does not fit stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vision.errors import UsageError
from vision.review.log import Head, read_head, write_head
from vision.review.sign import is_signed_by, public_key_of, signed
from vision.review.verify import Row, Verdict, verify


class BrokenLog(UsageError):
    """A log that is broken, or does not fit a head noted earlier. Exit code 7."""

    exit_code = 7


@dataclass(frozen=True, slots=True)
class HeadFile:
    """Where heads are noted, and the key that signs them, where there is one."""

    path: Path
    sign_key: Path | None = None

    def check(self, rows: Iterable[Row]) -> Verdict:
        """Hold a log against the head that the file has; no file yet is well.

        Raises BrokenLog when the log is broken, the two do not fit, or the head is not signed with the key that is to
        sign the next one (to sign on top of an unsigned head would vouch for whatever log it names); UsageError when
        the file is no head.
        """
        noted = read_head(self.path) if self.path.exists() else None
        if noted and self.sign_key and not is_signed_by(noted, public_key_of(self.sign_key)):
            raise BrokenLog(
                f"The head in {self.path} was not signed with this key, or was changed since. It was kept as it is: "
                "find out why. To begin a new head on purpose, move that file away first."
            )
        return check_whole(rows, noted, f" The head in {self.path} was kept as it is." if noted else "")

    def begins(self, entries: int) -> str:
        """What is to be said where a log of so many entries gets its first head in this file; nothing otherwise."""
        if not entries or self.path.exists():
            return ""
        return (
            f"{self.path} holds no head yet: a new one is begun. Nothing shows whether the {entries} entries "
            "before it were cut or written anew."
        )

    def note(self, head: Head) -> Head:
        """Write a head, signed where there is a key, and return it as written. Raises OutputError."""
        noted = signed(head, self.sign_key) if self.sign_key else head
        write_head(noted, self.path)
        return noted


def check_whole(rows: Iterable[Row], noted: Head | None = None, kept: str = "") -> Verdict:
    """Walk a log, and hold it against a head where there is one. Raises BrokenLog, whose sentence ends with kept."""
    verdict = verify(rows, (noted.count, noted.sha256) if noted else None)
    if verdict.fault:
        raise BrokenLog(f"The decision log is BROKEN at entry {verdict.first_bad}: {verdict.fault}{kept}")
    return verdict
