"""Every pattern that explains something of a lattice, ranked.

Most codes are never worked out. The words that stand on the mark anyway are found first; they say what can stand beside
a code at any place, and so what a code must gain there to come near the explanation without a pattern. Only codes that
can are spotted, and of those only the ones that may still come near the best are arranged, all at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.catalogue.hyphened import hyphened, hyphened_cost
from vision.catalogue.pointed import POINTED, pointed
from vision.lattice import row_slots
from vision.match.beside import Beside
from vision.match.explain import (
    EVIDENCE,
    Arranged,
    Choice,
    Reach,
    best_together,
    clockwise,
    evidence,
    other_cost,
    worth_placing,
)
from vision.match.free import free_words
from vision.match.listen import Listener
from vision.match.model import NO_PATTERN, Model, is_lot, is_year
from vision.match.sight import Sight
from vision.match.spot import spot
from vision.match.tokens import is_symbol
from vision.match.turning import against_codes, over_head, turned_over, way_up
from vision.match.words import distinct, spotted_words
from vision.types import Explanation, Floats, Lattice, Placed, Word

# Words that are looked at further; the rest gains too little to be part of any explanation worth giving.
WORDS_KEPT = 400
# An explanation that cannot come this near (nats) to the best one known is not worked out.
HOPELESS = 7.0
# One that falls this far behind is not given, and no more than this many are.
NOT_LISTED = 9.0
MOST_LISTED = 100
# A row whose code is written just as it was read speaks a little more for itself than one that spells it otherwise.
SPELLED_SO = 0.5
# Of the words whose meaning depends on the pattern (years and lots; signs; calibres) the surest are enough, of each:
# calibres have so many spellings that they would crowd out the others.
NUMBERS_KEPT = 30
SIGNS_KEPT = 30
LEGENDS_KEPT = 30
# Spotted calibres, signs and years, and spotted codes that are looked at: those that gain most beyond what they need.
COMMON_KEPT = 120
CODES_KEPT = 150
# Codes worked out first, so that their scores spare the others; and at most.
FIRST_CASES = 24
MOST_CASES = 4000

# What counts as left unread: a step that gains so much (nats), so far (degrees) from every character of a word.
LEAST_LEFT, BESIDE_WORDS_DEG = 1.0, 9.0

# Kinds of words whose meaning depends on the pattern.
NUMBER, SIGN, LEGEND = range(3)

Ints = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


def explain(lattice: Lattice, model: Model) -> list[Explanation]:
    """Every pattern that explains something of the lattice, and the explanation without a pattern, best first.

    Rows that spell one mark of one plant in several ways (PPU and P.P.U.) are one pattern here: the best of them
    stands.
    """
    sight = Sight(lattice)
    listener = Listener(lattice, sight, model.readings)
    beside = Beside(lattice, sight)
    free = distinct(free_words(lattice, sight))
    common = spot(
        model.common,
        sight,
        worth=model.best_meanings / EVIDENCE,
        need=_need_of_common(sight, free, beside.costs(free), model),
        most=COMMON_KEPT,
    )
    words = distinct([*free, *spotted_words(model.common, sight, common)]) if common else free
    board = _Board(turned_over(listener.heard(words), lattice), model, beside)
    codes = spot(
        model.vocabulary, sight, worth=model.best_priors / EVIDENCE, need=_need_of_codes(sight, board), most=CODES_KEPT
    )
    spotted = distinct([*words, *spotted_words(model.vocabulary, sight, codes)])
    known = set(map(id, words))
    board.add_codes(listener.heard(word for word in spotted if id(word) not in known))
    nothing = Explanation(None, board.placed, board.nothing)
    return sorted([nothing, *_known(board, model)], key=lambda e: -e.score)


def settled(explanations: Sequence[Explanation], share: float = 0.5) -> bool:
    """Whether one pattern has at least a share (0..1) of what explains a mark, by default as much as everything else
    together; explanations as explain gives them."""
    known = [e.score for e in explanations if e.pattern is not None]
    if not known:
        return False
    shares = np.exp(np.array([e.score for e in explanations]) - max(known))
    return bool(shares.sum() * share <= 1.0)


def left_unread(lattice: Lattice, explanation: Explanation) -> float:
    """What stands beside an explanation's words: what the steps there gain over nothing (nats), in the row in which
    that is most."""
    angles = np.array([angle for placed in explanation.placed for angle in placed.word.angles])
    most = 0.0
    for row in range(len(lattice.rows)):
        slots = row_slots(lattice, row)
        gain = slots.gains[:, 1:].max(axis=1, initial=0.0)
        away = np.abs((slots.places[:, None] - angles + 180.0) % 360.0 - 180.0).min(axis=1, initial=360.0)
        most = max(most, float(gain[(gain > LEAST_LEFT) & (away > BESIDE_WORDS_DEG)].sum()))
    return most


class _Board:
    """The words of a mark and what they add: heard, every word with its evidence; nothing and placed, the score and
    the words of the explanation without a pattern; fixed, what adds the same under every pattern; varying, the words
    whose meaning depends on the pattern, with their evidence; reach, what any of them can add beside a code."""

    def __init__(self, words: Sequence[Word], model: Model, beside: Beside) -> None:
        self._model, self._beside = model, beside
        self._way_up: float | None = None
        self._hear(words)
        # Which way up the head is, its words have told once they are told apart; then it says which way numbers stand.
        self._way_up = way_up(p.word for p in self.placed)
        if self._way_up is not None:
            self._hear(words)
        varying = [(w, e, e + model.at_best(w.text)) for w, e in self.heard if model.varies(w.text)]
        kinds: dict[int, list[tuple[Word, float, float]]] = {NUMBER: [], SIGN: [], LEGEND: []}
        for one in varying:
            if one[2] > 0.0:
                kinds[_kind_of(one[0].text, model)].append(one)
        some = [*kinds[NUMBER][:NUMBERS_KEPT], *kinds[SIGN][:SIGNS_KEPT], *kinds[LEGEND][:LEGENDS_KEPT]]
        hopeful = [Placed(w, "other", best) for w, _, best in some]
        kept = {id(p.word) for p in worth_placing(hopeful, beside=self.fixed)}
        self.varying = [(w, e) for w, e, _ in some if id(w) in kept]
        self.reach = Reach([*self.fixed, *hopeful])

    def _hear(self, words: Sequence[Word]) -> None:
        self.heard = self._with_evidence(words[:WORDS_KEPT])
        self._settle([p for w, e in self.heard for p in self._model.place(w, e, None)])

    def _with_evidence(self, words: Sequence[Word]) -> list[tuple[Word, float]]:
        costs = self._beside.costs(words)
        return [
            (word, evidence(word) + cost + over_head(word, self._way_up))
            for word, cost in zip(words, costs, strict=True)
        ]

    def _settle(self, free: Sequence[Placed]) -> None:
        self._free = worth_placing(free)
        total, self.placed = best_together(self._free)
        self.nothing = total + math.log(NO_PATTERN)
        self.fixed = worth_placing([p for p in free if not self._model.varies(p.word.text)])

    def add_codes(self, words: Sequence[Word]) -> None:
        """Words spotted as codes join; where one explains a place better than what stands there, also as what it may
        be under other patterns."""
        codes = self._with_evidence(words[:WORDS_KEPT])
        self.heard += codes
        placed = [Placed(w, "other", e + other_cost(w.text)) for w, e in codes if not self._model.varies(w.text)]
        better = worth_placing(placed, beside=self._free)
        if better:
            self._settle([*self._free, *better])
            self.reach = Reach(
                [*self.fixed, *(Placed(w, "other", e + self._model.at_best(w.text)) for w, e in self.varying)]
            )


def _kind_of(text: str, model: Model) -> int:
    if is_year(text) or is_lot(text):
        return NUMBER
    return SIGN if is_symbol(text) or text in model.signs else LEGEND


def _need_of_common(sight: Sight, free: Sequence[Word], costs: Sequence[float], model: Model) -> Floats:
    """(rows, length, length): what a calibre or a sign must gain, with what it costs at best, between two slots of the
    sight: more than a free word within its place does anyway, less what stands beside it."""
    worth = [(w, evidence(w) + cost) for w, cost in zip(free, costs, strict=True) if not model.varies(w.text)]
    placed = [Placed(w, "other", value + other_cost(w.text)) for w, value in worth]
    fixed = worth_placing(placed)
    need = np.zeros((*sight.index.shape, sight.index.shape[1]), np.float32)
    if not fixed:
        return need
    begin, end, value = np.array([(*p.word.places(), p.value / EVIDENCE) for p in fixed]).T
    # The words come best first, so the first that lies within a place is the one to beat; past the last lies nothing.
    beaten = np.append(value, 0.0).astype(np.float32)
    for r, slots in enumerate(sight.slots):
        if len(slots.places):
            angle = slots.places.astype(np.float64)[np.maximum(sight.index[r], 0)]
            reach = (begin[:, None] - angle) % 360.0 + (end - begin)[:, None]
            inside = np.ones((len(beaten), len(angle), len(angle)), bool)
            if slots.upside_down:
                np.less_equal(reach[:, None, :], (angle[:, None] - angle) % 360.0, out=inside[:-1])
            else:
                np.less_equal(reach[:, :, None], (angle - angle[:, None]) % 360.0, out=inside[:-1])
            need[r] = beaten[inside.argmax(axis=0)]
    return need


def _need_of_codes(sight: Sight, board: _Board) -> Floats:
    """(rows, length, length): what a code must gain, its prior included, between two slots of the sight."""
    need = np.zeros((*sight.index.shape, sight.index.shape[1]), np.float32)
    for r, (first, last) in enumerate(_places(sight)):
        beside = board.reach.beside(first, first + (last - first) % 360.0)
        need[r] = (board.nothing - HOPELESS - SPELLED_SO - beside) / EVIDENCE
    return need


def _places(sight: Sight) -> list[tuple[Values, Values]]:
    """For each row the first and the last place, clockwise, of what runs from one slot of the sight to another, as
    columns and rows of a table (slots beyond the end count as the row's first)."""
    places = []
    for r, slots in enumerate(sight.slots):
        if not len(slots.places):
            nowhere = np.zeros((sight.index.shape[1], sight.index.shape[1]))
            places.append((nowhere, nowhere))
            continue
        angle = slots.places.astype(np.float64)[np.maximum(sight.index[r], 0)]
        begin, end = np.broadcast_arrays(angle[:, None], angle[None, :])
        places.append((end, begin) if slots.upside_down else (begin, end))
    return places


@dataclass(frozen=True, slots=True, eq=False)
class _Cases:
    """Codes in places: word (cases,) a number in the board's heard, row (cases,) one in the model's rows; own (cases,)
    is what the code itself scores, bound (cases,) no less than the explanation can."""

    word: Ints
    row: Ints
    own: Values
    bound: Values

    def some(self, which: npt.NDArray[np.intp]) -> _Cases:
        return _Cases(self.word[which], self.row[which], self.own[which], self.bound[which])


def _known(board: _Board, model: Model) -> list[Explanation]:
    """The best explanation of every mark whose code stands somewhere on the board and that is not hopeless."""
    cases = _cases(board, model)
    every = np.arange(len(cases.row))
    top = board.nothing
    found: list[tuple[float, int, _Cases, Arranged, int]] = []
    for part in (every[:FIRST_CASES], every[FIRST_CASES:]):
        some = cases.some(part)
        some = some.some(np.flatnonzero(some.bound > top - HOPELESS)[:MOST_CASES])
        if not len(some.row):
            continue
        arranged = _arranged(board, model, some)
        scores = arranged.totals + some.own
        top = max(top, float(scores.max()))
        origins = model.rows.origin[some.row].tolist()
        found += [(s, o, some, arranged, i) for i, (s, o) in enumerate(zip(scores.tolist(), origins, strict=True))]
    best: dict[int, Explanation] = {}
    for score, origin, some, arranged, i in sorted(found, key=lambda f: -f[0]):
        if score <= top - NOT_LISTED or len(best) == MOST_LISTED:
            break
        if origin not in best:
            best[origin] = _explanation(board, model, some, arranged, i, score)
    return list(best.values())


def _cases(board: _Board, model: Model) -> _Cases:
    """Every code of every word, the most hopeful first."""
    rows_of = [(n, *struck) for n, (w, _) in enumerate(board.heard) if (struck := _struck(w.text, model)) is not None]
    if not rows_of:
        return _Cases(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    row = np.concatenate([rows for _, rows, _ in rows_of])
    counts = [len(rows) for _, rows, _ in rows_of]
    word = np.repeat([n for n, _, _ in rows_of], counts)
    gain = np.array([e for _, e in board.heard])[word] + np.repeat([cost for _, _, cost in rows_of], counts)
    own = gain + model.rows.prior[row] + SPELLED_SO * model.rows.exact[row]
    first, last = np.array([w.places() for w, _ in board.heard]).T
    bound = own + board.reach.beside(first, last)[word]
    return _Cases(word, row, own, bound).some(np.argsort(-bound, kind="stable"))


def _struck(text: str, model: Model) -> tuple[Ints, float] | None:
    """The rows whose code a word is, alone, with points between or numbers after it, and what these cost."""
    if text in model.rows.of:
        return model.rows.of[text], 0.0
    letters = pointed(text)
    if letters is not None and letters in model.rows.of:
        return model.rows.of[letters], POINTED
    joined = hyphened(text)
    if joined is None or joined[0] not in model.rows.of:
        return None
    return model.rows.of[joined[0]], hyphened_cost(joined[1])


def _arranged(board: _Board, model: Model, cases: _Cases) -> Arranged:
    """What stands best beside each case's code under its pattern."""
    kinds, kind = np.unique(model.rows.kind[cases.row], return_inverse=True)
    choices = [Choice(p.word, p.role, np.array([p.value])) for p in board.fixed]
    sure = [board.heard[n][0] for n in cases.word]
    codes = np.array([w.middle() for w in sure]), np.array([w.upside_down for w in sure], bool)
    for word, evidence_ in board.varying:
        gain = evidence_ + against_codes(word, *codes)
        costs, years = model.meanings(word.text, kinds)
        choices.append(Choice(word, "other", gain + costs[kind]))
        if is_year(word.text):
            choices.append(Choice(word, "year", gain + years[kind]))
    return Arranged(choices, sure, np.zeros(len(sure), bool))


def _explanation(board: _Board, model: Model, cases: _Cases, arranged: Arranged, i: int, score: float) -> Explanation:
    """One case as an explanation, its words in the roles they have under its pattern."""
    row = int(cases.row[i])
    pattern, kind = model.rows.codes[row].pattern, int(model.rows.kind[row])
    word, gain = board.heard[cases.word[i]]
    placed = [Placed(word, "code", gain)]
    for p in arranged.chosen(i):
        if p.role == "other" and model.varies(p.word.text):
            p = Placed(p.word, model.role(p.word.text, kind), p.value)
        placed.append(p)
    return Explanation(pattern.id, clockwise(placed), score)
