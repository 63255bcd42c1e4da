"""What the stamped reader can say: shapes, not letters.

Characters that are struck with one shape (Latin A, Cyrillic А, Greek Α) are one label, as catalogue.lookalikes folds
them; the matcher knows which patterns may stand behind a shape. Symbols are labels of several characters ("<star>").
"""

from __future__ import annotations

from vision.catalogue.lookalikes import fold
from vision.training.render.symbols import STROKES

LATIN = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,-/&+'()ÖÜÄŞ"
CYRILLIC = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя"
GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
ARABIC = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژکگی" + "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"
HEBREW = "אבגדהוזחטיךכלםמןנסעףפץצקרשת"
CHINESE = "四川造金汉粤晋巩奉トヨ"
ENCLOSURES = ("<circle>", "<triangle>", "<oval>", "<diamond>", "<hexagon>", "<square>")


def labels() -> tuple[str, ...]:
    """Every label, the blank "" first."""
    shapes = [fold(c) for c in (*LATIN, *CYRILLIC, *GREEK, *ARABIC, *HEBREW, *CHINESE)]
    return ("", *dict.fromkeys(shapes), *dict.fromkeys((*ENCLOSURES, *(fold(s) for s in STROKES))))
