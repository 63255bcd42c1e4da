"""One tree of errors, an exit code each. The command line turns them into an exit status in one place.

Exit codes are stable: 0 done, 1 wrong arguments, 2 nothing readable, 3 something needed is missing, 4 model or marking
set invalid, 5 cannot write, 6 done but some photos failed, 7 integrity check failed, 130 interrupted and resumable.
"""

from __future__ import annotations


class MarktraceError(Exception):
    """Base of every error marktrace raises on purpose. The message is a sentence that says what to do."""

    exit_code = 1


class UsageError(MarktraceError):
    """Arguments that do not fit together."""

    exit_code = 1


class PhotoError(MarktraceError):
    """A photo that is refused; becomes a Failure with the same code and detail, and never stops a batch."""

    exit_code = 2

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class MissingError(MarktraceError):
    """A program, package or file that is needed is not installed."""

    exit_code = 3


class KitError(MarktraceError):
    """Weights or a marking set that do not verify."""

    exit_code = 4


class OutputError(MarktraceError):
    """A file that cannot be written."""

    exit_code = 5
