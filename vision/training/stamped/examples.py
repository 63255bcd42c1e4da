"""Windows of rendered strips with what stands in them, as the network is trained on them.

A strip is rendered in the geometry the pipeline gives the reader (the text's band, 48 rows), roughened (rough.py),
spoilt a little as a misjudged band spoils it, given evened contrast, and half the time turned upside down: only what
then stands upright is to be read. A window is cut anywhere on the ring; its margins are context and are not asked
about. A straight cut has no margins: so the reader is given lines, and numbers that stand sideways on a head.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from vision.catalogue.lookalikes import fold
from vision.catalogue.turns import LOOKS_TURNED
from vision.close import LOOKS, sharpened
from vision.contrast import even_contrast
from vision.read.network import HEIGHT_PX, STEP_PX
from vision.read.stamped import WINDOWS
from vision.training.render import ElementTruth, MarkSpec, StripTruth, render_strip
from vision.training.render.printed import printed_strip
from vision.training.stamped.rough import dented, parted, roughened

# As the reader is served: its windows, and the margins it is not asked about.
WINDOW_PX, MARGIN_PX = WINDOWS.width, WINDOWS.margin
# How much of the strip's height the text fills: the pipeline asks for this and misjudges it by about a tenth.
FILL = 0.70
FILL_SPREAD = 0.13
WINDOWS_A_STRIP = 4
# The share of windows cut round a character; the others fall anywhere, often on bare metal.
AIMED = 0.85
# How wide straight cuts are: two characters at the sides of a head, up to a short line.
CUT_PX = (48, 56, 64, 80, 112)
# What may lie beyond an end of a character that still has to be read.
CUT_OFF_PX = 5.0
# The share of straight cuts that an edge of the metal bounds at either end, as rim and pocket do.
EDGED = 0.35
# Symbols that look the same either way up.
SYMMETRIC = ("<dot>", "<nato cross>", "<asterisk>", "<six-pointed star>", "<small circle>", "<circle>", "<diamond>",
             "<hexagon>", "<square>", "<box>", "<dash>", "<bar>", "<cross>", "<oval>")  # fmt: skip
# Stars are read whichever point is up: five points hardly tell.
EITHER_WAY = (*SYMMETRIC, "<star>", "<open star>")


@dataclass(frozen=True, slots=True)
class Stands:
    """A label in a strip or window: its index and the columns it takes, left and right."""

    label: int
    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """gray (48, WINDOW_PX); what stands in it, left to right, some of it with its middle in the margins, the columns at
    either end that nothing is asked of. A straight cut is narrower and has no margins."""

    gray: npt.NDArray[np.uint8]
    stands: tuple[Stands, ...]
    margin: int = MARGIN_PX

    @property
    def asked(self) -> list[Stands]:
        """What stands between the margins and is not cut off."""
        width = self.gray.shape[1]
        inside = [s for s in self.stands if self.margin <= s.middle < width - self.margin]
        return [s for s in inside if s.left > -CUT_OFF_PX and s.right < width + CUT_OFF_PX]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A strip as the reader sees it, gray (48, W), a ring; what stands in it by column; and the stream that says where
    it is cut."""

    gray: npt.NDArray[np.uint8]
    stands: list[Stands]
    rng: np.random.Generator

    def window(self) -> Example:
        """A window of the ring."""
        return window(self.gray, self.stands, _start(self.gray.shape[1], self.stands, self.rng))

    def straight(self, width: int) -> Example:
        """A straight cut of so many columns."""
        return straight(self.gray, self.stands, width, self.rng)


def examples(
    seed: int, labels: Sequence[str], spec: MarkSpec | None = None, windows: int = WINDOWS_A_STRIP, **kinds: float
) -> Iterator[Example]:
    """The windows of one strip, struck with spec or a random mark; the same seed gives the same ones. kinds as shown()
    has them."""
    strip = shown(seed, labels, spec, **kinds)
    for _ in range(windows):
        yield strip.window()


def shown(
    seed: int, labels: Sequence[str], spec: MarkSpec | None = None,
    *, printed: float = 0.0, spokes: float = 0.0, dents: float = 0.0, glare: float = 0.0, looks: float = 0.0,
) -> Shown:  # fmt: skip
    """One strip as the reader sees it, struck with spec or a random mark; the same seed gives the same one.

    printed is the share of strips whose mark is flat ink, spokes that of strips with lines from pocket to rim, dents
    that of strips with round dents between the characters, glare that of struck ones under bare lamps and out of focus,
    looks that of strips unrolled as for one of vision.close.LOOKS, each as often, instead of as for the first.
    """
    index = {label: i for i, label in enumerate(labels) if label}
    rng = np.random.default_rng([seed, 1])
    fill = float(np.clip(FILL * np.exp(rng.normal(0.0, FILL_SPREAD)), 0.42, 0.95))
    # Streams of their own, so that the other strips are what they are without, and which marks are printed, parted,
    # dented, glare or are looked at again follows from nothing else ([seed, 2] is Struck.mark's).
    more, lamps, eyes = (np.random.default_rng([seed, n]) for n in (3, 4, 5))
    look_fill, sharper = LOOKS[int(eyes.integers(len(LOOKS)))] if eyes.random() < looks else LOOKS[0]
    fill *= look_fill / LOOKS[0][0]
    if more.random() < printed:
        rgb, truth = printed_strip(seed, spec, fill=fill)
    else:
        glaring = lamps if lamps.random() < glare else None
        rgb, truth = render_strip(seed, spec, turn_width=None, fill=fill, glare=glaring)
    if more.random() < spokes:
        rgb = parted(rgb, truth, more)
    if more.random() < dents:
        rgb = dented(rgb, truth, more)
    upside_down = bool(rng.random() < 0.5)
    stands = standing(truth, index, upside_down=upside_down)
    rgb = roughened(rgb, rng)
    rgb = sharpened(rgb, sharper) if sharper else rgb
    gray, stands = _misjudged(rgb, stands, rng)
    return Shown(gray[::-1, ::-1] if upside_down else gray, stands, rng)


def _start(turn: int, stands: Sequence[Stands], rng: np.random.Generator) -> int:
    """Where to cut a window: most of them so that some character is in its asked part."""
    start = float(rng.integers(turn))
    if stands and rng.random() < AIMED:
        aim = stands[int(rng.integers(len(stands)))].middle
        start = aim - float(rng.uniform(MARGIN_PX, WINDOW_PX - MARGIN_PX))
    return int(start) % turn


def standing(truth: StripTruth, index: Mapping[str, int], *, upside_down: bool) -> list[Stands]:
    """What reads upright on the strip (turned upside down when asked), by column."""
    found: list[Stands] = []
    per_degree = truth.width_turn / 360.0
    for element in truth.elements:
        for text, angle, span in _read_as(element, upside_down=upside_down):
            label = index.get(fold(text))
            if label is None:
                continue
            middle = angle * per_degree
            middle = truth.width_turn - 1 - middle if upside_down else middle
            half = max(span * per_degree, 1.0) / 2
            found.append(Stands(label, middle - half, middle + half))
    return sorted(found, key=lambda s: s.middle)


def _read_as(element: ElementTruth, *, upside_down: bool) -> list[tuple[str, float, float]]:
    """(label, angle, span) of the element's characters as this way up shows them; nothing where it stands the other way
    up, unless it looks the same."""
    stands = element.upside_down == upside_down
    plain = [c for c in element.characters if abs(c.turn_deg) < 45]
    if stands:
        return [(c.text, c.angle_deg, c.span_deg) for c in plain]
    if element.text.startswith("<"):
        kept = [c for c in plain if c.text in EITHER_WAY]
        return [(c.text, c.angle_deg, c.span_deg) for c in kept] if len(kept) == len(plain) else []
    if all(c.text in LOOKS_TURNED for c in plain):
        return [(LOOKS_TURNED[c.text], c.angle_deg, c.span_deg) for c in plain]
    return []


def _misjudged(
    rgb: npt.NDArray[np.uint8], stands: list[Stands], rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], list[Stands]]:
    """The strip in gray with evened contrast, its band shifted and its columns stretched a little (circularly)."""
    stretch = float(np.exp(rng.normal(0.0, 0.08)))
    turn = STEP_PX * max(8, round(rgb.shape[1] * stretch / STEP_PX))
    stretch = turn / rgb.shape[1]
    shift = float(np.clip(rng.normal(0.0, 2.0), -6, 6))
    matrix = np.array([[stretch, 0, (stretch - 1) / 2], [0, 1, shift]])
    moved = cv2.warpAffine(rgb, matrix, (turn, HEIGHT_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    gray = even_contrast(np.asarray(moved, np.uint8), circular=True)
    return gray, [replace(s, left=s.left * stretch, right=s.right * stretch) for s in stands]


def window(gray: npt.NDArray[np.uint8], stands: Sequence[Stands], start: int) -> Example:
    """The WINDOW_PX columns from start on, going round the ring; a short ring is seen more than once."""
    turn = gray.shape[1]
    columns = (start + np.arange(WINDOW_PX)) % turn
    return Example(np.ascontiguousarray(gray[:, columns]), _seen(stands, start, turn, WINDOW_PX))


def _seen(stands: Sequence[Stands], start: int, turn: int, width: int) -> tuple[Stands, ...]:
    """What stands in width columns from start on, by column from there."""
    seen = []
    for one in stands:
        for turns in range(-1, width // turn + 2):
            left, right = one.left - start + turns * turn, one.right - start + turns * turn
            if right > 0 and left < width:
                seen.append(Stands(one.label, left, right))
    return tuple(sorted(seen, key=lambda s: s.middle))


def straight(gray: npt.NDArray[np.uint8], stands: Sequence[Stands], width: int, rng: np.random.Generator) -> Example:
    """A straight cut of so many columns, round some characters that stand side by side and fit, or anywhere; now and
    then rim or pocket bound it."""
    turn = gray.shape[1]
    start = float(rng.integers(turn))
    if stands and rng.random() < AIMED:
        first = int(rng.integers(len(stands)))
        left, right = stands[first].left, stands[first].right
        for one in stands[first + 1 :]:
            if one.right - left > width - 2:
                break
            right = max(right, one.right)
        spare = max(width - (right - left), 0.0) / 2
        start = (left + right) / 2 - width / 2 + float(rng.uniform(-spare, spare)) * 0.7
    seen = _seen(stands, int(start) % turn, turn, width)
    cut = np.array(gray[:, (int(start) + np.arange(width)) % turn])
    for end in (False, True):
        if rng.random() < EDGED:
            _bounded(cut, seen, rng, end=end)
    return Example(cut, seen, 0)


def _bounded(cut: npt.NDArray[np.uint8], seen: Sequence[Stands], rng: np.random.Generator, *, end: bool) -> None:
    """Draws an edge of the metal at one end of a cut, in the room that no character takes: beyond it another shade."""
    width = cut.shape[1]
    room = min((width - s.right if end else s.left for s in seen), default=width / 4)
    reach = int(min(rng.uniform(0.0, 0.22) * width, room - 1))
    if reach < 2:
        return
    part = cut[:, width - reach :] if end else cut[:, :reach]
    shade, line = int(rng.integers(0, 256)), int(rng.integers(0, 256))
    part[:] = cv2.addWeighted(part, 0.25, np.full_like(part, shade), 0.75, 0.0)
    thick = int(rng.integers(1, 4))
    part[:, slice(None, thick) if end else slice(-thick, None)] = line
