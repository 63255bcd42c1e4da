"""How well a lattice fits each pattern of the marking set, and no pattern at all."""

from __future__ import annotations

import math

from vision.match.explain import best_together, evidence
from vision.match.model import NO_PATTERN, VARIES_AT_BEST, Model, is_year
from vision.match.reading import reading_of
from vision.match.words import find_words
from vision.types import Explanation, Lattice, Placed

__all__ = ["Model", "explain", "reading_of"]

# Words that are looked at further; the rest gains too little to be part of any explanation worth giving.
WORDS_KEPT = 400
# An explanation that cannot come this near (nats) to the best one known is not worked out.
HOPELESS = 7.0
# A row whose code is written just as it was read speaks a little more for itself than one that spells it otherwise.
SPELLED_SO = 0.5
# Of the words whose meaning depends on the pattern (years; calibres and signs) the surest are enough.
YEARS_KEPT = 30
LEGENDS_KEPT = 30


def explain(lattice: Lattice, model: Model) -> list[Explanation]:
    """Every pattern that explains something of the lattice, and the explanation without a pattern, best first.

    Rows that spell one mark of one plant in several ways (PPU and P.P.U.) are one pattern here: the best of them
    stands.
    """
    words = find_words(lattice, model.vocabulary)[:WORDS_KEPT]
    heard = [(word, evidence(word)) for word in words]
    free = [p for w, e in heard for p in model.place(w, e, None)]
    total, placed = best_together(free)
    best: dict[str, Explanation] = {"": Explanation(None, placed, total + math.log(NO_PATTERN))}
    varying = [(w, e) for w, e in heard if model.varies(w.text) and e + VARIES_AT_BEST > 0.0]
    years = [v for v in varying if is_year(v[0].text)]
    varying = years[:YEARS_KEPT] + [v for v in varying if not is_year(v[0].text)][:LEGENDS_KEPT]
    fixed = [p for p in free if not model.varies(p.word.text)]
    hopeful = [*fixed, *(Placed(w, "other", e + VARIES_AT_BEST) for w, e in varying)]
    hoped, _ = best_together(hopeful)
    top = best[""].score
    for word, gain in sorted(heard, key=lambda h: -h[1]):
        codes = [
            c for c in model.codes.get(word.text, ()) if gain + model.priors[c.pattern.id] + hoped > top - HOPELESS
        ]
        if not codes:
            continue
        code_word = Placed(word, "code", gain)
        reachable, _ = best_together(hopeful, code_word)
        for code in codes:
            prior = model.priors[code.pattern.id]
            if reachable + prior < top - HOPELESS:
                continue
            choices = fixed + [p for w, e in varying for p in model.place(w, e, code.pattern)]
            total, placed = best_together(choices, code_word)
            known = best.get(code.origin)
            exact = SPELLED_SO if code.pattern.code == word.text else 0.0
            if known is None or known.score < total + prior + exact:
                best[code.origin] = Explanation(code.pattern.id, placed, total + prior + exact)
                top = max(top, total + prior + exact)
    return sorted(best.values(), key=lambda e: -e.score)
