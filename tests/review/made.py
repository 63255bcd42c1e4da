"""A few photos and records to review, made here, and a browser that has signed in."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from PIL import Image, ImageDraw
from sqlalchemy import create_engine

from vision.archive.people import People
from vision.catalogue import MarkingSet, load_marking_set
from vision.review.accounts import Accounts
from vision.review.app import build_app
from vision.review.desk import Desk
from vision.review.marks import MarkRow, PhotoRecord
from vision.review.source import rows_of_record
from vision.review.web import Web
from vision.types import Ellipse

OWN = "http://127.0.0.1:8765"
SAME = {"Origin": OWN, "Sec-Fetch-Site": "same-origin"}
CANDIDATES = (("ru-17-barnaul", "17", 0.71), ("ru-3-ulyanovsk", "3", 0.2))


@cache
def photo_bytes(seed: int, size: tuple[int, int] = (700, 560)) -> bytes:
    """A drawn head on a bench, different for every seed."""
    image = Image.new("RGB", size, (90 + seed % 40, 84, 70))
    draw = ImageDraw.Draw(image)
    draw.ellipse((150, 80, 550, 480), fill=(196, 160, 84), outline=(90, 70, 30), width=6)
    draw.ellipse((270, 200, 430, 360), fill=(214, 184, 120), outline=(90, 70, 30), width=4)
    draw.text((335, 100), "17", fill=(60, 45, 20), font_size=56)
    draw.text((330, 390), str(60 + seed % 40), fill=(60, 45, 20), font_size=56)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85, comment=f"{seed}".encode())
    return buffer.getvalue()


@cache
def markings() -> MarkingSet:
    return load_marking_set()


def candidate(pattern: str, code: str, probability: float) -> dict[str, Any]:
    row = markings().by_id[pattern]
    return {
        "pattern": pattern,
        "code": code,
        "manufacturer": row.manufacturer,
        "country": row.country,
        "state_then": row.state_then,
        "year": {"from": 1974, "to": 1974, "probability": 0.9},
        "calibre": "7.62x39mm",
        "probability": probability,
        "probability_without_context": probability,
        "for": [f"The code {code} was read at 12 o'clock."],
        "against": ["The last character is worn."],
        "sources": [row.source],
    }


def element(text: str, angle: float, upside_down: bool, probability: float) -> dict[str, Any]:
    characters = [{"text": c, "probability": probability, "alternatives": [["7", 0.05]]} for c in text]
    place = {"upside_down": upside_down, "angle_deg": angle, "confidence": probability, "characters": characters}
    return {"text": text} | place


def record(
    path: str,
    sha256: str,
    texts: Sequence[str] = ("17", "74"),
    candidates: Iterable[tuple[str, str, float]] = CANDIDATES,
) -> dict[str, Any]:
    """A record of one head, in the words of docs/record.md."""
    rows = [candidate(*one) for one in candidates]
    elements = [
        element(text, 360.0 * i / len(texts), i % 2 == 1, (0.95, 0.7, 0.4)[i % 3]) for i, text in enumerate(texts)
    ]
    outline = [[round(x, 1), round(y, 1)] for x, y in Ellipse((350, 280), (200, 200), 0.0).points(64)]
    attribution = {
        "level": "maker",
        "decided_by": "maker_at_bar",
        "risk": 0.1,
        "unknown_probability": round(1.0 - sum(row["probability"] for row in rows), 4),
        "candidates": rows,
    }
    reading = {"text": " ".join(texts), "reader": "made", "elements": elements} if texts else None
    mark = {"id": "h1", "kind": "headstamp", "outline": outline, "quality": None}
    photo = {"path": path, "sha256": sha256, "width": 700, "height": 560, "taken_at": None, "place": None}
    return {
        "schema": "marktrace/1",
        "photo": photo | {"quality": None},
        "marks": [mark | {"reading": reading, "attribution": attribution}],
        "object": None,
        "status": "proposed",
        "run": {"version": "0", "kit": "kit0"},
        "failure": None,
    }


@dataclass
class MadeSource:
    """Records held in memory, in the place of an archive's store."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)

    def put(self, made: dict[str, Any], path: str) -> None:
        self.records[made["photo"]["sha256"]] = made
        self.paths[made["photo"]["sha256"]] = path

    def rows(self) -> list[MarkRow]:
        made = enumerate(self.records.values())
        return [row for place, one in made for row in rows_of_record(one, one["photo"]["path"], 10 * place + 1)]

    def photo(self, sha256: str) -> PhotoRecord | None:
        made = self.records.get(sha256)
        if made is None:
            return None
        text = json.dumps(made)
        return PhotoRecord(sha256, made["photo"]["path"], text, hashlib.sha256(text.encode()).hexdigest(), "kit0")

    def locate(self, sha256: str) -> str | None:
        return self.paths.get(sha256)


def source_of(folder: Path, count: int = 6, **how: Any) -> MadeSource:
    """count photos in a folder, with a record of each."""
    made = MadeSource()
    for seed in range(count):
        data = photo_bytes(seed)
        path = folder / f"head{seed:03d}.jpg"
        path.write_bytes(data)
        made.put(record(str(path), hashlib.sha256(data).hexdigest(), **how), str(path))
    return made


class Browser:
    """A browser at the page: sends what a browser sends, and reads forms as one does."""

    def __init__(self, web: Web, name: str = "anna", role: str = "reviewer") -> None:
        self.web = web
        self.client = TestClient(build_app(web), base_url=OWN, follow_redirects=False)
        self.client.get("/enter", params={"token": web.accounts.one_time_token(name, role)})

    def get(self, path: str, **how: Any) -> Any:
        return self.client.get(path, headers={"Sec-Fetch-Site": "same-origin"}, **how)

    def follow(self, answer: Any) -> Any:
        while answer.status_code == 303:
            answer = self.get(answer.headers["location"])
        return answer

    def post(self, path: str, form: dict[str, str]) -> Any:
        return self.client.post(path, data=form, headers=SAME)

    def mark(self, number: int = 1, **query: str) -> dict[str, str]:
        """The hidden fields of a mark's page."""
        answer = self.get(f"/mark/{number}", params=query)
        assert answer.status_code == 200, answer.text[:2000]
        return hidden(answer.text)

    def decide(self, number: int = 1, verdict: str = "accepted", **more: str) -> Any:
        form = self.mark(number) | {"verdict": verdict, "level": "maker", "pick": "0"} | more
        return self.post("/decide", form)

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(text) for _, text, _ in self.web.desk.people.log()]


def hidden(html: str) -> dict[str, str]:
    """Every hidden field of a page, by name."""
    found = re.findall(r'<input type="hidden" name="([^"]+)"[^>]*? value="([^"]*)"', html)
    return {name: unescape(value) for name, value in found}


def web_of(folder: Path, source: Any = None, **how: Any) -> Web:
    """The page's parts over a fresh SQLite store."""
    people = People(create_engine(f"sqlite:///{folder / 'store.db'}"))
    desk = Desk(source or source_of(folder), people, **how)
    return Web(desk, Accounts(people), markings())
