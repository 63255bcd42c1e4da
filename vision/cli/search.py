"""`marktrace search`: what an archive's store holds, by what is read, who made it, when, where, and by look."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from vision.errors import UsageError
from vision.text import visible

if TYPE_CHECKING:
    from vision.archive import Filter, FoundMark, Store


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


def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORD]...", help="Words, or their beginnings, that a mark must have.")
    ] = None,
    store: Annotated[str, typer.Option(metavar="URL", help="The store: a file name, or its SQLAlchemy URL.")] = "",
    reading: Annotated[
        str, typer.Option(metavar="TEXT", help="What was read; * at the end stands for anything that follows.")
    ] = "",
    code: Annotated[str, typer.Option(metavar="CODE", help="The code of the first candidate.")] = "",
    maker: Annotated[str, typer.Option(metavar="NAME", help="A part of the maker's name.")] = "",
    country: Annotated[str, typer.Option(metavar="XX", help="The state, as an ISO code such as RS.")] = "",
    year: Annotated[int | None, typer.Option(metavar="YYYY", help="A year the mark can stand for.")] = None,
    calibre: Annotated[str, typer.Option(metavar="NAME", help="Such as 7.62x39mm.")] = "",
    level: Annotated[str, typer.Option(metavar="LEVEL", help="pattern, maker, state or unknown.")] = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="headstamp, serial, factory_mark or packaging.")] = "",
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
    failed: Annotated[bool, typer.Option("--failed", help="The photos that failed in the newest run instead.")] = False,
    near_duplicates: Annotated[
        bool, typer.Option("--near-duplicates", help="Groups of photos that look alike instead, as their sha256.")
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
    with open_store(store) as opened:
        if failed:
            _lines(({"path": f.path, **asdict(f.failure)} for f in opened.failures()), json_lines)
        elif near_duplicates:
            _lines(({"photos": group} for group in opened.groups("near")), json_lines)
        else:
            if state:
                _count_decisions(opened)
            wanted = Filter(
                words=" ".join(words or ()),
                reading=reading,
                code=code,
                maker=maker,
                country=country,
                year=year,
                calibre=calibre,
                level=level,
                kind=kind,
                lot=lot,
                folder=root_of(folder) if folder else "",
                near=near,
                state=state.value if state else "",
            )
            _show(*_found(opened, wanted, order, limit, like, linked), json_lines)


def _found(
    store: Store, wanted: Filter, order: OrderName, limit: int, like: int | None, linked: int | None
) -> tuple[Sequence[FoundMark], Sequence[str], int | None]:
    """Marks, a remark on each, and how many there are in all where that is counted."""
    if like is not None:
        from vision.archive.alike import alike

        found = alike(store, like, limit)
        return [mark for mark, _ in found], [f"{closeness:.2f}" for _, closeness in found], None
    if linked is not None:
        marks = store.linked(linked, limit=limit)
        return marks, [_shared(store.mark(linked), mark) for mark in marks], None
    page = store.marks(wanted, order=order.value, limit=limit)
    return page.marks, [""] * len(page.marks), store.count_marks(wanted)


def _shared(one: FoundMark | None, other: FoundMark) -> str:
    """What two linked marks share, in words."""
    if one is None:
        return ""
    said = []
    if one.code and (one.code, one.year_from, one.calibre) == (other.code, other.year_from, other.calibre):
        said.append("same code, year and calibre")
    if one.lot and one.lot == other.lot:
        said.append("same lot")
    if one.serial is not None and other.serial is not None:
        said.append(f"serials {abs(one.serial - other.serial)} apart")
    return ", ".join(said)


def _count_decisions(store: Store) -> None:
    """Count people's log anew, so that marks can be searched for by what it comes to."""
    from vision.review.ledger import Ledger
    from vision.review.log import Entry

    ledger = Ledger()
    ledger.take(Entry(*row) for row in store.people().log_rows())
    store.put_standings((photo, mark, standing.state) for (photo, mark), standing in ledger.marks.items())


def _show(marks: Sequence[FoundMark], remarks: Sequence[str], total: int | None, json_lines: bool) -> None:
    if json_lines:
        _lines(({**asdict(mark), "remark": remark} for mark, remark in zip(marks, remarks, strict=True)), True)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in ("number", "reading", "first candidate", "probability", "level", "state", "photo"):
        table.add_column(name, overflow="fold")
    for mark, remark in zip(marks, remarks, strict=True):
        years = "" if mark.year_from is None else f"{mark.year_from}–{mark.year_to}".replace(f"–{mark.year_from}", "")
        first = ", ".join(word for word in (mark.maker, mark.country, years, mark.calibre) if word)
        cells = (mark.number, mark.reading, first, f"{mark.probability:.0%}", mark.level, mark.state, mark.path)
        table.add_row(*(Text(visible(str(cell), 120)) for cell in cells), Text(remark))
    out = Console()
    (out if out.is_terminal else Console(width=160)).print(table)
    if total is not None:
        typer.echo(f"{len(marks)} of {total} marks.", err=True)


def _lines(rows: Iterable[dict[str, object]], as_json: bool) -> None:
    """One line each on standard output, as UTF-8 whatever the locale."""
    stream = typer.get_binary_stream("stdout")
    for row in rows:
        plain = "\t".join(visible(" ".join(v) if isinstance(v, tuple) else str(v)) for v in row.values())
        stream.write((json.dumps(row) if as_json else plain).encode("utf-8") + b"\n")
    stream.flush()
