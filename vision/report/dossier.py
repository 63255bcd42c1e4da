"""One photo's dossier: what was photographed, read, matched and decided, by whom, with hashes, sources and limits.

As one HTML page without scripts that loads nothing, or as PDF made from the same page. Everything from outside is
escaped. It ends with a sheet of the fields that a tracing request asks for (ITI, part V; INTERPOL iARMS; ATF eTrace):
those that a photo can tell are filled in, each with how it is known, the others are left to write in.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from vision.errors import MissingError
from vision.report import content
from vision.report.countries import country_name
from vision.text import visible

PROVES = (
    "That these words were said by these people of a photo with these bytes, in this order, as far as the log and its "
    "heads can show.",
    "What the machine proposed, and what a person was shown before they decided.",
)
PROVES_NOT = (
    "That an attribution is right: a decision is a person's judgement of what can be seen.",
    "That the photo comes from where it is said to: hashes tell one photo from another, not its story.",
)


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry of the log about a mark, in words: what, and what was shown to the person, in order."""

    seq: int
    sha256: str
    time: str
    who: str
    role: str
    what: str
    note: str
    shown: tuple[str, ...]
    blind: bool
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class MarkCase:
    """One mark: its part of the record, its pictures (JPEG bytes), what people said, and what it comes to.

    status is confirmed, rejected, undetermined, conflict or unconfirmed; held is what holds, empty where nothing does.
    """

    mark: Mapping[str, Any]
    status: str
    held: Mapping[str, Any]
    by: tuple[str, ...]
    deeds: tuple[Deed, ...]
    picture: bytes | None
    strips: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything a dossier shows. file_state says whether the photo's file still has its sha256."""

    photo: Mapping[str, Any]
    paths: tuple[str, ...]
    size: int | None
    file_state: str
    record_sha256: str
    version: str
    kit: str
    marks: tuple[MarkCase, ...]
    overview: bytes | None
    log_state: str
    head: str
    made_at: str
    masked: bool = False
    gaps: tuple[str, ...] = field(default=())


def page(dossier: Dossier) -> str:
    """The dossier as one HTML page."""
    environment = Environment(
        loader=PackageLoader("vision.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": content.percent, "visible": visible, "country": country_name, "uri": _uri}
    environment.filters |= {"doubt": content.doubt, "rule": content.rule_in_words}
    return environment.get_template("dossier.html.j2").render(
        d=dossier,
        content=content,
        proves=PROVES,
        proves_not=PROVES_NOT,
        stamp=stamp(dossier.marks),
        sheets=[data_sheet(dossier, case) for case in dossier.marks],
    )


def pdf(html: str) -> bytes:
    """The page as PDF. Nothing is fetched but what the page itself holds. Raises MissingError without weasyprint."""
    try:
        import weasyprint
    except (ImportError, OSError) as fault:  # OSError: its system libraries are not there
        raise MissingError(
            "A PDF needs weasyprint and Debian's libpango (pip install 'marktrace[review]', "
            f"apt-get install libpangoft2-1.0-0 libharfbuzz-subset0); the HTML page does not. ({fault})"
        ) from fault
    fetcher = weasyprint.URLFetcher(allowed_protocols=("data",))
    made: bytes = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf()
    return made


def stamp(marks: Sequence[MarkCase]) -> tuple[str, str]:
    """The stamp on the first page and its note: "confirmed" only where a person has confirmed every mark."""
    states = {case.status for case in marks}
    if "conflict" in states:
        return "IN CONFLICT", "reviewers disagree"
    if states == {"confirmed"}:
        return "DECIDED", "by the people named inside"
    if states & {"confirmed", "rejected", "undetermined"}:
        if "unconfirmed" in states:
            return "PARTLY DECIDED", "the rest is candidates only"
        return "DECIDED", "by the people named inside"
    return content.STAMP, content.STAMP_NOTE


def data_sheet(dossier: Dossier, case: MarkCase) -> tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]:
    """The fields of a tracing request for one mark: headings, each with (field, value, how it is known).

    An empty value is left to write in. What only a machine proposes is never filled in as known.
    """
    held, by = case.held, ", ".join(case.by)
    decided = f"decided by {by}" if held else ""
    read = str(held.get("reading") or "") or _read(case.mark)
    how_read = f"corrected by {by}" if held.get("reading") else "read by machine, see doubts above"
    is_serial = case.mark["kind"] == "serial"
    country = str(held.get("country") or "")
    maker = str(held.get("maker") or "").removesuffix(f" ({country})")
    named = _named(case)
    return (
        ("The request", (("Requesting authority", "", ""), ("Reference, date", "", ""), ("Addressee", "", ""),
                         ("Why the item is held to be illicit", "", ""), ("Intended use of the information", "", ""),
                         ("Limits on sharing this request", "", ""))),
        ("The item", (("Case and item number", "", ""), ("Class (weapon, part, ammunition, packaging)", "", ""),
                      ("Type and model as marked", "", ""), ("Type and model as assessed", "", ""),
                      ("Calibre as marked", str(named.get("calibre") or ""), decided if named else ""),
                      ("Calibre as measured", "", ""), ("Quantity, lot, packaging", "", ""))),
        ("Its markings", (("Kind of mark", _kind(case), "machine"),
                          ("Mark exactly as read", read, how_read if read else ""),
                          ("Serial number as read", read if is_serial else "", how_read if is_serial and read else ""),
                          ("Legibility; signs of removal or alteration", "", ""),
                          ("Place of the mark on the item", "", ""),
                          ("Import, proof and other marks", "", ""))),
        ("Manufacture", (("Manufacturer", maker, decided if maker else ""),
                         ("Country of manufacture (today)", f"{country_name(country)} ({country})" if country else "",
                          decided if country else ""),
                         ("State at the time", str(named.get("state_then") or ""), decided if named else ""),
                         ("Year of manufacture", _years(named), "from the mark, " + decided if _years(named) else ""),
                         ("Pattern in the marking set", str(held.get("pattern") or ""), decided if held.get("pattern")
                          else ""))),
        ("The find", (("Date and place of recovery", "", ""), ("Recovered from, and how", "", ""),
                      ("Custodian since", "", ""),
                      ("Photo taken", str(dossier.photo.get("taken_at") or ""),
                       "the camera's clock" if dossier.photo.get("taken_at") else ""),
                      ("Photo's place", _place(dossier.photo), "the camera" if _place(dossier.photo) else ""),
                      ("Photo sha256", str(dossier.photo["sha256"]), dossier.file_state))),
    )  # fmt: skip


def _kind(case: MarkCase) -> str:
    """The kind of a mark in words."""
    return {"headstamp": "Headstamp", "serial": "Serial number", "factory_mark": "Factory mark"}.get(
        str(case.mark["kind"]), "Packaging"
    )


def _named(case: MarkCase) -> Mapping[str, Any]:
    """The record's candidate that a person confirmed down to its pattern: only then its year and calibre count."""
    attribution = case.mark.get("attribution")
    wanted = case.held.get("pattern")
    if not (attribution and wanted):
        return {}
    return next((one for one in attribution["candidates"] if one["pattern"] == wanted), {})


def _years(named: Mapping[str, Any]) -> str:
    year = named.get("year")
    if not year:
        return ""
    return str(year["from"]) if year["from"] == year["to"] else f"{year['from']} to {year['to']}"


def _read(mark: Mapping[str, Any]) -> str:
    reading = mark.get("reading")
    return str(reading["text"]) if reading else ""


def _place(photo: Mapping[str, Any]) -> str:
    place = photo.get("place")
    return f"{place['latitude']:.5f}, {place['longitude']:.5f}" if place else ""


def _uri(picture: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode("ascii")
