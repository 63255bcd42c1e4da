"""What an evaluation leaves in a folder: figures as Markdown and JSON, the reliability diagram, the worst photos."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from vision.errors import PhotoError
from vision.evaluate.compare import Comparison
from vision.evaluate.score import Score
from vision.evaluate.summary import FIGURES, Summary, confusions, reliability, summaries
from vision.photo import open_photo
from vision.targets import SHEET
from vision.text import visible
from vision.whole import whole_file

WORST, COLUMNS, TILE_PX, CAPTION_PX = 24, 6, 180, 34
_SIDE = 360


def write_report(folder: Path, scores: Sequence[Score], photos: Path, against: Sequence[Comparison] = ()) -> list[Path]:
    """Write report.md, report.json, reliability.svg and worst.jpg into folder; the files written.

    photos is the folder the labels' files lie in. Raises OutputError where it cannot be written, UsageError where a
    photo lies under one of these names.
    """
    found = summaries(scores)
    facts = {
        "strata": [asdict(one) for one in found],
        "confusions": confusions(scores),
        "reliability": reliability(scores),
        "against": [asdict(one) | {"worse": one.worse} for one in against],
    }
    texts = {"report.md": markdown(found, scores, against), "reliability.svg": diagram(scores),
             "report.json": json.dumps(facts, ensure_ascii=False, indent=1) + "\n"}  # fmt: skip
    for name, text in texts.items():
        with whole_file(folder / name) as stream:
            stream.write(text.encode())
    with whole_file(folder / "worst.jpg") as stream:
        contact_sheet(scores, photos).save(stream, "JPEG", quality=80, comment=SHEET)
    return [folder / name for name in (*texts, "worst.jpg")]


def rows(found: Sequence[Summary]) -> list[list[str]]:
    """The figures as a table's rows, its header first."""
    header = ["stratum", "photos", *FIGURES, "ece", "sure, wrong", "abstained", "stated without a mark"]
    return [header] + [
        [
            one.stratum,
            str(one.photos),
            *(_cell(one.figures[name], one.intervals[name]) for name in FIGURES),
            "-" if one.ece is None else f"{one.ece:.1f}",
            str(one.sure_wrong),
            str(one.abstained),
            f"{one.stated_wrongly}/{one.without_mark}" if one.without_mark else "-",
        ]
        for one in found
    ]


def _cell(value: float | None, interval: tuple[float, float] | None) -> str:
    return "-" if value is None else f"{value:.1f}" + (f" ({interval[0]:.0f}-{interval[1]:.0f})" if interval else "")


def markdown(found: Sequence[Summary], scores: Sequence[Score], against: Sequence[Comparison]) -> str:
    """The report for people."""
    header, *body = rows(found)
    lines = ["# Evaluation", "", "Percent, with the middle 95% by bootstrap over photos.", ""]
    lines += [_row(header), _row(["---"] * len(header)), *(_row(row) for row in body), ""]
    lines += ["## Taken for others", "", "| struck | read | times |", "|---|---|---|"]
    lines += [_row([true or "(nothing)", read or "(nothing)", str(n)]) for true, read, n in confusions(scores)]
    lines += ["", "![What probabilities mean](reliability.svg)", "", "![The worst read photos](worst.jpg)", ""]
    if against:
        lines += ["## Against the other model", "", *(f"- {'**worse** ' if c.worse else ''}{c}" for c in against), ""]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(visible(cell).replace("|", "\\|") for cell in cells) + " |"


def diagram(scores: Sequence[Score]) -> str:
    """The reliability diagram as SVG: a dot for each tenth of probability, its size by the photos in it."""
    dots = reliability(scores)
    marks = "".join(
        f'<circle cx="{40 + 300 * p:.1f}" cy="{320 - 300 * right:.1f}" r="{3 + n**0.5:.1f}" fill="#1f5fa8" '
        f'fill-opacity="0.7"><title>{n} photos: said {100 * p:.0f}%, right {100 * right:.0f}%</title></circle>'
        for p, right, n in dots
    )
    ticks = "".join(
        f'<text x="{40 + 3 * v}" y="338" text-anchor="middle">{v}</text><text x="34" y="{324 - 3 * v}" '
        f'text-anchor="end">{v}</text>'
        for v in (0, 50, 100)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE} {_SIDE}" font-family="sans-serif" '
        'font-size="11"><rect width="360" height="360" fill="#fff"/><rect x="40" y="20" width="300" height="300" '
        'fill="none" stroke="#999"/><path d="M40 320 L340 20" stroke="#999" stroke-dasharray="4 4"/>'
        f'{marks}{ticks}<text x="190" y="354" text-anchor="middle">probability of the first candidate, %</text>'
        '<text x="12" y="170" text-anchor="middle" transform="rotate(-90 12 170)">of these right, %</text></svg>\n'
    )


def contact_sheet(scores: Sequence[Score], photos: Path) -> Image.Image:
    """The worst read photos, small, with what was struck and the share of characters read under each."""
    marked = [s for s in scores if s.photo.kind != "none"]
    worst = sorted(marked, key=lambda s: (s.reading.characters, s.photo.file))[:WORST]
    lines = max(1, -(-len(worst) // COLUMNS))
    sheet = Image.new("RGB", (COLUMNS * TILE_PX, lines * (TILE_PX + CAPTION_PX)), "white")
    draw = ImageDraw.Draw(sheet)
    for number, one in enumerate(worst):
        x, y = number % COLUMNS * TILE_PX, number // COLUMNS * (TILE_PX + CAPTION_PX)
        sheet.paste(_tile(photos / one.photo.file, one), (x, y))
        words = visible(" ".join(one.photo.elements), 26).encode("latin-1", "replace").decode("latin-1")
        draw.text((x + 4, y + TILE_PX + 3), words, fill="black")
        draw.text((x + 4, y + TILE_PX + 17), f"{100 * one.reading.characters:.0f}% of the characters", fill="black")
    return sheet


def _tile(path: Path, score: Score) -> Image.Image:
    try:
        rgb, scale = open_photo(path).reduced_rgb(1000)
    except PhotoError:
        return Image.new("RGB", (TILE_PX - 4, TILE_PX), "#ddd")
    if score.photo.box:
        left, top, right, bottom = (max(0, round(v * scale)) for v in score.photo.box)
        rgb = rgb[top:bottom, left:right] if bottom - top > 8 and right - left > 8 else rgb
    picture = Image.fromarray(np.ascontiguousarray(rgb))
    picture.thumbnail((TILE_PX - 4, TILE_PX))
    return picture


__all__ = ["contact_sheet", "diagram", "markdown", "rows", "write_report"]
