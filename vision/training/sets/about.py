"""set.toml: who made a marking set, and what may be done with it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from vision.catalogue.tables import Faults
from vision.training.sets.schema import SCHEMA

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,40}")
_KNOWN = ("schema", "name", "version", "licence", "sources", "description")


@dataclass(frozen=True, slots=True)
class About:
    """What set.toml says."""

    name: str = ""
    version: str = ""
    licence: str = ""
    sources: tuple[str, ...] = ()


def read_about(data: bytes | None, faults: Faults) -> About:
    """The content of set.toml; what is wrong goes to faults, and stands empty, as all does where there is no file."""
    if data is None:
        return About()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        faults.add(line, "not UTF-8; save the file as UTF-8")
        return About()
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        faults.add(int(place[1]) if place else text.count("\n") + 1, f'not TOML: {error}; write name = "value"')
        return About()
    except RecursionError:
        faults.add(1, "nested too deeply; set.toml has plain keys only")
        return About()
    for key in found:
        if key not in _KNOWN:
            faults.add(_line(text, key), f"{key[:80]!r} is not known; remove it, or use one of {', '.join(_KNOWN)}")
    if found.get("schema", SCHEMA) != SCHEMA:
        faults.add(_line(text, "schema"), f"schema must be {SCHEMA!r}; this version of marktrace reads no other")
    sources = found.get("sources")
    if not isinstance(sources, list) or not sources or not all(isinstance(s, str) and s.strip() for s in sources):
        faults.add(_line(text, "sources"), 'sources must name where the marks are from: sources = ["book, page"]')
        sources = []
    return About(
        _word(found, "name", text, faults, _NAME, 'small letters, digits, "-" and "_"'),
        _word(found, "version", text, faults, _VERSION, 'like "1.0"'),
        _word(found, "licence", text, faults, re.compile(r"\S.{0,200}"), 'like "CC-BY-4.0"'),
        tuple(sources),
    )


def _word(found: dict[str, object], key: str, text: str, faults: Faults, form: re.Pattern[str], must: str) -> str:
    value = found.get(key)
    if isinstance(value, str) and form.fullmatch(value):
        return value
    got = "is missing" if value is None else f"must be {must}; got {str(value)[:80]!r}"
    faults.add(_line(text, key), f"{key} {got}" + (f"; write {key} = {must}" if value is None else ""))
    return ""


def _line(text: str, key: str) -> int:
    """Where a key stands, 1 where it does not."""
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"\s*\"?{re.escape(key)}\"?\s*[=.]", line):
            return number
    return 1
