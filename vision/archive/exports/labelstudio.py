"""Label Studio tasks: the machine's guesses as predictions, people's decisions as annotations, never mixed.

A photo whose every mark was rejected has an annotation without regions, which says "looked at, nothing there"; a photo
that nobody looked at has none. config.xml is the labelling setup that the tasks are made for.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

from vision.archive.exports.arrays import Array
from vision.archive.exports.items import Finding, Item, shown
from vision.archive.exports.keywords import summary
from vision.archive.exports.shapes import polygon
from vision.archive.names import as_path
from vision.text import visible
from vision.types import Kind

LOCAL_FILES = "/data/local-files/?d="  # how Label Studio addresses files of its own machine
CONFIG = f"""<View>
  <Image name="image" value="$image" zoom="true" zoomControl="true" rotateControl="false"/>
  <PolygonLabels name="mark" toName="image">
{"".join(f'    <Label value="{kind}"/>{chr(10)}' for kind in get_args(Kind))}  </PolygonLabels>
  <TextArea name="reading" toName="image" perRegion="true" editable="true" maxSubmissions="1"/>
  <TextArea name="origin" toName="image" perRegion="true" editable="true" maxSubmissions="1"/>
</View>
"""


def write_tasks(items: Iterable[Item], include_unconfirmed: bool, folder: Path, prefix: str = LOCAL_FILES) -> None:
    """Write tasks.json, to be imported, and config.xml into a folder. prefix goes before every photo's quoted path.

    Photos that could not be read are left out: there is nothing to label.
    """
    (folder / "config.xml").write_text(CONFIG, encoding="utf-8")
    with (folder / "tasks.json").open("wb") as stream:
        tasks = Array(stream)
        for item, found in shown(items, include_unconfirmed):
            if item.record["photo"]["width"]:
                tasks.add(_task(item, found, prefix))
        tasks.close()


def _task(item: Item, found: Sequence[Finding], prefix: str) -> dict[str, Any]:
    photo, run = item.record["photo"], item.record["run"]
    size = (photo["width"], photo["height"])
    said = [one for one in found if one.method == "human"]
    guessed = [one for one in found if one.method == "machine"]
    seen = [part for one in said if one.status != "rejected" for part in _regions(photo["sha256"], one, size)]
    marks = [part for one in guessed for part in _regions(photo["sha256"], one, size)]
    path = quote(os.fsencode(as_path(photo["path"])))
    task: dict[str, Any] = {
        "data": {"image": prefix + path, "photo": visible(photo["path"]), "sha256": photo["sha256"]},
        "annotations": [{"result": seen}] if said else [],
        "predictions": [],
        "meta": {"decided": [{"mark": one.mark, "status": one.status, "by": one.by, "at": one.at} for one in said]},
    }
    if guessed:
        model = f"marktrace {run['version']} {run['kit']}"
        score = max(1.0 - (1.0 if one.unknown_probability is None else one.unknown_probability) for one in guessed)
        task["predictions"] = [{"model_version": model, "score": round(score, 4), "result": marks}]
    return task


def _regions(photo: str, finding: Finding, size_wh: tuple[int, int]) -> list[dict[str, Any]]:
    """A mark as Label Studio's region with its texts: points in percent of the turned photo."""
    width, height = size_wh
    points = [[round(100 * x / width, 4), round(100 * y / height, 4)] for x, y in polygon(finding.outline, size_wh)]
    if len(points) < 3:
        return []
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:marktrace:{photo}:{finding.mark}").hex[:12]
    common = {"id": name, "to_name": "image", "original_width": width, "original_height": height, "image_rotation": 0}
    shape = {"points": points, "closed": True}
    drawn = {"from_name": "mark", "type": "polygonlabels", "value": shape | {"polygonlabels": [finding.kind]}}
    texts = {"reading": visible(finding.reading), "origin": summary(finding)}
    return [common | drawn] + [
        common | {"from_name": field, "type": "textarea", "value": shape | {"text": [text]}}
        for field, text in texts.items()
        if text
    ]
