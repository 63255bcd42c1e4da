"""Renders read by the whole pipeline once, kept in a file of JSON Lines so that a broken-off run goes on.

One line is one render: what it shows and every head found in it with what could explain it. A line made by other code
or other models (see stamp()) is not taken up again.
"""

from __future__ import annotations

import hashlib
import json
import math
import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.manifest import file_sha256
from vision.pipeline import Pipeline
from vision.training.calibrate.marks import Marks
from vision.training.render import STYLES, ElementTruth, Scene, photo_size, render_scene
from vision.training.render.glare import close_up
from vision.types import Explanation, Head, Placed, Word

# Explanations this far (nats) below the best one are not kept: no temperature would let them count.
KEPT = 12.0
# What an answer before calibration depends on.
CODE = ("training/render", "training/calibrate/marks.py", "training/calibrate/examples.py", "find", "flatten", "read",
        "catalogue", "match", "photo.py", "close.py", "contrast.py", "lattice.py", "pipeline.py")  # fmt: skip
DATA = ("weights", "markings")


@dataclass(frozen=True, slots=True)
class Example:
    """One head found in a render: how surely it is one, what could explain it, and what is struck on it.

    truth is the pattern's id, None where it bears none of the marking set; struck is empty where the head is none.
    """

    seed: int
    style: str
    head_score: float
    explanations: tuple[Explanation, ...]
    truth: str | None
    struck: tuple[ElementTruth, ...]


def stamp(models: Path) -> str:
    """One hash over the code and the models that explanations depend on."""
    package = Path(__file__).parents[2]
    roots = [package / name for name in CODE] + [models / name for name in DATA]
    files = [f for root in roots for f in ([root] if root.is_file() else sorted(root.rglob("*")))]
    kept = [f for f in files if f.suffix in (".py", ".onnx", ".csv")]
    return hashlib.sha256("".join(file_sha256(f) for f in kept).encode()).hexdigest()[:16]


def read_cache(path: Path, made_by: str) -> dict[int, dict[str, Any]]:
    """The renders in a cache by seed; the last line of a run that was killed may be cut short and is left out."""
    found = {}
    for line in path.read_text("utf-8").splitlines() if path.is_file() else []:
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if one["stamp"] == made_by:
            found[one["seed"]] = one
    return found


def fill_cache(path: Path, seeds: Sequence[int], jobs: int, models: Path) -> Iterator[dict[str, Any]]:
    """Every seed's render as the cache holds it, those that are missing read with the models in a folder by so many
    processes and appended."""
    made_by = stamp(models)
    kept = read_cache(path, made_by)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in kept.values()), "utf-8")
    yield from (kept[seed] for seed in seeds if seed in kept)
    missing = [seed for seed in seeds if seed not in kept]
    if not missing:
        return
    # A kit that cannot be loaded is said here: a pool would start its workers for ever.
    Pipeline.load(threads=1, models=models)
    spawn = multiprocessing.get_context("spawn")
    with path.open("a", encoding="utf-8") as out, spawn.Pool(jobs, _start, (models,)) as workers:
        for one in workers.imap_unordered(_worked, missing):
            one["stamp"] = made_by
            out.write(json.dumps(one, ensure_ascii=False) + "\n")
            out.flush()
            yield one


def examples_of(render: dict[str, Any]) -> list[Example]:
    """The heads found in one render of the cache: on its own head the truth is what was struck, elsewhere nothing."""
    struck = tuple(ElementTruth(*element) for element in render["struck"])
    examples = []
    for found in render["found"]:
        explanations = tuple(_explanation(e) for e in found["explanations"])
        true = found["true"]
        examples.append(
            Example(
                render["seed"],
                render["style"],
                found["score"],
                explanations,
                render["truth"] if true else None,
                struck if true else (),
            )
        )
    return examples


_worker: tuple[Pipeline, Marks]


def _start(models: Path) -> None:
    """A worker loads the pipeline once."""
    global _worker
    cv2.setNumThreads(1)
    pipeline = Pipeline.load(threads=1, models=models)
    _worker = pipeline, Marks(pipeline.markings, pipeline.model().priors)


def _worked(seed: int) -> dict[str, Any]:
    return made(seed, *_worker)


def made(seed: int, pipeline: Pipeline, marks: Marks) -> dict[str, Any]:
    """One render drawn, read and matched, as the cache holds it."""
    rng = np.random.default_rng(seed)
    style = str(rng.choice(STYLES))
    struck = marks.draw(rng)
    heads = 0 if struck.mark is None else 1
    # Every other close-up is out of focus under bare lamps.
    look, shot = close_up(np.random.default_rng([seed, 1])) if style == "sorter" and seed % 2 else (None, None)
    drawn = [struck.mark] if struck.mark else None
    # Every other photo is as large as cameras make it, the others as small as they are sent and put on pages.
    size = photo_size(seed, style) if seed // 2 % 2 else None
    scene = render_scene(seed, size=size, heads=heads, style=style, marks=drawn, look=look, shot=shot)
    encoded = cv2.imencode(".png", scene.rgb[..., ::-1])[1].tobytes()
    explained = pipeline.explain(encoded)
    own = _own_head(scene, [head for head, _ in explained])
    return {
        "seed": seed,
        "style": style,
        "truth": struck.pattern.id if struck.pattern else None,
        "struck": [
            [e.text, e.angle_deg, e.span_deg, e.upside_down, e.radius, e.height]
            for h in scene.heads
            for e in h.elements
        ],
        "found": [
            {"score": head.score, "true": n == own, "explanations": [_packed(e) for e in _worth_keeping(explanations)]}
            for n, (head, explanations) in enumerate(explained)
        ],
    }


def _own_head(scene: Scene, heads: Sequence[Head]) -> int | None:
    """Which of the heads found is the one that was drawn: the nearest, its middle within half a radius."""
    if not scene.heads or not heads:
        return None
    true = scene.heads[0].outline
    away = [math.dist(head.outline.center_xy, true.center_xy) for head in heads]
    nearest = int(np.argmin(away))
    return nearest if away[nearest] < 0.5 * true.semi_axes[0] else None


def _worth_keeping(explanations: Sequence[Explanation]) -> list[Explanation]:
    top = max(e.score for e in explanations)
    return [e for e in explanations if e.pattern is None or e.score > top - KEPT]


def _packed(explanation: Explanation) -> list[Any]:
    words = [
        [p.role, round(p.value, 4), p.word.text, p.word.upside_down, [round(a, 1) for a in p.word.angles],
         round(p.word.gain, 4)]
        for p in explanation.placed
    ]  # fmt: skip
    return [explanation.pattern, round(explanation.score, 4), words]


def _explanation(packed: Sequence[Any]) -> Explanation:
    pattern, score, words = packed
    placed = [
        Placed(Word(text, turned, tuple(angles), gain, 0, tuple(range(len(angles))), spotted=True), role, value)
        for role, value, text, turned, angles, gain in words
    ]
    return Explanation(pattern, tuple(placed), score)
