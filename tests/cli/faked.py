"""A pipeline that gives drawn results, for what the command line does with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import drawn

from vision.types import Context, Result, Views


class FakePipeline:
    """Gives the drawn results by the photos' names, and remembers what it was loaded with."""

    def __init__(self) -> None:
        self.readers: tuple[str, ...] = ()
        self.context: Context | None = None

    def load(self, readers: tuple[str, ...], context: Context) -> FakePipeline:
        self.readers, self.context = readers, context
        return self

    def result(self, path: Path) -> Result:
        name = path.stem.rstrip("0123456789")
        make = {"broken": drawn.failed_result, "wall": drawn.empty_result, "worn": drawn.unknown_result}
        if name == "stop":
            raise KeyboardInterrupt
        return make.get(name, drawn.result)(str(path))

    def identify(self, paths: Iterable[Path]) -> Iterator[Result]:
        return map(self.result, paths)

    def identify_object(self, paths: list[Path]) -> list[Result]:
        named = drawn.object_photos(*map(str, paths)) if len(paths) > 1 else ()
        return [replace(self.result(path), object_photos=named) for path in paths]

    def inspect_object(self, paths: list[Path]) -> list[tuple[Result, Views | None]]:
        return [(result, drawn.views()) for result in self.identify_object(paths)]

    def inspect(self, path: Path) -> tuple[Result, Views | None]:
        result = self.result(path)
        return result, None if result.failure else drawn.views()
