"""What turns log-scores into probabilities, and probabilities into sets that hold the truth: fitted figures, as data.

Everything here depends on how legible a mark is: the mean gain (nats) of the characters its best explanation stands on.
Two steps, both fitted on renders by `python -m vision.training.calibrate` and kept in models/calibration.json:

- Probabilities are a softmax over log-scores divided by a temperature, the explanation without a pattern raised by
  `outside` nats; both change with legibility. A share `missed` of all belief goes to what no explanation has.
- Sets are split conformal, least ambiguous ones (Sadinle, Lei and Wasserman 2019), each stratum of legibility by itself
  (Mondrian: Vovk 2012): everything at least as probable as a bar, where the bar is that quantile of the truth's
  probability on held-out renders that only the share `risk` of them falls below. So of marks like those renders, at
  least 1 - risk have their truth in the set, whatever the probabilities are worth; worse reading lowers the bars and
  widens the sets. Patterns, makers and states have bars of their own.
- What is stated is held to the same risk in another way: a pattern, maker or state may be stated from a probability on
  of which the held-out renders of its stratum show that at most the share `risk` of what is stated so is wrong.

Accepted: what is true of renders is true of photos only as far as the renders are like photos.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from vision.errors import KitError, UsageError
from vision.types import Explanation

NAME = "calibration.json"
SCHEMA = "marktrace-calibration/1"
# Beyond so many spreads from the usual legibility nothing changes any more: the fit has seen little there.
FARTHEST = 2.0
RISK = 0.1


@dataclass(frozen=True, slots=True)
class Bars:
    """The least probability with which a pattern, a maker or a state belongs to the set (or may be stated)."""

    pattern: float
    maker: float
    state: float


# Nothing is stated that is not more likely than not, fitted or no.
EVEN = Bars(0.5, 0.5, 0.5)
# A bar that no probability reaches.
NEVER = 2.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted figures. A pair is (value at the usual legibility, change for each spread above it).

    usual: mean and spread of legibility, nats; temperature: its natural logarithm; outside: nats; missed: a share;
    strata: legibilities at which one stratum ends and the next begins; bars (of the sets) and stated (of what may be
    said): by risk, one for each stratum.
    """

    usual: tuple[float, float] = (7.0, 2.0)
    temperature: tuple[float, float] = (0.0, 0.0)
    outside: tuple[float, float] = (0.0, 0.0)
    missed: float = 0.0
    strata: tuple[float, ...] = ()
    bars: Mapping[float, tuple[Bars, ...]] = field(default_factory=lambda: {RISK: (EVEN,)})
    stated: Mapping[float, tuple[Bars, ...]] = field(default_factory=lambda: {RISK: (EVEN,)})

    def __post_init__(self) -> None:
        if not self.usual[1] > 0.0 or not 0.0 <= self.missed < 1.0:
            raise ValueError(f"a spread is above 0 and a share below 1, got {self.usual[1]!r} and {self.missed!r}")
        if list(self.strata) != sorted(self.strata):
            raise ValueError(f"strata run upwards, got {self.strata!r}")
        if any(len(bars) != len(self.strata) + 1 for bars in (*self.bars.values(), *self.stated.values())):
            raise ValueError(f"every risk needs {len(self.strata) + 1} strata of bars")
        if self.bars.keys() != self.stated.keys():
            raise ValueError(f"one set of risks, got {sorted(self.bars)} and {sorted(self.stated)}")

    def standing(self, legible: float) -> float:
        """How far (spreads, at most FARTHEST) a legibility lies above the usual one."""
        mean, spread = self.usual
        return max(-FARTHEST, min(FARTHEST, (legible - mean) / spread))

    def shares(self, scores: Sequence[float], nothing: float, legible: float) -> list[float]:
        """The probability of each log-score against nothing, the best log-score without a pattern; what they leave to
        one is that of nothing."""
        far = self.standing(legible)
        temperature = math.exp(self.temperature[0] + self.temperature[1] * far)
        lifted = nothing + self.outside[0] + self.outside[1] * far
        top = max([*scores, lifted])
        weights = [math.exp((s - top) / temperature) for s in scores]
        total = sum(weights) + math.exp((lifted - top) / temperature)
        return [(1.0 - self.missed) * w / total for w in weights]

    def stratum(self, legible: float) -> int:
        """Which stratum a legibility falls in, 0 the worst."""
        return sum(legible >= edge for edge in self.strata)

    def bars_for(self, legible: float, risk: float = RISK) -> tuple[Bars, Bars]:
        """A stratum's bars at a risk, of the sets and of what may be stated. Raises UsageError for a risk that none
        were fitted for."""
        if risk not in self.bars:
            fitted = ", ".join(f"{known:g}" for known in sorted(self.bars))
            raise UsageError(f"There are no sets for a risk of {risk:g}: choose from {fitted}.")
        return self.bars[risk][self.stratum(legible)], self.stated[risk][self.stratum(legible)]


def legibility(explanation: Explanation) -> float:
    """The mean gain, in nats, of the characters an explanation stands on; 0 where it stands on none."""
    characters = sum(len(placed.word.angles) for placed in explanation.placed)
    return sum(placed.word.gain for placed in explanation.placed) / characters if characters else 0.0


def likely(probabilities: Mapping[str, float], bar: float) -> tuple[str, ...]:
    """The nodes at least as probable as a bar, most probable first; the most probable one where none is.

    >>> likely({"RU": 0.6, "CN": 0.3, "FI": 0.1}, 0.25)
    ('RU', 'CN')
    """
    ordered = sorted(probabilities, key=lambda node: (-probabilities[node], node))
    return tuple(node for node in ordered if probabilities[node] >= bar) or tuple(ordered[:1])


def lowest_bar(of_truths: Iterable[float], risk: float) -> float:
    """The bar that the truths' probabilities of a stratum give: one more of them than the share risk may fall below it.

    Of n exchangeable marks the next one's truth then reaches the bar with probability at least 1 - risk. 0 where there
    are too few to say.

    >>> lowest_bar([0.9, 0.8, 0.7, 0.1, 0.6, 0.5, 0.95, 0.85, 0.75], 0.2)
    0.5
    """
    ordered = sorted(of_truths)
    place = math.floor(risk * (len(ordered) + 1) + 1e-9)
    return ordered[place - 1] if place else 0.0


def stating_bar(first: Iterable[tuple[float, bool]], risk: float) -> float:
    """The least probability, above one half, from which on what is stated of a stratum is wrong at most risk of the
    times, the next mark counted as wrong and what was wrong by one standard deviation more (the bar is picked from
    many, and the luckiest would be); first holds (probability, right) of each mark's likeliest node.

    NEVER where even the surest are wrong too often, or are too few to say.

    >>> stating_bar([(0.9, True)] * 8 + [(0.7, True), (0.6, False), (0.55, False)], 0.1)
    0.7
    """
    sure = sorted(((p, right) for p, right in first if p > 0.5), reverse=True)
    bar, wrong = NEVER, 0
    for count, (probability, right) in enumerate(sure, start=1):
        wrong += not right
        last_of_equals = count == len(sure) or sure[count][0] < probability
        if last_of_equals and wrong + math.sqrt(wrong) + 1.0 <= risk * (count + 1) + 1e-9:
            bar = 0.5 if count == len(sure) else probability
    return bar


def load_calibration(folder: Path) -> Calibration:
    """The calibration in a models folder. Raises KitError when it is not one."""
    try:
        content = json.loads((folder / NAME).read_text("utf-8"))
        if content["schema"] != SCHEMA:
            raise KitError(f"{NAME} has the schema {content['schema']!r}, this version reads {SCHEMA!r}.")
        bars, stated = (
            {float(risk): tuple(Bars(*map(float, b)) for b in rows) for risk, rows in content[name].items()}
            for name in ("bars", "stated")
        )
        pairs = {
            name: (float(content[name][0]), float(content[name][1])) for name in ("usual", "temperature", "outside")
        }
        strata = tuple(map(float, content["strata"]))
        return Calibration(**pairs, missed=float(content["missed"]), strata=strata, bars=bars, stated=stated)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise KitError(f"{NAME} cannot be read ({type(error).__name__}); install marktrace again.") from error


def save_calibration(calibration: Calibration, folder: Path) -> Path:
    """Write the calibration into a models folder and return its path; the manifest is the caller's."""
    content = {"schema": SCHEMA, **{f.name: getattr(calibration, f.name) for f in fields(calibration)}}
    for name, by_risk in (("bars", calibration.bars), ("stated", calibration.stated)):
        content[name] = {f"{risk:g}": [[b.pattern, b.maker, b.state] for b in rows] for risk, rows in by_risk.items()}
    lines = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in content.items()]
    target = folder / NAME
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    return target
