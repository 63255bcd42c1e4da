"""Mixing colours over pictures. Channels are spread with cv2.merge, several times as fast as numpy's broadcasting."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vision.training.render.truth import Array


def spread(values: Array) -> Array:
    """(H, W) as (H, W, 3)."""
    values = np.ascontiguousarray(values, np.float32)
    return np.asarray(cv2.merge((values, values, values)), np.float32)


def colored(values: Array, color: Sequence[float] | Array) -> Array:
    """A colour (3,) times values (H, W), as (H, W, 3)."""
    return np.asarray(cv2.merge([np.float32(c) * values for c in color]), np.float32)


def flat(shape: tuple[int, int], color: Sequence[float] | Array) -> Array:
    """A picture of one colour."""
    return colored(np.ones(shape, np.float32), color)


def resized(picture: Array, size: tuple[int, int], how: int = cv2.INTER_LINEAR) -> Array:
    """A picture at another size (width, height)."""
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.float32)


def blend(picture: Array, color: Array, cover: Array) -> None:
    """Lays a colour (3,) or a picture over another in place, as far as cover (H, W) 0..1 says."""
    if color.ndim == 1:
        dim(picture, 1 - cover)
        picture += colored(cover, color)
    else:
        change = color - picture
        change *= spread(cover)
        picture += change


def dim(picture: Array, by: Array) -> None:
    """Multiplies a picture in place by values (H, W)."""
    picture *= spread(by)
