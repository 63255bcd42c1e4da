"""Marking sets that anyone can write: a folder with marks, drawings, photos and their labels; read, checked and merged.

    SET/set.toml       name, version, licence, sources
        markings.csv   one mark a line
        symbols/       drawings, SVG or PNG, named as the symbol is in markings.csv
        photos/        photos, with labels.jsonl, an ImageFolder, a COCO or a Label Studio export

What is wrong is found before anything is written, each fault with its file, line and remedy.
"""

from vision.training.sets.read import check_set, load_set
from vision.training.sets.schema import Label, TrainingSet

__all__ = ["Label", "TrainingSet", "check_set", "load_set"]
