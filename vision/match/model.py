"""The marking set as a matcher needs it: what may be struck, how likely, and what a word can mean under a pattern."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vision.catalogue.calibres import same_case
from vision.catalogue.lookalikes import confusable, fold, same_shape
from vision.catalogue.schema import Calibre, MarkingSet, Pattern
from vision.catalogue.years import read_years
from vision.match.explain import other_cost
from vision.match.spot import Vocabulary
from vision.types import Placed, Role, Word

# What a mark of no pattern has for itself before anything is read.
NO_PATTERN = 0.25
# Log-probabilities of reading one character for another: the same shape in another size, a look-alike, and a look-alike
# of a character that the reader does not know and so cannot give.
OTHER_CASE = -0.5
SAME_STROKES = -0.7
LOOKALIKE = -3.5
ONLY_LOOKALIKE = -1.2
# Capitals and small letters of one shape, and letters and digits that are struck with the same strokes.
ONE_SHAPE = "CKOPSUVWXZ"
STROKES = ("0Oo", "1Il")
# What a reader makes of a broad arrow between letters.
ARROW = "↑"
ARROW_WAYS = {"↑": 0.0, "A": -1.0, "+": -1.0, "1": -1.5, "T": -1.5, "4": -1.5, "†": -1.0, "^": -1.0, "M": -2.0}
# Log-probabilities of a year in range, out of range, and where a pattern bears none; of a calibre the pattern was used
# in, of another one, and of a sign.
YEAR_IN_RANGE = -0.4
YEAR_OUT_OF_RANGE = -6.5
YEAR_UNUSUAL = -2.0
CALIBRE_KNOWN = -0.7
CALIBRE_UNSAID = -1.2
CALIBRE_OTHER = -2.5
# In how many spellings a calibre is struck.
SPELLINGS = 3.0
# No year, calibre or sign costs less than this.
VARIES_AT_BEST = -1.0
# A sign that any maker may strike; a country's name on a head made there, and on one made elsewhere.
SIGN = -6.5
SIGN_AT_HOME = -1.5
SIGN_ABROAD = -9.0
# Grade C rows and marks inferred but never seen are rarer on real heads than rows somebody has read.
GRADE_C = -0.7
INFERRED = -1.5
# A single letter is never more than possible by itself (R11.1), and old: few finds bear one.
SINGLE_LETTER = -1.0

# Roles of texts under patterns are remembered up to this many.
ROLES_KEPT = 50_000

_YEAR_TEXT = re.compile(r"\d{2}|(?:18|19|20)\d{2}|\d{1,2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Code:
    """One way one pattern's code can be struck: text is its letters, without symbols other than arrows."""

    pattern: Pattern
    text: str

    @property
    def origin(self) -> str:
        """The same for every row that spells one mark of one plant: letters and digits of the code, country, city."""
        letters = "".join(c for c in self.pattern.code.upper() if c.isalnum())
        letters = re.sub(r"CIRCLED|INDOUBLECIRCLE|INOVAL", "", letters)
        return f"{letters or self.pattern.id} {self.pattern.country} {self.pattern.city}"


class Model:
    """A marking set prepared for one alphabet of a reader."""

    def __init__(self, markings: MarkingSet, alphabet: Sequence[str], *, this_year: int | None = None) -> None:
        """this_year ends what is still struck; the computer's year when None."""
        self.markings = markings
        self._this_year = this_year if this_year is not None else datetime.now(UTC).year
        self.codes: dict[str, list[Code]] = {}
        self.priors: dict[str, float] = {}
        self.signs: dict[str, str] = {}
        self._roles: dict[tuple[str, str], tuple[Role, float]] = {}
        self._prepare_codes()
        self.legends = _legends(markings.calibres, self.codes)
        self.usual = _usual(markings)
        self.spellings = (*(legend for c in markings.calibres for legend in c.legends), *_spelled(self.codes))
        strings = sorted({*self.codes, *self.legends, *self.signs})
        known = set(alphabet)
        characters = sorted({c for s in strings for c in s})
        self.vocabulary = Vocabulary(strings, alphabet, {c: _ways(c, known) for c in characters})

    def _prepare_codes(self) -> None:
        weights: dict[str, float] = {}
        for pattern in self.markings.patterns:
            texts = _texts(pattern)
            if pattern.role == "feature":
                self.signs.update(dict.fromkeys(texts, pattern.country))
            if pattern.role not in ("maker", "brand"):
                continue
            for text in texts:
                self.codes.setdefault(text, []).append(Code(pattern, text))
            if texts:
                weights[pattern.id] = _weight(pattern, self._this_year)
        total = sum(weights.values())
        self.priors = {p: math.log((1.0 - NO_PATTERN) * w / total) for p, w in weights.items()}

    def year_value(self, pattern: Pattern | None, text: str) -> float | None:
        """Log-probability of this year on a head of this pattern; None when the text is no year."""
        if not is_year(text):
            return None
        spread = math.log(100.0) if len(text) == 2 else math.log(100.0) + 2.0
        if pattern is None:
            return -0.9 - spread
        bears = pattern.year_style != "none"
        start = pattern.years_from or 1850
        end = pattern.years_to or self._this_year
        readings = read_years(text, pattern, None, this_year=self._this_year)
        inside = any(r.first <= end + 1 and r.last >= start - 1 for r in readings)
        if not inside:
            return YEAR_OUT_OF_RANGE - math.log(50.0)
        usual = YEAR_IN_RANGE if bears else YEAR_UNUSUAL
        span = min(100.0, max(5.0, float(end - start)))
        return usual - math.log(span) - (0.0 if len(text) == 2 or pattern.year_style == "four-digit" else 2.0)

    def calibre_value(self, pattern: Pattern | None, text: str) -> float | None:
        """Log-probability of this calibre legend on a head of this pattern; None when the text is no legend."""
        names = self.legends.get(text)
        if names is None:
            return None
        usual = math.log(sum(self.usual[n] for n in names)) - math.log(SPELLINGS)
        if pattern is None or not pattern.calibres:
            return CALIBRE_UNSAID + usual
        used = same_case(pattern.calibres)
        own = sum(self.usual[n] for n in names if n in used)
        if own:
            return CALIBRE_KNOWN - math.log(SPELLINGS) + math.log(own / sum(self.usual[n] for n in used))
        return CALIBRE_OTHER + usual

    def varies(self, text: str) -> bool:
        """Whether what the text means depends on the pattern: it may be a year, a calibre or a sign."""
        return text in self.legends or text in self.signs or is_year(text)

    def place(self, word: Word, gain: float, pattern: Pattern | None) -> list[Placed]:
        """The word, whose evidence is gain, in the role that suits it best under the pattern (never as its code); a
        year also as something else, since a head bears one year at most. Only roles that explain more than nothing
        does."""
        role, cost = self._role(word.text, pattern)
        placed = [Placed(word, role, gain + cost)]
        if role == "year":
            placed.append(Placed(word, "other", gain + other_cost(word.text)))
        return [p for p in placed if p.value > 0.0]

    def _role(self, text: str, pattern: Pattern | None) -> tuple[Role, float]:
        """The likeliest role of a text under a pattern, with its log-probability; kept, since patterns repeat."""
        key = (text, pattern.id if pattern else "")
        known = self._roles.get(key)
        if known is None:
            year, calibre = self.year_value(pattern, text), self.calibre_value(pattern, text)
            options: list[tuple[float, Role]] = [(other_cost(text), "other")]
            options += [(year, "year")] if year is not None else []
            options += [(calibre, "calibre")] if calibre is not None else []
            options += [(self._sign_value(pattern, text), "sign")] if text in self.signs else []
            cost, role = max(options)
            known = self._roles[key] = (role, cost)
            if len(self._roles) > ROLES_KEPT:
                self._roles.clear()
        return known

    def _sign_value(self, pattern: Pattern | None, text: str) -> float:
        country = self.signs[text]
        if pattern is None or country == "ZZ":
            return SIGN
        return SIGN_AT_HOME if pattern.country == country else SIGN_ABROAD


def is_year(text: str) -> bool:
    """Whether a word has the form of a year: two digits, four of the last centuries, or month and year."""
    return _YEAR_TEXT.fullmatch(text) is not None


def _texts(pattern: Pattern) -> set[str]:
    """The pattern's stampings as strings: symbols left out, and once more with its arrows, which readers take for
    letters."""
    texts = set()
    for way in pattern.stampings:
        texts.add("".join(e for e in way if not e.startswith("<")))
        texts.add("".join(ARROW if e == "<broad arrow>" else "" if e.startswith("<") else e for e in way))
    return {text for text in texts if text and text != ARROW}


def _spelled(codes: Mapping[str, Sequence[Code]]) -> list[str]:
    """Every code as its row writes it where that has the same letters ("BROWN BEAR"), else without spaces."""
    spelled = []
    for text, rows in codes.items():
        written = [c.pattern.code for c in rows if c.pattern.code.replace(" ", "") == text]
        spelled.extend(written or [text])
    return spelled


def _weight(pattern: Pattern, this_year: int) -> float:
    """How much of what is found bears this pattern, before anything is read: long-lived marks more than short-lived."""
    years = (pattern.years_to or this_year) - (pattern.years_from or 1950)
    weight = math.sqrt(max(4.0, float(years)))
    if pattern.grade == "C":
        weight *= math.exp(GRADE_C)
    if pattern.inferred:
        weight *= math.exp(INFERRED)
    if len(pattern.code) == 1 and pattern.code.isalpha():
        weight *= math.exp(SINGLE_LETTER)
    return weight


def _legends(calibres: Sequence[Calibre], codes: Container[str]) -> dict[str, tuple[str, ...]]:
    """Legends as struck, without spaces, and their words (LUGER, PARA), to the calibres they can mean; a word that is
    also a maker's code (WIN) is that."""
    found: dict[str, list[str]] = {}
    for calibre in calibres:
        for legend in calibre.legends:
            for text in {legend.replace(" ", ""), legend.replace(" ", "").upper()}:
                _add(found, text, calibre.name)
            for part in legend.upper().split()[1:]:
                if part.isalpha() and len(part) > 2 and part not in codes:
                    _add(found, part, calibre.name)
    return {text: tuple(names) for text, names in found.items() if names}


def _add(found: dict[str, list[str]], text: str, name: str) -> None:
    names = found.setdefault(text, [])
    if len(text) > 1 and name not in names:
        names.append(name)


def _usual(markings: MarkingSet) -> dict[str, float]:
    """The share of each calibre among all that is struck: how many patterns of the set were used in it, plus one
    half."""
    counts = {calibre.name: 0.5 for calibre in markings.calibres}
    for pattern in markings.patterns:
        for name in pattern.calibres:
            counts[name] = counts.get(name, 0.5) + 1.0
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()}


def _ways(character: str, known: set[str]) -> dict[str, float]:
    """The characters of a reader's alphabet that may be read for this one, with the log-probability of it."""
    if character == ARROW:
        return {c: cost for c, cost in ARROW_WAYS.items() if c in known}
    ways = {c: 0.0 for c in same_shape(character) if c in known}
    if character in known:
        ways[character] = 0.0
    shape = fold(character)
    if shape.upper() in ONE_SHAPE:
        for other in (shape.upper(), shape.lower()):
            if other in known:
                ways.setdefault(other, OTHER_CASE)
    for strokes in STROKES:
        if shape in strokes:
            for other in strokes:
                if other in known:
                    ways.setdefault(other, SAME_STROKES)
    cost = LOOKALIKE if ways else ONLY_LOOKALIKE
    for other in confusable(character):
        for c in same_shape(other):
            if c in known:
                ways.setdefault(c, cost)
    return ways
