"""A photo's sheet as one picture."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from vision.report import content, places
from vision.report.canvas import ACCENT, CARD, DOUBT_COLOURS, GREY, INK, LINE, SOFT, WASH, Page, drawable, font
from vision.report.decoded import decoded_lines
from vision.report.overlay import draw_marks, frame, letter
from vision.report.places import Strip
from vision.text import visible
from vision.types import Attribution, Character, CloseUp, Element, Mark, Result, Views

_WIDTH, _MARGIN, _GAP = 1600, 64, 40
_PHOTO_WIDTH, _PHOTO_HEIGHT = 660, 700


def picture(result: Result, views: Views | None, limit: int = 5) -> Image.Image:
    """The sheet of one photo, 1600 pixels wide and as tall as it takes.

    Args:
        result: what was found.
        views: the pictures to show, None for a photo that was refused.
        limit: show at most this many candidates a mark.
    """
    page = Page(_WIDTH, _MARGIN)
    _header(page, result)
    if result.failure:
        page.y = page.text(
            _MARGIN, page.y, "This photo could not be examined.", 34, width=page.inner_width, weight="bold"
        )
        page.y = page.text(_MARGIN, page.y, visible(result.failure.detail), 24, width=page.inner_width)
    elif not result.marks:
        page.y = page.text(_MARGIN, page.y, "No mark found", 34, width=page.inner_width, weight="bold")
        page.y = page.text(_MARGIN, page.y, content.NO_MARK, 24, width=page.inner_width)
    if views and len(result.marks) != 1:
        _overview(page, _MARGIN, 400, result.marks, views)
    for number, mark in enumerate(result.marks, 1):
        _mark(page, mark, number, len(result.marks), views, limit)
    _meaning(page)
    _footer(page, result)
    return page.finish()


def _header(page: Page, result: Result) -> None:
    right, top = page.image.width - _MARGIN, page.y
    page.draw.rounded_rectangle([right - 330, top, right, top + 96], 10, outline=DOUBT_COLOURS["doubtful"], width=4)
    page.draw.text(
        (right - 165, top + 36), content.STAMP, font=font(36, "bold"), fill=DOUBT_COLOURS["doubtful"], anchor="mm"
    )
    page.draw.text(
        (right - 165, top + 72), content.STAMP_NOTE, font=font(20), fill=DOUBT_COLOURS["doubtful"], anchor="mm"
    )
    width = page.inner_width - 380
    page.y = page.text(_MARGIN, page.y, content.TITLE, 20, width=width, fill=SOFT)
    page.y = page.text(_MARGIN, page.y + 4, visible(result.path, 120), 36, width=width, weight="bold")
    for line in (content.photo_facts(result), *content.object_lines(result)):
        page.y = page.text(_MARGIN, page.y + 4, line, 20, width=width, fill=SOFT)
    page.y = max(page.y, top + 110) + 14
    page.rule(page.y, INK, 3)
    page.y += 34


def _overview(page: Page, left: float, height: int, marks: Sequence[Mark], views: Views) -> None:
    """The whole photo with the marks outlined."""
    photo = places.whole(views)
    size = _fit(photo, 620, height)
    bare = [Mark(mark.id, mark.kind, mark.outline_xy, mark.score) for mark in marks]
    page.need(page.y + size[1] + 40)
    page.image.paste(draw_marks(photo, bare, size), (round(left), round(page.y)))
    if len(marks) > 1:
        _numbers(page, left, size, marks, photo)
    page.y += size[1] + 8
    page.y = page.text(left, page.y, "The whole photo, with what was found outlined.", 18, width=700, fill=SOFT) + 24


def _numbers(page: Page, left: float, size: tuple[int, int], marks: Sequence[Mark], photo: CloseUp) -> None:
    """The marks' numbers on the whole photo, as it is drawn at the page's height."""
    factor = size[0] / photo.rgb.shape[1]
    for number, mark in enumerate(marks, 1):
        if points := tuple((x * factor, y * factor) for x, y in photo.place(mark.outline_xy)):
            x, y = places.corner(points, *size)
            at = (left + x, page.y + y)
            page.draw.text(
                at, f"{number}", font=font(26, "bold"), fill=ACCENT, anchor="mm", stroke_width=4, stroke_fill="white"
            )


def _mark(page: Page, mark: Mark, number: int, count: int, views: Views | None, limit: int) -> None:
    title = content.kind_name(mark) + (f", mark {number} of {count}" if count > 1 else "")
    page.y = page.text(_MARGIN, page.y, title.upper(), 20, width=page.inner_width, fill=SOFT, weight="bold") + 6
    top, left = page.y, float(_MARGIN)
    bottom = top
    if views:
        crop = places.close_up(mark, views)
        size = _fit(crop, _PHOTO_WIDTH, _PHOTO_HEIGHT)
        page.need(top + size[1])
        page.image.paste(draw_marks(crop, [mark], size), (_MARGIN, round(top)))
        bottom = top + size[1]
        left += size[0] + _GAP
    page.y = top
    if mark.attribution:
        _answer(page, left, mark.attribution)
    _reading(page, left, mark, views)
    _decoded(page, left, mark)
    if views and count == 1 and places.needs_overview((mark,), views):
        page.y += 20
        _overview(page, left, max(180, min(400, round(bottom - page.y) - 34)), (mark,), views)
    page.y = max(page.y, bottom) + 30
    for strip in places.all_strips(mark, views) if views else ():
        _strip(page, strip)
    if mark.attribution:
        _candidates(page, mark.attribution, limit)


def _answer(page: Page, left: float, attribution: Attribution) -> None:
    width = page.image.width - _MARGIN - left
    answer = content.answer(attribution)
    page.y = page.text(left, page.y, answer.headline, 36, width=width, weight="bold") + 6
    page.y = page.text(left, page.y, answer.detail, 22, width=width) + 22


def _decoded(page: Page, left: float, mark: Mark) -> None:
    """What the mark's texts stand for, as on the HTML page."""
    lines, width = decoded_lines(mark), page.image.width - _MARGIN - left
    if not lines:
        return
    page.y = page.text(left, page.y + 20, "DECODED", 20, width=width, fill=SOFT, weight="bold") + 8
    for line in lines:
        page.y = page.text(left, page.y, line, 18, width=width) + 4


def _reading(page: Page, left: float, mark: Mark, views: Views | None) -> None:
    width = page.image.width - _MARGIN - left
    page.y = page.text(left, page.y, "READ ON IT", 20, width=width, fill=SOFT, weight="bold") + 8
    elements = mark.reading.elements if mark.reading else ()
    if not elements:
        page.y = page.text(left, page.y, content.NOTHING_READ, 22, width=width)
        return
    x, row_bottom = left, page.y
    for element in elements:
        crop = places.shown_symbol(element, mark, views) if views else None
        for characters in _in_cards(places.in_sight_order(element), width):
            wide = _card_width(characters)
            if x > left and x + wide > page.image.width - _MARGIN:
                x, page.y = left, row_bottom + 14
            row_bottom = max(row_bottom, _card(page, x, page.y, wide, element, characters, crop))
            x += wide + 14
    page.y = page.text(left, row_bottom + 12, content.KEY, 18, width=width, fill=SOFT)


def _in_cards(characters: Sequence[Character], width: float) -> list[list[Character]]:
    """A word's characters in runs that fit the width each: long straight lines need several cards."""
    cards: list[list[Character]] = [[]]
    for character in characters:
        if cards[-1] and _card_width([*cards[-1], character]) > width:
            cards.append([])
        cards[-1].append(character)
    return cards


def _card_width(characters: Sequence[Character]) -> float:
    return 28.0 + sum(_glyph_width(character.text) for character in characters)


def _glyph_width(text: str) -> float:
    return max(76.0, font(_glyph_size(text), "bold").getlength(drawable(visible(text))) + 18)


def _glyph_size(text: str) -> int:
    return 52 if len(drawable(visible(text))) == 1 else 24


def _card(
    page: Page,
    x: float,
    y: float,
    width: float,
    element: Element,
    characters: Sequence[Character],
    crop: CloseUp | None,
) -> float:
    """A card of characters of an element with their alternatives, and its picture if there is one; its bottom."""
    below = [_below(page, character) for character in characters]
    note = page.lines(content.element_note(element), width - 24, 16)
    size = _fit(crop, round(width) - 28, 130) if crop else (0, -8)
    under = y + 84 + max(map(len, below)) * 22
    bottom = under + size[1] + 14 + len(note) * 22
    page.need(bottom)
    page.draw.rounded_rectangle([x, y, x + width, bottom], 8, fill=CARD, outline=LINE)
    at = x + 14
    for character, lines in zip(characters, below, strict=True):
        wide = _glyph_width(character.text)
        colour = DOUBT_COLOURS[content.doubt(character.probability)]
        text, middle = drawable(visible(character.text)), at + wide / 2
        page.draw.text((middle, y + 38), text, font=font(_glyph_size(character.text), "bold"), fill=colour, anchor="mm")
        page.draw.line([(at + 8, y + 70), (at + wide - 8, y + 70)], fill=colour, width=5)
        for i, line in enumerate(lines):
            page.draw.text((middle, y + 88 + i * 22), line, font=font(15), fill=SOFT, anchor="mm")
        at += wide
    if crop:
        shown = Image.fromarray(crop.rgb).resize(size, Image.Resampling.LANCZOS)
        page.image.paste(shown, (round(x + (width - size[0]) / 2), round(under)))
    for i, line in enumerate(note):
        page.draw.text((x + 14, bottom - 8 - (len(note) - i) * 22), line, font=font(16), fill=SOFT)
    return bottom


def _below(page: Page, character: Character) -> list[str]:
    """A character's probability and what else it may be, in lines that fit its place on the card."""
    said = [content.percent(character.probability)]
    said += [f"or {visible(text)} {content.percent(share)}" for text, share in character.alternatives[:3]]
    return [line for text in said for line in page.lines(text, _glyph_width(character.text) - 4, 15)]


def _strip(page: Page, strip: Strip) -> None:
    height, width = strip.rgb.shape[:2]
    factor = page.inner_width / width
    tall = max(24, round(height * factor))
    page.need(page.y + tall + 130)
    top = round(page.y) + 48
    page.image.paste(
        Image.fromarray(strip.rgb).resize((page.inner_width, tall), Image.Resampling.LANCZOS), (_MARGIN, top)
    )
    for word in strip.words:
        for slot in word.slots:
            left, right = _MARGIN + slot.left * factor + 2, _MARGIN + slot.right * factor - 2
            colour = DOUBT_COLOURS[content.doubt(slot.character.probability)]
            frame(
                page.draw,
                [(left, top + 2), (right, top + 2), (right, top + tall - 3), (left, top + tall - 3)],
                colour,
                2,
            )
            shown = letter(slot.character)
            if shown:
                page.draw.text(((left + right) / 2, top - 24), shown, font=font(36, "bold"), fill=colour, anchor="mm")
    for hour, x in strip.clock:
        at = min(max(_MARGIN + x * factor, _MARGIN + 44), page.image.width - _MARGIN - 44)
        page.draw.text((at, top + tall + 16), f"{hour} o'clock", font=font(16), fill=SOFT, anchor="mm")
    page.y = (
        page.text(
            _MARGIN, top + tall + 30, content.strip_note(strip.half_turned, strip.name), 18, width=1400, fill=SOFT
        )
        + 14
    )


def _candidates(page: Page, attribution: Attribution, limit: int) -> None:
    page.y = page.text(_MARGIN, page.y + 10, "Candidates", 26, width=800, weight="bold") + 8
    for row in content.rows(attribution, limit):
        _row(page, row)
    count, share = content.left_over(attribution, limit)
    if count:
        _plain_row(page, f"{count} more, less likely", "", share)
    _plain_row(page, "Unknown: none of the known markings", content.UNKNOWN_NOTE, attribution.unknown_probability)
    page.rule(page.y)
    rule = f"How far the answer goes: {content.answer(attribution).rule}"
    page.y = page.text(_MARGIN, page.y + 14, rule, 20, width=page.inner_width) + 20


def _row(page: Page, row: content.Row) -> None:
    page.need(page.y + 400)
    page.rule(page.y)
    top, fill = page.y + 16, SOFT if row.lead else INK
    left = page.text(_MARGIN, top, f"{row.rank}", 22, width=40, fill=SOFT)
    left = page.text(
        _MARGIN + 44, top, row.manufacturer, 25, width=500, fill=fill, weight="plain" if row.lead else "bold"
    )
    left = page.text(_MARGIN + 44, left, row.place, 22, width=500)
    for line in (f"then {row.state_then}" if row.state_then else "", row.marking):
        left = page.text(_MARGIN + 44, left, line, 18, width=500, fill=SOFT)
    if row.lead:
        left = page.text(_MARGIN + 44, left, content.LEAD, 18, width=500, fill=DOUBT_COLOURS["likely"], weight="bold")
    x = _MARGIN + 570
    chance = page.text(x, top, content.percent(row.probability), 28, width=250, weight="bold") + 2
    page.bar(x, chance, 240, row.probability, GREY if row.lead else ACCENT)
    chance = page.text(x, chance + 22, row.context, 16, width=250, fill=SOFT)
    x, right = x + 280, top
    width = page.image.width - _MARGIN - x - 26
    for sign, colour, reasons in (("+", "sure", row.reasons_for), ("−", "doubtful", row.reasons_against)):
        for reason in reasons:
            page.need(right + 30)
            page.draw.text((x, right), sign, font=font(20, "bold"), fill=DOUBT_COLOURS[colour])
            right = page.text(x + 26, right, reason, 20, width=width)
    right = page.text(x, right + 4, " · ".join((row.grade, *row.sources)), 16, width=width + 26, fill=SOFT)
    page.y = max(left, chance, right) + 14


def _plain_row(page: Page, title: str, note: str, share: float) -> None:
    page.need(page.y + 120)
    page.draw.rectangle([_MARGIN, page.y, page.image.width - _MARGIN, page.y + 78], fill=WASH)
    page.rule(page.y)
    page.text(_MARGIN + 44, page.y + 14, title, 22, width=510, weight="bold")
    page.text(_MARGIN + 570, page.y + 10, content.percent(share), 26, width=250, weight="bold")
    page.bar(_MARGIN + 570, page.y + 50, 240, share, GREY)
    page.text(_MARGIN + 850, page.y + 14, note, 18, width=page.inner_width - 860, fill=SOFT)
    page.y += 78


def _meaning(page: Page) -> None:
    page.y += 16
    page.need(page.y + 500)
    page.rule(page.y, INK, 2)
    top, half = page.y + 22, page.inner_width * 0.36
    columns = (
        (_MARGIN, half - 40, "What this says", content.SAYS),
        (_MARGIN + half, page.inner_width - half, "What it does not say", content.SAYS_NOT),
    )
    for x, width, title, lines in columns:
        y = page.text(x, top, title, 24, width=width, weight="bold") + 4
        for line in lines:
            page.draw.text((x, y), "–", font=font(19), fill=SOFT)
            y = page.text(x + 22, y, line, 19, width=width - 22) + 4
        page.y = max(page.y, y)
    page.y = page.text(_MARGIN, page.y + 12, content.MUST_CONFIRM, 22, width=page.inner_width, weight="bold") + 16


def _footer(page: Page, result: Result) -> None:
    page.rule(page.y)
    page.y = page.text(_MARGIN, page.y + 12, content.provenance(result), 16, width=page.inner_width, fill=SOFT)


def _fit(crop: CloseUp, width: int, height: int) -> tuple[int, int]:
    tall, wide = crop.rgb.shape[:2]
    factor = min(width / wide, height / tall)
    return max(1, round(wide * factor)), max(1, round(tall * factor))
