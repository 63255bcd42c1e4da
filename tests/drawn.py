"""A cartridge head drawn with known text at known places, and the believable Result that a reading of it would give."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vision.types import (
    Attribution,
    Candidate,
    Character,
    Element,
    Ellipse,
    Failure,
    Mark,
    ObjectPhoto,
    Photo,
    Place,
    Points,
    Quality,
    Reading,
    Result,
    Rgb,
    Run,
    StripView,
    Views,
    YearRange,
)

CENTER, RADIUS = (420.0, 380.0), 300.0
SIZE = (900, 760)
FONT = Path(__file__).parents[1] / "vision/report/fonts/DejaVuSans-Bold.ttf"
RUN = Run(version="0.1.0", kit="kit-0123456789ab")
SHA256 = "3f" * 32
_TEXT_RADIUS = 232.0


def photo_rgb() -> Rgb:
    """The drawn photo: a brass disc with a primer on cloth, 188 at 12 o'clock, 43 at 6 with its tops inwards."""
    rng = np.random.default_rng(7)
    cloth = np.clip(rng.normal(96, 10, (SIZE[1], SIZE[0], 1)), 0, 255) * np.array([0.9, 0.95, 1.0])
    image = Image.fromarray(cloth.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for radius, colour in (
        (RADIUS, (196, 164, 92)),
        (RADIUS - 14, (181, 148, 78)),
        (128, (120, 92, 44)),
        (118, (172, 140, 82)),
    ):
        draw.ellipse([CENTER[0] - radius, CENTER[1] - radius, CENTER[0] + radius, CENTER[1] + radius], fill=colour)
    for text, angle, inwards in (("188", 0.0, False), ("43", 180.0, True), ("★", 270.0, False), ("★", 90.0, False)):
        _strike(image, text, angle, inwards)
    return np.asarray(image)


def strip_view(rgb: Rgb) -> StripView:
    """The drawn head unrolled, row 0 the rim, columns clockwise from 12 o'clock, a bit over one turn."""
    turn, height = 1500, 150
    columns = np.arange(round(turn * 1.15))
    radii = RADIUS - np.arange(height) * (RADIUS - 125) / height
    angle = columns / turn * 2 * math.pi
    x = CENTER[0] + radii[:, None] * np.sin(angle)[None]
    y = CENTER[1] - radii[:, None] * np.cos(angle)[None]
    return StripView(rgb[np.rint(y).astype(int), np.rint(x).astype(int)], float(turn))


def views() -> Views:
    rgb = photo_rgb()
    return Views(rgb, 1.0, {"m1": strip_view(rgb)})


def elements() -> tuple[Element, ...]:
    return (
        _element("188", 0.0, False, (0.97, 0.64, 0.88), ((), (("0", 0.21), ("6", 0.09)), (("0", 0.07),))),
        _element("<star>", 90.0, False, (0.93,), ((),)),
        _element("43", 180.0, True, (0.55, 0.95), ((("1", 0.32), ("7", 0.06)), ())),
        _element("<star>", 270.0, False, (0.91,), ((),)),
    )


def candidates() -> tuple[Candidate, ...]:
    return (
        Candidate(
            "ru-188-novosibirsk",
            "188",
            "Novosibirsk Cartridge Plant",
            "RU",
            "Soviet Union",
            0.6241,
            0.5402,
            "B",
            "candidate",
            YearRange(1943, 1943, 0.93),
            "7.62x54mmR",
            (
                "The 12 o'clock element reads 188: 0.97, 0.64, 0.88 a character.",
                "43 at 6 o'clock is a year the plant worked in.",
            ),
            ("The middle 8 could be a 0 (21 %).",),
            ("General knowledge",),
        ),
        Candidate(
            "ru-188-klimovsk",
            "188",
            "Klimovsk Stamping Works",
            "RU",
            "Soviet Union",
            0.1417,
            0.1804,
            "A",
            "candidate",
            YearRange(1936, 1941, 0.07),
            None,
            ("The 12 o'clock element reads 188.",),
            ("The plant moved in 1941; 43 would be too late.",),
            ("https://example.org/list?page=2",),
        ),
        Candidate(
            "yu-103",
            "103",
            "<b>Prvi</b> & sons",
            "RS",
            "Yugoslavia",
            0.0812,
            0.0904,
            "C",
            "lead",
            None,
            None,
            ("The shape of three figures fits.",),
            ("No specimen seen.", "The first figure is a 1, not sure of the rest."),
            ("A list without author",),
        ),
    )


def attribution() -> Attribution:
    return Attribution("pattern", "pattern_clears_bar", 0.24, 0.153, candidates())


def mark() -> Mark:
    return Mark(
        id="m1",
        kind="headstamp",
        outline_xy=Ellipse(CENTER, (RADIUS, RADIUS), 0.0).points(),
        score=0.98,
        quality=Quality(0.8, 0.06),
        reading=Reading("ppocr", elements()),
        attribution=attribution(),
    )


def result(path: str = "finds/head 188.jpg") -> Result:
    photo = Photo(path, SHA256, *SIZE, "2024-05-03T10:20:00", Place(4.85, 31.58), Quality(0.8, 0.06))
    return Result(photo, path, (mark(),), RUN)


def unknown_result(path: str = "finds/worn.jpg") -> Result:
    worn = Attribution("unknown", "nothing_fits", 0.0, 0.91, (candidates()[2],))
    some = Mark("m1", "headstamp", mark().outline_xy, 0.7, None, Reading("ppocr", elements()[:1]), worn)
    return Result(Photo(path, SHA256, *SIZE), path, (some,), RUN)


def failed_result(path: str = "finds/broken.jpg") -> Result:
    return Result(None, path, (), RUN, Failure("photo", "truncated", "The file ends too early; copy it again."))


def empty_result(path: str = "finds/wall.jpg") -> Result:
    return Result(Photo(path, SHA256, *SIZE), path, (), RUN)


def object_photos(*paths: str) -> tuple[ObjectPhoto, ...]:
    """Photos of one object by their names: wall shows no head, worn could not be joined, each other one is turned 35
    degrees further than the one before."""
    why = {"wall": ("no_head", "No head here."), "worn": ("unclear_turn", "The turn is unclear.")}
    found, joined = [], 0
    for path in paths:
        name = Path(path).stem
        left_out = Failure("join", *why[name]) if name in why else None
        mark = None if name == "wall" else "m1"
        found.append(ObjectPhoto(path, SHA256, mark, None if left_out else 35.0 * joined, left_out))
        joined += left_out is None
    return tuple(found)


def _element(
    text: str, angle: float, inwards: bool, sure: tuple[float, ...], others: tuple[tuple[tuple[str, float], ...], ...]
) -> Element:
    parts = (text,) if text.startswith("<") else tuple(text)
    step = 11.0
    characters = []
    for i, (part, probability, alternatives) in enumerate(zip(parts, sure, others, strict=True)):
        offset = (i - (len(parts) - 1) / 2) * step * (-1 if inwards else 1)
        characters.append(Character(part, probability, alternatives, (angle + offset) % 360.0, _box(angle + offset)))
    return Element(text, inwards, min(sure), tuple(characters), angle, step * len(parts))


def _box(angle: float) -> Points:
    corners = ((-5.0, 38.0), (5.0, 38.0), (5.0, -38.0), (-5.0, -38.0))
    return tuple(_at(angle + turn, _TEXT_RADIUS + out) for turn, out in corners)


def _at(angle: float, radius: float) -> tuple[float, float]:
    t = math.radians(angle)
    return CENTER[0] + radius * math.sin(t), CENTER[1] - radius * math.cos(t)


def _strike(image: Image.Image, text: str, angle: float, inwards: bool) -> None:
    font = ImageFont.truetype(str(FONT), 56)
    for i, letter in enumerate(text):
        offset = (i - (len(text) - 1) / 2) * 11.0 * (-1 if inwards else 1)
        tile = Image.new("L", (90, 90))
        ImageDraw.Draw(tile).text((45, 45), letter, font=font, fill=255, anchor="mm")
        turned = tile.rotate(-(angle + offset) + (180 if inwards else 0), Image.Resampling.BICUBIC)
        x, y = _at(angle + offset, _TEXT_RADIUS)
        image.paste((92, 68, 28), (round(x) - 45, round(y) - 45), turned)
