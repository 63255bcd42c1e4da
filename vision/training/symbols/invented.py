"""Symbols that nobody uses, drawn at random: what the network learns to tell shapes apart from, and to refuse.

They are signs of scripts that stand on no weapon (hieroglyphs, Linear B, runes), texts and shapes in frames, and loose
strokes. None uses a drawing, a part or a framed text of the marking set, so that one left out of training stays unseen.
"""

from __future__ import annotations

import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import ImageFont

# Blocks of signs by the font that has them: first and last code point.
SIGNS = {
    "NotoSansEgyptianHieroglyphs-Regular": (0x13000, 0x1342E),
    "NotoSansAnatolianHieroglyphs-Regular": (0x14400, 0x14646),
    "NotoSansLinearA-Regular": (0x10600, 0x10736),
    "NotoSansLinearB-Regular": (0x10000, 0x100FA),
    "NotoSansCuneiform-Regular": (0x12000, 0x12399),
    "NotoSansSymbols2-Regular": (0x1F5A5, 0x1F5FA),
    "NotoSansRunic-Regular": (0x16A0, 0x16F0),
    "NotoSansTifinagh-Regular": (0x2D30, 0x2D67),
    "NotoSansGlagolitic-Regular": (0x2C00, 0x2C5E),
    "NotoSansOldNorthArabian-Regular": (0x10A80, 0x10A9C),
}
_WIDE, _ROUND = "poly 50,8 94,86 6,86", "circle 50,50 45"
FRAMES = (
    _WIDE, _WIDE, _WIDE, _ROUND, _ROUND, "circle 50,50 45 w=5; circle 50,50 35 w=5", "ellipse 50,50 46,30",
    "ellipse 50,50 34,46", "poly 8,28 92,28 92,72 8,72", "poly 14,14 86,14 86,86 14,86", "poly 50,4 96,50 50,96 4,50",
    "poly 12,8 88,8 88,60 50,96 12,60", "poly 28,8 72,8 96,50 72,92 28,92 4,50", "poly 50,94 94,14 6,14",
    "arc 50,50 44,44 40,320", "line 12,10 12,90 88,90 88,10", "openstar 50,50 8 47,36 w=4",
    "poly 20,6 80,6 96,50 80,94 20,94",
)  # fmt: skip
# Signs that look like one of the marking set's: crossed circles, a T in a triangle.
_LOOK_LIKE_OURS = {0x1063E, 0x1000F, 0x100CF, 0x2C21, 0x2C51}
_TEXTS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789БГДЖИЛПУФЦЧЭЮЯ"
_TAKEN = {"66", "26", "386", "416", "313", "626", "10", "21", "25", "02", "11", "K3", "FB", "SA", "T", "Z", "MKE", "PB"}


@lru_cache(maxsize=1)
def sign_fonts() -> dict[str, str]:
    """Installed fonts of SIGNS by stem; none where fontconfig is missing."""
    if shutil.which("fc-list") is None:
        return {}
    done = subprocess.run(["fc-list", "--format=%{file}\n"], capture_output=True, text=True, timeout=20, check=False)
    files = {Path(line).stem: line for line in done.stdout.splitlines()}
    return {stem: files[stem] for stem in SIGNS if stem in files}


@lru_cache(maxsize=1)
def signs() -> tuple[tuple[str, int], ...]:
    """(font stem, code point) of every sign with some ink, in a fixed order."""
    found = []
    for stem, path in sign_fonts().items():
        face = ImageFont.truetype(path, 40)
        missing = bytes(face.getmask("\U0010fffe"))
        for code in range(SIGNS[stem][0], SIGNS[stem][1] + 1):
            mask = face.getmask(chr(code))
            if code in _LOOK_LIKE_OURS:
                continue
            if min(mask.size) > 8 and bytes(mask) != missing and sum(bytes(mask)) > 255 * 60:
                found.append((stem, code))
    return tuple(found)


@lru_cache(maxsize=2)
def _own_signs(unseen: bool) -> tuple[tuple[str, int], ...]:
    """The signs that unseen symbols have, or all others."""
    return tuple(sign for sign in signs() if (sign[1] % 10 == 0) == unseen)


def invented(family: int, member: int, unseen: bool = False) -> str:
    """The drawing of one invented symbol: members of a family share a frame or a build and differ in what it holds.

    unseen takes signs and texts from the tenth part that others never hold.
    """
    shared = np.random.default_rng([7, family, int(unseen)])
    own = np.random.default_rng([8, family, member, int(unseen)])
    kind = shared.random()
    if kind < 0.35:
        return _sign(own, 50, 50, float(own.uniform(70, 90)), unseen)
    frame = FRAMES[int(shared.integers(len(FRAMES)))]
    low = 78.0 if frame == _WIDE else 64.0
    if kind < 0.58:
        text = _text(own, unseen)
        high = min(float(shared.uniform(22, 40)), 62.0 / len(text))
        return f"{frame}; text 50,{low:.0f} {high:.0f} {text}"
    if kind < 0.72:
        return f"{frame}; {_sign(own, 50, low - 14, float(shared.uniform(36, 50)), unseen)}"
    if kind < 0.86:
        return f"{frame}; {_strokes(own, 0.5)}"
    if kind < 0.93:
        return f"{_sign(shared, 50, 30, 50, unseen)}; text 50,96 30 {_text(own, unseen)}"
    return _strokes(own, 1.0)


def _text(rng: np.random.Generator, unseen: bool) -> str:
    while True:
        text = "".join(rng.choice(list(_TEXTS), int(rng.choice([1, 2, 2, 3, 3]))))
        if text not in _TAKEN and (sum(map(ord, text)) % 10 == 0) == unseen:
            return text


def _sign(rng: np.random.Generator, x: float, y: float, high: float, unseen: bool) -> str:
    able = _own_signs(unseen)
    if not able:
        return _strokes(rng, high / 100)
    stem, code = able[int(rng.integers(len(able)))]
    return f"sign {x:.0f},{y:.0f} {high:.0f} {stem} {code:x}"


def _strokes(rng: np.random.Generator, size: float) -> str:
    """Two to five lines, curves, rings and discs round the middle, often mirrored."""

    def at() -> str:
        x, y = 50 + rng.uniform(-45, 45, 2) * size
        return f"{x:.0f},{y:.0f}"

    steps = []
    mirrored = "mirror " if rng.random() < 0.5 else ""
    for _ in range(int(rng.integers(2, 6))):
        kind = int(rng.integers(6))
        r = rng.uniform(6, 22) * size
        steps.append(
            (
                f"{mirrored}line {at()} {at()}",
                f"{mirrored}line {at()} {at()} {at()}",
                f"{mirrored}curve {at()} {at()} {at()} {at()}",
                f"circle 50,{50 + rng.uniform(-25, 25) * size:.0f} {r:.0f}",
                f"{mirrored}disc {at()} {r * 0.6:.0f}",
                f"{mirrored}fill {at()} {at()} {at()}",
            )[kind]
        )
    return "; ".join(steps)
