"""Indexes that answer a search of several conditions without reading the marks, and words of one or two letters."""

from __future__ import annotations

from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

_TESTED = ("newest", "photo_id", "kind", "level", "year_from", "year_to", "country", "code", "calibre", "probability")


def upgrade() -> None:
    """From r0002."""
    for name in ("code", "country", "calibre", "pattern", "maker", "folded"):
        op.drop_index(f"marks_{name}", "marks")
        op.create_index(f"marks_{name}", "marks", [name, *(other for other in _TESTED if other != name)], unique=False)
    op.drop_index("marks_probability", "marks")
    tested = [name for name in _TESTED if name != "probability"]
    op.create_index("marks_probability", "marks", ["probability", "id", *tested], unique=False)
    op.drop_index("photos_place", "photos")
    op.create_index("photos_place", "photos", ["latitude", "longitude"], unique=False)
    if op.get_context().dialect.name == "sqlite":
        _short_words_in_sqlite()
    else:  # whose LIKE uses no other index, whatever the language of the database
        op.execute("CREATE INDEX files_path_begins ON files (path text_pattern_ops)")


def _short_words_in_sqlite() -> None:
    """The full text anew, with lists of what words begin with. The trigger of r0001 goes on filling it."""
    op.execute("DROP TABLE marks_words")
    op.execute("CREATE VIRTUAL TABLE marks_words USING fts5(words, content='marks', content_rowid='id', prefix='1 2')")
    op.execute("INSERT INTO marks_words(marks_words) VALUES ('rebuild')")
