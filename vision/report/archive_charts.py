"""Where the bars of an archive's report lie, in the units of their own SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vision.report.archive import Bar

LABEL, PLOT, WIDTH = 250.0, 480.0, 1000.0
ROW, HEIGHT = 44.0, 230.0


@dataclass(frozen=True, slots=True)
class Rung:
    """One row of horizontal bars: y of its top; widths of both bars, and where the range begins and ends."""

    bar: Bar
    y: float
    confirmed: float
    stated: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Ladder:
    """Horizontal bars: height of the whole, and the axis as (x, label)."""

    height: float
    rungs: tuple[Rung, ...]
    axis: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One upright pair of bars: x of its left side, width of the pair, heights, and the range's ends as heights."""

    bar: Bar
    x: float
    width: float
    confirmed: float
    stated: float
    low: float
    high: float
    label: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Upright bars in order, and the axis as (height, label)."""

    columns: tuple[Column, ...]
    axis: tuple[tuple[float, str], ...]


def ladder(bars: Sequence[Bar]) -> Ladder:
    """Horizontal bars, one row each."""
    top, ticks = _axis(bars)
    scale = PLOT / top
    rungs = tuple(Rung(bar, i * ROW, *_lengths(bar, scale)) for i, bar in enumerate(bars))
    return Ladder(len(bars) * ROW + 24.0, rungs, tuple((LABEL + tick * scale, _label(tick)) for tick in ticks))


def columns(bars: Sequence[Bar]) -> Columns:
    """Upright bars, side by side, a label wherever there is room for one."""
    top, ticks = _axis(bars)
    scale = HEIGHT / top
    pitch = min((WIDTH - 60.0) / max(len(bars), 1), 60.0)
    every = max(1, math.ceil(38.0 / pitch))
    shown = tuple(
        Column(bar, 50.0 + i * pitch, pitch, *_lengths(bar, scale), bar.name if i % every == 0 else "")
        for i, bar in enumerate(bars)
    )
    return Columns(shown, tuple((tick * scale, _label(tick)) for tick in ticks))


def _lengths(bar: Bar, scale: float) -> tuple[float, float, float, float]:
    stated = bar.stated
    numbers = (bar.confirmed, stated.expected, stated.low, stated.high)
    confirmed, expected, low, high = (round(value * scale, 2) for value in numbers)
    return confirmed, expected, low, high


def _axis(bars: Sequence[Bar]) -> tuple[float, tuple[float, ...]]:
    """The end of an axis that holds every bar with its range, and some round numbers on it."""
    largest = max((max(bar.confirmed, bar.stated.high, bar.stated.expected) for bar in bars), default=1) or 1
    step = 10.0 ** math.floor(math.log10(largest / 2.0)) if largest > 2 else 1.0
    step = next(step * factor for factor in (1.0, 2.0, 5.0, 10.0) if largest / (step * factor) <= 5.0)
    count = math.ceil(largest / step)
    return count * step, tuple(i * step for i in range(count + 1))


def _label(value: float) -> str:
    return f"{round(value):,}".replace(",", " ")
