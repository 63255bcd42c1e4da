"""A small marking set made by hand: two codes that differ in one character, a Cyrillic one, and a few calibres."""

from __future__ import annotations

from typing import Any

from vision.catalogue.schema import Calibre, MarkingSet, Pattern


def pattern(code: str, country: str, **changed: Any) -> Pattern:
    """A maker's pattern whose code is its only stamping."""
    values: dict[str, Any] = {
        "id": f"{country.lower()}-{code.lower()}", "code": code, "script": "latin", "role": "maker",
        "manufacturer": "Works", "manufacturer_native": "", "city": "", "country": country, "state_then": "",
        "years_from": 1950, "years_to": 2000, "calibres": ("7.62x39mm",), "layout": "", "year_style": "two-digit",
        "notes": "", "source": "made up", "grade": "A", "inferred": False, "stampings": ((code,),),
    }  # fmt: skip
    return Pattern(**(values | changed))


def calibre(name: str, *legends: str) -> Calibre:
    return Calibre(name, (name, *legends), "rimless", 11.35, 5.3, "", None, "made up", "A")


def marking_set(*patterns: Pattern) -> MarkingSet:
    """The patterns with two calibres."""
    calibres = (calibre("7.62x39mm", "7.62x39"), calibre("9x19mm", "9 mm Luger", "9x19"))
    return MarkingSet(
        patterns=patterns,
        calibres=calibres,
        states=(),
        countries={"RU": "Russia", "CZ": "Czechia"},
        sha256="0" * 64,
        by_id={p.id: p for p in patterns},
        calibre_by_name={c.name: c for c in calibres},
    )


P188 = pattern("188", "RU")
P108 = pattern("108", "CZ")
LATER = pattern("LC", "US", years_from=1990, years_to=2005, calibres=("9x19mm",))
UNDATED = pattern("QV", "US", id="us-qv", year_style="none")
CYRILLIC = pattern("ТЗ", "RU", id="ru-tz")
BRAND = pattern("ZED", "ZZ", role="brand")
FEATURE = pattern("AP", "ZZ", role="feature")
UNMARKED = pattern("none", "RU", id="ru-none", role="unmarked", stampings=())
STAR = pattern("<star>43", "CZ", id="cz-star", stampings=(("<star>", "PJ"), ("PJ", "<star>")))
SMALL = marking_set(P188, P108, LATER, UNDATED, CYRILLIC, BRAND, FEATURE, UNMARKED, STAR)
