"""The first schema: photos, files, runs, results, failures, marks, and their full text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """From nothing."""
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "photos",
        sa.Column("id", _ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.String(length=40), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("sharpness", sa.Float(), nullable=True),
        sa.Column("glare", sa.Float(), nullable=True),
        sa.Column("phash", sa.String(length=16), nullable=True),
        sa.Column("near_group", sa.BigInteger(), nullable=True),
        sa.Column("object_group", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sha256"),
    )
    op.create_index("photos_near", "photos", ["near_group"], unique=False)
    op.create_index("photos_place", "photos", ["latitude"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("kit", sa.String(length=64), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("version", "kit", "settings"),
    )
    op.create_table(
        "standings",
        sa.Column("photo", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("photo", "mark"),
    )
    op.create_table(
        "files",
        sa.Column("id", _ID, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("photo_id", _ID, nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"],
            ["photos.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("path"),
    )
    op.create_index("files_photo", "files", ["photo_id"], unique=False)
    op.create_table(
        "marks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("photo_id", _ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("state_then", sa.Text(), nullable=False),
        sa.Column("year_from", sa.Integer(), nullable=True),
        sa.Column("year_to", sa.Integer(), nullable=True),
        sa.Column("calibre", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("unknown_probability", sa.Float(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=False),
        sa.Column("sharpness", sa.Float(), nullable=True),
        sa.Column("glare", sa.Float(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"],
            ["photos.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("run_id", "photo_id", "place"),
    )
    op.create_index("marks_calibre", "marks", ["calibre", "id"], unique=False)
    op.create_index("marks_code", "marks", ["code", "id"], unique=False)
    op.create_index("marks_country", "marks", ["country", "id"], unique=False)
    op.create_index("marks_folded", "marks", ["folded", "id"], unique=False)
    op.create_index("marks_lot", "marks", ["lot", "id"], unique=False)
    op.create_index("marks_maker", "marks", ["maker", "id"], unique=False)
    op.create_index("marks_pattern", "marks", ["pattern", "id"], unique=False)
    op.create_index("marks_photo", "marks", ["photo_id"], unique=False)
    op.create_index("marks_probability", "marks", ["probability", "id"], unique=False)
    op.create_index("marks_serial", "marks", ["serial", "id"], unique=False)
    op.create_index("marks_year_from", "marks", ["year_from", "id"], unique=False)
    op.create_table(
        "results",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("photo_id", _ID, nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"],
            ["photos.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.id"],
        ),
        sa.PrimaryKeyConstraint("run_id", "photo_id"),
    )
    op.create_index("results_photo", "results", ["photo_id"], unique=False)
    op.create_table(
        "failures",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("file_id", _ID, nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["files.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.id"],
        ),
        sa.PrimaryKeyConstraint("run_id", "file_id"),
    )
    op.create_table(
        "looks",
        sa.Column("mark_id", _ID, nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mark_id"],
            ["marks.id"],
        ),
        sa.PrimaryKeyConstraint("mark_id"),
    )
    if op.get_context().dialect.name == "sqlite":
        _text_in_sqlite()
    else:
        op.execute("CREATE INDEX marks_words ON marks USING gin (to_tsvector('simple', words))")


def _text_in_sqlite() -> None:
    op.execute("CREATE VIRTUAL TABLE marks_words USING fts5(words, content='marks', content_rowid='id')")
    op.execute(
        "CREATE TRIGGER marks_words_added AFTER INSERT ON marks BEGIN "
        "INSERT INTO marks_words(rowid, words) VALUES (new.id, new.words); END"
    )
