"""The marking set as a matcher needs it: what may be struck, how likely, and what a word can mean under a pattern."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from vision.catalogue.calibres import same_case
from vision.catalogue.digits import latin_digits
from vision.catalogue.schema import Calibre, MarkingSet, Pattern
from vision.catalogue.signs import ANYONE, out_of_place, shares_calibre
from vision.catalogue.years import read_years
from vision.match.codes import Code, own_symbols, spelled, struck_texts, weight
from vision.match.explain import OTHER_SYMBOL, other_cost
from vision.match.tokens import is_symbol
from vision.match.vocabulary import Vocabulary
from vision.match.ways import ways
from vision.types import Floats, Placed, Role, Word

# What a mark of no pattern has for itself before anything is read.
NO_PATTERN = 0.25
# Log-probabilities of a year in range, out of range, and where a pattern bears none; of a calibre the pattern was used
# in, of another one, and of a sign.
YEAR_IN_RANGE = -0.4
YEAR_OUT_OF_RANGE = -6.5
YEAR_UNUSUAL = -2.0
# ... and of one in four digits where two are usual, or in two where four are.
YEAR_OTHER_FORM = -2.0
CALIBRE_KNOWN = -0.7
CALIBRE_UNSAID = -1.2
CALIBRE_OTHER = -2.5
# In how many spellings a calibre is struck.
SPELLINGS = 3.0
# A sign that any maker may strike; a country's name on a head made there, and on one made elsewhere.
SIGN = -6.5
SIGN_AT_HOME = -1.5
SIGN_ABROAD = -9.0
# A symbol that is a sign of no one state, such as the NATO cross: on a mark of no pattern, or of one whose calibres
# nobody knows; of one that was used in the sign's calibres and years; of one that was not. And one that belongs to the
# pattern's own mark.
SYMBOL_SIGN = OTHER_SYMBOL + 0.5
SYMBOL_FITTING = -1.5
SYMBOL_OUT_OF_PLACE = OTHER_SYMBOL - 2.0
OWN_SYMBOL = -0.5
# The number of a lot, by its digits, where the pattern's layout has one, and of a month: most heads of such a layout
# bear it, six lots in ten have two digits and three have one.
LOTS = (-0.5 + math.log(0.3 / 9.0), -0.5 + math.log(0.6 / 90.0))
MONTH = -0.5 - math.log(12.0)
# The shortest span of years a year in range is spread over.
SHORTEST_SPAN = 5.0

# Log-probabilities of texts under kinds of patterns are remembered up to this many.
MEANINGS_KEPT = 2_000_000
# ... what texts mean without a pattern, and their roles under kinds of them, up to this many each,
TEXTS_KEPT = 50_000
# ... and of years under kinds of patterns up to this many, some 20 MB.
YEARS_KEPT = 100_000

# Four figures are of the last centuries by any calendar (rules, section 9), three by Sudan's (R10.1).
_YEAR_TEXT = re.compile(r"\d{2}|(?:1[3489]|20|25)\d{2}|0\d{2}|\d{1,2}-\d{2}", re.ASCII)

_LOT_TEXT = re.compile(r"[1-9]\d?", re.ASCII)
# What a layout says where a sign of the case's metal stands (rules R5.1 to R5.3).
CASES = ("case material", "S67")

# (log-probability as a year, None where it is none; the likeliest other role; its log-probability)
Meaning = tuple[float | None, Role, float]
Ints = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


class Model:
    """A marking set prepared for one alphabet of a reader."""

    def __init__(
        self,
        markings: MarkingSet,
        alphabet: Sequence[str],
        *,
        this_year: int | None = None,
    ) -> None:
        """this_year ends what is still struck; the computer's year when None."""
        self.markings = markings
        self._this_year = this_year if this_year is not None else datetime.now(UTC).year
        self.codes: dict[str, list[Code]] = {}
        self.priors: dict[str, float] = {}
        self.signs: dict[str, list[Pattern]] = {}
        self._symbols: dict[str, frozenset[str]] = {}
        self._prepare_codes()
        self.rows = _Rows(self.codes, self.priors, self._symbols)
        # By pattern the mark it spells: PPU and P.P.U. of one plant are one.
        self.marks = {code.pattern.id: code.origin for code in self.rows.codes}
        self._meanings: dict[str, Values] = {}
        self._roles: dict[tuple[str, int], Role] = {}
        self._unmarked: dict[str, Meaning] = {}
        self._varies: dict[str, bool] = {}
        self._years: dict[tuple[object, ...], float] = {}
        self.legends = _legends(markings.calibres, self.codes)
        self.usual = _usual(markings)
        self.spellings = (*(legend for c in markings.calibres for legend in c.legends), *spelled(self.codes))
        symbols = {s for some in self._symbols.values() for s in some}
        # Codes that may also be a year or a calibre are looked for as such wherever they stand.
        common = sorted({*self.legends, *self.signs, *symbols, *(t for t in self.codes if self.varies(t))})
        known = set(alphabet)
        read_as = _Ways(known)
        self.common = Vocabulary(common, alphabet, read_as)
        self.vocabulary = Vocabulary(sorted(self.codes), alphabet, read_as)
        self.readings = {**self.common.readings, **self.vocabulary.readings}
        # (strings,): what each common text costs at best, and the prior of each code's likeliest pattern.
        self.best_meanings: Floats = np.array([self.at_best(text) for text in common], np.float32)
        self.best_priors: Floats = np.array(
            [self.rows.prior[self.rows.of[text]].max() for text in self.vocabulary.strings], np.float32
        )

    def _prepare_codes(self) -> None:
        weights: dict[str, float] = {}
        for pattern in self.markings.patterns:
            texts = struck_texts(pattern)
            if pattern.role == "feature":
                for text in texts:
                    self.signs.setdefault(text, []).append(pattern)
            if pattern.role not in ("maker", "brand"):
                continue
            self._symbols[pattern.id] = own_symbols(pattern)
            for text in texts:
                self.codes.setdefault(text, []).append(Code(pattern, text))
            if texts:
                weights[pattern.id] = weight(pattern, self._this_year)
        total = sum(weights.values())
        self.priors = {p: math.log((1.0 - NO_PATTERN) * w / total) for p, w in weights.items()}

    def year_value(self, pattern: Pattern | None, text: str) -> float | None:
        """Log-probability of this year on a head of this pattern; None when the text is no year."""
        if not is_year(text):
            return None
        if pattern is None:
            return self._year_value(None, text)
        if len(self._years) >= YEARS_KEPT:
            self._years.clear()
        key = (text, *_year_kind(pattern))
        if key not in self._years:
            self._years[key] = self._year_value(pattern, text)
        return self._years[key]

    def _year_value(self, pattern: Pattern | None, text: str) -> float:
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
        span = min(100.0, max(SHORTEST_SPAN, float(end - start)))
        as_usual = (len(text) == 2) == (pattern.year_style != "four-digit")
        return usual - math.log(span) + (0.0 if as_usual else YEAR_OTHER_FORM)

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
        """Whether what the text means depends on the pattern: it may be a year, a lot, a calibre, a sign or its
        symbol. Kept as meanings are."""
        if len(self._varies) >= TEXTS_KEPT:
            self._varies.clear()
        if text not in self._varies:
            self._varies[text] = (
                text in self.legends or text in self.signs or is_symbol(text) or is_year(text) or is_lot(text)
            )
        return self._varies[text]

    def at_best(self, text: str) -> float:
        """No less than the log-probability of a text that varies, under any pattern and in any role but its code."""
        best = other_cost(text)
        if is_year(text):
            best = max(best, YEAR_IN_RANGE - math.log(SHORTEST_SPAN))
        if text in self.legends:
            best = max(best, CALIBRE_KNOWN - math.log(SPELLINGS))
        if is_lot(text):
            best = max(best, LOTS[len(text) - 1], MONTH)
        if text in self.signs:
            best = max(best, SIGN_AT_HOME)
        return max(best, OWN_SYMBOL) if is_symbol(text) else best

    def place(self, word: Word, gain: float, pattern: Pattern | None) -> list[Placed]:
        """The word, whose evidence is gain, in the role that suits it best under the pattern (never as its code); a
        year also as something else, since a head bears one year at most. Only roles that explain more than nothing
        does."""
        year, role, cost = self._unmarked_meaning(word.text) if pattern is None else self.meaning(pattern, word.text)
        placed = [Placed(word, "year", gain + year)] if year is not None and year > cost else []
        if not placed or role in ("lot", "month", "other"):
            placed.append(Placed(word, role, gain + cost))
        return [p for p in placed if p.value > 0.0]

    def meanings(self, text: str, kinds: Ints) -> tuple[Values, Values]:
        """(costs, years): the log-probability of a text, in its likeliest role and as a year (-inf where it is none),
        under the patterns of some kinds (rows.kind). Kept, since texts come again."""
        if len(self._meanings) * len(self.rows.examples) > MEANINGS_KEPT:
            self._meanings.clear()
        known = self._meanings.setdefault(text, np.full((2, len(self.rows.examples)), np.nan))
        for kind in kinds[np.isnan(known[0, kinds])].tolist():
            year, _, cost = self.meaning(self.rows.examples[kind], text)
            known[:, kind] = cost, -np.inf if year is None else year
        return known[0, kinds], known[1, kinds]

    def role(self, text: str, kind: int) -> Role:
        """The likeliest role of a text under patterns of a kind (rows.kind), years left out. Kept as meanings are."""
        if len(self._roles) >= TEXTS_KEPT:
            self._roles.clear()
        key = text, kind
        if key not in self._roles:
            self._roles[key] = self.meaning(self.rows.examples[kind], text)[1]
        return self._roles[key]

    def _unmarked_meaning(self, text: str) -> Meaning:
        """What a text means where there is no pattern. Kept as meanings are."""
        if len(self._unmarked) >= TEXTS_KEPT:
            self._unmarked.clear()
        if text not in self._unmarked:
            self._unmarked[text] = self.meaning(None, text)
        return self._unmarked[text]

    def meaning(self, pattern: Pattern | None, text: str) -> Meaning:
        """What a text means under a pattern, or where there is none."""
        sign = self._sign_value(pattern, text) if text in self.signs else None
        # What is out of place as a sign is so as decoration.
        other = min(other_cost(text), sign) if sign == SYMBOL_OUT_OF_PLACE else other_cost(text)
        options: list[tuple[float, Role]] = [(other, "other")]
        calibre = self.calibre_value(pattern, text)
        options += [(calibre, "calibre")] if calibre is not None else []
        options += [(sign, "sign")] if sign is not None else []
        options += _numbers(pattern, text) if pattern is not None and is_lot(text) else []
        if pattern is not None and text in self._symbols.get(pattern.id, ()):
            options.append((OWN_SYMBOL, "code"))
        cost, role = max(options)
        return self.year_value(pattern, text), role, cost

    def _sign_value(self, pattern: Pattern | None, text: str) -> float:
        rows, symbol = self.signs[text], is_symbol(text)
        if pattern is not None and any(row.country == pattern.country for row in rows):
            return SIGN_AT_HOME
        anyones = [row for row in rows if row.country == ANYONE]
        if pattern is not None and not anyones:
            return SIGN_ABROAD
        if pattern is None:
            return SYMBOL_SIGN if symbol else SIGN
        return max((_symbol_value if symbol else _text_value)(row, pattern) for row in anyones)


def _symbol_value(sign: Pattern, pattern: Pattern) -> float:
    """Log-probability of a symbol that is a sign of no one state on a head of a pattern."""
    if out_of_place(sign, pattern):
        return SYMBOL_OUT_OF_PLACE
    return SYMBOL_FITTING if shares_calibre(sign, pattern) else SYMBOL_SIGN


def _text_value(sign: Pattern, pattern: Pattern) -> float:
    """The same of a sign in letters or figures: likely where the layout has a sign of the case's metal."""
    if out_of_place(sign, pattern):
        return SIGN_ABROAD
    return SIGN_AT_HOME if any(case in pattern.layout for case in CASES) else SIGN


class _Ways(dict[str, dict[str, float]]):
    """The ways of every character, worked out when first asked for."""

    def __init__(self, known: set[str]) -> None:
        super().__init__()
        self._known = known

    def get(self, character: str, default: object = None) -> dict[str, float]:
        if character not in self:
            self[character] = ways(character, self._known)
        return self[character]


class _Rows:
    """Every way every code can be struck, by number: of[text] are the numbers of a text's codes; prior (rows,) the
    log-prior of its pattern; origin (rows,) the same number for rows that spell one mark; exact (rows,) whether the
    text is the code as written; kind (rows,) the same number for patterns under which every text means the same, of
    which examples holds one each."""

    def __init__(
        self,
        codes: Mapping[str, Sequence[Code]],
        priors: Mapping[str, float],
        symbols: Mapping[str, frozenset[str]],
    ) -> None:
        self.codes = [code for rows in codes.values() for code in rows]
        self.of: dict[str, Ints] = {}
        count = 0
        for text, rows in codes.items():
            self.of[text] = np.arange(count, count + len(rows))
            count += len(rows)
        self.prior: Values = np.array([priors[c.pattern.id] for c in self.codes])
        self.exact = np.array([c.pattern.code == c.text for c in self.codes], bool)
        self.origin = _numbered([c.origin for c in self.codes])[0]
        self.kind, firsts = _numbered([_kind(c.pattern, symbols[c.pattern.id]) for c in self.codes])
        self.examples = [self.codes[i].pattern for i in firsts]


def _numbered(keys: Sequence[object]) -> tuple[Ints, list[int]]:
    """(keys,) a number for each, equal for equal keys, and where each number first stands."""
    numbers: dict[object, int] = {}
    firsts: list[int] = []
    found = np.empty(len(keys), np.int64)
    for i, key in enumerate(keys):
        number = numbers.setdefault(key, len(numbers))
        if number == len(firsts):
            firsts.append(i)
        found[i] = number
    return found, firsts


def _kind(pattern: Pattern, symbols: frozenset[str]) -> tuple[object, ...]:
    """All of a pattern that years, calibres and signs may depend on."""
    return (pattern.calibres, symbols, *_year_kind(pattern))


def _year_kind(pattern: Pattern) -> tuple[object, ...]:
    """All of a pattern that its years may depend on (R7.2 knows Frankford Arsenal by its code)."""
    code = pattern.code if pattern.code == "FA" else ""
    return (
        pattern.country,
        code,
        pattern.script,
        pattern.layout,
        pattern.year_style,
        pattern.years_from,
        pattern.years_to,
    )


def _numbers(pattern: Pattern, text: str) -> list[tuple[float, Role]]:
    """What a number of one or two digits is worth as the lot or the month that a pattern's layout speaks of."""
    found: list[tuple[float, Role]] = [(LOTS[len(text) - 1], "lot")] if "lot" in pattern.layout else []
    return [*found, (MONTH, "month")] if "month" in pattern.layout and 1 <= int(text) <= 12 else found


def is_lot(text: str) -> bool:
    """Whether a word may be the number of a lot or a month: one or two digits, no nought first."""
    return _LOT_TEXT.fullmatch(text) is not None


def is_year(text: str) -> bool:
    """Whether a word has the form of a year, in figures of any script: two digits, four of the last centuries by any
    calendar, three with a nought first, or month and year."""
    return _YEAR_TEXT.fullmatch(latin_digits(text)) is not None


def _legends(calibres: Sequence[Calibre], codes: Container[str]) -> dict[str, tuple[str, ...]]:
    """Legends as struck, without spaces or with a point for each (9.P), in capitals or (9m/m) not, and their words
    (LUGER, PARA), to the calibres they can mean; a word that is also a maker's code (WIN) is that."""
    found: dict[str, list[str]] = {}
    for calibre in calibres:
        for legend in calibre.legends:
            for space in ("", "."):
                struck = legend.replace(" ", space)
                for text in {struck, struck.upper(), struck.replace("M/M", "m/m")}:
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
