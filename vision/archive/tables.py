"""The tables of what machines say of an archive. People's words have tables of their own, in people.py.

A photo is its bytes: its sha256 is its name, and any number of files may hold it. A run is one kit with one set of
settings; each photo has at most one result a run. A result is the record (docs/record.md) as one line of JSON, packed;
marks repeats what can be searched for, one row a mark. newest marks the rows of each photo's newest run; of marks only
as long as a file holds the photo (lying.py).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

tables = MetaData()
_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up plain INTEGER keys only

photos = Table(
    "photos",
    tables,
    Column("id", _Id, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("taken_at", String(40)),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("sharpness", Float),
    Column("glare", Float),
    Column("phash", String(16)),
    Column("near_group", BigInteger),
    Column("object_group", BigInteger),
)
files = Table(
    "files",
    tables,
    Column("id", _Id, primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("photo_id", ForeignKey("photos.id")),
    Column("gone", Boolean, nullable=False),
)
runs = Table(
    "runs",
    tables,
    Column("id", _Id, primary_key=True),
    Column("version", String(40), nullable=False),
    Column("kit", String(64), nullable=False),
    Column("settings", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    UniqueConstraint("version", "kit", "settings"),
)
results = Table(
    "results",
    tables,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("photo_id", ForeignKey("photos.id"), primary_key=True),
    Column("record", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("newest", Boolean, nullable=False),
)
failures = Table(
    "failures",
    tables,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("file_id", ForeignKey("files.id"), primary_key=True),
    Column("stage", String(40), nullable=False),
    Column("code", String(40), nullable=False),
    Column("detail", Text, nullable=False),
)
marks = Table(
    "marks",
    tables,
    Column("id", _Id, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("photo_id", ForeignKey("photos.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("mark", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reading", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("pattern", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("maker", Text, nullable=False),
    Column("country", String(2), nullable=False),
    Column("state_then", Text, nullable=False),
    Column("year_from", Integer),
    Column("year_to", Integer),
    Column("calibre", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("serial", BigInteger),
    Column("level", String(8), nullable=False),
    Column("probability", Float, nullable=False),
    Column("unknown_probability", Float, nullable=False),
    Column("risk", Float, nullable=False),
    Column("sharpness", Float),
    Column("glare", Float),
    Column("words", Text, nullable=False),
    Column("newest", Boolean, nullable=False),
    UniqueConstraint("run_id", "photo_id", "place"),
)
looks = Table(
    "looks",
    tables,
    Column("mark_id", ForeignKey("marks.id"), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)
# Signatures of looks in the order of their marks, so many a page; first is the first mark's id. See alike.py.
look_pages = Table(
    "look_pages",
    tables,
    Column("first", _Id, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("numbers", LargeBinary, nullable=False),
    Column("signatures", LargeBinary, nullable=False),
)
# The columns of so many marks each that a report counts. See mark_pages.py.
mark_pages = Table(
    "mark_pages",
    tables,
    Column("first", _Id, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("crc", BigInteger, nullable=False),
    Column("texts", Text, nullable=False),
    Column("rows", LargeBinary, nullable=False),
)
# What people's log comes to, mark by mark, copied here so that marks can be searched for by it. The log alone counts.
standings = Table(
    "standings",
    tables,
    Column("photo", String(64), primary_key=True),
    Column("mark", String(40), primary_key=True),
    Column("state", String(16), nullable=False),
)
facts = Table("facts", tables, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False))

Index("files_photo", files.c.photo_id)
Index("photos_near", photos.c.near_group)
Index("photos_place", photos.c.latitude, photos.c.longitude)
for _name in ("year_from", "lot", "serial"):
    Index(f"marks_{_name}", marks.c[_name], marks.c.id)
# With all that a search tests most, so that of a hundred thousand marks that one condition leaves no row is read.
_TESTED = ("newest", "photo_id", "kind", "level", "year_from", "year_to", "country", "code", "calibre", "probability")
for _name in ("code", "country", "calibre", "pattern", "maker", "folded"):
    Index(f"marks_{_name}", *(marks.c[name] for name in (_name, *(other for other in _TESTED if other != _name))))
Index("marks_probability", *(marks.c[name] for name in ("probability", "id", *_TESTED[:-1])))
# With newest, so that a report counts whole tables without reading their rows; behind the photo, so that no search is
# led by it.
Index("marks_photo", marks.c.photo_id, marks.c.newest)
Index("results_photo", results.c.photo_id, results.c.newest)
