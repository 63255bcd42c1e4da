"""Pages of looks' signatures, so that a mark is found again among a million; indexes for what a report counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """From r0001."""
    op.create_table(
        "look_pages",
        sa.Column("first", _ID, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("signatures", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("first"),
    )
    for table in ("marks", "results"):
        op.drop_index(f"{table}_photo", table)
        op.create_index(f"{table}_photo", table, ["photo_id", "newest"], unique=False)
