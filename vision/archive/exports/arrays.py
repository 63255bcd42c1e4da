"""JSON documents too large to hold: arrays written value by value, whatever their number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, BinaryIO


class Array:
    """A JSON array on a stream, one value a line. count is how many values it has so far."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def add(self, value: Mapping[str, Any]) -> int:
        """Write a value; returns its number, from 1."""
        text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
        self._stream.write((b",\n" if self.count else b"[\n") + text.encode("ascii"))
        self.count += 1
        return self.count

    def close(self) -> None:
        """End the array."""
        self._stream.write(b"\n]" if self.count else b"[]")
