"""Calibre legends in any spelling: "7.62X39", "9 PARA", "223 REM", "5.56 MM", "12 GA", "9mm LUGER"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from vision.catalogue.digits import latin_digits
from vision.catalogue.schema import Calibre

_SIGNS = str.maketrans({"×": "x", "х": "x", "*": "", "٫": ".", ",": ".", "'": "", '"': "", "’": ""})

# One case under two names: whoever strikes one strikes the other (calibres.csv gives both the same dimensions).
_TWINS = {
    "5.56x45mm": ".223 Remington",
    ".223 Remington": "5.56x45mm",
    "7.62x51mm": ".308 Winchester",
    ".308 Winchester": "7.62x51mm",
}


def same_case(names: Iterable[str]) -> frozenset[str]:
    """The calibres named, with the other name of those that have two.

    >>> sorted(same_case(["5.56x45mm", "9x19mm"]))
    ['.223 Remington', '5.56x45mm', '9x19mm']
    """
    return frozenset(twin for name in names for twin in (name, _TWINS.get(name, name)))


class CalibreReader:
    """Looks legends up in the calibres of one marking set."""

    def __init__(self, calibres: Iterable[Calibre]) -> None:
        self._spelled: dict[str, list[Calibre]] = {}
        self._undotted: dict[str, list[Calibre]] = {}
        for calibre in calibres:
            for legend in calibre.legends:
                spelled = _spelling(legend)
                _append(self._spelled, spelled, calibre)
                _append(self._undotted, spelled.replace(".", ""), calibre)

    def read(self, text: str) -> tuple[Calibre, ...]:
        """Every calibre that a legend can name, in the table's order; empty when it names none.

        Case, blanks, "mm", "cal.", decimal commas and multiplication signs do not matter. Dots, the first thing lost
        in dirt, are ignored only when nothing is spelled that way with them. A short bare number such as 39 or 45 is
        a calibre legend too, though it may as well be a year or a plant.
        """
        spelled = _spelling(text)
        if not spelled:
            return ()
        found = self._spelled.get(spelled) or self._undotted.get(spelled.replace(".", "")) or []
        return tuple(found)


def _append(index: dict[str, list[Calibre]], key: str, calibre: Calibre) -> None:
    known = index.setdefault(key, [])
    if calibre not in known:
        known.append(calibre)


def _spelling(legend: str) -> str:
    """The one spelling that legends are compared in."""
    text = latin_digits(unicodedata.normalize("NFKC", legend)).casefold().translate(_SIGNS).replace("мм", "mm")
    text = re.sub(r"\s+", "", text).replace("m/m", "mm")
    text = re.sub(r"^cal\.?", "", text)
    text = re.sub(r"(?<=[0-9x.])mm", "", text)
    return text.strip(".-")
