"""Weights to go on training from, in the layout of safetensors, read strictly.

Threat: a file from a stranger. The header is bounded and plain JSON, every tensor's type, shape and place must agree,
and the places must fill the file without gap or overlap; only then are bytes looked at. Nothing is executed. What
remains: weights can be bad weights, which evaluation shows.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from vision.errors import KitError

Tensors = dict[str, npt.NDArray[Any]]
_TYPES: dict[str, type] = {"F16": np.float16, "F32": np.float32, "I64": np.int64}
_NAMES = {np.dtype(kind): name for name, kind in _TYPES.items()}
MOST_HEADER_BYTES, MOST_TENSORS, MOST_AXES = 2**20, 10_000, 6


def read_tensors(path: Path) -> tuple[Tensors, dict[str, str]]:
    """The tensors of a file by name, and its metadata. Raises KitError where anything is not as it must be."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KitError(f"{path.name} cannot be read: {error.strerror}.") from error
    if len(data) < 8:
        raise _refused(path, "it is cut short")
    (length,) = struct.unpack("<Q", data[:8])
    if not 2 <= length <= min(MOST_HEADER_BYTES, len(data) - 8):
        raise _refused(path, "its header has no possible length")
    try:
        header = json.loads(data[8 : 8 + length].decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _refused(path, "its header is not JSON with each name once") from error
    if not isinstance(header, dict) or len(header) > MOST_TENSORS:
        raise _refused(path, "its header lists no tensors")
    meta = header.pop("__metadata__", {})
    if not isinstance(meta, dict) or not all(isinstance(v, str) for v in meta.values()):
        raise _refused(path, "its metadata are not texts")
    return _tensors(path, header, data[8 + length :]), meta


def _tensors(path: Path, header: Mapping[str, Any], body: bytes) -> Tensors:
    placed: list[tuple[int, int, str, type, list[int]]] = []
    for name, entry in header.items():
        fields = entry if isinstance(entry, dict) else {}
        kind, shape, ends = fields.get("dtype"), fields.get("shape"), fields.get("data_offsets")
        known = _TYPES.get(kind) if isinstance(kind, str) else None
        if known is None or not _counts(shape) or not _counts(ends) or len(ends) != 2 or len(shape) > MOST_AXES:
            raise _refused(path, "a tensor has no known type, shape or place")
        if ends[1] - ends[0] != math.prod(shape) * np.dtype(known).itemsize:
            raise _refused(path, "a tensor's place does not fit its shape")
        placed.append((ends[0], ends[1], name, known, shape))
    placed.sort(key=lambda one: (one[0], one[1]))
    at = 0
    for start, end, *_ in placed:
        if start != at:
            raise _refused(path, "its tensors overlap or leave gaps")
        at = end
    if at != len(body):
        raise _refused(path, "it is cut short, or something follows its tensors")
    found = {n: np.frombuffer(body[a:b], np.dtype(t).newbyteorder("<")).reshape(s) for a, b, n, t, s in placed}
    if not all(np.isfinite(values).all() for values in found.values()):
        raise _refused(path, "a weight is not a finite number")
    return found


def _counts(value: Any) -> TypeGuard[list[int]]:
    """Whether this is a list of whole numbers from 0 on."""
    return isinstance(value, list) and all(type(v) is int and 0 <= v < 2**40 for v in value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refused(path: Path, why: str) -> KitError:
    return KitError(f"{path.name} is no file of weights that can be used: {why}. Get the package again.")


def write_tensors(path: Path, tensors: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, str]) -> None:
    """Write tensors (float16, float32 or int64) and metadata; the same content gives the same bytes."""
    header: dict[str, Any] = {"__metadata__": dict(sorted(meta.items()))}
    at, parts = 0, []
    for name in sorted(tensors):
        values = np.asarray(tensors[name], order="C")
        part = values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
        entry = {"dtype": _NAMES[values.dtype], "shape": list(values.shape), "data_offsets": [at, at + len(part)]}
        header[name], at = entry, at + len(part)
        parts.append(part)
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
