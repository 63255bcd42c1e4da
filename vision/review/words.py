"""The page's languages: one file of words each, English the one that must have them all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "fr", "ar")
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """A language: its code, its own name, which way it runs (ltr, rtl) and its words by key."""

    language: str
    name: str
    direction: str
    words: Mapping[str, str]

    def __call__(self, key: str, **values: Any) -> str:
        """The words for a key, with values put in. Raises KeyError for a key that no language has."""
        text = self.words.get(key) or words(DEFAULT).words[key]
        return text.format(**values) if values else text

    def of(self, fault: Exception) -> str:
        """What an error says: in this language where it names its words by key, else as it stands."""
        key = getattr(fault, "key", None)
        return self(key, **getattr(fault, "values", {})) if key else str(fault)


@cache
def words(language: str) -> Words:
    """A language of the page; English for one there is not."""
    code = language if language in LANGUAGES else DEFAULT
    held = json.loads(resources.files("vision.review").joinpath("languages", f"{code}.json").read_text("utf-8"))
    return Words(held["language"], held["name"], held["direction"], held["words"])


def preferred(accepted: str) -> str:
    """The first language of an Accept-Language header that the page has."""
    for part in accepted.split(","):
        code = part.partition(";")[0].strip().partition("-")[0].lower()
        if code in LANGUAGES:
            return code
    return DEFAULT
