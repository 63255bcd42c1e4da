"""The table that `marktrace identify` shows in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from vision.report import content
from vision.text import visible
from vision.types import Attribution, Element, Mark, Result

TITLE = "Candidates, not confirmed by a person"


def table(results: Iterable[Result], limit: int) -> Table:
    """One block of rows a mark: what was read, then its candidates with their reasons, then the unknown share. Joined
    photos of one object are one block, and which they are stands below the table."""
    shown = Table(box=box.SIMPLE_HEAD, title=TITLE, title_justify="left", title_style="bold", pad_edge=False)
    shown.caption_justify, shown.caption_style = "left", ""
    shown.add_column("Photo and reading", ratio=5, overflow="fold")
    shown.add_column("Where it may have been made", ratio=7, overflow="fold")
    shown.add_column("", justify="right", no_wrap=True, min_width=9)
    shown.add_column("Why", ratio=8, overflow="fold")
    for index, result in enumerate(results):
        if content.lead(result) in (None, index) or result.object_photos[index].left_out:
            _add_photo(shown, result, limit)
        if content.lead(result) == index:
            shown.caption = Text("\n".join(content.object_lines(result)))
    return shown


def summary(results: Sequence[Result]) -> str:
    """How many photos were read, were not, and failed: the three numbers add up."""
    failed = sum(result.failure is not None for result in results)
    read = sum(result.failure is None and content.readable(result) for result in results)
    photos = "1 photo" if len(results) == 1 else f"{len(results)} photos"
    return f"{photos}: {read} read, {len(results) - read - failed} without a readable mark, {failed} failed."


def _add_photo(shown: Table, result: Result, limit: int) -> None:
    name = Text(visible(Path(result.path).name, 60), style="bold")
    if result.failure:
        shown.add_row(name, Text(visible(result.failure.detail), style="red"), "failed", "", end_section=True)
    elif not result.marks:
        shown.add_row(name, Text("No mark found."), "", "", end_section=True)
    for mark in result.marks:
        _add_mark(shown, name, mark, limit)


def _add_mark(shown: Table, name: Text, mark: Mark, limit: int) -> None:
    first = Text.assemble(name, "\n", _reading(mark))
    attribution = mark.attribution
    if attribution is None:
        shown.add_row(first, Text("Not attributed."), "", "", end_section=True)
        return
    first.append(f"\n{_level(attribution)}", style="dim")
    for row in content.rows(attribution, limit):
        origin = Text.assemble(
            (row.manufacturer, "dim" if row.lead else "bold"),
            f"\n{row.place}",
            f", then {row.state_then}" * bool(row.state_then),
        )
        origin.append(f"\n{row.marking}" + f"\n{content.LEAD}" * row.lead, style="dim")
        most = 3 if row.rank == 1 else 1  # what leads is worth more room
        reasons = [f"+ {reason}" for reason in _shortened(row.reasons_for, most)]
        reasons += [f"- {reason}" for reason in _shortened(row.reasons_against, (most + 1) // 2)]
        reasons += [row.context] if row.context else []
        shown.add_row(first, origin, content.percent(row.probability), Text("\n".join(reasons)))
        first = Text("")
    count, share = content.left_over(attribution, limit)
    if count:
        shown.add_row("", Text(f"{count} more, less likely"), content.percent(share), "")
    shown.add_row(first, Text("Unknown"), content.percent(attribution.unknown_probability), "", end_section=True)


def _shortened(reasons: Sequence[str], most: int) -> list[str]:
    """The first reasons, and all that rest on what is known of the find: nothing it adds is hidden in the answer."""
    return [reason for i, reason in enumerate(reasons) if i < most or reason.startswith("context:")]


def _reading(mark: Mark) -> Text:
    """The elements read, each character in the colour of its doubt."""
    colours = {"sure": "green", "likely": "yellow", "doubtful": "red"}
    shown = Text("")
    for element in mark.reading.elements if mark.reading else ():
        if shown:
            shown.append(" · ", style="dim")
        parted = _parted(element)
        for place, character in enumerate(element.characters):
            shown.append(" " if place in parted else "")
            shown.append(visible(character.text), style=colours[content.doubt(character.probability)])
        if not element.characters:
            shown.append(visible(element.text))
    return shown or Text("nothing read", style="dim")


def _parted(element: Element) -> set[int]:
    """Before which characters the element's text has a space."""
    places, count = set(), 0
    for struck in element.text:
        if struck == " ":
            places.add(count)
        else:
            count += 1
    return places if count == len(element.characters) else set()


def _level(attribution: Attribution) -> str:
    if attribution.level == "unknown":
        return "level: unknown"
    return f"level: {attribution.level}, risk {content.percent(attribution.risk)}"
