"""What the report of an archive says in words, and how its numbers are written."""

from __future__ import annotations

from vision.report.intervals import COVERAGE, Estimate

TITLE = "marktrace · what the marks in an archive of photos show"
SAYS = (
    "Confirmed: a person looked at the mark and decided. Each is one mark of one photo.",
    "Candidates: what the machine states of marks nobody has decided on, no finer than it holds safe. The number is "
    "how many of them are expected to be right, each counted with the probability that its reading gives.",
    f"The range is where that number lies with {COVERAGE:.0%} probability, if readings are wrong independently of each "
    "other and their probabilities are calibrated.",
)
SAYS_NOT = (
    "What share of anything in the world came from somewhere: these are the photos that were taken and kept, not a "
    "sample of what was found or used.",
    "How many objects there are: two photos of one object count twice.",
    "Who supplied, sold, diverted, carried or fired it: the maker is not the supplier.",
    "That two finds with the same mark are linked: states buy, lose and give away the same lots.",
    "That a mark is genuine, or that the case was loaded when or where it was made.",
)
NO_PHOTOS = "None of these photos is listed."
# By the code of a failure (docs/record.md), what is said of a file that failed.
_FAILED = {
    "missing": "was gone when it was to be read",
    "not_a_file": "was no plain file when it was to be read",
    "unreadable": "cannot be read from its disk",
    "changed": "changed while it was read",
    "empty": "is empty",
    "unsupported": "is no photo of a known format",
    "damaged": "is damaged",
    "file_too_large": "is too large a file",
    "too_many_pixels": "has too many pixels",
    "memory": "took more memory than a photo may",
    "crashed": "broke the program that examined it",
    "timeout": "took too long to examine",
}
KEY_CONFIRMED, KEY_STATED = "confirmed by people", "candidates, expected to be right"


def failed(stage: str, code: str) -> str:
    """What is said of files that failed at a stage with a code.

    >>> failed("photo", "damaged"), failed("worker", "nonsense")
    ('file that is damaged', 'file that failed (worker: nonsense)')
    """
    return f"file that {_FAILED[code]}" if code in _FAILED else f"file that failed ({stage}: {code})"


def number(value: float) -> str:
    """A number as people write it: thousands apart, a decimal below ten unless it is whole.

    >>> number(1234567), number(3.14159), number(7.0), number(41.6)
    ('1 234 567', '3.1', '7', '42')
    """
    if abs(value) < 9.95 and abs(value - round(value)) >= 0.05:
        return f"{value:.1f}"
    return f"{round(value):,}".replace(",", " ")


def between(estimate: Estimate) -> str:
    """An estimate's range.

    >>> between(Estimate(3.2, 2, 5)), between(Estimate(3.0, 3, 3))
    ('2 to 5', '3')
    """
    if estimate.low == estimate.high:
        return number(estimate.low)
    return f"{number(estimate.low)} to {number(estimate.high)}"


def share(value: float, total: float) -> str:
    """value as a share of total.

    >>> share(1, 3), share(1, 1000), share(0, 5), share(2, 0)
    ('33%', '<1%', '0%', '–')
    """
    if total <= 0:
        return "–"
    percent = 100.0 * value / total
    return "<1%" if 0.0 < percent < 0.5 else f"{percent:.0f}%"


def share_range(estimate: Estimate, more: int, total: int) -> str:
    """The share of total that more and an estimate make, with the range where it has one.

    >>> share_range(Estimate(3.0, 2, 4), 2, 10), share_range(Estimate(0.0, 0, 0), 5, 10)
    ('50% (40–60)', '50%')
    """
    middle = share(estimate.expected + more, total)
    if estimate.low == estimate.high or total <= 0:
        return middle
    low, high = (min(100.0 * (edge + more) / total, 100.0) for edge in (estimate.low, estimate.high))
    return f"{middle} ({low:.0f}–{high:.0f})"
