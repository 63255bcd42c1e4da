"""What a photo's findings come to as keywords, in the trees that photo managers show.

marktrace / status / marktrace confirmed
marktrace / country / Serbia                 what a person confirmed
marktrace / candidate / country / Serbia (candidate)   what the machine proposes

The leaf says by itself what it is, because flat lists of keywords (dc:subject) show nothing but leaves.
"""

from __future__ import annotations

from collections.abc import Iterable

from vision.archive.exports.items import Finding
from vision.report.content import NO_COUNTRY
from vision.report.countries import country_name
from vision.text import visible

ROOT = "marktrace"
_LONGEST = 120
# Both separators of keyword trees: "|" in Lightroom's, "/" in digiKam's. Neither can stand in a keyword.
_SEPARATORS = str.maketrans({"|": "-", "/": "-"})

Keyword = tuple[str, ...]


def keywords(findings: Iterable[Finding]) -> list[Keyword]:
    """The keywords of a photo, each a path from the root, in order and without doubles."""
    found: dict[Keyword, None] = {}
    for finding in findings:
        found[(ROOT, "status", f"{ROOT} {finding.status}")] = None
        found[(ROOT, "kind", _leaf(finding.kind.replace("_", " ")))] = None
        if finding.status in ("rejected", "undetermined"):
            continue
        sure = finding.status == "confirmed"
        branch = (ROOT,) if sure else (ROOT, "candidate")
        for name, value in _named(finding):
            if value:
                found[(*branch, name, _leaf(value) if sure else f"{_leaf(value)} (candidate)")] = None
    return list(found)


def summary(finding: Finding) -> str:
    """A finding in one line, for a region's description."""
    years = "" if finding.year_from is None else _years(finding)
    origin = ", ".join(part for part in (finding.manufacturer, finding.country, years, finding.calibre) if part)
    if finding.status in ("rejected", "undetermined"):
        origin = ""
    said = ": ".join(part for part in (finding.kind.replace("_", " "), finding.reading, origin) if part)
    return visible(f"{said} ({'not confirmed' if finding.status == 'unconfirmed' else finding.status})")


def _named(finding: Finding) -> list[tuple[str, str]]:
    years = "" if finding.year_from is None else _years(finding)
    country = "" if finding.country in ("", NO_COUNTRY) else country_name(finding.country)
    facts = {"country": country, "maker": finding.manufacturer, "code": finding.code, "year": years}
    return list((facts | {"calibre": finding.calibre, "reading": finding.reading}).items())


def _years(finding: Finding) -> str:
    if finding.year_from == finding.year_to:
        return str(finding.year_from)
    return f"{finding.year_from}-{finding.year_to}"


def _leaf(text: str) -> str:
    return visible(text, _LONGEST).translate(_SEPARATORS).strip()
