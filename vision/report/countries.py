"""Short English names of today's states, from the marking set's own table."""

from __future__ import annotations

import csv
from functools import cache

from vision.manifest import models_folder


def country_name(code: str) -> str:
    """The short name of a state by its ISO 3166-1 alpha-2 code; the code itself when it is not in the table."""
    return _names().get(code, code)


def is_country(code: str) -> bool:
    """Whether code is the ISO 3166-1 alpha-2 code of a state (ZZ, "no country can be told", is none)."""
    return code in _names() and code != "ZZ"


def state_then(country: str, then: str) -> str:
    """The state of that time where it was another than today's country (a code), else an empty string."""
    return "" if then == country_name(country) else then


@cache
def _names() -> dict[str, str]:
    table = models_folder() / "markings" / "countries.csv"
    with table.open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row["name"] for row in csv.DictReader(stream)}
