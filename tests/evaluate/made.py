"""Labels and records of photos that were never taken."""

from __future__ import annotations

from typing import Any

from vision.evaluate.labels import LabelledPhoto


def label(number: int, elements: tuple[str, ...] = ("AB", "75"), **more: Any) -> LabelledPhoto:
    """A labelled photo in the strata "all" and "stratum: x"."""
    facts: dict[str, Any] = {"codes": ("AB",), "countries": ("FR",), "strata": ("all", "stratum: x")} | more
    return LabelledPhoto(f"{number:03d}.jpg", facts.pop("kind", "headstamp"), elements, **facts)


def record(
    number: int, texts: tuple[str, ...] = ("AB", "75"), *, country: str = "FR", probability: float = 0.8,
    level: str = "pattern", code: str = "AB",
) -> dict[str, Any]:  # fmt: skip
    """A record with one mark that reads texts and proposes one candidate."""
    candidate = {"code": code, "country": country, "manufacturer": "", "probability": probability, "year": None}
    mark = {
        "outline": [[0, 0], [100, 0], [100, 100], [0, 100]],
        "reading": {"elements": [{"text": text} for text in texts]},
        "attribution": {"level": level, "candidates": [candidate]},
    }
    return {"photo": {"path": f"/a/{number:03d}.jpg"}, "marks": [mark]}
