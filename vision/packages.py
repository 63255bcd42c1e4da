"""What stands on packaging, decoded: lots, quantities, stock numbers, hazard codes, bar codes, and labels' own words.

Each named group of a pattern becomes a field. Codes with a check digit are told only where it holds; the country of a
code's issuer is told as the issuer's and is no evidence of an origin. A factory's number is looked up among the
headstamps: it usually fits several states, and says as little as that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from vision.attribute_object import Evidence, worth_of
from vision.catalogue.codes import cas_holds, container_holds, gtin_holds, issuer, waybill_holds
from vision.catalogue.digits import latin_digits
from vision.catalogue.packaging import CodeCountry, PackagingMark, Says
from vision.catalogue.schema import MarkingSet, Pattern
from vision.catalogue.states import country_name
from vision.catalogue.weapons import Strength
from vision.match.forms import Found
from vision.types import Field

# What each thing that a row can say is worth; a lot by how many states its factory's number fits.
WORTH: dict[Says, Strength] = {"maker": "fair", "origin": "fair", "word": "weak"}
LOT: dict[int, Strength] = {1: "fair", 2: "weak", 3: "weak"}
FIRST_YEAR = 1900
# Years from now that goods may be kept.
KEPT = 20
GROUPS = {
    "lot": "lot",
    "year": "year",
    "month": "month",
    "factory": "factory",
    "maker": "maker",
    "cal": "calibre",
    "bullet": "bullet",
    "case": "case",
    "kind": "kind",
    "qty": "quantity",
    "kg": "weight in kg",
    "model": "model",
    "powder": "powder",
    "batch": "batch",
    "plant": "powder plant",
    "un": "UN number",
    "div": "hazard division",
    "cg": "compatibility group",
    "no": "number",
    "of": "number of cases",
    "contract": "contract",
    "distributor": "distributor",
    "importer": "importer",
    "date": "date",
    "expiry": "expiry date",
    "word": "word",
    "class": "hazard class",
    "dodic": "item code",
    "hs": "customs code",
    "adac": "item code",
    "cat": "munitions list category",
    "mass": "gross mass in kg",
    "cert": "approval number",
    "reg": "treatment producer",
    "treat": "treatment",
    "type": "model",
    "seq": "sequence",
    "interfix": "interfix",
    "name": "model",
    "num": "index",
    "band": "colour band",
}
# Groups that are one code together: the whole text is the value.
WHOLE = {"fsc": "stock number", "gtin": "bar code", "container": "container", "awb": "air waybill", "cas": "CAS number"}
CHECKS: dict[str, Callable[[str], bool]] = {
    "gtin": gtin_holds,
    "container": container_holds,
    "awb": waybill_holds,
    "cas": cas_holds,
}
_MONTHS = {letter: number for number, letter in enumerate("ABCDEFGHJKLM", start=1)}
_FULL_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def plants(found: Found, markings: MarkingSet, this_year: int) -> list[Pattern]:
    """The plants of the headstamps whose number or letters a lot line names, of its row's state where it has one, and
    which worked in a year up to this one that it can stand for."""
    groups = dict(found.groups)
    code = latin_digits(groups.get("factory") or groups.get("maker") or "")
    years = short_years(groups["year"], this_year) if "year" in groups else ()
    state = found.mark.country
    return [
        p
        for p in markings.patterns
        if p.role == "maker"
        and code
        and p.code == code
        and (state in ("ZZ", "RU") or p.country == state)
        and (not years or any(_worked(p, year) for year in years))
    ]


def _worked(pattern: Pattern, year: int) -> bool:
    return (pattern.years_from or 0) <= year <= (pattern.years_to or 9999)


def evidence(found: Found, markings: MarkingSet, this_year: int) -> list[Evidence]:
    """What a packaging mark says of the origin; nothing where it is a code, or the issuer's state."""
    mark = found.mark
    if mark.says == "lot":
        return _lot_evidence(found, markings, this_year)
    if mark.says not in WORTH:
        return []
    country, then = mark.country, ""
    if mark.says == "origin":
        country, then = _named_country(dict(found.groups).get("state", ""), markings)
    if not country:
        return []
    where = country_name(markings, country)
    maker = _named_maker(found)
    reason = {
        "maker": f"'{found.text}' are letters of a maker in {where}" + f": {mark.decode}" * bool(mark.decode),
        "origin": f"'{found.text}' are the consignor's own words: {then or where}",
        "word": f"'{found.text}' is the language of {where}, which may be the buyer's",
    }[mark.says]
    return [
        Evidence(
            pattern=mark.id,
            code=found.text,
            manufacturer=maker or f"makers in {where}",
            country=country,
            state_then=then or where,
            names="maker" if maker else "state",
            grade=mark.grade,
            source=mark.source,
            worth=worth_of(WORTH[mark.says], mark.grade),
            reason=reason,
            elements=found.elements,
            lead=mark.says == "word" or mark.grade == "C",
        )
    ]


def _named_maker(found: Found) -> str:
    """The maker that a row of letters names, as in "PPU = Prvi partizan, Užice"; empty where it names none, or other
    letters than were found and only those: "bxn = Sellier & Bellot; the other letters need a table"."""
    letters, names, meaning = found.mark.decode.partition(" = ")
    maker, others, _ = meaning.partition(";")
    is_other = bool(others) and letters not in found.text
    return maker.strip() if found.mark.says == "maker" and names and not is_other else ""


def _lot_evidence(found: Found, markings: MarkingSet, this_year: int) -> list[Evidence]:
    """Every plant whose number a lot line names, worth the less the more states they lie in."""
    makers = plants(found, markings, this_year)
    states = {p.country for p in makers}
    against = () if len(states) < 2 else (f"the number fits plants of {len(states)} states",)
    return [
        Evidence(
            pattern=p.id,
            code=p.code,
            manufacturer=p.manufacturer,
            country=p.country,
            state_then=p.state_then or country_name(markings, p.country),
            names="maker",
            grade=p.grade,
            source=p.source,
            worth=worth_of(LOT.get(len(states), "trace"), p.grade),
            reason=f"'{found.text}' names the factory {p.code}, {p.manufacturer} ({country_name(markings, p.country)})",
            elements=found.elements,
            against=against,
            lead=p.lead_only,
        )
        for p in makers
    ]


def fields(
    found: Sequence[Found], issuers: Sequence[CodeCountry], markings: MarkingSet, this_year: int
) -> tuple[Field, ...]:
    """Everything decoded on one mark, each text by the longest mark that has it, no field twice."""
    kept: list[Field] = []
    used: list[tuple[tuple[int, ...], bool]] = []
    for one in sorted(found, key=lambda f: (-len(f.text), bool(f.groups), f.mark.country != "ZZ")):
        inside = any(set(one.elements) <= set(elements) and specific for elements, specific in used)
        new = [] if inside else _fields_of(one, issuers, markings, this_year)
        if new:
            used.append((one.elements, True))
        kept += new
    return tuple(dict.fromkeys(kept))


def _fields_of(found: Found, issuers: Sequence[CodeCountry], markings: MarkingSet, this_year: int) -> list[Field]:
    groups = dict(found.groups)
    for group, check in CHECKS.items():
        if group in groups and not check(groups[group]):
            return []
    for group, name in WHOLE.items():
        if group in groups:
            return [
                _field(found, name, found.text if group == "fsc" else groups[group], _issuer(groups, issuers, markings))
            ]
    if "lot" in groups and not any(map(str.isdecimal, groups["lot"])):
        return []  # a lot is a number: letters alone are the beginning of one, or a maker's
    made = [
        _field(found, *_value(group, text, found.mark), years=_years(group, text, this_year))
        for group, text in groups.items()
        if group in GROUPS
    ]
    if "state" in groups and found.mark.says != "origin":
        made.append(_field(found, "issued in", groups["state"], "who approved or treated it, not who made the goods"))
    if "state" in groups and found.mark.says == "origin":
        made = [_field(found, "country of origin", groups["state"])]
    return made or [_field(found, _name(found.mark), found.mark.decode or found.mark.what)]


def _name(mark: PackagingMark) -> str:
    return "UN number" if mark.what.startswith("UN 0") else "note"


def _value(group: str, text: str, mark: PackagingMark) -> tuple[str, str]:
    if group == "month" and text in _MONTHS:
        return GROUPS[group], str(_MONTHS[text])
    return GROUPS[group], latin_digits(text)


def _field(found: Found, name: str, value: str, doubt: str = "", *, years: tuple[int, int] | None = None) -> Field:
    mark = found.mark
    told = doubt or (mark.decode if name in ("factory", "maker", "lot", "bar code", "word") else "")
    return Field(name, found.text, value, mark.id, mark.source, mark.grade, told, years)


def _issuer(groups: Mapping[str, str], issuers: Sequence[CodeCountry], markings: MarkingSet) -> str:
    """Who issued a code, said as no origin; nothing for codes without issuers or of an unknown one."""
    if "ncb" in groups:
        one, office = issuer("ncb", groups["ncb"], issuers), "codified by"
    elif "gtin" in groups and len(groups["gtin"]) >= 12:
        one, office = issuer("gs1", groups["gtin"].zfill(13)[-13:], issuers), "number issued by the GS1 office of"
    else:
        return ""
    if one is None:
        return "who issued it is not in the table"
    return f"{office} {one.name or country_name(markings, one.country)}: not the country of making"


def _years(group: str, text: str, this_year: int) -> tuple[int, int] | None:
    """The years a year or a date can stand for."""
    if group == "year":
        found = short_years(text, this_year)
    elif group in ("date", "expiry"):
        full = _FULL_YEAR.search(text)
        written = full[0] if full else re.split("[./-]", text)[-1]
        found = short_years(written, this_year + (KEPT if group == "expiry" else 0))
    else:
        return None
    return (found[0], found[-1]) if found else None


def short_years(text: str, last: int) -> tuple[int, ...]:
    """The years from FIRST_YEAR to last that a year of two or four figures can stand for.

    >>> short_years("84", 2026), short_years("12", 2026), short_years("1981", 2026)
    ((1984,), (1912, 2012), (1981,))
    """
    plain = latin_digits(text)
    if not re.fullmatch("[0-9]{2}|[0-9]{4}", plain):
        return ()
    number = int(plain)
    possible = (number,) if len(plain) == 4 else (1900 + number, 2000 + number)
    return tuple(year for year in possible if FIRST_YEAR <= year <= last)


# How lines name states, other than by their names of today: the state, and that of the time where it is no more.
_STATE_NAMES = {
    "USA": ("US", ""),
    "U.S.A.": ("US", ""),
    "UK": ("GB", ""),
    "ENGLAND": ("GB", ""),
    "GREAT BRITAIN": ("GB", ""),
    "P.R.C.": ("CN", ""),
    "PRC": ("CN", ""),
    "RUSSIAN FEDERATION": ("RU", ""),
    "USSR": ("RU", "Soviet Union"),
    "SOVIET UNION": ("RU", "Soviet Union"),
    "YUGOSLAVIA": ("RS", "Yugoslavia"),
    "CZECHOSLOVAKIA": ("CZ", "Czechoslovakia"),
}


def _named_country(text: str, markings: MarkingSet) -> tuple[str, str]:
    """The state that a line names in English, and that of the time where it is no more; empty where it names none."""
    plain = " ".join(text.upper().split())
    named = [code for code, name in markings.countries.items() if name.upper() == plain and code != "ZZ"]
    return _STATE_NAMES.get(plain, (named[0] if named else "", ""))
