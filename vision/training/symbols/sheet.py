"""A sheet of all symbols of the marking set: each as drawn, and as a render shows it on metal.

python -m vision.training.symbols.sheet docs/images/symbols.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from vision.training.symbols.drawing import load_symbols
from vision.training.symbols.render import SIDE, drawn, photographed
from vision.types import Rgb

COLUMNS = 11
_LABEL_PX, _GAP_PX = 14, 6


def contact_sheet(seed: int = 1) -> Rgb:
    """The sheet (H, W, 3): a cell a symbol, its id above its drawing and one render."""
    rows, parts = load_symbols()
    cells = []
    for index, row in enumerate(rows):
        rng = np.random.default_rng([30, seed, index])
        pair = np.hstack([drawn(row.drawings[0], parts), photographed(row.drawings[0], parts, rng)])
        cell = np.full((SIDE + _LABEL_PX + _GAP_PX, 2 * SIDE + _GAP_PX, 3), 255, np.uint8)
        cell[_LABEL_PX : _LABEL_PX + SIDE, : 2 * SIDE] = pair
        cv2.putText(cell, row.id, (1, _LABEL_PX - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (0, 0, 0), 1, cv2.LINE_AA)
        cells.append(cell)
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % COLUMNS)
    lines = [np.hstack(cells[k : k + COLUMNS]) for k in range(0, len(cells), COLUMNS)]
    return np.asarray(np.vstack(lines), np.uint8)


def main() -> None:
    """Write the sheet as a JPEG or PNG file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    quality = [cv2.IMWRITE_JPEG_QUALITY, 82]
    cv2.imwrite(str(arguments.output), cv2.cvtColor(contact_sheet(), cv2.COLOR_RGB2BGR), quality)


if __name__ == "__main__":
    main()
