"""COCO: annotations.json holds what people decided, predictions.json what the machine guesses, never mixed.

predictions.json is in COCO's format of results, which pycocotools loads beside the annotations (loadRes). A mark that a
person rejected is in neither: it is no mark.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, get_args

from vision.archive.exports.arrays import Array
from vision.archive.exports.items import Finding, Item, shown
from vision.archive.exports.shapes import area, box, polygon
from vision.types import Kind

CATEGORIES = {kind: number for number, kind in enumerate(get_args(Kind), 1)}


def write_coco(items: Iterable[Item], include_unconfirmed: bool, folder: Path) -> None:
    """Write annotations.json and, where the machine's guesses are asked for, predictions.json into a folder.

    Photos that could not be read are left out: COCO has no place for a photo without a size.
    """
    info = {"description": "marktrace: marks confirmed by people", "version": "1.0"}
    categories = [{"id": number, "name": kind, "supercategory": "mark"} for kind, number in CATEGORIES.items()]
    with (
        (folder / "annotations.json").open("wb") as main,
        tempfile.TemporaryFile(dir=folder) as annotated,
        tempfile.TemporaryFile(dir=folder) as guessed,
    ):
        head = json.dumps({"info": info, "licenses": [], "categories": categories})
        main.write(head[:-1].encode() + b', "images": ')
        images, annotations, guesses = Array(main), Array(annotated), Array(guessed)
        for item, found in shown(items, include_unconfirmed):
            if item.record["photo"]["width"]:
                _add(item, found, images, annotations, guesses)
        for array in (images, annotations, guesses):
            array.close()
        main.write(b', "annotations": ')
        _append(annotated, main)
        main.write(b"}\n")
        if include_unconfirmed:
            with (folder / "predictions.json").open("wb") as predictions:
                _append(guessed, predictions)


def _append(spool: IO[bytes], stream: IO[bytes]) -> None:
    spool.seek(0)
    shutil.copyfileobj(spool, stream)


def _add(item: Item, found: Iterable[Finding], images: Array, annotations: Array, guesses: Array) -> None:
    photo = item.record["photo"]
    size = (photo["width"], photo["height"])
    number = images.add(
        {
            "id": images.count + 1,
            "file_name": photo["path"],
            "width": size[0],
            "height": size[1],
            "date_captured": photo["taken_at"] or "",
            "sha256": photo["sha256"],
        }
    )
    for finding in found:
        drawn = polygon(finding.outline, size)
        if finding.status == "rejected" or len(drawn) < 3:
            continue
        shape: dict[str, Any] = {
            "image_id": number,
            "category_id": CATEGORIES[finding.kind],
            "bbox": [round(v, 2) for v in box(drawn)],
            "segmentation": [[round(v, 2) for point in drawn for v in point]],
            "attributes": _attributes(finding),
        }
        if finding.method == "human":
            whole = {"id": annotations.count + 1, "area": round(area(drawn), 2), "iscrowd": 0}
            annotations.add(whole | shape)
        else:
            doubt = 1.0 if finding.unknown_probability is None else finding.unknown_probability
            guesses.add(shape | {"score": round(1.0 - doubt, 4)})


def _attributes(finding: Finding) -> dict[str, Any]:
    names = ("mark", "status", "reading", "level", "country", "manufacturer", "code", "pattern", "calibre", "by", "at")
    return {name: value for name in names if (value := getattr(finding, name))}
