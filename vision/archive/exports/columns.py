"""The columns of the tables that leave an archive: one list, from which CSV, Parquet and the data package are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from vision.archive.exports.items import Finding, Item, shown

Type = Literal["string", "integer", "number"]
Row = Sequence[str | int | float | None]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: type as Frictionless names it, what it means, and whether every row has a value."""

    name: str
    type: Type
    says: str
    required: bool = False


PHOTO = (
    Column("photo_path", "string", "Path of the photo as it was given.", True),
    Column("photo_sha256", "string", "sha256 of the photo's bytes; empty where it could not be read."),
    Column("width", "integer", "Pixels, turned as the EXIF data says."),
    Column("height", "integer", "Pixels, turned as the EXIF data says."),
    Column("taken_at", "string", "ISO 8601, by the camera's clock."),
    Column("latitude", "number", "WGS84 degrees, by the camera."),
    Column("longitude", "number", "WGS84 degrees, by the camera."),
    Column("photo_sharpness", "number", "0 bad, 1 sharp."),
    Column("photo_glare", "number", "0 none, 1 everywhere."),
    Column("copies", "integer", "How many more files hold the same photo, byte for byte.", True),
    Column("failure", "string", "Why the photo could not be examined."),
    Column("version", "string", "Version of marktrace.", True),
    Column("kit", "string", "Weights, marking set and thresholds that gave the answer.", True),
)
MARK = (
    Column("mark", "string", "The mark within the photo.", True),
    Column("kind", "string", "headstamp, serial, factory_mark or packaging.", True),
    Column("status", "string", "confirmed, rejected, undetermined, conflict or unconfirmed.", True),
    Column("classification_method", "string", "human where a person decided, else machine.", True),
    Column("classified_by", "string", "Who decided, or the version and kit that proposed.", True),
    Column("classification_time", "string", "When a person decided, ISO 8601; empty for a machine's proposal."),
    Column("classification_probability", "number", "The machine's; empty where a person decided."),
    Column("reading", "string", "As stamped; symbols are names in angle brackets."),
    Column("level", "string", "How far the origin is stated: pattern, maker, state or unknown."),
    Column("country", "string", "ISO 3166-1 alpha-2 of today."),
    Column("state_then", "string", "The state of that time."),
    Column("manufacturer", "string", "Who made the marked object."),
    Column("code", "string", "The code as stamped."),
    Column("pattern", "string", "The row of the marking set."),
    Column("year_from", "integer", "First year the mark can stand for."),
    Column("year_to", "integer", "Last year the mark can stand for."),
    Column("calibre", "string", "As the marking set names it."),
    Column("risk", "number", "Probability that what the machine states is wrong."),
    Column("unknown_probability", "number", "Probability that no known marking is the right one."),
    Column("mark_sharpness", "number", "0 bad, 1 sharp."),
    Column("mark_glare", "number", "0 none, 1 everywhere."),
    Column("outline", "string", "x y pairs in pixels of the turned photo, separated by spaces."),
    Column("note", "string", "What the person noted."),
)
FLAT = (*PHOTO[:1], *MARK, *PHOTO[1:])


def photo_row(item: Item) -> list[str | int | float | None]:
    """The PHOTO columns of an item."""
    photo, failure, run = item.record["photo"], item.record["failure"], item.record["run"]
    place, quality = photo["place"] or {}, photo["quality"] or {}
    told = f"{failure['stage']} {failure['code']}: {failure['detail']}" if failure else None
    facts = [photo[name] for name in ("path", "sha256", "width", "height", "taken_at")]
    facts += [place.get("latitude"), place.get("longitude"), quality.get("sharpness"), quality.get("glare")]
    return [*facts, len(item.copies), told, run["version"], run["kit"]]


def mark_row(finding: Finding) -> list[str | int | float | None]:
    """The MARK columns of a finding."""
    quality = finding.quality or {}
    outline = " ".join(f"{x:g} {y:g}" for x, y in finding.outline)
    who = [finding.mark, finding.kind, finding.status, finding.method, finding.by, finding.at, finding.probability]
    what = [finding.reading, finding.level, finding.country, finding.state_then, finding.manufacturer, finding.code]
    when = [finding.pattern, finding.year_from, finding.year_to, finding.calibre]
    doubt = [finding.risk, finding.unknown_probability, quality.get("sharpness"), quality.get("glare")]
    return [None if cell == "" else cell for cell in (*who, *what, *when, *doubt, outline, finding.note)]


def flat_rows(items: Iterable[Item], include_unconfirmed: bool) -> Iterator[Row]:
    """One row of FLAT a mark; a photo without one has a row of its own where all is asked for, its mark empty."""
    nothing: list[str | int | float | None] = [None] * len(MARK)
    for item, found in shown(items, include_unconfirmed):
        path, *facts = photo_row(item)
        for mark in [mark_row(finding) for finding in found] or [nothing]:
            yield [path, *mark, *facts]
