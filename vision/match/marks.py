"""Which marks of weapons stand among the elements that were read: makers' texts, symbols, models, selectors.

A text counts as seen as far as its words were read, rare words more than common ones ("ITALY" says more than "MADE"). A
word may differ in one character that the reader held possible. Shapes that two scripts share are one shape here;
lower-case codes (byf, she) are only themselves.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vision.catalogue.lookalikes import fold
from vision.catalogue.weapons import STRENGTHS, Strength, WeaponMark, positions
from vision.types import Element

# A text of several words counts as seen from this share of its words' weight on, with one word of this many letters.
LEAST_COVERED = 0.6
LEAST_LETTERS = 4
# What a word counts that differs in one character nobody saw, and the letters it must have.
ONE_OFF, LEAST_ONE_OFF = 0.5, 7
# Letters from which a word's chance of being misread as another word is that of its letters: longer ones are surer.
SURE_LETTERS = 6
# What a factory's number counts without the outline it stands in.
BARE_NUMBER: Strength = "weak"
_NUMBER = re.compile(r"\b[Ff]actory (\d{2,4})\b")
_NOT_ALNUM = re.compile(r"[^\w*↑^]|_")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A mark of the set that was seen: in which elements (by number), how surely (0..1), how far it settles a state.

    bare: a factory's number was read, without the outline it belongs in.
    """

    mark: WeaponMark
    elements: tuple[int, ...]
    text: str
    fidelity: float
    strength: Strength
    bare: bool = False


class MarkFinder:
    """The marks of a set prepared for looking them up among elements."""

    def __init__(self, marks: Iterable[WeaponMark]) -> None:
        self._texts: list[tuple[WeaponMark, tuple[str, ...]]] = []
        self._symbols: dict[str | tuple[str, ...], WeaponMark] = {}
        self._positions: list[tuple[WeaponMark, tuple[str, ...]]] = []
        self._numbers: dict[str, list[WeaponMark]] = {}
        for mark in marks:
            if mark.form == "literal":
                self._texts.append((mark, words_of(mark.mark)))
            elif mark.form == "symbol":
                for key in (mark.mark, symbol_key(mark.mark)):
                    known = self._symbols.get(key)
                    if known is None or STRENGTHS.index(mark.strength) < STRENGTHS.index(known.strength):
                        self._symbols[key] = mark
            elif mark.form == "positions":
                self._positions.append((mark, tuple(fold(part) for part in positions(mark.mark))))
            for number in _factory_numbers(mark):
                self._numbers.setdefault(number, []).append(mark)
        count = Counter(word for _, words in self._texts for word in set(words))
        self._weight = {word: math.log((len(self._texts) + 1) / n) for word, n in count.items()}

    def find(self, elements: Sequence[Element], groups: Sequence[int]) -> list[Sighting]:
        """Every mark seen in the elements of one object; groups (one an element) numbers the mark each belongs to."""
        words = [_plain(element.text) for element in elements]
        found = [s for mark, own in self._texts for s in self._text(mark, own, elements, words, groups)]
        found += [s for i, element in enumerate(elements) for s in self._symbol(i, element)]
        found += [s for mark, parts in self._positions for s in _selector(mark, parts, elements)]
        found += [s for i, element in enumerate(elements) for s in self._number(i, element)]
        return found

    def _text(
        self,
        mark: WeaponMark,
        own: tuple[str, ...],
        elements: Sequence[Element],
        words: Sequence[str],
        groups: Sequence[int],
    ) -> list[Sighting]:
        """The text in each group of elements in which enough of it stands."""
        if not own:
            return []
        found = []
        for group in dict.fromkeys(groups):
            members = [i for i, g in enumerate(groups) if g == group]
            if len(own) == 1 and sum(map(str.isalnum, own[0])) == 1 and len(members) > 1:
                continue  # a letter by itself is only itself
            seen = self._joined(mark, own, members, elements, words)
            seen = seen or self._covered(mark, own, members, elements, words)
            if seen:
                found.append(seen)
        return found

    def _joined(
        self,
        mark: WeaponMark,
        own: tuple[str, ...],
        members: Sequence[int],
        elements: Sequence[Element],
        words: Sequence[str],
    ) -> Sighting | None:
        """The text as one or more whole elements that, joined, spell it, wherever the reader parted them."""
        whole = "".join(own)
        for first in range(len(members)):
            joined, last = "", first
            while last < len(members) and words[members[last]] and len(joined) < len(whole):
                joined += words[members[last]]
                last += 1
            chosen = members[first:last]
            if joined == whole and not _wrong_case(mark.mark, [elements[i] for i in chosen]):
                fidelity = min(_sure(elements[i]) for i in chosen)
                return _seen(mark, chosen, elements, fidelity)
        return None

    def _covered(
        self,
        mark: WeaponMark,
        own: tuple[str, ...],
        members: Sequence[int],
        elements: Sequence[Element],
        words: Sequence[str],
    ) -> Sighting | None:
        """The text where only some of its words were read, or some with one character off."""
        chosen: dict[int, float] = {}
        counted: dict[str, float] = {}
        for word in own:
            best = max(((_alike(word, elements[i], words[i]), i) for i in members if i not in chosen), default=(0.0, 0))
            if best[0] > 0.0:
                chosen[best[1]] = best[0]
                counted[word] = best[0]
        if not counted or _wrong_case(mark.mark, [elements[i] for i in chosen]):
            return None
        total = sum(self._weight[word] for word in own)
        covered = sum(self._weight[word] * share for word, share in counted.items()) / total
        if covered < LEAST_COVERED or max(map(len, counted)) < LEAST_LETTERS:
            return None
        return _seen(mark, sorted(chosen), elements, math.sqrt(covered) * min(_sure(elements[i]) for i in chosen))

    def _symbol(self, number: int, element: Element) -> list[Sighting]:
        """The symbol an element shows, and those it may show instead."""
        if not element.text.startswith("<"):
            return []
        named = [(element.text, element.confidence)]
        named += [pair for c in element.characters for pair in c.alternatives if pair[0] != element.text]
        found = []
        for name, share in named:
            known = self._symbols.get(name) or self._symbols.get(symbol_key(name))
            if known is not None:
                found.append(Sighting(known, (number,), name, share, known.strength))
        return found

    def _number(self, number: int, element: Element) -> list[Sighting]:
        """Factories whose number an element is, where the outline round it was not seen."""
        marks = self._numbers.get(element.text, [])
        share = _sure(element)
        return [Sighting(mark, (number,), element.text, share, BARE_NUMBER, bare=True) for mark in marks]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared.

    >>> words_of("P. BERETTA GARDONE V.T.")
    ('P', 'BERETTA', 'GARDONE', 'VT')
    """
    return tuple(word for part in text.split() if (word := _plain(part)))


def symbol_key(name: str) -> tuple[str, ...]:
    """Names of one shape are one key: "<10 in double circle>", "<double circle enclosing 10>".

    >>> symbol_key("<10 in double circle>") == symbol_key("<double circle enclosing 10>")
    True
    """
    words = name.strip("<>").casefold().replace("circled", "circle").replace("five-pointed", "").split()
    return tuple(sorted(word for word in words if word not in ("in", "enclosing", "double", "two")))


def _plain(text: str) -> str:
    if text.startswith("<"):
        return ""
    return _NOT_ALNUM.sub("", fold(text.upper())).upper()


def _wrong_case(mark: str, elements: Sequence[Element]) -> bool:
    """Whether a code in small letters was read in other letters."""
    return mark.isalpha() and mark.islower() and "".join(element.text for element in elements) != mark


def _sure(element: Element) -> float:
    """How surely an element is this word and no other: its characters' confidence, the more letters the surer."""
    letters = min(SURE_LETTERS, max(1, len(element.text)))
    return float(1.0 - (1.0 - element.confidence) ** (letters / 2.0))


def _alike(word: str, element: Element, read: str) -> float:
    """1 where an element is the word, less where one of its characters is another one, 0 else."""
    if read == word:
        return 1.0
    if len(read) != len(word) or len(word) < 3:
        return 0.0
    wrong = [i for i, (a, b) in enumerate(zip(read, word, strict=True)) if a != b]
    if len(wrong) != 1:
        return 0.0
    plain = len(element.characters) == len(read)
    others = element.characters[wrong[0]].alternatives if plain else ()
    seen = sum(p for text, p in others if _plain(text) == word[wrong[0]])
    return max(seen, ONE_OFF if len(word) >= LEAST_ONE_OFF else 0.0)


def _seen(mark: WeaponMark, chosen: Sequence[int], elements: Sequence[Element], fidelity: float) -> Sighting:
    text = " ".join(elements[i].text for i in chosen)
    return Sighting(mark, tuple(chosen), text, min(1.0, fidelity), mark.strength)


def _selector(mark: WeaponMark, parts: tuple[str, ...], elements: Sequence[Element]) -> list[Sighting]:
    """The letters of a selector where each stands as an element of its own, once."""
    chosen: list[int] = []
    for part in parts:
        places = [i for i, e in enumerate(elements) if i not in chosen and fold(e.text) == part]
        if not places:
            return []
        chosen.append(max(places, key=lambda i: elements[i].confidence))
    return [_seen(mark, chosen, elements, math.prod(_sure(elements[i]) for i in chosen))]


def _factory_numbers(mark: WeaponMark) -> list[str]:
    """The numbers of the factory that a row names: in its maker's name, or in its symbol."""
    if mark.kind not in ("factory symbol", "factory text") or mark.names != "maker":
        return []
    return list(dict.fromkeys(_NUMBER.findall(mark.manufacturer)))
