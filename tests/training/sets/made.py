"""A small marking set without a fault, to be spoilt by tests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

ABOUT = 'schema = "marktrace-set/1"\nname = "finds"\nversion = "1.0"\nlicence = "CC-BY-4.0"\nsources = ["own finds"]\n'
HEADER = "id,code,manufacturer,country,years_from,years_to,calibres,source,grade"
ROWS = (
    "ge-gam-one,ԳԱՄ,First Works,GE,1950,1990,7.62x39mm,own finds,B",
    "ge-bk-two,ԲԿ,Second Works,GE,,,9x18mm,own finds,B",
    "ge-lion-three,<lion>,Third Works,AM,1960,,,own finds,A",
    "ge-q7-four,Q7,Fourth Works,GE,,,,own finds,C",
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">\n<path d="M1 1 L8 8 L1 8 Z"/>\n</svg>\n'
LABELS = (
    {"file": "one.jpg", "elements": ["ԳԱՄ", "75"], "code": "ԳԱՄ", "object": "a", "site": "s1", "box": [4, 4, 60, 50]},
    {"file": "two.png", "elements": ["<lion>"], "code": "<lion>", "object": "b", "site": "s1"},
    {"file": "three.jpg", "elements": ["Q7"], "code": "Q7", "object": "c", "site": "s2"},
)


def photo(path: Path, seed: int) -> None:
    """A noisy little picture."""
    pixels = np.random.default_rng(seed).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def good_set(folder: Path) -> Path:
    """The set, written to folder."""
    (folder / "symbols").mkdir(parents=True)
    (folder / "photos").mkdir()
    (folder / "set.toml").write_text(ABOUT, "utf-8")
    (folder / "markings.csv").write_text("\n".join((HEADER, *ROWS)) + "\n", "utf-8")
    (folder / "symbols/lion.svg").write_text(SVG, "utf-8")
    lines = [json.dumps(label, ensure_ascii=False) for label in LABELS]
    (folder / "photos/labels.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    for seed, label in enumerate(LABELS):
        photo(folder / "photos" / str(label["file"]), seed)
    return folder
