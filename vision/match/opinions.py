"""Several opinions of one mark as one: of some looks at it and of all, or of several photos.

An opinion is what explain gives: every pattern that explains the mark, with its score. One may read PPU where another
reads P.P.U.; both mean one plant, so patterns are told apart by the mark they spell.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vision.types import Explanation

# What photos say of a mark together, as the power their shares are raised to: less than one, since a letter that is
# worn is worn in all of them. What all rows joined say counts as two photos do. An opinion that does not list a mark,
# or holds it for less likely than that, says no more than so many nats against it: one bad photo must not rule out
# what the others show. The first and the last were chosen on 80 own objects, each photographed four times, the second
# with 40 more in view (docs/measurements.md).
SHARED = 0.5
JOINED_COUNTS = 2.0
MOST_AGAINST = -5.0


@dataclass(frozen=True, slots=True)
class _Opinion:
    """By mark the best explanation; whole, the log of all that explains anything."""

    best: dict[str | None, Explanation]
    whole: float

    def share(self, mark: str | None) -> float | None:
        """Log-probability of a mark that is listed."""
        return self.best[mark].score - self.whole if mark in self.best else None


def _opinion(explanations: Sequence[Explanation], marks: Mapping[str, str]) -> _Opinion:
    best: dict[str | None, Explanation] = {}
    for one in sorted(explanations, key=lambda e: -e.score):
        best.setdefault(marks.get(one.pattern, one.pattern) if one.pattern is not None else None, one)
    return _Opinion(best, float(np.logaddexp.reduce([e.score for e in explanations])))


def averaged(
    fewer: Sequence[Explanation], all_: Sequence[Explanation], marks: Mapping[str, str] | None = None
) -> list[Explanation]:
    """What explains a mark by the mean of two opinions, best first: explanations of some looks at it, and of all.

    Every pattern is as likely as the two hold it on the average, so that what one reader alone makes up counts half;
    where both explain it the explanation of all looks stands. Scores keep the scale of those of all looks. The rows of
    the fewer looks must be the first of all of them.

    Args:
        marks: by pattern the mark it spells; a pattern that is left out is a mark by itself.
    """
    some, every = _opinion(fewer, marks or {}), _opinion(all_, marks or {})
    found = []
    for mark in dict.fromkeys((*every.best, *some.best)):
        shares = [share for one in (some, every) if (share := one.share(mark)) is not None]
        score = float(np.logaddexp.reduce(shares)) - math.log(2.0) + every.whole
        found.append(replace(every.best.get(mark) or some.best[mark], score=score))
    return sorted(found, key=lambda e: -e.score)


def pooled(
    joined: Sequence[Explanation], photos: Sequence[Sequence[Explanation]], marks: Mapping[str, str] | None = None
) -> list[Explanation]:
    """What explains a mark of which there are several photos, best first: explanations of all their rows joined, and of
    each photo by itself.

    A mark is as likely as the product of what the opinions hold it (a logarithmic opinion pool; Genest and Zidek,
    Combining probability distributions, 1986), to the power SHARED. Its words are those of the opinion whose words have
    most evidence from all. Scores keep the scale of the opinions' mean.

    Args:
        marks: as in averaged.
    """
    opinions = [_opinion(some, marks or {}) for some in (joined, *photos)]
    counts = [JOINED_COUNTS] + [1.0] * len(photos)
    found: list[Explanation] = []
    for mark in dict.fromkeys(mark for one in opinions for mark in one.best):
        shares = [MOST_AGAINST if (share := one.share(mark)) is None else share for one in opinions]
        score = SHARED * sum(c * max(share, MOST_AGAINST) for c, share in zip(counts, shares, strict=True))
        told = _most_held([one.best[mark] for one in opinions if mark in one.best])
        found.append(replace(told, score=score))
    rise = float(np.mean([one.whole for one in opinions])) - float(np.logaddexp.reduce([e.score for e in found]))
    return sorted((replace(e, score=e.score + rise) for e in found), key=lambda e: -e.score)


def _most_held(explanations: Sequence[Explanation]) -> Explanation:
    """Of several explanations by one mark the one whose words have most evidence in all of them."""
    evidence: list[dict[str, float]] = []
    for one in explanations:
        words: dict[str, float] = defaultdict(float)
        for placed in one.placed:
            words[placed.word.text] += max(placed.value, 0.0)
        evidence.append(words)

    def held(index: int) -> tuple[float, float]:
        return sum(words.get(text, 0.0) for text in evidence[index] for words in evidence), explanations[index].score

    return explanations[max(range(len(explanations)), key=held)]
