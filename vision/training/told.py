"""How many words struck on a rendered head the whole pipeline tells: what a user sees, matching included."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import cv2
import numpy as np

from vision.pipeline import Pipeline
from vision.training.render import MarkSpec, Scene, photo_size, render_scene
from vision.types import Mark, Result
from vision.writing import other_way, right_to_left


@dataclass(frozen=True, slots=True)
class Told:
    """One render: the words struck, those told of its head (None: no head was found), and what the head is told as."""

    struck: Counter[str]
    told: Counter[str]
    mark: Mark | None

    @property
    def right(self) -> int:
        """How many of the words struck are told."""
        return (self.struck & self.told).total()


def told_of(pipeline: Pipeline, seed: int, style: str, mark: MarkSpec) -> Told:
    """A photo of one head with this mark, in one of STYLES, drawn from the seed and read."""
    scene = render_scene(seed, size=photo_size(seed, style), heads=1, style=style, marks=[mark])
    result, _, _ = pipeline.survey(cv2.imencode(".png", scene.rgb[..., ::-1])[1].tobytes(), f"{style} {seed}")
    found = _of_head(result, scene)
    read = [element.text for element in found.reading.elements] if found and found.reading else []
    # Text is struck from left to right, whatever its script.
    struck = [other_way(e.text) if right_to_left(e.text) else e.text for e in mark.elements]
    return Told(words(struck), words(read), found)


def words(texts: list[str]) -> Counter[str]:
    """The words of some elements, cases not told apart."""
    return Counter(word.upper() for text in texts for word in text.split())


def _of_head(result: Result, scene: Scene) -> Mark | None:
    """The mark that lies on the render's head."""
    x, y = scene.heads[0].outline.center_xy
    reach = max(scene.heads[0].outline.semi_axes)

    def away(mark: Mark) -> float:
        return float(np.hypot(*(np.mean(mark.outline_xy, axis=0) - (x, y))))

    near = [mark for mark in result.marks if mark.kind == "headstamp" and away(mark) < reach / 2.0]
    return min(near, key=away, default=None)
