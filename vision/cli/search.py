"""`marktrace search`: what an archive's store holds, by what is read, who made it, when, where, and by look."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from vision.errors import UsageError
from vision.text import so_many, visible

if TYPE_CHECKING:
    from vision.archive import Filter, FoundMark, Store


@dataclass(frozen=True, slots=True)
class _Found:
    """Marks with a remark on each, what the remarks are about, and how many marks fit in all where that is counted."""

    marks: Sequence[FoundMark]
    heading: str
    remarks: Sequence[str]
    total: int | None = None


class OrderName(StrEnum):
    """The orders that can be asked for."""

    number = "number"
    probability = "probability"
    year = "year"


class StateName(StrEnum):
    """What people's decisions on a mark come to."""

    open = "open"
    decided = "decided"
    agreed = "agreed"
    conflict = "conflict"
    settled = "settled"


class LevelName(StrEnum):
    """How finely the machine states an origin."""

    pattern = "pattern"
    maker = "maker"
    state = "state"
    unknown = "unknown"


class KindName(StrEnum):
    """The kinds of marks."""

    headstamp = "headstamp"
    serial = "serial"
    factory_mark = "factory_mark"
    packaging = "packaging"


def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORD]...", help="Words, or their beginnings, that a mark must have.")
    ] = None,
    store: Annotated[
        str, typer.Option(metavar="URL", help="The store, always needed: a file name, or its SQLAlchemy URL.")
    ] = "",
    reading: Annotated[
        str, typer.Option(metavar="TEXT", help="What was read; * at the end stands for anything that follows.")
    ] = "",
    code: Annotated[str, typer.Option(metavar="CODE", help="The code of the first candidate.")] = "",
    maker: Annotated[str, typer.Option(metavar="NAME", help="A part of the maker's name.")] = "",
    country: Annotated[str, typer.Option(metavar="XX", help="The state, as an ISO code such as RS.")] = "",
    year: Annotated[int | None, typer.Option(metavar="YYYY", help="A year the mark can stand for.")] = None,
    calibre: Annotated[str, typer.Option(metavar="NAME", help="Such as 7.62x39mm.")] = "",
    level: Annotated[LevelName | None, typer.Option(help="How finely an origin is stated.")] = None,
    kind: Annotated[KindName | None, typer.Option(help="What kind of mark it is.")] = None,
    lot: Annotated[str, typer.Option(metavar="LOT", help="The lot that was read.")] = "",
    folder: Annotated[str, typer.Option(metavar="FOLDER", help="Where the photos lie.")] = "",
    near: Annotated[
        tuple[float, float, float] | None,
        typer.Option(metavar="LAT LON KM", help="Photos taken around a place: degrees north and east, kilometres."),
    ] = None,
    state: Annotated[StateName | None, typer.Option(help="What people's decisions come to.")] = None,
    order: Annotated[OrderName, typer.Option(help="number: as they were stored.")] = OrderName.number,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Show at most N marks.")] = 50,
    like: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="Marks that look like the one of this number, likest first."),
    ] = None,
    linked: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="Marks that may go with one: same code, year and calibre; lot; serials."),
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="The photos that failed when last tried instead.")] = False,
    near_duplicates: Annotated[
        bool, typer.Option("--near-duplicates", help="Groups of photos that look alike instead.")
    ] = False,
    same_object: Annotated[
        bool, typer.Option("--same-object", help="Groups of photos of one object instead: see tag --group-objects.")
    ] = False,
    without_file: Annotated[
        bool,
        typer.Option("--without-file", help="People's decisions on photos whose file was changed or is gone instead."),
    ] = False,
    json_lines: Annotated[bool, typer.Option("--json", help="JSON Lines instead of a table.")] = False,
) -> None:
    """Search a store that marktrace tag has made. All conditions must hold.

    Every origin is a candidate until a person has confirmed it: the level says what may be stated.

    [bold]Examples[/bold]

      marktrace search --store finds.db novosib 7.62

      marktrace search --store finds.db --country RS --year 1976 --order probability

      marktrace search --store finds.db --like 1234
    """
    from vision.archive import Filter, open_store
    from vision.archive.source import root_of

    if not store:
        raise UsageError("Say which store to search: --store finds.db.")
    wanted = Filter(
        words=" ".join(words or ()),
        reading=reading,
        code=code,
        maker=maker,
        country=country,
        year=year,
        calibre=calibre,
        level=level.value if level else "",
        kind=kind.value if kind else "",
        lot=lot,
        folder=root_of(folder) if folder else "",
        near=_checked(near),
        state=state.value if state else "",
    )
    lists = {"failed": failed, "near-duplicates": near_duplicates, "same-object": same_object}
    instead = [name for name, asked in (lists | {"without-file": without_file}).items() if asked]
    marks_asked = wanted != Filter() or like is not None or linked is not None
    if len(instead) + marks_asked > 1 or (like is not None and linked is not None):
        raise UsageError(
            "--failed, --near-duplicates, --same-object and --without-file stand alone, without any condition, and "
            "--like and --linked do not go together."
        )
    with open_store(store) as opened:
        if instead:
            _list(opened, instead[0], json_lines)
            return
        _count_decisions(opened)
        _show(_found(opened, wanted, order, limit, like, linked), json_lines)


def _checked(near: tuple[float, float, float] | None) -> tuple[float, float, float] | None:
    """The place to search around. Raises UsageError where there is no such place."""
    if near is not None and not (abs(near[0]) <= 90.0 and abs(near[1]) <= 180.0 and 0.0 < near[2] < math.inf):
        raise UsageError("--near takes degrees north (-90 to 90), degrees east (-180 to 180) and kilometres, above 0.")
    return near


def _list(store: Store, what: str, json_lines: bool) -> None:
    """Put out a list of something else than marks."""
    from vision.cli import listed

    if what == "failed":
        rows = listed.failed_files(store)
    elif what == "without-file":
        rows = listed.without_file(store)
    else:
        rows = listed.groups(store, "near" if what == "near-duplicates" else "object", json_lines)
    listed.put_lines(rows, json_lines)


def _found(store: Store, wanted: Filter, order: OrderName, limit: int, like: int | None, linked: int | None) -> _Found:
    if like is not None:
        from vision.archive.alike import alike

        found = alike(store, like, limit, wanted)
        return _Found([mark for mark, _ in found], "likeness", [f"{closeness:.2f}" for _, closeness in found])
    if linked is not None:
        one = store.mark(linked)
        if one is None:
            raise UsageError(f"There is no mark {linked}: marktrace search shows the numbers there are.")
        marks = store.linked(linked, wanted, limit=limit)
        return _Found(marks, "in common", [_shared(one, mark) for mark in marks])
    page = store.marks(wanted, order=order.value, limit=limit)
    return _Found(page.marks, "", [""] * len(page.marks), store.count_marks(wanted))


def _shared(one: FoundMark, other: FoundMark) -> str:
    """What two linked marks share, in words."""
    said = []
    if one.code and (one.code, one.year_from, one.calibre) == (other.code, other.year_from, other.calibre):
        said.append("same code, year and calibre")
    if one.lot and one.lot == other.lot:
        said.append("same lot")
    if one.serial is not None and other.serial is not None:
        said.append(f"serials {abs(one.serial - other.serial)} apart")
    return ", ".join(said)


def _count_decisions(store: Store) -> None:
    """Count people's log anew where it has grown, so that marks say, and are searched for by, what it comes to."""
    from vision.cli.stores import ledger_of

    if not store.log_has_grown():
        return
    ledger = ledger_of(store)
    states = ((photo, mark, standing.state) for (photo, mark), standing in ledger.marks.items())
    store.put_standings(states, ledger.seq)


def _show(found: _Found, json_lines: bool) -> None:
    if json_lines:
        from vision.cli.listed import put_lines

        pairs = zip(found.marks, found.remarks, strict=True)
        put_lines(({**asdict(mark), "remark": remark} for mark, remark in pairs), True)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in ("number", "reading", "first candidate", "probability", "level", "state", "photo", found.heading):
        table.add_column(name, overflow="fold")
    for mark, remark in zip(found.marks, found.remarks, strict=True):
        cells = (mark.number, mark.reading, _first(mark), f"{mark.probability:.0%}", mark.level, mark.state, mark.path)
        table.add_row(*(Text(visible(str(cell), 120)) for cell in cells), Text(remark))
    out = Console()
    (out if out.is_terminal else Console(width=160)).print(table)
    if found.total is not None:
        typer.echo(f"{len(found.marks)} of {so_many(found.total, 'mark')}.", err=True)


def _first(mark: FoundMark) -> str:
    """The first candidate in words; a long maker's name is cut, so that it leaves room for the rest."""
    years = "" if mark.year_from is None else f"{mark.year_from}–{mark.year_to}".replace(f"–{mark.year_from}", "")
    return ", ".join(word for word in (visible(mark.maker, 60), mark.country, years, mark.calibre) if word)
